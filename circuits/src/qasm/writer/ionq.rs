//! Native gates of IonQ, in OpenQASM and as the JSON of its jobs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Writer, number};
use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::{Dialect, Gate};
use crate::operation::Operation;
use crate::qasm::error::QasmError;
use crate::qasm::{Construct, Version};

impl Writer {
    /// A native gate with its angles in turns; all are numbers, since the service takes no parameters.
    pub(super) fn in_turns(&mut self, gate: Gate, angles: &[Angle], qubits: &[usize], prefix: &str) {
        let (pulses, phase) = gate.pulses(&values(angles), qubits);
        for pulse in pulses {
            self.define(pulse.gate);
            let turns: Vec<String> = pulse.turns.iter().map(|&turns| number::decimal(turns)).collect();
            let (name, names) = (self.called(pulse.gate), self.names_or_all(&pulse.qubits));
            let _ = writeln!(self.body, "{prefix}{name}({}) {names};", turns.join(", "));
        }
        if phase != 0.0 {
            self.synthesised(&[Operation::GlobalPhase(Angle::Fixed(phase))], prefix);
        }
    }
}

fn values(angles: &[Angle]) -> Vec<f64> {
    angles.iter().map(|angle| angle.value(&[])).collect()
}

/// See [`crate::qasm::write_ionq`].
pub(in crate::qasm) fn write(circuit: &Circuit) -> Result<String, QasmError> {
    let mut writer = Writer::new(circuit, Version::V3, Dialect::IonQ);
    if circuit.num_parameters() > 0 {
        return Err(QasmError::FreeParameters { count: circuit.num_parameters(), language: "IonQ's JSON" });
    }
    let mut gates: Vec<Value> = Vec::new();
    let mut measured: Vec<Option<usize>> = vec![None; circuit.num_bits()];
    let mut is_measured = vec![false; circuit.num_qubits()];
    for (position, operation) in circuit.operations().iter().enumerate() {
        writer.position = position;
        writer.check_all(operation, false)?;
        let reused = operation.qubits().iter().any(|&qubit| is_measured[qubit]);
        let lacks = match operation {
            Operation::Gate { gate, angles, qubits } if !reused => {
                gates.extend(gate.pulses(&values(angles), qubits).0.iter().map(|pulse| {
                    let name = pulse.gate.name();
                    match pulse.turns[..] {
                        [first, second, angle] => {
                            json!({ "gate": name, "targets": pulse.qubits, "phases": [first, second], "angle": angle })
                        }
                        _ => json!({ "gate": name, "target": pulse.qubits[0], "phase": pulse.turns[0] }),
                    }
                }));
                continue;
            }
            Operation::Measure { qubit, bit } => {
                (is_measured[*qubit], measured[*bit]) = (true, Some(*qubit));
                continue;
            }
            Operation::GlobalPhase(_) | Operation::Barrier { .. } => continue,
            Operation::Gate { .. } => Construct::Reuse.remedy(),
            Operation::Reset { .. } => Construct::Reset.remedy(),
            Operation::Channel { .. } => "remove the noise first",
            Operation::PauliRotation { .. } | Operation::Unitary { .. } => Construct::Definition.remedy(),
            Operation::Delay { .. } => Construct::Delay.remedy(),
            Operation::Conditional(_) => Construct::Condition.remedy(),
        };
        let operation = operation.name().to_owned();
        return Err(QasmError::NoForm { operation, position, language: "IonQ's JSON", remedy: lacks });
    }
    let input = json!({ "gateset": "native", "qubits": circuit.num_qubits(), "circuit": gates });
    let metadata = json!({ "measured": json!(measured).to_string() });
    let job = json!({ "type": "ionq.circuit.v1", "input": input, "metadata": metadata });
    Ok(serde_json::to_string_pretty(&job).expect("numbers and names"))
}
