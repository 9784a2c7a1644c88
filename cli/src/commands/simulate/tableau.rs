//! A Clifford circuit with Pauli noise on a tableau: any number of qubits.

use std::ops::ControlFlow;
use std::time::Instant;

use qloom::circuits::{Matrix, Stream};
use qloom::estimate::Readout;
use qloom::sim::{
    Accumulate, CliffordProgram, Counts, Executable, Observable, PauliFrames, Record, Shots, SimError, State, Tableau,
    split_last_measurements,
};

use super::Task;
use super::records::RecordFile;
use super::results::{self, Results};
use super::wanted::Readable;
use crate::engine::refused;
use crate::failure::{Failure, OrFailure};
use crate::progress::Progress;

const PLACE: &str = "cannot simulate on a tableau";

/// The most qubits whose probabilities are listed.
const LISTED: usize = 24;

/// Runs the circuit, with its noise if there is any: values where nothing is random on the way, shots always.
///
/// # Errors
/// Bad input for gates that are no Clifford gates, noise that is no mixture of Pauli errors, and values that a tableau has not.
pub fn simulate(task: &Task<'_>) -> Result<Results, Failure> {
    let &Task { circuit, arguments, config, .. } = task;
    if arguments.wanted.amplitudes.is_some() || arguments.wanted.out.is_some() {
        return Err(Failure::input("--amplitudes and --out: a tableau has no amplitudes; use --state state-vector"));
    }
    let plan = Instant::now();
    let (noisy, readout) = if arguments.noise.given() {
        let model = arguments.noise.model_on(circuit, &task.qubits)?;
        (model.apply(circuit).or_input(PLACE)?, Readout::new(&model.readout).or_input(PLACE)?)
    } else {
        (circuit.clone(), Readout::new(&[]).or_input(PLACE)?)
    };
    let program = CliffordProgram::new(&split_last_measurements(&noisy).0).ok().filter(|_| readout.is_perfect());
    let values = program.is_some();
    // without values and shots it is made to tell what a tableau cannot do
    let frames = match arguments.shots {
        None if values => None,
        Some(_) | None => Some(PauliFrames::new(&noisy, readout.errors(), config)),
    };
    // where frames cannot follow, whole states split at measurements
    let executable = match &frames {
        None | Some(Ok(_)) => None,
        Some(Err(error @ SimError::MemoryLimit { .. })) => return Err(refused(PLACE, error.clone())),
        Some(Err(_)) => Some(Executable::<Tableau>::new(&noisy).or_input(PLACE)?),
    };
    let plan_seconds = plan.elapsed().as_secs_f64();
    let mut results = Results { state: "tableau", plan_seconds, ..Results::default() };
    if let Some(program) = program {
        for _ in 0..arguments.repeat {
            let start = Instant::now();
            let state = Tableau::prepared(&program, &[], config, &mut ()).or_work(PLACE)?;
            results.seconds.push(start.elapsed().as_secs_f64());
            read(task, &state, &mut results)?;
        }
    } else if let Some(shots) = arguments.shots {
        eprintln!("noise, resets or measurements on the way: a tableau draws {shots} shots, and has no exact values");
    } else {
        let message = "noise, resets or measurements on the way are drawn shot by shot on a tableau; say how many with --shots";
        return Err(Failure::input(message));
    }
    if !values && task.observable.is_some() {
        return Err(Failure::input(
            "--observable: a tableau has values of circuits where nothing is random; use --state trajectories",
        ));
    }
    let (Some(shots), Some(frames)) = (arguments.shots, frames) else { return Ok(results) };
    let start = Instant::now();
    let mut progress = Progress::new("shots")?;
    match (frames, executable) {
        (Ok(frames), _) => draw(&frames, shots, task, &mut progress, &mut results)?,
        (Err(error), _) if arguments.records.is_some() => return Err(error).or_input("--records"),
        (Err(error), None) => return Err(refused(PLACE, error)),
        (Err(_), Some(executable)) => {
            let mut watch = |done: u64| progress.tick(done as usize, shots as usize);
            let run = Shots { shots, flips: readout.errors(), config };
            let new = || Drawn { executable: &executable, readout: &readout, counts: Counts::new(executable.outcome_bits()) };
            let mut stream = Stream::named(arguments.seed, "shots");
            results.counts = Some(executable.shots(run, &mut stream, new, &mut watch).or_work(PLACE)?.counts);
        }
    }
    progress.finish();
    if !values {
        results.seconds.push(start.elapsed().as_secs_f64());
    }
    Ok(results)
}

/// Draws shots by frames: counts, or every record into a file.
fn draw(
    frames: &PauliFrames,
    shots: u64,
    task: &Task<'_>,
    progress: &mut Progress,
    results: &mut Results,
) -> Result<(), Failure> {
    let mut stream = Stream::named(task.arguments.seed, "shots");
    let mut records = task.arguments.records.as_deref().map(RecordFile::create).transpose()?;
    let mut counts = Counts::new(frames.outcome_bits());
    let (mut done, mut failed) = (0, None);
    let ended = frames.sample(shots, &mut stream, |table| {
        done += table.shots();
        match &mut records {
            None => table.records().for_each(|record| counts.add(record, 1)),
            Some(file) => {
                if let Err(failure) = file.put(table) {
                    failed = Some(failure);
                    return ControlFlow::Break(());
                }
            }
        }
        progress.tick(done, shots as usize)
    });
    if let Some(failure) = failed {
        return Err(failure);
    }
    ended.or_work(PLACE)?;
    match records {
        Some(file) => file.finish(),
        None => {
            results.counts = Some(counts);
            Ok(())
        }
    }
}

/// The values of a state.
fn read(task: &Task<'_>, state: &Tableau, results: &mut Results) -> Result<(), Failure> {
    let wanted = &task.arguments.wanted;
    results.expectation_z = state.expectation_z();
    results.expectation = task.observable.map(|sum| state.expectation(&Observable::new(sum))).transpose().or_work(PLACE)?;
    results.parts = wanted.parts(state, &task.qubits, false).or_input(PLACE)?;
    if state.num_qubits() <= LISTED {
        let all: Vec<usize> = (0..state.num_qubits()).collect();
        let probabilities = state.probabilities(&all).or_work(PLACE)?;
        results.probabilities = results::largest(probabilities.into_iter().enumerate(), wanted.probabilities);
    }
    Ok(())
}

impl Readable for Tableau {
    fn marginal(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        self.probabilities(qubits)
    }

    fn reduced(&self, _: &[usize]) -> Result<Matrix, SimError> {
        Err(SimError::Unsupported {
            simulation: "a tableau",
            operation: "density matrices and entropies",
            remedy: "use --state state-vector",
        })
    }

    fn smaller(&self, qubits: &[usize]) -> Vec<usize> {
        qubits.to_vec()
    }
}

/// Outcomes as they are read.
struct Drawn<'a> {
    executable: &'a Executable<Tableau>,
    readout: &'a Readout,
    counts: Counts,
}

impl Accumulate<Tableau> for Drawn<'_> {
    fn end(&mut self, state: Tableau, shots: u64, record: &Record, stream: &mut Stream) -> Result<(), SimError> {
        let drawn = self.readout.counts(&state.sample(shots, stream), stream);
        results::count(&mut self.counts, self.executable, record, &drawn);
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        other.counts.iter().for_each(|(outcome, count)| self.counts.add(outcome.clone(), count));
    }
}
