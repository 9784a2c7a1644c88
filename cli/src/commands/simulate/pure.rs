//! A circuit without noise, exactly.

use std::time::Instant;

use qloom::circuits::Stream;
use qloom::sim::{
    Branch, Counts, Executable, Observable, Program, Real, Record, StateVector, Workspace, before_last_measurements,
};

use super::Task;
use super::results::Results;
use crate::failure::{Failure, OrFailure};

/// Branches followed exactly.
const MAX_BRANCHES: usize = 4096;

/// Runs the circuit on a state vector, every branch by itself.
///
/// # Errors
/// Failed work when memory does not suffice or there are too many branches.
pub fn simulate<T: Real>(task: &Task<'_>) -> Result<Results, Failure> {
    let &Task { circuit, observable, arguments, config, .. } = task;
    let place = "cannot simulate";
    let plan = Instant::now();
    let executable = Executable::<StateVector<T>>::new(circuit).or_input(place)?;
    let mut seconds = Vec::new();
    let (ends, explanation, plan_seconds) = if executable.is_deterministic() {
        let program = Program::new(&before_last_measurements(circuit)).or_input(place)?;
        let explanation = program.explain::<T>(&config);
        let plan_seconds = plan.elapsed().as_secs_f64();
        let mut state = StateVector::<T>::zero(circuit.num_qubits(), config).or_work(place)?;
        let mut workspace = Workspace::default();
        for _ in 0..arguments.repeat {
            let start = Instant::now();
            state.reset();
            state.apply(&program, &[], &mut workspace).or_work(place)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        (vec![Branch { probability: 1.0, record: Record::new(circuit.num_bits()), state }], explanation, plan_seconds)
    } else {
        let explanation = executable.explain(&config);
        let plan_seconds = plan.elapsed().as_secs_f64();
        let mut ends = Vec::new();
        for _ in 0..arguments.repeat {
            drop(std::mem::take(&mut ends));
            let start = Instant::now();
            ends = executable.branches(MAX_BRANCHES, &[], config).or_work(place)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        (ends, explanation, plan_seconds)
    };
    let explanation = Some(explanation);
    let expectation = match observable {
        Some(sum) => {
            let compiled = Observable::new(sum);
            let mut value = 0.0;
            for branch in &ends {
                value += branch.probability * branch.state.expectation(&compiled).or_work(place)?;
            }
            Some(value)
        }
        None => None,
    };
    let mut expectation_z = vec![0.0; circuit.num_qubits()];
    for branch in &ends {
        for (sum, value) in expectation_z.iter_mut().zip(branch.state.expectation_z()) {
            *sum += branch.probability * value;
        }
    }
    let mut stream = Stream::named(arguments.seed, "shots");
    let counts = match arguments.shots {
        None => None,
        Some(shots) if !executable.measures() => match &ends[..] {
            [only] => Some(only.state.sample(shots, &mut stream)),
            _ => {
                return Err(Failure::input("the circuit resets on the way and measures nothing; add measurements to draw shots"));
            }
        },
        Some(0) => Some(Counts::new(circuit.num_bits())),
        Some(shots) => Some(executable.counts(shots, config, &mut stream).or_work(place)?),
    };
    let probabilities = Results::largest(outcomes(&ends));
    Ok(Results { probabilities, expectation_z, expectation, counts, seconds, plan_seconds, explanation, ..Results::default() })
}

/// Every basis state with its probability, averaged over the branches.
fn outcomes<T: Real>(ends: &[Branch<StateVector<T>>]) -> impl Iterator<Item = (usize, f64)> {
    let dimension = ends.first().map_or(0, |branch| branch.state.dimension());
    (0..dimension).map(move |index| {
        let weights = ends.iter().map(|branch| {
            let amplitude = branch.state.amplitude(index);
            branch.probability * (amplitude.re.to_f64().powi(2) + amplitude.im.to_f64().powi(2))
        });
        (index, weights.sum())
    })
}
