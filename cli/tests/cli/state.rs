use std::process::Command;

use serde_json::Value;

use crate::{folder, json, path, qloom, refusal};

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn close(value: &Value, expected: f64) -> bool {
    (number(value) - expected).abs() < 1e-12
}

/// Three qubits: cos 0.3 |000> + i sin 0.3 |011>, and qubit 2 plus.
const PAIR: &str = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[3] q; bit[2] first; bit[1] second; ry(0.6) q[0]; cx q[0], q[1]; s q[1]; h q[2]; first[0] = measure q[0]; first[1] = measure q[1]; second[0] = measure q[2];";

#[test]
fn amplitudes_and_parts_of_a_state() {
    let files = folder(&[("pair.qasm", PAIR)]);
    let (file, out) = (path(&files, "pair.qasm"), path(&files, "pair.npz"));
    let ask =
        ["simulate", &file, "--amplitudes", "all", "--marginal", "1,2", "--density", "1,0", "--entropy", "0", "--entropy", "1,2"];
    let value = json(&[&ask[..], &["--out", &out, "--shots", "1000"]].concat());
    let (c, s, half) = (0.3f64.cos(), 0.3f64.sin(), 0.5f64.sqrt());
    assert_eq!(value["state"], "state-vector");
    assert!(close(&value["amplitudes"]["100"][0], c * half) && close(&value["amplitudes"]["111"][1], s * half));
    let marginal = &value["marginals"][0];
    assert_eq!(marginal["qubits"], serde_json::json!([1, 2]));
    assert!(close(&marginal["probabilities"]["10"], c * c / 2.0) && close(&marginal["probabilities"]["01"], s * s / 2.0));
    let density = &value["density_matrices"][0];
    // row 0, column 3: the coherence cos (i sin)*
    assert!(close(&density["real"][0][0], c * c) && close(&density["imaginary"][0][3], -c * s));
    let entropy = -(c * c) * (c * c).log2() - (s * s) * (s * s).log2();
    // the qubits 1 and 2 are entangled with qubit 0 alone
    assert!(value["entropies"].as_array().expect("a list").iter().all(|entry| close(&entry["bits"], entropy)));
    assert_eq!(value["bits"][2], serde_json::json!({"register": "second", "index": 0}));
    let bytes = std::fs::read(&out).expect("the arrays");
    for name in ["amplitudes.npy", "marginal_1_2.npy", "density_1_0.npy", "expectation_z.npy"] {
        assert!(bytes.windows(name.len()).any(|window| window == name.as_bytes()), "{name}");
    }
    let noisy = json(&[&ask[..1], &[&file, "--density", "1,0", "--noise", "depolarizing2=0.15"]].concat());
    assert_eq!(noisy["state"], "pauli-vector");
    let weight = &noisy["density_matrices"][0];
    assert!(close(&weight["real"][1][1], 0.15 / 4.0) && number(&weight["imaginary"][0][3]) > -c * s);
}

#[test]
fn registers_are_set_apart_and_ties_stand_in_order() {
    let files = folder(&[
        ("pair.qasm", PAIR),
        ("plus.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; h q; t q[1]; h q[1]; h q[1];"),
    ]);
    let output = qloom(&["simulate", &path(&files, "pair.qasm"), "--shots", "50"]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("\n  0 00  ") && text.contains("\n  1 00  "), "{text}");
    let output = qloom(&["simulate", &path(&files, "plus.qasm"), "--probabilities", "3"]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("  000  0.125000000\n  001  0.125000000\n  010  0.125000000\nexpectation"), "{text}");
    assert!(!text.contains("-0.000000000"), "{text}");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let way = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; creg c[1]; h q[0]; measure q[0] -> c[0]; h q[0];";
    let files = folder(&[("way.qasm", way)]);
    let file = path(&files, "way.qasm");
    assert!(refusal(&["simulate", &file, "--amplitudes", "2"], 2).contains("mixture"));
    assert!(refusal(&["simulate", &file, "--density", "0,2"], 2).contains("there is no qubit 2"));
    assert!(refusal(&["simulate", &file, "--entropy", "0,0"], 2).contains("stands twice"));
    assert!(
        refusal(&["simulate", &file, "--density", "0", "--state", "trajectories", "--shots", "5"], 2).contains("pauli-vector")
    );
    let value = json(&["simulate", &file, "--density", "0", "--entropy", "1"]);
    assert!(close(&value["density_matrices"][0]["real"][0][0], 0.5) && close(&value["entropies"][0]["bits"], 0.0));
}

#[test]
fn more_courses_than_can_be_followed_are_drawn() {
    let mut text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[1]; creg c[70];".to_owned();
    (0..70).for_each(|bit| text += &format!("h q[0]; measure q[0] -> c[{bit}];"));
    let files = folder(&[("many.qasm", &text)]);
    let file = path(&files, "many.qasm");
    for state in [&[][..], &["--state", "pauli-vector"], &["--state", "trajectories"]] {
        let value = json(&[&["simulate", &file, "--shots", "200"], state].concat());
        let counts = value["counts"].as_object().expect("counts");
        assert!(counts.len() > 190 && counts.keys().all(|outcome| outcome.len() == 70));
        // no bit is stuck
        assert!((0..70).all(|bit| (60..140).contains(&counts.keys().filter(|outcome| outcome.as_bytes()[bit] == b'1').count())));
    }
}

#[test]
fn shots_without_number_cost_no_time_and_too_many_are_refused() {
    let files = folder(&[("pair.qasm", PAIR)]);
    let file = path(&files, "pair.qasm");
    let value = json(&["simulate", &file, "--shots", "1000000000000"]);
    let counts = value["counts"].as_object().expect("counts");
    assert_eq!(counts.values().map(|count| count.as_u64().expect("a count")).sum::<u64>(), 1_000_000_000_000);
    let noisy = ["simulate", &file, "--shots", "1000000000000", "--noise", "readout=0.01"];
    assert_eq!(json(&noisy)["counts"].as_object().expect("counts").len(), 8);
    let drawn = json(&[&noisy[..], &["--state", "trajectories"]].concat());
    assert_eq!(drawn["counts"].as_object().expect("counts").len(), 8);
    refusal(&["simulate", &file, "--shots", "18446744073709551615"], 2);
}

#[test]
fn the_unitary_of_a_circuit() {
    let files = folder(&[("s.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; x q[0]; s q[1];"), ("pair.qasm", PAIR)]);
    let value = json(&["unitary", &path(&files, "s.qasm")]);
    assert!(close(&value["real"][1][0], 1.0) && close(&value["imaginary"][3][2], 1.0) && close(&value["real"][0][0], 0.0));
    refusal(&["unitary", &path(&files, "pair.qasm")], 2);
}

/// Runs with a limit of the shell.
#[cfg(target_os = "linux")]
fn limited(limit: &str, arguments: &[&str]) -> std::process::Output {
    let binary = assert_cmd::cargo::cargo_bin("qloom");
    let line = format!("{limit}; exec {} {}", binary.display(), arguments.join(" "));
    Command::new("sh").args(["-c", &line]).output().expect("a shell")
}

#[test]
#[cfg(target_os = "linux")]
fn little_memory_is_said_and_threads_that_do_not_start_are_left_out() {
    let files = folder(&[
        ("pair.qasm", PAIR),
        ("large.qasm", "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[24]; qreg r[1]; h q; t q; cx q, r[0];"),
    ]);
    let few = limited("ulimit -v 300000", &["simulate", &path(&files, "pair.qasm"), "--threads", "1024"]);
    let error = String::from_utf8_lossy(&few.stderr);
    assert!(few.status.success() && error.contains("threads"), "{error}");
    let large = limited("ulimit -v 300000", &["simulate", &path(&files, "large.qasm"), "--shots", "9"]);
    let error = String::from_utf8_lossy(&large.stderr);
    assert!(large.status.code() == Some(1) && error.contains("the limit is"), "{error}");
}
