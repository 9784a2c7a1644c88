//! Learning and measuring as a job.

use std::time::{Duration, Instant};

use qloom::circuits::{Circuit, Gate, Stream};
use qloom::hardware::{CompileOptions, Device, compile};
use qloom::qas::synthesis::{AnySpace, Compound, Learning, LearningEvent, Method, Space, best_first};
use serde::{Deserialize, Serialize};

use super::report::SynthesisReport;
use super::{Experiment, PLACE};
use crate::checkpoint;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::run_folder::{Meta, NamedFile, RunFolder};

/// The file of the network in the run folder.
pub const VALUES: &str = "values.safetensors";

/// What a step left behind.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A round of learning.
    Round(LearningEvent),
    /// A circuit made anew.
    Made(Made),
}

/// A circuit made anew by one method.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// Which of the circuits, from 1.
    pub target: u64,
    /// By what.
    pub by: String,
    /// Whether a circuit was found within the limits.
    pub found: bool,
    /// Its two-qubit gates; for a method that found none, those of the circuit as it was drawn.
    pub two_qubit: usize,
    /// All its gates.
    pub gates: usize,
    /// Its cost by the space.
    pub cost: Option<f32>,
    /// States made.
    pub states: usize,
    /// States whose values were asked.
    pub evaluated: usize,
}

/// Learning, then one circuit and method a step.
pub struct Session {
    pub experiment: Experiment,
    pub learning: Learning<Compound<AnySpace>>,
    pub made: Vec<Made>,
    /// Seconds of each of them, and of all rounds; kept apart, as all else is the same in every run.
    pub seconds: Vec<f64>,
    pub learned: f64,
    device: Device,
}

/// What is saved beside the network.
#[derive(Serialize, Deserialize)]
struct Saved {
    made: Vec<Made>,
    seconds: Vec<f64>,
    learned: f64,
}

impl Session {
    pub fn new(experiment: Experiment) -> Result<Self, Failure> {
        let settings = &experiment.synthesis;
        let targets = &settings.targets;
        if targets.number > 100_000 || !(1..=1000).contains(&targets.gates) {
            let (number, gates) = (targets.number, targets.gates);
            let message = format!("{number} targets of {gates} gates: there are at most 100000, each of 1 to 1000 gates");
            return Err(Failure::input(message));
        }
        settings.search.check().or_input(PLACE)?;
        let learning = Learning::new(settings.space()?, settings.learning.clone(), experiment.seed).or_input(PLACE)?;
        let device = device(learning.space());
        Ok(Self { experiment, learning, made: Vec::new(), seconds: Vec::new(), learned: 0.0, device })
    }

    /// Who makes circuits: the methods, then the compiler.
    pub fn makers(&self) -> Vec<Option<Method>> {
        let targets = &self.experiment.synthesis.targets;
        targets.methods.iter().map(|&method| Some(method)).chain(targets.compiler.then_some(None)).collect()
    }

    fn total(&self) -> u64 {
        self.experiment.synthesis.targets.number * self.makers().len() as u64
    }

    /// A circuit drawn by its number, the same whatever the actions are.
    fn target(&self, number: u64) -> Circuit {
        let mut stream = Stream::numbered(self.experiment.seed, "synthesis.targets", number);
        self.learning.space().draw(self.experiment.synthesis.targets.gates, &mut stream)
    }

    fn make(&mut self, target: u64, maker: Option<Method>) -> Result<Made, Failure> {
        let circuit = self.target(target);
        let by = |made: Option<Circuit>, cost, (states, evaluated), by: &str| {
            let of = made.as_ref().unwrap_or(&circuit);
            let two_qubit = of.two_qubit_gates();
            let (found, gates) = (made.is_some(), of.operations().len());
            Made { target, by: by.to_owned(), found, two_qubit, gates, cost, states, evaluated }
        };
        let Some(method) = maker else {
            let compiled = compile(&circuit, &self.device, &CompileOptions { level: 3, ..CompileOptions::default() })
                .or_work("the compiler failed")?;
            return Ok(by(Some(compiled.circuit), None, (0, 0), "compiler"));
        };
        let matrix = circuit.unitary(&[]).or_work("a target has no matrix")?;
        let start = self.learning.space().state(&matrix).or_work("a target is not of the space")?;
        let (space, values) = self.learning.parts_mut();
        let course = best_first(space, values, start, method, &self.experiment.synthesis.search).or_work("a search failed")?;
        let found = course.path.as_ref().map(|path| self.learning.space().circuit(&matrix, path));
        let found = found.transpose().or_work("a circuit cannot be read off its path")?;
        let cost = found.is_some().then_some(course.cost);
        Ok(by(found, cost, (course.states, course.evaluated), name(method)))
    }
}

/// What a method is called.
pub fn name(method: Method) -> &'static str {
    match method {
        Method::QStar => "q-star",
        Method::AStar => "a-star",
        Method::Blind => "blind",
    }
}

/// A machine with cz, sx and rz on the pairs of a space.
fn device(space: &impl Space) -> Device {
    let masks = (0..space.actions()).map(|action| space.qubits(action)).filter(|mask| mask.count_ones() == 2);
    let mut pairs: Vec<[usize; 2]> =
        masks.map(|mask| [mask.trailing_zeros() as usize, 63 - mask.leading_zeros() as usize]).collect();
    pairs.sort_unstable();
    pairs.dedup();
    Device { gates: Some(vec![Gate::Rz, Gate::Sx, Gate::X, Gate::Cz]), couplings: Some(pairs), ..Device::new("synthesis") }
}

impl Job for Session {
    const UNIT: &'static str = "steps";
    type Event = Event;
    type Report = SynthesisReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<Event>, Failure> {
        let begun = Instant::now();
        if let Some(event) = self.learning.step().or_work("learning failed; the last checkpoint is unharmed")? {
            self.learned += begun.elapsed().as_secs_f64();
            // of a run that goes on with higher limits
            self.made.clear();
            self.seconds.clear();
            return Ok(Step::Event(Event::Round(event)));
        }
        let (makers, number) = (self.makers(), self.made.len());
        if number as u64 >= self.total() {
            return Ok(Step::Finished("targets"));
        }
        let made = self.make((number / makers.len()) as u64 + 1, makers[number % makers.len()])?;
        self.seconds.push(begun.elapsed().as_secs_f64());
        self.made.push(made.clone());
        Ok(Step::Event(Event::Made(made)))
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        let learning = self.learning.state().or_work("cannot write the state")?;
        let saved = Saved { made: self.made.clone(), seconds: self.seconds.clone(), learned: self.learned };
        let saved = serde_json::to_vec(&saved).or_work("cannot write the state")?;
        Ok(checkpoint::joined(&saved, &learning))
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let other = "the checkpoint does not fit the experiment";
        let (saved, learning) = checkpoint::parts(state)?;
        self.learning.resume(learning).or_input(other)?;
        Saved { made: self.made, seconds: self.seconds, learned: self.learned } =
            serde_json::from_slice(saved).or_input(other)?;
        Ok(())
    }

    fn progress(&self, _elapsed: Duration) -> (u64, u64, String) {
        let (round, rounds) = self.learning.progress();
        let message = match self.made.last() {
            None if round < rounds => "learning".to_owned(),
            None => String::new(),
            Some(made) => format!("{}: {} two-qubit gates, {} states", made.by, made.two_qubit, made.states),
        };
        (round + self.made.len() as u64, rounds + self.total(), message)
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        Ok(vec![(VALUES.to_owned(), self.learning.values().to_safetensors().or_work("cannot write the network")?)])
    }

    fn report(&self, _meta: &Meta, folder: Option<&mut RunFolder>) -> Result<SynthesisReport, Failure> {
        let report = SynthesisReport::new(self);
        if let Some(folder) = folder {
            folder.write(report.files(self)?)?;
        }
        Ok(report)
    }
}
