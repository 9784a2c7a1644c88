//! Algebra and spectra in every encoding.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_chemistry::{Encoding, FermionOperator, Integrals, Ladder, Mapping, Spin, SpinOrbitals, SpinOrder};
use qloom_circuits::{PauliOperator, PauliSum};

use crate::dense::{distance, energy_of, integrals, spectrum};

const ORDERS: [SpinOrder; 2] = [SpinOrder::Interleaved, SpinOrder::Blocked];

fn ladder(encoding: &Encoding, ladder: Ladder) -> PauliOperator {
    encoding.map(&FermionOperator::new([(vec![ladder], Complex64::ONE)]).unwrap()).unwrap()
}

#[test]
fn ladder_operators_anticommute_and_annihilate_the_vacuum() {
    for mapping in Mapping::ALL {
        for n in [1, 2, 3, 4, 5, 6, 7, 11, 13, 64] {
            let encoding = Encoding::new(mapping, n).unwrap();
            let zero = PauliOperator::zero(n);
            for i in 0..n {
                for j in (0..n).step_by(1 + n / 20) {
                    let (lower, raise) = (ladder(&encoding, Ladder::annihilate(i)), ladder(&encoding, Ladder::create(j)));
                    let expected = PauliOperator::identity(n, if i == j { Complex64::ONE } else { Complex64::ZERO });
                    assert_eq!(lower.anticommutator(&raise), expected, "{mapping:?} {n} {i} {j}");
                    assert_eq!(lower.anticommutator(&ladder(&encoding, Ladder::annihilate(j))), zero, "{mapping:?} {n} {i} {j}");
                }
            }
            assert_eq!(encoding.bits(&vec![false; n]), vec![false; n]);
        }
    }
}

/// The Hamiltonian term by term from its definition, by products of ladder operators.
fn by_definition(all: &Integrals, orbitals: &SpinOrbitals) -> PauliSum {
    let n = all.num_orbitals();
    let mut terms = vec![(vec![], Complex64::new(all.core(), 0.0))];
    let modes = |p, spin| orbitals.mode(p, spin);
    for spin in Spin::BOTH {
        for p in 0..n {
            for q in 0..n {
                let product = vec![Ladder::create(modes(p, spin)), Ladder::annihilate(modes(q, spin))];
                terms.push((product, Complex64::new(all.one(p, q), 0.0)));
            }
        }
    }
    for (s1, s2) in [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(a, b)| (Spin::BOTH[a], Spin::BOTH[b])) {
        for index in 0..n.pow(4) {
            let [p, q, r, s] = [0, 1, 2, 3].map(|place| index / n.pow(place) % n);
            // 1/2 (pq|rs) a+_p a+_r a_s a_q
            let product = vec![
                Ladder::create(modes(p, s1)),
                Ladder::create(modes(r, s2)),
                Ladder::annihilate(modes(s, s2)),
                Ladder::annihilate(modes(q, s1)),
            ];
            terms.push((product, Complex64::new(0.5 * all.two(p, q, r, s), 0.0)));
        }
    }
    orbitals.encoding().map(&FermionOperator::new(terms).unwrap()).unwrap().hermitian(1e-12).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn hamiltonians_are_those_of_the_definition_and_share_one_spectrum(all in integrals(3)) {
        let mut reference: Option<Vec<f64>> = None;
        for mapping in Mapping::ALL {
            for order in ORDERS {
                let orbitals = SpinOrbitals::new(mapping, order, all.num_orbitals()).unwrap();
                let sum = orbitals.hamiltonian(&all).unwrap();
                let slow = by_definition(&all, &orbitals);
                let difference = PauliOperator::from(&sum).plus(&PauliOperator::from(&slow).scaled(-Complex64::ONE));
                prop_assert!(difference.simplified(1e-11).terms().is_empty());
                let (alpha, beta) = all.hartree_fock();
                let bits = orbitals.determinant(&alpha, &beta);
                prop_assert!((energy_of(&sum, &bits) - all.hartree_fock_energy()).abs() < 1e-11);
                let found = spectrum(&sum);
                prop_assert!(distance(reference.get_or_insert_with(|| found.clone()), &found) < 1e-11);
            }
        }
    }

    #[test]
    fn numbers_and_spins_are_conserved_and_have_their_values(all in integrals(3)) {
        for mapping in Mapping::ALL {
            for order in ORDERS {
                let orbitals = SpinOrbitals::new(mapping, order, all.num_orbitals()).unwrap();
                let sum = PauliOperator::from(&orbitals.hamiltonian(&all).unwrap());
                let squared = orbitals.spin_squared().unwrap();
                for operator in [&orbitals.number().unwrap(), &orbitals.spin_z().unwrap(), &squared] {
                    prop_assert!(sum.commutator(&PauliOperator::from(operator)).simplified(1e-11).terms().is_empty());
                }
                let (alpha, beta) = all.hartree_fock();
                let bits = orbitals.determinant(&alpha, &beta);
                prop_assert_eq!(energy_of(&orbitals.number().unwrap(), &bits), all.num_electrons() as f64);
                prop_assert_eq!(energy_of(&orbitals.spin_z().unwrap(), &bits), all.spin() as f64 / 2.0);
            }
        }
    }
}

#[test]
fn total_spins_are_those_of_electrons() {
    // two orbitals: spin 0 five times, spin 1/2 four times twice over, spin 1 once
    for mapping in Mapping::ALL {
        let squared = SpinOrbitals::new(mapping, SpinOrder::Interleaved, 2).unwrap().spin_squared().unwrap();
        let expected = [[0.0; 5].as_slice(), &[0.75; 8], &[2.0; 3]].concat();
        assert!(distance(&spectrum(&squared), &expected) < 1e-12, "{mapping:?}");
    }
}

#[test]
fn one_body_operators_are_sums_of_excitations() {
    let orbitals = SpinOrbitals::new(Mapping::BravyiKitaev, SpinOrder::Blocked, 3).unwrap();
    let identity = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    assert_eq!(orbitals.one_body(0.0, &identity).unwrap(), orbitals.number().unwrap());
    let mut skew = identity;
    skew[1] = 0.5;
    assert!(orbitals.one_body(0.0, &skew).unwrap_err().to_string().contains("symmetric"));
    assert!(orbitals.one_body(0.0, &identity[..4]).unwrap_err().to_string().contains('9'));
}

#[test]
fn sizes_are_checked() {
    assert!(Encoding::new(Mapping::Parity, 65).unwrap_err().to_string().contains("64"));
    let encoding = Encoding::new(Mapping::Parity, 2).unwrap();
    let outside = FermionOperator::new([(vec![Ladder::create(2)], Complex64::ONE)]).unwrap();
    assert!(encoding.map(&outside).is_err());
}
