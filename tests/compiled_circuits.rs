//! Circuits of the shared OpenQASM folder, compiled for machines, give the outcomes they gave before; skipped visibly
//! when the folder is absent.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

use qloom_circuits::{Circuit, Operation, qasm};
use qloom_hardware::{CompileOptions, Device, compile};
use qloom_sim::{Branch, Executable, SimulatorConfig, StateVector};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/qasm");

/// Probability of each record of the classical bits.
fn outcomes(circuit: &Circuit) -> BTreeMap<u64, f64> {
    let (mut qubits, mut bits, mut last) = (HashSet::new(), HashSet::new(), Vec::new());
    for operation in circuit.operations().iter().rev() {
        match operation {
            Operation::Barrier { .. } | Operation::Delay { .. } => {}
            Operation::Measure { qubit, bit } if !qubits.contains(qubit) && !bits.contains(bit) => last.push((*qubit, *bit)),
            other => {
                qubits.extend(other.qubits());
                bits.extend(other.bits());
            }
        }
    }
    // one qubit may be read into several bits
    let measured: Vec<usize> = last.iter().map(|(qubit, _)| *qubit).collect::<BTreeSet<_>>().into_iter().collect();
    let mut outcomes = BTreeMap::new();
    let executable = Executable::<StateVector<f64>>::new(circuit).expect("a small circuit");
    let mut add = |branch: Branch<StateVector<f64>>| {
        let probabilities = branch.state.probabilities(&measured).expect("distinct qubits");
        for (outcome, probability) in probabilities.into_iter().enumerate().filter(|(_, p)| *p > 1e-14) {
            let read = last
                .iter()
                .map(|(qubit, bit)| (measured.binary_search(qubit).expect("it is measured"), bit))
                .fold(branch.record.word(), |bits, (k, bit)| bits & !(1 << bit) | (outcome as u64 >> k & 1) << bit);
            *outcomes.entry(read).or_default() += branch.probability * probability;
        }
        ControlFlow::Continue(())
    };
    executable.each_branch(1 << 12, SimulatorConfig::default(), &mut add).expect("a small circuit");
    outcomes
}

/// Qubits up to which circuits are compared.
const LARGEST: usize = 18;

/// The circuit behind a turn of each qubit by angles of its own, so that it acts on a state without symmetry.
fn from_a_random_state(circuit: &Circuit) -> Circuit {
    let mut turned = circuit.clone();
    let operations: Vec<Operation> = std::iter::from_fn(|| turned.pop()).collect();
    for qubit in 0..circuit.num_qubits() {
        let angle = |k: usize| ((qubit * 3 + k) as f64 * 0.754_877_666 + 0.1).fract() * 3.0;
        turned.u3(angle(0), angle(1), angle(2), qubit);
    }
    for operation in operations.into_iter().rev() {
        turned.push(operation).expect("it was there");
    }
    turned
}

#[test]
fn compiled_circuits_give_the_same_outcomes() {
    let Ok(entries) = std::fs::read_dir(FOLDER) else {
        eprintln!("skipped: the folder shared/data/qasm is absent");
        return;
    };
    let mut compared = 0;
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|extension| extension != "qasm") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let read = qasm::read(&text).unwrap_or_else(|errors| panic!("{errors}"));
        if read.num_qubits() > LARGEST || read.operations().len() > 800 {
            continue;
        }
        let circuit = from_a_random_state(&read);
        let expected = outcomes(&circuit);
        for name in ["heron", "eagle", "falcon", "trapped-ion", "ionq"] {
            let device = Device::from_name(name).expect("a machine");
            let compiled =
                compile(&circuit, &device, &CompileOptions::default()).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            let small = compiled.circuit.restricted(&compiled.circuit.busy_qubits());
            if small.num_qubits() > LARGEST {
                continue;
            }
            let found = outcomes(&small);
            compared += 1;
            for outcome in expected.keys().chain(found.keys()) {
                let (a, b) = (expected.get(outcome).unwrap_or(&0.0), found.get(outcome).unwrap_or(&0.0));
                assert!((a - b).abs() < 1e-7, "{path:?} on {name}: outcome {outcome:b} has {b}, not {a}");
            }
        }
    }
    assert!(compared > 100, "only {compared} were compared");
}
