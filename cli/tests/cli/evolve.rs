//! Evolution in time, by product formulas and exactly.

use crate::{folder, json, path, qloom, refusal};

const CHAIN: &str = r#"{"n_qubits": 3, "terms": [["ZZI", 1.0], ["IZZ", 1.0], ["XII", 0.8], ["IXI", 0.8], ["IIX", 0.8]]}"#;
const Z: &str = r#"{"n_qubits": 3, "terms": [["ZII", 0.5], ["IIZ", 0.5]]}"#;

#[test]
fn errors_fall_with_order_and_steps() {
    let files = folder(&[("h.json", CHAIN)]);
    let file = path(&files, "h.json");
    let error = |order: &str, steps: &str| {
        let value = json(&["evolve", &file, "--time", "1", "--order", order, "--steps", steps, "--start", "011"]);
        value["error"].as_f64().expect("a number")
    };
    for (order, power) in [("1", 1), ("2", 2), ("4", 4)] {
        let ratio = error(order, "8") / error(order, "16");
        assert!((ratio / 2f64.powi(power) - 1.0).abs() < 0.25, "{order}: {ratio}");
    }
    assert!(error("4", "40") < 1e-6);
}

#[test]
fn multi_products_are_nearer_than_their_parts() {
    let files = folder(&[("h.json", CHAIN), ("z.json", Z)]);
    let (file, observable) = (path(&files, "h.json"), path(&files, "z.json"));
    let difference = |steps: &str| {
        let value = json(&["evolve", &file, "--time", "1", "--steps", steps, "--observable", &observable]);
        let of = |which: &str| value[which]["observable"].as_f64().expect("a number");
        (of("values") - of("exact")).abs()
    };
    assert!(difference("4,6,8") < difference("8") / 30.0);
}

#[test]
fn the_circuit_is_written_with_its_start() {
    let files = folder(&[("h.json", CHAIN), ("start.qasm", "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nh q[1];\n")]);
    let (file, start, out) = (path(&files, "h.json"), path(&files, "start.qasm"), path(&files, "out.qasm"));
    let value = json(&["evolve", &file, "--time", "0.7", "--start", &start, "--out", &out, "--order", "drawn", "--steps", "30"]);
    assert!(value["rotations"][0].as_u64().expect("a number") <= 30);
    let simulated = json(&["simulate", &out]);
    for qubit in 0..3 {
        let of = |value: &serde_json::Value| value.as_f64().expect("a number");
        assert!((of(&simulated["expectation_z"][qubit]) - of(&value["values"]["expectation_z"][qubit])).abs() < 1e-9);
    }
    let output = qloom(&["evolve", &file, "--time", "0.7"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).contains("distance to the exact state"));
}

#[test]
fn what_cannot_evolve_is_refused() {
    let files = folder(&[("h.json", CHAIN)]);
    let file = path(&files, "h.json");
    let refused = |more: &[&str]| refusal(&[&["evolve", &file, "--time", "1"], more].concat(), 2);
    assert!(refused(&["--start", "01"]).contains("2 qubits"));
    assert!(refused(&["--start", "2"]).contains("--start 2 is neither 3 bits of 0 and 1 nor a file"));
    assert!(refused(&["--start", "nothing.qasm"]).contains("nothing.qasm"));
    assert!(refused(&["--order", "1", "--steps", "2,4"]).contains("--order 2"));
    assert!(refused(&["--steps", "4,4"]).contains("each once"));
    assert!(refused(&["--steps", "10000000"]).contains("fewer steps"));
    assert!(refusal(&["evolve", &file, "--time", "nan"], 2).contains("time"));
}
