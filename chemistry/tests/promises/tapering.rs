//! Symmetries found, and what tapering keeps.

use proptest::prelude::*;
use qloom_chemistry::{Mapping, SpinOrbitals, SpinOrder, Tapering, diagonal_value, z2_symmetries};
use qloom_circuits::{PauliString, PauliSum};

use crate::dense::{distance, energy_of, integrals, spectrum};
use crate::published;

/// The spectra of all sectors together.
fn union_of_sectors(sum: &PauliSum, symmetries: &[PauliString]) -> Vec<f64> {
    let mut all = Vec::new();
    for sector in 0..1u32 << symmetries.len() {
        let signs: Vec<f64> = (0..symmetries.len()).map(|place| if sector >> place & 1 == 1 { -1.0 } else { 1.0 }).collect();
        let tapering = Tapering::new(sum.num_qubits(), symmetries, &signs).unwrap();
        all.extend(spectrum(&tapering.apply(sum).unwrap()));
    }
    all.sort_by(f64::total_cmp);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn sectors_together_have_the_whole_spectrum(
        terms in prop::collection::vec((0u64..32, 0u64..32, -1.0..1.0f64), 1..6),
    ) {
        let terms = terms.into_iter().map(|(x, z, c)| (PauliString::from_masks(x, z), c));
        let sum = PauliSum::new(5, terms).unwrap();
        let symmetries = z2_symmetries(&sum, false);
        for (place, symmetry) in symmetries.iter().enumerate() {
            prop_assert!(sum.terms().iter().all(|(term, _)| term.commutes_with(*symmetry)));
            prop_assert!(symmetries[..place].iter().all(|other| other.commutes_with(*symmetry)));
        }
        prop_assert!(distance(&union_of_sectors(&sum, &symmetries), &spectrum(&sum)) < 1e-11);
    }

    #[test]
    fn molecules_keep_their_determinants(all in integrals(3)) {
        for mapping in Mapping::ALL {
            let orbitals = SpinOrbitals::new(mapping, SpinOrder::Interleaved, all.num_orbitals()).unwrap();
            let sum = orbitals.hamiltonian(&all).unwrap();
            let (alpha, beta) = all.hartree_fock();
            let bits = orbitals.determinant(&alpha, &beta);
            let symmetries = z2_symmetries(&sum, true);
            prop_assert!(symmetries.len() >= 2);
            let signs: Vec<f64> = symmetries.iter().map(|&symmetry| diagonal_value(symmetry, &bits)).collect();
            let tapering = Tapering::new(sum.num_qubits(), &symmetries, &signs).unwrap();
            let (small, few) = (tapering.apply(&sum).unwrap(), tapering.apply_bits(&bits).unwrap());
            prop_assert!((energy_of(&small, &few) - all.hartree_fock_energy()).abs() < 1e-11);
        }
    }
}

#[test]
fn maximal_sets_are_found() {
    // the toric code on a 2 by 2 torus has 8 qubits and no terms but symmetries: stabilisers and logical operators
    let sum: PauliSum = "X0 X1 + Z0 Z1 + X2 X3 + Z2 Z3".parse().unwrap();
    assert_eq!(z2_symmetries(&sum, false).len(), 4);
    let free: PauliSum = PauliSum::new(3, [(PauliString::from_word("XII").unwrap(), 1.0)]).unwrap();
    assert_eq!(z2_symmetries(&free, false).len(), 3);
}

#[test]
fn hydrogen_needs_one_qubit() {
    let all = published::integrals("H2_0.7414");
    for mapping in Mapping::ALL {
        let orbitals = SpinOrbitals::new(mapping, SpinOrder::Interleaved, 2).unwrap();
        let sum = orbitals.hamiltonian(&all).unwrap();
        let (alpha, beta) = all.hartree_fock();
        let bits = orbitals.determinant(&alpha, &beta);
        let symmetries = z2_symmetries(&sum, true);
        let signs: Vec<f64> = symmetries.iter().map(|&symmetry| diagonal_value(symmetry, &bits)).collect();
        let small = Tapering::new(4, &symmetries, &signs).unwrap().apply(&sum).unwrap();
        assert_eq!(small.num_qubits(), 1);
        assert!((spectrum(&small)[0] + 1.137_270_174_660_9).abs() < 1e-11);
    }
}

#[test]
fn wrong_sectors_and_operators_are_refused() {
    let z = PauliString::from_word("Z").unwrap();
    assert!(Tapering::new(1, &[z], &[0.5]).is_err());
    assert!(Tapering::new(1, &[z], &[]).is_err());
    assert!(Tapering::new(1, &[z, z], &[1.0, 1.0]).is_err());
    assert!(Tapering::new(1, &[z, PauliString::from_word("X").unwrap()], &[1.0, 1.0]).is_err());
    let tapering = Tapering::new(1, &[z], &[1.0]).unwrap();
    assert!(tapering.apply(&"X0".parse().unwrap()).unwrap_err().to_string().contains("Z0"));
}
