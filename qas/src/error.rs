//! What can go wrong in a search.

use std::borrow::Cow;

use qloom_circuits::CircuitError;
use qloom_estimate::EstimateError;
use qloom_hardware::HardwareError;
use qloom_nn::NnError;
use qloom_optim::OptimError;
use qloom_sim::SimError;
use thiserror::Error;

use crate::objective::CostError;

/// Why a search could not be set up, carried on, saved or resumed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum QasError {
    /// A setting is outside its range.
    #[error("{setting} is {value}, but {requirement}")]
    InvalidSetting {
        /// Path of the setting below `[search]`.
        setting: Cow<'static, str>,
        /// The value given.
        value: String,
        /// What the value has to satisfy.
        requirement: String,
    },
    /// A gate name is not in the gate table.
    #[error("there is no gate named `{name}`; a search takes {}", suitable())]
    UnknownGate {
        /// The name given.
        name: String,
    },
    /// A gate cannot be an action.
    #[error(
        "gate `{name}` acts on {qubits} qubits with {parameters} angles; an action has one or two qubits and at most one angle"
    )]
    UnsuitableGate {
        /// The gate's name.
        name: &'static str,
        /// Its number of qubits.
        qubits: usize,
        /// Its number of angles.
        parameters: usize,
    },
    /// A pair of the coupling map does not exist on the register.
    #[error("coupling {first}-{second} does not fit {num_qubits} qubits; give two different qubits below {num_qubits}")]
    InvalidCoupling {
        /// First qubit of the pair.
        first: usize,
        /// Second qubit of the pair.
        second: usize,
        /// Number of qubits of the problem.
        num_qubits: usize,
    },
    /// A setting needs the exact ground energy and the problem has none.
    #[error("{setting} needs the exact ground energy of the problem; give it, or use the lower bound as target")]
    NoExactEnergy {
        /// The setting that needs it.
        setting: &'static str,
    },
    /// An energy is not finite.
    #[error("the energy of `{what}` is {energy}, which is not finite")]
    NonFiniteEnergy {
        /// Which energy.
        what: &'static str,
        /// The value.
        energy: f64,
    },
    /// The neural network produced a value that is not finite.
    #[error("training diverged after {updates} updates: the {what} is not finite; lower the learning rate")]
    Diverged {
        /// Number of gradient steps made.
        updates: u64,
        /// What is not finite.
        what: &'static str,
    },
    /// A saved state was written by another version.
    #[error("the saved state has format {found}, this version reads format {expected}; start the search afresh")]
    OtherFormat {
        /// Format number found.
        found: u32,
        /// Format number this version reads.
        expected: u32,
    },
    /// A saved state belongs to other settings or to another problem.
    #[error("the saved state belongs to another {what}; resume with the one it was saved with")]
    OtherSearch {
        /// What differs.
        what: &'static str,
    },
    /// A saved state cannot be read.
    #[error("the saved {what} cannot be read: {reason}")]
    Corrupt {
        /// Which part of the state.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The watcher of long work asked for its end.
    #[error("stopped on request")]
    Stopped,
    /// A circuit could not be built.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// A device or its noise does not fit the problem.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// An energy could not be measured.
    #[error(transparent)]
    Measurement(#[from] EstimateError),
    /// A circuit could not be simulated.
    #[error(transparent)]
    Simulation(#[from] SimError),
    /// The neural network failed.
    #[error("the neural network failed: {0}")]
    Network(#[from] NnError),
    /// The angles could not be optimised.
    #[error(transparent)]
    Optimisation(#[from] OptimError),
    /// A cost of one's own failed.
    #[error("the cost of a circuit cannot be worked out: {0}")]
    Cost(#[source] CostError),
    /// An agent of one's own failed.
    #[error("the agent failed: {0}")]
    Agent(#[source] CostError),
}

impl QasError {
    pub(crate) fn invalid(setting: &'static str, value: impl std::fmt::Display, requirement: impl Into<String>) -> Self {
        Self::InvalidSetting { setting: setting.into(), value: value.to_string(), requirement: requirement.into() }
    }
}

/// Saved parts of a search, as bytes.
pub(crate) fn encode<T: serde::Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("plain data of known length always serialises")
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode<'a, T: serde::Deserialize<'a>>(what: &'static str, bytes: &'a [u8]) -> Result<T, QasError> {
    postcard::from_bytes(bytes).map_err(|error| QasError::Corrupt { what, reason: error.to_string() })
}

/// The names of the gates that can be actions.
fn suitable() -> String {
    let fits = |gate: &qloom_circuits::Gate| (1..=2).contains(&gate.num_qubits()) && gate.num_parameters() <= 1;
    qloom_circuits::Gate::all().filter(fits).map(qloom_circuits::Gate::name).collect::<Vec<_>>().join(", ")
}
