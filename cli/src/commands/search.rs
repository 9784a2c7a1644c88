//! `qloom search`: from a Hamiltonian file to a found circuit.

mod problem;
mod report;
mod session;

use std::path::{Path, PathBuf};

use qloom::qas::{ProblemConfig, SearchConfig};
use serde::{Deserialize, Serialize};

use self::session::Session;
use crate::experiment::Limit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{Limited, Run, RunArguments};
use crate::run_folder::{Meta, RunFolder};
use crate::{experiment, output};

/// Find a circuit that prepares the ground state of a Hamiltonian, an excited state, or does what another circuit does.
///
/// `search.problem` is a Hamiltonian, whose ground state is sought, or with `avoid` the state above those that the circuits of earlier runs
/// make; or a `state` or a `unitary` that a circuit's file gives, to be made by fewer or other gates, whose energy is the infidelity.
///
/// The experiment is a TOML file; any key can be overridden with --set. Who searches is `search.agent`: `local`, the default, walks from
/// circuit to circuit; `annealing` and `genetic` are its rivals, `dqn` learns, `random` does not; `adapt` (ADAPT-VQE), `product` (UCCSD and
/// its kind) and `layers` (hardware-efficient) are the ansaetze, for which `search.problem.hamiltonian.pool` names operators that
/// `qloom hamiltonian ansatz --pool` writes. Beside the search a random agent is given as many evaluations, as the control. The best circuit has the lowest energy, or, with `search.best.enough`, the fewest gates for that
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
            let given = problem::read(named(&experiment, path)?, |name| Ok(folder.path().join(name)))?;
            Session::new(experiment.search, given.problem, experiment.seed)
        })?,
        (None, Some(file)) => begin(file, arguments)?,
        (None, None) => return Err(Failure::input("give an experiment's file, or --resume DIR")),
    };
    run.finish(&arguments.run, &interrupt)
}

fn begin(file: &Path, arguments: &Arguments) -> Result<Run<Session>, Failure> {
    let experiment: Experiment = experiment::read(file, &arguments.overrides)?;
    let given = problem::read(named(&experiment, file)?, |name| experiment::find_data(Path::new(name), file))?;
    // the folder has copies, and names them: its experiment runs anywhere
    let experiment =
        Experiment { search: SearchConfig { problem: Some(given.config), ..experiment.search.clone() }, ..experiment };
    let session = Session::new(experiment.search.clone(), given.problem, experiment.seed)?;
    let out = match &arguments.run.out {
        Some(out) => out.clone(),
        None => free_folder(&experiment.name)?,
    };
    let copies: Vec<(&str, &str)> = given.copies.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Run::begin(session, Some(&out), &experiment, &copies, Meta::new(COMMAND, experiment.seed))
}

/// The problem that an experiment names.
fn named<'a>(experiment: &'a Experiment, file: &Path) -> Result<&'a ProblemConfig, Failure> {
    experiment.search.problem.as_ref().ok_or_else(|| {
        let message = "names no problem; add [search.problem.hamiltonian] with file = \"molecules/...json\", or problem.state or problem.unitary with a circuit's file";
        Failure::input(format!("{} {message}", file.display()))
    })
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
