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
    assert!(refusal(&["simulate", &file, "--bind", "most=3", "--noise", "depolarizing2=0.1"], 2).contains("control flow"));
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
    let files =
        folder(&[("loop.qasm", LOOP), ("wide.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[40]; h q; cx q[0], q[39];")]);
    let wide = json(&["explain", &path(&files, "wide.qasm")]);
    assert_eq!((&wide["engine"], &wide["fits"]), (&"state-vector".into(), &false.into()));
    assert_eq!(wide["state_bytes"].as_f64(), Some(16.0 * 2f64.powi(40)));
    let program = json(&["explain", &path(&files, "loop.qasm")]);
    assert_eq!((&program["kind"], &program["branchings"]), (&"program".into(), &1.into()));
}
