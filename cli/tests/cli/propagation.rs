//! Expectation values without a state, beside those of states.

use serde_json::Value;

use crate::{folder, json, path, qloom, refusal};

const SMALL: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nbit[3] c;\nh q[0];\nt q[0];\ncx q[0], q[1];\nry(0.7) q[2];\ncrx(0.4) q[2], q[1];\nc = measure q;\n";
const OBSERVABLE: &str = r#"{"n_qubits": 3, "terms": [["YXI", 0.7], ["IZI", 0.2], ["IIX", -0.4], ["ZZZ", 1.1]]}"#;

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn values_are_those_of_states_also_under_noise() {
    let files = folder(&[("a.qasm", SMALL), ("h.json", OBSERVABLE)]);
    let (file, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    for noise in [&[][..], &["--noise", "depolarizing1=0.02,depolarizing2=0.05,readout=0.03"]] {
        let run = |state: &str| json(&[&["simulate", &file, "--observable", &observable, "--state", state], noise].concat());
        let (found, exact) = (run("propagation"), run(if noise.is_empty() { "state-vector" } else { "pauli-vector" }));
        assert!((number(&found["expectation"]) - number(&exact["expectation"])).abs() < 1e-12, "{found} {exact}");
        for qubit in 0..3 {
            assert!((number(&found["expectation_z"][qubit]) - number(&exact["expectation_z"][qubit])).abs() < 1e-12);
        }
        assert_eq!(number(&found["bounds"]["expectation"]), 0.0);
        let short = json(&["simulate", &file, "--observable", &observable, "--state", "propagation", "--least", "0.2"]);
        let exact = json(&["simulate", &file, "--observable", &observable]);
        let away = (number(&short["expectation"]) - number(&exact["expectation"])).abs();
        assert!(away > 0.0 && away <= number(&short["bounds"]["expectation"]) + 1e-12);
    }
}

#[test]
fn wide_circuits_are_chosen_by_themselves() {
    let mut text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[60] q;\n".to_owned();
    (0..60).for_each(|qubit| text += &format!("ry(0.{}) q[{qubit}];\n", qubit % 7 + 1));
    (1..60).for_each(|qubit| text += &format!("cz q[{}], q[{qubit}];\n", qubit - 1));
    (0..60).for_each(|qubit| text += &format!("ry(0.4) q[{qubit}];\n"));
    let files = folder(&[("wide.qasm", &text)]);
    let file = path(&files, "wide.qasm");
    let value = json(&["simulate", &file]);
    assert_eq!(value["state"], "propagation");
    // Z turns into X beside the Z of both neighbours
    let angle = |qubit: u32| f64::from(qubit % 7 + 1) / 10.0;
    let side = angle(20).sin() * angle(19).cos() * angle(21).cos();
    let expected = 0.4f64.cos() * angle(20).cos() - 0.4f64.sin() * side;
    assert!((number(&value["expectation_z"][20]) - expected).abs() < 1e-12, "{value}");
    let output = qloom(&["simulate", &file]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("--state propagation"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Pauli strings at a time"));
}

#[test]
fn what_needs_a_state_is_refused() {
    let files = folder(&[("a.qasm", SMALL)]);
    let file = path(&files, "a.qasm");
    let refused = |more: &[&str]| refusal(&[&["simulate", &file, "--state", "propagation"], more].concat(), 2);
    assert!(refused(&["--shots", "9"]).contains("no state"));
    assert!(refused(&["--marginal", "0"]).contains("--marginal"));
    assert!(refused(&["--amplitudes", "3"]).contains("--amplitudes"));
    assert!(refused(&["--least", "-1"]).contains("0 or more") || refused(&["--least=-1"]).contains("0 or more"));
    assert!(refused(&["--strings", "0"]).contains("1.."));
}
