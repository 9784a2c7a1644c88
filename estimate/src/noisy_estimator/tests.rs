use num_complex::Complex64;
use qloom_circuits::{Angle, Channel, Gate, Matrix, Operation, PauliString};
use qloom_hardware::Device;

use super::*;
use crate::settings::{ProbabilisticErrorCancellation, VirtualDistillation};

fn hamiltonian() -> PauliSum {
    let terms = [("XYZ", 0.3), ("ZZI", -0.7), ("IXX", 0.2), ("YIY", 0.5), ("III", 1.5), ("IZI", 0.04)];
    PauliSum::new(3, terms.map(|(word, c)| (PauliString::from_word(word).expect("a word"), c))).expect("valid")
}

fn model(readout: &str) -> NoiseModel {
    scaled_model(readout, 1.0)
}

/// Relaxation and depolarizing noise, `weaker` times as weak.
fn scaled_model(readout: &str, weaker: f64) -> NoiseModel {
    let text = format!(
        "name = \"d\"\nprovenance = \"made up\"\n[qubit]\nt1_ns = [1e5]\nt2_ns = [1.2e5]\nexcited_population = [0.07]\n\
         readout = {readout}\n[one_qubit]\ntime_ns = {}\ndepolarizing = {}\n[two_qubit]\ntime_ns = {}\ndepolarizing = {}\n",
        350.0 / weaker,
        0.004 / weaker,
        2000.0 / weaker,
        0.03 / weaker
    );
    toml::from_str::<Device>(&text).expect("complete").noise(3).expect("possible figures")
}

fn measurement() -> NoisyMeasurement {
    NoisyMeasurement { noise: model("[[0.02, 0.06], [0.1, 0.1], [0.0, 0.03]]"), ..NoisyMeasurement::default() }
}

fn circuit() -> Circuit {
    let mut circuit = Circuit::new(3);
    circuit.ry(Angle::free(0), 0).cx(0, 1).rx(Angle::free(1), 2).cx(1, 2).rz(Angle::free(2), 1).cx(2, 0);
    circuit.ry(Angle::free(3), 1);
    circuit
}

const ANGLES: [f64; 4] = [0.3, -1.1, 0.8, 2.2];

fn estimator(measurement: NoisyMeasurement) -> NoisyEstimator {
    let mut estimator = NoisyEstimator::new(measurement, &hamiltonian(), Stream::named(3, "shots")).expect("valid");
    estimator.rebuild(&circuit()).expect("simple gates");
    estimator
}

fn value(estimator: &mut NoisyEstimator, angles: &[f64]) -> f64 {
    estimator.value(angles).expect("finite").value
}

/// The state by dense matrices, gate by gate and channel by channel.
fn dense_state(noise: &NoiseModel) -> Matrix {
    let mut rho = Matrix::zero(3);
    rho[(0, 0)] = Complex64::ONE;
    for operation in noise.apply(&circuit().bind(&ANGLES).expect("four angles")).expect("it fits").operations() {
        let kraus: Vec<Matrix> = match operation {
            Operation::Channel { channel, qubits } => channel.kraus().iter().map(|k| k.embedded(qubits, 3)).collect(),
            gate => {
                let mut alone = Circuit::new(3);
                alone.push(gate.clone()).expect("it fits");
                vec![alone.unitary(&[]).expect("small")]
            }
        };
        let parts = kraus.iter().map(|k| k.times(&rho).times(&k.adjoint()));
        rho = parts.reduce(|a, b| a.plus(&b)).expect("a channel has operators");
    }
    rho
}

/// The energy as it is measured: basis changes, probabilities, errors of reading out, parities.
fn dense_energy(noise: &NoiseModel) -> f64 {
    let mut energy = 0.0;
    for (string, coefficient) in hamiltonian().terms() {
        let mut change = Circuit::new(3);
        for qubit in string.support() {
            match string.letter(qubit) {
                qloom_circuits::Pauli::X => change.h(qubit),
                qloom_circuits::Pauli::Y => change.sdg(qubit).h(qubit),
                qloom_circuits::Pauli::Z | qloom_circuits::Pauli::I => &mut change,
            };
        }
        let unitary = change.unitary(&[]).expect("small");
        let rotated = unitary.times(&dense_state(noise)).times(&unitary.adjoint());
        let mut probabilities: Vec<f64> = (0..8).map(|k| rotated[(k, k)].re).collect();
        Readout::new(&noise.readout).expect("possible").apply(&[0, 1, 2], &mut probabilities);
        let mask = string.support().fold(0usize, |mask, qubit| mask | 1 << qubit);
        let sign = |outcome: usize| if (outcome & mask).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        energy += coefficient * (0..8).map(|outcome| sign(outcome) * probabilities[outcome]).sum::<f64>();
    }
    energy
}

#[test]
fn energies_equal_those_of_dense_matrices() {
    let mut plain = estimator(measurement());
    let expected = dense_energy(&measurement().noise);
    assert!((value(&mut plain, &ANGLES) - expected).abs() < 1e-12);
    let reference = plain.reference(&ANGLES).expect("finite");
    assert!((reference.noisy - expected).abs() < 1e-12);

    let mut inverted = estimator(NoisyMeasurement { invert_readout: true, ..measurement() });
    let faultless = NoiseModel { readout: vec![], ..measurement().noise };
    assert!((value(&mut inverted, &ANGLES) - dense_energy(&faultless)).abs() < 1e-12);
    assert!((inverted.reference(&ANGLES).expect("finite").noisy - expected).abs() < 1e-12, "references invert nothing");

    let noiseless = dense_energy(&NoiseModel::default());
    assert!((reference.noiseless - noiseless).abs() < 1e-12);
    assert!((noiseless - expected).abs() > 0.05, "the noise is felt");
}

#[test]
fn energies_and_gradients_equal_those_of_the_simulator() {
    let noise = model("[[0.0, 0.0]]");
    let noisy = noise.apply(&circuit()).expect("it fits");
    let mut estimator = estimator(NoisyMeasurement { noise, ..NoisyMeasurement::default() });
    let mut energy = NoisyEnergy::new(&noisy, &hamiltonian()).expect("small");
    let (mut expected, mut gradient) = ([0.0; 4], [0.0; 4]);
    let value = energy.value_and_gradient(&ANGLES, &mut expected).expect("finite");
    let estimate = estimator.value_and_gradient(&ANGLES, &mut gradient).expect("finite");
    assert!((estimate.value - value).abs() < 1e-13 && estimate.standard_error == 0.0);
    for (slope, expected) in gradient.iter().zip(expected) {
        assert!((slope - expected).abs() < 1e-12);
    }
    // One energy, and two for each of four angles.
    assert_eq!(estimator.evaluations(), 9);
    // nothing is drawn where nothing is random
    assert_eq!(estimator.stream().save(), Stream::named(3, "shots").save());
}

fn mitigations() -> Vec<Mitigation> {
    let extrapolation = |scales: &[u32], scaling, curve, degree| {
        Mitigation::ZeroNoiseExtrapolation(ZeroNoiseExtrapolation {
            scales: scales.to_vec(),
            scaling,
            curve,
            closest: 0.1,
            degree,
        })
    };
    vec![
        Mitigation::None,
        Mitigation::VirtualDistillation(VirtualDistillation { copies: 2 }),
        Mitigation::VirtualDistillation(VirtualDistillation { copies: 3 }),
        Mitigation::ProbabilisticErrorCancellation(ProbabilisticErrorCancellation { drift: 0.2 }),
        extrapolation(&[1, 3], NoiseScaling::Insertion, ExtrapolationCurve::Polynomial, 1),
        extrapolation(&[1, 3, 5], NoiseScaling::Stretching, ExtrapolationCurve::Polynomial, 2),
        extrapolation(&[1, 3, 5], NoiseScaling::Stretching, ExtrapolationCurve::Exponential, 1),
    ]
}

/// Rotations of one and two qubits and under a control, an angle shared and scaled.
fn circuit_of_every_kind() -> Circuit {
    let mut circuit = circuit();
    circuit.push(Operation::gate(Gate::Rzz, &[Angle::free(0)], &[0, 2])).expect("it fits");
    circuit.push(Operation::gate(Gate::Crx, &[Angle::free(2)], &[1, 0])).expect("it fits");
    circuit.ry(Angle::free(1).scaled(0.7).shifted(0.2), 0);
    circuit
}

#[test]
fn gradients_of_mitigated_energies_equal_differences() {
    for circuit in [circuit(), circuit_of_every_kind()] {
        for mitigation in mitigations() {
            for shots in [None, Some(1e24)] {
                // A huge number of shots makes the errors small and takes the way over shifted energies.
                let shot_noise = ShotNoise::TermVariance;
                let mut estimator = estimator(NoisyMeasurement {
                    invert_readout: true,
                    mitigation: mitigation.clone(),
                    shots,
                    shot_noise,
                    ..measurement()
                });
                estimator.rebuild(&circuit).expect("gates with shift rules");
                let mut gradient = [0.0; 4];
                estimator.value_and_gradient(&ANGLES, &mut gradient).expect("finite");
                let copies = estimator.distiller.as_ref().map_or(1, Distiller::copies);
                let inserted = matches!(&mitigation, Mitigation::ZeroNoiseExtrapolation(config) if config.scaling == NoiseScaling::Insertion);
                // one frequency a rotation, two a controlled one, times three where the gate is inserted at scale 3
                let joined = if circuit == self::circuit() { 0 } else { (1 + 2) * if inserted { 3 } else { copies } };
                let alone = copies * if circuit == self::circuit() { 4 } else { 5 };
                assert_eq!(estimator.evaluations() as usize, 1 + 2 * (joined + alone));
                for k in 0..4 {
                    let mut at = |h: f64| {
                        let mut angles = ANGLES;
                        angles[k] += h;
                        value(&mut estimator, &angles)
                    };
                    // the difference of fourth order: steps large enough for the random errors
                    let expected = (8.0 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3;
                    assert!((gradient[k] - expected).abs() < 1e-6, "{mitigation:?} {k}: {} {expected}", gradient[k]);
                }
            }
        }
    }
}

#[test]
fn free_angles_in_conditioned_blocks_are_refused() {
    let mut circuit = Circuit::new(3);
    circuit.add_bits("c", 1);
    circuit.measure(0, 0);
    let then = vec![Operation::gate(Gate::Rx, &[Angle::free(0)], &[1])];
    let condition = qloom_circuits::Condition { bits: vec![0], value: 1 };
    let block = qloom_circuits::Conditional { condition, then, otherwise: vec![] };
    circuit.push(Operation::Conditional(Box::new(block))).expect("it fits");
    assert!(estimator(measurement()).rebuild(&circuit).is_err());
}

fn moments(numbers: &[f64]) -> (f64, f64) {
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    (mean, (numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64).sqrt())
}

#[test]
fn random_errors_have_the_published_size() {
    // Squares of the coefficients but the identity's: 0.09 + 0.49 + 0.04 + 0.25 above 0.05, 0.0016 below.
    for (shot_noise, variance) in [(ShotNoise::PublishedGpu, 0.8716), (ShotNoise::PublishedCpu, 0.087 + 0.0016)] {
        let mut estimator = estimator(NoisyMeasurement { shots: Some(100.0), shot_noise, ..measurement() });
        let exact = dense_energy(&measurement().noise);
        let mut draw = |shots| {
            estimator.set_shots(shots);
            let energies: Vec<f64> = (0..4000).map(|_| value(&mut estimator, &ANGLES)).collect();
            moments(&energies)
        };
        let (mean, deviation) = draw(None);
        let expected = (variance / 100.0f64).sqrt();
        assert!((mean - exact).abs() < 5.0 * expected / 4000.0f64.sqrt());
        assert!((deviation / expected - 1.0).abs() < 0.06, "{deviation} {expected}");
        let (_, deviation) = draw(Some(400.0));
        assert!((deviation / expected - 0.5).abs() < 0.03, "a stage with four times the shots");
        estimator.set_shots(None);
        assert!((estimator.value(&ANGLES).expect("finite").standard_error - expected).abs() < 1e-14);
    }
}

/// What the way over shifted energies and the way of drawn gradients give has one distribution.
#[test]
fn drawn_gradients_are_distributed_like_shifted_energies() {
    // much noise makes the denominator of two copies small
    let copies = Mitigation::VirtualDistillation(VirtualDistillation { copies: 2 });
    let plain = mitigations().into_iter().map(|mitigation| (mitigation, measurement().noise));
    for (mitigation, noise) in plain.chain([(copies, scaled_model("[[0.0, 0.0]]", 0.05))]) {
        let measurement = NoisyMeasurement { noise, invert_readout: true, mitigation, shots: Some(1e8), ..measurement() };
        let mut estimator = estimator(measurement);
        let (mut drawn, mut shifted) = (Vec::new(), Vec::new());
        for _ in 0..1500 {
            let mut gradient = [0.0; 4];
            estimator.value_and_gradient(&ANGLES, &mut gradient).expect("finite");
            drawn.push(gradient[1]);
            let sample = estimator.sample(&ANGLES).expect("finite");
            gradient.fill(0.0);
            estimator.shifted_gradient(&ANGLES, sample, &mut gradient).expect("finite");
            shifted.push(gradient[1]);
        }
        let ((mean, deviation), (expected, spread)) = (moments(&drawn), moments(&shifted));
        assert!((mean - expected).abs() < 5.0 * spread / 700.0f64.sqrt(), "{mean} {expected} {spread}");
        assert!((deviation / spread - 1.0).abs() < 0.12, "{deviation} {spread}");
    }
}

/// Errors are as large as they say: deviations in units of the standard error have variance 1.
#[test]
fn standard_errors_are_honest() {
    for mitigation in mitigations() {
        let exact = value(
            &mut estimator(NoisyMeasurement { invert_readout: true, mitigation: mitigation.clone(), ..measurement() }),
            &ANGLES,
        );
        let shot_noise = ShotNoise::TermVariance;
        let mut estimator =
            estimator(NoisyMeasurement { invert_readout: true, mitigation, shots: Some(1e8), shot_noise, ..measurement() });
        let scores: Vec<f64> = (0..2000)
            .map(|_| {
                let estimate = estimator.value(&ANGLES).expect("finite");
                (estimate.value - exact) / estimate.standard_error
            })
            .collect();
        let (mean, deviation) = moments(&scores);
        assert!(mean.abs() < 0.12 && (deviation - 1.0).abs() < 0.08, "{mean} {deviation}");
    }
}

#[test]
fn settings_outside_their_ranges_are_refused() {
    let refused = |measurement| NoisyEstimator::new(measurement, &hamiltonian(), Stream::named(1, "shots")).is_err();
    let zero = |extrapolation| Mitigation::ZeroNoiseExtrapolation(extrapolation);
    assert!(!refused(measurement()));
    assert!(refused(NoisyMeasurement { shots: Some(0.5), ..measurement() }));
    assert!(refused(NoisyMeasurement { shots: Some(f64::NAN), ..measurement() }));
    for copies in [1, 2, 5] {
        let mitigation = Mitigation::VirtualDistillation(VirtualDistillation { copies });
        assert!(refused(NoisyMeasurement { mitigation: mitigation.clone(), ..measurement() }), "read-outs are not inverted");
        let inverted = NoisyMeasurement { mitigation, invert_readout: true, ..measurement() };
        assert_eq!(refused(inverted), copies != 2, "{copies} copies");
    }
    for (scales, degree) in [(vec![1, 2], 1), (vec![3, 5], 1), (vec![1, 1], 1), (vec![1, 3], 2), (vec![1, 3], 0)] {
        let scaling = NoiseScaling::Insertion;
        let extrapolation = ZeroNoiseExtrapolation { scales, degree, scaling, ..ZeroNoiseExtrapolation::default() };
        assert!(refused(NoisyMeasurement { mitigation: zero(extrapolation), ..measurement() }));
    }
    let near = ZeroNoiseExtrapolation { closest: 1.5, ..ZeroNoiseExtrapolation::default() };
    assert!(refused(NoisyMeasurement { mitigation: zero(near), ..measurement() }));
}

#[test]
fn stretching_leaves_no_error_of_first_order() {
    // All noise a hundredth of what it was: what a straight line leaves is a ten-thousandth, or a hundredth if it is wrong.
    let left = |scaling, weaker: f64| {
        let noise = scaled_model("[[0.0, 0.0]]", weaker);
        let curve = ExtrapolationCurve::Polynomial;
        let extrapolation = ZeroNoiseExtrapolation { scales: vec![1, 3], scaling, curve, degree: 1, ..Default::default() };
        let mitigation = Mitigation::ZeroNoiseExtrapolation(extrapolation);
        let mut estimator = estimator(NoisyMeasurement { noise, mitigation, ..NoisyMeasurement::default() });
        (value(&mut estimator, &ANGLES) - estimator.reference(&ANGLES).expect("finite").noiseless).abs()
    };
    let ratio = |scaling| left(scaling, 10.0) / left(scaling, 1000.0);
    assert!((ratio(NoiseScaling::Stretching) - 1e4).abs() < 2e3, "{}", ratio(NoiseScaling::Stretching));
    assert!(ratio(NoiseScaling::Insertion) < 1e3, "{}", ratio(NoiseScaling::Insertion));
}

#[test]
fn scaled_circuits_do_the_same_with_more_noise() {
    let mut model = NoiseModel::default();
    model.after_gates(1, Channel::depolarizing(0.01, 1).expect("physical"));
    model.after_gates(2, Channel::depolarizing(0.01, 2).expect("physical"));
    for scale in [1, 3, 5] {
        let larger = insert_identities(&circuit(), scale).expect("invertible");
        let (expected, found) = (circuit().unitary(&ANGLES).expect("small"), larger.unitary(&ANGLES).expect("small"));
        assert!(expected.distance(&found) < 1e-12);
        let channels = model.apply(&larger).expect("it fits").operations().len() - larger.operations().len();
        assert_eq!(channels, 7 * scale as usize);
        let stretched = model.stretched(scale).apply(&circuit()).expect("it fits");
        assert_eq!(stretched.operations().len(), 7 * (1 + scale as usize));
    }
}
