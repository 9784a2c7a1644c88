//! The three policies of the interpreter, on both kinds of state.

use std::collections::BTreeMap;

use proptest::prelude::*;
use qloom_circuits::{Circuit, Stream};
use qloom_sim::{Branching, Executable, PauliVector, SimError, SimulatorConfig, State, StateVector, mixture};

use super::dense::{program, run, trace};

fn config() -> SimulatorConfig {
    SimulatorConfig { threads: 1, ..SimulatorConfig::default() }
}

/// Probability of every record of classical bits, the measurements at the end included, by the exact policy.
fn records<S: Branching>(circuit: &Circuit) -> Result<BTreeMap<Vec<bool>, f64>, SimError> {
    let executable = Executable::<S>::new(circuit)?;
    let mut sums = BTreeMap::new();
    for branch in executable.branches(10_000, &[], config())? {
        let qubits: Vec<usize> = (0..circuit.num_qubits()).collect();
        for (outcome, p) in branch.state.probabilities(&qubits)?.into_iter().enumerate() {
            let mut record = branch.record.clone();
            executable.last().iter().for_each(|&(qubit, bit)| record.set(bit, outcome >> qubit & 1 == 1));
            let bits: Vec<bool> = (0..circuit.num_bits()).map(|bit| record.get(bit)).collect();
            *sums.entry(bits).or_insert(0.0) += branch.probability * p;
        }
    }
    Ok(sums)
}

fn expected(circuit: &Circuit) -> BTreeMap<Vec<bool>, f64> {
    run(circuit, &[]).into_iter().map(|(record, rho)| (record, trace(&rho))).collect()
}

fn close(found: &BTreeMap<Vec<bool>, f64>, expected: &BTreeMap<Vec<bool>, f64>) -> bool {
    let differ = |(record, p): (&Vec<bool>, &f64)| (found.get(record).copied().unwrap_or(0.0) - p).abs() > 1e-10;
    !expected.iter().any(differ) && (found.values().sum::<f64>() - 1.0).abs() < 1e-10
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn records_of_pure_states_have_their_probabilities(circuit in program(3, 2, 14, false)) {
        let found = records::<StateVector<f64>>(&circuit).expect("few branches");
        prop_assert!(close(&found, &expected(&circuit)), "{:?} {:?}", found, expected(&circuit));
    }

    #[test]
    fn records_of_noisy_states_have_their_probabilities(circuit in program(3, 2, 14, true)) {
        let found = records::<PauliVector>(&circuit).expect("few branches");
        prop_assert!(close(&found, &expected(&circuit)), "{:?} {:?}", found, expected(&circuit));
    }

    /// Branches of a noisy state, mixed again, are the density matrix before the last measurements.
    #[test]
    fn mixed_branches_are_the_density_matrix(circuit in program(3, 2, 12, true)) {
        let before = qloom_sim::before_last_measurements(&circuit);
        let expected = super::dense::density(&before, &[]);
        for without_record in [false, true] {
            let executable = if without_record { Executable::without_record(&circuit) } else { Executable::<PauliVector>::new(&circuit) };
            let branches = executable.expect("supported").branches(10_000, &[], config()).expect("few branches");
            let found = mixture(branches).expect("one branch at least").density_matrix().expect("small");
            let worst = found.distance(&expected);
            prop_assert!(worst < 1e-10, "{worst:e}");
        }
    }

    /// Shots that share states fall as often on every record as it is likely; one shot at a time too.
    #[test]
    fn shots_follow_the_probabilities(circuit in program(3, 2, 10, true), seed in any::<u64>()) {
        let expected = expected(&circuit);
        let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
        if !executable.measures() {
            return Ok(());
        }
        let shots = 4000;
        let counts = executable.counts(shots, config(), &mut Stream::named(seed, "shots")).expect("it runs");
        prop_assert_eq!(counts.shots(), shots);
        for (record, p) in &expected {
            let word = record.iter().enumerate().fold(0, |word, (bit, &one)| word | u64::from(one) << bit);
            let frequency = counts.get(word) as f64 / shots as f64;
            let deviation = (p * (1.0 - p) / shots as f64).sqrt().max(1e-4);
            // six standard deviations: once in half a thousand million
            prop_assert!((frequency - p).abs() < 6.0 * deviation + 1e-9, "{:?}: {} {}", record, frequency, p);
        }
    }

    #[test]
    fn results_do_not_depend_on_threads(circuit in program(3, 2, 10, true), seed in any::<u64>()) {
        let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
        let counts = |threads| executable.counts(300, SimulatorConfig { threads, ..config() }, &mut Stream::named(seed, "shots"));
        prop_assert_eq!(counts(1), counts(3));
    }
}

#[test]
fn memory_is_checked_before_it_is_taken() {
    let mut circuit = Circuit::new(10);
    circuit.add_bits("c", 10);
    (0..10).for_each(|qubit| {
        circuit.h(qubit).measure(qubit, qubit).h(qubit);
    });
    let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
    let small = SimulatorConfig { memory_limit: 20 * StateVector::<f64>::bytes(10) as u64, ..config() };
    let refused = executable.branches(2000, &[], small);
    assert!(matches!(refused, Err(SimError::MemoryLimit { .. })), "{refused:?}");
    // shots need few states at a time
    let counts = executable.counts(50, small, &mut Stream::named(1, "shots")).expect("it fits");
    assert_eq!(counts.shots(), 50);
    let tiny = SimulatorConfig { memory_limit: 2 * StateVector::<f64>::bytes(10) as u64, ..config() };
    assert!(matches!(executable.counts(50, tiny, &mut Stream::named(1, "shots")), Err(SimError::MemoryLimit { .. })));
}
