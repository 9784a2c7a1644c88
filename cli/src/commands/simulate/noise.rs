//! Circuits under noise: a Pauli vector exactly, or trajectories by shots.

use std::time::Instant;

use qloom::circuits::{Circuit, Stream};
use qloom::estimate::{Estimate, Readout, Trajectories};
use qloom::sim::{Accumulate, Counts, Executable, Observable, PauliVector, Real, Record, Shots, SimError, mixture, multinomial};

use super::Task;
use super::arrays::{self, Whole};
use super::results::{self, Results, StandardErrors};
use super::wanted::Part;
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
    let wanted = &task.arguments.wanted;
    if wanted.amplitudes.is_some() {
        return Err(Failure::input("--amplitudes: a Pauli vector is a density operator; ask for --density or --out instead"));
    }
    if wanted.out.is_some() {
        arrays::check(1 << (2 * task.circuit.num_qubits().min(50)), size_of::<f64>())?;
    }
    let executable = Executable::<PauliVector>::without_record(&noisy).or_work(PLACE)?;
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
    let state = mixture(branches).ok_or_else(|| Failure::input("--repeat 0 runs nothing"))?;
    let counts = task.arguments.shots.map(|shots| draw(task, &noisy, &readout, shots)).transpose()?;
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
    let mut parts = wanted.parts(&state, &task.qubits, true).or_input(PLACE)?;
    for part in &mut parts {
        if let Part::Marginal(qubits, list) = part {
            readout.apply(qubits, list);
        }
    }
    Ok(Results {
        state: "pauli-vector",
        parts,
        whole: wanted.out.as_ref().map(|_| Whole::Paulis(state.values().to_vec())),
        probabilities: results::largest(probabilities.iter().copied().enumerate(), wanted.probabilities),
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

/// Shots, as they are read: of every record of bits exactly, or split on the way where there are too many records.
fn draw(task: &Task<'_>, noisy: &Circuit, readout: &Readout, shots: u64) -> Result<Counts, Failure> {
    let mut stream = Stream::named(task.arguments.seed, "shots");
    let executable = Executable::<PauliVector>::new(noisy).or_work(PLACE)?;
    let branches = match executable.branches(MAX_BRANCHES, readout.errors(), task.config) {
        Err(SimError::TooManyBranches { .. } | SimError::MemoryLimit { .. }) => {
            let mut progress = Progress::new("shots")?;
            let run = Shots { shots, flips: readout.errors(), config: task.config };
            let new = || Drawn { executable: &executable, readout, counts: Counts::new(executable.outcome_bits()) };
            let mut watch = |done: u64| progress.tick(done as usize, shots as usize);
            return Ok(executable.shots(run, &mut stream, new, &mut watch).or_work(PLACE)?.counts);
        }
        branches => branches.or_work(PLACE)?,
    };
    let weights: Vec<f64> = branches.iter().map(|branch| branch.probability).collect();
    let mut groups = Vec::new();
    multinomial(&weights, shots, &mut stream, |index, count| groups.push((index, count)));
    let mut drawn = Drawn { executable: &executable, readout, counts: Counts::new(executable.outcome_bits()) };
    for (index, shots) in groups {
        drawn.read(&branches[index].state, shots, &branches[index].record, &mut stream).or_work(PLACE)?;
    }
    Ok(drawn.counts)
}

/// Outcomes as they are read.
struct Drawn<'a> {
    executable: &'a Executable<PauliVector>,
    readout: &'a Readout,
    counts: Counts,
}

impl Drawn<'_> {
    fn read(&mut self, state: &PauliVector, shots: u64, record: &Record, stream: &mut Stream) -> Result<(), SimError> {
        let all: Vec<usize> = (0..state.num_qubits()).collect();
        let mut probabilities = state.probabilities(&all)?;
        self.readout.apply(&all, &mut probabilities);
        results::count(&mut self.counts, self.executable, record, &Counts::draw(&probabilities, shots, stream));
        Ok(())
    }
}

impl Accumulate<PauliVector> for Drawn<'_> {
    fn end(&mut self, state: PauliVector, shots: u64, record: &Record, stream: &mut Stream) -> Result<(), SimError> {
        self.read(&state, shots, record, stream)
    }

    fn merge(&mut self, other: Self) {
        other.counts.iter().for_each(|(outcome, count)| self.counts.add(outcome.clone(), count));
    }
}

/// Runs the circuit under its noise once a shot, on pure states.
///
/// # Errors
/// Bad input without shots; failed work when a state does not fit into memory, or the user stops it.
pub fn trajectories<T: Real>(task: &Task<'_>) -> Result<Results, Failure> {
    let Some(shots) = task.arguments.shots.filter(|&shots| shots > 0) else {
        return Err(Failure::input("--state trajectories draws its errors shot by shot; say how many with --shots, at least 1"));
    };
    let wanted = &task.arguments.wanted;
    if let Some(name) = wanted.needs_state() {
        return Err(Failure::input(format!(
            "{name} needs one state; trajectories have one for each shot, use --state pauli-vector"
        )));
    }
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
    let means: Vec<f64> = result.probabilities.iter().map(|estimate| estimate.value).collect();
    let probabilities = results::largest(means.iter().copied().enumerate(), wanted.probabilities);
    let errors = StandardErrors {
        probabilities: probabilities.iter().map(|&(index, _)| result.probabilities[index].standard_error).collect(),
        expectation_z: z.iter().map(|estimate| estimate.standard_error).collect(),
        expectation: result.expectation.map(|estimate| estimate.standard_error),
        purity: result.purity.map(|estimate| estimate.standard_error),
        shots: result.shots,
        distinct: result.distinct,
    };
    Ok(Results {
        state: "trajectories",
        parts: wanted.marginals(&means, &task.qubits),
        whole: wanted.out.as_ref().map(|_| Whole::Probabilities(means)),
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
