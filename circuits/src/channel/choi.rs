//! The Choi matrix of a transfer matrix, its eigenvectors, and the Kraus operators they are.

use num_complex::Complex64;

use crate::matrix::{Matrix, pauli_product};

/// `C = sum_ij R_ij P_j^T (x) P_i / 2^k`: the Kraus operators are its eigenvectors, scaled by the square roots of the eigenvalues.
pub(super) fn matrix(transfer: &[f64], num_qubits: usize) -> Matrix {
    let size = 1 << (2 * num_qubits);
    let scale = 1.0 / (1 << num_qubits) as f64;
    let paulis: Vec<Matrix> = (0..size).map(|digits| pauli_product(digits, num_qubits)).collect();
    let mut choi = Matrix::zero(2 * num_qubits);
    for (j, input) in paulis.iter().enumerate() {
        // only Y changes its sign on transposition
        let flips = (0..num_qubits).filter(|k| j >> (2 * k) & 3 == 2).count();
        let sign = if flips % 2 == 0 { scale } else { -scale };
        for (i, output) in paulis.iter().enumerate() {
            let entry = transfer[i * size + j];
            if entry != 0.0 {
                choi = choi.plus(&input.kronecker(output).scaled((sign * entry).into()));
            }
        }
    }
    choi
}

/// The operator whose columns are stacked in a vector, times a factor.
pub(super) fn kraus(vector: &[Complex64], factor: f64, num_qubits: usize) -> Matrix {
    let dimension = 1 << num_qubits;
    let mut operator = Matrix::zero(num_qubits);
    for column in 0..dimension {
        for row in 0..dimension {
            operator[(row, column)] = vector[column * dimension + row] * factor;
        }
    }
    operator
}

/// Eigenvalues and normalised eigenvectors of a Hermitian matrix, by Jacobi rotations.
pub(super) fn eigen(matrix: &Matrix) -> (Vec<f64>, Vec<Vec<Complex64>>) {
    let n = matrix.dimension();
    let mut a = matrix.clone();
    let mut vectors = Matrix::identity(matrix.num_qubits());
    let off = |a: &Matrix| -> f64 { (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|at| a[at].norm_sqr()).sum() };
    let whole: f64 = a.entries().iter().map(|entry| entry.norm_sqr()).sum();
    for _sweep in 0..60 {
        if off(&a) <= 1e-32 * whole.max(1e-300) {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                let entry = a[(p, q)];
                if entry.norm_sqr() <= 1e-34 * whole {
                    continue;
                }
                // the rotation that makes the entry zero: a phase that makes it real, then the usual angle
                let phase = entry / entry.norm();
                let angle = 0.5 * (2.0 * entry.norm()).atan2(a[(q, q)].re - a[(p, p)].re);
                let (sine, cosine) = angle.sin_cos();
                let (sp, sq) = (phase * sine, phase.conj() * sine);
                for k in 0..n {
                    let (x, y) = (a[(k, p)], a[(k, q)]);
                    a[(k, p)] = x * cosine - y * sq;
                    a[(k, q)] = x * sp + y * cosine;
                    let (x, y) = (vectors[(k, p)], vectors[(k, q)]);
                    vectors[(k, p)] = x * cosine - y * sq;
                    vectors[(k, q)] = x * sp + y * cosine;
                }
                for k in 0..n {
                    let (x, y) = (a[(p, k)], a[(q, k)]);
                    a[(p, k)] = x * cosine - y * sp;
                    a[(q, k)] = x * sq + y * cosine;
                }
            }
        }
    }
    let values = (0..n).map(|k| a[(k, k)].re).collect();
    let columns = (0..n).map(|k| (0..n).map(|row| vectors[(row, k)]).collect()).collect();
    (values, columns)
}
