//! Dense unitaries on a few qubits, with controls: the general fallback.

use num_complex::Complex;

use super::real::Real;
use crate::op::Dense;

/// Applies the matrix (or its conjugate transpose) to its qubits where all controls are one.
pub(crate) fn multiply<T: Real>(re: &mut [T], im: &mut [T], dense: &Dense, adjoint: bool) {
    let dimension = 1usize << dense.qubits.len();
    let spread = |local: usize| -> usize { dense.qubits.iter().enumerate().map(|(bit, &q)| (local >> bit & 1) << q).sum() };
    let offsets: Vec<usize> = (0..dimension).map(spread).collect();
    let matrix: Vec<Complex<T>> = (0..dimension * dimension)
        .map(|k| {
            let (row, column) = (k / dimension, k % dimension);
            let entry =
                if adjoint { dense.entries[column * dimension + row].conj() } else { dense.entries[row * dimension + column] };
            Complex::new(T::from_f64(entry.re), T::from_f64(entry.im))
        })
        .collect();
    let targets = offsets[dimension - 1];
    let controls = dense.controls as usize;
    let mut old = vec![Complex::new(T::default(), T::default()); dimension];
    for base in 0..re.len() {
        if base & targets != 0 || base & controls != controls {
            continue;
        }
        for (value, offset) in old.iter_mut().zip(&offsets) {
            *value = Complex::new(re[base | offset], im[base | offset]);
        }
        for (row, offset) in offsets.iter().enumerate() {
            let mut sum = Complex::new(T::default(), T::default());
            for (entry, value) in matrix[row * dimension..].iter().zip(&old) {
                sum = Complex::new(
                    sum.re + entry.re * value.re - entry.im * value.im,
                    sum.im + entry.re * value.im + entry.im * value.re,
                );
            }
            re[base | offset] = sum.re;
            im[base | offset] = sum.im;
        }
    }
}
