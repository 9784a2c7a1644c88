//! Excitations, circuits made of them, and density matrices.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_chemistry::{
    Integrals, Mapping, Molecule, Pool, Reduction, SpinOrder, density_matrices, excitations, hardware_efficient_from,
    product_ansatz,
};
use qloom_circuits::{Circuit, PauliOperator, PauliString, PauliSum};

use crate::dense::{integrals, spectrum};
use crate::published;

const POOLS: [Pool; 4] = [Pool::Uccsd, Pool::PairedGeneralized, Pool::QubitExcitation, Pool::CoupledExchange];

fn molecule(all: &Integrals, mapping: Mapping, reduction: &Reduction) -> Molecule {
    let order = if *reduction == Reduction::TwoQubit { SpinOrder::Blocked } else { SpinOrder::Interleaved };
    Molecule::new(all, mapping, order, reduction).unwrap()
}

/// The first column of the circuit's unitary.
fn state(circuit: &Circuit, angles: &[f64]) -> Vec<Complex64> {
    let unitary = circuit.unitary(angles).unwrap();
    (0..unitary.dimension()).map(|row| unitary[(row, 0)]).collect()
}

fn expectation(string: PauliString, state: &[Complex64]) -> f64 {
    let phase = Complex64::I.powu(string.count_y());
    let term = |(j, amplitude): (usize, &Complex64)| {
        let sign = if (j as u64 & string.z_mask()).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
        state[j ^ string.x_mask() as usize].conj() * phase * sign * amplitude
    };
    state.iter().enumerate().map(term).sum::<Complex64>().re
}

fn energy(sum: &PauliSum, state: &[Complex64]) -> f64 {
    sum.terms().iter().map(|&(string, c)| c * expectation(string, state)).sum()
}

#[test]
fn generators_conserve_electrons_and_their_strings_commute() {
    let all = published::integrals("LiH_1.2");
    let (alpha, beta) = all.hartree_fock();
    for mapping in Mapping::ALL {
        let molecule = molecule(&all, mapping, &Reduction::None);
        for pool in POOLS {
            let Ok(list) = excitations(pool, &molecule, &alpha, &beta) else {
                assert!(mapping != Mapping::JordanWigner && matches!(pool, Pool::QubitExcitation | Pool::CoupledExchange));
                continue;
            };
            for excitation in &list {
                let terms = excitation.generator().terms();
                assert!(terms.iter().all(|(a, _)| terms.iter().all(|(b, _)| a.commutes_with(*b))), "{}", excitation.label());
                let generator = PauliOperator::from(excitation.generator());
                for conserved in [molecule.orbitals().number().unwrap(), molecule.orbitals().spin_z().unwrap()] {
                    assert!(generator.commutator(&PauliOperator::from(&conserved)).simplified(1e-12).terms().is_empty());
                }
            }
        }
    }
}

#[test]
fn pools_have_their_sizes() {
    // two electrons in three orbitals: 4 singles and 4 doubles; 3 pairs of orbitals
    let all = published::integrals("LiH_1.2");
    let (alpha, beta) = all.hartree_fock();
    let molecule = molecule(&all, Mapping::JordanWigner, &Reduction::None);
    let size = |pool| excitations(pool, &molecule, &alpha, &beta).unwrap();
    assert_eq!(size(Pool::Uccsd).len(), 8);
    assert_eq!(size(Pool::PairedGeneralized).len(), 6);
    // 6 singles, and two ways for each of the nine sets of two alpha and two beta spin orbitals
    assert_eq!(size(Pool::QubitExcitation).len(), 6 + 18);
    assert_eq!(size(Pool::CoupledExchange).len(), 6 + 18);
    let longest = |pool| size(pool).iter().map(|excitation| excitation.generator().terms().len()).max().unwrap();
    assert_eq!((longest(Pool::QubitExcitation), longest(Pool::CoupledExchange)), (8, 4));
}

#[test]
fn one_double_excitation_solves_hydrogen() {
    let all = published::integrals("H2_0.7414");
    let (alpha, beta) = all.hartree_fock();
    let cases = [
        (Mapping::JordanWigner, Reduction::None),
        (Mapping::BravyiKitaev, Reduction::None),
        (Mapping::TernaryTree, Reduction::None),
        (Mapping::Parity, Reduction::TwoQubit),
        (Mapping::JordanWigner, Reduction::Taper),
    ];
    for (mapping, reduction) in cases {
        let molecule = molecule(&all, mapping, &reduction);
        let double = excitations(Pool::Uccsd, &molecule, &alpha, &beta).unwrap().pop().unwrap();
        assert!(double.label().contains(','), "{}", double.label());
        let circuit = product_ansatz(molecule.hartree_fock_bits().unwrap(), &[double], 1).unwrap();
        let value = |angle: f64| energy(molecule.hamiltonian(), &state(&circuit, &[angle]));
        assert!((value(0.0) - all.hartree_fock_energy()).abs() < 1e-12);
        // a + b cos 2t + c sin 2t
        let (zero, quarter, half) = (value(0.0), value(std::f64::consts::FRAC_PI_4), value(std::f64::consts::FRAC_PI_2));
        let a = 0.5 * (zero + half);
        let lowest = a - (zero - a).hypot(quarter - a);
        assert!((lowest - spectrum(molecule.hamiltonian())[0]).abs() < 1e-11, "{mapping:?} {reduction:?}");
    }
}

#[test]
fn hardware_efficient_circuits_start_from_the_determinant() {
    for layers in 0..4 {
        let bits = [true, true, false, true];
        let circuit = hardware_efficient_from(&bits, layers).unwrap();
        let amplitudes = state(&circuit, &vec![0.0; circuit.num_parameters()]);
        assert!((amplitudes[0b1011].norm() - 1.0).abs() < 1e-12, "{layers}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn density_matrices_give_the_energy(all in integrals(2), angles in prop::collection::vec(-2.0..2.0f64, 40)) {
        for mapping in Mapping::ALL {
            let molecule = molecule(&all, mapping, &Reduction::None);
            let (alpha, beta) = all.hartree_fock();
            let pool = excitations(Pool::PairedGeneralized, &molecule, &alpha, &beta).unwrap();
            let circuit = product_ansatz(molecule.hartree_fock_bits().unwrap(), &pool, 2).unwrap();
            let state = state(&circuit, &angles[..circuit.num_parameters()]);
            let density = density_matrices(molecule.orbitals(), |string| expectation(string, &state)).unwrap();
            let n = all.num_orbitals();
            let trace: f64 = (0..n).map(|p| density.one[p * n + p]).sum();
            prop_assert!((trace - all.num_electrons() as f64).abs() < 1e-11);
            let mut sum = all.core();
            for p in 0..n {
                for q in 0..n {
                    sum += all.one(p, q) * density.one[p * n + q];
                    for r in 0..n {
                        for s in 0..n {
                            sum += 0.5 * all.two(p, q, r, s) * density.two[((p * n + q) * n + r) * n + s];
                        }
                    }
                }
            }
            prop_assert!((sum - energy(molecule.hamiltonian(), &state)).abs() < 1e-10);
        }
    }
}
