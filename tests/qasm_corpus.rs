//! The OpenQASM 2 circuits of the shared folder give the recorded results; skipped visibly when the folder is absent.

use std::collections::{BTreeMap, HashSet};

use qloom_circuits::{Circuit, Operation, qasm};
use qloom_sim::{Executable, SimulatorConfig, StateVector};
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/qasm");

/// Qubits and bits of the measurements that come last, which [`Executable::branches`] leaves out.
fn last_measurements(circuit: &Circuit) -> Vec<(usize, usize)> {
    let (mut qubits, mut bits, mut list) = (HashSet::new(), HashSet::new(), Vec::new());
    for operation in circuit.operations().iter().rev() {
        match operation {
            Operation::Barrier { .. } | Operation::Delay { .. } => {}
            Operation::Measure { qubit, bit } if !qubits.contains(qubit) && !bits.contains(bit) => list.push((*qubit, *bit)),
            other => {
                qubits.extend(other.qubits());
                bits.extend(other.bits());
            }
        }
    }
    list
}

fn top(entries: &Value) -> Vec<(u64, f64)> {
    let entry = |pair: &Value| {
        let word = pair[0].as_str().expect("a bit string");
        (u64::from_str_radix(word, 2).expect("bits"), pair[1].as_f64().expect("a probability"))
    };
    entries.as_array().expect("a list").iter().map(entry).collect()
}

/// Every recorded outcome has its probability, and so has the list of the largest.
fn compare(name: &str, found: &BTreeMap<u64, f64>, expected: &[(u64, f64)]) {
    for (outcome, probability) in expected {
        let value = found.get(outcome).copied().unwrap_or(0.0);
        assert!((value - probability).abs() < 1e-9, "{name}: outcome {outcome:b} has {value}, not {probability}");
    }
    let mut largest: Vec<f64> = found.values().copied().filter(|value| *value > 1e-12).collect();
    largest.sort_by(|a, b| b.total_cmp(a));
    for (value, (_, probability)) in largest.iter().zip(expected) {
        assert!((value - probability).abs() < 1e-9, "{name}: {value} where {probability} is recorded");
    }
    assert!(largest.len() >= expected.len(), "{name}: too few outcomes");
}

#[test]
fn recorded_results_are_reproduced() {
    let Ok(text) = std::fs::read_to_string(format!("{FOLDER}/expected.json")) else {
        eprintln!("skipped: the folder shared/data/qasm is absent");
        return;
    };
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    let circuits = expected["circuits"].as_object().expect("an object");
    assert_eq!(circuits.len(), 55);
    for (name, record) in circuits {
        let path = format!("{FOLDER}/{}", record["file"].as_str().expect("a file"));
        let text = std::fs::read_to_string(path).expect("a readable file");
        let circuit = qasm::read(&text).unwrap_or_else(|errors| panic!("{name}: {errors}"));
        assert_eq!(record["num_qubits"], circuit.num_qubits(), "{name}");
        assert_eq!(record["num_clbits"], circuit.num_bits(), "{name}");
        let branches = Executable::<StateVector<f64>>::new(&circuit)
            .and_then(|executable| executable.branches(1 << 12, &[], SimulatorConfig::default()))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let last = last_measurements(&circuit);
        let measured: Vec<usize> = last.iter().map(|(qubit, _)| *qubit).collect();
        let mut outcomes: BTreeMap<u64, f64> = BTreeMap::new();
        for branch in &branches {
            let probabilities = branch.state.probabilities(&measured).expect("distinct qubits");
            for (outcome, probability) in probabilities.into_iter().enumerate().filter(|(_, p)| *p > 1e-14) {
                let read = last
                    .iter()
                    .enumerate()
                    .fold(branch.record.word(), |bits, (k, (_, bit))| bits & !(1 << bit) | (outcome as u64 >> k & 1) << bit);
                *outcomes.entry(read).or_default() += branch.probability * probability;
            }
        }
        if record.get("outcomes_top").is_some_and(|list| !list.is_null()) {
            compare(name, &outcomes, &top(&record["outcomes_top"]));
        }
        if record["dynamic"] == Value::Bool(false) {
            let [branch] = branches.as_slice() else { panic!("{name} has {} branches", branches.len()) };
            let all: Vec<usize> = (0..circuit.num_qubits()).collect();
            let probabilities = branch.state.probabilities(&all).expect("all qubits");
            let state: BTreeMap<u64, f64> = (0u64..).zip(probabilities).collect();
            compare(name, &state, &top(&record["state_top"]));
            let nonzero = state.values().filter(|p| **p > 1e-12).count();
            assert_eq!(record["state_nonzero"], nonzero, "{name}");
            for (z, value) in branch.state.expectation_z().iter().zip(record["exp_z"].as_array().expect("a list")) {
                assert!((z - value.as_f64().expect("a number")).abs() < 1e-9, "{name}: {z} {value}");
            }
        }
    }
}
