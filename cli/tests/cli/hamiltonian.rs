use crate::{folder, json, path, refusal};

#[test]
fn hydrogen_as_published() {
    let value = json(&["hamiltonian", "data/molecules/H2_0.7414_4q_jw.json"]);
    assert_eq!((&value["num_qubits"], &value["num_terms"]), (&4.into(), &15.into()));
    let close = |key: &str, expected: f64| {
        let number = value[key].as_f64().expect("a number");
        assert!((number - expected).abs() < 1e-10, "{key}: {number}");
    };
    close("ground_energy", -1.137_270_174_660_903);
    close("lower_bound", -1.983_914_462_186_769_3);
    close("one_norm", 1.885_050_492_851_310_5);
}

#[test]
fn ground_energies_of_every_bundled_file() {
    let mut files = 0;
    for entry in std::fs::read_dir(crate::root().join("data/molecules")).expect("the molecules") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let value = json(&["hamiltonian", &path.display().to_string()]);
        let (found, known) = (value["ground_energy"].as_f64(), record["ground_energy"].as_f64());
        assert!((found.expect("computed") - known.expect("known")).abs() < 1e-9, "{}: {found:?}", path.display());
        files += 1;
    }
    assert!(files > 40);
}

#[test]
fn mistakes_are_refused() {
    let files = folder(&[
        ("length.json", r#"{"n_qubits": 2, "terms": [["XX", 1.0], ["X", 1.0]]}"#),
        ("letter.json", r#"{"n_qubits": 2, "terms": [["XQ", 1.0]]}"#),
        ("large.json", r#"{"n_qubits": 2, "terms": [["XX", 1e400]]}"#),
        ("count.json", r#"{"n_qubits": 3, "terms": [["XX", 1.0]]}"#),
        ("cut.json", r#"{"n_qubits": 2, "terms": [["XX""#),
        ("empty.json", ""),
    ]);
    for name in ["length.json", "letter.json", "large.json", "count.json", "cut.json", "empty.json", "missing.json"] {
        let message = refusal(&["hamiltonian", &path(&files, name)], 2);
        assert!(message.contains(name), "{message}");
    }
}
