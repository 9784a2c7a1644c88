use qloom_circuits::{Gate, Matrix, PauliSum};
use qloom_hardware::NoiseModel;
use qloom_sim::{PauliProgram, PauliVector, SimulatorConfig};

use super::*;
use crate::{Estimator, Mitigation, NoisyEstimator, NoisyMeasurement, ProbabilisticErrorCancellation, ShotNoise};

/// All Pauli coefficients of the state after a circuit.
fn coefficients(circuit: &Circuit) -> Vec<f64> {
    let mut state = PauliVector::zero(circuit.num_qubits(), SimulatorConfig::default()).expect("small");
    state.run(&PauliProgram::new(circuit).expect("compiles"), &[]).expect("it runs");
    state.values().to_vec()
}

fn put(circuit: &mut Circuit, channel: &Channel, qubits: &[usize]) {
    circuit.push(Operation::Channel { channel: channel.clone(), qubits: qubits.into() }).expect("it fits");
}

fn overhead(channel: &Channel) -> f64 {
    let mut circuit = Circuit::new(channel.num_qubits());
    let qubits: Vec<usize> = (0..channel.num_qubits()).collect();
    put(&mut circuit, channel, &qubits);
    Cancellation::new(&circuit).expect("invertible").overhead()
}

/// Channels of one and two qubits, unital and not, coherent, and one after the other.
fn channels() -> Vec<Channel> {
    let relaxation = Channel::thermal_relaxation(50.0, 60.0, 10.0, 0.08).expect("physical");
    vec![
        Channel::depolarizing(0.2, 1).expect("physical"),
        Channel::pauli([0.02, 0.05, 0.1]).expect("physical"),
        Channel::amplitude_damping(0.3).expect("physical"),
        Channel::phase_damping(0.4).expect("physical"),
        relaxation.then(&Channel::depolarizing(0.1, 1).expect("physical")).expect("one qubit each"),
        Channel::coherent(&[qloom_circuits::Pauli::Y], 0.3).expect("physical"),
        Channel::depolarizing(0.2, 2).expect("physical"),
    ]
}

/// The sum over all words, each a circuit of its own, is the state without the channel.
#[test]
fn sums_of_the_basis_undo_channels() {
    for channel in channels() {
        let mut circuit = Circuit::new(2);
        circuit.ry(0.7, 0).rx(-1.1, 1).cx(0, 1).rz(0.4, 0).ry(0.3, 1);
        let expected = coefficients(&circuit);
        let qubits: &[usize] = if channel.num_qubits() == 1 { &[1] } else { &[1, 0] };
        put(&mut circuit, &channel, qubits);
        let weights = basis::inverse_of(&channel).expect("invertible");
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12, "the trace stays");
        let mut sum = [0.0; 16];
        for (word, weight) in weights.iter().enumerate() {
            let mut drawn = circuit.clone();
            basis::push_word(&mut drawn, word, &qubits.into()).expect("it fits");
            sum.iter_mut().zip(coefficients(&drawn)).for_each(|(sum, value)| *sum += weight * value);
        }
        for (found, expected) in sum.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-11, "{}: {found} {expected}", channel.name());
        }
    }
}

/// Closed forms: depolarizing and bit flips by hand, amplitude damping and dephasing as arXiv:2006.12509 has them.
#[test]
fn overheads_are_the_known_ones() {
    for p in [0.01, 0.2, 0.5] {
        let near = |channel: Result<Channel, _>, expected: f64| {
            let found = overhead(&channel.expect("physical"));
            assert!((found - expected).abs() < 1e-10 * expected, "{p}: {found} {expected}");
        };
        near(Channel::depolarizing(p, 1), (1.0 + p / 2.0) / (1.0 - p));
        near(Channel::depolarizing(p, 2), (1.0 + 7.0 * p / 8.0) / (1.0 - p));
        near(Channel::amplitude_damping(p), (1.0 + p) / (1.0 - p));
        near(Channel::bit_flip(p / 2.0), 1.0 / (1.0 - p));
        near(Channel::phase_damping(p), 1.0 / (1.0 - p).sqrt());
    }
    assert!((overhead(&Channel::from_kraus("none", vec![Matrix::identity(1)]).expect("physical")) - 1.0).abs() < 1e-12);
}

fn noisy() -> Circuit {
    let mut circuit = Circuit::new(2);
    circuit.h(0).cx(0, 1);
    put(&mut circuit, &Channel::depolarizing(0.1, 2).expect("physical"), &[1, 0]);
    circuit.ry(0.4, 1);
    put(&mut circuit, &Channel::amplitude_damping(0.1).expect("physical"), &[1]);
    circuit
}

#[test]
fn signed_draws_average_to_the_state_without_noise() {
    let cancellation = Cancellation::new(&noisy()).expect("invertible");
    let mut pure = Circuit::new(2);
    pure.h(0).cx(0, 1).ry(0.4, 1);
    let expected = coefficients(&pure);
    let mut stream = Stream::named(3, "draws");
    let (count, mut sums) = (20_000, vec![[0.0; 2]; 16]);
    for _ in 0..count {
        let draw = cancellation.draw(&mut stream).expect("it fits");
        for (sum, value) in sums.iter_mut().zip(coefficients(&draw.circuit)) {
            let value = draw.sign * cancellation.overhead() * value;
            *sum = [sum[0] + value, sum[1] + value * value];
        }
    }
    for ([sum, squares], expected) in sums.iter().zip(&expected) {
        let mean = sum / f64::from(count);
        let error = (squares / f64::from(count) - mean * mean).max(0.0).sqrt() / f64::from(count).sqrt();
        assert!((mean - expected).abs() < 5.0 * error + 1e-12, "{mean} {expected} {error}");
    }
}

fn estimator(mitigation: Mitigation, shots: Option<f64>) -> NoisyEstimator {
    let mut noise = NoiseModel::default();
    noise.after_gates(1, Channel::amplitude_damping(0.02).expect("physical"));
    noise.after_gates(2, Channel::depolarizing(0.05, 2).expect("physical"));
    let measurement = NoisyMeasurement { noise, mitigation, shots, shot_noise: ShotNoise::TermVariance, ..Default::default() };
    let sum = PauliSum::new(
        2,
        [("ZX", 0.7), ("XX", -0.4)].map(|(word, c)| (qloom_circuits::PauliString::from_word(word).expect("a word"), c)),
    )
    .expect("valid");
    let mut estimator = NoisyEstimator::new(measurement, &sum, Stream::named(4, "shots")).expect("valid");
    let mut circuit = Circuit::new(2);
    circuit.ry(0.8, 0).cx(0, 1);
    circuit.push(Operation::gate(Gate::Ry, &[qloom_circuits::Angle::free(0)], &[1])).expect("it fits");
    estimator.rebuild(&circuit).expect("it fits");
    estimator
}

fn cancelling(drift: f64) -> Mitigation {
    Mitigation::ProbabilisticErrorCancellation(ProbabilisticErrorCancellation { drift })
}

#[test]
fn energies_are_those_without_noise_and_their_errors_larger() {
    let mut exact = estimator(cancelling(0.0), None);
    let value = exact.value(&[0.3]).expect("finite").value;
    let reference = exact.reference(&[0.3]).expect("finite");
    assert!((value - reference.noiseless).abs() < 1e-14);
    let unmitigated = estimator(Mitigation::None, None).value(&[0.3]).expect("finite").value;
    assert!((reference.noisy - unmitigated).abs() < 1e-14, "{} {unmitigated}", reference.noisy);
    assert!((unmitigated - value).abs() > 1e-3, "{unmitigated} {value}");
    // two gates on one qubit, one on two
    let gamma = (1.02f64 / 0.98).powi(2) * (1.0 + 7.0 * 0.05 / 8.0) / 0.95;
    let means = [("ZX", 0.7), ("XX", -0.4)].map(|(word, coefficient): (&str, f64)| {
        let mut pure = Circuit::new(2);
        pure.ry(0.8, 0).cx(0, 1).ry(0.3, 1);
        let index = word.chars().enumerate().map(|(q, letter)| "IXYZ".find(letter).expect("a letter") << (2 * q)).sum::<usize>();
        (coefficient, coefficients(&pure)[index])
    });
    let variance: f64 = means.iter().map(|(c, mean)| c * c * (gamma * gamma - mean * mean)).sum();
    let error = estimator(cancelling(0.0), Some(1e4)).value(&[0.3]).expect("finite").standard_error;
    assert!((error - variance.sqrt() / 100.0).abs() < 1e-12, "{error} {variance}");
}

#[test]
fn what_is_not_known_of_the_noise_stays() {
    let error = |mitigation| {
        let mut estimator = estimator(mitigation, None);
        estimator.value(&[0.3]).expect("finite").value - estimator.reference(&[0.3]).expect("finite").noiseless
    };
    let (all, tenth) = (error(Mitigation::None), error(cancelling(0.1)));
    assert!((error(cancelling(1.0)) - all).abs() < 1e-13, "all of it was unknown");
    assert!(tenth.abs() > 0.08 * all.abs() && tenth.abs() < 0.12 * all.abs(), "{tenth} {all}");
}

#[test]
fn noise_that_cannot_be_undone_is_refused() {
    let refused = |channel: &Channel, qubits: &[usize]| {
        let mut circuit = Circuit::new(2);
        put(&mut circuit, channel, qubits);
        Cancellation::new(&circuit).expect_err("it cannot").to_string()
    };
    assert!(refused(&Channel::depolarizing(1.0, 1).expect("physical"), &[0]).contains("no inverse"));
    let swap = Channel::from_kraus("swap", vec![Gate::Swap.matrix(&[])]).expect("physical");
    assert!(refused(&swap, &[0, 1]).contains("no sum of operations of single ones"));
    let mut circuit = Circuit::new(1);
    circuit.add_bits("c", 1);
    let channel = Operation::Channel { channel: Channel::bit_flip(0.1).expect("physical"), qubits: [0].into_iter().collect() };
    let condition = qloom_circuits::Condition { bits: vec![0], value: 1 };
    let block = qloom_circuits::Conditional { condition, then: vec![channel], otherwise: Vec::new() };
    circuit.push(Operation::Conditional(Box::new(block))).expect("it fits");
    assert!(Cancellation::new(&circuit).is_err_and(|error| error.to_string().contains("conditioned block")));
    for drift in [-0.1, 1.1, f64::NAN] {
        assert!(cancelling(drift).check(2).is_err(), "{drift}");
    }
}
