//! Transfer matrices of small unitaries.

use num_complex::Complex64;
use qloom_circuits::{Matrix, Pauli};

/// `R_ij = Tr(P_i U P_j U^dagger)/2^k`, row-major, the first qubit the least significant base-4 digit.
pub(super) fn of_unitary(unitary: &Matrix) -> Vec<f64> {
    let k = unitary.num_qubits();
    let size = 1usize << (2 * k);
    let dimension = 1usize << k;
    let adjoint = unitary.adjoint();
    let mut transfer = vec![0.0; size * size];
    for j in 0..size {
        let image = unitary.times(&product(j, k)).times(&adjoint);
        for i in 0..size {
            // Tr(P_i M): P_i has one entry a row
            let (x, z, y) = masks(i, k);
            let phase = Complex64::I.powu(y);
            let trace: Complex64 = (0..dimension)
                .map(|column| {
                    let sign = if (column & z).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
                    // P|c> = i^y (-1)^{c.z} |c ^ x>, so (P M)_{c'c'} sums P_{c', c} M_{c, c'} with c' = c ^ x
                    phase * sign * image[(column, column ^ x)]
                })
                .sum();
            transfer[i * size + j] = trace.re / dimension as f64;
        }
    }
    transfer
}

fn product(digits: usize, k: usize) -> Matrix {
    (0..k).fold(Matrix::identity(0), |product, q| Pauli::ALL[digits >> (2 * q) & 3].matrix().kronecker(&product))
}

/// X mask, Z mask and number of Ys of a product given by its digits.
fn masks(digits: usize, k: usize) -> (usize, usize, u32) {
    let (mut x, mut z) = (0, 0);
    for q in 0..k {
        let (flips, signs) = Pauli::ALL[digits >> (2 * q) & 3].bits();
        x |= usize::from(flips) << q;
        z |= usize::from(signs) << q;
    }
    (x, z, (x & z).count_ones())
}

/// The product of two row-major square matrices, the right one applied first.
pub(super) fn times<const N: usize>(left: &[f64], right: &[f64]) -> [f64; N] {
    let size = N.isqrt();
    let mut product = [0.0; N];
    for i in 0..size {
        for k in 0..size {
            let factor = left[i * size + k];
            if factor != 0.0 {
                for j in 0..size {
                    product[i * size + j] += factor * right[k * size + j];
                }
            }
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cx_permutes_with_signs() {
        let transfer = of_unitary(&qloom_circuits::Gate::Cx.matrix(&[]));
        // first qubit (control) least significant: X on the control becomes X X
        assert_eq!(transfer[5 * 16 + 1], 1.0);
        // Y Y becomes -X Z (control X, target Z)
        assert_eq!(transfer[(1 + 4 * 3) * 16 + (2 + 4 * 2)], -1.0);
        assert!(transfer.iter().all(|entry| [0.0, 1.0, -1.0].contains(entry)));
    }
}
