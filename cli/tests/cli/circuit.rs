use crate::{folder, json, path, qloom, refusal};

const BELL: &str = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\ncreg c[2];\nh q[0];\ncx q[0], q[1];\nmeasure q -> c;\n";

#[test]
fn probabilities_expectations_and_counts_of_a_bell_pair() {
    let files = folder(&[("bell.qasm", BELL), ("xx.json", r#"{"n_qubits": 2, "constant": 0.5, "terms": [["XX", 2.0]]}"#)]);
    let (file, observable) = (path(&files, "bell.qasm"), path(&files, "xx.json"));
    let value = json(&["simulate", &file, "--observable", &observable, "--shots", "1000", "--seed", "3"]);
    assert_eq!(value["num_qubits"], 2);
    for outcome in ["00", "11"] {
        assert!((value["probabilities"][outcome].as_f64().expect("a number") - 0.5).abs() < 1e-14);
        let count = value["counts"][outcome].as_u64().expect("a count");
        assert!((400..600).contains(&count), "{count}");
    }
    assert_eq!(value["probabilities"].as_object().expect("an object").len(), 2);
    assert!((value["expectation"].as_f64().expect("a number") - 2.5).abs() < 1e-14);
    assert!(value["expectation_z"].as_array().expect("a list").iter().all(|z| z.as_f64().expect("a number").abs() < 1e-14));
    let again = json(&["simulate", &file, "--shots", "1000", "--seed", "3", "--threads", "1"]);
    assert_eq!(again["counts"], value["counts"]);
}

#[test]
fn qubit_zero_stands_rightmost() {
    let files = folder(&[("x.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; x q[0];")]);
    let value = json(&["simulate", &path(&files, "x.qasm"), "--precision", "f32", "--repeat", "3"]);
    assert_eq!(value["probabilities"]["001"], 1.0);
    assert_eq!(value["expectation_z"], serde_json::json!([-1.0, 1.0, 1.0]));
    assert_eq!(value["seconds"].as_array().expect("a list").len(), 3);
}

#[test]
fn measurements_on_the_way_are_followed() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; creg c[1]; h q[0]; measure q[0] -> c[0]; if (c == 1) x q[1]; reset q[0];";
    let files = folder(&[("way.qasm", text)]);
    let value = json(&["simulate", &path(&files, "way.qasm"), "--shots", "100"]);
    assert!((value["probabilities"]["00"].as_f64().expect("a number") - 0.5).abs() < 1e-14);
    assert!((value["probabilities"]["10"].as_f64().expect("a number") - 0.5).abs() < 1e-14);
    assert_eq!(value["counts"]["0"].as_u64().unwrap_or(0) + value["counts"]["1"].as_u64().unwrap_or(0), 100);
}

#[test]
fn drawings_as_text_and_picture() {
    let files = folder(&[("bell.qasm", BELL)]);
    let text = json(&["draw", &path(&files, "bell.qasm")])["text"].as_str().expect("text").to_owned();
    assert!(text.contains("⊕") && text.contains("[H]"), "{text}");
    qloom(&["draw", &path(&files, "bell.qasm"), "--svg", &path(&files, "bell.svg")]).assert().success();
    let svg = std::fs::read_to_string(path(&files, "bell.svg")).expect("the picture");
    assert!(svg.starts_with("<svg") || svg.starts_with("<?xml"));
}

#[test]
fn mistakes_are_reported_where_they_are() {
    let files = folder(&[
        ("bad.qasm", "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\ncxx q[0], q[1];\n"),
        ("huge.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[45]; h q[0];"),
        ("bell.qasm", BELL),
        ("one.json", r#"{"n_qubits": 1, "terms": [["X", 1.0]]}"#),
    ]);
    let message = refusal(&["simulate", &path(&files, "bad.qasm")], 2);
    assert!(message.contains("line 4, column 1") && message.contains("cx"), "{message}");
    let message = refusal(&["simulate", &path(&files, "huge.qasm")], 1);
    assert!(message.contains("45 qubits") && message.contains("limit"), "{message}");
    let message = refusal(&["simulate", &path(&files, "bell.qasm"), "--observable", &path(&files, "one.json")], 2);
    assert!(message.contains("1 qubits") && message.contains('2'), "{message}");
    refusal(&["simulate", &path(&files, "missing.qasm")], 2);
    refusal(&["simulate", &path(&files, "bell.qasm"), "--simd", "mmx"], 2);
    refusal(&["draw", &path(&files, "bad.qasm"), "--json"], 2);
    refusal(&["simulate"], 2);
}

#[test]
fn help_and_completions() {
    qloom(&["--help"]).assert().success();
    for command in ["search", "simulate", "draw", "hamiltonian", "completions"] {
        qloom(&[command, "--help"]).assert().success();
    }
    let script = json(&["completions", "bash"])["script"].as_str().expect("a script").to_owned();
    assert!(script.contains("hamiltonian"));
}

/// A program for a whole machine is simulated on the qubits that it uses, by every state, and these keep their numbers.
#[test]
fn idle_qubits_of_a_machine_are_left_out() {
    let device = "name = \"heron\"\nmachine = \"heron\"\n[qubit]\nt1_ns = [2e5]\nt2_ns = [1e5]\nreadout = [[0.0, 0.0]]\n\
        [one_qubit]\ntime_ns = 32.0\n[two_qubit]\ntime_ns = 68.0\n";
    let zz = format!(r#"{{"n_qubits": 156, "terms": [["{}ZZ{}", 1.0]]}}"#, "I".repeat(152), "I".repeat(2));
    let files = folder(&[("heron.toml", device), ("zz.json", &zz)]);
    let (device, file) = (path(&files, "heron.toml"), "data/faults/bell_heron.qasm");
    for more in [
        &["--shots", "50"][..],
        &["--state", "pauli-vector"],
        &["--state", "pauli-vector", "--device", &device, "--idle"],
        &["--state", "pauli-vector", "--noise", "depolarizing2=1e-9"],
        &["--state", "trajectories", "--shots", "400", "--device", &device],
    ] {
        let value = json(&[&["simulate", file][..], more].concat());
        assert_eq!((&value["num_qubits"], &value["qubits"]), (&serde_json::json!(2), &serde_json::json!([152, 153])), "{more:?}");
        for outcome in ["00", "11"] {
            let p = value["probabilities"][outcome].as_f64().expect("a number");
            assert!((p - 0.5).abs() < 0.07, "{more:?}: {outcome} {p}");
        }
    }
    let text = qloom(&["simulate", file]).output().expect("it runs").stdout;
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains("152 153") && text.contains("qubit 153"), "{text}");
}

/// Programs as services write them, with the outcomes they have.
#[test]
fn programs_of_other_tools_are_simulated() {
    for (file, outcome, expected) in
        [("lx28", "11", 0.5), ("lx28", "00", 0.5), ("tk_native_hqslib1", "00", 0.7938926), ("expr_less.qasm3", "000", 0.0)]
    {
        let value = json(&["simulate", &format!("data/faults/{file}.qasm")]);
        let found = value["probabilities"][outcome].as_f64().unwrap_or(0.0);
        assert!((found - expected).abs() < 1e-6, "{file} {outcome}: {found}");
    }
}
