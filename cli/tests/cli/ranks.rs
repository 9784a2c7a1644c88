//! What `explain` says of several ranks; `mpi/tests/run.sh` runs them.

use std::fmt::Write;

use serde_json::Value;

use crate::{folder, json, path, refusal};

/// A quantum Fourier transform.
fn qft(num_qubits: usize) -> String {
    let mut text = format!("OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[{num_qubits}];\n");
    for k in (0..num_qubits).rev() {
        writeln!(text, "h q[{k}];").expect("memory");
        (0..k).for_each(|j| writeln!(text, "cu1(pi/{}) q[{j}],q[{k}];", 1u64 << (k - j)).expect("memory"));
    }
    (0..num_qubits / 2).for_each(|k| writeln!(text, "swap q[{k}],q[{}];", num_qubits - 1 - k).expect("memory"));
    text
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("{key} is a number in {value}"))
}

#[test]
fn ranks_send_less_than_half_of_what_gates_would_one_by_one() {
    let files = folder(&[("qft.qasm", &qft(30))]);
    let file = path(&files, "qft.qasm");
    let value = json(&["explain", &file, "--ranks", "8", "--tile", "14", "--simd", "scalar"]);
    assert_eq!((value["kind"].as_str(), value["ranks"].as_u64()), (Some("ranks"), Some(8)));
    assert_eq!(number(&value, "slice_bytes"), (2f64).powi(31));
    assert!(number(&value, "buffer_bytes") < (2f64).powi(26), "a slice and a little more");
    assert!(2.0 * number(&value, "amplitudes") <= number(&value, "gate_by_gate_amplitudes"));
    assert!(!value["exchanges"].as_array().expect("a list").is_empty());
    let one = json(&["explain", &file, "--ranks", "1"]);
    assert_eq!((number(&one, "amplitudes"), number(&one, "message_seconds")), (0.0, 0.0));
}

#[test]
fn times_follow_from_the_figures_of_a_machine() {
    let files = folder(&[("qft.qasm", &qft(36))]);
    let file = path(&files, "qft.qasm");
    let at = |bandwidth: &str, latency: &str| {
        let figures = ["--bandwidth", bandwidth, "--latency", latency, "--pass-bandwidth", "100"];
        json(&[&["explain", &file, "--memory-per-node", "256"][..], &figures].concat())
    };
    let value = at("25", "1");
    // 1 TiB of amplitudes, 230 GiB a node: eight nodes
    assert_eq!(value["ranks"], 8);
    let (bytes, messages) = (16.0 * number(&value, "amplitudes"), number(&value, "messages"));
    assert!((number(&value, "message_seconds") - (bytes / 25e9 + 1e-6 * messages)).abs() < 1e-9);
    let slower = at("12.5", "2");
    assert!((number(&slower, "message_seconds") / number(&value, "message_seconds") - 2.0).abs() < 1e-12);
    assert_eq!(number(&slower, "pass_seconds"), number(&value, "pass_seconds"));
}

#[test]
fn ranks_that_cannot_be_are_refused() {
    let files = folder(&[("qft.qasm", &qft(24)), ("small.qasm", &qft(5))]);
    let (file, small) = (path(&files, "qft.qasm"), path(&files, "small.qasm"));
    let said = |arguments: &[&str]| refusal(&[&["explain"], arguments].concat(), 2);
    assert!(said(&[&file, "--ranks", "3"]).contains("power of two"));
    assert!(said(&[&small, "--ranks", "2"]).contains("too few"));
    assert!(said(&[&file, "--ranks", "2", "--bandwidth", "0"]).contains("--bandwidth is 0"));
    assert!(said(&[&file, "--ranks", "2", "--memory-per-node", "0.1"]).contains("take more ranks"));
    let way = folder(&[("way.qasm", &format!("{}reset q[3];\nh q[3];\n", qft(24)))]);
    assert!(said(&[&path(&way, "way.qasm"), "--ranks", "2"]).contains("depends on its courses"));
    assert!(said(&[&file, "--ranks", "2", "--noise", "depolarizing2=0.01"]).contains("without noise"));
}
