//! `qloom reservoir`: what reservoirs remember and compute.

mod report;

use std::time::Duration;

use qloom::circuits::Stream;
use qloom::learn::measure::{Assessment, AssessmentSettings, assess};
use qloom::learn::{EchoState, QuantumReservoir, Reservoir, ReservoirSettings, SpinNetwork};
use serde::{Deserialize, Serialize};

use self::report::ReservoirReport;
use crate::experiment::Limit;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Job, Limited, Run, Step};
use crate::run_folder::{Meta, NamedFile, RunFolder};

/// Measure what reservoirs remember and compute.
///
/// For each model of the experiment: short-term-memory and parity capacity, information-processing capacity degree by degree, the error on
/// NARMA-10, and the echo-state test, as mean and deviation over several drawn reservoirs; beside them echo-state networks with as many
/// features. All see the same inputs. The run folder holds the curves as CSV and SVG, and the run goes on with --resume.
///
/// For example: qloom reservoir experiments/reservoirs.toml --out runs/reservoirs
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub experiment: ExperimentArguments,
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        self.experiment.run.json
    }
}

const COMMAND: &str = "reservoir";

/// An experiment of this command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Experiment {
    /// What it is called.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// What is measured of what.
    reservoir: Settings,
}

/// What is measured of what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Reservoirs drawn of each model. Default 3.
    #[serde(default = "instances")]
    instances: u64,
    /// Echo-state networks with as many features beside the models. Default true.
    #[serde(default = "rivals")]
    rivals: bool,
    /// What the models differ in, for the axis of the picture; each model then has its `x`.
    #[serde(default)]
    axis: Option<String>,
    /// What is measured.
    #[serde(default)]
    measure: AssessmentSettings,
    /// The models.
    models: Vec<Model>,
}

/// A model: one of the reservoirs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Model {
    /// What it is called.
    name: String,
    /// Where it stands on the axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<f64>,
    /// A circuit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantum_reservoir: Option<QuantumReservoir>,
    /// A spin network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spin_network: Option<SpinNetwork>,
    /// An echo-state network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    echo_state: Option<EchoState>,
}

impl Model {
    fn settings(&self) -> Result<ReservoirSettings, Failure> {
        match (&self.quantum_reservoir, &self.spin_network, &self.echo_state) {
            (Some(settings), None, None) => Ok(ReservoirSettings::QuantumReservoir(settings.clone())),
            (None, Some(settings), None) => Ok(ReservoirSettings::SpinNetwork(settings.clone())),
            (None, None, Some(settings)) => Ok(ReservoirSettings::EchoState(settings.clone())),
            _ => Err(Failure::input(format!(
                "model \"{}\": give one of quantum-reservoir, spin-network and echo-state",
                self.name
            ))),
        }
    }
}

fn instances() -> u64 {
    3
}

fn rivals() -> bool {
    true
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] = &[];
}

/// One reservoir measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Measured {
    model: String,
    instance: u64,
    #[serde(flatten)]
    assessment: Assessment,
}

/// A model that is ready to be drawn.
struct Ready {
    name: String,
    x: Option<f64>,
    settings: ReservoirSettings,
}

/// The measurement as a job: a step is one drawn reservoir.
struct Session {
    experiment: Experiment,
    models: Vec<Ready>,
    measured: Vec<Measured>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    Run::of_experiment(COMMAND, &arguments.experiment, |experiment: &Experiment| experiment.seed, Session::new)
}

impl Session {
    /// Draws every model once, so that what does not fit is refused at the start.
    fn new(experiment: Experiment) -> Result<Self, Failure> {
        let settings = &experiment.reservoir;
        if settings.models.is_empty() || settings.instances == 0 || settings.instances > 10_000 {
            return Err(Failure::input("[reservoir] needs at least one model, and from 1 to 10000 instances"));
        }
        let (mut models, mut widths) = (Vec::new(), Vec::new());
        for (place, model) in settings.models.iter().enumerate() {
            if settings.models[..place].iter().any(|other| other.name == model.name) {
                return Err(Failure::input(format!("two models are called \"{}\"", model.name)));
            }
            let ready = Ready { name: model.name.clone(), x: model.x, settings: model.settings()? };
            let width = draw(&ready.settings, experiment.seed, 0).or_input(format!("model \"{}\"", model.name))?.features();
            if model.echo_state.is_none() && !widths.contains(&width) {
                widths.push(width);
            }
            models.push(ready);
        }
        if settings.rivals {
            for nodes in widths {
                let settings = ReservoirSettings::EchoState(EchoState { nodes, ..EchoState::default() });
                draw(&settings, experiment.seed, 0).or_input("the echo-state network beside the models; set rivals = false")?;
                models.push(Ready { name: format!("rival: echo-state network, {nodes} nodes"), x: None, settings });
            }
        }
        Ok(Self { experiment, models, measured: Vec::new() })
    }

    fn total(&self) -> usize {
        self.models.len() * self.experiment.reservoir.instances as usize
    }
}

fn draw(settings: &ReservoirSettings, seed: u64, instance: u64) -> Result<Reservoir, qloom::learn::LearnError> {
    Reservoir::new(settings, &[[0.0, 1.0]], &mut Stream::numbered(seed, "reservoir", instance))
}

impl Job for Session {
    const UNIT: &'static str = "reservoirs";
    type Event = Measured;
    type Report = ReservoirReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<Measured>, Failure> {
        let instances = self.experiment.reservoir.instances;
        let number = self.measured.len() as u64;
        let Some(model) = self.models.get((number / instances) as usize) else { return Ok(Step::Finished("reservoirs")) };
        let (seed, instance) = (self.experiment.seed, number % instances);
        let place = || format!("model \"{}\"", model.name);
        let mut reservoir = draw(&model.settings, seed, instance).or_input(place())?;
        let mut inputs = Stream::numbered(seed, "input", instance);
        let assessment = assess(&mut reservoir, &self.experiment.reservoir.measure, &mut inputs).or_input(place())?;
        let measured = Measured { model: model.name.clone(), instance, assessment };
        self.measured.push(measured.clone());
        Ok(Step::Event(measured))
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(&self.measured).or_work("cannot write the state")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        self.measured = serde_json::from_slice(state).or_input("the checkpoint is not that of reservoirs")?;
        Ok(())
    }

    fn progress(&self, elapsed: Duration) -> (u64, u64, String) {
        (self.measured.len() as u64, self.total() as u64, format!("{:.0} s", elapsed.as_secs_f64()))
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        Ok(Vec::new())
    }

    fn report(&self, _meta: &Meta, folder: Option<&mut RunFolder>) -> Result<ReservoirReport, Failure> {
        let report = ReservoirReport::new(self);
        if let Some(folder) = folder {
            folder.write(report.files(self)?)?;
        }
        Ok(report)
    }
}
