//! Circuits under noise: a Pauli vector exactly, or trajectories by shots.

use std::time::Instant;

use qloom::circuits::Stream;
use qloom::estimate::{Estimate, Readout, Trajectories};
use qloom::sim::{Branch, Counts, Executable, Observable, PauliVector, Real, mixture, multinomial};

use super::Task;
use super::results::{Results, StandardErrors};

use crate::failure::{Failure, OrFailure};
use crate::progress::Progress;

const PLACE: &str = "cannot simulate";

/// Records of classical bits followed exactly.
const MAX_BRANCHES: usize = 4096;

/// Runs the circuit under its noise on a Pauli vector.
///
/// # Errors
/// Failed work when the states do not fit into memory, or there are too many records of bits measured on the way.
pub fn exact(task: &Task<'_>) -> Result<Results, Failure> {
    let model = task.arguments.noise.model_on(task.circuit, &task.qubits)?;
    let plan = Instant::now();
    let noisy = model.apply(task.circuit).or_input(PLACE)?;
    let readout = Readout::new(&model.readout).or_input(PLACE)?;
    let executable = match task.arguments.shots {
        Some(_) => Executable::<PauliVector>::new(&noisy),
        None => Executable::<PauliVector>::without_record(&noisy),
    };
    let executable = executable.or_work(PLACE)?;
    let plan_seconds = plan.elapsed().as_secs_f64();
    let larger = "cannot hold a Pauli vector (--state trajectories --shots N needs 2^n instead of 4^n numbers)";
    let mut seconds = Vec::new();
    let mut branches = Vec::new();
    for _ in 0..task.arguments.repeat {
        drop(std::mem::take(&mut branches));
        let start = Instant::now();
        branches = executable.branches(MAX_BRANCHES, readout.errors(), task.config).or_work(larger)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let counts = match task.arguments.shots {
        Some(shots) => Some(draw(&executable, &branches, &readout, shots, task.arguments.seed)?),
        None => None,
    };
    let state = mixture(branches).ok_or_else(|| Failure::input("--repeat 0 runs nothing"))?;
    let probabilities = as_read(&state, &readout)?;
    let expectation = match task.observable {
        Some(sum) => {
            let read = Observable::new(&readout.observable(sum).or_work(PLACE)?);
            Some(state.expectation(&read).or_work(PLACE)?)
        }
        None => None,
    };
    let expectation_z = state.expectation_z().into_iter().enumerate();
    let expectation_z =
        expectation_z.map(|(qubit, z)| readout.letter(qubit, Estimate { value: z, standard_error: 0.0 }).value).collect();
    Ok(Results {
        probabilities: Results::largest(probabilities.iter().copied().enumerate()),
        expectation_z,
        expectation,
        counts,
        seconds,
        plan_seconds,
        purity: Some(state.purity()),
        ..Results::default()
    })
}

/// Probabilities of all qubits as they are read.
fn as_read(state: &PauliVector, readout: &Readout) -> Result<Vec<f64>, Failure> {
    let all: Vec<usize> = (0..state.num_qubits()).collect();
    let mut probabilities = state.probabilities(&all).or_work(PLACE)?;
    readout.apply(&all, &mut probabilities);
    Ok(probabilities)
}

/// Shots of the branches, as they are read.
fn draw(
    executable: &Executable<PauliVector>,
    branches: &[Branch<PauliVector>],
    readout: &Readout,
    shots: u64,
    seed: u64,
) -> Result<Counts, Failure> {
    let mut stream = Stream::named(seed, "shots");
    let weights: Vec<f64> = branches.iter().map(|branch| branch.probability).collect();
    let mut drawn = Vec::new();
    multinomial(&weights, shots, &mut stream, |index, count| drawn.push((&branches[index], count)));
    let mut counts = Counts::new(executable.outcome_bits());
    for (branch, shots) in drawn {
        for (outcome, count) in Counts::draw(&as_read(&branch.state, readout)?, shots, &mut stream).iter() {
            let mut record = branch.record.clone();
            executable.last().iter().for_each(|&(qubit, bit)| record.set(bit, outcome >> qubit & 1 == 1));
            counts.add(if executable.measures() { record.word() } else { outcome }, count);
        }
    }
    Ok(counts)
}

/// Runs the circuit under its noise once a shot, on pure states.
///
/// # Errors
/// Bad input without shots; failed work when a state does not fit into memory, or the user stops it.
pub fn trajectories<T: Real>(task: &Task<'_>) -> Result<Results, Failure> {
    let Some(shots) = task.arguments.shots.filter(|&shots| shots > 0) else {
        return Err(Failure::input("--state trajectories draws its errors shot by shot; say how many with --shots, at least 1"));
    };
    let model = task.arguments.noise.model_on(task.circuit, &task.qubits)?;
    let plan = Instant::now();
    let noisy = model.apply(task.circuit).or_input(PLACE)?;
    let trajectories = Trajectories::<T>::new(&noisy).or_work(PLACE)?;
    let readout = Readout::new(&model.readout).or_input(PLACE)?;
    let read_sum = task.observable.map(|sum| readout.observable(sum)).transpose().or_work(PLACE)?;
    let plan_seconds = plan.elapsed().as_secs_f64();
    let mut progress = Progress::new("shots")?;
    let mut seconds = Vec::new();
    let mut result = None;
    for _ in 0..task.arguments.repeat {
        let start = Instant::now();
        let mut watch = |done: u64| progress.tick(done as usize, shots as usize);
        let mut stream = Stream::named(task.arguments.seed, "shots");
        let run = trajectories.run_watched(shots, read_sum.as_ref(), &readout, task.config, &mut stream, &mut watch);
        result = Some(run.or_work(PLACE)?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    progress.finish();
    let result = result.ok_or_else(|| Failure::input("--repeat 0 runs nothing"))?;
    let z: Vec<Estimate> = result.expectation_z.iter().enumerate().map(|(qubit, z)| readout.letter(qubit, *z)).collect();
    let probabilities = Results::largest(result.probabilities.iter().map(|estimate| estimate.value).enumerate());
    let errors = StandardErrors {
        probabilities: probabilities.iter().map(|&(index, _)| result.probabilities[index].standard_error).collect(),
        expectation_z: z.iter().map(|estimate| estimate.standard_error).collect(),
        expectation: result.expectation.map(|estimate| estimate.standard_error),
        purity: result.purity.map(|estimate| estimate.standard_error),
        shots: result.shots,
        distinct: result.distinct,
    };
    Ok(Results {
        probabilities,
        expectation_z: z.iter().map(|estimate| estimate.value).collect(),
        expectation: result.expectation.map(|estimate| estimate.value),
        counts: Some(result.counts),
        seconds,
        plan_seconds,
        purity: result.purity.map(|estimate| estimate.value),
        errors: Some(errors),
        ..Results::default()
    })
}
