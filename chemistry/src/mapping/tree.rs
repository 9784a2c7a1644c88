//! The balanced ternary tree.

use qloom_circuits::{Pauli, PauliString};

/// A node's branches, for X, Y and Z.
const LETTERS: [Pauli; 3] = [Pauli::X, Pauli::Y, Pauli::Z];

/// Qubits are the nodes of a complete ternary tree in breadth-first order: node `v` has the branches `3v + 1`, `3v + 2` and `3v + 3`
/// as far as they exist. A path from the root to a missing branch is a Pauli string; all `2n + 1` of them anticommute. The two of a
/// mode leave its node by X and by Y and go on by Z, so that their product is made of Z and the vacuum is the state of zeros.
pub(super) fn majoranas(n: usize) -> Vec<[(PauliString, f64); 2]> {
    (0..n).map(|node| [0, 1].map(|branch| (path(node, branch, n), 1.0))).collect()
}

fn path(node: usize, branch: usize, n: usize) -> PauliString {
    let mut letters = vec![(node, LETTERS[branch])];
    let mut below = 3 * node + 1 + branch;
    while below < n {
        letters.push((below, Pauli::Z));
        below = 3 * below + 3;
    }
    let mut above = node;
    while above > 0 {
        let parent = (above - 1) / 3;
        letters.push((parent, LETTERS[above - 1 - 3 * parent]));
        above = parent;
    }
    PauliString::from_letters(letters)
}
