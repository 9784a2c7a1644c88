//! Translation to the native gates that a dialect is for.

use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::Gate;
use crate::hardware::{CompileOptions, HardwareError, Target, compile};
use crate::operation::{Conditional, Operation};
use crate::qasm::Dialect;

/// The circuit in native gates; `None` when it stays as it is.
pub(super) fn translate(circuit: &Circuit, dialect: Dialect) -> Result<Option<Circuit>, HardwareError> {
    let gates: &[Gate] = match dialect {
        Dialect::Plain | Dialect::Ibm | Dialect::Braket => return Ok(None),
        Dialect::Quantinuum => &[Gate::Rz, Gate::Prx, Gate::Rzz],
        Dialect::IonQ => &[Gate::Gpi, Gate::Gpi2, Gate::Ms],
        Dialect::Rigetti => &[Gate::Rz, Gate::Sx, Gate::Cz],
    };
    let quarter = [Angle::Fixed(std::f64::consts::FRAC_PI_2)];
    let native = |gate: Gate, angles: &[Angle]| match dialect {
        Dialect::Rigetti => gate == Gate::Rz || gate == Gate::Cz || (gate == Gate::Rx && angles == quarter),
        Dialect::Plain | Dialect::Ibm | Dialect::Braket | Dialect::Quantinuum | Dialect::IonQ => gates.contains(&gate),
    };
    if circuit.operations().iter().all(|operation| is_native(operation, &native)) {
        return Ok(None);
    }
    let target =
        Target { name: dialect.name().to_string(), gates: gates.to_vec(), num_qubits: None, couplings: None, errors: None };
    let compiled = compile(circuit, &target, &CompileOptions { level: 1, seed: 0 })?.circuit;
    // The names of the registers are those of the circuit given.
    let mut named = circuit.without_operations();
    for operation in compiled.operations() {
        named.push(if dialect == Dialect::Rigetti { rotations(operation) } else { operation.clone() })?;
    }
    Ok(Some(named))
}

fn is_native(operation: &Operation, native: &dyn Fn(Gate, &[Angle]) -> bool) -> bool {
    match operation {
        Operation::Gate { gate, angles, .. } => native(*gate, angles),
        Operation::PauliRotation { .. } | Operation::Unitary { .. } | Operation::Channel { .. } => false,
        Operation::GlobalPhase(_)
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => true,
        Operation::Conditional(block) => block.then.iter().chain(&block.otherwise).all(|inner| is_native(inner, native)),
    }
}

/// The square root of X as a rotation about X.
fn rotations(operation: &Operation) -> Operation {
    match operation {
        Operation::Gate { gate: Gate::Sx, qubits, .. } => {
            Operation::gate(Gate::Rx, &[Angle::Fixed(std::f64::consts::FRAC_PI_2)], qubits)
        }
        Operation::Conditional(block) => {
            let map = |list: &[Operation]| list.iter().map(rotations).collect();
            let Conditional { condition, then, otherwise } = block.as_ref();
            let mapped = Conditional { condition: condition.clone(), then: map(then), otherwise: map(otherwise) };
            Operation::Conditional(Box::new(mapped))
        }
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Channel { .. }
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => operation.clone(),
    }
}
