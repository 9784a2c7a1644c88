//! Translation to the native gates that a dialect of OpenQASM is for.

use crate::{CompileOptions, Device, HardwareError, compile};
use qloom_circuits::Circuit;
use qloom_circuits::Operation;
use qloom_circuits::qasm::Dialect;

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
        named.push(operation.clone())?;
    }
    Ok(named)
}

/// A compiled circuit as Amazon Braket runs it without another compilation: on physical qubits, its gates in one verbatim box, the
/// measurements behind it as far as nothing follows them. Notes are left out.
///
/// ```
/// use qloom_circuits::Circuit;
/// use qloom_circuits::qasm::{Dialect, Version, write};
/// let mut circuit = Circuit::new(2);
/// circuit.add_bits("b", 2);
/// circuit.rx(0.5, 1).measure(1, 0).cz(0, 1);
/// assert!(write(&qloom_hardware::verbatim(&circuit), Version::V3, Dialect::Braket).is_err()); // qubit 1 is used again
/// let mut circuit = Circuit::new(2);
/// circuit.add_bits("b", 1);
/// circuit.rx(0.5, 1).measure(1, 0).rx(0.25, 0);
/// let text = write(&qloom_hardware::verbatim(&circuit), Version::V3, Dialect::Braket)?;
/// assert!(text.ends_with("#pragma braket verbatim\nbox {\nrx(0.5) $1;\nrx(0.25) $0;\n}\nb[0] = measure $1;\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn verbatim(circuit: &Circuit) -> Circuit {
    let mut physical = Circuit::default();
    physical.add_qubits("$", circuit.num_qubits());
    for register in circuit.bit_registers() {
        physical.add_bits(register.name.clone(), register.size);
    }
    physical.declare_parameters_of(circuit);
    physical.add_note("#pragma braket verbatim");
    let operations = circuit.operations();
    let conditioned = operations.iter().any(|operation| matches!(operation, Operation::Conditional(_)));
    let mut used = vec![false; circuit.num_qubits()];
    let mut last = vec![false; operations.len()];
    for (position, operation) in operations.iter().enumerate().rev() {
        if let Operation::Measure { qubit, .. } = operation {
            last[position] = !used[*qubit] && !conditioned;
        }
        if !matches!(operation, Operation::Barrier { .. }) {
            operation.qubits().iter().for_each(|&qubit| used[qubit] = true);
        }
    }
    for behind in [false, true] {
        for operation in operations.iter().zip(&last).filter(|(_, last)| **last == behind).map(|(operation, _)| operation) {
            physical.push(operation.clone()).expect("the registers are as large");
        }
    }
    physical
}

#[cfg(test)]
mod tests;
