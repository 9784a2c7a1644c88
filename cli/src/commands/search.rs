//! `qloom search`: from a Hamiltonian file to a found circuit.

mod report;
mod session;

use std::path::{Path, PathBuf};

use qloom::qas::{HamiltonianConfig, ProblemConfig, SearchConfig};
use serde::{Deserialize, Serialize};

use self::session::Session;
use crate::experiment::Limit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{Limited, Run, RunArguments};
use crate::run_folder::{Meta, RunFolder};
use crate::{experiment, files, hamiltonian_file, output};

/// Find a circuit that prepares the ground state of a Hamiltonian.
///
/// The experiment is a TOML file; any key can be overridden with --set. Who searches is `search.agent`: `local`, the default, walks from
/// circuit to circuit; `annealing` and `genetic` are its rivals, `dqn` learns, `random` does not. Beside the search a random agent is given
/// as many evaluations, as the control. The best circuit has the lowest energy, or, with `search.best.enough`, the fewest gates for that
/// error; front.csv has the smallest circuit for every energy. The run folder, runs/NAME unless --out names another, keeps everything; after Ctrl-C or a crash
/// the run goes on with --resume, bit for bit, and its limits may be raised with --set.
///
/// For example: qloom search experiments/h2.toml --set seed=3 --set search.episodes=500
#[derive(clap::Args)]
pub struct Arguments {
    /// The experiment's TOML file; not needed with --resume.
    #[arg(required_unless_present_any = ["resume", "explain_keys"], conflicts_with = "resume")]
    file: Option<PathBuf>,
    /// Print every key of an experiment with its meaning and default, and nothing else.
    #[arg(long, exclusive = true)]
    explain_keys: bool,
    /// Override a key of the experiment; can be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    #[command(flatten)]
    pub run: RunArguments,
}

/// An experiment of this command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Experiment {
    /// What it is called; names the run folder.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// The search.
    search: SearchConfig,
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] =
        &[Limit::Up("search.episodes"), Limit::Up("search.evaluations"), Limit::Down("search.target_error")];
}

/// The copy of the Hamiltonian in the run folder, which makes the folder complete.
const HAMILTONIAN: &str = "hamiltonian.json";

const COMMAND: &str = "search";

/// Every key of an experiment, made from the documentation of the settings; a test keeps it so.
const KEYS: &str = include_str!("search/keys.md");

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.explain_keys {
        output::line(KEYS.trim_end());
        return output::nothing_lost();
    }
    let interrupt = Interrupt::listen()?;
    let run = match (&arguments.run.resume, &arguments.file) {
        (Some(path), _) => Run::resume(path, COMMAND, &arguments.overrides, |experiment: Experiment, folder: &RunFolder| {
            let hamiltonian = hamiltonian_file::read(&folder.path().join(HAMILTONIAN))?;
            Session::new(experiment.search, &hamiltonian, experiment.seed)
        })?,
        (None, Some(file)) => begin(file, arguments)?,
        (None, None) => return Err(Failure::input("give an experiment's file, or --resume DIR")),
    };
    run.finish(&arguments.run, &interrupt)
}

fn begin(file: &Path, arguments: &Arguments) -> Result<Run<Session>, Failure> {
    let experiment: Experiment = experiment::read(file, &arguments.overrides)?;
    let Some(ProblemConfig::Hamiltonian(problem)) = &experiment.search.problem else {
        let message = "names no problem; add [search.problem.hamiltonian] with file = \"molecules/...json\"";
        return Err(Failure::input(format!("{} {message}", file.display())));
    };
    let path = experiment::find_data(Path::new(&problem.file), file)?;
    let text = files::read_text(&path)?;
    let hamiltonian = hamiltonian_file::parse(&text, &path)?;
    // the folder has a copy, and names it: its experiment runs anywhere
    let copied = ProblemConfig::Hamiltonian(HamiltonianConfig { file: HAMILTONIAN.to_owned(), unit: problem.unit.clone() });
    let experiment = Experiment { search: SearchConfig { problem: Some(copied), ..experiment.search.clone() }, ..experiment };
    let session = Session::new(experiment.search.clone(), &hamiltonian, experiment.seed)?;
    let out = match &arguments.run.out {
        Some(out) => out.clone(),
        None => free_folder(&experiment.name)?,
    };
    Run::begin(session, Some(&out), &experiment, &[(HAMILTONIAN, &text)], Meta::new(COMMAND, experiment.seed))
}

/// `runs/NAME`, `runs/NAME-2`, ... : the first that is not there.
fn free_folder(name: &str) -> Result<PathBuf, Failure> {
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(legal) {
        return Err(Failure::input(format!("name = \"{name}\": use letters, digits, - and _, or choose a folder with --out")));
    }
    let folder = |number: usize| match number {
        1 => PathBuf::from("runs").join(name),
        _ => PathBuf::from("runs").join(format!("{name}-{number}")),
    };
    (1..100_000)
        .map(folder)
        .find(|path| !path.exists())
        .ok_or_else(|| Failure::input("runs/ is full; choose a folder with --out"))
}
