//! Exact synthesis: any primitive or dense unitary as rows of the first `qelib1.inc` and a global phase.

mod dense;
mod one_qubit;
mod phase;
pub mod weyl;

pub use dense::unitary;
pub use one_qubit::{controlled_unitary, near_zero, power_of, u3_angles};
pub use phase::{controlled_phase, phase_network};

use crate::angle::Angle;
use crate::gate::{Gate, Primitive, PrimitiveKind};
use crate::matrix::Matrix;
use crate::operation::Operation;
use crate::pauli::Pauli;

/// Entries that differ by less count as equal.
const TOLERANCE: f64 = 1e-13;

/// A primitive as rows of the table and global phases, exactly; angles may be free.
pub fn primitive(primitive: &Primitive) -> Vec<Operation> {
    match &primitive.kind {
        PrimitiveKind::Phase(angle) => controlled_phase(*angle, &primitive.controls),
        PrimitiveKind::Rotation(angle, targets) => rotation(*angle, &primitive.controls, targets),
        PrimitiveKind::Unitary(matrix, targets) => match row_of(matrix, primitive.controls.len()) {
            Some(gate) => vec![Operation::gate(gate, &[], &primitive.qubits())],
            None => unitary(matrix, &primitive.controls, targets),
        },
    }
}

/// The row without angles, within the first `qelib1.inc`, that is this matrix under so many controls.
pub fn row_of(matrix: &Matrix, controls: usize) -> Option<Gate> {
    let qubits = matrix.num_qubits() + controls;
    if qubits > 3 {
        return None;
    }
    let whole = matrix.controlled(controls);
    let mut rows = Gate::all().filter(|gate| gate.num_parameters() == 0 && gate.num_qubits() == qubits);
    rows.find(|gate| gate.spec().headers.contains(crate::gate::Headers::QELIB1) && gate.matrix(&[]).distance(&whole) < TOLERANCE)
}

/// `exp(-i angle/2 P)` where all controls are one.
fn rotation(angle: Angle, controls: &[usize], targets: &[(usize, Pauli)]) -> Vec<Operation> {
    let targets: Vec<(usize, Pauli)> = targets.iter().copied().filter(|(_, pauli)| *pauli != Pauli::I).collect();
    let Some(&(last, letter)) = targets.last() else {
        return controlled_phase(angle.scaled(-0.5), controls);
    };
    if let ([], [_]) = (controls, targets.as_slice()) {
        let gate = match letter {
            Pauli::X => Gate::Rx,
            Pauli::Y => Gate::Ry,
            Pauli::Z | Pauli::I => Gate::Rz,
        };
        return vec![Operation::gate(gate, &[angle], &[last])];
    }
    let mut before = Vec::new();
    let mut after = Vec::new();
    for &(qubit, pauli) in &targets {
        let (enter, leave): (&[Gate], &[Gate]) = match pauli {
            Pauli::X => (&[Gate::H], &[Gate::H]),
            Pauli::Y => (&[Gate::Sdg, Gate::H], &[Gate::H, Gate::S]),
            Pauli::Z | Pauli::I => (&[], &[]),
        };
        before.extend(enter.iter().map(|gate| Operation::gate(*gate, &[], &[qubit])));
        after.extend(leave.iter().map(|gate| Operation::gate(*gate, &[], &[qubit])));
    }
    let ladder: Vec<Operation> =
        targets[..targets.len() - 1].iter().map(|(qubit, _)| Operation::gate(Gate::Cx, &[], &[*qubit, last])).collect();
    let mut list = before;
    list.extend(ladder.iter().cloned());
    list.extend(controlled_rz(angle, controls, last));
    list.extend(ladder.into_iter().rev());
    list.extend(after);
    list
}

/// `rz` where all controls are one.
fn controlled_rz(angle: Angle, controls: &[usize], target: usize) -> Vec<Operation> {
    match controls {
        [] => vec![Operation::gate(Gate::Rz, &[angle], &[target])],
        [control] => vec![Operation::gate(Gate::Crz, &[angle], &[*control, target])],
        _ => {
            let all: Vec<usize> = controls.iter().copied().chain([target]).collect();
            let mut list = controlled_phase(angle, &all);
            list.extend(controlled_phase(angle.scaled(-0.5), controls));
            list
        }
    }
}

#[cfg(test)]
mod tests;
