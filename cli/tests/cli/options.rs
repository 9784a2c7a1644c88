//! What options say they do, against numbers worked out by hand.

use crate::{folder, json, path, qloom, refusal};

fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} {b}");
}

/// Two rows: the smallest eigenvalue of the kernel is 1 less their overlap, which is known for maps without entanglement.
#[test]
fn kernels_of_two_rows_are_their_overlap() {
    let (first, second) = ([0.3, -1.1, 0.7], [0.9, 0.4, -0.2]);
    let row = |values: [f64; 3]| values.map(|value| value.to_string()).join(",");
    let table = format!("a,b,c,label\n{},up\n{},down\n", row(first), row(second));
    let files = folder(&[("two.csv", &table), ("word.csv", "a\n1.0\nx\n"), ("none.csv", "label\nup\n")]);
    let file = path(&files, "two.csv");
    let overlap = |options: &[&str]| {
        let value = json(&[&["kernel", &file][..], options].concat());
        assert_eq!((&value["rows"], &value["num_qubits"]), (&2.into(), &3.into()));
        1.0 - number(&value["smallest_eigenvalue"])
    };
    let product = |of: &dyn Fn(f64) -> f64| -> f64 { first.iter().zip(second).map(|(x, y)| of(x - y).powi(2)).product() };
    close(overlap(&["--map", "angle"]), product(&|d| (d / 2.0).cos()));
    close(overlap(&["--map", "z", "--reps", "1"]), product(&f64::cos));
    // words of one letter with the usual factor are that map, with another factor its angles are scaled
    close(overlap(&["--map", "pauli", "--words", "Z", "--reps", "1"]), product(&f64::cos));
    close(overlap(&["--map", "pauli", "--words", "Z", "--reps", "1", "--alpha", "1"]), product(&|d| (d / 2.0).cos()));
    // pairs too: the named map and its words are one, patterns of pairs are not
    let full = overlap(&["--map", "zz"]);
    close(overlap(&["--map", "pauli"]), full);
    assert!((overlap(&["--entanglement", "linear"]) - full).abs() > 1e-6);
    close(overlap(&["--entanglement", "linear"]), overlap(&["--entanglement", "reverse-linear"]));
    let repeated = json(&["kernel", &file, "--map", "iqp", "--reps", "2", "--repeat", "3"]);
    assert_eq!(repeated["seconds"].as_array().map(Vec::len), Some(3));
    assert!(refusal(&["kernel", &file, "--map", "pauli", "--words", "ZQ"], 2).contains('Q'));
    assert!(refusal(&["kernel", &path(&files, "word.csv")], 2).contains("line 3"));
    assert!(refusal(&["kernel", &path(&files, "none.csv")], 2).contains("no rows of features"));
}

/// One gate under depolarizing noise, stretched: every curve has its value at zero noise in closed form.
#[test]
fn mitigation_extrapolates_what_it_folds() {
    let files = folder(&[
        ("turn.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[1]; rx(0.4) q[0];"),
        ("z.json", r#"{"n_qubits": 1, "terms": [["Z", 1.0]]}"#),
    ]);
    let (file, observable) = (path(&files, "turn.qasm"), path(&files, "z.json"));
    let (clean, keep) = (0.4f64.cos(), 0.98f64);
    let common = ["mitigate", &file, "--observable", &observable, "--noise", "depolarizing1=0.02,readout=0.1"];
    let run = |options: &[&str]| json(&[&common[..], options].concat());
    let method = |value: &serde_json::Value, name: &str| {
        let methods = value["methods"].as_array().expect("methods");
        methods.iter().find(|method| method["name"] == name).unwrap_or_else(|| panic!("{name} in {value}"))["value"].clone()
    };
    for fold in ["gates", "circuit"] {
        let value = run(&["--scales", "1,3", "--fold", fold]);
        close(number(&value["noiseless"]), clean);
        close(number(&method(&value, "nothing")), 0.8 * keep * clean);
        close(number(&method(&value, "read-out inversion")), keep * clean);
        let line = (3.0 * keep - keep.powi(3)) / 2.0 * clean;
        close(number(&method(&value, "line to zero noise")), line);
        close(number(&method(&value, "Richardson")), line);
        close(number(&method(&value, "exponential")), clean);
    }
    // a parabola through three points
    let richardson = (15.0 * keep - 10.0 * keep.powi(3) + 3.0 * keep.powi(5)) / 8.0 * clean;
    close(number(&method(&run(&[]), "Richardson")), richardson);
    // shots spread about the exact values, from their seed
    let shots = run(&["--shots", "1e6", "--seed", "5"]);
    let nothing = &shots["methods"][0];
    let error = number(&nothing["standard_error"]);
    assert!(error > 1e-4 && (number(&nothing["value"]) - 0.8 * keep * clean).abs() < 5.0 * error, "{nothing}");
    assert_eq!(run(&["--shots", "1e6", "--seed", "5"])["methods"], shots["methods"]);
    assert_ne!(run(&["--shots", "1e6", "--seed", "6"])["methods"], shots["methods"]);
    assert!(refusal(&[&common[..], &["--scales", "0.5"]].concat(), 2).contains("--scales"));
    assert!(refusal(&[&common[..], &["--symmetry", "Z"]].concat(), 2).contains("ZZIZ=-1"));
    assert!(refusal(&[&common[..], &["--symmetry", "IIZ=1"]].concat(), 2).contains("1 qubits"));
}

/// A register that is set, not drawn: compiled with any effort and in any dialect it reads the same.
#[test]
fn programs_read_the_same_compiled_and_converted() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[5]; creg c[5]; x q[0]; cx q[0], q[4]; cx q[4], q[2]; cx q[1], q[3]; \
        measure q -> c;";
    let files = folder(&[("set.qasm", text)]);
    let (file, out) = (path(&files, "set.qasm"), path(&files, "out.qasm"));
    let reads = |what: &str| {
        let counts = json(&["simulate", &out, "--shots", "20"])["counts"].to_string();
        assert_eq!(counts, r#"{"10101":20}"#, "{what}");
    };
    let mut gates = Vec::new();
    for effort in ["0", "1", "2", "3"] {
        let value = json(&["convert", &file, &out, "--target", "line-5", "--optimize", effort]);
        gates.push(number(&value["two_qubit_gates"]));
        reads(effort);
    }
    assert!(gates.is_sorted_by(|a, b| a >= b) && gates[0] > 3.0 && gates[3] >= 3.0, "{gates:?}");
    for (dialect, version, has, lacks) in [
        ("plain", "qasm3", "stdgates.inc", "qelib1"),
        ("ibm", "qasm2", "qelib1.inc", "stdgates"),
        ("braket", "qasm3", "cnot", "include"),
        ("quantinuum", "qasm2", "hqslib1.inc", "cx "),
        ("ionq", "qasm3", "gpi", "\ncx "),
        ("rigetti", "qasm3", "cz", "\ncx "),
    ] {
        let value = json(&["convert", &file, &out, "--dialect", dialect, "--to", version]);
        assert_eq!((&value["num_qubits"], &value["out"]), (&5.into(), &out.as_str().into()));
        let written = std::fs::read_to_string(&out).expect("a program");
        assert!(written.contains(has) && !written.contains(lacks), "{dialect}\n{written}");
        reads(dialect);
        let same = json(&["compile", &file, "--target", "line-5", "--dialect", dialect, "--to", version, "--out", &out]);
        assert!(same["qasm"].is_null());
        reads(dialect);
    }
    assert!(refusal(&["convert", &file, "--dialect", "acme"], 2).contains("quantinuum"));
}

/// Drawings keep their width, files are checked one by one, and every shell has its script.
#[test]
fn drawings_checks_and_scripts() {
    let long = format!("OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; {}", "h q[0]; cx q[0], q[1]; ".repeat(30));
    let files = folder(&[("long.qasm", &long), ("bad.qasm", "OPENQASM 3.0;\nqubit q;\nfrob q;\n")]);
    let (file, bad) = (path(&files, "long.qasm"), path(&files, "bad.qasm"));
    let text = json(&["draw", &file, "--width", "50"])["text"].as_str().expect("text").to_owned();
    assert!(text.lines().all(|line| line.chars().count() <= 50) && text.matches("[H]").count() == 30, "{text}");
    let braid = json(&["jones", "draw", &"1 -2 ".repeat(30), "--width", "40"])["text"].as_str().expect("text").to_owned();
    assert!(braid.lines().count() > 10 && braid.lines().all(|line| line.chars().count() <= 40), "{braid}");
    let output = qloom(&["check", &file, &bad, "--json"]).output().expect("it runs");
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(output.status.code(), Some(2));
    let found = |key: &str| value["files"].as_array().expect("files").iter().map(|file| file[key].clone()).collect::<Vec<_>>();
    assert_eq!((found("ok"), found("version")), (vec![true.into(), false.into()], vec!["2.0".into(), "3.0".into()]));
    let mistake = &value["files"][1]["errors"][0];
    assert_eq!((&mistake["line"], &mistake["column"]), (&3.into(), &1.into()));
    let explained = qloom(&["simulate", &file, "--explain"]).output().expect("it runs").stdout;
    assert!(String::from_utf8_lossy(&explained).contains("passes over the state"));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let value = json(&["completions", shell]);
        assert!(
            value["shell"] == shell && value["script"].as_str().is_some_and(|script| script.contains("benchmark")),
            "{shell}"
        );
    }
}

/// Two sites, whose levels are known in closed form.
#[test]
fn models_take_their_parameters() {
    let energy = |arguments: &[&str]| {
        let value = json(&[&["hamiltonian", "model"], arguments, &["--size", "2", "--exact"]].concat());
        number(&value["ground_energy"])
    };
    close(energy(&["ising", "--coupling", "2", "--field", "0.5"]), -5f64.sqrt());
    close(energy(&["ising", "--coupling", "1.5", "--field", "0", "--longitudinal", "0.25"]), -2.0);
    close(energy(&["ising", "--coupling", "-1.5", "--field", "0", "--longitudinal", "0.25"]), -1.5);
    // singlet -J (2 + D), triplets J (2 - D) and J D +- 2 h
    close(energy(&["heisenberg", "--anisotropy", "2"]), -4.0);
    close(energy(&["heisenberg", "--anisotropy", "2", "--field", "5"]), -8.0);
    close(energy(&["heisenberg", "--coupling", "-1"]), -1.0);
    for mapping in ["jordan-wigner", "bravyi-kitaev"] {
        let options = ["hubbard", "--hopping", "0.5", "--repulsion", "3", "--chemical-potential", "1.5", "--mapping", mapping];
        close(energy(&options), -1.5 - 13f64.sqrt() / 2.0);
    }
}

/// Operators by the format that is named, and rounding by the tolerance that is given; electrons by spin.
#[test]
fn operators_and_sectors_by_choice() {
    let files = folder(&[("small.txt", "(0.25+1e-6j) [X0] + (0.5+0j) [Z1]"), ("plain.txt", "0.5 * X0 Y3 - Z1 + 2")]);
    let (small, plain, out) = (path(&files, "small.txt"), path(&files, "plain.txt"), path(&files, "out.json"));
    assert!(refusal(&["hamiltonian", "convert", &small, "--out", &out], 2).contains("1e-10"));
    let value = json(&["hamiltonian", "convert", &small, "--out", &out, "--tolerance", "1e-5"]);
    assert_eq!((&value["num_terms"], &value["num_qubits"]), (&2.into(), &2.into()));
    let value = json(&["hamiltonian", "convert", &plain, "--from", "plain", "--qubits", "6", "--out", &out]);
    assert_eq!((&value["num_terms"], &value["num_qubits"]), (&3.into(), &6.into()));
    refusal(&["hamiltonian", "convert", &plain, "--from", "qiskit", "--out", &out], 2);
    refusal(&["hamiltonian", "convert", &plain, "--qubits", "2", "--out", &out], 2);
    let source = "data/molecules/fcidump/H2_0.7414.FCIDUMP";
    let energy = |options: &[&str]| {
        let value = json(&[&["hamiltonian", "exact", source][..], options].concat());
        number(&value["states"][0]["energy"])
    };
    // two electrons of one spin are the triplet; one electron has no spin to choose
    close(energy(&["--electrons", "2,0"]), energy(&["--multiplicity", "3"]));
    close(energy(&["--electrons", "1,0"]), energy(&["--electrons", "0,1"]));
    assert!(energy(&["--electrons", "1,1"]) < energy(&["--electrons", "1,0"]));
    assert!(refusal(&["hamiltonian", "exact", source, "--electrons", "two"], 2).contains("--electrons"));
}

/// The natural gradient fits angles as L-BFGS does, its evaluations counted by the metrics it asks for; noise has no metric.
#[test]
fn searches_fit_by_the_natural_gradient() {
    let small = |minimizer: &str| {
        let minimizer = format!("search.minimizer={minimizer}");
        let arguments = ["search", "experiments/h2.toml", "--out"];
        let files = folder(&[]);
        let out = path(&files, "run");
        let set = ["--set", &minimizer, "--set", "search.episodes=6", "--set", "search.agent={ random = {} }"];
        // episodes that do not end before they have many gates to fit
        let long = ["--set", "search.teacher={ fixed = { thresholds = [1e-6] } }", "--set", "search.best.prune=false"];
        json(&[&arguments[..], &[&out], &set, &long].concat())
    };
    let natural = small("{ natural-gradient = { max_evaluations = 400 } }");
    let plain = small("{ lbfgs = {} }");
    let error =
        |report: &serde_json::Value| report["best_error"].as_f64().or_else(|| report["error"].as_f64()).expect("an error");
    assert!(error(&natural) < 2.1e-2 && error(&plain) < 2.1e-2, "{natural} {plain}");
    assert_ne!(natural["evaluations"], plain["evaluations"], "metrics are counted");
    let files = folder(&[]);
    let out = path(&files, "run");
    let keys = ["--set", "search.minimizer={ natural-gradient = {} }", "--set", "search.simulator={ pauli-vector = {} }"];
    let message = refusal(&[&["search", "experiments/h2.toml", "--out", &out][..], &keys].concat(), 2);
    assert!(message.contains("minimizer is natural-gradient"), "{message}");
    let keys = ["--set", "search.minimizer={ natural-gradient = { damping = 0.0 } }"];
    let message = refusal(&[&["search", "experiments/h2.toml", "--out", &out][..], &keys].concat(), 2);
    assert!(message.contains("damping is 0"), "{message}");
}
