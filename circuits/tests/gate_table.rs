//! A walk over every row of the gate table.

use num_complex::Complex64;
use qloom_circuits::qasm::{self, Dialect, Version};
use qloom_circuits::{Angle, Circuit, Gate, Matrix, Operation, draw};

fn angles(gate: Gate) -> Vec<f64> {
    (0..gate.num_parameters()).map(|k| 0.3 + 0.7 * k as f64).collect()
}

fn single(gate: Gate, angles: &[f64]) -> Circuit {
    let mut circuit = Circuit::new(gate.num_qubits());
    let angles: Vec<Angle> = angles.iter().map(|&value| value.into()).collect();
    let qubits: Vec<usize> = (0..gate.num_qubits()).collect();
    circuit.push(Operation::gate(gate, &angles, &qubits)).expect("a row fits its own circuit");
    circuit
}

#[test]
fn matrices_are_unitary() {
    for gate in Gate::all() {
        assert!(gate.matrix(&angles(gate)).unitarity_error() < 1e-14, "{gate}");
    }
}

#[test]
fn inverses_undo() {
    for gate in Gate::all() {
        for scale in [1.0, -2.3] {
            let angles: Vec<f64> = angles(gate).iter().map(|angle| angle * scale).collect();
            let mut circuit = single(gate, &angles);
            let inverse = circuit.inverse().expect("gates have inverses");
            circuit.append(&inverse).expect("same registers");
            let error = circuit.unitary(&[]).expect("gates").distance(&Matrix::identity(gate.num_qubits()));
            assert!(error < 1e-13, "{gate}: {error}");
        }
    }
}

#[test]
fn most_inverses_are_single_rows() {
    let several = Gate::all().filter(|gate| {
        let inverse = single(*gate, &angles(*gate)).inverse().expect("gates have inverses");
        inverse.operations().len() != 1 || matches!(inverse.operations()[0], Operation::Unitary { .. })
    });
    let several: Vec<&str> = several.map(Gate::name).collect();
    assert_eq!(several, ["rc3x", "c3sqrtx"]);
}

#[test]
fn derivatives_match_central_differences() {
    let step = 1e-5;
    for gate in Gate::all() {
        let at = angles(gate);
        for parameter in 0..at.len() {
            let moved = |by: f64| {
                let mut angles = at.clone();
                angles[parameter] += by;
                gate.matrix(&angles)
            };
            let difference = moved(step).plus(&moved(-step).scaled((-1.0).into())).scaled((0.5 / step).into());
            let error = gate.derivative(&at, parameter).distance(&difference);
            assert!(error < 1e-9, "{gate} angle {parameter}: {error}");
        }
    }
}

#[test]
fn shift_rules_match_derivatives() {
    for gate in Gate::all() {
        let at = angles(gate);
        let n = gate.num_qubits();
        let dimension = 1 << n;
        // A fixed state and a fixed Hermitian observable without symmetry.
        let state: Vec<Complex64> = (0..dimension).map(|k| Complex64::from_polar(1.0 + 0.3 * k as f64, (k * k) as f64)).collect();
        let value = |angles: &[f64]| {
            let u = gate.matrix(angles);
            let image: Vec<Complex64> =
                (0..dimension).map(|row| (0..dimension).map(|column| u[(row, column)] * state[column]).sum()).collect();
            let mut sum = 0.0;
            for row in 0..dimension {
                for column in 0..dimension {
                    let (low, high) = (row.min(column), row.max(column));
                    let entry = Complex64::new((1 + low * high) as f64, if low == high { 0.0 } else { (low + 2 * high) as f64 });
                    let entry = if row <= column { entry } else { entry.conj() };
                    sum += (image[row].conj() * entry * image[column]).re;
                }
            }
            sum / f64::from(1u32 << (2 * n))
        };
        for parameter in 0..at.len() {
            let moved = |by: f64| {
                let mut angles = at.clone();
                angles[parameter] += by;
                value(&angles)
            };
            let shifted: f64 =
                gate.frequencies(parameter).shift_rule().iter().map(|(coefficient, shift)| coefficient * moved(*shift)).sum();
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((shifted - difference).abs() < 1e-7, "{gate} angle {parameter}: {shifted} {difference}");
        }
    }
}

#[test]
fn transfer_matrices_are_orthogonal() {
    for gate in Gate::all().filter(|gate| gate.num_qubits() <= 4) {
        let r = gate.matrix(&angles(gate)).transfer_matrix();
        let n = 1usize << (2 * gate.num_qubits());
        assert!((r[0] - 1.0).abs() < 1e-14 && r[1..n].iter().all(|entry| entry.abs() < 1e-14), "{gate} keeps the trace");
        for row in 0..n {
            for other in 0..=row {
                let product: f64 = (0..n).map(|k| r[row * n + k] * r[other * n + k]).sum();
                assert!((product - f64::from(row == other)).abs() < 1e-13, "{gate} rows {row}, {other}: {product}");
            }
        }
    }
}

#[test]
fn every_row_round_trips_and_is_drawn() {
    for gate in Gate::all() {
        let circuit = single(gate, &angles(gate));
        for version in [Version::V2, Version::V3] {
            let text = qasm::write(&circuit, version, Dialect::Plain).expect("gates have a form");
            let again = qasm::read(&text).unwrap_or_else(|errors| panic!("{gate}: {errors}\n{text}"));
            assert_eq!(again, circuit, "{gate} in {version:?}\n{text}");
        }
        let drawn = draw::text(&circuit, 120);
        assert_eq!(drawn.lines().count(), 2 * gate.num_qubits() - 1, "{gate}\n{drawn}");
    }
}
