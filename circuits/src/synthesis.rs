//! Exact synthesis: any primitive or dense unitary as rows of the first `qelib1.inc` and a global phase.

mod clifford;
mod control;
mod dense;
pub mod magic;
mod one_qubit;
mod phase;
mod product;
pub mod weyl;

pub use dense::unitary;
pub use one_qubit::{controlled_unitary, near_zero, power_of, u3_angles};
pub use phase::{controlled_phase, phase_network};
pub use product::factors;

use control::controlled_rz;

use crate::angle::Angle;
use crate::gate::{Gate, Primitive, PrimitiveKind};
use crate::matrix::Matrix;
use crate::operation::Operation;
use crate::pauli::Pauli;

/// Entries that differ by less count as equal.
const TOLERANCE: f64 = 1e-13;

/// A primitive as rows of the table and global phases, exactly; angles may be free.
///
/// The other qubits of the `num_qubits` may be used where that saves gates, and come back as they were. [`size`] tells how much it will be:
/// at most quadratic in the number of controls, linear for X, Y, Z and rotations where a qubit is idle.
pub fn primitive(primitive: &Primitive, num_qubits: usize) -> Vec<Operation> {
    let idle = idle(primitive, num_qubits);
    let controls = &primitive.controls;
    match &primitive.kind {
        PrimitiveKind::Phase(angle) => controlled_phase(*angle, controls, &idle),
        PrimitiveKind::Rotation(angle, targets) => rotation(*angle, controls, targets, &idle),
        PrimitiveKind::Unitary(matrix, targets) => match row_of(matrix, controls.len()) {
            Some(gate) => vec![Operation::gate(gate, &[], &primitive.qubits())],
            None => unitary(matrix, controls, targets, &idle),
        },
    }
}

/// About how many cx [`primitive`] will take, never too few by more than a factor of two: counted, not made.
pub fn size(primitive: &Primitive, num_qubits: usize) -> u64 {
    let controls = primitive.controls.len();
    let idle = num_qubits.saturating_sub(primitive.qubits().len()).min(controls);
    let rotated = |controls| control::cx_of_rz(controls, idle).saturating_add(control::cx_of_phase(controls, idle));
    match &primitive.kind {
        PrimitiveKind::Phase(_) => control::cx_of_phase(controls, idle),
        PrimitiveKind::Rotation(_, targets) => 2 * targets.len() as u64 + control::cx_of_rz(controls, idle),
        PrimitiveKind::Unitary(matrix, _) => match (matrix.num_qubits(), controls) {
            (0, _) => control::cx_of_phase(controls, idle),
            // of order two, as X, Y, Z and H are
            (1, 3..) if matrix.times(matrix).distance(&Matrix::identity(1)) < TOLERANCE => control::cx_of_x(controls, idle),
            (1, _) => rotated(controls),
            (2, 0) => 3,
            (2, _) => (3 * control::cx_of_x(controls + 1, idle)).saturating_add(8 * rotated(controls)),
            // two-level rotations between all pairs of basis states
            (targets, _) => {
                (1u64 << (2 * targets).min(60)).saturating_mul(rotated(targets - 1).saturating_add(rotated(controls)))
            }
        },
    }
}

/// Qubits that a primitive leaves alone, no more than can be of use.
fn idle(primitive: &Primitive, num_qubits: usize) -> Vec<usize> {
    let wanted = if primitive.controls.len() < 2 { 0 } else { primitive.controls.len() };
    let own = primitive.qubits();
    (0..num_qubits).filter(|qubit| !own.contains(qubit)).take(wanted).collect()
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
fn rotation(angle: Angle, controls: &[usize], targets: &[(usize, Pauli)], idle: &[usize]) -> Vec<Operation> {
    let targets: Vec<(usize, Pauli)> = targets.iter().copied().filter(|(_, pauli)| *pauli != Pauli::I).collect();
    let Some(&(last, letter)) = targets.last() else {
        return controlled_phase(angle.scaled(-0.5), controls, idle);
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
    list.extend(controlled_rz(angle, controls, last, idle));
    list.extend(ladder.into_iter().rev());
    list.extend(after);
    list
}

#[cfg(test)]
mod tests;
