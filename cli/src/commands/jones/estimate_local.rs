//! `qloom jones estimate-local`: circuits made, simulated and evaluated in one go.

use std::time::Duration;

use qloom::circuits::Stream;
use qloom::knots::circuit::Target;
use qloom::knots::estimate::{Record, SampleConfig, SampleNoise, Sampling, exact_value, factor};
use qloom::knots::{Complex64, KnotError};
use serde::{Deserialize, Serialize};

use crate::experiment::Limit;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Limited, Run, RunArguments, Step};
use crate::knots::estimate::{
    EstimateReport, Evaluating, NoiseArguments, Sampled, Simulated, Stages, TargetArguments, TimedBaseline, complex,
};
use crate::knots::failure;
use crate::knots::link::{self, BraidConfig, LinkArguments, nothing_new};
use crate::machine;
use crate::output::{self, Report};
use crate::progress::Progress;
use crate::run_folder::{Meta, NamedFile, RunFolder};

/// Estimate V(e^{2 pi i/5}) by sampling circuits on the simulator.
///
/// The control-free Hadamard test in the Fibonacci path model, for the braid and its mirror image. Every stage of mitigation is
/// reported; an error of the sampled E grows by phi^{n-1} (phi^{n/2-1} for a plat closure) in V. Beside it stands the classical
/// random-vector estimate. With --out the run can be interrupted and goes on with --resume.
///
/// For example: qloom jones estimate-local "1 -2 1 -2" --shots 10000 --noise depolarizing2=1e-3,readout=1e-3
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    link: LinkArguments,
    /// Shots in all, spread over two or four kinds of circuit.
    #[arg(long, conflicts_with = "resume", default_value = "10000", value_name = "N", value_parser = crate::number::single_shots)]
    shots: u64,
    /// Seed of the random path strings, errors and shots.
    #[arg(long, conflicts_with = "resume", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    noise: NoiseArguments,
    /// How to estimate.
    #[arg(long, conflicts_with = "resume", default_value = "circuits")]
    method: MethodArgument,
    /// Vectors of the random-vector method; by default as many as have a million amplitudes together, from 2 to 256.
    #[arg(long, conflicts_with = "resume", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    vectors: Option<u32>,
    /// Simplify the braid first.
    #[arg(long, conflicts_with = "resume")]
    simplify: bool,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    stages: Stages,
    #[command(flatten)]
    pub run: RunArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MethodArgument {
    Circuits,
    RandomVector,
}

const COMMAND: &str = "jones estimate-local";

/// An estimate as its run folder holds it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Experiment {
    seed: u64,
    estimate: Settings,
}

/// What is sampled, and what is made of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    shots: u64,
    conjugate: bool,
    braid: BraidConfig,
    target: Target,
    evaluation: Evaluating,
    noise: SampleNoise,
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] = &[];
}

/// The random-vector estimate by itself.
#[derive(Serialize)]
struct RandomVectorReport {
    #[serde(flatten)]
    baseline: TimedBaseline,
    exact: Option<Complex64>,
    scale: f64,
}

impl Report for RandomVectorReport {
    fn text(&self) -> String {
        let baseline = &self.baseline.baseline;
        format!("V = {} +- {}", complex(baseline.value), output::decimals(baseline.standard_error, 6))
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.method == MethodArgument::RandomVector {
        return by_random_vector(arguments);
    }
    let interrupt = Interrupt::listen()?;
    let run = match &arguments.run.resume {
        Some(path) => {
            nothing_new(&[
                ("the link", arguments.link.given()),
                ("--noise and --device", arguments.noise.given()),
                ("--native and --layout", arguments.target.given()),
                ("what is said about stages", arguments.stages.given()),
            ])?;
            Run::resume(path, COMMAND, &[], |experiment: Experiment, _| Estimate::new(experiment))?
        }
        None => {
            let experiment = arguments.experiment()?;
            let meta = Meta::new(COMMAND, experiment.seed);
            let estimate = Estimate::new(experiment.clone())?;
            Run::begin(estimate, arguments.run.out.as_deref(), &experiment, &[], meta)?
        }
    };
    run.finish(&arguments.run, &interrupt)
}

impl Arguments {
    fn experiment(&self) -> Result<Experiment, Failure> {
        let closure = self.link.closure();
        let braid = link::simplified(self.link.read_braid()?, self.simplify, closure, self.seed);
        if braid.strands() == 0 {
            return Err(Failure::input("0 strands: the empty link has no polynomial"));
        }
        // also refuses a plat closure of an odd number of strands
        factor(&braid, closure).map_err(failure)?;
        let evaluation = self.stages.read()?;
        let settings = Settings {
            shots: self.shots,
            conjugate: evaluation.mitigation.conjugate,
            braid: BraidConfig::new(&braid, closure),
            target: self.target.target(),
            evaluation,
            noise: self.noise.read("")?,
        };
        Ok(Experiment { seed: self.seed, estimate: settings })
    }
}

fn by_random_vector(arguments: &Arguments) -> Result<(), Failure> {
    let seed = arguments.seed;
    if arguments.run.out.is_some() || arguments.noise.given() {
        return Err(Failure::input("--method random-vector runs no circuits: leave out --out, --noise and --device"));
    }
    let Settings { braid, .. } = arguments.experiment()?.estimate;
    let (braid, closure) = (braid.braid()?, braid.closure);
    let scale = factor(&braid, closure).map_err(failure)?.norm();
    let vectors = arguments.vectors.map(|vectors| vectors as usize);
    let baseline = TimedBaseline::new(&braid, closure, vectors, seed, &mut Progress::new("letters")?)?;
    let exact = exact_value(&braid, closure).map_err(failure)?;
    output::report(arguments.run.json, &RandomVectorReport { baseline, exact, scale })
}

/// An estimate as a job: a step is a few path strings.
struct Estimate {
    experiment: Experiment,
    sampling: Sampling,
}

impl Estimate {
    fn new(experiment: Experiment) -> Result<Self, Failure> {
        let Settings { shots, conjugate, braid, target, noise, .. } = experiment.estimate.clone();
        let config = SampleConfig { braid: braid.braid()?, closure: braid.closure, target, noise, conjugate, shots };
        let sampling = Sampling::new(config, &mut Stream::named(experiment.seed, "shots")).map_err(failure)?;
        Ok(Self { experiment, sampling })
    }
}

/// The counts of some strings.
#[derive(Serialize)]
struct Strings {
    strings: usize,
    shots: u64,
}

impl Job for Estimate {
    const UNIT: &'static str = "strings";
    type Event = Strings;
    type Report = EstimateEnd;

    fn step(&mut self, interrupt: &Interrupt) -> Result<Step<Strings>, Failure> {
        match self.sampling.step(machine::memory_limit(), &|| interrupt.requested()) {
            Ok(Some(records)) => {
                let shots = records.iter().flat_map(|record| record.outcomes.iter().flatten()).map(|(_, times)| times).sum();
                Ok(Step::Event(Strings { strings: records.len(), shots }))
            }
            Ok(None) => Ok(Step::Finished("strings")),
            Err(KnotError::Stopped) => Ok(Step::Interrupted),
            Err(error) => Err(failure(error)),
        }
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(self.sampling.records()).or_work("cannot write the state")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let place = "the checkpoint is not that of this estimate";
        let records: Vec<Record> = serde_json::from_slice(state).or_input(place)?;
        self.sampling.resume(records).or_input(place)
    }

    fn progress(&self, elapsed: Duration) -> (u64, u64, String) {
        (self.sampling.records().len() as u64, self.sampling.total() as u64, format!("{:.0} s", elapsed.as_secs_f64()))
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        Ok(Vec::new())
    }

    fn report(&self, meta: &Meta, folder: Option<&mut RunFolder>) -> Result<EstimateEnd, Failure> {
        let (done, all) = (self.sampling.records().len(), self.sampling.total());
        let seconds = meta.seconds;
        if done < all {
            return Ok(EstimateEnd::Partial { strings: done, strings_in_all: all, seconds });
        }
        let SampleConfig { braid, closure, target, noise, .. } = self.sampling.config();
        let sampled = Sampled {
            braid,
            closure: *closure,
            target: *target,
            records: self.sampling.records(),
            shots_per_draw: None,
            seed: self.experiment.seed,
        };
        let mut report = self.experiment.estimate.evaluation.report(&sampled, &mut Progress::new("letters")?)?;
        report.simulated = Some(Simulated { noise: noise.clone(), seed: self.experiment.seed });
        if let Some(folder) = folder {
            let mut text = serde_json::to_vec_pretty(&report.estimated).or_work("cannot write the result")?;
            text.push(b'\n');
            folder.write(vec![("result.json".to_owned(), text)])?;
        }
        Ok(EstimateEnd::Whole { report: Box::new(report), seconds })
    }
}

/// What the command prints.
#[derive(Serialize)]
#[serde(untagged)]
enum EstimateEnd {
    /// All strings were sampled.
    Whole {
        #[serde(flatten)]
        report: Box<EstimateReport>,
        seconds: f64,
    },
    /// The user ended it before.
    Partial { strings: usize, strings_in_all: usize, seconds: f64 },
}

impl Report for EstimateEnd {
    fn text(&self) -> String {
        match self {
            EstimateEnd::Whole { report, .. } => report.text(),
            EstimateEnd::Partial { strings, strings_in_all, .. } => format!("{strings} of {strings_in_all} strings are sampled"),
        }
    }
}
