//! Programs with classical values and control flow, from the command line.

use crate::{folder, json, path, qloom, refusal};

const LOOP: &str = "OPENQASM 3.0; include \"stdgates.inc\"; input int[8] most; qubit q; output int[8] turns; bit c = 1;
while (c && turns < most) { h q; c = measure q; turns += 1; }";

const SYNDROME: &str = "include \"stdgates.inc\"; qubit[3] q; qubit[2] a; bit[2] found;
def syndrome(qubit[3] d, qubit[2] a) -> bit[2] { cx d[0], a[0]; cx d[1], a[0]; cx d[1], a[1]; cx d[2], a[1]; bit[2] b; b = measure a; return b; }
x q[1]; found = syndrome(q, a); if (found == 3) x q[1];";

#[test]
fn programs_run_with_their_inputs_and_print_their_outputs() {
    let files = folder(&[("loop.qasm", LOOP)]);
    let file = path(&files, "loop.qasm");
    let report = json(&["simulate", &file, "--bind", "most=3", "--shots", "1000", "--seed", "4"]);
    let probability = |turns: i64| {
        let list = report["probabilities"].as_array().expect("a list");
        let found = list.iter().find(|outcome| outcome["values"]["turns"] == turns).expect("an outcome");
        found["probability"].as_f64().expect("a number")
    };
    for (turns, expected) in [(1, 0.5), (2, 0.25), (3, 0.25)] {
        assert!((probability(turns) - expected).abs() < 1e-14, "{turns}");
    }
    let counts: u64 = report["counts"].as_array().expect("a list").iter().filter_map(|count| count["count"].as_u64()).sum();
    assert_eq!(counts, 1000);
    assert_eq!(report["outputs"][0]["type"], "int[8]");
    assert!(refusal(&["simulate", &file], 2).contains("the input most (int[8]) has no value"));
    let output = qloom(&["simulate", &file, "--bind", "most=1"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1.000000000  turns = 1"));
}

#[test]
fn programs_are_written_again_and_become_circuits_where_they_can() {
    let files = folder(&[("loop.qasm", LOOP), ("syndrome.qasm", SYNDROME)]);
    let (program, syndrome) = (path(&files, "loop.qasm"), path(&files, "syndrome.qasm"));
    let written = json(&["convert", &program])["qasm"].as_str().expect("a text").to_owned();
    assert!(written.contains("while (") && written.contains("input int[8] most;"), "{written}");
    assert!(refusal(&["convert", &program, "--to", "qasm2"], 2).contains("is no part of a circuit"));
    let old = json(&["convert", &syndrome, "--to", "qasm2"])["qasm"].as_str().expect("a text").to_owned();
    assert!(old.contains("if (found == 3) x q[1];"), "{old}");
    json(&["compile", &syndrome, "--target", "line-5"]);
}

/// A chain of 30 teleportations on 61 qubits, of which four are in use at a time: the state that it hands on, exactly and by shots.
#[test]
fn qubits_that_are_used_no_more_are_not_held() {
    let chain = "include \"stdgates.inc\"; const int n = 30; qubit first; bit out; qubit[2 * n] q; ry(0.7) first;
        def step(qubit from, qubit[2] p) { h p[0]; cx p[0], p[1]; cx from, p[0]; h from; bit[2] m; m[0] = measure from;
          m[1] = measure p[0]; if (m[1]) x p[1]; if (m[0]) z p[1]; }
        step(first, q[0:1]); for uint i in [1:n - 1] { step(q[2 * i - 1], q[2 * i:2 * i + 1]); } out = measure q[2 * n - 1];";
    let files = folder(&[("chain.qasm", chain)]);
    let report = json(&["simulate", &path(&files, "chain.qasm"), "--shots", "2000", "--seed", "3"]);
    assert_eq!((&report["num_qubits"], &report["outputs"][0]["name"]), (&61.into(), &"out".into()));
    let list = report["probabilities"].as_array().expect("a list");
    let zero = list.iter().find(|outcome| outcome["values"]["out"] == "0").expect("likely");
    let expected = 0.35f64.cos().powi(2);
    assert!((zero["probability"].as_f64().expect("a number") - expected).abs() < 1e-12, "{zero}");
    let counts = report["counts"].as_array().expect("a list");
    let zeros = counts.iter().find(|outcome| outcome["values"]["out"] == "0").and_then(|outcome| outcome["count"].as_f64());
    assert!((zeros.expect("likely") / 2000.0 - expected).abs() < 5.0 * (expected * (1.0 - expected) / 2000.0).sqrt());
    assert!(report["expectation_z"].is_null());
}

/// What a service refuses is refused by its name.
#[test]
fn dialects_name_what_they_refuse() {
    let files = folder(&[
        ("syndrome.qasm", SYNDROME),
        ("parts.qasm", "qubit[2] q; bit[3] c; c[0] = measure q[0]; if (c[0] && c[2]) U(pi, 0, pi) q[1];"),
    ]);
    let (file, parts) = (path(&files, "syndrome.qasm"), path(&files, "parts.qasm"));
    for (file, dialect, said) in [
        (&file, "ionq", "a condition on measured bits, which the dialect ionq does not take"),
        (&file, "braket", "a condition on measured bits, which the dialect braket does not take"),
        (&parts, "ibm", "give the bits a register of their own"),
    ] {
        let message = refusal(&["convert", file, "--dialect", dialect], 2);
        assert!(message.contains(said), "{message}");
    }
    json(&["convert", &file, "--dialect", "ibm"]);
    json(&["convert", &file, "--dialect", "quantinuum", "--to", "qasm2"]);
}

#[test]
fn check_tells_the_version_and_warns() {
    let odd = "qreg Q[1]; /* old */ U(0,0,0x1) Q[0];";
    let files = folder(&[("loop.qasm", LOOP), ("odd.qasm", odd), ("syndrome.qasm", SYNDROME)]);
    let report = json(&["check", &path(&files, "loop.qasm"), &path(&files, "odd.qasm"), &path(&files, "syndrome.qasm")]);
    let file = |index: usize| &report["files"][index];
    assert_eq!((&file(0)["kind"], &file(0)["version_from"]), (&"program".into(), &"OPENQASM 3.0".into()));
    assert_eq!((&file(1)["kind"], &file(1)["version"]), (&"circuit".into(), &"2.0".into()));
    assert_eq!((&file(2)["version"], &file(2)["version_from"]), (&"3.0".into(), &"stdgates.inc".into()));
    let warnings = file(1)["warnings"].as_array().expect("a list");
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    assert_eq!((&warnings[1]["line"], &warnings[1]["column"]), (&1.into(), &6.into()));
    qloom(&["check", "--strict", &path(&files, "loop.qasm")]).assert().success();
    qloom(&["check", "--strict", &path(&files, "odd.qasm")]).assert().code(2);
}

#[test]
fn explain_runs_nothing_and_tells_what_would() {
    let files = folder(&[
        ("loop.qasm", LOOP),
        ("wide.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[40]; h q; t q; cx q[0], q[39];"),
        (
            "wide_if.qasm",
            "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[40]; creg c[1]; h q; t q; measure q[0] -> c[0]; if (c == 1) t q[39]; h q;",
        ),
    ]);
    let wide = json(&["explain", &path(&files, "wide.qasm")]);
    assert_eq!((&wide["engine"], &wide["fits"]), (&"factored".into(), &true.into()));
    let wide = json(&["explain", &path(&files, "wide_if.qasm")]);
    assert_eq!((&wide["engine"], &wide["fits"]), (&"state-vector".into(), &false.into()));
    assert_eq!(wide["state_bytes"].as_f64(), Some(16.0 * 2f64.powi(40)));
    let program = json(&["explain", &path(&files, "loop.qasm")]);
    assert_eq!((&program["kind"], &program["branchings"]), (&"program".into(), &1.into()));
}

#[test]
fn programs_run_under_noise() {
    let wide = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[14] q; int n = 0; while (n < 2) { h q; n += 1; }";
    let files = folder(&[("loop.qasm", LOOP), ("wide.qasm", wide)]);
    let file = path(&files, "loop.qasm");
    let run = |more: &[&str]| json(&[&["simulate", &file, "--bind", "most=3", "--seed", "4"][..], more].concat());
    let report = run(&["--noise", "depolarizing1=0.02,readout=0.1", "--shots", "20000"]);
    assert_eq!(report["state"], "pauli-vector");
    let list = report["probabilities"].as_array().expect("a list").clone();
    // a symmetric error of reading leaves a half of each turn: 1/2, 1/4, 1/4 over the turns, split by what was read last
    let share = |turns: i64| -> f64 {
        let of = list.iter().filter(|outcome| outcome["values"]["turns"] == turns);
        of.map(|outcome| outcome["probability"].as_f64().expect("a number")).sum()
    };
    for (turns, expected) in [(1, 0.5), (2, 0.25), (3, 0.25)] {
        assert!((share(turns) - expected).abs() < 1e-12, "{turns}: {list:?}");
    }
    // the machine's own errors of reading are not even: 1 for 0 and 0 for 1 differ
    let device = run(&["--device", "devices/mumbai_median.toml"]);
    assert!(device["neglected"].as_f64().expect("a number") < 1e-12);
    let refused = |arguments: &[&str], word: &str| {
        let message = refusal(&[&["simulate"][..], arguments].concat(), 2);
        assert!(message.contains(word), "{message}");
    };
    refused(&[&path(&files, "wide.qasm"), "--noise", "depolarizing1=0.1"], "at most 12 qubits; the program has 14");
    refused(&[&file, "--bind", "most=3", "--noise", "readout=0.1", "--state", "trajectories"], "--state trajectories");
    refused(&[&file, "--bind", "most=3", "--device", "devices/mumbai_median.toml", "--idle"], "leave out --idle");
}

#[test]
fn a_device_times_delays_boxes_and_stretches() {
    let echo = "OPENQASM 3.0; include \"stdgates.inc\"; stretch a; qubit q; bit c; h q; box[2000dt] { delay[a] q; x q; delay[a] q; } h q; c = measure q;";
    let device = "name = 'one'\nnum_qubits = 1\ndt_ns = 0.5\n[qubit]\nt1_ns = [1e30]\nt2_ns = [5000.0]\nreadout_ns = 300.0\n[one_qubit]\ntime_ns = 20.0\n";
    let silent = device.replace("dt_ns = 0.5\n", "");
    let files = folder(&[("echo.qasm", echo), ("one.toml", device), ("silent.toml", &silent)]);
    let (file, one) = (path(&files, "echo.qasm"), path(&files, "one.toml"));
    let report = json(&["simulate", &file, "--device", &one, "--idle"]);
    // of 1000 ns the gate takes 20; coherence is lost while the qubit waits and in the first two gates, and none is left behind the third
    let expected = (-(980.0 + 40.0) / 5000.0f64).exp();
    let z = report["expectation_z"][0].as_f64().expect("a number");
    assert!((z - expected).abs() < 1e-9, "{z} {expected}");
    let compiled = json(&["compile", &file, "--target", &one, "--to", "qasm3", "--optimize", "0"]);
    let text = compiled["qasm"].as_str().expect("a text");
    assert!(text.matches("delay[490").count() == 2 && !text.contains("stretch"), "{text}");
    let message = refusal(&["simulate", &file, "--device", &path(&files, "silent.toml"), "--idle"], 2);
    assert!(message.contains("dt_ns"), "{message}");
}
