//! Circuits as lists: inverses, parameters, joining, schedules.

use proptest::prelude::*;
use qloom_circuits::{Circuit, CircuitError, Gate, Matrix, Operation};

use super::strategies::{circuit, program, values};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_circuit_and_its_inverse_do_nothing(circuit in circuit(3, 12, 2)) {
        let mut both = circuit.clone();
        both.append(&circuit.inverse().expect("gates")).expect("as many qubits");
        // appended parameters are numbered after those there are
        let error = both.unitary(&[values(2), values(2)].concat()).expect("gates").distance(&Matrix::identity(3));
        prop_assert!(error < 1e-12, "{error:e}");
    }

    #[test]
    fn an_inverse_inverted_is_the_circuit_again(circuit in circuit(3, 10, 1)) {
        let twice = circuit.inverse().and_then(|inverse| inverse.inverse()).expect("gates");
        let error = twice.unitary(&values(1)).expect("gates").distance(&circuit.unitary(&values(1)).expect("gates"));
        prop_assert!(error < 1e-12, "{error:e}");
    }

    #[test]
    fn binding_before_or_at_the_end_is_the_same(circuit in circuit(3, 12, 3)) {
        let bound = circuit.bind(&values(3)).expect("three values");
        prop_assert_eq!(bound.num_parameters(), 0);
        let error = bound.unitary(&[]).expect("gates").distance(&circuit.unitary(&values(3)).expect("gates"));
        prop_assert!(error < 1e-13, "{error:e}");
        let refused = circuit.bind(&values(2));
        prop_assert!(matches!(refused, Err(CircuitError::WrongParameterCount { expected: 3, given: 2 })), "{:?}", refused);
    }

    #[test]
    fn the_unitary_of_a_joined_circuit_is_the_product(first in circuit(3, 8, 0), second in circuit(3, 8, 0)) {
        let mut joined = first.clone();
        joined.append(&second).expect("as many qubits");
        let product = second.unitary(&[]).expect("gates").times(&first.unitary(&[]).expect("gates"));
        prop_assert!(joined.unitary(&[]).expect("gates").distance(&product) < 1e-12);
    }

    #[test]
    fn unitaries_are_unitary_and_columns_are_outputs(circuit in circuit(4, 10, 0)) {
        prop_assert!(circuit.unitary(&[]).expect("gates").unitarity_error() < 1e-12);
    }

    /// Every operation starts when its qubits are free and its bits known, not before and not later: bits that two operations only read
    /// do not order them.
    #[test]
    fn moments_are_as_early_as_they_can_be(circuit in program(4, 3, 20)) {
        let moments = circuit.moments();
        let uses = |operation: &Operation| (operation.qubits().to_vec(), operation.bits(), written(operation));
        let mut depth = 0;
        for (position, operation) in circuit.operations().iter().enumerate() {
            let (qubits, bits, writes) = uses(operation);
            let mut earliest = 0;
            for (before, other) in circuit.operations()[..position].iter().enumerate() {
                let (other_qubits, other_bits, other_writes) = uses(other);
                let shared = |a: &[usize], b: &[usize]| a.iter().any(|place| b.contains(place));
                if shared(&qubits, &other_qubits) || shared(&bits, &other_writes) || shared(&writes, &other_bits) {
                    earliest = earliest.max(moments[before] + usize::from(other.takes_moment()));
                }
            }
            prop_assert_eq!(moments[position], earliest, "operation {}", position);
            depth = depth.max(moments[position] + usize::from(operation.takes_moment()));
        }
        prop_assert_eq!(circuit.depth(), depth);
    }

    #[test]
    fn counts_add_up(circuit in program(4, 3, 20)) {
        let metrics = circuit.metrics();
        let gates = |list: &[Operation]| -> usize { list.iter().filter(|inner| matches!(inner, Operation::Gate { .. })).count() };
        let inside: usize = circuit.operations().iter().map(|operation| match operation {
            Operation::Conditional(block) => gates(&block.then) + gates(&block.otherwise),
            other => gates(std::slice::from_ref(other)),
        }).sum();
        prop_assert_eq!(metrics.gates, inside);
        let named: usize = metrics.counts.iter().filter(|(name, _)| Gate::from_name(name).is_some()).map(|(_, count)| count).sum();
        prop_assert_eq!(named, metrics.gates);
        prop_assert!(metrics.two_qubit_gates <= metrics.gates && metrics.rotations <= metrics.gates);
    }

    /// Popping undoes pushing, and a circuit without its operations keeps its registers.
    #[test]
    fn operations_come_off_as_they_went_on(circuit in program(3, 2, 12)) {
        let mut shorter = circuit.clone();
        let mut taken = Vec::new();
        while let Some(operation) = shorter.pop() {
            taken.push(operation);
        }
        taken.reverse();
        prop_assert_eq!(&taken[..], circuit.operations());
        let mut again = circuit.without_operations();
        prop_assert_eq!(again.bit_registers(), circuit.bit_registers());
        for operation in taken {
            again.push(operation).expect("it was there");
        }
        prop_assert_eq!(again, circuit);
    }
}

/// The bits an operation writes.
fn written(operation: &Operation) -> Vec<usize> {
    match operation {
        Operation::Measure { bit, .. } => vec![*bit],
        Operation::Conditional(block) => block.then.iter().chain(&block.otherwise).flat_map(written).collect(),
        _ => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Moments keep the order of all that share a qubit, and of a bit's writing with all that uses it; none is later than it must be.
    #[test]
    fn moments_wait_for_qubits_and_bits(circuit in program(4, 3, 24)) {
        let operations = circuit.operations();
        let moments = circuit.moments();
        for (later, operation) in operations.iter().enumerate() {
            let waits = |earlier: &Operation| {
                let shares = |a: &[usize], b: &[usize]| a.iter().any(|item| b.contains(item));
                shares(&earlier.qubits(), &operation.qubits())
                    || shares(&written(earlier), &operation.bits())
                    || shares(&earlier.bits(), &written(operation))
            };
            let before = (0..later).filter(|&earlier| waits(&operations[earlier]));
            let ends = before.map(|earlier| moments[earlier] + usize::from(operations[earlier].takes_moment()));
            prop_assert_eq!(moments[later], ends.max().unwrap_or(0), "operation {}", later);
        }
    }
}

#[test]
fn mistakes_name_what_is_wrong() {
    let mut circuit = Circuit::new(2);
    let message = |result: Result<&mut Circuit, CircuitError>| result.expect_err("a mistake").to_string();
    let gate = |gate, angles: &[f64], qubits: &[usize]| {
        Operation::gate(gate, &angles.iter().map(|&angle| angle.into()).collect::<Vec<_>>(), qubits)
    };
    for (operation, parts) in [
        (gate(Gate::Cx, &[], &[0, 2]), ["qubit 2", "2 qubits"]),
        (gate(Gate::Cx, &[], &[1, 1]), ["qubit 1", "twice"]),
        (gate(Gate::Cx, &[], &[0]), ["cx", "2 qubits"]),
        (gate(Gate::Rx, &[], &[0]), ["rx", "1 angle"]),
        (gate(Gate::Rx, &[f64::NAN], &[0]), ["NaN", "finite"]),
        (Operation::Measure { qubit: 0, bit: 0 }, ["bit 0", "0 bits"]),
        (Operation::Delay { duration_ns: f64::INFINITY, qubits: vec![0] }, ["inf", "finite"]),
    ] {
        let text = message(circuit.push(operation));
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
    assert!(circuit.operations().is_empty(), "nothing refused stays");
    circuit.add_bits("c", 1);
    circuit.measure(0, 0);
    assert!(matches!(circuit.inverse(), Err(CircuitError::NotInvertible { .. })));
    assert!(matches!(circuit.unitary(&[]), Err(CircuitError::NotUnitaryOperation { .. })));
}
