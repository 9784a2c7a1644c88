//! Matrix product states and states in parts, beside state vectors.

use serde_json::Value;

use crate::{folder, json, path, refusal};

const SMALL: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[4] q;\nbit[4] c;\nh q[0];\nt q[0];\ncx q[0], q[3];\nry(0.7) q[2];\nrx(0.4) q[1];\nccx q[0], q[3], q[1];\nc = measure q;\n";
const OBSERVABLE: &str = r#"{"n_qubits": 4, "terms": [["YXIZ", 0.7], ["IZII", 0.2], ["IIXY", -0.4], ["ZZZZ", 1.1]]}"#;

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn values_and_shots_are_those_of_amplitudes() {
    let files = folder(&[("a.qasm", SMALL), ("h.json", OBSERVABLE)]);
    let (file, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    let run = |state: &str| {
        json(&["simulate", &file, "--observable", &observable, "--state", state, "--marginal", "2,0", "--shots", "4000"])
    };
    let exact = run("state-vector");
    for state in ["matrix-product", "factored"] {
        let found = run(state);
        assert_eq!(found["state"], state);
        assert!((number(&found["expectation"]) - number(&exact["expectation"])).abs() < 1e-12);
        for (outcome, p) in exact["probabilities"].as_object().expect("some") {
            assert!((number(p) - number(&found["probabilities"][outcome])).abs() < 1e-12);
            let seen = found["counts"][outcome].as_f64().unwrap_or(0.0);
            assert!((seen - 4000.0 * number(p)).abs() < 200.0, "{outcome} {found}");
        }
        for (outcome, p) in exact["marginals"][0]["probabilities"].as_object().expect("some") {
            assert!((number(p) - number(&found["marginals"][0]["probabilities"][outcome])).abs() < 1e-12);
        }
    }
}

#[test]
fn narrow_bonds_say_what_they_lose() {
    let mut text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[10] q;\n".to_owned();
    for layer in 0..4 {
        (0..10).for_each(|qubit| text += &format!("ry(0.{}) q[{qubit}];\n", (qubit + layer) % 7 + 2));
        (1..10).for_each(|qubit| text += &format!("cx q[{}], q[{qubit}];\n", qubit - 1));
    }
    let files = folder(&[("deep.qasm", &text)]);
    let file = path(&files, "deep.qasm");
    let exact = json(&["simulate", &file]);
    let narrow = json(&["simulate", &file, "--state", "matrix-product", "--bond", "3"]);
    let bound = number(&narrow["bounds"]["expectation_z"][0]);
    assert!(bound > 1e-3 && narrow["bounds"]["widest_bond"] == 3, "{narrow}");
    for qubit in 0..10 {
        let away = (number(&narrow["expectation_z"][qubit]) - number(&exact["expectation_z"][qubit])).abs();
        assert!(away <= bound);
    }
    let wide = json(&["simulate", &file, "--state", "matrix-product"]);
    assert!((number(&wide["expectation_z"][4]) - number(&exact["expectation_z"][4])).abs() < 1e-11);
}

#[test]
fn parts_that_never_meet_are_chosen_by_themselves() {
    let mut text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[80] q;\nbit[80] c;\n".to_owned();
    (0..40).for_each(|pair| text += &format!("ry(0.3) q[{pair}];\ncx q[{pair}], q[{}];\n", 79 - pair));
    text += "c = measure q;\n";
    let files = folder(&[("pairs.qasm", &text)]);
    let file = path(&files, "pairs.qasm");
    let value = json(&["simulate", &file, "--shots", "50"]);
    assert_eq!(value["state"], "factored");
    assert!((number(&value["expectation_z"][79]) - 0.3f64.cos()).abs() < 1e-12);
    assert!(value["counts"].as_object().expect("some").keys().all(|outcome| {
        let bits: Vec<char> = outcome.chars().collect();
        (0..40).all(|pair| bits[pair] == bits[79 - pair])
    }));
    assert_eq!(json(&["explain", &file])["engine"], "factored");
    let refused = |more: &[&str]| refusal(&[&["simulate", &file, "--state", "factored"], more].concat(), 2);
    assert!(refused(&["--noise", "depolarizing1=0.1"]).contains("pure state"));
    assert!(refused(&["--entropy", "0"]).contains("entropies"));
    assert!(refused(&["--amplitudes", "1"]).contains("state-vector"));
}
