//! Random angles, circuits and unitaries from seeds.
#![allow(dead_code)]

use num_complex::Complex64;
use qloom_circuits::{Angle, Circuit, Gate, Matrix, Operation, Pauli, PauliString, PauliSum};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn below(limit: usize, rng: &mut ChaCha8Rng) -> usize {
    rng.random_range(0..limit)
}

pub fn angles(count: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    (0..count).map(|_| rng.random_range(-7.0..7.0)).collect()
}

pub fn distinct(count: usize, limit: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut qubits: Vec<usize> = (0..limit).collect();
    for position in 0..count {
        let other = rng.random_range(position..limit);
        qubits.swap(position, other);
    }
    qubits.truncate(count);
    qubits
}

/// A random unitary by orthogonalising random columns.
pub fn unitary(num_qubits: usize, rng: &mut ChaCha8Rng) -> Matrix {
    let size = 1 << num_qubits;
    let mut columns: Vec<Vec<Complex64>> = Vec::new();
    while columns.len() < size {
        let mut column: Vec<Complex64> =
            (0..size).map(|_| Complex64::new(rng.random::<f64>() - 0.5, rng.random::<f64>() - 0.5)).collect();
        for _ in 0..2 {
            for other in &columns {
                let overlap: Complex64 = other.iter().zip(&column).map(|(a, b)| a.conj() * b).sum();
                column.iter_mut().zip(other).for_each(|(a, b)| *a -= overlap * b);
            }
        }
        let norm = column.iter().map(|a| a.norm_sqr()).sum::<f64>().sqrt();
        columns.push(column.into_iter().map(|a| a / norm).collect());
    }
    let entries: Vec<Complex64> = (0..size * size).map(|k| columns[k % size][k / size]).collect();
    Matrix::from_slice(&entries)
}

/// A circuit of random table gates, Pauli rotations, phases and unitaries with free and fixed angles, and parameter values.
pub fn circuit(num_qubits: usize, length: usize, seed: u64) -> (Circuit, Vec<f64>) {
    let mut rng = rng(seed);
    let gates: Vec<Gate> = Gate::all().filter(|gate| gate.num_qubits() <= num_qubits).collect();
    let mut circuit = Circuit::new(num_qubits);
    circuit.reserve_parameters(4);
    let angle = |rng: &mut ChaCha8Rng| match rng.random_range(0..4) {
        0 => Angle::Fixed(rng.random_range(-4.0..4.0)),
        index => Angle::free(index).scaled(rng.random_range(-1.5..1.5)).shifted(rng.random_range(-1.0..1.0)),
    };
    for _ in 0..length {
        let operation = match rng.random_range(0..12) {
            0 => {
                let letters: Vec<(usize, Pauli)> = (0..num_qubits).map(|q| (q, Pauli::ALL[rng.random_range(0..4)])).collect();
                Operation::PauliRotation { pauli: PauliString::from_letters(letters), angle: angle(&mut rng) }
            }
            1 => Operation::GlobalPhase(angle(&mut rng)),
            2 => {
                let count = rng.random_range(1..=num_qubits.min(3));
                let qubits = distinct(count, num_qubits, &mut rng);
                let targets = rng.random_range(1..=count);
                Operation::Unitary {
                    matrix: unitary(targets, &mut rng),
                    controls: qubits[targets..].into(),
                    qubits: qubits[..targets].into(),
                }
            }
            _ => {
                let gate = gates[rng.random_range(0..gates.len())];
                let values: Vec<Angle> = (0..gate.num_parameters()).map(|_| angle(&mut rng)).collect();
                Operation::gate(gate, &values, &distinct(gate.num_qubits(), num_qubits, &mut rng))
            }
        };
        circuit.push(operation).unwrap();
    }
    let parameters = angles(circuit.num_parameters(), &mut rng);
    (circuit, parameters)
}

/// A Pauli sum with this many random terms.
pub fn observable(num_qubits: usize, terms: usize, seed: u64) -> PauliSum {
    let mut rng = rng(seed);
    let mask = if num_qubits == 64 { u64::MAX } else { (1 << num_qubits) - 1 };
    let terms: Vec<(PauliString, f64)> = (0..terms)
        .map(|_| {
            let (x, z): (u64, u64) = (rng.random::<u64>() & mask, rng.random::<u64>() & mask);
            (PauliString::from_masks(x, z), rng.random_range(-1.0..1.0))
        })
        .collect();
    PauliSum::new(num_qubits, terms).unwrap()
}

/// A sum of products of Z.
pub fn diagonal(num_qubits: usize, terms: usize, seed: u64) -> PauliSum {
    let mut rng = rng(seed);
    let terms: Vec<(PauliString, f64)> = (0..terms)
        .map(|_| (PauliString::from_masks(0, rng.random_range(0..1 << num_qubits)), rng.random_range(-1.0..1.0)))
        .collect();
    PauliSum::new(num_qubits, terms).unwrap()
}

/// Amplitudes after a circuit of gates from `|0...0>`, one primitive at a time by its matrix.
pub fn reference(circuit: &Circuit, parameters: &[f64]) -> Vec<Complex64> {
    let mut state = vec![Complex64::ZERO; 1 << circuit.num_qubits()];
    state[0] = Complex64::ONE;
    for operation in circuit.operations() {
        for primitive in operation.primitives().unwrap() {
            let (matrix, qubits) = (primitive.matrix(parameters), primitive.qubits());
            let spread =
                |local: usize| qubits.iter().enumerate().fold(0, |index, (bit, qubit)| index | (local >> bit & 1) << qubit);
            let places: Vec<usize> = (0..matrix.dimension()).map(spread).collect();
            let all = places[places.len() - 1];
            for base in (0..state.len()).filter(|index| index & all == 0) {
                let old: Vec<Complex64> = places.iter().map(|place| state[base | place]).collect();
                for (row, place) in places.iter().enumerate() {
                    state[base | place] = old.iter().enumerate().map(|(column, value)| matrix[(row, column)] * value).sum();
                }
            }
        }
    }
    state
}
