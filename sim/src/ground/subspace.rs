//! Subspaces spanned by basis states.

use crate::error::SimError;

/// The span of some basis states, such as those with one number of particles.
#[derive(Clone, Debug, PartialEq)]
pub struct Subspace {
    num_qubits: usize,
    states: Vec<u32>,
}

impl Subspace {
    /// The most qubits.
    pub const MAX_QUBITS: usize = 26;

    /// The span of the basis states for which `contains` is true; qubit 0 is the least significant bit of an index.
    ///
    /// # Errors
    /// For more than [`Subspace::MAX_QUBITS`] qubits, and when no state is contained.
    pub fn new(num_qubits: usize, contains: impl Fn(u64) -> bool) -> Result<Self, SimError> {
        if num_qubits > Self::MAX_QUBITS {
            return Err(SimError::TooManyQubits { what: "a subspace", given: num_qubits, limit: Self::MAX_QUBITS });
        }
        let states: Vec<u32> = (0..1u32 << num_qubits).filter(|&index| contains(u64::from(index))).collect();
        if states.is_empty() {
            return Err(SimError::OutOfRange { what: "the dimension of a subspace", value: 0.0, range: "at least 1" });
        }
        Ok(Self { num_qubits, states })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Indices of the basis states, ascending.
    pub fn states(&self) -> &[u32] {
        &self.states
    }
}
