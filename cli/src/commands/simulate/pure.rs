//! A circuit without noise, exactly.

use std::time::Instant;

use num_complex::Complex64;
use qloom::circuits::{PauliSum, Stream};
use qloom::sim::{
    Branch, Counts, Executable, Explanation, Observable, Program, Real, SimError, StateVector, Workspace,
    before_last_measurements,
};

use super::Task;
use super::arrays::{self, Whole};
use super::noise;
use super::ranked;
use super::results::{self, Results};
use super::wanted::{Part, Readable};
use crate::engine::refused;
use crate::failure::{Failure, OrFailure};
use crate::progress::Progress;
use crate::ranks;

pub(super) const PLACE: &str = "cannot simulate";

/// Courses of a circuit followed one by one before shots are drawn instead.
pub(super) const BEFORE_SHOTS: usize = 4096;

/// The most courses of a circuit followed one by one.
pub(super) const MOST_COURSES: usize = 1 << 20;

/// Runs the circuit on a state vector, every course of its measurements by itself; by shots where there are too many.
///
/// # Errors
/// Failed work when memory does not suffice or there are too many courses.
pub fn simulate<T: Real>(task: &Task<'_>) -> Result<Results, Failure> {
    let plan = Instant::now();
    let executable = Executable::<StateVector<T>>::new(task.circuit).map_err(|error| refused(PLACE, error))?;
    if let Some(fabric) = ranks::fabric()
        && let Some(results) = ranked::simulate(task, &executable, fabric)?
    {
        return Ok(results);
    }
    if task.arguments.wanted.out.is_some() {
        arrays::check(1 << task.circuit.num_qubits().min(100), size_of::<Complex64>())?;
    }
    if executable.is_deterministic() {
        return one_course(task, &executable, plan);
    }
    check_mixture(task)?;
    match every_course(task, &executable, plan) {
        Err(ended) if ended.wants_shots(task) => by_shots::<T>(task),
        Err(ended) => Err(ended.failure()),
        Ok(results) => Ok(results),
    }
}

/// Refuses what only a circuit that stays pure has.
pub(super) fn check_mixture(task: &Task<'_>) -> Result<(), Failure> {
    if task.arguments.wanted.amplitudes.is_some() {
        return Err(Failure::input(
            "--amplitudes: the circuit measures or resets on the way, so its state is a mixture; ask for --density",
        ));
    }
    Ok(())
}

/// Runs a circuit of too many courses by shots.
pub(super) fn by_shots<T: Real>(task: &Task<'_>) -> Result<Results, Failure> {
    eprintln!("the circuit has more than {BEFORE_SHOTS} courses; its values are estimated from shots (--state trajectories)");
    noise::trajectories::<T>(task)
}

/// A circuit that does not branch.
fn one_course<T: Real>(task: &Task<'_>, executable: &Executable<StateVector<T>>, plan: Instant) -> Result<Results, Failure> {
    let &Task { circuit, arguments, config, .. } = task;
    let program = Program::new(&before_last_measurements(circuit)).map_err(|error| refused(PLACE, error))?;
    let explanation = program.explain::<T>(&config);
    let plan_seconds = plan.elapsed().as_secs_f64();
    let mut state = StateVector::<T>::zero(circuit.num_qubits(), config).or_work(PLACE)?;
    let mut workspace = Workspace::default();
    let mut seconds = Vec::new();
    for _ in 0..arguments.repeat {
        let start = Instant::now();
        state.reset();
        state.apply(&program, &[], &mut workspace).or_work(PLACE)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let wanted = &arguments.wanted;
    let mut sums = Sums::new(task);
    sums.add(1.0, &mut state, false).map_err(|error| refused(PLACE, error))?;
    sums.expectation = expectation(task, &mut |observable| state.expectation(observable))?;
    let weights = state.amplitudes().map(|amplitude| double(amplitude).norm_sqr()).enumerate();
    let probabilities = results::largest(weights, wanted.probabilities);
    let amplitudes = wanted.amplitudes.map(|many| {
        let largest = results::largest(state.amplitudes().map(|amplitude| double(amplitude).norm_sqr()).enumerate(), many);
        largest.into_iter().map(|(index, _)| (index, double(state.amplitude(index)))).collect()
    });
    let whole = wanted.out.as_ref().map(|_| Whole::Amplitudes(state.amplitudes().map(double).collect()));
    let counts = match arguments.shots {
        None => None,
        Some(shots) if !executable.measures() => Some(state.sample(shots, &mut Stream::named(arguments.seed, "shots"))),
        Some(shots) => Some(counts(task, executable, shots)?),
    };
    Ok(Results { probabilities, amplitudes, whole, counts, ..sums.results(explanation, seconds, plan_seconds) })
}

/// Why a run over all courses ended early.
pub(super) enum Ended {
    Sim(SimError),
    Failure(Failure),
}

impl Ended {
    /// Whether the courses are too many, and shots are asked for.
    pub(super) fn wants_shots(&self, task: &Task<'_>) -> bool {
        matches!(self, Ended::Sim(SimError::TooManyBranches { .. })) && task.arguments.shots.is_some_and(|shots| shots > 0)
    }

    pub(super) fn failure(self) -> Failure {
        match self {
            Ended::Sim(SimError::Stopped) => Progress::stopped(),
            Ended::Sim(error) => Failure::Work(anyhow::Error::new(error).context(PLACE)),
            Ended::Failure(failure) => failure,
        }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Ended::Failure(failure)
    }
}

/// A circuit that branches.
fn every_course<T: Real>(task: &Task<'_>, executable: &Executable<StateVector<T>>, plan: Instant) -> Result<Results, Ended> {
    let &Task { circuit, arguments, config, .. } = task;
    let explanation = executable.explain(&config);
    let plan_seconds = plan.elapsed().as_secs_f64();
    let wanted = &arguments.wanted;
    let limit = if arguments.shots.is_some() { BEFORE_SHOTS } else { MOST_COURSES };
    let mut seconds = Vec::new();
    let mut sums = Sums::new(task);
    let mut weights = Vec::new();
    let mut progress = Progress::new("courses at most")?;
    for _ in 0..arguments.repeat {
        let start = Instant::now();
        (sums, weights) = (Sums::of_courses(task), vec![0.0; 1 << circuit.num_qubits()]);
        let (mut done, mut error) = (0, None);
        let mut end = |mut branch: Branch<StateVector<T>>| {
            done += 1;
            branch.state.add_probabilities(branch.probability, &mut weights);
            if let Err(refusal) = sums.add(branch.probability, &mut branch.state, true) {
                error = Some(refusal);
                return std::ops::ControlFlow::Break(());
            }
            progress.tick(done, limit)
        };
        let ended = executable.each_branch(limit, config, &mut end);
        if let Some(error) = error {
            return Err(refused(PLACE, error).into());
        }
        ended.map_err(Ended::Sim)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    progress.finish();
    let counts = match arguments.shots {
        None => None,
        Some(_) if !executable.measures() => return Err(nothing_measured().into()),
        Some(shots) => Some(counts(task, executable, shots)?),
    };
    let probabilities = results::largest(weights.iter().copied().enumerate(), wanted.probabilities);
    let whole = wanted.out.as_ref().map(|_| Whole::Probabilities(weights));
    Ok(Results { probabilities, whole, counts, ..sums.results(explanation, seconds, plan_seconds) })
}

/// What shots of a circuit without measurements are answered with, where its state is a mixture.
pub(super) fn nothing_measured() -> Failure {
    Failure::input("the circuit resets on the way and measures nothing; add measurements to draw shots")
}

fn counts<T: Real>(task: &Task<'_>, executable: &Executable<StateVector<T>>, shots: u64) -> Result<Counts, Failure> {
    if shots == 0 {
        return Ok(Counts::new(executable.outcome_bits()));
    }
    let mut progress = Progress::new("shots")?;
    let mut watch = |done: u64| progress.tick(done as usize, shots as usize);
    let mut stream = Stream::named(task.arguments.seed, "shots");
    let counts = executable.watched_counts(shots, task.config, &mut stream, &mut watch).or_work(PLACE)?;
    progress.finish();
    Ok(counts)
}

/// Terms times amplitudes between two looks at the clock.
const WORK_BETWEEN_LOOKS: usize = 1 << 30;

/// The observable's value in a state, piece by piece, so that large ones show how far they are and can be stopped.
pub(super) fn expectation(
    task: &Task<'_>,
    of: &mut dyn FnMut(&Observable) -> Result<f64, SimError>,
) -> Result<Option<f64>, Failure> {
    let Some(sum) = task.observable else { return Ok(None) };
    let total = sum.terms().len();
    let mut progress = Progress::new("terms of the observable")?;
    let mut value = 0.0;
    let mut done = 0;
    for piece in sum.terms().chunks((WORK_BETWEEN_LOOKS >> sum.num_qubits()).max(1)) {
        let piece_sum = PauliSum::new(sum.num_qubits(), piece.iter().copied()).or_input(PLACE)?;
        value += of(&Observable::new(&piece_sum)).or_work(PLACE)?;
        done += piece.len();
        if progress.tick(done, total).is_break() {
            return Err(Progress::stopped());
        }
    }
    progress.finish();
    Ok(Some(value))
}

pub(super) fn double<T: Real>(amplitude: num_complex::Complex<T>) -> Complex64 {
    Complex64::new(amplitude.re.to_f64(), amplitude.im.to_f64())
}

/// A pure state whose values are read.
pub(super) trait Valued: Readable {
    fn expectation(&mut self, observable: &Observable) -> Result<f64, SimError>;
    fn expectation_z(&self) -> Result<Vec<f64>, SimError>;
}

impl<T: Real> Valued for StateVector<T> {
    fn expectation(&mut self, observable: &Observable) -> Result<f64, SimError> {
        StateVector::expectation(self, observable)
    }

    fn expectation_z(&self) -> Result<Vec<f64>, SimError> {
        Ok(StateVector::expectation_z(self))
    }
}

/// Means over the courses of a circuit.
pub(super) struct Sums<'a> {
    task: &'a Task<'a>,
    /// Where there are several courses.
    observable: Option<Observable>,
    expectation: Option<f64>,
    expectation_z: Vec<f64>,
    parts: Vec<Part>,
}

impl<'a> Sums<'a> {
    pub(super) fn new(task: &'a Task<'a>) -> Self {
        Self { task, observable: None, expectation: None, expectation_z: vec![0.0; task.circuit.num_qubits()], parts: Vec::new() }
    }

    /// With the observable, whose values are added up.
    pub(super) fn of_courses(task: &'a Task<'a>) -> Self {
        Self { observable: task.observable.map(Observable::new), ..Self::new(task) }
    }

    pub(super) fn add(&mut self, weight: f64, state: &mut impl Valued, mixed: bool) -> Result<(), SimError> {
        if let Some(observable) = &self.observable {
            *self.expectation.get_or_insert(0.0) += weight * state.expectation(observable)?;
        }
        for (sum, value) in self.expectation_z.iter_mut().zip(state.expectation_z()?) {
            *sum += weight * value;
        }
        let parts = self.task.arguments.wanted.parts(state, &self.task.qubits, mixed)?;
        if self.parts.is_empty() {
            self.parts = parts.into_iter().map(|part| part.scaled(weight)).collect();
        } else {
            self.parts.iter_mut().zip(&parts).for_each(|(sum, part)| sum.add(part, weight));
        }
        Ok(())
    }

    pub(super) fn results(self, explanation: Explanation, seconds: Vec<f64>, plan_seconds: f64) -> Results {
        Results {
            state: "state-vector",
            expectation: self.expectation,
            expectation_z: self.expectation_z,
            parts: self.parts,
            explanation: Some(explanation),
            seconds,
            plan_seconds,
            ..Results::default()
        }
    }
}
