//! What learning can refuse.

use qloom_circuits::CircuitError;
use qloom_circuits::qasm::{QasmError, QasmErrors};
use qloom_estimate::EstimateError;
use qloom_hardware::HardwareError;
use qloom_nn::NnError;
use qloom_optim::OptimError;
use qloom_sim::SimError;

/// Why a model could not be made, trained or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// A setting outside its range.
    #[error("{setting} is {value}; it must be {requirement}")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// The value given.
        value: f64,
        /// What it has to satisfy.
        requirement: &'static str,
    },
    /// More numbers to encode than there are qubits.
    #[error("{inputs} inputs and {hidden} hidden numbers need as many qubits, there are {qubits}; add qubits or lower `hidden`")]
    TooFewQubits {
        /// Numbers from outside.
        inputs: usize,
        /// Numbers fed back.
        hidden: usize,
        /// Qubits there are.
        qubits: usize,
    },
    /// A series too short for its windows.
    #[error("a series of {length} values has no window of {window} and a target {horizon} further on for training and testing")]
    SeriesTooShort {
        /// Values there are.
        length: usize,
        /// Values of a window.
        window: usize,
        /// Steps from its end to the target.
        horizon: usize,
    },
    /// A series without a row behind the wash-out.
    #[error("series {number} has {length} rows, and {shortest} are needed; lower `wash_out` or leave the series out")]
    SequenceTooShort {
        /// Which one, from 1.
        number: usize,
        /// Its rows.
        length: usize,
        /// Rows that are needed.
        shortest: usize,
    },
    /// A number that is not finite.
    #[error("{what}: value {row} is {value}, which is no finite number; leave it out or fill the gap")]
    NotFinite {
        /// What the values are of.
        what: &'static str,
        /// Its place, from 1.
        row: usize,
        /// The number.
        value: f64,
    },
    /// A series whose values are all the same.
    #[error("{what}: all {length} values are {value}; there is nothing to scale or to learn")]
    Constant {
        /// Which series.
        what: &'static str,
        /// Its length.
        length: usize,
        /// The value.
        value: f64,
    },
    /// Two lists that belong together have different lengths.
    #[error("{what}: {given} where {expected} is needed")]
    SizeMismatch {
        /// What is compared.
        what: &'static str,
        /// The size needed.
        expected: usize,
        /// The size given.
        given: usize,
    },
    /// Gradients that cannot be had.
    #[error("{what}; {remedy}")]
    Unsupported {
        /// What was asked for.
        what: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// A loss that is not finite.
    #[error("training diverged in epoch {epoch}: the loss is {loss}; lower the learning rate")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The loss.
        loss: f64,
    },
    /// A model file of another version or kind.
    #[error("{field} of the model file is {found}; this version reads {expected}")]
    OtherFormat {
        /// The field.
        field: &'static str,
        /// What it says.
        found: String,
        /// What is read.
        expected: String,
    },
    /// A model file or saved state that is damaged.
    #[error("the model file is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// A linear system without solution.
    #[error("the linear system of {rows} rows and {columns} columns was not solved; raise the regularization")]
    NoSolution {
        /// Its rows.
        rows: usize,
        /// Its columns.
        columns: usize,
    },
    /// Nothing to tell apart.
    #[error("there are {classes} classes; a classifier needs rows of two at least")]
    TooFewClasses {
        /// Classes there are.
        classes: usize,
    },
    /// A class that the rows do not have.
    #[error("class \"{class}\" is none of {classes}")]
    UnknownClass {
        /// The class.
        class: String,
        /// Those there are.
        classes: String,
    },
    /// A class without a row to learn from.
    #[error("class {class} has no row to learn from; add rows or leave the class out")]
    EmptyClass {
        /// The class, from 1.
        class: usize,
    },
    /// A number that a feature map or a kernel does not take.
    #[error("row {row}, column {column} is {value}; it must be {requirement}")]
    OutsideDomain {
        /// Its row, from 1.
        row: usize,
        /// Its column, from 1.
        column: usize,
        /// The number.
        value: f64,
        /// What it has to satisfy.
        requirement: &'static str,
    },
    /// An iteration that did not end.
    #[error("{what} did not converge in {steps} steps; scale the features, lower c or raise the tolerance")]
    NotConverged {
        /// What was fitted.
        what: &'static str,
        /// Steps done.
        steps: usize,
    },
    /// A kernel matrix too large.
    #[error("{rows} rows have a kernel matrix of {rows} x {rows} numbers; at most {limit} rows are fitted, take a part of them")]
    TooManyRows {
        /// Rows there are.
        rows: usize,
        /// The most.
        limit: usize,
    },
    /// The simulation refused.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// A circuit is wrong.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// A circuit's text is wrong.
    #[error(transparent)]
    Qasm(#[from] QasmErrors),
    /// A circuit that OpenQASM cannot say.
    #[error(transparent)]
    Unwritable(#[from] QasmError),
    /// A noise model is wrong.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// A measurement is wrong.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
    /// The minimisation refused.
    #[error(transparent)]
    Optimisation(#[from] OptimError),
    /// The network refused.
    #[error(transparent)]
    Network(#[from] NnError),
}

/// Refuses a setting that does not fit.
pub(crate) fn check(setting: &'static str, value: f64, fits: bool, requirement: &'static str) -> Result<(), LearnError> {
    if fits { Ok(()) } else { Err(LearnError::InvalidSetting { setting, value, requirement }) }
}
