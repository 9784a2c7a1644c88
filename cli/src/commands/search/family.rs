//! `qloom search family`: one agent for several problems, and starts for problems not seen.

mod report;
mod session;

use std::path::{Path, PathBuf};

use qloom::qas::{HamiltonianConfig, Problem, ProblemConfig, ReptileConfig, SearchConfig};
use serde::{Deserialize, Serialize};

use self::session::Session;
use super::problem;
use crate::experiment::{self, Limit};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Limited, Run};
use crate::run_folder::{Meta, RunFolder};

/// Search with one agent on several problems, such as the points of a dissociation curve, and on problems that it has not seen.
///
/// Each episode is one of a member drawn evenly; the agent goes from one to the other and sees, with search.environment.observe.hamiltonian, what tells
/// them apart. In the end its policy builds a circuit for every member and every test without exploring, beside the default walk and a random agent
/// that search each of them with as many evaluations as the family had for a member.
///
/// With [family.reptile] the weights that agents begin with are learnt instead (Reptile): in the end every test is searched from the start learnt and
/// from weights as they are drawn, over trials, until the error of the trials; start.safetensors has the start. points.csv and points.svg have all errors. The run goes on with --resume.
///
/// For example: qloom search family experiments/search/lih-4-curve.toml --set seed=2 --out runs/curve
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub experiment: ExperimentArguments,
}

const COMMAND: &str = "search family";

/// An experiment of this command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Experiment {
    /// What it is called.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// The problems.
    family: Settings,
    /// The search of each of them, without a problem.
    search: SearchConfig,
}

/// The problems, and what is measured on them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Hamiltonian files that are learnt from, at most 256, of equally many qubits.
    members: Vec<String>,
    /// Hamiltonian files that are not. Default none.
    #[serde(default)]
    tests: Vec<String>,
    /// Learn the weights that agents begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reptile: Option<ReptileConfig>,
    /// Searches of each test from either start, at most 1000. Default 5.
    #[serde(default = "five")]
    trials: u64,
    /// The most episodes of such a search. Default 500.
    #[serde(default = "five_hundred")]
    trial_episodes: u64,
    /// The error that ends it. Default 1.6e-3: chemical accuracy in hartree.
    #[serde(default = "chemical")]
    trial_error: f64,
}

fn five() -> u64 {
    5
}

fn five_hundred() -> u64 {
    500
}

fn chemical() -> f64 {
    1.6e-3
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] = &[Limit::Up("search.episodes"), Limit::Up("search.evaluations"), Limit::Up("family.trials")];
}

/// A problem with what messages and tables call it.
struct Point {
    name: String,
    problem: Problem,
}

/// Members, then tests, and the texts of their files.
struct Points {
    members: Vec<Point>,
    tests: Vec<Point>,
    copies: Vec<(String, String)>,
    /// The settings with the names of the copies.
    settings: Settings,
}

fn read(settings: &Settings, find: impl Fn(&str) -> Result<PathBuf, Failure>) -> Result<Points, Failure> {
    let mut copies: Vec<(String, String)> = Vec::new();
    let mut list = |files: &[String]| -> Result<(Vec<Point>, Vec<String>), Failure> {
        let (mut points, mut copied) = (Vec::new(), Vec::new());
        for file in files {
            let name = Path::new(file).file_stem().map_or_else(|| file.clone(), |stem| stem.to_string_lossy().into_owned());
            let copy = format!("{name}.json");
            if copies.iter().any(|(other, _)| *other == copy) {
                return Err(Failure::input(format!(
                    "{file}: two problems of a family are called {name}; rename one of the files"
                )));
            }
            let config = ProblemConfig::Hamiltonian(HamiltonianConfig::of_file(file));
            let given = problem::read(&config, &find)?;
            copies.extend(given.copies.into_iter().map(|(_, text)| (copy.clone(), text)));
            copied.push(copy);
            points.push(Point { name, problem: given.problem });
        }
        Ok((points, copied))
    };
    let (members, member_files) = list(&settings.members)?;
    let (tests, test_files) = list(&settings.tests)?;
    let settings = Settings { members: member_files, tests: test_files, ..settings.clone() };
    Ok(Points { members, tests, copies, settings })
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let arguments = &arguments.experiment;
    let interrupt = Interrupt::listen()?;
    let run = match (&arguments.run.resume, &arguments.file) {
        (Some(path), _) => Run::resume(path, COMMAND, &arguments.overrides, |experiment: Experiment, folder: &RunFolder| {
            let points = read(&experiment.family, |name| Ok(folder.path().join(name)))?;
            Session::new(experiment, points)
        })?,
        (None, Some(file)) => {
            let experiment: Experiment = experiment::read(file, &arguments.overrides)?;
            if experiment.search.problem.is_some() {
                return Err(Failure::input("search.problem: the problems of a family are its members and tests; leave it out"));
            }
            let points = read(&experiment.family, |name| experiment::find_data(Path::new(name), file))?;
            let copied = Experiment { family: points.settings.clone(), ..experiment.clone() };
            let copies = points.copies.clone();
            let copies: Vec<(&str, &str)> = copies.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let meta = Meta::new(COMMAND, experiment.seed);
            Run::begin(Session::new(experiment, points)?, arguments.run.out.as_deref(), &copied, &copies, meta)?
        }
        (None, None) => return Err(Failure::input("give an experiment's file, or --resume DIR")),
    };
    run.finish(&arguments.run, &interrupt)
}
