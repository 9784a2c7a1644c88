//! Molecules with removed qubits, and the arithmetic of operators of fermions.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_chemistry::{Encoding, FermionOperator, Integrals, Ladder, Mapping, Molecule, Quantity, Reduction, SpinOrder};
use qloom_circuits::{PauliOperator, PauliString, PauliSum};

use crate::dense::{energy_of, integrals, spectrum};

fn bits(index: u64, n: usize) -> Vec<bool> {
    (0..n).map(|qubit| index >> qubit & 1 == 1).collect()
}

/// `H + 50 (N - n)^2 + 50 (S_z - s)^2`, whose lowest value is that of the sector.
fn penalised(molecule: &Molecule, all: &Integrals) -> PauliSum {
    let n = molecule.hamiltonian().num_qubits();
    let square = |operator: &PauliSum, value: f64| {
        let shifted = operator.terms().iter().copied().chain([(PauliString::IDENTITY, -value)]);
        let shifted = PauliOperator::from(&PauliSum::new(n, shifted).unwrap());
        shifted.times(&shifted).scaled(Complex64::new(50.0, 0.0))
    };
    let (number, spin) = (molecule.orbitals().number().unwrap(), molecule.orbitals().spin_z().unwrap());
    let number = square(&molecule.reduced(&number).unwrap(), all.num_electrons() as f64);
    let spin = square(&molecule.reduced(&spin).unwrap(), all.spin() as f64 / 2.0);
    PauliOperator::from(molecule.hamiltonian()).plus(&number).plus(&spin).hermitian(1e-9).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn removed_qubits_keep_electrons_and_the_energy_of_their_sector(all in integrals(3)) {
        let whole = Molecule::new(&all, Mapping::JordanWigner, SpinOrder::Interleaved, &Reduction::None).unwrap();
        let expected = spectrum(&penalised(&whole, &all))[0];
        let mut cases = vec![(Mapping::Parity, SpinOrder::Blocked, Reduction::TwoQubit)];
        for mapping in Mapping::ALL {
            cases.extend([SpinOrder::Interleaved, SpinOrder::Blocked].map(|order| (mapping, order, Reduction::Taper)));
        }
        for (mapping, order, reduction) in cases {
            let molecule = Molecule::new(&all, mapping, order, &reduction).unwrap();
            let n = molecule.hamiltonian().num_qubits();
            prop_assert!(n + 2 <= whole.hamiltonian().num_qubits());
            let number = molecule.reduced(&molecule.orbitals().number().unwrap()).unwrap();
            let spin = molecule.reduced(&molecule.orbitals().spin_z().unwrap()).unwrap();
            for index in 0..1 << n {
                let (alpha, beta) = molecule.electrons(index);
                prop_assert_eq!(energy_of(&number, &bits(index, n)), (alpha + beta) as f64);
                prop_assert_eq!(energy_of(&spin, &bits(index, n)), (alpha as f64 - beta as f64) / 2.0);
            }
            let determinant = molecule.hartree_fock_bits().unwrap();
            prop_assert!((energy_of(molecule.hamiltonian(), determinant) - all.hartree_fock_energy()).abs() < 1e-11);
            let index = determinant.iter().enumerate().fold(0, |index, (qubit, &bit)| index | u64::from(bit) << qubit);
            prop_assert_eq!(molecule.electrons(index), (all.num_alpha(), all.num_beta()));
            prop_assert!((spectrum(&penalised(&molecule, &all))[0] - expected).abs() < 1e-9, "{:?} {:?}", mapping, order);
        }
    }

    /// Penalties lift other sectors, and leave the states of their own where they were: by dense matrices, in every mapping.
    #[test]
    fn penalties_hold_electrons_and_spin(all in integrals(3)) {
        for (mapping, order, reduction) in [
            (Mapping::JordanWigner, SpinOrder::Interleaved, Reduction::None),
            (Mapping::BravyiKitaev, SpinOrder::Blocked, Reduction::None),
            (Mapping::Parity, SpinOrder::Blocked, Reduction::TwoQubit),
            (Mapping::TernaryTree, SpinOrder::Interleaved, Reduction::Taper),
        ] {
            let free = Molecule::new(&all, mapping, order, &reduction).unwrap();
            let expected = penalised(&free, &all);
            let held = free.clone().with_penalty(Quantity::Number, all.num_electrons() as f64, 50.0).unwrap();
            let held = held.with_penalty(Quantity::SpinZ, all.spin() as f64 / 2.0, 50.0).unwrap();
            let (one, other) = (spectrum(held.hamiltonian()), spectrum(&expected));
            prop_assert!(one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-8), "{:?} {:?}", one, other);
            // the spin commutes: each state is lifted by what its own spin is off
            let spin = all.spin().unsigned_abs() as f64 / 2.0;
            let pure = held.clone().with_penalty(Quantity::SpinSquared, spin * (spin + 1.0), 7.0).unwrap();
            let lowest = spectrum(pure.hamiltonian())[0];
            prop_assert!(lowest > one[0] - 1e-8);
            let lifts: Vec<f64> = [0.0, 0.5, 1.0, 1.5].iter().map(|s| 7.0 * (s * (s + 1.0) - spin * (spin + 1.0f64)).powi(2)).collect();
            let known = |energy: &f64| lifts.iter().any(|lift| one.iter().any(|below| (below + lift - energy).abs() < 1e-7));
            prop_assert!(spectrum(pure.hamiltonian()).iter().all(known));
        }
        let free = Molecule::new(&all, Mapping::JordanWigner, SpinOrder::Interleaved, &Reduction::None).unwrap();
        for (value, weight) in [(2.0, 0.0), (2.0, -1.0), (f64::NAN, 1.0), (2.0, f64::INFINITY)] {
            prop_assert!(free.clone().with_penalty(Quantity::Number, value, weight).is_err());
        }
    }

    #[test]
    fn adjoints_and_sums_commute_with_mapping(
        terms in prop::collection::vec((prop::collection::vec((0usize..4, any::<bool>()), 0..5), -1.0..1.0f64, -1.0..1.0f64), 0..5),
    ) {
        let ladder = |&(mode, creation): &(usize, bool)| Ladder { mode, creation };
        let terms = terms.iter().map(|(product, re, im)| (product.iter().map(ladder).collect(), Complex64::new(*re, *im)));
        let operator = FermionOperator::new(terms).unwrap();
        for mapping in Mapping::ALL {
            let encoding = Encoding::new(mapping, 4).unwrap();
            let mapped = encoding.map(&operator).unwrap();
            let close = |a: &PauliOperator, b: &PauliOperator| {
                a.plus(&b.scaled(-Complex64::ONE)).simplified(1e-12).terms().is_empty()
            };
            prop_assert!(close(&encoding.map(&operator.adjoint()).unwrap(), &mapped.adjoint()));
            prop_assert!(close(&encoding.map(&operator.plus(&operator).unwrap()).unwrap(), &mapped.scaled(Complex64::new(2.0, 0.0))));
            prop_assert!(close(&encoding.map(&operator.scaled(Complex64::I).unwrap()).unwrap(), &mapped.scaled(Complex64::I)));
        }
    }
}

#[test]
fn choices_that_cannot_be_are_refused() {
    let all = Integrals::new(2, 2, 0).unwrap();
    let molecule = |mapping, order, reduction| Molecule::new(&all, mapping, order, &reduction);
    let error = molecule(Mapping::Parity, SpinOrder::Interleaved, Reduction::TwoQubit).unwrap_err();
    assert!(error.to_string().contains("blocked"), "{error}");
    assert!(molecule(Mapping::Parity, SpinOrder::Blocked, Reduction::Sector(vec![1.0])).is_err());
    let large = Integrals::new(33, 2, 0).unwrap();
    let error = Molecule::new(&large, Mapping::Parity, SpinOrder::Blocked, &Reduction::None).unwrap_err();
    assert!(error.to_string().contains("66 modes; at most 64"), "{error}");
}

#[test]
fn operators_of_fermions_add_their_terms() {
    let number = |mode| vec![Ladder::create(mode), Ladder::annihilate(mode)];
    let one = Complex64::ONE;
    let operator = FermionOperator::new([(number(0), one), (number(3), one), (number(0), -one)]).unwrap();
    assert_eq!(operator.terms(), [(number(3), one)]);
    assert_eq!(operator.num_modes(), 4);
    assert!(FermionOperator::new([(number(0), Complex64::new(f64::NAN, 0.0))]).is_err());
    let long = FermionOperator::new([((0..21).map(Ladder::create).collect(), one)]).unwrap();
    assert!(Encoding::new(Mapping::JordanWigner, 21).unwrap().map(&long).unwrap_err().to_string().contains("21"));
}
