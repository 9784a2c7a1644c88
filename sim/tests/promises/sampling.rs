//! Probabilities, shots and measurements.

use crate::random;
use qloom_circuits::{Angle, Circuit, Condition, Conditional, Operation, Stream};
use qloom_sim::{Counts, Executable, Observable, Program, SimError, SimulatorConfig, StateVector};

fn state(circuit: &Circuit, parameters: &[f64]) -> StateVector<f64> {
    let mut state = StateVector::zero(circuit.num_qubits(), SimulatorConfig::default()).unwrap();
    state.run(&Program::new(circuit).unwrap(), parameters).unwrap();
    state
}

fn shots(circuit: &Circuit, shots: u64, seed: u64) -> Counts {
    let executable = Executable::<StateVector<f64>>::new(circuit).unwrap();
    executable.counts(shots, SimulatorConfig::default(), &mut Stream::named(seed, "shots")).unwrap()
}

/// Chi-squared per degree of freedom over outcomes expected at least five times.
fn chi_squared(counts: &Counts, probabilities: &[f64]) -> f64 {
    let total = counts.shots() as f64;
    let cells: Vec<f64> = probabilities
        .iter()
        .enumerate()
        .filter(|(_, p)| **p * total >= 5.0)
        .map(|(outcome, p)| (counts.get(outcome as u64) as f64 - p * total).powi(2) / (p * total))
        .collect();
    cells.iter().sum::<f64>() / (cells.len() - 1) as f64
}

#[test]
fn samples_follow_the_probabilities() {
    let (circuit, parameters) = random::circuit(6, 30, 77);
    let state = state(&circuit, &parameters);
    let probabilities = state.probabilities(&[0, 1, 2, 3, 4, 5]).unwrap();
    let sample = |seed: u64| state.sample(200_000, &mut Stream::named(seed, "shots"));
    let counts = sample(11);
    assert_eq!(counts.shots(), 200_000);
    let value = chi_squared(&counts, &probabilities);
    assert!((0.4..1.8).contains(&value), "{value}");
    assert!(probabilities.iter().enumerate().all(|(k, p)| *p > 0.0 || counts.get(k as u64) == 0));
    assert_eq!(counts, sample(11));
    assert_ne!(counts, sample(12));
}

#[test]
fn marginals_are_sums_in_the_order_asked_for() {
    let (circuit, parameters) = random::circuit(5, 25, 5);
    let state = state(&circuit, &parameters);
    let all = state.probabilities(&[0, 1, 2, 3, 4]).unwrap();
    assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let some = state.probabilities(&[3, 1]).unwrap();
    for (outcome, probability) in some.iter().enumerate() {
        let expected: f64 = (0..32).filter(|i| i >> 3 & 1 == outcome & 1 && i >> 1 & 1 == outcome >> 1).map(|i| all[i]).sum();
        assert!((probability - expected).abs() < 1e-14);
    }
    let marginal = state.sample_qubits(&[3, 1], 50_000, &mut Stream::named(1, "shots")).unwrap();
    assert!(chi_squared(&marginal, &some) < 4.0);
    for (qubit, value) in state.expectation_z().into_iter().enumerate() {
        let single = state.probabilities(&[qubit]).unwrap();
        assert!((value - (single[0] - single[1])).abs() < 1e-13);
    }
    assert!(state.probabilities(&[5]).is_err() && state.probabilities(&[1, 1]).is_err());
}

#[test]
fn expectation_z_beyond_one_piece() {
    let n = 14;
    let mut circuit = Circuit::new(n);
    for qubit in 0..n {
        circuit.ry(0.2 * qubit as f64, qubit);
    }
    for (qubit, value) in state(&circuit, &[]).expectation_z().into_iter().enumerate() {
        assert!((value - (0.2 * qubit as f64).cos()).abs() < 1e-12, "{qubit}");
    }
}

#[test]
fn bell_pairs_agree_and_print_qubit_zero_rightmost() {
    let mut circuit = Circuit::new(3);
    circuit.h(0).cx(0, 1).measure_all();
    let counts = shots(&circuit, 1000, 3);
    let words: Vec<String> = counts.iter().map(|(outcome, _)| counts.bitstring(outcome)).collect();
    assert_eq!(words, ["000", "011"]);
    assert!((400..600).contains(&counts.get(0)));
}

#[test]
fn measured_in_the_middle_and_used_again() {
    // Teleportation of RY(0.8)|0> with corrections conditioned on both outcomes.
    let mut circuit = Circuit::new(3);
    circuit.ry(0.8, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure(0, 0).measure(1, 1);
    let conditioned = |bit: usize, gate: qloom_circuits::Gate| {
        Operation::Conditional(Box::new(Conditional {
            condition: Condition { bits: vec![bit], value: 1 },
            then: vec![Operation::gate(gate, &[], &[2])],
            otherwise: vec![],
        }))
    };
    circuit.push(conditioned(1, qloom_circuits::Gate::X)).unwrap();
    circuit.push(conditioned(0, qloom_circuits::Gate::Z)).unwrap();
    circuit.ry(-0.8, 2).measure(2, 2);
    let counts = shots(&circuit, 2000, 9);
    assert!(counts.iter().all(|(outcome, _)| !outcome.get(2)), "the state did not arrive");
    assert_eq!(counts.iter().count(), 4);
    assert!(counts.iter().all(|(_, count)| (400..600).contains(&count)));
}

#[test]
fn reset_returns_to_zero_and_frees_the_partner() {
    let mut circuit = Circuit::new(2);
    circuit.h(0).cx(0, 1).reset(0).measure_all();
    let counts = shots(&circuit, 1000, 4);
    assert!(counts.iter().all(|(outcome, _)| !outcome.get(0)));
    assert!((400..600).contains(&counts.get(0b10)));
}

#[test]
fn states_that_do_not_fit_are_refused_before_allocation() {
    let config = SimulatorConfig { memory_limit: 1 << 20, ..SimulatorConfig::default() };
    let error = StateVector::<f64>::zero(17, config).unwrap_err();
    assert!(matches!(error, SimError::MemoryLimit { num_qubits: 17, needed: 2097152, limit: 1048576 }));
    assert!(StateVector::<f32>::zero(17, config).is_ok());
    assert!(StateVector::<f64>::zero(47, SimulatorConfig::default()).is_err());
    assert!(StateVector::<f64>::zero(usize::MAX, SimulatorConfig::default()).is_err());
    let free = SimulatorConfig { memory_limit: u64::MAX, ..SimulatorConfig::default() };
    assert!(StateVector::<f64>::zero(46, free).is_err());
}

#[test]
fn parameters_and_sizes_are_checked() {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0);
    let program = Program::new(&circuit).unwrap();
    let mut state = StateVector::<f64>::zero(2, SimulatorConfig::default()).unwrap();
    assert!(matches!(state.run(&program, &[]), Err(SimError::SizeMismatch { .. })));
    assert!(Executable::<StateVector<f64>>::new(&circuit).is_err(), "free parameters");
    let mut three = StateVector::<f64>::zero(3, SimulatorConfig::default()).unwrap();
    assert!(matches!(three.run(&program, &[0.1]), Err(SimError::SizeMismatch { .. })));
    circuit.measure(0, 0);
    assert!(matches!(Program::new(&circuit), Err(SimError::Unsupported { .. })));
}

#[test]
fn sums_have_the_same_bits_for_every_number_of_threads() {
    let n = 17;
    let (circuit, parameters) = random::circuit(n, 60, 21);
    let program = Program::new(&circuit).unwrap();
    let observable = random::observable(n, 12, 5);
    let of = |threads: usize| {
        let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
        let mut state = StateVector::<f64>::zero(n, config).unwrap();
        state.run(&program, &parameters).unwrap();
        let mut numbers = vec![state.norm(), state.expectation(&Observable::new(&observable)).unwrap()];
        numbers.extend(state.expectation_z());
        numbers.extend(state.probabilities(&[3, 16, 0]).unwrap());
        numbers.extend(state.probabilities(&[0, 1]).unwrap());
        let inner = state.inner(&state).unwrap();
        numbers.extend([inner.re, inner.im]);
        let counts = state.sample(1000, &mut Stream::named(3, "shots"));
        let mut stream = Stream::named(5, "measurements");
        let mut outcomes = Vec::new();
        for qubit in [0, 2, 3, 12, 16] {
            outcomes.push(state.measure(qubit, &mut stream).unwrap());
            numbers.push(state.norm());
        }
        let mut energy = qloom_sim::Energy::with_config(&circuit, &observable, config);
        if let Ok(energy) = &mut energy {
            let mut gradient = vec![0.0; parameters.len()];
            numbers.push(energy.value_and_gradient(&parameters, &mut gradient).unwrap());
            numbers.extend(gradient);
        }
        (numbers, counts, outcomes)
    };
    let one = of(1);
    for threads in [2, 3, 5] {
        assert!(of(threads) == one, "{threads} threads");
    }
}

#[test]
fn measuring_follows_the_probabilities_of_every_qubit() {
    for n in [1, 2, 3, 4, 6, 14] {
        let (circuit, parameters) = random::circuit(n, 30, 3 + n as u64);
        let mut state = StateVector::<f64>::zero(n, SimulatorConfig::default()).unwrap();
        state.run(&Program::new(&circuit).unwrap(), &parameters).unwrap();
        let expected: Vec<f64> = (0..n)
            .map(|qubit| state.amplitudes().enumerate().filter(|(k, _)| k >> qubit & 1 == 1).map(|(_, a)| a.norm_sqr()).sum())
            .collect();
        for (qubit, expected) in expected.iter().enumerate() {
            let given = state.probabilities(&[qubit]).unwrap();
            assert!((given[1] - expected).abs() < 1e-13 && (given[0] + given[1] - 1.0).abs() < 1e-13);
            for outcome in [false, true] {
                let weight = if outcome { *expected } else { 1.0 - expected };
                if weight > 1e-6 {
                    let mut kept = state.try_clone().unwrap();
                    kept.project(qubit, outcome).unwrap();
                    assert!((kept.norm() - 1.0).abs() < 1e-12);
                    // <kept|state> is the square root of the probability.
                    assert!((kept.inner(&state).unwrap().re - weight.sqrt()).abs() < 1e-12, "{n} {qubit}");
                }
            }
        }
    }
}
