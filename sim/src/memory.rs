//! Memory: needs known before anything is allocated.

use crate::error::SimError;
use crate::kernel::Real;

/// Bytes a state vector of this many qubits holds in precision `T`.
///
/// ```
/// assert_eq!(qloom_sim::state_bytes::<f64>(24), 256 << 20);
/// ```
pub fn state_bytes<T: Real>(num_qubits: usize) -> u128 {
    let length = if num_qubits >= 100 { 1u128 << 100 } else { (1u128 << num_qubits).max(16) };
    2 * length * T::BYTES as u128
}

/// Refuses what exceeds the limit or the address space.
pub(crate) fn check<T: Real>(num_qubits: usize, states: u128, limit: u64) -> Result<(), SimError> {
    let needed = states * state_bytes::<T>(num_qubits);
    if needed > u128::from(limit) || needed > isize::MAX as u128 {
        return Err(SimError::MemoryLimit { num_qubits, needed, limit: u128::from(limit) });
    }
    Ok(())
}
