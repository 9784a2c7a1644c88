//! Observables as text and as records.

use proptest::prelude::*;
use qloom_circuits::{HamiltonianFile, PauliString, PauliSum};

fn sum(n: usize) -> impl Strategy<Value = PauliSum> {
    prop::collection::vec((0u64..1 << n, 0u64..1 << n, any::<f64>()), 0..12).prop_map(move |terms| {
        let terms = terms.into_iter().filter(|(_, _, c)| c.is_finite() && c.abs() < 1e300);
        PauliSum::new(n, terms.map(|(x, z, c)| (PauliString::from_masks(x, z), c))).expect("it fits")
    })
}

proptest! {
    #[test]
    fn text_reads_back_bit_for_bit(sum in sum(5)) {
        prop_assert_eq!(PauliSum::from_text(&sum.to_string(), 5).expect("what was written"), sum);
    }

    #[test]
    fn records_read_back_bit_for_bit(sum in sum(4), energy in -1e3f64..1e3, bits in prop::collection::vec(any::<bool>(), 4)) {
        let file = HamiltonianFile {
            name: Some("drawn \"at random\"".into()),
            hamiltonian: sum,
            hartree_fock_energy: Some(energy),
            ground_energy: None,
            hartree_fock_bits: Some(bits),
        };
        prop_assert_eq!(HamiltonianFile::from_json(&file.to_json()).expect("what was written"), file);
    }

    #[test]
    fn bounds_hold_for_every_basis_state(sum in sum(3)) {
        prop_assume!(sum.one_norm() < 1e6);
        let matrix = sum.matrix();
        for k in 0..8 {
            let value = matrix[(k, k)].re;
            prop_assert!(value >= sum.lower_bound() - 1e-9 * sum.one_norm().max(1.0));
        }
        prop_assert!(matrix.distance(&matrix.adjoint()) < 1e-9 * sum.one_norm().max(1.0));
    }

    #[test]
    fn words_and_masks_are_two_names_of_one_string(x in 0u64..64, z in 0u64..64) {
        let string = PauliString::from_masks(x, z);
        prop_assert_eq!(PauliString::from_word(&string.word(6)).expect("letters"), string);
        prop_assert_eq!(string.support().count() as u32, string.weight());
        prop_assert_eq!(PauliString::from_letters(string.support().map(|q| (q, string.letter(q)))), string);
    }
}

#[test]
fn damaged_records_are_refused_with_their_place() {
    for (text, parts) in [
        (r#"{"n_qubits": 2, "terms": [["ZI", 1.0], ["Z", 2.0]]}"#, ["terms[1]", "1 letters"]),
        (r#"{"n_qubits": 2, "terms": [["ZQ", 1.0]]}"#, ["terms[0]", "'Q'"]),
        (r#"{"n_qubits": 2, "terms": [["ZZ", 1e999]]}"#, ["line 1", "number"]),
        (r#"{"n_qubits": 2}"#, ["terms", "missing"]),
        (r#"{"n_qubits": 2, "terms": [["ZZ", 1.0]], "hartree_fock_bits": "02"}"#, ["hartree_fock_bits", "'2'"]),
        ("[1, 2", ["line 1", "column"]),
    ] {
        let message = HamiltonianFile::from_json(text).expect_err(text).to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{text}: {message}");
    }
}
