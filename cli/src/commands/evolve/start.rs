//! Where an evolution begins.

use std::path::Path;

use qloom::circuits::Circuit;
use qloom::sim::before_last_measurements;

use crate::circuit_file;
use crate::failure::{Failure, OrFailure};

/// A circuit of gates from bits, qubit 0 rightmost, or from a file.
///
/// # Errors
/// Bad input for another number of qubits, free parameters, and what is no gate.
pub fn circuit(start: Option<&str>, num_qubits: usize) -> Result<Circuit, Failure> {
    let Some(start) = start else { return Ok(Circuit::new(num_qubits)) };
    let is_bits = !start.is_empty() && start.bytes().all(|byte| matches!(byte, b'0' | b'1'));
    let circuit = if is_bits {
        let mut circuit = Circuit::new(start.len());
        for (qubit, _) in start.bytes().rev().enumerate().filter(|(_, bit)| *bit == b'1') {
            circuit.x(qubit);
        }
        circuit
    } else if !start.contains(['.', '/', '\\']) && !Path::new(start).exists() {
        return Err(Failure::input(format!(
            "--start {start} is neither {num_qubits} bits of 0 and 1 nor a file that is there; give one of the two"
        )));
    } else {
        before_last_measurements(&circuit_file::read(Path::new(start))?)
    };
    if circuit.num_qubits() != num_qubits {
        let given = circuit.num_qubits();
        return Err(Failure::input(format!("--start has {given} qubits, the Hamiltonian {num_qubits}; they must agree")));
    }
    if circuit.num_parameters() > 0 {
        return Err(Failure::input(format!("--start {start}: it has free parameters; give them numbers")));
    }
    circuit.inverse().or_input(format!("--start {start}: it has to be made of gates"))?;
    Ok(circuit)
}
