use super::*;
use crate::circuit::Circuit;
use crate::gate::Headers;

fn product(n: usize, operations: &[Operation], parameters: &[f64]) -> Matrix {
    let mut circuit = Circuit::new(n);
    circuit.reserve_parameters(parameters.len());
    for operation in operations {
        circuit.push(operation.clone()).expect("synthesis stays within its qubits");
    }
    circuit.unitary(parameters).expect("synthesis gives gates")
}

#[test]
fn every_row_is_synthesised_exactly() {
    let values = [0.37, -1.21, 0.83, 2.05];
    for gate in Gate::all() {
        let (n, k) = (gate.num_qubits(), gate.num_parameters());
        let angles: Vec<Angle> = (0..k).map(Angle::free).collect();
        let qubits: Vec<usize> = (0..n).collect();
        let operations: Vec<Operation> = gate.primitives(&angles, &qubits).iter().flat_map(|part| primitive(part, n)).collect();
        let error = product(n, &operations, &values[..k]).distance(&gate.matrix(&values[..k]));
        assert!(error < 1e-12, "{gate}: {error}");
        for operation in &operations {
            if let Operation::Gate { gate: row, .. } = operation {
                let paper = row.spec().headers.contains(Headers::QELIB1);
                assert!(paper || matches!(row, Gate::P | Gate::Cp), "{gate} needs {row}");
            }
        }
    }
}

#[test]
fn dense_unitaries_are_synthesised_exactly() {
    for n in 1..=4 {
        let dense = crate::library::random(n, 12 * n, &mut crate::Stream::named(5, "circuit")).unitary(&[]).expect("gates");
        let qubits: Vec<usize> = (0..n).rev().collect();
        let error = product(n, &unitary(&dense, &[], &qubits, &[]), &[]).distance(&dense.embedded(&qubits, n));
        assert!(error < 1e-11, "{n} qubits: {error}");
        let controlled = product(n + 1, &unitary(&dense, &[n], &qubits, &[]), &[]);
        let all: Vec<usize> = std::iter::once(n).chain(qubits).collect();
        let error = controlled.distance(&dense.controlled(1).embedded(&all, n + 1));
        assert!(error < 1e-11, "{n} qubits, controlled: {error}");
    }
}
