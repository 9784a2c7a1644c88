//! What can be wrong with integrals, operators and their mappings.

use qloom_circuits::CircuitError;

/// Why an input was refused or an operator not made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChemistryError {
    /// Text that is not what it should be.
    #[error("line {line}, column {column}: {message}")]
    Text {
        /// What is wrong, with the value and the remedy.
        message: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// Numbers of electrons, spin and orbitals that do not fit together.
    #[error("{electrons} electrons with MS2={spin} in {orbitals} orbitals: {reason}")]
    Electrons {
        /// Number of electrons.
        electrons: usize,
        /// Alpha electrons minus beta electrons.
        spin: i64,
        /// Number of orbitals.
        orbitals: usize,
        /// Why they do not fit.
        reason: &'static str,
    },
    /// An orbital that the integrals do not have.
    #[error("orbital {orbital} of the {role} does not exist; the integrals have {orbitals} orbitals, counted from 0 to {}", orbitals.saturating_sub(1))]
    Orbital {
        /// The orbital named, from 0.
        orbital: usize,
        /// The list it is in.
        role: &'static str,
        /// How many there are.
        orbitals: usize,
    },
    /// An orbital that is named twice.
    #[error("orbital {orbital} is named twice among the frozen and active orbitals; name every orbital once")]
    RepeatedOrbital {
        /// The orbital, from 0.
        orbital: usize,
    },
    /// More of something than can be held.
    #[error("{given} {what}; at most {limit}: {remedy}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much was given.
        given: usize,
        /// The largest number accepted.
        limit: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// A choice that does not go with another.
    #[error("{choice} {reason}; {remedy}")]
    Choice {
        /// What was chosen.
        choice: &'static str,
        /// Why it cannot be done.
        reason: &'static str,
        /// What to choose instead.
        remedy: &'static str,
    },
    /// A value outside its range.
    #[error("{what} is {value}; it must be {range}")]
    Range {
        /// What it is.
        what: &'static str,
        /// The value given.
        value: f64,
        /// What is accepted.
        range: &'static str,
    },
    /// Lists that should have one length.
    #[error("{what} has {given} entries where {expected} are needed")]
    Length {
        /// The list.
        what: &'static str,
        /// Its length.
        given: usize,
        /// The length needed.
        expected: usize,
    },
    /// An operator without a symmetry that it should have.
    #[error("the term {term} does not commute with the symmetry {symmetry}; only operators with the symmetry can be tapered")]
    Symmetry {
        /// The term.
        term: String,
        /// The symmetry.
        symmetry: String,
    },
    /// An operator on qubits.
    #[error(transparent)]
    Operator(#[from] CircuitError),
}
