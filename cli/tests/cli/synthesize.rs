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

/// Small unitaries over native gates: rz by quarters of a turn, sx and cz.
#[test]
fn unitaries_are_taken_apart_over_native_gates() {
    let native = "name = \"native\"\nseed = 2\n[synthesis]\nspace = { unitary = { qubits = 2, gates = [\"rz\", \"sx\", \"cz\"], \
        turn = 4, one_qubit_cost = 0.1 } }\nlearning = { hidden = [64], rounds = 10, updates = 60, batch = 64, scramble = 6 }\nsearch = { weight = 1.0 }\n\
        targets = { number = 4, gates = 5, methods = [\"q-star\"], compiler = false }\n";
    let turned = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nsx q[0];\ncz q[0], q[1];\nrz(pi/2) q[1];\n";
    let files = folder(&[("native.toml", native), ("turned.qasm", turned)]);
    let out = path(&files, "run");
    let report = json(&["synthesize", &path(&files, "native.toml"), "--out", &out]);
    // three angles and two directions of sx on two qubits, and one cz
    assert_eq!(report["actions"].as_u64(), Some(2 * 3 + 2 * 2 + 1));
    assert_eq!(report["makers"].as_array().map(Vec::len), Some(1));
    let told = json(&["synthesize", "circuit", &path(&files, "turned.qasm"), "--run", &out, "--method", "blind"]);
    assert_eq!((told["two_qubit"].as_u64(), told["gates"].as_u64()), (Some(1), Some(3)), "{told}");
    assert!(told["cost"].as_f64().is_some_and(|cost| (cost - 1.2).abs() < 1e-5), "{told}");
    let text = told["qasm"].as_str().expect("the circuit");
    assert!(text.contains("cz q[0], q[1];") || text.contains("cz q[1], q[0];"), "{text}");
    let native = |line: &str| ["rz", "sx", "cz", "OPENQASM", "include", "qubit"].iter().any(|start| line.starts_with(start));
    assert!(text.lines().filter(|line| !line.is_empty()).all(native), "native gates alone: {text}");
}

/// More actions at once reach the same circuits; what is measured is what the file says.
#[test]
fn actions_of_two_gates_find_circuits_too() {
    for (actions, count) in [("gates", 18), ("moments", 18), ("pairs", 18 + 18 * 18)] {
        let text = CLIFFORD.replace("[synthesis]\n", &format!("[synthesis]\nactions = \"{actions}\"\n"));
        let text = text.replace("[\"q-star\", \"a-star\", \"blind\"]", "[\"q-star\"], compiler = false");
        let files = folder(&[("three.toml", &text)]);
        let out = path(&files, "run");
        let report = json(&["synthesize", &path(&files, "three.toml"), "--out", &out]);
        assert_eq!(report["actions"].as_u64(), Some(count), "{actions}");
        let row = &report["makers"][0];
        assert_eq!((row["by"].as_str(), row["found"].as_u64()), (Some("q-star"), Some(6)), "{report}");
        let table = std::fs::read_to_string(Path::new(&out).join("targets.csv")).expect("a table");
        let mut lines = table.lines();
        assert_eq!(lines.next(), Some("target,by,found,two_qubit,gates,cost,states,evaluated,seconds"));
        let gates: Vec<f64> =
            lines.map(|line| line.split(',').nth(3).and_then(|cell| cell.parse().ok()).expect("a count")).collect();
        assert_eq!(gates.len(), 6);
        let mean = gates.iter().sum::<f64>() / 6.0;
        assert!(row["two_qubit_mean"].as_f64().is_some_and(|told| (told - mean).abs() < 1e-12), "{report}");
    }
}

/// Limits are limits: a search that may make ten states finds nothing, says so and ends with 1.
#[test]
fn a_circuit_that_is_not_found_is_said() {
    let few =
        CLIFFORD.replace("rounds = 12", "rounds = 1").replace("number = 6", "number = 1").replace("gates = 12", "gates = 20");
    let few = few.replace("weight = 1.0", "weight = 1.0, states = 10");
    let swapped =
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nswap q[0], q[2];\ncx q[0], q[1];\nh q[1];\ncx q[1], q[2];\n";
    let files = folder(&[("three.toml", &few), ("swapped.qasm", swapped)]);
    let out = path(&files, "run");
    let report = json(&["synthesize", &path(&files, "three.toml"), "--out", &out]);
    let rows = report["makers"].as_array().expect("a list");
    let of = |by: &str| rows.iter().find(|row| row["by"] == by).expect("a row");
    assert_eq!((of("blind")["found"].as_u64(), of("blind")["of"].as_u64()), (Some(0), Some(1)), "{report}");
    assert!(of("blind")["two_qubit_mean"].is_null() && of("compiler")["found"] == 1, "{report}");
    let arguments = ["synthesize", "circuit", &path(&files, "swapped.qasm"), "--run", &out, "--method", "blind"];
    let message = refusal(&arguments, 1);
    assert!(message.contains("no circuit was found among") && message.contains("--states"), "{message}");
    let told = json(&[&arguments[..], &["--states", "200000"]].concat());
    assert!(told["two_qubit"].as_u64().is_some_and(|count| count >= 3), "{told}");
    assert!(refusal(&[&arguments[..], &["--states", "0"]].concat(), 2).contains("synthesis.search.states is 0"));
    assert!(
        refusal(&["synthesize", "circuit", "x.qasm", "--run", &out, "--method", "c-star"], 2).contains("q-star, a-star or blind")
    );
}

/// With more rounds the network goes on learning, and all circuits are made anew; more targets are only added.
#[test]
fn syntheses_go_on_with_higher_limits() {
    let few = CLIFFORD.replace("rounds = 12", "rounds = 2").replace("number = 6", "number = 1");
    let files = folder(&[("three.toml", &few)]);
    let (out, whole) = (path(&files, "run"), path(&files, "whole"));
    json(&["synthesize", &path(&files, "three.toml"), "--out", &out]);
    let lines = || std::fs::read_to_string(Path::new(&out).join("events.jsonl")).expect("events").lines().count();
    assert_eq!(lines(), 2 + 4);
    let set = ["--set", "synthesis.learning.rounds=4"];
    let report = json(&[&["synthesize", "--resume", &out][..], &set].concat());
    assert_eq!(lines(), 2 + 4 + 2 + 4);
    assert!(report["makers"].as_array().is_some_and(|rows| rows.iter().all(|row| row["of"] == 1)), "{report}");
    let straight = json(&[&["synthesize", &path(&files, "three.toml"), "--out", &whole][..], &set].concat());
    let read = |folder: &str| std::fs::read(Path::new(folder).join("values.safetensors")).expect("weights");
    assert!(read(&out) == read(&whole), "two and two rounds are four");
    for (own, other) in report["makers"].as_array().into_iter().flatten().zip(straight["makers"].as_array().into_iter().flatten())
    {
        assert_eq!(
            (&own["by"], &own["states_median"], &own["two_qubit_mean"]),
            (&other["by"], &other["states_median"], &other["two_qubit_mean"])
        );
    }
    let more = json(&["synthesize", "--resume", &out, "--set", "synthesis.targets.number=3"]);
    assert_eq!(lines(), 2 + 4 + 2 + 4 + 2 * 4);
    assert!(more["makers"].as_array().is_some_and(|rows| rows.iter().all(|row| row["of"] == 3)), "{more}");
}
