//! Every Hamiltonian record of the shared chemistry folder is read; skipped visibly when the folder is absent.

use qloom_circuits::HamiltonianFile;

#[test]
fn shared_hamiltonians_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/chemistry/pauli");
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: the folder shared/data/chemistry/pauli is absent");
        return;
    };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let raw: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let file = HamiltonianFile::from_json(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        assert!((file.hamiltonian.lower_bound() - raw["lower_bound"].as_f64().expect("a bound")).abs() < 1e-9, "{path:?}");
        if file.hamiltonian.num_qubits() <= 6 {
            let bits = file.hartree_fock_bits.as_ref().expect("bits");
            let index: usize = bits.iter().enumerate().map(|(qubit, &bit)| usize::from(bit) << qubit).sum();
            let energy = file.hamiltonian.matrix()[(index, index)].re;
            assert!((energy - file.hartree_fock_energy.expect("an energy")).abs() < 1e-8, "{path:?}: {energy}");
        }
    }
}
