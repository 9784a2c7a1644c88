//! What can be wrong with a machine, its noise, or a circuit for it.

use qloom_circuits::CircuitError;

use crate::compile::Target;

/// Why a machine, a noise model or a circuit for a machine was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HardwareError {
    /// A name that no target has.
    #[error("there is no target {name:?}; the targets are {}", Target::NAMES.join(", "))]
    UnknownTarget {
        /// The name given.
        name: String,
    },
    /// More qubits than the machine has.
    #[error("the circuit has {given} qubits, {target} has {limit}")]
    TooManyQubits {
        /// The target's name.
        target: String,
        /// Qubits of the circuit.
        given: usize,
        /// Qubits of the machine.
        limit: usize,
    },
    /// A coupling that names a qubit the machine lacks, or one qubit twice.
    #[error("the coupling {pair:?} is not between two of the {num_qubits} qubits")]
    BadCoupling {
        /// The coupling.
        pair: [usize; 2],
        /// Qubits of the machine.
        num_qubits: usize,
    },
    /// A list of errors that does not fit the couplings.
    #[error("{given} errors for {expected} couplings; give one for each, between 0 and 1")]
    BadErrors {
        /// Errors given.
        given: usize,
        /// Couplings.
        expected: usize,
    },
    /// Qubits that cannot reach each other.
    #[error("qubits of {target} are not connected well enough for {given} qubits")]
    NotConnected {
        /// The target's name.
        target: String,
        /// Qubits of the circuit.
        given: usize,
    },
    /// Native gates that do not make every gate.
    #[error("the native gates of {target} do not make every {what}; {remedy}")]
    Incomplete {
        /// The target's name.
        target: String,
        /// What cannot be made.
        what: &'static str,
        /// What would mend it.
        remedy: &'static str,
    },
    /// An operation that is not compiled.
    #[error("{operation} cannot be compiled; {remedy}")]
    Unsupported {
        /// What the operation is.
        operation: String,
        /// What can be done.
        remedy: &'static str,
    },
    /// A number outside its range.
    #[error("{what} is {value}; it must be {range}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
        /// The numbers that are possible.
        range: &'static str,
    },
    /// An operation that does not fit.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}
