//! Dense unitaries on several qubits by two-level rotations.

use num_complex::Complex64;

use crate::gate::{Gate, Primitive, PrimitiveKind};
use crate::matrix::Matrix;
use crate::operation::{Operation, Qubits};

use super::control::controlled_x;
use super::one_qubit::controlled_unitary;
use super::phase::{controlled_phase, diagonal};
use super::weyl::{self, Piece};
use super::{TOLERANCE, rotation, row_of};

/// A constant unitary on `targets` where all controls are one; qubits that are idle are used and come back as they were.
///
/// The number of operations grows as `8^n` with the targets, and as the square of the controls.
pub fn unitary(matrix: &Matrix, controls: &[usize], targets: &[usize], idle: &[usize]) -> Vec<Operation> {
    match (targets, controls) {
        ([target], _) => controlled_unitary(matrix, controls, *target, idle),
        ([low, high], []) => two_qubits(matrix, [*low, *high]),
        (_, []) => two_level(matrix, targets),
        ([low, high], _) if matrix.distance(&Gate::Swap.matrix(&[])) < TOLERANCE => {
            let outer = Operation::gate(Gate::Cx, &[], &[*high, *low]);
            let inner: Vec<usize> = controls.iter().copied().chain([*low]).collect();
            [vec![outer.clone()], controlled_x(&inner, *high, idle), vec![outer]].concat()
        }
        _ => unitary(matrix, &[], targets, &[]).iter().flat_map(|operation| controlled(operation, controls, idle)).collect(),
    }
}

/// An operation made by synthesis, under controls.
fn controlled(operation: &Operation, controls: &[usize], idle: &[usize]) -> Vec<Operation> {
    let primitives = operation.primitives().expect("synthesis gives gates");
    if let [qubit] = *operation.qubits() {
        let matrix = primitives.iter().fold(Matrix::identity(1), |product, primitive| primitive.matrix(&[]).times(&product));
        return controlled_unitary(&matrix, controls, qubit, idle);
    }
    let under = |primitive: &Primitive| -> Vec<Operation> {
        let all: Qubits = controls.iter().chain(&primitive.controls).copied().collect();
        match &primitive.kind {
            PrimitiveKind::Phase(angle) => controlled_phase(*angle, &all, idle),
            PrimitiveKind::Rotation(angle, targets) => rotation(*angle, &all, targets, idle),
            PrimitiveKind::Unitary(matrix, targets) => unitary(matrix, &all, targets, idle),
        }
    };
    primitives.iter().flat_map(under).collect()
}

/// The fewest cx, between one-qubit gates.
fn two_qubits(matrix: &Matrix, qubits: [usize; 2]) -> Vec<Operation> {
    let pieces = weyl::decompose(matrix).pieces();
    let mut list = Vec::new();
    for piece in &pieces {
        match piece {
            Piece::Local(qubit, matrix) => list.extend(controlled_unitary(matrix, &[], qubits[*qubit], &[])),
            Piece::Cx(control, target) => list.push(Operation::gate(Gate::Cx, &[], &[qubits[*control], qubits[*target]])),
        }
    }
    let phase = weyl::phase_between(&weyl::product(&pieces), matrix);
    if phase.abs() > TOLERANCE {
        list.push(Operation::GlobalPhase(crate::angle::Angle::Fixed(phase)));
    }
    list
}

/// Source: Reck et al., Phys. Rev. Lett. 73, 58 (1994), with each rotation brought onto one qubit by cx.
fn two_level(matrix: &Matrix, qubits: &[usize]) -> Vec<Operation> {
    let size = matrix.dimension();
    let mut rest = matrix.clone();
    // Rotations G with G_m ... G_1 U diagonal; U is the diagonal followed by their inverses in reverse order.
    let mut rotations: Vec<(usize, usize, Matrix)> = Vec::new();
    for column in 0..size {
        for row in (column + 1..size).rev() {
            if rest[(row, column)].norm() < TOLERANCE {
                continue;
            }
            let (a, b) = (rest[(column, column)], rest[(row, column)]);
            let norm = a.norm().hypot(b.norm());
            let (a, b) = (a / norm, b / norm);
            let rotation = Matrix::from_slice(&[a.conj(), b.conj(), -b, a]);
            for k in 0..size {
                let (upper, lower) = (rest[(column, k)], rest[(row, k)]);
                rest[(column, k)] = rotation[(0, 0)] * upper + rotation[(0, 1)] * lower;
                rest[(row, k)] = rotation[(1, 0)] * upper + rotation[(1, 1)] * lower;
            }
            rotations.push((column, row, rotation.adjoint()));
        }
    }
    let phases: Vec<f64> = (0..size).map(|k| rest[(k, k)].arg()).collect();
    let mut list = diagonal(&phases, qubits);
    for (low, high, rotation) in rotations.into_iter().rev() {
        list.extend(on_levels(low, high, &rotation, qubits));
    }
    list
}

/// `rotation` on the span of basis states `low` and `high`, `low` first.
fn on_levels(low: usize, high: usize, rotation: &Matrix, qubits: &[usize]) -> Vec<Operation> {
    let differing = low ^ high;
    let target = differing.trailing_zeros() as usize;
    let gate = |gate, on: &[usize]| Operation::gate(gate, &[], &on.iter().map(|&bit| qubits[bit]).collect::<Vec<_>>());
    let bits = || (0..qubits.len()).filter(|bit| *bit != target);
    let mut frame: Vec<Operation> =
        bits().filter(|bit| differing >> bit & 1 == 1).map(|bit| gate(Gate::Cx, &[target, bit])).collect();
    // The state with the target bit at zero keeps its other bits; they are where the rotation acts.
    let pattern = if low >> target & 1 == 0 { low } else { high };
    frame.extend(bits().filter(|bit| pattern >> bit & 1 == 0).map(|bit| gate(Gate::X, &[bit])));
    let matrix = if low >> target & 1 == 0 {
        rotation.clone()
    } else {
        let at = |row: usize, column: usize| -> Complex64 { rotation[(1 - row, 1 - column)] };
        Matrix::from_slice(&[at(0, 0), at(0, 1), at(1, 0), at(1, 1)])
    };
    let controls: Vec<usize> = bits().map(|bit| qubits[bit]).collect();
    let mut list = frame.clone();
    match row_of(&matrix, controls.len()) {
        Some(row) => {
            let all: Vec<usize> = controls.iter().copied().chain([qubits[target]]).collect();
            list.push(Operation::gate(row, &[], &all));
        }
        None => list.extend(controlled_unitary(&matrix, &controls, qubits[target], &[])),
    }
    list.extend(frame.into_iter().rev());
    list
}
