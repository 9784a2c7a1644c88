//! Encodings in which each qubit holds the parity of a set of modes.

use num_complex::Complex64;
use qloom_circuits::PauliString;

use super::binary;

/// Each qubit holds its mode.
pub(super) fn occupation(n: usize) -> Vec<u64> {
    (0..n).map(|mode| 1 << mode).collect()
}

/// Each qubit holds the modes up to its own.
pub(super) fn parity(n: usize) -> Vec<u64> {
    (0..n).map(|mode| u64::MAX >> (63 - mode)).collect()
}

/// Qubit `k - 1` holds the modes from `k - l` to `k - 1`, with `l` the lowest set bit of `k`: the partial sums of a Fenwick tree.
pub(super) fn fenwick(n: usize) -> Vec<u64> {
    (1..=n).map(|k| (u64::MAX >> (63 - (k - 1))) & !((1 << (k & (k - 1))) - 1)).collect()
}

/// The Majorana operators of the encoding whose qubit `i` holds the parity of the modes `sets[i]`.
pub(super) fn majoranas(sets: &[u64]) -> Vec<[(PauliString, f64); 2]> {
    let n = sets.len();
    // qubits whose parity is the occupation of a mode: a mask that, summed over sets, leaves that mode alone
    let columns: Vec<u64> =
        (0..n).map(|mode| (0..n).fold(0, |column, qubit| column | (sets[qubit] >> mode & 1) << qubit)).collect();
    let occupation = |mode: usize| {
        let values: Vec<bool> = (0..n).map(|other| other == mode).collect();
        binary::solve(&columns, &values).expect("the sets of an encoding are independent")
    };
    let mut before = 0;
    (0..n)
        .map(|mode| {
            let occupied = occupation(mode);
            // a + a+ flips the qubits that hold the mode, with the sign of the modes before it
            let (even, phase) = PauliString::from_masks(columns[mode], 0).times(PauliString::from_masks(0, before));
            let number = PauliString::from_masks(0, occupied);
            before ^= occupied;
            // i g_even g_odd = -Z of the occupation, so g_odd = i g_even Z
            let (odd, turn) = even.times(number);
            [(even, phase.re), (odd, (Complex64::I * phase * turn).re)]
        })
        .collect()
}
