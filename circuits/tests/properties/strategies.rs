//! What is drawn at random.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Angle, Circuit, Condition, Conditional, Gate, Matrix, Operation, Pauli, PauliString, Stream, library};

/// A fixed angle, or a parameter scaled and shifted; short binary fractions, so that texts hold them exactly.
pub fn angle(parameters: usize) -> impl Strategy<Value = Angle> {
    let fixed = (-64i32..64).prop_map(|k| Angle::Fixed(f64::from(k) / 8.0));
    let free = (0..parameters.max(1), 1i32..9, -8i32..8)
        .prop_map(|(index, scale, offset)| Angle::free(index).scaled(f64::from(scale) / 4.0).shifted(f64::from(offset) / 4.0));
    if parameters == 0 { fixed.boxed() } else { prop_oneof![fixed, free].boxed() }
}

/// A row of the table on distinct qubits out of `n`, with angles.
pub fn gate(n: usize, parameters: usize) -> impl Strategy<Value = Operation> {
    let fitting: Vec<Gate> = Gate::all().filter(|gate| gate.num_qubits() <= n && *gate != Gate::U0).collect();
    (
        prop::sample::select(fitting),
        Just((0..n).collect::<Vec<usize>>()).prop_shuffle(),
        prop::collection::vec(angle(parameters), 4),
    )
        .prop_map(|(gate, qubits, angles)| Operation::gate(gate, &angles[..gate.num_parameters()], &qubits[..gate.num_qubits()]))
}

/// A Pauli string on `n` qubits, never the identity.
pub fn string(n: usize) -> impl Strategy<Value = PauliString> {
    (1u64..1 << (2 * n)).prop_map(move |index| {
        PauliString::from_letters((0..n).map(|qubit| (qubit, Pauli::ALL[(index >> (2 * qubit) & 3) as usize])))
    })
}

/// Any unitary on `n` qubits, as that of a random circuit.
pub fn unitary(n: usize) -> impl Strategy<Value = Matrix> {
    any::<u64>()
        .prop_map(move |seed| library::random(n, 4 * n, &mut Stream::named(seed, "matrix")).unitary(&[]).expect("a few gates"))
}

/// Gates, rotations about Pauli strings and global phases.
pub fn unitary_operation(n: usize, parameters: usize) -> impl Strategy<Value = Operation> {
    prop_oneof![
        8 => gate(n, parameters),
        1 => (string(n), angle(parameters)).prop_map(|(pauli, angle)| Operation::PauliRotation { pauli, angle }),
        1 => angle(parameters).prop_map(Operation::GlobalPhase),
    ]
}

/// A circuit of unitary operations.
pub fn circuit(n: usize, length: usize, parameters: usize) -> impl Strategy<Value = Circuit> {
    prop::collection::vec(unitary_operation(n, parameters), 0..length).prop_map(move |operations| {
        let mut circuit = Circuit::new(n);
        circuit.reserve_parameters(parameters);
        push_all(&mut circuit, operations);
        circuit
    })
}

/// Gates, measurements, resets, barriers, delays and conditioned blocks.
pub fn program(n: usize, bits: usize, length: usize) -> impl Strategy<Value = Circuit> {
    let block = (prop::collection::vec(gate(n, 0), 1..3), prop::collection::vec(gate(n, 0), 0..3), 0..bits, any::<bool>())
        .prop_map(|(then, otherwise, bit, value)| {
            let condition = Condition { bits: vec![bit], value: u64::from(value) };
            Operation::Conditional(Box::new(Conditional { condition, then, otherwise }))
        });
    let operation = prop_oneof![
        6 => gate(n, 0),
        1 => (0..n, 0..bits).prop_map(|(qubit, bit)| Operation::Measure { qubit, bit }),
        1 => (0..n).prop_map(|qubit| Operation::Reset { qubit }),
        1 => prop::sample::subsequence((0..n).collect::<Vec<usize>>(), 1..=n).prop_map(|qubits| Operation::Barrier { qubits }),
        1 => (0..n, 1u32..1000)
            .prop_map(|(qubit, duration)| Operation::Delay { duration_ns: f64::from(duration), qubits: vec![qubit] }),
        1 => block,
    ];
    prop::collection::vec(operation, 0..length).prop_map(move |operations| {
        let mut circuit = Circuit::new(n);
        circuit.add_bits("c", bits);
        push_all(&mut circuit, operations);
        circuit
    })
}

fn push_all(circuit: &mut Circuit, operations: Vec<Operation>) {
    for operation in operations {
        circuit.push(operation).expect("drawn within the circuit");
    }
}

/// The angles a circuit is bound to.
pub fn values(parameters: usize) -> Vec<f64> {
    (0..parameters).map(|k| 0.3 - 0.7 * k as f64).collect()
}

/// Largest difference of two matrices after the best global phase.
pub fn phase_free_distance(a: &Matrix, b: &Matrix) -> f64 {
    let overlap: Complex64 = a.entries().iter().zip(b.entries()).map(|(x, y)| x.conj() * y).sum();
    a.scaled(overlap / overlap.norm()).distance(b)
}
