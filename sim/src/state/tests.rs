//! What every state must do, checked on all of them against dense matrices.

use qloom_circuits::{Angle, Channel, Circuit, Condition, Conditional, Operation, PauliSum, library};

use super::*;
use crate::config::InstructionSet;

fn config() -> SimulatorConfig {
    SimulatorConfig::default()
}

fn circuit(n: usize) -> (Circuit, Vec<f64>) {
    let circuit = library::random(n, 30, &mut Stream::named(n as u64, "circuit"));
    let parameters = (0..circuit.num_parameters()).map(|k| 0.3 + k as f64).collect();
    (circuit, parameters)
}

fn conforms<S: State>(accuracy: f64) {
    for n in 1..=4 {
        let (circuit, parameters) = circuit(n);
        let unitary = circuit.unitary(&parameters).expect("gates");
        let amplitudes: Vec<_> = (0..1usize << n).map(|row| unitary[(row, 0)]).collect();
        let program = S::compile(&circuit).expect("gates");
        let all: Vec<usize> = (0..n).collect();
        for instruction_set in InstructionSet::available() {
            let mut state = S::zero(n, SimulatorConfig { instruction_set, ..config() }).expect("small");
            assert_eq!((state.num_qubits(), state.config().instruction_set.name()), (n, instruction_set.name()));
            let mut workspace = S::Workspace::default();
            state.apply(&program, &parameters, &mut workspace).expect("as many parameters");
            let probabilities = state.probabilities(&all).expect("all qubits");
            assert!(probabilities.iter().zip(&amplitudes).all(|(p, a)| (p - a.norm_sqr()).abs() < accuracy));
            let backwards: Vec<usize> = (0..n).rev().collect();
            for (outcome, p) in state.probabilities(&backwards).expect("all qubits").iter().enumerate() {
                let mirrored = all.iter().fold(0, |index, q| index | (outcome >> (n - 1 - q) & 1) << q);
                assert!((p - probabilities[mirrored]).abs() < accuracy);
            }
            let mut sum = Vec::new();
            for k in 0..1u64 << (2 * n) {
                let string = PauliString::from_masks(k >> n, k & ((1 << n) - 1));
                let one = PauliSum::new(n, [(string, 1.0)]).expect("fits").matrix();
                let expected: f64 = (0..1 << n)
                    .flat_map(|i| (0..1 << n).map(move |j| (i, j)))
                    .map(|(i, j)| (amplitudes[i].conj() * one[(i, j)] * amplitudes[j]).re)
                    .sum();
                assert!((state.pauli(string).expect("inside") - expected).abs() < accuracy, "{string:?}");
                sum.push((string, 0.1 * (k % 7) as f64, expected));
            }
            let observable = PauliSum::new(n, sum.iter().map(|&(string, c, _)| (string, c))).expect("fits");
            let expected: f64 = sum.iter().map(|(_, c, value)| c * value).sum();
            let value = state.expectation(&Observable::new(&observable)).expect("fits");
            assert!((value - expected).abs() < accuracy * 10.0 * sum.len() as f64);
            for (qubit, z) in state.expectation_z().into_iter().enumerate() {
                assert!((z - state.pauli(PauliString::from_masks(0, 1 << qubit)).expect("inside")).abs() < accuracy);
            }
            let counts = state.sample(20_000, &mut Stream::named(3, "shots"));
            assert_eq!(counts.shots(), 20_000);
            for (outcome, p) in probabilities.iter().enumerate() {
                let sigma = (20_000.0 * p * (1.0 - p)).max(0.0).sqrt();
                assert!((counts.get(outcome as u64) as f64 - 20_000.0 * p).abs() < 6.0 * sigma + 0.1);
            }
            let prepared = S::prepared(&program, &parameters, config(), &mut workspace).expect("as many parameters");
            assert!(prepared.probabilities(&all).expect("all").iter().zip(&probabilities).all(|(a, b)| (a - b).abs() < accuracy));
            // a copy is independent, a workspace serves any state
            let mut copy = state.try_clone().expect("small");
            copy.apply(&program, &parameters, &mut workspace).expect("as many parameters");
            assert_eq!(state.probabilities(&all).expect("all qubits"), probabilities);
        }
    }
}

#[test]
fn every_state_gives_what_dense_matrices_give() {
    conforms::<StateVector<f32>>(2e-6);
    conforms::<StateVector<f64>>(1e-13);
    conforms::<PauliVector>(1e-13);
    conforms::<MatrixProduct>(1e-12);
    conforms::<Factored>(1e-13);
}

fn refuses<S: State>() {
    let zero = |n| S::zero(n, config()).expect("small");
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0);
    let program = S::compile(&circuit).expect("gates");
    let mut workspace = S::Workspace::default();
    assert!(matches!(zero(2).apply(&program, &[], &mut workspace), Err(SimError::SizeMismatch { .. })));
    assert!(matches!(zero(3).apply(&program, &[0.1], &mut workspace), Err(SimError::SizeMismatch { .. })));
    assert!(matches!(zero(2).apply(&program, &[f64::NAN], &mut workspace), Err(SimError::NotFinite { .. })));
    let then = vec![Operation::gate(qloom_circuits::Gate::X, &[], &[1])];
    let condition = Condition { bits: vec![0], value: 1 };
    circuit.add_bits("c", 1);
    circuit.push(Operation::Conditional(Box::new(Conditional { condition, then, otherwise: vec![] }))).expect("fits");
    assert!(matches!(S::compile(&circuit), Err(SimError::Unsupported { .. })));
    assert!(zero(2).probabilities(&[2]).is_err() && zero(2).probabilities(&[1, 1]).is_err());
    assert!(zero(2).pauli(PauliString::from_masks(4, 0)).is_err());
    assert!(zero(2).expectation(&Observable::new(&PauliSum::z(0, 3))).is_err());
    let limit = S::bytes(6);
    let little = SimulatorConfig { memory_limit: limit as u64 - 1, ..config() };
    assert!(matches!(S::zero(6, little), Err(SimError::MemoryLimit { num_qubits: 6, needed, .. }) if needed == limit));
}

#[test]
fn every_state_refuses_what_it_cannot_do() {
    refuses::<StateVector<f32>>();
    refuses::<StateVector<f64>>();
    refuses::<PauliVector>();
    refuses::<MatrixProduct>();
    refuses::<Factored>();
    let mut noisy = Circuit::new(1);
    let channel = Channel::bit_flip(0.1).expect("physical");
    noisy.push(Operation::Channel { channel, qubits: [0].into_iter().collect() }).expect("fits");
    assert!(matches!(<StateVector<f64> as State>::compile(&noisy), Err(SimError::Unsupported { .. })));
}

#[test]
fn a_state_chosen_at_run_time_is_the_state_of_its_kind() {
    let (circuit, parameters) = circuit(3);
    let observable = Observable::new(&PauliSum::z(1, 3));
    let mut own = PauliVector::zero(3, config()).expect("small");
    own.run(&PauliProgram::new(&circuit).expect("gates"), &parameters).expect("fits");
    for representation in Representation::ALL {
        let mut state = AnyState::zero(representation, 3, config()).expect("small");
        state.run(&circuit, &parameters).expect("fits");
        assert!((state.representation(), state.num_qubits()) == (representation, 3));
        assert!((state.expectation(&observable).expect("fits") - own.expectation_z()[1]).abs() < 1e-6);
        assert!((state.expectation_z()[2] - own.expectation_z()[2]).abs() < 1e-6);
        assert!((state.pauli(PauliString::from_masks(3, 5)).expect("fits") - own.values()[2 + 4 + 48]).abs() < 1e-6);
        assert!((state.probabilities(&[1]).expect("fits")[0] - own.probabilities(&[1]).expect("fits")[0]).abs() < 1e-6);
        assert_eq!(state.sample(10, &mut Stream::named(1, "shots")).shots(), 10);
        assert!(representation.bytes(3) > 0);
    }
}
