use std::path::Path;

use crate::{folder, interrupted, json, path, refusal};

const CLIFFORD: &str = "name = \"three\"\nseed = 4\n[synthesis]\nspace = { clifford = { qubits = 3, coupling = \"line\" } }\n\
    learning = { hidden = [48], rounds = 12, updates = 60, batch = 64, scramble = 8 }\ntargets = { number = 6, gates = 12, \
    methods = [\"q-star\", \"a-star\", \"blind\"] }\nsearch = { weight = 1.0 }\n";

#[test]
fn circuits_are_made_anew_with_fewer_gates() {
    let files = folder(&[
        ("three.toml", CLIFFORD),
        ("far.qasm", "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nx q[1];\ncx q[0], q[2];\ns q[0];\n"),
    ]);
    let out = path(&files, "run");
    let report = json(&["synthesize", &path(&files, "three.toml"), "--out", &out]);
    let makers = report["makers"].as_array().expect("a list");
    let of = |by: &str, key: &str| {
        let row = makers.iter().find(|row| row["by"] == by).expect("a row");
        row[key].as_f64().unwrap_or_else(|| panic!("{by} {key}: {row}"))
    };
    for by in ["q-star", "a-star", "blind", "compiler"] {
        assert_eq!((of(by, "found"), of(by, "of")), (6.0, 6.0));
        // blind search finds the fewest; the compiler may rename the qubits at the end
        assert!(by == "compiler" || of(by, "two_qubit_mean") >= of("blind", "two_qubit_mean"));
        assert!(of(by, "two_qubit_mean") <= 12.0);
    }
    assert!(of("q-star", "evaluated_median") < of("a-star", "evaluated_median"));
    assert_eq!(of("blind", "evaluated_median"), 0.0);
    for name in ["values.safetensors", "targets.csv", "makers.csv", "report.json"] {
        assert!(Path::new(&out).join(name).is_file(), "{name}");
    }
    // a cx over the middle of a line takes four, and the circuit does the same
    for method in ["q-star", "a-star", "blind"] {
        let (far, made) = (path(&files, "far.qasm"), path(&files, "made.qasm"));
        let told = json(&["synthesize", "circuit", &far, "--run", &out, "--method", method, "--out", &made]);
        assert_eq!((told["two_qubit_before"].as_u64(), told["two_qubit"].as_u64()), (Some(1), Some(4)), "{told}");
        let matrices = [far, made].map(|file| json(&["unitary", &file]));
        let entry = |matrix: &serde_json::Value, row: usize, column: usize| {
            let part = |key: &str| matrix[key][row][column].as_f64().expect("a number");
            num_complex::Complex64::new(part("real"), part("imaginary"))
        };
        let overlap: num_complex::Complex64 =
            (0..64).map(|k| entry(&matrices[0], k / 8, k % 8).conj() * entry(&matrices[1], k / 8, k % 8)).sum();
        assert!((overlap.norm() - 8.0).abs() < 1e-9, "{overlap}");
    }
}

#[cfg(unix)]
#[test]
fn a_synthesis_that_is_cut_ends_like_one_that_was_not() {
    let files = folder(&[("three.toml", CLIFFORD)]);
    let (whole, cut) = (path(&files, "whole"), path(&files, "cut"));
    json(&["synthesize", &path(&files, "three.toml"), "--out", &whole]);
    interrupted(&["synthesize", &path(&files, "three.toml"), "--out", &cut, "--checkpoint-every", "0"], &cut);
    json(&["synthesize", "--resume", &cut]);
    for name in ["values.safetensors", "events.jsonl", "experiment.toml"] {
        let read = |folder: &str| std::fs::read(Path::new(folder).join(name)).expect(name);
        assert!(read(&whole) == read(&cut), "{name} differs");
    }
}

#[test]
fn syntheses_that_do_not_fit_are_refused() {
    for (from, to, word) in [
        ("qubits = 3", "qubits = 9", "synthesis.space.clifford.qubits is 9"),
        ("coupling = \"line\"", "coupling = [[0, 1]]", "connect all qubits"),
        ("hidden = [48]", "hidden = []", "synthesis.learning.hidden is 0"),
        ("weight = 1.0", "weight = 1.5", "synthesis.search.weight is 1.5"),
        ("gates = 12", "gates = 0", "1 to 1000 gates"),
        ("rounds = 12", "rouds = 12", "rouds"),
        (
            "{ clifford = { qubits = 3, coupling = \"line\" } }",
            "{ unitary = { qubits = 2, gates = [\"nogate\"] } }",
            "no gate named `nogate`",
        ),
    ] {
        let files = folder(&[("three.toml", &CLIFFORD.replace(from, to))]);
        let message = refusal(&["synthesize", &path(&files, "three.toml")], 2);
        assert!(message.contains(word), "{message}");
    }
    let small = CLIFFORD.replace("rounds = 12", "rounds = 1").replace("number = 6", "number = 0");
    let other = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nt q[0];\n";
    let files = folder(&[("three.toml", &small), ("t.qasm", other), ("two.qasm", &other.replace("[3]", "[2]"))]);
    let out = path(&files, "run");
    json(&["synthesize", &path(&files, "three.toml"), "--out", &out]);
    for (file, word) in
        [("t.qasm", "no Clifford gate"), ("two.qasm", "has 2 qubits; the space of the run has 3"), ("none.qasm", "none.qasm")]
    {
        let message = refusal(&["synthesize", "circuit", &path(&files, file), "--run", &out], 2);
        assert!(message.contains(word), "{message}");
    }
    std::fs::write(Path::new(&out).join("values.safetensors"), b"no network").expect("room");
    let message = refusal(&["synthesize", "circuit", &path(&files, "t.qasm"), "--run", &out], 2);
    assert!(message.contains("values.safetensors"), "{message}");
    let message = refusal(&["synthesize", "circuit", &path(&files, "t.qasm"), "--run", &path(&files, "nowhere")], 2);
    assert!(message.contains("nowhere"), "{message}");
}
