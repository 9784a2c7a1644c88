//! Clifford circuits on tableaus, beside the states of amplitudes.

use serde_json::Value;

use crate::{folder, json, path, refusal};

const SMALL: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nbit[3] c;\nh q[0];\ncx q[0], q[1];\nsx q[2];\ncz q[1], q[2];\ns q[0];\nc = measure q;\n";
const OBSERVABLE: &str = r#"{"n_qubits": 3, "terms": [["YXI", 0.7], ["IZI", 0.2], ["IIY", -0.4], ["ZZZ", 1.1]]}"#;

fn counts(value: &Value) -> Vec<(String, u64)> {
    let counts = value["counts"].as_object().expect("counts");
    counts.iter().map(|(outcome, count)| (outcome.clone(), count.as_u64().expect("a number"))).collect()
}

#[test]
fn values_and_shots_are_those_of_amplitudes() {
    let files = folder(&[("a.qasm", SMALL), ("h.json", OBSERVABLE)]);
    let (file, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    let run = |state: &str| {
        json(&["simulate", &file, "--observable", &observable, "--state", state, "--marginal", "0,2", "--shots", "4000"])
    };
    let (tableau, dense) = (run("tableau"), run("state-vector"));
    assert_eq!(tableau["state"], "tableau");
    let close = |a: &Value, b: &Value| (a.as_f64().expect("a number") - b.as_f64().expect("a number")).abs() < 1e-9;
    assert!(close(&tableau["expectation"], &dense["expectation"]), "{tableau} {dense}");
    for qubit in 0..3 {
        assert!(close(&tableau["expectation_z"][qubit], &dense["expectation_z"][qubit]));
    }
    for (outcome, p) in dense["probabilities"].as_object().expect("some") {
        assert!(close(p, &tableau["probabilities"][outcome]), "{outcome}");
        let found = counts(&tableau).iter().find(|(other, _)| other == outcome).map_or(0, |(_, count)| *count) as f64;
        assert!((found - 4000.0 * p.as_f64().expect("a number")).abs() < 200.0, "{tableau}");
    }
    let marginal = |value: &Value| value["marginals"][0]["probabilities"]["01"].as_f64().expect("there");
    assert!((marginal(&tableau) - marginal(&dense)).abs() < 1e-9);
}

#[test]
fn pauli_noise_and_reading_out_are_drawn() {
    let files = folder(&[("a.qasm", SMALL)]);
    let file = path(&files, "a.qasm");
    let run = |state: &str| {
        json(&[
            "simulate",
            &file,
            "--noise",
            "depolarizing1=0.02,depolarizing2=0.1,readout=0.05",
            "--state",
            state,
            "--shots",
            "20000",
        ])
    };
    let (tableau, exact) = (run("tableau"), run("pauli-vector"));
    for (outcome, p) in exact["probabilities"].as_object().expect("some") {
        let p = p.as_f64().expect("a number");
        let found = counts(&tableau).iter().find(|(other, _)| other == outcome).map_or(0, |(_, count)| *count) as f64;
        assert!((found - 20_000.0 * p).abs() < 6.0 * (20_000.0 * p).sqrt() + 1.0, "{outcome}: {found} {p}");
    }
}

#[test]
fn wide_circuits_run_by_themselves() {
    let chain = |n: usize| {
        let gates: String = (1..n).map(|k| format!("cx q[{}], q[{k}];\n", k - 1)).collect();
        format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[{n}] q;\nbit[{n}] c;\nh q[0];\n{gates}")
    };
    let measured = format!("{}c = measure q;\n", chain(300));
    let files = folder(&[("ghz.qasm", &measured), ("t.qasm", &format!("{}t q[3];\n", chain(42)))]);
    let value = json(&["simulate", &path(&files, "ghz.qasm"), "--shots", "50"]);
    let found = counts(&value);
    assert_eq!((value["state"].as_str(), value["num_qubits"].as_u64()), (Some("tableau"), Some(300)));
    assert!(found.iter().all(|(outcome, _)| outcome.chars().all(|c| c == '0') || outcome.chars().all(|c| c == '1')));
    assert_eq!(found.iter().map(|(_, count)| count).sum::<u64>(), 50);
    let explained = json(&["explain", &path(&files, "ghz.qasm")]);
    assert_eq!((explained["engine"].as_str(), explained["fits"].as_bool()), (Some("tableau"), Some(true)));
    let explained = json(&["explain", &path(&files, "t.qasm")]);
    let others = explained["refused"].as_array().expect("others");
    assert!(explained["engine"] == "propagation" && explained["why"].to_string().contains("amplitudes do not fit"));
    assert!(others.iter().any(|other| other["engine"] == "tableau" && other["reason"].to_string().contains("no Clifford gate")));
    // what it cannot do is said
    let t = path(&files, "t.qasm");
    assert!(refusal(&["simulate", &t, "--state", "tableau"], 2).contains("no Clifford gate"));
    assert!(refusal(&["simulate", &t, "--shots", "9"], 1).contains("42 qubits"), "amplitudes do not fit");
    let ghz = path(&files, "ghz.qasm");
    assert!(refusal(&["simulate", &ghz, "--state", "tableau", "--amplitudes", "3"], 2).contains("no amplitudes"));
    assert!(refusal(&["simulate", &ghz, "--state", "tableau", "--entropy", "0"], 2).contains("entropies"));
    assert!(refusal(&["simulate", &ghz, "--state", "tableau", "--noise", "depolarizing1=0.1"], 2).contains("--shots"));
}

/// A chain of stabilizer measurements with resets between them.
const ROUNDS: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nbit[4] c;\ncx q[0], q[1];\ncx q[2], q[1];\nc[0] = measure q[1];\nreset q[1];\ncx q[0], q[1];\ncx q[2], q[1];\nc[1] = measure q[1];\nc[2] = measure q[0];\nc[3] = measure q[2];\n";

#[test]
fn records_of_shots_are_written_whole() {
    let files = folder(&[("r.qasm", ROUNDS)]);
    let file = path(&files, "r.qasm");
    let run = |out: &str| {
        let out = path(&files, out);
        let run =
            ["simulate", &file, "--state", "tableau", "--noise", "depolarizing2=0.05", "--shots", "3000", "--records", &out];
        let value = json(&run);
        assert!(value["counts"].is_null());
        std::fs::read(out).expect("written")
    };
    let (text, packed) = (String::from_utf8(run("a.01")).expect("text"), run("a.b8"));
    assert_eq!((text.lines().count(), packed.len()), (3000, 3000));
    let mut ones = 0;
    for (line, byte) in text.lines().zip(packed) {
        let bits: String = (0..4).map(|bit| if byte >> bit & 1 == 1 { '1' } else { '0' }).collect();
        assert_eq!(line, bits);
        ones += usize::from(byte != 0);
    }
    // four noisy gates, most of whose errors show
    assert!((200..800).contains(&ones), "{ones}");
    let left: Vec<_> = std::fs::read_dir(files.path()).expect("there").collect();
    assert_eq!(left.len(), 3, "nothing is left beside the files");
    let wrong = |more: &[&str]| refusal(&[&["simulate", &file, "--shots", "9"], more].concat(), 2);
    assert!(wrong(&["--state", "tableau", "--records", "shots.txt"]).contains(".b8"));
    assert!(wrong(&["--state", "state-vector", "--records", "shots.01"]).contains("--state tableau"));
}
