//! Every operator of the data folder, rebuilt from its integrals.

use std::path::{Path, PathBuf};

use qloom_chemistry::{Integrals, Mapping, SpinOrbitals, SpinOrder, Tapering};
use qloom_circuits::{HamiltonianFile, PauliString, PauliSum};
use serde_json::Value;

use crate::dense::{distance, energy_of, spectrum};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/molecules")
}

pub fn integrals(name: &str) -> Integrals {
    let path = folder().join("fcidump").join(format!("{name}.FCIDUMP"));
    Integrals::from_fcidump(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The two-qubit reduction: alpha parity and total parity removed.
fn reduce(all: &Integrals, sum: &PauliSum, bits: &[bool]) -> (PauliSum, Vec<bool>) {
    let n = sum.num_qubits();
    let symmetries = [n / 2 - 1, n - 1].map(|qubit| PauliString::from_masks(0, 1 << qubit));
    let signs = [all.num_alpha(), all.num_electrons()].map(|count| if count % 2 == 0 { 1.0 } else { -1.0 });
    let tapering = Tapering::new(n, &symmetries, &signs).unwrap();
    (tapering.apply(sum).unwrap(), tapering.apply_bits(bits).unwrap())
}

fn largest_difference(a: &PauliSum, b: &PauliSum) -> f64 {
    let negative = b.terms().iter().map(|&(string, c)| (string, -c));
    let difference = PauliSum::new(a.num_qubits(), a.terms().iter().copied().chain(negative)).unwrap();
    difference.terms().iter().map(|(_, c)| c.abs()).fold(0.0, f64::max)
}

#[test]
fn every_file_is_rebuilt_from_its_integrals() {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let (record, file): (Value, _) = (serde_json::from_str(&text).unwrap(), HamiltonianFile::from_json(&text).unwrap());
        let mapping = match record["mapping"].as_str().unwrap() {
            "jordan_wigner" => Mapping::JordanWigner,
            "parity" => Mapping::Parity,
            "bravyi_kitaev" => Mapping::BravyiKitaev,
            _ => continue,
        };
        let order = match record["spin_orbital_ordering"].as_str().unwrap() {
            "interleaved" => SpinOrder::Interleaved,
            _ => SpinOrder::Blocked,
        };
        let name = Path::new(record["fcidump"].as_str().unwrap()).file_stem().unwrap().to_str().unwrap().to_owned();
        let all = integrals(&name);
        let orbitals = SpinOrbitals::new(mapping, order, all.num_orbitals()).unwrap();
        let (alpha, beta) = all.hartree_fock();
        let (mut sum, mut bits) = (orbitals.hamiltonian(&all).unwrap(), orbitals.determinant(&alpha, &beta));
        let reduced = record["qubit_reduction"] != "none";
        if reduced {
            (sum, bits) = reduce(&all, &sum, &bits);
        } else {
            let modes: Vec<Vec<usize>> = serde_json::from_value(record["qubit_to_modes"].clone()).unwrap();
            assert_eq!(orbitals.encoding().qubit_to_modes(), modes, "{name}");
        }
        let difference = largest_difference(&sum, &file.hamiltonian);
        assert!(difference < 1e-10, "{}: {difference:e}", path.display());
        assert_eq!(sum.terms().len(), file.hamiltonian.terms().len(), "{}", path.display());
        assert_eq!(Some(&bits), file.hartree_fock_bits.as_ref(), "{}", path.display());
        let hartree_fock = file.hartree_fock_energy.unwrap();
        assert!((all.hartree_fock_energy() - hartree_fock).abs() < 1e-9 && (energy_of(&sum, &bits) - hartree_fock).abs() < 1e-9);
        seen += 1;
    }
    assert!(seen >= 49, "{seen}");
}

#[test]
fn whole_spectra_are_the_published_ones() {
    let text = std::fs::read_to_string(folder().join("reference/spectra.json")).unwrap();
    let spectra: Value = serde_json::from_str(&text).unwrap();
    for (name, record) in spectra.as_object().unwrap() {
        let expected: Vec<f64> = serde_json::from_value(record["spectrum"].clone()).unwrap();
        let all = integrals(name);
        for mapping in Mapping::ALL {
            let orbitals = SpinOrbitals::new(mapping, SpinOrder::Interleaved, all.num_orbitals()).unwrap();
            let found = spectrum(&orbitals.hamiltonian(&all).unwrap());
            assert!(distance(&found, &expected) < 1e-9, "{name} {mapping:?}");
        }
    }
}
