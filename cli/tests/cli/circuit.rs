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
        ("huge.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[44]; qreg r[1]; h q; t q; cx q, r[0];"),
        ("bell.qasm", BELL),
        ("one.json", r#"{"n_qubits": 1, "terms": [["X", 1.0]]}"#),
    ]);
    let message = refusal(&["simulate", &path(&files, "bad.qasm")], 2);
    assert!(message.contains("line 4, column 1") && message.contains("cx"), "{message}");
    let message = refusal(&["simulate", &path(&files, "huge.qasm"), "--shots", "9"], 1);
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

/// Parameters by name: given on the command line or in a file, shared by gates, kept by compiling, missing ones named.
#[test]
fn parameters_are_bound_by_name() {
    let text = "OPENQASM 3.0; include \"stdgates.inc\"; input float[64] gamma; input float beta; qubit[2] q; h q; \
        cx q[0], q[1]; rz(2*gamma) q[1]; cx q[0], q[1]; rx(2*beta) q; rz(pi/2) q[0]; rz(gamma) q[0];";
    let files = folder(&[
        ("qaoa.qasm", text),
        ("turn.qasm", "OPENQASM 3.0; include \"stdgates.inc\"; input float theta; qubit q; rz(pi/2) q; rz(theta) q;"),
        ("zz.json", r#"{"n_qubits": 2, "terms": [["ZZ", 1.0], ["XI", 0.5]]}"#),
        ("values.json", r#"{"gamma": 0.4, "beta": 0.39269908169872414}"#),
    ]);
    let (file, observable) = (path(&files, "qaoa.qasm"), path(&files, "zz.json"));
    let value = |gamma: f64, beta: f64| {
        let bind = format!("gamma={gamma},beta={beta}");
        json(&["simulate", &file, "--bind", &bind, "--observable", &observable])["expectation"].as_f64().expect("a number")
    };
    let gradient = json(&["gradient", &file, "--bind", "gamma=0.4", "--bind", "beta=pi/8", "--observable", &observable]);
    assert_eq!(gradient["parameters"], serde_json::json!(["gamma", "beta"]));
    let beta = std::f64::consts::FRAC_PI_8;
    for (index, slope) in
        [value(0.4001, beta) - value(0.3999, beta), value(0.4, beta + 1e-4) - value(0.4, beta - 1e-4)].iter().enumerate()
    {
        let found = gradient["gradient"][index].as_f64().expect("a number");
        assert!((found - slope / 2e-4).abs() < 1e-6, "{index}: {found} {}", slope / 2e-4);
    }
    let by_file = json(&["simulate", &file, "--bind", &path(&files, "values.json"), "--observable", &observable]);
    assert!((by_file["expectation"].as_f64().expect("a number") - value(0.4, beta)).abs() < 1e-12);
    let compiled = json(&["compile", &file, "--target", "line-2"])["qasm"].as_str().expect("a program").to_owned();
    assert!(compiled.contains("input float[64] gamma;") && compiled.contains("2.0*gamma"), "{compiled}");
    let joined =
        json(&["compile", &path(&files, "turn.qasm"), "--target", "line-1"])["qasm"].as_str().expect("a program").to_owned();
    assert!(joined.contains("rz(theta + pi/2) q[0];") && joined.matches("rz(").count() == 1, "{joined}");
    let half = json(&["convert", &file, "--bind", "gamma=1"])["qasm"].as_str().expect("a program").to_owned();
    assert!(half.contains("input float[64] beta;") && !half.contains("gamma"), "{half}");
    for (arguments, part) in [
        (vec!["simulate", &file], "gamma, beta; give each a value with --bind"),
        (vec!["simulate", &file, "--bind", "gama=1"], "no parameter gama; the parameters are gamma, beta"),
        (vec!["simulate", &file, "--bind", "gamma=x"], "x has no value here"),
        (vec!["simulate", &file, "--bind", "gamma"], "write name=value"),
        (vec!["gradient", &file, "--bind", "gamma=1", "--observable", &observable], "without a value: beta"),
    ] {
        let message = refusal(&arguments, 2);
        assert!(message.contains(part), "{message}");
    }
}

/// Includes stay in the folder of the program wherever links lead, and check gives the reason for what cannot be read.
#[cfg(unix)]
#[test]
fn files_elsewhere_are_not_included() {
    let secret = folder(&[("secret.inc", "root:x:0:0 secret\n")]);
    let files = folder(&[
        ("link.qasm", "OPENQASM 3.0;\ninclude \"link.inc\";\nqubit q;\n"),
        ("own.qasm", "OPENQASM 3.0;\ninclude \"sub/own.inc\";\nqubit q; flip q;\n"),
        ("zero.qasm", "OPENQASM 3.0;\ninclude \"zero.inc\";\nqubit q;\n"),
    ]);
    std::fs::create_dir(files.path().join("sub")).expect("a folder");
    std::fs::write(files.path().join("sub/real.inc"), "gate flip a { U(pi, 0, pi) a; }\n").expect("a file");
    std::os::unix::fs::symlink("real.inc", files.path().join("sub/own.inc")).expect("a link");
    std::os::unix::fs::symlink(secret.path().join("secret.inc"), files.path().join("link.inc")).expect("a link");
    std::os::unix::fs::symlink("/dev/zero", files.path().join("zero.inc")).expect("a link");
    let message = refusal(&["check", &path(&files, "link.qasm")], 2);
    assert!(message.contains("leads out of the folder") && !message.contains("root:x"), "{message}");
    assert!(refusal(&["check", &path(&files, "zero.qasm")], 2).contains("zero.inc"));
    qloom(&["check", &path(&files, "own.qasm")]).assert().success();
    let long = std::fs::File::create(files.path().join("link.qasm")).and_then(|file| file.set_len(0));
    long.expect("emptied");
    std::fs::remove_file(files.path().join("link.inc")).expect("a link");
    let huge = std::fs::File::create(files.path().join("huge.inc")).and_then(|file| file.set_len(65 << 20));
    huge.expect("a sparse file");
    std::fs::write(path(&files, "link.qasm"), "OPENQASM 3.0;\ninclude \"huge.inc\";\n").expect("a file");
    assert!(refusal(&["check", &path(&files, "link.qasm")], 2).contains("64 MiB"));
    for (file, part) in [("missing.qasm", "cannot read"), ("sub", "folder")] {
        assert!(refusal(&["check", &path(&files, file)], 2).contains(part), "{file}");
    }
}

/// A circuit that no picture can show is refused with the limit.
#[test]
fn drawings_have_a_limit() {
    let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[2] q; for int k in [1:200000] { x q; }";
    let files = folder(&[("long.qasm", text)]);
    assert!(refusal(&["draw", &path(&files, "long.qasm")], 2).contains("at most 200000 operations"));
}
