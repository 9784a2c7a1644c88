//! Compiled programs, read line by line: on the machine's couplings, in its gates, and the same outcomes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{folder, json, path, qloom, refusal};

/// Entangled pairs between far ends, with outcomes of many probabilities.
const FAR: &str = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[5]; creg c[5]; ry(0.4) q[0]; cx q[0], q[4]; ry(0.9) q[4]; cx q[4], q[1]; \
    cx q[2], q[0]; h q[3]; ccx q[3], q[0], q[2]; cp(0.7) q[1], q[3]; ry(1.3) q[1]; measure q -> c;";

/// The gates of a written program with the numbers of their qubits.
fn gates(program: &str) -> Vec<(String, Vec<usize>)> {
    let mut list = Vec::new();
    for line in program.lines() {
        let Some(statement) = line.trim().strip_suffix(';') else { continue };
        let name = statement.split([' ', '(']).next().unwrap_or_default();
        if ["OPENQASM", "include", "qubit", "qubit[5]", "bit", "qreg", "creg", "barrier", "gphase", ""].contains(&name)
            || name.contains('[')
            || statement.contains("measure")
        {
            continue;
        }
        let qubits = statement.split("q[").skip(1).filter_map(|part| part.split(']').next()?.parse().ok()).collect();
        list.push((name.to_owned(), qubits));
    }
    list
}

fn probabilities(file: &str) -> BTreeMap<String, f64> {
    // what is counted is what the bits hold, wherever the qubits end
    let counts = json(&["simulate", file, "--shots", "1e12", "--seed", "1"]);
    let counts = counts["counts"].as_object().expect("counts").clone();
    counts.into_iter().map(|(outcome, count)| (outcome, count.as_f64().expect("a number") / 1e12)).collect()
}

#[test]
fn machines_get_their_own_gates_on_their_own_pairs() {
    let files = folder(&[("far.qasm", FAR)]);
    let (file, out) = (path(&files, "far.qasm"), path(&files, "out.qasm"));
    let expected = probabilities(&file);
    assert!(expected.len() > 8);
    type Coupled = fn(usize, usize) -> bool;
    let cases: [(&str, usize, Coupled); 4] = [
        ("line-5", 5, |a, b| a.abs_diff(b) == 1),
        ("ring-6", 6, |a, b| a.abs_diff(b) == 1 || a.abs_diff(b) == 5),
        ("grid-2x3", 6, |a, b| (a / 3 == b / 3 && a.abs_diff(b) == 1) || a.abs_diff(b) == 3),
        ("all-to-all", usize::MAX, |a, b| a != b),
    ];
    for (target, size, coupled) in cases {
        for effort in ["0", "3"] {
            let report = json(&["compile", &file, "--target", target, "--optimize", effort, "--out", &out]);
            let program = std::fs::read_to_string(&out).expect("written");
            let gates = gates(&program);
            let two = gates.iter().filter(|(_, qubits)| qubits.len() == 2).count();
            assert_eq!(report["two_qubit_gates"].as_u64(), Some(two as u64), "{target}\n{program}");
            for (name, qubits) in &gates {
                assert!(qubits.iter().all(|qubit| *qubit < size), "{target}: {name} {qubits:?}");
                match qubits[..] {
                    [_] => {}
                    [a, b] => assert!(coupled(a, b), "{target}: {name} on {a} and {b}"),
                    _ => panic!("{target}: {name} {qubits:?}"),
                }
            }
            let layout =
                |key: &str| -> Vec<u64> { report[key].as_array().expect("a list").iter().filter_map(Value::as_u64).collect() };
            for key in ["initial_layout", "final_layout"] {
                let mut places = layout(key);
                assert_eq!(places.len(), 5, "{target}");
                places.sort_unstable();
                places.dedup();
                assert_eq!(places.len(), 5, "{target}: no two in one place");
            }
            let found = probabilities(&out);
            for outcome in expected.keys().chain(found.keys()) {
                let (a, b) = (expected.get(outcome).unwrap_or(&0.0), found.get(outcome).unwrap_or(&0.0));
                // standard deviations are at most 5e-7
                assert!((a - b).abs() < 5e-6, "{target} {effort}: {outcome} {a} {b}");
            }
        }
    }
}

/// One seed is one program, and effort never costs gates.
#[test]
fn seeds_and_effort_do_what_they_say() {
    let files = folder(&[("far.qasm", FAR)]);
    let file = path(&files, "far.qasm");
    let program = |more: &[&str]| {
        let report = json(&[&["compile", &file, "--target", "grid-3x3"], more].concat());
        (report["qasm"].as_str().expect("a program").to_owned(), report["two_qubit_gates"].as_u64().expect("a number"))
    };
    assert_eq!(program(&["--seed", "7"]), program(&["--seed", "7"]));
    let counts: Vec<u64> = ["0", "1", "2", "3"].iter().map(|effort| program(&["--optimize", effort]).1).collect();
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
    assert!(counts[3] >= 7, "{counts:?}");
}

/// What people read says the same as the JSON.
#[test]
fn reports_are_said_in_words() {
    let files = folder(&[("far.qasm", FAR)]);
    let file = path(&files, "far.qasm");
    let report = json(&["compile", &file, "--target", "line-5"]);
    let output = qloom(&["compile", &file, "--target", "line-5"]).output().expect("it runs");
    let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(text.trim_end(), report["qasm"].as_str().expect("a program").trim_end());
    let said = format!("{} two-qubit gates", report["two_qubit_gates"]);
    assert!(error.contains(&said) && error.contains(&format!("depth {} (from", report["depth"])), "{error}");
    let end = serde_json::to_string(&report["final_layout"]).expect("a list").replace(',', ", ");
    assert!(error.contains(&format!("end on {end}")), "{error}");
    let calibrated = json(&["compile", &file, "--target", "devices/mumbai_median.toml"]);
    assert!(calibrated["expected_error"].as_f64().is_none_or(|error| (0.0..1.0).contains(&error)));
}

#[test]
fn what_does_not_fit_a_machine_is_refused() {
    let wide = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[6]; h q; cx q[0], q[5];";
    let files = folder(&[("far.qasm", FAR), ("wide.qasm", wide)]);
    let (far, wide) = (path(&files, "far.qasm"), path(&files, "wide.qasm"));
    for (arguments, parts) in [
        (vec!["compile", &wide, "--target", "line-5"], &["6", "5"][..]),
        (vec!["compile", &far, "--target", "line-0"], &["line-0"]),
        (vec!["compile", &far, "--target", "grid-2"], &["grid-2", "heron"]),
        (vec!["compile", &far, "--target", "line-5", "--dialect", "acme"], &["acme", "quantinuum"]),
        (vec!["compile", &far, "--target", "line-5", "--dialect", "braket", "--to", "qasm2"], &["OpenQASM 3"]),
        (vec!["compile", &far, "--target", "line-5", "--dialect", "quantinuum", "--to", "qasm3"], &["OpenQASM 2"]),
        (vec!["compile", &far, "--target", "line-5", "--calibration", "ring-9"], &["ring-9 does not fit line-5"]),
        (vec!["convert", &far, "--target", "nowhere.toml"], &["nowhere.toml", "not found"]),
    ] {
        let message = refusal(&arguments, 2);
        for part in parts {
            assert!(message.contains(part), "{arguments:?} without {part}: {message}");
        }
    }
}
