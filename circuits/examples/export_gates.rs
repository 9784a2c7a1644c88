//! Writes every row of the gate table, and random circuits, as OpenQASM 2, 3 and Braket's dialect with their unitaries.
//!
//! `cargo run --release -p qloom-circuits --example export_gates -- DIR [NUMBER OF RANDOM CIRCUITS]`; then
//! `python tests/interop/check.py DIR` compares them with Qiskit, and with
//! `--all` with other packages.

use std::path::Path;

use qloom_circuits::qasm::{self, Dialect, Version};
use qloom_circuits::{Angle, Circuit, Gate, Operation, Pauli, PauliString, library};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give the folder to write to")?;
    let count: u64 = arguments.next().map_or(Ok(20), |text| text.parse())?;
    std::fs::create_dir_all(&folder)?;
    for gate in Gate::all() {
        let angles: Vec<Angle> = (0..gate.num_parameters()).map(|k| Angle::Fixed(0.3 + 0.7 * k as f64)).collect();
        let qubits: Vec<usize> = (0..gate.num_qubits()).collect();
        let mut circuit = Circuit::new(gate.num_qubits());
        circuit.push(Operation::gate(gate, &angles, &qubits))?;
        export(Path::new(&folder), &format!("gate_{gate}"), &circuit)?;
    }
    for seed in 0..count {
        export(Path::new(&folder), &format!("random_{seed:04}"), &random(seed)?)?;
    }
    export(Path::new(&folder), "qft_4", &library::qft(4))?;
    Ok(())
}

/// Gates, with Pauli rotations, dense unitaries and global phases among them.
fn random(seed: u64) -> Result<Circuit, Box<dyn std::error::Error>> {
    let n = 1 + seed as usize % 5;
    let mut circuit = library::random(n, 15, &mut qloom_circuits::Stream::named(seed, "circuit"));
    let letters = (0..n).map(|qubit| (qubit, Pauli::ALL[(seed as usize / 5 + qubit) % 4]));
    circuit
        .push(Operation::PauliRotation { pauli: PauliString::from_letters(letters), angle: Angle::Fixed(0.1 + seed as f64) })?;
    let few = n.min(1 + seed as usize % 2);
    let matrix = library::random(few, 6, &mut qloom_circuits::Stream::named(seed, "circuit")).unitary(&[])?;
    let controls = if few < n { [few].into_iter().collect() } else { Default::default() };
    circuit.push(Operation::Unitary { matrix, controls, qubits: (0..few).collect() })?;
    circuit.push(Operation::GlobalPhase(Angle::Fixed(0.25)))?;
    circuit.append(&library::random(n, 5, &mut qloom_circuits::Stream::named(seed + 1, "circuit")))?;
    Ok(circuit)
}

fn export(folder: &Path, name: &str, circuit: &Circuit) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::write(folder.join(format!("{name}.qasm2")), qasm::write(circuit, Version::V2, Dialect::Plain)?)?;
    std::fs::write(folder.join(format!("{name}.qasm3")), qasm::write(circuit, Version::V3, Dialect::Plain)?)?;
    std::fs::write(folder.join(format!("{name}.braket")), qasm::write(circuit, Version::V3, Dialect::Braket)?)?;
    let unitary = circuit.unitary(&[])?;
    let entries: Vec<[f64; 2]> = unitary.entries().iter().map(|entry| [entry.re, entry.im]).collect();
    std::fs::write(folder.join(format!("{name}.json")), serde_json::json!({ "unitary": entries }).to_string())?;
    Ok(())
}
