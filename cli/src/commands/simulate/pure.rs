//! A circuit without noise, exactly.

use std::time::Instant;

use qloom::circuits::Operation;
use qloom::sim::{Branch, Observable, Program, Real, StateVector, before_last_measurements, branches};

use super::Task;
use super::results::Results;
use crate::failure::{Failure, OrFailure};

/// Histories of outcomes followed exactly.
const MAX_BRANCHES: usize = 4096;

/// Runs the circuit on a state vector, every history of outcomes on the way by itself.
///
/// # Errors
/// Failed work when memory does not suffice or there are too many histories.
pub fn simulate<T: Real>(task: &Task<'_>) -> Result<Results, Failure> {
    let &Task { circuit, observable, arguments, config } = task;
    let place = "cannot simulate";
    let plan = Instant::now();
    let measured = before_last_measurements(circuit);
    let program = Program::new(&measured).or_input(place)?;
    let explanation = Some(program.explain::<T>(&config));
    let plan_seconds = plan.elapsed().as_secs_f64();
    let mut seconds = Vec::new();
    let ends: Vec<Branch<T>> = if program.is_unitary() {
        let mut state = StateVector::<T>::with_config(circuit.num_qubits(), config).or_work(place)?;
        for _ in 0..arguments.repeat {
            let start = Instant::now();
            state.reset();
            program.run(&[], &mut state).or_work(place)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        vec![Branch { probability: 1.0, bits: 0, state }]
    } else {
        let mut ends = Vec::new();
        for _ in 0..arguments.repeat {
            drop(std::mem::take(&mut ends));
            let start = Instant::now();
            ends = branches(&measured, &[], MAX_BRANCHES, config).or_work(place)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        ends
    };
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
    let counts = match arguments.shots {
        None => None,
        Some(shots) if circuit.num_bits() == 0 || !measures(circuit.operations()) => match &ends[..] {
            [only] => Some(only.state.sample(shots, arguments.seed)),
            _ => {
                return Err(Failure::input("the circuit resets on the way and measures nothing; add measurements to draw shots"));
            }
        },
        Some(shots) => {
            let program = Program::new(circuit).or_input(place)?;
            Some(program.sample::<T>(&[], shots, arguments.seed, config).or_work(place)?)
        }
    };
    let probabilities = Results::largest(outcomes(&ends));
    Ok(Results { probabilities, expectation_z, expectation, counts, seconds, plan_seconds, explanation, ..Results::default() })
}

/// Whether anything is measured.
fn measures(operations: &[Operation]) -> bool {
    operations.iter().any(|operation| match operation {
        Operation::Measure { .. } => true,
        Operation::Conditional(block) => measures(&block.then) || measures(&block.otherwise),
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Channel { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => false,
    })
}

/// Every basis state with its probability, averaged over the branches.
fn outcomes<T: Real>(ends: &[Branch<T>]) -> impl Iterator<Item = (usize, f64)> {
    let dimension = ends.first().map_or(0, |branch| branch.state.dimension());
    (0..dimension).map(move |index| {
        let weights = ends.iter().map(|branch| {
            let amplitude = branch.state.amplitude(index);
            branch.probability * (amplitude.re.to_f64().powi(2) + amplitude.im.to_f64().powi(2))
        });
        (index, weights.sum())
    })
}
