//! Translation to the native gates that a dialect of OpenQASM is for.

use crate::{CompileOptions, Device, HardwareError, compile};
use qloom_circuits::Angle;
use qloom_circuits::Circuit;
use qloom_circuits::Gate;
use qloom_circuits::qasm::Dialect;
use qloom_circuits::{Conditional, Operation};

/// The circuit in the native gates of a dialect of OpenQASM; as it is where the dialect names no machine or all gates are native already.
///
/// One-qubit gates are joined on the way; registers keep their names.
///
/// # Errors
/// For an operation that cannot be compiled, such as a noise channel.
///
/// ```
/// use qloom_circuits::Circuit;
/// use qloom_circuits::qasm::{Dialect, Version, write};
/// use qloom_hardware::translate;
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).cx(0, 1);
/// assert!(write(&circuit, Version::V2, Dialect::Quantinuum).is_err()); // neither gate is native there
/// let native = translate(&circuit, Dialect::Quantinuum)?;
/// assert!(write(&native, Version::V2, Dialect::Quantinuum)?.contains("RZZ"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn translate(circuit: &Circuit, dialect: Dialect) -> Result<Circuit, HardwareError> {
    let Some(gates) = dialect.native_gates() else { return Ok(circuit.clone()) };
    if circuit.operations().iter().all(|operation| dialect.is_native(operation)) {
        return Ok(circuit.clone());
    }
    let device = Device { gates: Some(gates.to_vec()), ..Device::new(dialect.name()) };
    let compiled = compile(circuit, &device, &CompileOptions { level: 1, seed: 0 })?.circuit;
    // The names of the registers are those of the circuit given.
    let mut named = circuit.without_operations();
    for operation in compiled.operations() {
        named.push(if dialect == Dialect::Rigetti { rotations(operation) } else { operation.clone() })?;
    }
    Ok(named)
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

#[cfg(test)]
mod tests;
