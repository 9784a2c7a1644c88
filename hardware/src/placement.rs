//! Which entry of a list speaks of a gate on certain qubits: the one rule for noise, durations and errors.

use std::collections::HashMap;

use qloom_circuits::Gate;
use smallvec::SmallVec;

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
    choose(|| rows.iter().filter(|row| on_same_qubits(row.qubits(), qubits)), gate, qubits)
}

fn choose<'a, P: Placement + 'a, I: Iterator<Item = &'a P>>(
    here: impl Fn() -> I,
    gate: Option<Gate>,
    qubits: &[usize],
) -> Option<&'a P> {
    let names = |row: &&P| gate.is_some_and(|gate| row.gates().contains(&gate));
    here()
        .find(|row| row.qubits() == qubits && names(row))
        .or_else(|| here().find(names))
        .or_else(|| here().find(|row| row.gates().is_empty()))
        .or_else(|| here().next())
}

/// Entries by their qubits, for whoever asks about many gates.
pub(crate) struct Placed<'a, P> {
    rows: HashMap<SmallVec<[usize; 2]>, Vec<&'a P>>,
}

impl<'a, P: Placement> Placed<'a, P> {
    /// The entries of a list.
    pub fn new(list: &'a [P]) -> Self {
        let mut rows: HashMap<SmallVec<[usize; 2]>, Vec<&'a P>> = HashMap::new();
        for row in list {
            rows.entry(sorted(row.qubits())).or_default().push(row);
        }
        Self { rows }
    }

    /// The entries on these qubits, in any order of them.
    pub fn here(&self, qubits: &[usize]) -> &[&'a P] {
        self.rows.get(&sorted(qubits)).map_or(&[], |rows| rows)
    }

    /// As [`row_for`].
    pub fn row_for(&self, gate: Option<Gate>, qubits: &[usize]) -> Option<&'a P> {
        choose(|| self.here(qubits).iter().copied(), gate, qubits)
    }
}

/// Qubits in ascending order.
pub(crate) fn sorted(qubits: &[usize]) -> SmallVec<[usize; 2]> {
    let mut sorted = SmallVec::from_slice(qubits);
    sorted.sort_unstable();
    sorted
}

/// Whether two lists have the same qubits, in any order.
pub(crate) fn on_same_qubits(a: &[usize], b: &[usize]) -> bool {
    a.len() == b.len() && a.iter().all(|qubit| b.contains(qubit))
}

#[cfg(test)]
mod tests;
