//! What can be wrong with a circuit or an observable.

use crate::gate::Gate;

/// Why a circuit or an observable was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CircuitError {
    /// A qubit that the circuit does not have.
    #[error("qubit {qubit} is outside a circuit of {num_qubits} qubits; use 0 to {}", num_qubits.saturating_sub(1))]
    QubitOutOfRange {
        /// The qubit named.
        qubit: usize,
        /// How many there are.
        num_qubits: usize,
    },
    /// A classical bit that the circuit does not have.
    #[error("classical bit {bit} is outside a circuit of {num_bits} bits; add a register first")]
    BitOutOfRange {
        /// The bit named.
        bit: usize,
        /// How many there are.
        num_bits: usize,
    },
    /// One operation names a qubit twice.
    #[error("qubit {qubit} is named twice in one operation; every qubit may appear once")]
    RepeatedQubit {
        /// The qubit named twice.
        qubit: usize,
    },
    /// A gate on the wrong number of qubits.
    #[error("{gate} acts on {expected} qubits, not on {given}")]
    WrongQubitCount {
        /// The gate.
        gate: Gate,
        /// How many it acts on.
        expected: usize,
        /// How many were given.
        given: usize,
    },
    /// A gate with the wrong number of angles.
    #[error("{gate} takes {expected} angles, not {given}")]
    WrongAngleCount {
        /// The gate.
        gate: Gate,
        /// How many it takes.
        expected: usize,
        /// How many were given.
        given: usize,
    },
    /// An angle, duration or coefficient that is not a finite number.
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
    /// A matrix that is not unitary.
    #[error("the matrix differs from a unitary by {error:e}; at most {limit:e} is accepted")]
    NotUnitary {
        /// Largest entry of `|U U^dagger - 1|`.
        error: f64,
        /// The largest accepted.
        limit: f64,
    },
    /// A map that is no physical channel.
    #[error("the channel does not {what}: off by {amount:e}, at most {limit:e} is accepted")]
    NotPhysical {
        /// What it fails to do.
        what: &'static str,
        /// By how much it fails.
        amount: f64,
        /// The largest accepted.
        limit: f64,
    },
    /// A probability outside [0, 1].
    #[error("{what} is {value}; a probability is between 0 and 1")]
    Probability {
        /// What it is the probability of.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// Relaxation times that no qubit has.
    #[error("T2 = {t2} is above 2 T1 = {}; coherences cannot outlive populations", 2.0 * t1)]
    Relaxation {
        /// Relaxation time of populations.
        t1: f64,
        /// Relaxation time of coherences.
        t2: f64,
    },
    /// Two things that must have one size do not.
    #[error("{what}: {given} where {expected} is needed")]
    SizeMismatch {
        /// What is compared.
        what: &'static str,
        /// The size needed.
        expected: usize,
        /// The size given.
        given: usize,
    },
    /// Free parameters without values.
    #[error("the circuit has {expected} free parameters, {given} values were given")]
    WrongParameterCount {
        /// Parameters in the circuit.
        expected: usize,
        /// Values given.
        given: usize,
    },
    /// A name that no free parameter has.
    #[error("there is no parameter {name}; {}", if known.is_empty() { "the circuit has none".to_owned() } else { format!("the parameters are {}", known.join(", ")) })]
    UnknownParameter {
        /// The name given.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// An operation that has no inverse.
    #[error("{operation} has no inverse; remove it or take the inverse of the part before it")]
    NotInvertible {
        /// What the operation is.
        operation: &'static str,
    },
    /// An operation that is not unitary where only unitary ones can be.
    #[error("{operation} is not unitary; only gates have a matrix")]
    NotUnitaryOperation {
        /// What the operation is.
        operation: &'static str,
    },
    /// An operator that is no observable.
    #[error("the coefficient of {term} has the imaginary part {imaginary:e}; an observable has none above {limit:e}")]
    NotHermitian {
        /// The term.
        term: String,
        /// The imaginary part of its coefficient.
        imaginary: f64,
        /// The largest accepted.
        limit: f64,
    },
    /// Text that is no Pauli string.
    #[error("\"{text}\" is no Pauli string: '{found}' at character {position}; use I, X, Y and Z")]
    PauliLetter {
        /// The text.
        text: String,
        /// The character found.
        found: char,
        /// Its place, counted from 0.
        position: usize,
    },
    /// More qubits than masks of 64 bits hold.
    #[error("{given} qubits are more than the {limit} an observable can have")]
    TooManyQubits {
        /// How many were asked for.
        given: usize,
        /// The limit.
        limit: usize,
    },
    /// Text of an observable or a record that cannot be read.
    #[error("{message} (line {line}, column {column})")]
    Text {
        /// What is wrong.
        message: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
}
