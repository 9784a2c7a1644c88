//! Gates on three and more qubits as gates on one and two, which noise is given for.

use qloom_circuits::{Circuit, CircuitError, Conditional, Operation, PrimitiveKind, synthesis};

/// The circuit with every unitary operation on more than two qubits taken apart, in conditioned blocks too.
pub(super) fn taken_apart(circuit: &Circuit) -> Result<Circuit, CircuitError> {
    let mut list = Vec::new();
    circuit.operations().iter().for_each(|operation| take_apart(operation, circuit.num_qubits(), &mut list));
    let mut apart = circuit.without_operations();
    list.into_iter().try_for_each(|operation| apart.push(operation).map(|_| ()))?;
    Ok(apart)
}

fn take_apart(operation: &Operation, num_qubits: usize, list: &mut Vec<Operation>) {
    match operation {
        Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } if operation.qubits().len() > 2 => {
            for primitive in operation.primitives().expect("unitary operations have primitives") {
                let parts = match (&primitive.kind, primitive.controls.as_slice()) {
                    // what is a row of the table on three qubits would come back as that row
                    (PrimitiveKind::Unitary(matrix, targets), controls) if controls.len() + targets.len() <= 3 => {
                        synthesis::unitary(matrix, controls, targets, &[])
                    }
                    _ => synthesis::primitive(&primitive, num_qubits),
                };
                parts.iter().for_each(|part| take_apart(part, num_qubits, list));
            }
        }
        Operation::Conditional(block) => {
            let inside = |branch: &[Operation]| {
                let mut list = Vec::new();
                branch.iter().for_each(|inner| take_apart(inner, num_qubits, &mut list));
                list
            };
            let (then, otherwise) = (inside(&block.then), inside(&block.otherwise));
            let block = Conditional { condition: block.condition.clone(), then, otherwise };
            list.push(Operation::Conditional(Box::new(block)));
        }
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Channel { .. }
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => list.push(operation.clone()),
    }
}
