//! Circuits under noise: a Pauli vector exactly, or trajectories by shots.

use std::time::Instant;

use qloom::estimate::Readout;
use qloom::sim::{
    Counts, Estimate, PauliProgram, PauliVector, Real, Trajectories, before_last_measurements, split_last_measurements,
};

use super::Task;
use super::results::{Results, StandardErrors};

use crate::failure::{Failure, OrFailure};
use crate::progress::Progress;

const PLACE: &str = "cannot simulate";

/// Runs the circuit under its noise on a Pauli vector.
///
/// # Errors
/// Failed work when the state does not fit into memory or the circuit decides on measured bits.
pub fn exact(task: &Task<'_>) -> Result<Results, Failure> {
    let n = task.circuit.num_qubits();
    let model = task.arguments.noise.model(task.circuit)?;
    let plan = Instant::now();
    let noisy = before_last_measurements(&model.apply(task.circuit).or_input(PLACE)?);
    let program = PauliProgram::new(&noisy).or_work(PLACE)?;
    let plan_seconds = plan.elapsed().as_secs_f64();
    let larger = "cannot hold a Pauli vector (--state trajectories --shots N needs 2^n instead of 4^n numbers)";
    let mut state = PauliVector::zero(n, task.config).or_work(larger)?;
    let mut seconds = Vec::new();
    for _ in 0..task.arguments.repeat {
        let start = Instant::now();
        state.prepare(&program, &[]).or_work(PLACE)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let mut probabilities = state.probabilities();
    let readout = Readout::new(&model.readout).or_input(PLACE)?;
    readout.apply(&(0..n).collect::<Vec<_>>(), &mut probabilities);
    let expectation = match task.observable {
        Some(sum) => Some(state.expectation(&readout.observable(sum).or_work(PLACE)?).or_work(PLACE)?),
        None => None,
    };
    let expectation_z = state.expectation_z().into_iter().enumerate();
    let expectation_z =
        expectation_z.map(|(qubit, z)| readout.letter(qubit, Estimate { value: z, standard_error: 0.0 }).value).collect();
    let counts = task.arguments.shots.map(|shots| {
        let (_, last) = split_last_measurements(task.circuit);
        let counts = Counts::draw(&probabilities, shots, task.arguments.seed);
        if last.is_empty() { counts } else { counts.rearranged(&last, task.circuit.num_bits()) }
    });
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

/// Runs the circuit under its noise once a shot, on pure states.
///
/// # Errors
/// Bad input without shots; failed work when a state does not fit into memory, or the user stops it.
pub fn trajectories<T: Real>(task: &Task<'_>) -> Result<Results, Failure> {
    let Some(shots) = task.arguments.shots.filter(|&shots| shots > 0) else {
        return Err(Failure::input("--state trajectories draws its errors shot by shot; say how many with --shots, at least 1"));
    };
    let model = task.arguments.noise.model(task.circuit)?;
    let plan = Instant::now();
    let noisy = model.apply(task.circuit).or_input(PLACE)?;
    let trajectories = Trajectories::new(&noisy).or_work(PLACE)?;
    let readout = Readout::new(&model.readout).or_input(PLACE)?;
    let read_sum = task.observable.map(|sum| readout.observable(sum)).transpose().or_work(PLACE)?;
    let plan_seconds = plan.elapsed().as_secs_f64();
    let mut progress = Progress::new("shots")?;
    let mut seconds = Vec::new();
    let mut result = None;
    for _ in 0..task.arguments.repeat {
        let start = Instant::now();
        let mut watch = |done: u64| progress.tick(done as usize, shots as usize);
        let (seed, sum) = (task.arguments.seed, read_sum.as_ref());
        let run = trajectories.run_watched::<T>(shots, seed, sum, &model.readout, task.config, &mut watch);
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
