//! Weyl coordinates against local invariants, and against those that are published.

use std::f64::consts::{FRAC_PI_4, FRAC_PI_8};

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::synthesis::weyl::{self, RotationPiece};
use qloom_circuits::{Gate, Matrix, Pauli};

use super::strategies::{phase_free_distance, unitary};

fn trace(matrix: &Matrix) -> Complex64 {
    (0..matrix.dimension()).map(|k| matrix[(k, k)]).sum()
}

fn determinant(matrix: &Matrix, rows: &[usize], column: usize) -> Complex64 {
    let minor = |k: usize| rows.iter().copied().filter(|row| *row != rows[k]).collect::<Vec<_>>();
    let sign = |k: usize| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
    match rows {
        [] => Complex64::ONE,
        _ => (0..rows.len()).map(|k| sign(k) * matrix[(rows[k], column)] * determinant(matrix, &minor(k), column + 1)).sum(),
    }
}

/// What local gates do not change: `tr^2 g / (16 det U)` and `(tr^2 g - tr g^2) / (4 det U)` with `g = U YY U^T YY`.
///
/// Source: Makhlin, Quantum Inf. Process. 1, 243 (2002).
fn invariants(unitary: &Matrix) -> [Complex64; 2] {
    let yy = Pauli::Y.matrix().kronecker(&Pauli::Y.matrix());
    let mut transposed = Matrix::zero(2);
    (0..16).for_each(|k| transposed[(k % 4, k / 4)] = unitary[(k / 4, k % 4)]);
    let g = unitary.times(&yy).times(&transposed).times(&yy);
    let (square, determinant) = (trace(&g).powi(2), determinant(unitary, &[0, 1, 2, 3], 0));
    [square / (16.0 * determinant), (square - trace(&g.times(&g))) / (4.0 * determinant)]
}

/// The same of `exp(i (x XX + y YY + z ZZ))`, from its eigenvalues.
fn of_coordinates([x, y, z]: [f64; 3]) -> [Complex64; 2] {
    let phases = [x - y + z, x + y - z, -x - y - z, -x + y + z];
    let sum = |factor: f64| -> Complex64 { phases.iter().map(|phase| Complex64::cis(factor * phase)).sum() };
    [sum(2.0).powi(2) / 16.0, (sum(2.0).powi(2) - sum(4.0)) / 4.0]
}

fn near(a: [Complex64; 2], b: [Complex64; 2]) -> bool {
    a.iter().zip(&b).all(|(a, b)| (a - b).norm() < 1e-9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn coordinates_have_the_invariants_of_their_unitary(matrix in unitary(2), locals in prop::collection::vec(unitary(1), 4)) {
        let found = weyl::decompose(&matrix);
        prop_assert!(near(of_coordinates(found.coordinates), invariants(&matrix)), "{:?}", found.coordinates);
        // local gates before and after change nothing
        let [a, b, c, d] = &locals[..] else { unreachable!("four of them") };
        let turned = a.kronecker(b).times(&matrix).times(&c.kronecker(d));
        prop_assert!(near(of_coordinates(weyl::decompose(&turned).coordinates), invariants(&matrix)));
    }

    /// The unitary from as many Ising rotations as are counted.
    #[test]
    fn rotations_multiply_to_the_unitary(matrix in unitary(2)) {
        let found = weyl::decompose(&matrix);
        let mut product = Matrix::identity(2);
        let mut rotations = 0;
        for piece in found.rotations() {
            let step = match piece {
                RotationPiece::Local(qubit, matrix) => matrix.embedded(&[qubit], 2),
                RotationPiece::Ising(angle) => {
                    rotations += 1;
                    Gate::Rxx.matrix(&[-2.0 * angle])
                }
            };
            product = step.times(&product);
        }
        prop_assert!(phase_free_distance(&product, &matrix) < 1e-7);
        prop_assert_eq!(rotations, found.rotation_count());
        // Shende et al., Phys. Rev. A 69, 062321 (2004): two cx are enough exactly where the trace is real
        prop_assert_eq!(found.cx_count() <= 2, weyl::trace(&matrix).im.abs() < 1e-9, "{:?}", found.coordinates);
    }
}

/// Table 1 of Crooks, "Gates, states, and circuits" (2020), in units of these axes.
#[test]
fn known_gates_have_their_published_coordinates() {
    let q = FRAC_PI_4;
    for (gate, angles, expected) in [
        (Gate::Cx, &[][..], [q, 0.0, 0.0]),
        (Gate::Cz, &[], [q, 0.0, 0.0]),
        (Gate::Ecr, &[], [q, 0.0, 0.0]),
        (Gate::Ms, &[0.3, 0.8, 2.0 * q], [q, 0.0, 0.0]),
        (Gate::Iswap, &[], [q, q, 0.0]),
        (Gate::Dcx, &[], [q, q, 0.0]),
        (Gate::Swap, &[], [q, q, q]),
        (Gate::Csx, &[], [FRAC_PI_8, 0.0, 0.0]),
        (Gate::Cp, &[0.6], [0.15, 0.0, 0.0]),
        (Gate::Crx, &[0.6], [0.15, 0.0, 0.0]),
        (Gate::Rzz, &[0.6], [0.3, 0.0, 0.0]),
        (Gate::Rxx, &[-0.6], [0.3, 0.0, 0.0]),
    ] {
        let found = weyl::decompose(&gate.matrix(angles)).coordinates.map(f64::abs);
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-7), "{gate}: {found:?} for {expected:?}");
    }
}
