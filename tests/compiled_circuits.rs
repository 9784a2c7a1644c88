//! Circuits of the shared OpenQASM folder, compiled for machines, give the outcomes they gave before; skipped visibly
//! when the folder is absent.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

use proptest::prelude::*;
use qloom_circuits::{Angle, Circuit, Condition, Conditional, Gate, Operation, qasm};
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

/// A step of a random program: a gate, a measurement, a reset, or a condition with a body.
#[derive(Clone, Debug)]
enum Part {
    Gate(usize, usize, usize, f64),
    Measure(usize, usize),
    Reset(usize),
    If(usize, bool, Vec<(usize, usize, usize, f64)>),
}

fn gate(kind: usize, a: usize, b: usize, angle: f64) -> Operation {
    let parameter = Angle::free(0).scaled(0.5).shifted(angle);
    match kind % 8 {
        0 => Operation::gate(Gate::Cx, &[], &[a, b]),
        1 => Operation::gate(Gate::Rzz, &[Angle::Fixed(angle)], &[a, b]),
        2 => Operation::gate(Gate::Swap, &[], &[a, b]),
        3 => Operation::gate(Gate::H, &[], &[a]),
        4 => Operation::gate(Gate::Ry, &[parameter], &[a]),
        5 => Operation::gate(Gate::Cp, &[parameter], &[a, b]),
        6 => Operation::gate(Gate::Rx, &[Angle::Fixed(angle)], &[a]),
        _ => Operation::gate(Gate::Cswap, &[], &[a, b, 3 - (a + b) % 3]),
    }
}

/// Programs on five qubits and three bits with free parameters, measurements and conditions.
fn programs() -> impl Strategy<Value = Circuit> {
    let pair = || (0..5usize, 1..5usize).prop_map(|(a, b)| (a, (a + b) % 5));
    let plain = move || (0..7usize, pair(), -3.0..3.0f64).prop_map(|(kind, (a, b), angle)| (kind, a, b, angle));
    let part = prop_oneof![
        8 => plain().prop_map(|(kind, a, b, angle)| Part::Gate(kind, a, b, angle)),
        1 => (0..5usize, 0..3usize).prop_map(|(qubit, bit)| Part::Measure(qubit, bit)),
        1 => (0..5usize).prop_map(Part::Reset),
        2 => (0..3usize, any::<bool>(), proptest::collection::vec(plain(), 1..5)).prop_map(|(bit, value, body)| Part::If(bit, value, body)),
    ];
    proptest::collection::vec(part, 1..24).prop_map(|parts| {
        let mut circuit = Circuit::new(5);
        circuit.add_bits("c", 3);
        circuit.add_bits("out", 5);
        circuit.reserve_parameters(1);
        for part in parts {
            let operation = match part {
                Part::Gate(kind, a, b, angle) => gate(kind, a, b, angle),
                Part::Measure(qubit, bit) => Operation::Measure { qubit, bit },
                Part::Reset(qubit) => Operation::Reset { qubit },
                Part::If(bit, value, body) => {
                    let list = body.into_iter().map(|(kind, a, b, angle)| gate(kind, a, b, angle)).collect();
                    let (then, otherwise) = if value { (list, Vec::new()) } else { (Vec::new(), list) };
                    let condition = Condition { bits: vec![bit], value: 1 };
                    Operation::Conditional(Box::new(Conditional { condition, then, otherwise }))
                }
            };
            circuit.push(operation).expect("it fits");
        }
        for qubit in 0..5 {
            circuit.measure(qubit, 3 + qubit);
        }
        circuit
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Programs with free parameters, measurements, resets and conditions give the outcomes they gave before, with the parameter bound
    /// before compilation and after it.
    #[test]
    fn programs_give_the_same_outcomes(program in programs(), level in 0..4u8, seed in 0..100u64, machine in 0..4usize) {
        let device = Device::from_name(["line-5", "grid-2x3", "ring-6", "trapped-ion"][machine]).expect("a machine");
        let options = CompileOptions { level, seed };
        let bound = program.bind(&[0.7]).expect("one parameter");
        let expected = outcomes(&bound);
        let after = compile(&program, &device, &options).expect("it fits").circuit.bind(&[0.7]).expect("one parameter");
        let before = compile(&bound, &device, &options).expect("it fits").circuit;
        for compiled in [after, before] {
            let found = outcomes(&compiled);
            for outcome in expected.keys().chain(found.keys()) {
                let (a, b) = (expected.get(outcome).unwrap_or(&0.0), found.get(outcome).unwrap_or(&0.0));
                prop_assert!((a - b).abs() < 1e-8, "outcome {outcome:b} has {b}, not {a}");
            }
        }
    }
}

/// Routed far beyond what an exact comparison of unitaries can hold: a knn of nine qubits and a QFT of twelve from random product states.
#[test]
fn routed_circuits_act_alike_on_random_product_states() {
    let mut knn = Circuit::new(9);
    knn.h(0);
    (1..5).for_each(|k| {
        knn.cswap(0, k, k + 4);
    });
    knn.h(0);
    let qft = qloom_circuits::library::qft(12);
    for (circuit, name) in [(knn, "heron"), (qft, "line-12"), (qloom_circuits::library::ghz(12), "grid-3x4")] {
        let mut circuit = from_a_random_state(&circuit);
        circuit.measure_all();
        let expected = outcomes(&circuit);
        let device = Device::from_name(name).expect("a machine");
        for level in [1, 2, 3] {
            let compiled = compile(&circuit, &device, &CompileOptions { level, seed: 2 }).expect("it fits").circuit;
            let small = compiled.restricted(&compiled.busy_qubits());
            assert!(small.num_qubits() <= LARGEST, "{name} uses {} qubits", small.num_qubits());
            let found = outcomes(&small);
            let far = expected.iter().map(|(outcome, p)| (p - found.get(outcome).unwrap_or(&0.0)).abs()).fold(0.0, f64::max);
            assert!(far < 1e-9, "{name}, level {level}: {far}");
        }
    }
}
