use proptest::prelude::*;

use super::*;
use crate::pauli::Pauli;
use crate::{library, stream::Stream};

fn matrix(num_qubits: usize, seed: u64) -> Matrix {
    let mut stream = Stream::named(seed, "entries");
    let entries: Vec<Complex64> = (0..1 << (2 * num_qubits)).map(|_| Complex64::new(stream.normal(), stream.normal())).collect();
    Matrix::from_slice(&entries)
}

fn unitary(num_qubits: usize, seed: u64) -> Matrix {
    library::random(num_qubits, 8, &mut Stream::named(seed, "circuit")).unitary(&[]).expect("gates")
}

/// Entry by entry, as the definition of a product has it.
fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let n = a.dimension();
    let mut out = Matrix::zero(a.num_qubits());
    for row in 0..n {
        for column in 0..n {
            out[(row, column)] = (0..n).map(|k| a[(row, k)] * b[(k, column)]).sum();
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn algebra_is_that_of_matrices(seed in any::<u64>(), n in 1usize..4) {
        let (a, b, c) = (matrix(n, seed), matrix(n, seed ^ 1), matrix(n, seed ^ 2));
        prop_assert!(a.times(&b).distance(&product(&a, &b)) < 1e-12);
        prop_assert!(a.times(&b.plus(&c)).distance(&a.times(&b).plus(&a.times(&c))) < 1e-11);
        prop_assert!(a.times(&b).adjoint().distance(&b.adjoint().times(&a.adjoint())) < 1e-12);
        prop_assert!(a.times(&Matrix::identity(n)) == a && Matrix::identity(n).times(&a) == a);
        prop_assert!(a.plus(&a.scaled((-1.0).into())).distance(&Matrix::zero(n)) == 0.0);
        prop_assert!((a.adjoint()[(0, 1)] - a[(1, 0)].conj()).norm() == 0.0 && a.adjoint().adjoint() == a);
        prop_assert_eq!((a.dimension(), a.num_qubits(), a.entries().len()), (1 << n, n, 1 << (2 * n)));
    }

    /// Products of parts are parts of products, the left factor on the more significant qubits.
    #[test]
    fn kronecker_products_multiply_by_parts(seed in any::<u64>()) {
        let (a, b) = (matrix(1, seed), matrix(2, seed ^ 1));
        let (c, d) = (matrix(1, seed ^ 2), matrix(2, seed ^ 3));
        let both = a.kronecker(&b);
        prop_assert!(both.times(&c.kronecker(&d)).distance(&a.times(&c).kronecker(&b.times(&d))) < 1e-11);
        prop_assert!(both.distance(&a.embedded(&[2], 3).times(&b.embedded(&[0, 1], 3))) < 1e-12);
        prop_assert!((both[(5, 3)] - a[(1, 0)] * b[(1, 3)]).norm() < 1e-14);
    }

    /// A unitary is what turns transfer matrices into rotations, and the order of factors is kept.
    #[test]
    fn transfer_matrices_are_rotations(seed in any::<u64>()) {
        let (u, v) = (unitary(2, seed), unitary(2, seed ^ 1));
        let transfer = u.transfer_matrix();
        for row in 0..16 {
            for other in 0..16 {
                let sum: f64 = (0..16).map(|k| transfer[16 * row + k] * transfer[16 * other + k]).sum();
                prop_assert!((sum - f64::from(u8::from(row == other))).abs() < 1e-12);
            }
            prop_assert!((transfer[row] - f64::from(u8::from(row == 0))).abs() < 1e-12);
        }
        // Tr(P_i U P_j U^dagger) / 4, written out
        for (i, j) in [(1, 2), (7, 12), (15, 5)] {
            let image = product(&product(&u, &pauli_product(j, 2)), &u.adjoint());
            let trace: Complex64 = (0..4).map(|k| product(&pauli_product(i, 2), &image)[(k, k)]).sum();
            prop_assert!((transfer[16 * i + j] - trace.re / 4.0).abs() < 1e-12);
        }
        prop_assert!(u.unitarity_error() < 1e-12 && u.times(&v).unitarity_error() < 1e-12);
        prop_assert!((u.scaled(2.0.into()).unitarity_error() - 3.0).abs() < 1e-11);
    }

    /// Where all controls are one the matrix acts, elsewhere nothing does.
    #[test]
    fn controls_come_before_targets(seed in any::<u64>(), controls in 0usize..3) {
        let u = unitary(1, seed);
        let large = u.controlled(controls);
        let all = (1 << controls) - 1;
        for row in 0..2 << controls {
            for column in 0..2 << controls {
                let expected = match (row & all == all && column & all == all, row == column) {
                    (true, _) => u[(row >> controls, column >> controls)],
                    (false, same) => f64::from(u8::from(same)).into(),
                };
                prop_assert_eq!(large[(row, column)], expected);
            }
        }
    }
}

#[test]
fn digits_of_products_name_their_letters() {
    let product = pauli_product(0b11_01_10, 3);
    let expected = Pauli::Z.matrix().kronecker(&Pauli::X.matrix()).kronecker(&Pauli::Y.matrix());
    assert_eq!(product, expected);
    assert_eq!(pauli_product(0, 0), Matrix::identity(0));
    for index in 0..64 {
        let pauli = pauli_product(index, 3);
        assert!(pauli.times(&pauli).distance(&Matrix::identity(3)) < 1e-15 && pauli.adjoint().distance(&pauli) < 1e-15);
        let trace: Complex64 = (0..8).map(|k| pauli[(k, k)]).sum();
        assert_eq!(trace, if index == 0 { 8.0 } else { 0.0 }.into());
    }
}

/// A matrix with an entry that is no number is far from everything, wherever the entry stands.
#[test]
fn what_is_no_number_is_near_nothing() {
    for place in 0..4 {
        let mut odd = Matrix::identity(1);
        odd[(place / 2, place % 2)] = Complex64::new(0.0, f64::NAN);
        assert!(odd.distance(&Matrix::identity(1)).is_nan() && Matrix::zero(1).distance(&odd).is_nan());
        assert!(odd.unitarity_error().is_nan());
    }
    assert!(!Matrix::identity(1).scaled(f64::INFINITY.into()).distance(&Matrix::zero(1)).is_finite());
}

#[test]
fn sizes_that_do_not_fit_are_mistakes() {
    let panics = |call: fn()| std::panic::catch_unwind(call).is_err();
    assert!(panics(|| drop(Matrix::from_slice(&[Complex64::ONE; 8]))));
    assert!(panics(|| drop(Matrix::from_slice(&[]))));
    assert!(panics(|| drop(Matrix::identity(1).times(&Matrix::identity(2)))));
    assert!(panics(|| drop(Matrix::identity(1).plus(&Matrix::identity(2)))));
    assert!(panics(|| drop(Matrix::identity(1).distance(&Matrix::identity(2)).to_string())));
    assert!(panics(|| drop(Matrix::identity(2).embedded(&[0], 3))));
    assert_eq!(Matrix::from_slice(&[Complex64::I]).num_qubits(), 0);
}
