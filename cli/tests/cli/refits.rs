//! The circuit of a search under a device that has changed.

use crate::{json, path, qloom, refusal};

#[test]
fn a_circuit_is_fitted_to_the_device_as_it_is_now() {
    let out = tempfile::tempdir().expect("a folder");
    let (run, refitted) = (path(&out, "run"), path(&out, "refitted.qasm"));
    let found = json(&["search", "experiments/lih4.toml", "--set", "search.evaluations=5000", "--out", &run]);
    let number = |value: &serde_json::Value, key: &str| value[key].as_f64().unwrap_or_else(|| panic!("{key} in {value}"));
    // nothing has changed: the circuit is at its minimum
    let same = json(&["search", "refit", &run]);
    assert!((number(&same, "energy_before") - number(&found, "energy")).abs() < 1e-10);
    assert!(number(&same, "largest_turn") < 1e-2 && number(&same, "energy") <= number(&same, "energy_before"));
    let device = "data/devices/mumbai_max.toml";
    let value = json(&["search", "refit", &run, "--device", device, "--out", &refitted]);
    let described =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(device)).expect("there");
    assert!(described.contains(value["device"].as_str().expect("a name")));
    assert!(number(&value, "noisy_error") < number(&value, "noisy_error_before"), "{value}");
    // without noise, and with it, the written circuit has the energies that are told
    let molecule = "data/molecules/LiH_3.4_4q_parity_2qr.json";
    let exact = number(&found, "energy") - number(&found, "error");
    let simulated = json(&["simulate", &refitted, "--observable", molecule]);
    assert!((number(&simulated, "expectation") - exact - number(&value, "noiseless_error")).abs() < 1e-9);
    let noisy = json(&["simulate", &refitted, "--observable", molecule, "--device", device]);
    assert!((number(&noisy, "expectation") - exact - number(&value, "noisy_error")).abs() < 1e-9, "{noisy} {value}");
    let text = qloom(&["search", "refit", &run, "--device", device]).output().expect("it runs");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("with noise") && text.contains("largest turn"), "{text}");
    // seeds fix random errors, which other keys ask for
    let shots =
        ["--set", "search.simulator={ pauli-vector = { shots = 1e5, depolarizing = { one_qubit = 1e-3, two_qubit = 1e-2 } } }"];
    let drawn = |seed: &str| json(&[&["search", "refit", &run, "--set", seed][..], &shots].concat());
    assert_eq!(drawn("seed=4"), drawn("seed=4"));
    assert_ne!(drawn("seed=4")["energy"], drawn("seed=5")["energy"]);
}

#[test]
fn what_has_no_circuit_is_refused() {
    let out = tempfile::tempdir().expect("a folder");
    let message = refusal(&["search", "refit", &path(&out, "nothing")], 2);
    assert!(message.contains("best.qasm"), "{message}");
    let run = path(&out, "run");
    json(&["search", "experiments/h2.toml", "--set", "search.episodes=3", "--out", &run]);
    let message = refusal(&["search", "refit", &run, "--device", "nowhere.toml"], 2);
    assert!(message.contains("nowhere.toml"), "{message}");
    let message = refusal(&["search", "refit", &run, "--set", "search.episode=3"], 2);
    assert!(message.contains("episode"), "{message}");
    // a device that is too small for the circuit
    let message = refusal(&["search", "refit", &run, "--device", "line-2"], 2);
    assert!(message.contains("qubits"), "{message}");
}
