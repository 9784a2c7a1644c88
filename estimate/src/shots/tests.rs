use qloom_circuits::{Channel, Circuit, Operation, PauliString};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::*;
use qloom_sim::{Observable, PauliProgram, PauliVector, Program, SimulatorConfig, StateVector};

fn word(text: &str) -> PauliString {
    PauliString::from_word(text).expect("letters")
}

/// Every string of three letters with a coefficient of its own: all ways of commuting occur.
fn observable() -> PauliSum {
    let letters = ['I', 'X', 'Y', 'Z'];
    let terms = (0..64usize).map(|k| {
        let text: String = (0..3).map(|q| letters[k >> (2 * q) & 3]).collect();
        (word(&text), ((7 * k + 3) % 17) as f64 / 17.0 - 0.45)
    });
    PauliSum::new(3, terms).expect("it fits")
}

fn circuit() -> Circuit {
    let mut circuit = Circuit::new(3);
    circuit.ry(0.7, 0).cx(0, 1).rx(1.1, 2).cx(1, 2).rz(0.4, 2).ry(-0.3, 1).cx(2, 0);
    circuit
}

fn noisy() -> PauliVector {
    let mut noisy = circuit();
    for qubit in 0..3 {
        let channel = Channel::thermal_relaxation(100.0, 80.0, 10.0 + qubit as f64, 0.1).expect("physical");
        noisy.push(Operation::Channel { channel, qubits: [qubit].into_iter().collect() }).expect("fits");
    }
    let mut state = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
    state.run(&PauliProgram::new(&noisy).expect("bound"), &[]).expect("fits");
    state
}

fn pure() -> StateVector<f64> {
    let mut state = StateVector::<f64>::zero(3, SimulatorConfig::default()).expect("small");
    state.run(&Program::new(&circuit()).expect("unitary"), &[]).expect("fits");
    state
}

#[test]
fn every_grouping_has_the_exact_value_as_its_limit() {
    let (pure, noisy) = (pure(), noisy());
    let mut settings = Vec::new();
    let one_norm: f64 = observable().terms().iter().map(|(string, c)| if string.weight() > 0 { c.abs() } else { 0.0 }).sum();
    for grouping in [Grouping::Terms, Grouping::QubitWise, Grouping::Commuting] {
        let measurements = Measurements::new(&observable(), grouping);
        let exact = pure.expectation(&Observable::new(&observable())).expect("fits");
        assert!((measurements.limit(&pure).expect("fits") - exact).abs() < 1e-12, "{grouping:?}");
        let exact = noisy.expectation(&Observable::new(&observable())).expect("fits");
        assert!((measurements.limit(&noisy).expect("fits") - exact).abs() < 1e-12, "{grouping:?}");
        let weights: f64 = measurements.settings().iter().map(Setting::weight).sum();
        assert!((weights - one_norm).abs() < 1e-12, "{grouping:?}: every term is measured once");
        settings.push(measurements.settings().len());
    }
    // 63 strings: 27 bases of single qubits, and 9 sets of seven that commute at best
    assert!(settings[0] == observable().terms().len() - 1 && settings[1] == 27 && settings[2] < 20, "{settings:?}");
}

/// One term's variance is 1 - <P>^2, and estimates scatter as their standard errors say.
#[test]
fn variances_are_those_of_the_outcomes() {
    let state = noisy();
    let one = PauliSum::new(3, [(word("XZY"), 0.8)]).expect("fits");
    let mean = state.expectation(&Observable::new(&one)).expect("fits");
    let moments = Measurements::new(&one, Grouping::Terms).moments(&state).expect("fits");
    assert!((moments[0].1 - (0.64 - mean * mean)).abs() < 1e-12);
    let measurements = Measurements::new(&observable(), Grouping::QubitWise);
    let moments = measurements.moments(&state).expect("fits");
    let deviations: Vec<f64> = moments.iter().map(|(_, variance)| variance.sqrt()).collect();
    let shots = allocate(20_000, &deviations);
    let exact = state.expectation(&Observable::new(&observable())).expect("fits");
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let scores = (0..400).map(|_| {
        let estimate = measurements.estimate(&state, &shots, &mut rng).expect("fits");
        (estimate.value - exact) / estimate.standard_error
    });
    let scores: Vec<f64> = scores.collect();
    let mean = scores.iter().sum::<f64>() / 400.0;
    let variance = scores.iter().map(|score| score * score).sum::<f64>() / 400.0;
    assert!(mean.abs() < 0.2 && (variance - 1.0).abs() < 0.3, "{mean} {variance}");
    // by deviation is never worse than uniform
    let error = |shots: &[u64]| moments.iter().zip(shots).map(|((_, v), &n)| v / n as f64).sum::<f64>();
    assert!(error(&shots) < error(&allocate(20_000, &vec![1.0; shots.len()])));
}

#[test]
fn read_out_errors_shift_the_limit_and_inversion_undoes_them() {
    let state = noisy();
    let readout = Readout::new(&[[0.02, 0.05], [0.1, 0.0], [0.03, 0.03]]).expect("possible");
    let exact = state.expectation(&Observable::new(&observable())).expect("fits");
    let read = Measurements::new(&observable(), Grouping::QubitWise).with_readout(readout.clone());
    assert!((read.limit(&state).expect("fits") - exact).abs() > 1e-3);
    let inverted = read.clone().with_inversion(readout).expect("possible");
    assert!((inverted.limit(&state).expect("fits") - exact).abs() < 1e-12);
    // the correction costs variance
    let sum = |m: &Measurements| m.moments(&state).expect("fits").iter().map(|(_, v)| v).sum::<f64>();
    assert!(sum(&inverted) > sum(&read));
}

/// An eigenstate gives one value in every shot, and nothing of it is random.
#[test]
fn certain_outcomes_have_no_error() {
    let mut bell = Circuit::new(2);
    bell.h(0).cx(0, 1);
    let mut state = StateVector::<f64>::zero(2, SimulatorConfig::default()).expect("small");
    state.run(&Program::new(&bell).expect("unitary"), &[]).expect("fits");
    let observable = PauliSum::new(2, [("XX", 0.5), ("YY", -0.5), ("ZZ", 1.0), ("II", 2.0)].map(|(text, c)| (word(text), c)));
    let measurements = Measurements::new(&observable.expect("fits"), Grouping::Commuting);
    for shots in [1, 100] {
        let estimate = measurements.estimate(&state, &[shots], &mut ChaCha8Rng::seed_from_u64(1)).expect("fits");
        assert!((estimate.value - 4.0).abs() < 1e-12 && estimate.standard_error < 1e-7, "{estimate:?}");
    }
    // a fair coin: the error by its definition, from the number of heads
    let coin = Measurements::new(&PauliSum::z(0, 2), Grouping::Terms);
    let estimate = coin.estimate(&state, &[1000], &mut ChaCha8Rng::seed_from_u64(1)).expect("fits");
    assert!((estimate.standard_error - ((1.0 - estimate.value.powi(2)) / 1000.0).sqrt()).abs() < 1e-14);
    let biased = pure();
    let estimate =
        Measurements::new(&PauliSum::z(0, 3), Grouping::Terms).estimate(&biased, &[1000], &mut ChaCha8Rng::seed_from_u64(1));
    let estimate = estimate.expect("fits");
    assert!(estimate.value.abs() > 0.2, "{estimate:?}");
    assert!((estimate.standard_error - ((1.0 - estimate.value.powi(2)) / 1000.0).sqrt()).abs() < 1e-14);
}

#[test]
fn wrong_numbers_are_refused() {
    let measurements = Measurements::new(&observable(), Grouping::Commuting);
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let settings = measurements.settings().len();
    assert!(measurements.estimate(&pure(), &vec![0; settings], &mut rng).is_err());
    assert!(measurements.estimate(&pure(), &[1], &mut rng).is_err());
    assert!(measurements.limit(&StateVector::<f64>::zero(2, SimulatorConfig::default()).expect("small")).is_err());
}

#[test]
fn draws_have_the_right_frequencies() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut counts = [0u64; 4];
    multinomial(&[0.5, 0.0, 0.2, 0.3], 1_000_000, &mut rng, |outcome, count| counts[outcome] += count);
    assert_eq!(counts.iter().sum::<u64>(), 1_000_000);
    assert!(counts[1] == 0 && counts[0].abs_diff(500_000) < 3000 && counts[2].abs_diff(200_000) < 3000, "{counts:?}");
}
