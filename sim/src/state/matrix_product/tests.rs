//! Matrix product states against state vectors, with bonds that suffice and bonds that do not.

use qloom_circuits::{Circuit, Pauli, PauliString, PauliSum, Stream, library};

use super::*;
use crate::observable::Observable;
use crate::program::Program;
use crate::state::{State, StateVector};

fn with_bond(bond: usize) -> SimulatorConfig {
    SimulatorConfig { bond, ..SimulatorConfig::default() }
}

fn prepared(circuit: &Circuit, bond: usize) -> MatrixProduct {
    let program = MatrixProduct::compile(circuit).expect("gates");
    MatrixProduct::prepared(&program, &[], with_bond(bond), &mut ()).expect("small")
}

fn exact(circuit: &Circuit) -> StateVector<f64> {
    let program = Program::new(circuit).expect("gates");
    StateVector::prepared(&program, &[], SimulatorConfig::default(), &mut Default::default()).expect("small")
}

/// The norm of the difference.
fn distance(state: &MatrixProduct, exact: &StateVector<f64>) -> f64 {
    let amplitudes = state.amplitudes().expect("few qubits");
    amplitudes.iter().zip(exact.amplitudes()).map(|(a, b)| (a - b).norm_sqr()).sum::<f64>().sqrt()
}

#[test]
fn wide_bonds_are_exact() {
    for seed in 0..6 {
        let circuit = library::random(7, 50, &mut Stream::named(seed, "circuit"));
        let state = prepared(&circuit.bind(&vec![0.4; circuit.num_parameters()]).expect("finite"), 64);
        let bound = circuit.bind(&vec![0.4; circuit.num_parameters()]).expect("finite");
        assert!(distance(&state, &exact(&bound)) < 1e-12);
        assert!(state.error() < 1e-12 && state.widest() <= 8);
    }
}

#[test]
fn narrow_bonds_keep_their_bound() {
    let mut dropped = 0;
    for seed in 0..12 {
        let mut circuit = library::hardware_efficient(9, 3);
        let mut stream = Stream::named(seed, "angles");
        circuit = circuit.bind(&(0..circuit.num_parameters()).map(|_| 2.0 * stream.unit()).collect::<Vec<_>>()).expect("finite");
        let whole = exact(&circuit);
        for bond in [2, 3, 5] {
            let state = prepared(&circuit, bond);
            let distance = distance(&state, &whole);
            assert!(distance <= state.error() + 1e-12 && state.widest() <= bond, "{distance} {}", state.error());
            dropped += usize::from(distance > 1e-6);
            let sum = PauliSum::z(4, 9);
            let value = state.expectation(&Observable::new(&sum)).expect("fits");
            let right = whole.expectation(&Observable::new(&sum)).expect("fits");
            assert!((value - right).abs() <= 2.0 * state.error() + 1e-12);
            assert!((state.probabilities(&[0, 3]).expect("inside").iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
    assert!(dropped > 10, "bonds were too narrow");
}

#[test]
fn long_chains_are_what_closed_forms_say() {
    // one layer of rotations and bonds: Z of the middle is the cosine of its own angle
    let n = 64;
    let mut circuit = Circuit::new(n);
    (0..n).for_each(|qubit| _ = circuit.ry(0.1 * (1 + qubit % 9) as f64, qubit));
    (1..n).for_each(|qubit| _ = circuit.cx(qubit - 1, qubit));
    let state = prepared(&circuit, 8);
    assert_eq!((state.error(), state.widest()), (0.0, 2));
    let product = |last: usize| (0..=last).map(|qubit| (0.1 * (1 + qubit % 9) as f64).cos()).product::<f64>();
    for (qubit, z) in state.expectation_z().into_iter().enumerate() {
        assert!((z - product(qubit)).abs() < 1e-12);
    }
    let far = PauliString::from_letters([(0, Pauli::Z), (63, Pauli::Z)]);
    let others: f64 = (1..=63).map(|qubit| (0.1 * (1 + qubit % 9) as f64).cos()).product();
    assert!((state.pauli(far).expect("inside") - others).abs() < 1e-12);
    let ends = prepared(&library::ghz(64), 2);
    let counts = ends.sample(500, &mut Stream::named(1, "shots"));
    assert_eq!(counts.get(0) + counts.get(u64::MAX), 500);
    assert!((150..350).contains(&counts.get(0)));
}

#[test]
fn what_it_cannot_do_is_refused() {
    assert!(MatrixProduct::zero(3, with_bond(0)).is_err());
    let little = SimulatorConfig { memory_limit: 1000, ..with_bond(64) };
    assert!(matches!(MatrixProduct::zero(60, little), Err(SimError::MemoryLimit { .. })));
    assert!(prepared(&library::ghz(30), 4).amplitudes().is_err());
    let mut measured = Circuit::new(1);
    measured.add_bits("c", 1);
    measured.measure(0, 0).reset(0);
    assert!(MatrixProduct::compile(&measured).is_err_and(|error| error.to_string().contains("a measurement")));
}
