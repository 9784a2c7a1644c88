//! What a simulation can refuse.

use qloom_circuits::CircuitError;
use qloom_circuits::qasm::QasmErrors;

/// Why a simulation was refused or stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// More memory than the configuration allows; nothing was allocated.
    #[error(
        "{num_qubits} qubits need {needed} bytes, the limit is {limit}; use fewer qubits, single precision or a higher limit"
    )]
    MemoryLimit {
        /// Qubits asked for.
        num_qubits: usize,
        /// Bytes needed.
        needed: u128,
        /// Bytes allowed.
        limit: u128,
    },
    /// The allocator refused.
    #[error("{bytes} bytes could not be allocated; use fewer qubits or single precision")]
    Allocation {
        /// Bytes asked for.
        bytes: u128,
    },
    /// More qubits than an index can hold.
    #[error("{given} qubits are more than the {limit} that {what} can have")]
    TooManyQubits {
        /// What has the limit.
        what: &'static str,
        /// Qubits asked for.
        given: usize,
        /// The limit.
        limit: usize,
    },
    /// Two things that act together have different sizes.
    #[error("{what}: {given} where {expected} is needed")]
    SizeMismatch {
        /// What is compared.
        what: &'static str,
        /// The size needed.
        expected: usize,
        /// The size given.
        given: usize,
    },
    /// A number that is not finite.
    #[error("{what} is {value}; it must be a finite number")]
    NotFinite {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
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
    /// A qubit outside the register.
    #[error("qubit {qubit} is outside a register of {num_qubits} qubits")]
    QubitOutOfRange {
        /// The qubit.
        qubit: usize,
        /// Qubits there are.
        num_qubits: usize,
    },
    /// An operation this kind of simulation cannot do.
    #[error("{simulation} cannot do {operation}; {remedy}")]
    Unsupported {
        /// The simulation.
        simulation: &'static str,
        /// The operation.
        operation: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// More branches of a circuit with measurements than are to be followed.
    #[error("the circuit has more than {limit} different courses, too many to follow each; draw shots instead")]
    TooManyBranches {
        /// The most that are followed.
        limit: usize,
    },
    /// An instruction set this machine or build does not have.
    #[error("instruction set \"{name}\" is not available here; available are {available}")]
    InstructionSet {
        /// The name given.
        name: String,
        /// The names available, separated by commas.
        available: String,
    },
    /// A vector that is not normalised.
    #[error("the norm of the state is {norm}; a state has norm 1")]
    NotNormalised {
        /// Its norm.
        norm: f64,
    },
    /// The caller ended the work.
    #[error("stopped on request")]
    Stopped,
    /// A density matrix that is not its own adjoint.
    #[error("the density matrix is {amount:e} off its adjoint; it must be Hermitian")]
    NotHermitian {
        /// The largest difference of two entries.
        amount: f64,
    },
    /// A density matrix of which some outcome would have a negative probability.
    #[error("the density matrix has the eigenvalue {least:e}; none may be below {limit:e}")]
    NotPositive {
        /// The least eigenvalue.
        least: f64,
        /// The least that is taken.
        limit: f64,
    },
    /// An iteration that did not reach its accuracy.
    #[error("no convergence after {iterations} iterations: residual {residual:e}, wanted {wanted:e}")]
    NoConvergence {
        /// Iterations done.
        iterations: usize,
        /// Residual reached.
        residual: f64,
        /// Residual wanted.
        wanted: f64,
    },
    /// What gives a program's gates their noise refused them.
    #[error("the noise of the program: {reason}")]
    Noise {
        /// Why.
        reason: String,
    },
    /// Ranks that hold one state together do not, or no longer, work together.
    #[error("the ranks: {reason}")]
    Ranks {
        /// Why.
        reason: String,
    },
    /// The circuit or observable itself is wrong.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// A program went wrong while it ran; the place is in it.
    #[error(transparent)]
    Program(#[from] QasmErrors),
}
