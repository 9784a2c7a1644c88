//! Which entry of a list speaks of a gate on certain qubits: the one rule for noise, durations and errors.

use qloom_circuits::Gate;

/// An entry for gates on certain qubits.
pub(crate) trait Placement {
    /// The gates; every gate if empty.
    fn gates(&self) -> &[Gate];
    /// The qubits.
    fn qubits(&self) -> &[usize];
}

/// The entry that holds for a gate: one that names it in this order of its qubits, one that names it in another order, one that names no
/// gate, the first on these qubits.
pub(crate) fn row_for<'a, P: Placement>(rows: &'a [P], gate: Option<Gate>, qubits: &[usize]) -> Option<&'a P> {
    let names = |row: &&P| gate.is_some_and(|gate| row.gates().contains(&gate));
    let here = || rows.iter().filter(|row| on_same_qubits(row.qubits(), qubits));
    here()
        .find(|row| row.qubits() == qubits && names(row))
        .or_else(|| here().find(names))
        .or_else(|| here().find(|row| row.gates().is_empty()))
        .or_else(|| here().next())
}

/// Whether two lists have the same qubits, in any order.
pub(crate) fn on_same_qubits(a: &[usize], b: &[usize]) -> bool {
    a.len() == b.len() && a.iter().all(|qubit| b.contains(qubit))
}
