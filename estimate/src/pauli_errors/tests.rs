use qloom_sim::{PauliProgram, PauliVector};

use super::*;

/// Correlated and single-qubit Pauli noise.
fn noisy() -> Circuit {
    let mut circuit = Circuit::new(2);
    circuit.h(0).cx(0, 1).ry(0.4, 1);
    let mut put = |channel: Channel, qubits: &[usize]| {
        circuit.push(Operation::Channel { channel, qubits: qubits.into() }).expect("it fits");
    };
    put(Channel::depolarizing(0.1, 2).expect("physical"), &[1, 0]);
    put(Channel::pauli([0.02, 0.05, 0.1]).expect("physical"), &[1]);
    circuit.cx(1, 0);
    circuit
        .push(Operation::Channel { channel: Channel::bit_flip(0.05).expect("physical"), qubits: [0].into_iter().collect() })
        .expect("it fits");
    circuit
}

fn exact() -> Vec<f64> {
    let program = PauliProgram::new(&noisy()).expect("compiles");
    let mut state = PauliVector::zero(2, SimulatorConfig::default()).expect("small");
    state.apply(&program, &[], &mut Default::default()).expect("it runs");
    state.probabilities(&[0, 1]).expect("two qubits")
}

#[test]
fn words_have_the_probabilities_of_the_channel() {
    let pauli = probabilities(&Channel::pauli([0.02, 0.05, 0.1]).expect("physical")).expect("Paulis");
    for (found, expected) in pauli.iter().zip([0.83, 0.02, 0.05, 0.1]) {
        assert!((found - expected).abs() < 1e-15, "{pauli:?}");
    }
    let pair = probabilities(&Channel::depolarizing(0.16, 2).expect("physical")).expect("Paulis");
    assert!((pair[0] - (1.0 - 0.16 * 15.0 / 16.0)).abs() < 1e-15);
    assert!(pair[1..].iter().all(|p| (p - 0.01).abs() < 1e-15));
}

#[test]
fn counts_follow_the_exact_distribution() {
    let errors = PauliErrors::new(&noisy()).expect("Paulis");
    let shots = 40_000;
    let mut stream = Stream::named(3, "shots");
    let readout = Readout::new(&[[0.02, 0.1], [0.05, 0.0]]).expect("possible");
    let counts = errors.counts(shots, &readout, SimulatorConfig::default(), &mut stream).expect("it runs");
    let mut expected = exact();
    readout.apply(&[0, 1], &mut expected);
    for (outcome, p) in expected.iter().enumerate() {
        let frequency = counts.get(outcome as u64) as f64 / shots as f64;
        assert!((frequency - p).abs() < 5.0 * (p * (1.0 - p) / shots as f64).sqrt(), "{outcome}: {frequency} {p}");
    }
    assert_eq!(counts.shots(), shots);
}

/// Clean runs with their probability and erroneous ones drawn among themselves make the whole.
#[test]
fn erroneous_runs_complete_the_clean_one() {
    let errors = PauliErrors::new(&noisy()).expect("Paulis");
    let run = |circuit: &Circuit| {
        let mut state = StateVector::<f64>::zero(2, SimulatorConfig::default()).expect("small");
        state.apply(&Program::new(circuit).expect("gates"), &[], &mut Default::default()).expect("it fits");
        state.probabilities(&[0, 1]).expect("two qubits")
    };
    let clean = run(errors.circuit());
    let (draws, mut sum, mut squares) = (20_000, vec![0.0; 4], vec![0.0; 4]);
    let mut stream = Stream::named(5, "errors");
    for _ in 0..draws {
        let circuit = errors.draw_erroneous(&mut stream).expect("there are errors");
        assert!(circuit.operations().len() > errors.circuit().operations().len());
        for (k, p) in run(&circuit).into_iter().enumerate() {
            sum[k] += p;
            squares[k] += p * p;
        }
    }
    let weight = 1.0 - errors.clean_probability();
    for (k, expected) in exact().iter().enumerate() {
        let mean = sum[k] / f64::from(draws);
        let error = weight * ((squares[k] / f64::from(draws) - mean * mean) / f64::from(draws)).sqrt();
        let value = (1.0 - weight) * clean[k] + weight * mean;
        assert!((value - expected).abs() < 5.0 * error.max(1e-6), "{k}: {value} {expected} {error}");
    }
}

#[test]
fn other_channels_and_noiseless_circuits_are_refused() {
    let mut circuit = Circuit::new(1);
    let errors = PauliErrors::new(&circuit).expect("no noise");
    assert_eq!(errors.clean_probability(), 1.0);
    assert!(errors.draw_erroneous(&mut Stream::named(1, "errors")).is_err());
    assert!(errors.draw(&mut Stream::named(1, "errors")).expect("nothing to draw").is_none());
    let damping = Channel::amplitude_damping(0.1).expect("physical");
    circuit.push(Operation::Channel { channel: damping, qubits: [0].into_iter().collect() }).expect("it fits");
    assert!(matches!(PauliErrors::new(&circuit), Err(EstimateError::Unsupported { .. })));
}

/// Points fall into the words in their order; one at the end, or past it by rounding, into the last word that can happen.
#[test]
fn points_fall_into_words_that_can_happen() {
    let place = Place { position: 0, qubits: [0].into_iter().collect(), probabilities: vec![0.5, 0.25, 0.0, 0.25] };
    assert_eq!([0.0, 0.2499, 0.25, 0.4999, 0.5, 0.6].map(|point| place.word(point)), [1, 1, 3, 3, 3, 3]);
    assert_eq!([0.0, 0.4999, 0.5, 0.75, 0.9999].map(|point| place.draw(point)), [None, None, Some(1), Some(3), Some(3)]);
    let first = Place { probabilities: vec![0.9, 0.1, 0.0, 0.0], ..place };
    assert_eq!([0.05, 0.1, 0.2].map(|point| first.word(point)), [1, 1, 1]);
}
