use super::*;
use crate::circuit::Circuit;
use crate::gate::Gate;
use crate::operation::{Condition, Conditional};
use proptest::prelude::*;

fn conditional(bits: &[usize], qubit: usize) -> Operation {
    let then = vec![Operation::gate(Gate::X, &[], &[qubit])];
    let condition = Condition { bits: bits.to_vec(), value: 1 };
    Operation::Conditional(Box::new(Conditional { condition, then, otherwise: vec![] }))
}

fn operation() -> impl Strategy<Value = Operation> {
    let pair = (0usize..4, 1usize..4).prop_map(|(a, shift)| [a, (a + shift) % 4]);
    prop_oneof![
        (0usize..4).prop_map(|qubit| Operation::gate(Gate::H, &[], &[qubit])),
        pair.prop_map(|pair| Operation::gate(Gate::Cx, &[], &pair)),
        (0usize..4, 0usize..3).prop_map(|(qubit, bit)| Operation::Measure { qubit, bit }),
        (0usize..3, 0usize..4).prop_map(|(bit, qubit)| conditional(&[bit], qubit)),
        (0usize..4).prop_map(|qubit| conditional(&[0, 2], qubit)),
        (0usize..4).prop_map(|qubit| Operation::Reset { qubit }),
    ]
}

/// Whether the second of two operations has to wait for the first.
fn waits(first: &Operation, second: &Operation) -> bool {
    let accesses = |operation: &Operation| -> Vec<(usize, bool)> {
        match operation {
            Operation::Measure { bit, .. } => vec![(*bit, true)],
            Operation::Conditional(block) => block.condition.bits.iter().map(|&bit| (bit, false)).collect(),
            _ => Vec::new(),
        }
    };
    let shared = first.qubits().iter().any(|qubit| second.qubits().contains(qubit));
    let bits = accesses(first)
        .iter()
        .any(|(bit, writes)| accesses(second).iter().any(|(other, also)| bit == other && (*writes || *also)));
    shared || bits
}

proptest! {
    /// Every operation begins when the last that it waits for is over: the longest path of waits behind it.
    #[test]
    fn moments_are_longest_paths(operations in prop::collection::vec(operation(), 0..25)) {
        let mut circuit = Circuit::new(4);
        circuit.add_bits("c", 3);
        let mut expected: Vec<usize> = Vec::new();
        for (number, operation) in operations.iter().enumerate() {
            let start = (0..number).filter(|&earlier| waits(&operations[earlier], operation)).map(|earlier| expected[earlier] + 1);
            expected.push(start.max().unwrap_or(0));
            circuit.push(operation.clone()).expect("it fits");
        }
        prop_assert_eq!(circuit.moments(), expected.clone());
        prop_assert_eq!(circuit.depth(), expected.iter().map(|start| start + 1).max().unwrap_or(0));
        let metrics = circuit.metrics();
        prop_assert_eq!(metrics.depth, circuit.depth());
        let pairs = operations.iter().filter(|operation| operation.name() == "cx").count();
        prop_assert_eq!((metrics.two_qubit_gates, circuit.two_qubit_gates()), (pairs, pairs));
        // blocks count by what is in them
        let named = |name: &str| operations.iter().filter(|operation| operation.name() == name).count();
        prop_assert_eq!(metrics.counts.get("x").copied().unwrap_or(0), named("if"));
        prop_assert_eq!(metrics.gates, named("h") + named("cx") + named("if"));
        prop_assert_eq!(metrics.counts.get("measure").copied().unwrap_or(0), named("measure"));
        prop_assert_eq!((metrics.qubits, metrics.rotations, metrics.parameters), (4, 0, 0));
    }
}

/// A barrier over some qubits, or all, holds them together and takes no time.
#[test]
fn barriers_hold_their_qubits_together() {
    let mut circuit = Circuit::new(3);
    circuit.h(0).h(0).barrier(&[0, 1]).h(1).h(2);
    assert_eq!(circuit.moments(), [0, 1, 2, 2, 0]);
    circuit.barrier(&[]).h(2);
    assert_eq!(circuit.moments()[5..], [3, 3]);
    circuit.push(Operation::Delay { duration_ns: 5.0, qubits: vec![2] }).expect("it fits");
    assert_eq!((circuit.moments()[7], circuit.depth()), (4, 4));
    assert_eq!(circuit.depth_of(|operation| operation.name() == "delay"), 1);
    assert_eq!(circuit.depth_of(|_| false), 0);
}

#[test]
fn times_may_be_of_any_kind() {
    let mut schedule = Schedule::<f64>::new(2, 1);
    let measure = Operation::Measure { qubit: 0, bit: 0 };
    schedule.occupy(&[0], &measure, 300.5);
    let block = conditional(&[0], 1);
    assert_eq!(schedule.start(&[1], &block), 300.5);
    assert_eq!((schedule.known(&block), schedule.known(&measure)), (Some(300.5), None));
    schedule.read(&block, 400.0);
    assert_eq!(schedule.start(&[1], &measure), 400.0);
    assert_eq!(schedule.start(&[1], &block), 300.5);
    schedule.read(&measure, 1e9);
    schedule.occupy_qubit(1, 350.0);
    assert_eq!((schedule.free(1), schedule.end()), (350.0, 400.0));
}

/// Reading waits for writing, writing for both, reading not for reading.
#[test]
fn bits_order_what_qubits_do_not() {
    let mut circuit = Circuit::new(4);
    circuit.measure(0, 0);
    circuit.push(conditional(&[0], 1)).expect("it fits");
    circuit.push(conditional(&[0], 2)).expect("it fits");
    circuit.measure(3, 0);
    circuit.push(conditional(&[0], 0)).expect("it fits");
    circuit.push(conditional(&[1], 2)).expect("it fits");
    assert_eq!(circuit.moments(), [0, 1, 1, 2, 3, 2]);
    assert_eq!(circuit.depth(), 4);
}
