//! States of qubits: planes of numbers and their size.

mod pauli_vector;
mod state_vector;

pub use pauli_vector::PauliVector;
pub(crate) use pauli_vector::index_of;
pub use state_vector::StateVector;
