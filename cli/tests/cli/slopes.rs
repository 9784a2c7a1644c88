//! Gradients against differences of simulated values, by options of the command line.

use serde_json::Value;

use crate::{folder, json, path, qloom, refusal};

const OBSERVABLE: &str =
    r#"{"n_qubits": 3, "constant": -0.3, "terms": [["XYZ", 0.5], ["ZZI", -0.25], ["IXX", 0.75], ["IIY", 0.4]]}"#;

/// Every kind of gate with an angle that is differentiated in its own way, at these angles.
fn circuit(angles: &[f64]) -> String {
    let a = |k: usize| angles[k];
    format!(
        "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; h q; rx({:?}) q[0]; cry({:?}) q[0], q[1]; rzz({:?}) q[1], q[2]; \
        u3({:?}, {:?}, {:?}) q[2]; cp({:?}) q[2], q[0]; ry({:?}) q[1];",
        a(0),
        a(1),
        a(2),
        a(3),
        a(4),
        a(5),
        a(6),
        a(7)
    )
}

const ANGLES: [f64; 8] = [0.3, -1.2, 0.8, 0.5, 1.9, -0.4, 2.2, -0.7];

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn every_angle_has_its_slope() {
    let files = folder(&[("h.json", OBSERVABLE), ("a.qasm", &circuit(&ANGLES))]);
    let (file, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    let shifted = path(&files, "b.qasm");
    for noise in [&[][..], &["--noise", "depolarizing1=0.01,depolarizing2=0.03,readout=0.02"]] {
        let report = json(&[&["gradient", &file, "--observable", &observable, "--repeat", "2"], noise].concat());
        assert_eq!((&report["num_qubits"], &report["num_parameters"]), (&3.into(), &8.into()));
        assert!(report.get("parameters").is_none(), "angles have no names");
        assert_eq!(report["seconds"].as_array().map(Vec::len), Some(2));
        let value = |angles: &[f64]| {
            std::fs::write(&shifted, circuit(angles)).expect("room");
            number(&json(&[&["simulate", &shifted, "--observable", &observable], noise].concat())["expectation"])
        };
        assert!((number(&report["expectation"]) - value(&ANGLES)).abs() < 1e-12);
        for place in 0..8 {
            let at = |step: f64| {
                let mut angles = ANGLES;
                angles[place] += step;
                value(&angles)
            };
            // of fourth order: wrong by about 1e-10
            let slope = (8.0 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3;
            let found = number(&report["gradient"][place]);
            assert!((found - slope).abs() < 1e-8, "angle {place} with {noise:?}: {found} {slope}");
        }
    }
}

/// What is printed for people has the numbers of the JSON.
#[test]
fn slopes_are_printed_beside_their_angles() {
    let files = folder(&[("h.json", OBSERVABLE), ("a.qasm", &circuit(&ANGLES))]);
    let arguments = ["gradient", &path(&files, "a.qasm"), "--observable", &path(&files, "h.json")];
    let report = json(&arguments);
    let output = qloom(&arguments).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("expectation value {:+.12}", number(&report["expectation"])));
    for (place, angle) in ANGLES.iter().enumerate() {
        let slope = number(&report["gradient"][place]);
        assert_eq!(lines[place + 1], format!("angle {place}  {angle:+.9}  derivative {slope:+.12}"));
    }
    assert_eq!(lines.len(), 9);
    let single = json(&[&arguments[..], &["--threads", "1", "--simd", "scalar"]].concat());
    assert_eq!(single["simd"], "scalar");
    for place in 0..8 {
        assert!((number(&single["gradient"][place]) - number(&report["gradient"][place])).abs() < 1e-13);
    }
}

#[test]
fn what_has_no_slope_is_refused() {
    let head = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; creg c[3];";
    let files = folder(&[
        ("h.json", OBSERVABLE),
        ("two.json", r#"{"n_qubits": 2, "terms": [["XX", 1.0]]}"#),
        ("way.qasm", &format!("{head} rx(0.1) q[0]; measure q[0] -> c[0]; rx(0.2) q[0];")),
        ("reset.qasm", &format!("{head} rx(0.1) q[0]; reset q[1]; h q[1];")),
        ("if.qasm", &format!("{head} measure q[0] -> c[0]; if (c == 1) x q[1];")),
        ("end.qasm", &format!("{head} rx(0.1) q[0]; measure q -> c;")),
        ("free.qasm", "OPENQASM 3.0; include \"stdgates.inc\"; input float a; qubit[3] q; rx(a) q[0];"),
    ]);
    let (file, observable) = (|name: &str| path(&files, name), path(&files, "h.json"));
    for name in ["way.qasm", "reset.qasm", "if.qasm"] {
        let message = refusal(&["gradient", &file(name), "--observable", &observable], 2);
        assert!(message.contains(name) && message.contains("only a circuit of gates"), "{message}");
    }
    // measurements at the end take nothing away
    assert_eq!(json(&["gradient", &file("end.qasm"), "--observable", &observable])["num_parameters"], 1);
    let message = refusal(&["gradient", &file("end.qasm"), "--observable", &file("two.json")], 2);
    assert!(message.contains("on 2 qubits, the circuit on 3"), "{message}");
    let message = refusal(&["gradient", &file("free.qasm"), "--observable", &observable], 2);
    assert!(message.contains("without a value: a; add --bind"), "{message}");
    let message = refusal(&["gradient", &file("end.qasm"), "--observable", &observable, "--bind", "a=1"], 2);
    assert!(message.contains("no parameter a; the circuit has none"), "{message}");
    let message = refusal(&["gradient", &file("end.qasm"), "--observable", &observable, "--noise", "readout=2"], 2);
    assert!(message.contains("readout") && message.contains('2'), "{message}");
    let report = json(&["gradient", &file("free.qasm"), "--observable", &observable, "--bind", "a=pi/2"]);
    assert_eq!(report["parameters"], serde_json::json!(["a"]));
}

#[test]
fn second_derivatives_and_metrics_have_closed_forms() {
    let text =
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninput float a;\ninput float b;\nqubit[1] q;\nry(a) q[0];\nrz(b) q[0];\n";
    let files = folder(&[("s.qasm", text), ("z.json", r#"{"n_qubits": 1, "terms": [["Z", 1.0]]}"#)]);
    let (file, observable) = (path(&files, "s.qasm"), path(&files, "z.json"));
    let run = ["gradient", &file, "--observable", &observable, "--bind", "a=0.8,b=0.2", "--hessian", "--metric"];
    let value = json(&run);
    let matrix = |name: &str| -> Vec<f64> {
        let rows = value[name].as_array().expect("rows");
        rows.iter().flat_map(|row| row.as_array().expect("a row").iter().map(|entry| entry.as_f64().expect("a number"))).collect()
    };
    let close = |found: Vec<f64>, expected: [f64; 4]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(close(matrix("hessian"), [-0.8f64.cos(), 0.0, 0.0, 0.0]), "{value}");
    assert!(close(matrix("metric"), [0.25, 0.0, 0.0, 0.25 * 0.8f64.sin().powi(2)]), "{value}");
    assert!(refusal(&[&run[..], &["--noise", "depolarizing1=0.1"]].concat(), 2).contains("pure states"));
}
