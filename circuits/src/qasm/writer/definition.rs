//! Definitions of gates that a header lacks, derived from their rows.

use std::f64::consts::TAU;
use std::fmt::Write as _;

use super::{Writer, number};
use crate::angle::Angle;
use crate::gate::{Action, Gate, Primitive, PrimitiveKind};
use crate::operation::Operation;
use crate::qasm::{Dialect, Version};
use crate::synthesis;

impl Writer {
    /// Makes sure that the gate can be called.
    pub(super) fn define(&mut self, gate: Gate) {
        if self.in_header(gate) || self.defined.contains(&gate) {
            return;
        }
        self.defined.insert(gate);
        let mut body = self.body_of(gate);
        if gate.is_in_turns(self.dialect) {
            let turned: Vec<Angle> = (0..gate.num_parameters()).map(|index| Angle::free(index).scaled(TAU)).collect();
            body = body.iter().map(|part| part.map_angles(&mut |angle| angle.substitute(&turned))).collect();
        }
        for operation in &body {
            if let Operation::Gate { gate: part, .. } = operation {
                self.define(*part);
            }
        }
        let row = gate.spec();
        // Qiskit's reader of version 3 hands over angles in the alphabetical order of their names.
        let names: Vec<String> = match row.parameters.is_sorted() {
            true => row.parameters.iter().map(|name| name.to_string()).collect(),
            false => (0..row.parameters.len()).map(|k| format!("angle_{k}")).collect(),
        };
        let angles = if names.is_empty() { String::new() } else { format!("({})", names.join(", ")) };
        let mut text = format!("gate {}{angles} {} {{", self.called(gate), row.qubits.join(", "));
        let name = |index: usize| names[index].clone();
        for operation in &body {
            let _ = match operation {
                Operation::GlobalPhase(angle) => match self.version {
                    Version::V2 => Ok(()),
                    Version::V3 => write!(text, " gphase({});", number::angle(*angle, &name)),
                },
                Operation::Gate { gate, angles, qubits } => {
                    let angles: Vec<String> = angles.iter().map(|angle| number::angle(*angle, &name)).collect();
                    let angles = if angles.is_empty() { String::new() } else { format!("({})", angles.join(", ")) };
                    let qubits: Vec<&str> = qubits.iter().map(|&qubit| row.qubits[qubit]).collect();
                    write!(text, " {}{angles} {};", self.called(*gate), qubits.join(", "))
                }
                Operation::PauliRotation { .. }
                | Operation::Unitary { .. }
                | Operation::Channel { .. }
                | Operation::Measure { .. }
                | Operation::Reset { .. }
                | Operation::Barrier { .. }
                | Operation::Delay { .. }
                | Operation::Conditional(_) => unreachable!("a definition is made of rows and global phases"),
            };
        }
        let _ = writeln!(self.definitions, "{text} }}");
    }

    /// The gate on qubits `0..n` with its angles free, in other rows.
    pub(super) fn body_of(&self, gate: Gate) -> Vec<Operation> {
        let row = gate.spec();
        let angles: Vec<Angle> = (0..row.parameters.len()).map(Angle::free).collect();
        let qubits: Vec<usize> = (0..row.qubits.len()).collect();
        if let Some(other) = self.twin(gate) {
            return vec![Operation::gate(other, &angles, &qubits)];
        }
        if let Action::Sequence(parts) = &row.action
            && !parts.is_empty()
        {
            return parts.iter().map(|part| Operation::gate(part.gate, part.angles, part.qubits)).collect();
        }
        let pieces = gate.primitives(&angles, &qubits);
        let made = |piece: &Primitive| {
            let operations = synthesis::primitive(piece, row.qubits.len());
            match (&piece.kind, operations.as_slice()) {
                // A row is not made of itself.
                (PrimitiveKind::Unitary(matrix, targets), [Operation::Gate { gate: same, .. }]) if *same == gate => {
                    synthesis::unitary(matrix, &piece.controls, targets, &[])
                }
                _ => operations,
            }
        };
        let mut operations = self.tidy(pieces.iter().flat_map(made).collect());
        if operations.is_empty() && self.dialect == Dialect::Braket {
            // Braket leaves out qubits without a gate.
            operations.push(Operation::gate(Gate::Id, &[], &[0]));
        }
        operations
    }

    /// Operations made by synthesis in rows of the header, their fixed phases gathered in one.
    ///
    /// Readers of version 3 differ in the phase of `u3`; it is written as rotations, whose phase all agree on.
    pub(super) fn tidy(&self, operations: Vec<Operation>) -> Vec<Operation> {
        let mut list = Vec::with_capacity(operations.len());
        let mut phase = 0.0;
        for operation in operations {
            match operation {
                Operation::GlobalPhase(Angle::Fixed(value)) => phase += value,
                Operation::Gate { gate: Gate::U3, angles, qubits } if self.version == Version::V3 => {
                    let [theta, phi, lambda] = [0, 1, 2].map(|k| angles[k].value(&[]));
                    let turns = if theta == 0.0 {
                        vec![(Gate::Rz, synthesis::near_zero(phi + lambda))]
                    } else {
                        vec![(Gate::Rz, lambda), (Gate::Ry, theta), (Gate::Rz, phi)]
                    };
                    // Turns by whole rounds change the phase by pi.
                    let rounds = if theta == 0.0 { phi + lambda - turns[0].1 } else { 0.0 };
                    phase += (phi + lambda) / 2.0 - rounds / 2.0;
                    let turns = turns.into_iter().filter(|(_, angle)| *angle != 0.0);
                    list.extend(turns.map(|(gate, angle)| Operation::gate(gate, &[Angle::Fixed(angle)], &qubits)));
                }
                Operation::Gate { gate: Gate::Crz, angles, qubits } if !self.in_header(Gate::Crz) => {
                    for half in [0.5, -0.5] {
                        list.push(Operation::gate(Gate::Rz, &[angles[0].scaled(half)], &qubits[1..]));
                        list.push(Operation::gate(Gate::Cx, &[], &qubits));
                    }
                }
                Operation::Gate { gate, angles, qubits } => {
                    list.push(Operation::Gate { gate: self.same_in_header(gate), angles, qubits });
                }
                other => list.push(other),
            }
        }
        let phase = synthesis::near_zero(phase);
        if phase.abs() > 1e-15 {
            list.push(Operation::GlobalPhase(Angle::Fixed(phase)));
        }
        list
    }

    /// Another row of the header that does the same with the same angles.
    fn twin(&self, gate: Gate) -> Option<Gate> {
        let (angles, qubits) = (gate.num_parameters(), gate.num_qubits());
        let values = [[0.37, -1.21, 0.83, 2.05], [-2.2, 0.51, 1.47, -0.94]];
        let same = |other: &Gate| {
            *other != gate
                && other.num_parameters() == angles
                && other.num_qubits() == qubits
                && self.in_header(*other)
                && values.iter().all(|point| other.matrix(&point[..angles]).distance(&gate.matrix(&point[..angles])) < 1e-13)
        };
        Gate::all().find(same)
    }

    /// The gate itself if the header has it, else a row of the header that does the same, else the gate.
    pub(super) fn same_in_header(&self, gate: Gate) -> Gate {
        if self.in_header(gate) { gate } else { self.twin(gate).unwrap_or(gate) }
    }
}
