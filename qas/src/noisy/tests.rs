use num_complex::Complex64;
use qloom_circuits::{Angle, Channel, Matrix, PauliString};
use qloom_hardware::Device;
use qloom_sim::NoisyEnergy;

use super::config::{DepolarizingNoise, ExtrapolationCurve, NoiseScaling, VirtualDistillation, ZeroNoiseExtrapolation};
use super::*;

fn hamiltonian() -> PauliSum {
    let terms = [("XYZ", 0.3), ("ZZI", -0.7), ("IXX", 0.2), ("YIY", 0.5), ("III", 1.5), ("IZI", 0.04)];
    PauliSum::new(3, terms.map(|(word, c)| (PauliString::from_word(word).expect("a word"), c))).expect("valid")
}

fn problem() -> Problem {
    Problem::new("test", hamiltonian()).expect("valid")
}

fn device(readout: &str) -> Box<Device> {
    let text = format!(
        "name = \"d\"\nprovenance = \"made up\"\n[qubit]\nt1_ns = [1e5]\nt2_ns = [1.2e5]\nexcited_population = [0.07]\n\
         readout = {readout}\n[one_qubit]\ntime_ns = 350.0\ndepolarizing = 0.004\n[two_qubit]\ntime_ns = 2000.0\ndepolarizing = 0.03\n"
    );
    Box::new(toml::from_str(&text).expect("complete"))
}

fn choice() -> PauliVectorChoice {
    PauliVectorChoice { device: Some(device("[[0.02, 0.06], [0.1, 0.1], [0.0, 0.03]]")), ..PauliVectorChoice::default() }
}

fn circuit() -> Circuit {
    let mut circuit = Circuit::new(3);
    circuit.ry(Angle::free(0), 0).cx(0, 1).rx(Angle::free(1), 2).cx(1, 2).rz(Angle::free(2), 1).cx(2, 0);
    circuit.ry(Angle::free(3), 1);
    circuit
}

const ANGLES: [f64; 4] = [0.3, -1.1, 0.8, 2.2];

fn simulation(choice: &PauliVectorChoice) -> NoisySimulation {
    let mut simulation = NoisySimulation::new(choice, &problem(), 3).expect("valid");
    simulation.rebuild(&circuit()).expect("simple gates");
    simulation
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
    let mut plain = simulation(&choice());
    let expected = dense_energy(&plain.model);
    assert!((plain.value(&ANGLES).expect("finite") - expected).abs() < 1e-12);
    let reference = plain.reference(&ANGLES).expect("finite");
    assert!((reference.noisy - expected).abs() < 1e-12);

    let mut inverted = simulation(&PauliVectorChoice { invert_readout: true, ..choice() });
    let faultless = NoiseModel { readout: vec![], ..inverted.model.clone() };
    assert!((inverted.value(&ANGLES).expect("finite") - dense_energy(&faultless)).abs() < 1e-12);
    assert!((inverted.reference(&ANGLES).expect("finite").noisy - expected).abs() < 1e-12, "reports invert nothing");

    let noiseless = dense_energy(&NoiseModel::default());
    assert!((reference.noiseless - noiseless).abs() < 1e-12);
    assert!((noiseless - expected).abs() > 0.05, "the noise is felt");
}

#[test]
fn energies_and_gradients_equal_those_of_the_simulator() {
    let choice = PauliVectorChoice { device: Some(device("[[0.0, 0.0]]")), ..PauliVectorChoice::default() };
    let mut simulation = simulation(&choice);
    let noisy = simulation.model.apply(&circuit()).expect("it fits");
    let mut energy = NoisyEnergy::new(&noisy, &hamiltonian()).expect("small");
    let (mut expected, mut gradient) = ([0.0; 4], [0.0; 4]);
    let value = energy.value_and_gradient(&ANGLES, &mut expected).expect("finite");
    assert!((simulation.value_and_gradient(&ANGLES, &mut gradient).expect("finite") - value).abs() < 1e-13);
    for (slope, expected) in gradient.iter().zip(expected) {
        assert!((slope - expected).abs() < 1e-12);
    }
    // One energy, and two for each of four angles.
    assert_eq!(simulation.measured, 9);
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
        extrapolation(&[1, 3], NoiseScaling::Insertion, ExtrapolationCurve::Polynomial, 1),
        extrapolation(&[1, 3, 5], NoiseScaling::Stretching, ExtrapolationCurve::Polynomial, 2),
        extrapolation(&[1, 3, 5], NoiseScaling::Stretching, ExtrapolationCurve::Exponential, 1),
    ]
}

#[test]
fn gradients_of_mitigated_energies_equal_differences() {
    for mitigation in mitigations() {
        for shots in [None, Some(1e24)] {
            // A huge number of runs makes the errors small and takes the way over shifted energies.
            let shot_noise = ShotNoise::TermVariance;
            let choice =
                PauliVectorChoice { invert_readout: true, mitigation: mitigation.clone(), shots, shot_noise, ..choice() };
            let mut simulation = simulation(&choice);
            let mut gradient = [0.0; 4];
            simulation.value_and_gradient(&ANGLES, &mut gradient).expect("finite");
            let evaluations = simulation.measured;
            assert_eq!(evaluations as usize, 1 + 4 * 2 * simulation.frequencies());
            for k in 0..4 {
                let mut at = |h: f64| {
                    let mut angles = ANGLES;
                    angles[k] += h;
                    simulation.value(&angles).expect("finite")
                };
                let expected = (at(1e-4) - at(-1e-4)) / 2e-4;
                assert!((gradient[k] - expected).abs() < 1e-6, "{mitigation:?} {k}: {} {expected}", gradient[k]);
            }
        }
    }
}

fn moments(numbers: &[f64]) -> (f64, f64) {
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    (mean, (numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64).sqrt())
}

#[test]
fn random_errors_have_the_published_size() {
    // Squares of the coefficients but the identity's: 0.09 + 0.49 + 0.04 + 0.25 above 0.05, 0.0016 below.
    for (shot_noise, variance) in [(ShotNoise::PublishedGpu, 0.8716), (ShotNoise::PublishedCpu, 0.087 + 0.0016)] {
        let mut simulation = simulation(&PauliVectorChoice { shots: Some(100.0), shot_noise, ..choice() });
        let exact = dense_energy(&simulation.model);
        let mut draw = |shots| {
            simulation.set_shots(shots);
            let energies: Vec<f64> = (0..4000).map(|_| simulation.value(&ANGLES).expect("finite")).collect();
            moments(&energies)
        };
        let (mean, deviation) = draw(None);
        let expected = (variance / 100.0f64).sqrt();
        assert!((mean - exact).abs() < 5.0 * expected / 4000.0f64.sqrt());
        assert!((deviation / expected - 1.0).abs() < 0.06, "{deviation} {expected}");
        let (_, deviation) = draw(Some(400.0));
        assert!((deviation / expected - 0.5).abs() < 0.03, "a stage with four times the runs");
    }
}

#[test]
fn the_true_variance_of_terms_is_that_of_their_outcomes() {
    let simulation = simulation(&PauliVectorChoice { shot_noise: ShotNoise::TermVariance, ..PauliVectorChoice::default() });
    let mut up = vec![0.0; 64];
    // |000>: all products of Z are 1, which leaves four terms of variance 1.
    [0, 3, 12, 15, 48, 51, 60, 63].iter().for_each(|&index| up[index] = 1.0);
    let expected: f64 = 0.09 + 0.04 + 0.25;
    assert!((simulation.measurement.deviation(&up, 1.0) - expected.sqrt()).abs() < 1e-14);
}

#[test]
fn drawn_gradients_are_distributed_like_shifted_energies() {
    for mitigation in mitigations() {
        let choice = PauliVectorChoice { invert_readout: true, mitigation, shots: Some(1e8), ..choice() };
        let mut simulation = simulation(&choice);
        let rule = shift_rule(simulation.frequencies());
        let (mut drawn, mut shifted) = (Vec::new(), Vec::new());
        for _ in 0..1500 {
            let mut gradient = [0.0; 4];
            simulation.value_and_gradient(&ANGLES, &mut gradient).expect("finite");
            drawn.push(gradient[1]);
            let [numerator, denominator] = simulation.sample(&ANGLES).expect("finite");
            let weights = simulation.extrapolator.as_ref().map_or(vec![1.0], |e| e.extrapolate(&simulation.energies).1);
            let (mut upper, mut lower) = (0.0, 0.0);
            for &(shift, weight) in &rule {
                let mut angles = ANGLES;
                angles[1] += shift;
                let [up, low] = simulation.sample(&angles).expect("finite");
                let linear: f64 = weights.iter().zip(&simulation.energies).map(|(w, e)| w * e).sum();
                upper += weight * if simulation.distiller.is_some() { up } else { linear };
                lower += weight * low;
            }
            shifted.push((upper * denominator - numerator * lower) / (denominator * denominator));
        }
        let ((mean, deviation), (expected, spread)) = (moments(&drawn), moments(&shifted));
        assert!((mean - expected).abs() < 5.0 * spread / 700.0f64.sqrt(), "{mean} {expected} {spread}");
        assert!((deviation / spread - 1.0).abs() < 0.12, "{deviation} {spread}");
    }
}

#[test]
fn depolarizing_noise_is_that_of_the_published_matrices() {
    let noise = |form| {
        let depolarizing = Some(DepolarizingNoise { one_qubit: 0.001, two_qubit: 0.005, form });
        PauliVectorChoice { depolarizing, ..PauliVectorChoice::default() }.noise(2).expect("physical")
    };
    let mut circuit = Circuit::new(2);
    circuit.x(0).cx(0, 1);
    let coefficient = |model: &NoiseModel, word: &str| {
        let sum = PauliSum::new(2, [(PauliString::from_word(word).expect("a word"), 1.0)]).expect("valid");
        let mut energy = NoisyEnergy::new(&model.apply(&circuit).expect("it fits"), &sum).expect("small");
        energy.value(&[]).expect("finite")
    };
    let each = noise(config::DepolarizingForm::Each);
    // ZZ and ZI shrink by (1 - p)^2 and 1 - p; before it Z on the first qubit by 0.999.
    assert!((coefficient(&each, "ZI") + 0.999 * 0.995).abs() < 1e-12);
    assert!((coefficient(&each, "ZZ") - 0.995f64.powi(2)).abs() < 1e-12);
    assert!((coefficient(&noise(config::DepolarizingForm::Pair), "ZZ") - 0.995).abs() < 1e-12);
}

#[test]
fn settings_outside_their_ranges_are_refused() {
    let refused = |choice: PauliVectorChoice| NoisySimulation::new(&choice, &problem(), 1).is_err();
    let zero = |extrapolation| Mitigation::ZeroNoiseExtrapolation(extrapolation);
    let depolarizing = |two_qubit| DepolarizingNoise { one_qubit: 0.0, two_qubit, form: config::DepolarizingForm::Each };
    assert!(!refused(choice()));
    assert!(refused(PauliVectorChoice { shots: Some(0.5), ..choice() }));
    assert!(refused(PauliVectorChoice { shots: Some(f64::NAN), ..choice() }));
    assert!(refused(PauliVectorChoice { confirmations: 0, ..choice() }));
    assert!(refused(PauliVectorChoice { depolarizing: Some(depolarizing(0.1)), ..choice() }), "a device and depolarizing noise");
    assert!(refused(PauliVectorChoice { depolarizing: Some(depolarizing(1.5)), ..PauliVectorChoice::default() }));
    let distillation = Mitigation::VirtualDistillation(VirtualDistillation { copies: 2 });
    assert!(refused(PauliVectorChoice { mitigation: distillation, ..choice() }), "read-outs are not inverted");
    for (scales, degree) in [(vec![1, 2], 1), (vec![3, 5], 1), (vec![1, 1], 1), (vec![1, 3], 2), (vec![1, 3], 0)] {
        let scaling = NoiseScaling::Insertion;
        let extrapolation = ZeroNoiseExtrapolation { scales, degree, scaling, ..ZeroNoiseExtrapolation::default() };
        assert!(refused(PauliVectorChoice { mitigation: zero(extrapolation), ..choice() }));
    }
}

#[test]
fn scaled_circuits_do_the_same_with_more_noise() {
    for scale in [1, 3, 5] {
        let larger = super::extrapolation::inserted(&circuit(), scale).expect("invertible");
        let (expected, found) = (circuit().unitary(&ANGLES).expect("small"), larger.unitary(&ANGLES).expect("small"));
        assert!(expected.entries().iter().zip(found.entries()).all(|(a, b)| (a - b).norm() < 1e-12));
        let mut model = NoiseModel::default();
        model.after_gates(1, Channel::depolarizing(0.01, 1).expect("physical"));
        model.after_gates(2, Channel::depolarizing(0.01, 2).expect("physical"));
        let channels = model.apply(&larger).expect("it fits").operations().len() - larger.operations().len();
        assert_eq!(channels, 7 * scale as usize);
        let stretched = super::extrapolation::noisy(&circuit(), &model, NoiseScaling::Stretching, scale).expect("it fits");
        assert_eq!(stretched.operations().len(), 7 * (1 + scale as usize));
    }
}

#[test]
fn stretching_leaves_no_error_of_first_order() {
    // All noise a hundredth of what it was: what a straight line leaves is a ten-thousandth, or a hundredth if it is wrong.
    let left = |scaling, weaker: f64| {
        let mut device = device("[[0.0, 0.0]]");
        let Device { one_qubit, two_qubit, .. } = &mut *device;
        for gates in [one_qubit, two_qubit].into_iter().flatten() {
            gates.time_ns /= weaker;
            gates.depolarizing /= weaker;
        }
        let curve = ExtrapolationCurve::Polynomial;
        let extrapolation = ZeroNoiseExtrapolation { scales: vec![1, 3], scaling, curve, degree: 1, ..Default::default() };
        let mitigation = Mitigation::ZeroNoiseExtrapolation(extrapolation);
        let choice = PauliVectorChoice { device: Some(device), mitigation, ..PauliVectorChoice::default() };
        let mut simulation = simulation(&choice);
        (simulation.value(&ANGLES).expect("finite") - simulation.reference(&ANGLES).expect("finite").noiseless).abs()
    };
    let ratio = |scaling| left(scaling, 10.0) / left(scaling, 1000.0);
    assert!((ratio(NoiseScaling::Stretching) - 1e4).abs() < 2e3, "{}", ratio(NoiseScaling::Stretching));
    assert!(ratio(NoiseScaling::Insertion) < 1e3, "{}", ratio(NoiseScaling::Insertion));
}

#[test]
fn decaying_energies_are_continued_exactly() {
    let curve = ExtrapolationCurve::Exponential;
    let config = ZeroNoiseExtrapolation { scales: vec![1, 3], curve, degree: 1, ..ZeroNoiseExtrapolation::default() };
    let extrapolator = Extrapolator::new(&config, -7.0).expect("valid");
    let curve = |scale: f64| -7.0 - 0.8 * (-0.1 * scale).exp();
    let (value, slopes) = extrapolator.extrapolate(&[curve(1.0), curve(3.0)]);
    assert!((value - curve(0.0)).abs() < 1e-14);
    let h = 1e-6;
    let (raised, _) = extrapolator.extrapolate(&[curve(1.0), curve(3.0) + h]);
    assert!(((raised - value) / h - slopes[1]).abs() < 1e-5);
    // On both sides of the mixed state's energy the straight line is taken: 3/2 and -1/2.
    let (value, slopes) = extrapolator.extrapolate(&[-7.2, -6.9]);
    assert!((value - (1.5 * -7.2 + 0.5 * 6.9)).abs() < 1e-12 && (slopes[0] - 1.5).abs() < 1e-12);
}
