//! What a program of a dialect may hold.

use crate::angle::Angle;
use crate::gate::{Dialect, Gate};
use crate::operation::Operation;

impl Dialect {
    /// Whether a program of the dialect may hold this operation: what machines do not do has to be compiled first.
    pub fn is_native(self, operation: &Operation) -> bool {
        let quarter = [Angle::Fixed(std::f64::consts::FRAC_PI_2)];
        let Some(gates) = self.native_gates() else { return true };
        let native = |gate: Gate, angles: &[Angle]| match self {
            Dialect::Rigetti => gate == Gate::Rz || gate == Gate::Cz || (gate == Gate::Rx && angles == quarter),
            Dialect::Plain | Dialect::Ibm | Dialect::Braket | Dialect::Quantinuum | Dialect::IonQ => gates.contains(&gate),
        };
        match operation {
            Operation::Gate { gate, angles, .. } => native(*gate, angles),
            Operation::PauliRotation { .. } | Operation::Unitary { .. } => false,
            Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => true,
            Operation::Conditional(block) => block.then.iter().chain(&block.otherwise).all(|inner| self.is_native(inner)),
        }
    }
}
