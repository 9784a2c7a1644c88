//! The operations that inverses of noise are made of: ten gates and three preparations of a qubit.

use std::f64::consts::FRAC_PI_2;
use std::sync::LazyLock;

use qloom_circuits::{Channel, Circuit, CircuitError, Operation, Qubits};

use crate::error::EstimateError;

/// Operations of one qubit whose sums are all maps of it that preserve the trace (R. Takagi, Optimal resource cost for error mitigation,
/// 2021, arXiv:2006.12509, after S. Endo, S. C. Benjamin and Y. Li, 2018, arXiv:1712.09271).
pub(super) const COUNT: usize = 13;
/// Entries of the transfer matrix of one qubit.
const ENTRIES: usize = 16;
/// How far the sum may be from the inverse.
const TOLERANCE: f64 = 1e-9;
const METHOD: &str = "probabilistic error cancellation";

/// Appends the operations of a word of the basis.
pub(super) fn push_word(circuit: &mut Circuit, mut word: usize, qubits: &Qubits) -> Result<(), CircuitError> {
    for &qubit in qubits {
        let operation = word % COUNT;
        if prepares(operation) {
            circuit.push(Operation::Reset { qubit })?;
        }
        push_gates(circuit, operation, qubit);
        word /= COUNT;
    }
    Ok(())
}

/// Whether it begins with a reset.
fn prepares(operation: usize) -> bool {
    operation >= 10
}

fn push_gates(circuit: &mut Circuit, operation: usize, qubit: usize) {
    match operation {
        0 | 10 => circuit,
        1 => circuit.x(qubit),
        2 => circuit.y(qubit),
        3 => circuit.z(qubit),
        // turns by a quarter about an axis
        4 | 12 => circuit.rx(-FRAC_PI_2, qubit),
        5 => circuit.ry(-FRAC_PI_2, qubit),
        6 => circuit.rz(-FRAC_PI_2, qubit),
        // halves about the axis between two
        7 => circuit.y(qubit).rx(FRAC_PI_2, qubit),
        8 | 11 => circuit.h(qubit),
        9 => circuit.x(qubit).rz(FRAC_PI_2, qubit),
        _ => unreachable!("the basis has {COUNT} operations"),
    };
}

/// The transfer matrix of an operation of the basis.
fn transfer(operation: usize) -> Vec<f64> {
    let mut circuit = Circuit::new(1);
    push_gates(&mut circuit, operation, 0);
    let mut transfer = circuit.unitary(&[]).expect("gates without free angles").transfer_matrix();
    if prepares(operation) {
        // of what was reset <I> and <Z> are 1, whatever it was before
        for row in transfer.chunks_exact_mut(4) {
            row.copy_from_slice(&[row[0] + row[3], 0.0, 0.0, 0.0]);
        }
    }
    transfer
}

/// The basis as columns, and the rows that find the coefficients of a sum of them.
struct Frame {
    columns: Vec<f64>,
    rows: Vec<f64>,
}

static FRAME: LazyLock<Frame> = LazyLock::new(|| {
    let maps: Vec<Vec<f64>> = (0..COUNT).map(transfer).collect();
    let columns: Vec<f64> = (0..ENTRIES * COUNT).map(|at| maps[at % COUNT][at / COUNT]).collect();
    let overlap = |a: usize, b: usize| -> f64 { maps[a].iter().zip(&maps[b]).map(|(x, y)| x * y).sum() };
    let overlaps: Vec<f64> = (0..COUNT * COUNT).map(|at| overlap(at / COUNT, at % COUNT)).collect();
    let inverse = inverse(overlaps, COUNT).expect("the operations are independent");
    let row = |r: usize, entry: usize| -> f64 { (0..COUNT).map(|b| inverse[r * COUNT + b] * maps[b][entry]).sum() };
    let rows = (0..COUNT * ENTRIES).map(|at| row(at / ENTRIES, at % ENTRIES)).collect();
    Frame { columns, rows }
});

/// The coefficients of a channel's inverse in products of the basis: one for each word, the base-13 digit of the first qubit the least
/// significant. They add up to 1.
pub(super) fn inverse_of(channel: &Channel) -> Result<Vec<f64>, EstimateError> {
    let (k, size) = (channel.num_qubits(), 1usize << (2 * channel.num_qubits()));
    let refused = |operation, remedy| EstimateError::Unsupported { method: METHOD, operation, remedy };
    let inverse = inverse(channel.transfer().to_vec(), size).ok_or_else(|| {
        refused("noise that has no inverse", "leave the mitigation out, or take noise that keeps some of the state")
    })?;
    // entry (i, j) of each qubit together
    let entry = |pairs: usize| {
        let (mut i, mut j) = (0, 0);
        for qubit in 0..k {
            let pair = pairs >> (4 * qubit) & 15;
            i |= (pair >> 2) << (2 * qubit);
            j |= (pair & 3) << (2 * qubit);
        }
        inverse[i * size + j]
    };
    let tensor: Vec<f64> = (0..size * size).map(entry).collect();
    let coefficients = along_all(tensor.clone(), k, &FRAME.rows, ENTRIES);
    let sum = along_all(coefficients.clone(), k, &FRAME.columns, COUNT);
    let largest = tensor.iter().fold(1.0f64, |most, entry| most.max(entry.abs()));
    if sum.iter().zip(&tensor).any(|(found, wanted)| (found - wanted).abs() > TOLERANCE * largest) {
        let operation = "noise of several qubits whose inverse is no sum of operations of single ones";
        return Err(refused(operation, "use another mitigation"));
    }
    Ok(coefficients)
}

/// A matrix applied to each of the axes of a tensor, the first axis the least significant.
fn along_all(mut tensor: Vec<f64>, axes: usize, matrix: &[f64], columns: usize) -> Vec<f64> {
    for _ in 0..axes {
        // the least significant axis becomes the most significant one, so that all have had their turn in the end
        let along = |row: &[f64]| -> Vec<f64> {
            tensor.chunks_exact(columns).map(|chunk| chunk.iter().zip(row).map(|(x, y)| x * y).sum()).collect()
        };
        tensor = matrix.chunks_exact(columns).flat_map(along).collect();
    }
    tensor
}

/// The inverse of a matrix, row-major, by elimination with the largest pivots; none where it has none. At most 64 rows, once a channel:
/// not worth the forty crates of a library.
fn inverse(mut matrix: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    let mut inverse: Vec<f64> = (0..size * size).map(|at| f64::from(u8::from(at / size == at % size))).collect();
    for column in 0..size {
        let pivot =
            (column..size).max_by(|&a, &b| matrix[a * size + column].abs().total_cmp(&matrix[b * size + column].abs()))?;
        if matrix[pivot * size + column].abs() < 1e-12 {
            return None;
        }
        for at in 0..size {
            matrix.swap(column * size + at, pivot * size + at);
            inverse.swap(column * size + at, pivot * size + at);
        }
        let scale = matrix[column * size + column].recip();
        for at in column * size..(column + 1) * size {
            matrix[at] *= scale;
            inverse[at] *= scale;
        }
        for row in (0..size).filter(|&row| row != column) {
            let factor = matrix[row * size + column];
            for at in 0..size {
                matrix[row * size + at] -= factor * matrix[column * size + at];
                inverse[row * size + at] -= factor * inverse[column * size + at];
            }
        }
    }
    Some(inverse)
}
