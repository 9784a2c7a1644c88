use proptest::prelude::*;

use super::*;

/// Operators on three qubits of up to six terms.
fn operator() -> impl Strategy<Value = PauliOperator> {
    let term = (0u64..8, 0u64..8, -2i32..=2, -2i32..=2);
    prop::collection::vec(term, 0..6).prop_map(|terms| {
        let terms = terms
            .into_iter()
            .map(|(x, z, re, im)| (PauliString::from_masks(x, z), Complex64::new(f64::from(re) / 2.0, f64::from(im) / 4.0)));
        PauliOperator::new(3, terms).expect("three qubits")
    })
}

proptest! {
    /// Every operation of the algebra is that of dense matrices; coefficients are short binary fractions, so equality is exact.
    #[test]
    fn the_algebra_is_that_of_matrices(a in operator(), b in operator(), c in operator()) {
        let product = a.matrix().times(&b.matrix());
        let other_way = b.matrix().times(&a.matrix());
        let minus = Complex64::new(-1.0, 0.0);
        prop_assert!(a.times(&b).matrix().distance(&product) < 1e-12);
        prop_assert!(a.plus(&b).matrix().distance(&a.matrix().plus(&b.matrix())) < 1e-12);
        prop_assert!(a.commutator(&b).matrix().distance(&product.plus(&other_way.scaled(minus))) < 1e-12);
        prop_assert!(a.anticommutator(&b).matrix().distance(&product.plus(&other_way)) < 1e-12);
        prop_assert!(a.adjoint().matrix().distance(&a.matrix().adjoint()) < 1e-12);
        prop_assert_eq!(a.times(&b).times(&c), a.times(&b.times(&c)));
        prop_assert_eq!(a.times(&b).adjoint(), b.adjoint().times(&a.adjoint()));
        prop_assert_eq!(a.plus(&a.scaled(minus)), PauliOperator::zero(3));
        // Jacobi
        let jacobi = a.commutator(&b.commutator(&c)).plus(&b.commutator(&c.commutator(&a))).plus(&c.commutator(&a.commutator(&b)));
        prop_assert_eq!(jacobi, PauliOperator::zero(3));
    }

    /// Terms are sorted and unique, and the symplectic product tells which commute.
    #[test]
    fn terms_are_in_order(a in operator()) {
        prop_assert!(a.terms().windows(2).all(|pair| pair[0].0 < pair[1].0));
        prop_assert!(a.terms().iter().all(|(_, c)| *c != Complex64::ZERO));
        for (&(p, _), [px, pz]) in a.terms().iter().zip(a.symplectic()) {
            for (&(q, _), [qx, qz]) in a.terms().iter().zip(a.symplectic()) {
                let product = (px & qz).count_ones() + (pz & qx).count_ones();
                prop_assert_eq!(product % 2 == 0, p.commutes_with(q));
            }
        }
    }

    /// `A + A^dagger` is an observable, and comes back as it was.
    #[test]
    fn hermitian_parts_are_observables(a in operator()) {
        let both = a.plus(&a.adjoint());
        let sum = both.hermitian(0.0).expect("it is its own adjoint");
        prop_assert_eq!(PauliOperator::from(&sum), both);
    }
}

#[test]
fn what_is_not_hermitian_is_refused_by_its_term() {
    let string = PauliString::from_word("XZ").expect("letters");
    let operator = PauliOperator::new(2, [(string, Complex64::new(1.0, 1e-3))]).expect("two qubits");
    let error = operator.hermitian(1e-6).expect_err("an imaginary part").to_string();
    assert!(error.contains("X0 Z1") && error.contains("1e-3"), "{error}");
    assert_eq!(operator.hermitian(1e-2).expect("small enough").terms(), [(string, 1.0)]);
    assert!(operator.simplified(2.0).terms().is_empty());
}

#[test]
fn terms_outside_and_infinite_ones_are_refused() {
    let string = PauliString::from_word("IIX").expect("letters");
    assert!(matches!(PauliOperator::new(2, [(string, Complex64::ONE)]), Err(CircuitError::QubitOutOfRange { .. })));
    let infinite = Complex64::new(0.0, f64::INFINITY);
    assert!(matches!(PauliOperator::new(3, [(string, infinite)]), Err(CircuitError::NotFinite { .. })));
    assert!(matches!(PauliOperator::new(65, []), Err(CircuitError::TooManyQubits { .. })));
}
