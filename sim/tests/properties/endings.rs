//! Where executions end: measurements left to the end, branches one by one, watchers, and states drawn once.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Circuit, Matrix, Operation, Stream};
use qloom_sim::{Executable, SimError, SimulatorConfig, StateVector, split_last_measurements};

use super::dense::{program, run, trace};

fn config() -> SimulatorConfig {
    SimulatorConfig { threads: 1, ..SimulatorConfig::default() }
}

fn projector(state: &StateVector<f64>) -> Matrix {
    let amplitudes: Vec<Complex64> = state.amplitudes().collect();
    let entries: Vec<Complex64> = amplitudes.iter().flat_map(|a| amplitudes.iter().map(move |b| a * b.conj())).collect();
    Matrix::from_slice(&entries)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Measurements put off to the end give the same records as likely, and none that could be put off is left.
    #[test]
    fn last_measurements_can_wait(circuit in program(3, 2, 14, true)) {
        let (before, last) = split_last_measurements(&circuit);
        let mut whole = before.clone();
        for &(qubit, bit) in &last {
            whole.measure(qubit, bit);
        }
        let likely = |circuit: &Circuit| -> BTreeMap<Vec<bool>, f64> {
            run(circuit, &[]).into_iter().map(|(record, rho)| (record, trace(&rho))).collect()
        };
        let (found, expected) = (likely(&whole), likely(&circuit));
        for record in found.keys().chain(expected.keys()) {
            let of = |list: &BTreeMap<Vec<bool>, f64>| list.get(record).copied().unwrap_or(0.0);
            prop_assert!((of(&found) - of(&expected)).abs() < 1e-12, "{:?}", record);
        }
        let operations = before.operations();
        for (place, operation) in operations.iter().enumerate() {
            if let Operation::Measure { qubit, bit } = operation {
                let used = |later: &Operation| later.qubits().contains(qubit) || later.bits().contains(bit);
                prop_assert!(operations[place + 1..].iter().any(used), "{:?} could wait", operation);
            }
        }
    }

    /// Branches followed one by one make up the density matrix of every record.
    #[test]
    fn branches_one_by_one_make_up_every_record(circuit in program(3, 2, 10, true)) {
        let (before, _) = split_last_measurements(&circuit);
        let mut found = BTreeMap::<Vec<bool>, Matrix>::new();
        let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
        executable.each_branch(100_000, config(), &mut |branch| {
            let record: Vec<bool> = (0..circuit.num_bits()).map(|bit| branch.record.get(bit)).collect();
            let part = projector(&branch.state).scaled(branch.probability.into());
            let sum = found.remove(&record).map_or(part.clone(), |sum| sum.plus(&part));
            found.insert(record, sum);
            ControlFlow::Continue(())
        }).expect("few branches");
        for (record, rho) in run(&before, &[]) {
            let zero = Matrix::zero(3);
            let worst = found.get(&record).unwrap_or(&zero).distance(&rho);
            prop_assert!(worst < 1e-11, "{:?}: {:e}", record, worst);
        }
    }

    /// A shot drawn alone ends in the state of a branch with its record, in both precisions.
    #[test]
    fn one_shot_ends_in_one_of_the_branches(circuit in program(3, 2, 10, false), seed in any::<u64>()) {
        let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
        let drawn = executable.draw(&[], config(), &mut Stream::named(seed, "shot")).expect("it runs");
        let branches = executable.branches(10_000, &[], config()).expect("few branches");
        let near = |state: &StateVector<f64>| (state.inner(&drawn.state).expect("sizes agree").norm() - 1.0).abs() < 1e-9;
        prop_assert!(branches.iter().any(|branch| branch.record == drawn.record && near(&branch.state)));
        let single = Executable::<StateVector<f32>>::new(&circuit).expect("supported");
        let other = single.draw(&[], config(), &mut Stream::named(seed, "shot")).expect("it runs");
        let near = |state: &StateVector<f64>| {
            let pairs = other.state.amplitudes().zip(state.amplitudes());
            let overlap: Complex64 = pairs.map(|(a, b)| Complex64::new(a.re.into(), a.im.into()).conj() * b).sum();
            (overlap.norm() - 1.0).abs() < 1e-4
        };
        prop_assert!(branches.iter().any(|branch| branch.record == other.record && near(&branch.state)));
    }

    /// Who watches sees shots grow to their number and changes no count; who stops gets no counts.
    #[test]
    fn watchers_change_nothing(circuit in program(3, 2, 10, true), seed in any::<u64>()) {
        let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
        let stream = || Stream::named(seed, "shots");
        let plain = executable.counts(200, config(), &mut stream()).expect("it runs");
        let mut seen = Vec::new();
        let mut note = |done| {
            seen.push(done);
            ControlFlow::Continue(())
        };
        let watched = executable.watched_counts(200, config(), &mut stream(), &mut note).expect("it runs");
        prop_assert_eq!(&watched, &plain);
        prop_assert!(seen.is_sorted() && seen.iter().all(|&done| done <= 200));
        let stopped = executable.watched_counts(200, config(), &mut stream(), &mut |_| ControlFlow::Break(()));
        prop_assert!(executable.is_deterministic() || matches!(stopped, Err(SimError::Stopped)), "{:?}", stopped);
    }
}
