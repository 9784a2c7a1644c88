//! Inverse operations and circuits.

use crate::circuit::Circuit;
use crate::error::CircuitError;
use crate::operation::Operation;

impl Operation {
    /// Operations that undo this one exactly, in order of application; barriers and delays stay.
    ///
    /// # Errors
    /// For a channel, a measurement, a reset or a conditioned operation.
    pub fn inverse(&self) -> Result<Vec<Operation>, CircuitError> {
        Ok(match self {
            Operation::Gate { gate, angles, qubits } => gate.inverse(angles, qubits),
            Operation::PauliRotation { pauli, angle } => {
                vec![Operation::PauliRotation { pauli: *pauli, angle: angle.scaled(-1.0) }]
            }
            Operation::Unitary { matrix, controls, qubits } => {
                vec![Operation::Unitary { matrix: matrix.adjoint(), controls: controls.clone(), qubits: qubits.clone() }]
            }
            Operation::GlobalPhase(angle) => vec![Operation::GlobalPhase(angle.scaled(-1.0))],
            Operation::Barrier { .. } | Operation::Delay { .. } => vec![self.clone()],
            Operation::Channel { .. } => return Err(CircuitError::NotInvertible { operation: "a channel" }),
            Operation::Measure { .. } => return Err(CircuitError::NotInvertible { operation: "a measurement" }),
            Operation::Reset { .. } => return Err(CircuitError::NotInvertible { operation: "a reset" }),
            Operation::Conditional(_) => return Err(CircuitError::NotInvertible { operation: "a conditioned operation" }),
        })
    }
}

impl Circuit {
    /// The circuit that undoes this one exactly, with the same parameters and registers.
    ///
    /// # Errors
    /// When an operation has no inverse.
    ///
    /// ```
    /// use qloom_circuits::{Circuit, Gate, Operation};
    /// let mut circuit = Circuit::new(1);
    /// circuit.h(0).s(0);
    /// let inverse = circuit.inverse().unwrap();
    /// assert_eq!(inverse.operations()[0], Operation::gate(Gate::Sdg, &[], &[0]));
    /// ```
    pub fn inverse(&self) -> Result<Circuit, CircuitError> {
        let mut inverse = self.without_operations();
        for operation in self.operations().iter().rev() {
            for undo in operation.inverse()? {
                inverse.push(undo)?;
            }
        }
        Ok(inverse)
    }
}
