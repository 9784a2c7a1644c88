//! Operations lowered to primitives.

use smallvec::{SmallVec, smallvec};

use crate::error::CircuitError;
use crate::gate::{Primitive, PrimitiveKind};
use crate::operation::{Operation, Qubits};

impl Operation {
    /// The primitives of a unitary operation, in order of application; none for barriers and delays.
    ///
    /// # Errors
    /// When the operation is a channel, a measurement, a reset or conditioned.
    pub fn primitives(&self) -> Result<SmallVec<[Primitive; 1]>, CircuitError> {
        let one = |controls: Qubits, kind| smallvec![Primitive { controls, kind }];
        Ok(match self {
            Operation::Gate { gate, angles, qubits } => gate.primitives(angles, qubits),
            Operation::PauliRotation { pauli, angle } => {
                let targets = pauli.support().map(|qubit| (qubit, pauli.letter(qubit))).collect();
                one(Qubits::new(), PrimitiveKind::Rotation(*angle, targets))
            }
            Operation::Unitary { matrix, controls, qubits } => {
                one(controls.clone(), PrimitiveKind::Unitary(matrix.clone(), qubits.clone()))
            }
            Operation::GlobalPhase(angle) => one(Qubits::new(), PrimitiveKind::Phase(*angle)),
            Operation::Barrier { .. } | Operation::Delay { .. } => SmallVec::new(),
            Operation::Channel { .. } => return Err(CircuitError::NotUnitaryOperation { operation: "a channel" }),
            Operation::Measure { .. } => return Err(CircuitError::NotUnitaryOperation { operation: "a measurement" }),
            Operation::Reset { .. } => return Err(CircuitError::NotUnitaryOperation { operation: "a reset" }),
            Operation::Conditional(_) => {
                return Err(CircuitError::NotUnitaryOperation { operation: "a conditioned operation" });
            }
        })
    }
}
