//! Products of one-qubit gates taken apart.

use num_complex::Complex64;

use super::weyl;
use crate::matrix::Matrix;

/// The factors of a product of gates on one qubit each, the first of which carries the phase.
///
/// Of a matrix that is no such product they are near it at best.
///
/// ```
/// use qloom_circuits::{Gate, synthesis};
/// let product = Gate::T.matrix(&[]).kronecker(&Gate::H.matrix(&[])); // H on qubit 0
/// let factors = synthesis::factors(&product);
/// assert!(factors[1].kronecker(&factors[0]).distance(&product) < 1e-15);
/// ```
pub fn factors(product: &Matrix) -> Vec<Matrix> {
    let n = product.dimension();
    let entries = product.entries();
    let pivot = (0..n * n).max_by(|&a, &b| entries[a].norm().total_cmp(&entries[b].norm())).expect("entries");
    let (row, column) = (pivot / n, pivot % n);
    let mut all: Vec<Matrix> = (0..product.num_qubits())
        .map(|q| {
            let at = |i: usize, j: usize| product[(row & !(1 << q) | i << q, column & !(1 << q) | j << q)];
            let matrix = Matrix::from_slice(&[at(0, 0), at(0, 1), at(1, 0), at(1, 1)]);
            let size = matrix.entries().iter().map(Complex64::norm_sqr).sum::<f64>().sqrt() / std::f64::consts::SQRT_2;
            matrix.scaled((1.0 / size).into())
        })
        .collect();
    if let Some((first, rest)) = all.split_first() {
        let found = rest.iter().fold(first.clone(), |low, high| high.kronecker(&low));
        let turned = first.scaled(Complex64::cis(weyl::phase_between(&found, product)));
        all[0] = turned;
    }
    all
}
