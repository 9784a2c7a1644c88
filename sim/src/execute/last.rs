//! Measurements after everything else.

use qloom_circuits::{Circuit, Operation};

/// The circuit without the measurements after which neither their qubit nor their bit is used, and without barriers and delays.
pub fn before_last_measurements(circuit: &Circuit) -> Circuit {
    split_last_measurements(circuit).0
}

/// [`before_last_measurements`], and the qubit and bit of each measurement left out, in order.
pub fn split_last_measurements(circuit: &Circuit) -> (Circuit, Vec<(usize, usize)>) {
    let mut used_qubits = vec![false; circuit.num_qubits()];
    let mut used_bits = vec![false; circuit.num_bits()];
    let mut kept = Vec::with_capacity(circuit.operations().len());
    let mut last = Vec::new();
    for operation in circuit.operations().iter().rev() {
        if let Operation::Measure { qubit, bit } = operation
            && !used_qubits[*qubit]
            && !used_bits[*bit]
        {
            last.push((*qubit, *bit));
            continue;
        }
        if matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
            continue;
        }
        operation.qubits().iter().for_each(|&qubit| used_qubits[qubit] = true);
        operation.bits().into_iter().for_each(|bit| used_bits[bit] = true);
        kept.push(operation.clone());
    }
    let mut before = circuit.without_operations();
    for operation in kept.into_iter().rev() {
        before.push(operation).expect("the operation was in this circuit");
    }
    last.reverse();
    (before, last)
}
