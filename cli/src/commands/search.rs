//! `qloom search`: from a Hamiltonian file to a found circuit.

mod beside;
mod classifier;
mod family;
mod gadgets;
mod horizon;
mod measured;
mod play;
mod problem;
mod refit;
mod report;
mod session;
mod tasks;

use std::path::{Path, PathBuf};

use qloom::qas::SearchConfig;
use serde::{Deserialize, Serialize};

use self::classifier::Classifier;
use self::problem::Given;
use self::session::Session;
use crate::experiment::Limit;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Limited, Run, RunArguments};
use crate::labelled_data::LabelledSettings;
use crate::run_folder::{Meta, Opened, RunFolder};
use crate::{checkpoint, experiment, output};

/// Find a circuit that prepares the ground state of a Hamiltonian, an excited state, or does what another circuit does.
///
/// `search.problem` is a Hamiltonian, whose ground state is sought, or with `avoid` the state above those that the circuits of earlier runs
/// make; or a `state` or a `unitary` that a circuit's file gives, to be made by fewer or other gates, whose energy is the infidelity;
/// or, with `diagonal`, the state of some qubits of a circuit's, to be made diagonal: the outcomes' probabilities are then its eigenvalues.
///
/// In place of a problem, `train` may give labelled data and a classifier, as `qloom train` takes them: then the circuit that the classifier
/// trains is sought, behind the feature map of a variational classifier or before that of a kernel machine, and what is lowered is the loss
/// of the training rows, or 1 less the kernel's alignment with them. model.json tells new rows with `qloom predict`, train.toml trains the
/// circuit anew with `qloom train`.
///
/// The experiment is a TOML file; any key can be overridden with --set. Who searches is `search.agent`: `local`, the default, walks from
/// circuit to circuit; `annealing` and `genetic` are its rivals, `dqn`, `stream-q`, `evolution`, `sqirl`, `gflownet`, `ppo` and `mcts` learn, `random` does not; `adapt` (ADAPT-VQE),
/// `product` (UCCSD and its kind) and `layers` (hardware-efficient) are the ansaetze, for which `search.problem.hamiltonian.pool` names operators that
/// `qloom hamiltonian ansatz --pool` writes. Beside the search a random agent is given as many evaluations, as the control. The best circuit has the lowest energy, or, with `search.best.enough`, the fewest gates for that
/// error; front.csv has the smallest circuit for every energy. The run folder, runs/NAME unless --out names another, keeps everything; after Ctrl-C or a crash
/// the run goes on with --resume, bit for bit, and its limits may be raised with --set.
///
/// For example: qloom search experiments/h2.toml --set seed=3 --set search.episodes=500
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
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
    run: RunArguments,
}

#[derive(clap::Subcommand)]
enum Command {
    Family(family::Arguments),
    Gadgets(gadgets::Arguments),
    Horizon(horizon::Arguments),
    Play(play::Arguments),
    Refit(refit::Arguments),
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match &self.command {
            None => self.run.json,
            Some(Command::Family(arguments)) => arguments.experiment.run.json,
            Some(Command::Gadgets(arguments)) => arguments.json,
            Some(Command::Horizon(arguments)) => arguments.json,
            Some(Command::Play(arguments)) => arguments.json,
            Some(Command::Refit(arguments)) => arguments.json,
        }
    }
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
    /// Labelled data and the classifier whose circuit is sought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    train: Option<LabelledSettings>,
    /// What the agent begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begin: Option<Begin>,
    /// The search.
    search: SearchConfig,
}

/// What an agent takes over from earlier runs, each of a problem with equally many qubits and actions; `dqn` alone.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Begin {
    /// Weights that it begins with: `policy.safetensors` of a run, or `start.safetensors` of `qloom search family`. Default: as they are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<PathBuf>,
    /// Run folder of a search whose experiences are taken over, such as one without noise. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<PathBuf>,
}

impl Begin {
    /// Gives a search that has not begun what is taken over.
    fn give(&self, session: &mut Session) -> Result<(), Failure> {
        if let Some(path) = &self.weights {
            let bytes = std::fs::read(path).or_input(format!("begin.weights: cannot read {}", path.display()))?;
            session.search.begin_from(&bytes).or_input(format!("begin.weights: {}", path.display()))?;
        }
        if let Some(path) = &self.replay {
            let Opened { state, .. } = RunFolder::open(path, COMMAND)?;
            let (search, _) = checkpoint::parts(&state)?;
            session.search.begin_with_experiences(search).or_input(format!("begin.replay: {}", path.display()))?;
        }
        Ok(())
    }
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] =
        &[Limit::Up("search.episodes"), Limit::Up("search.evaluations"), Limit::Down("search.target_error")];
}

const COMMAND: &str = "search";

/// Every key of an experiment, made from the documentation of the settings; a test keeps it so.
const KEYS: &str = include_str!("search/keys.md");

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Some(Command::Family(arguments)) => return family::run(arguments),
        Some(Command::Gadgets(arguments)) => return gadgets::run(arguments),
        Some(Command::Horizon(arguments)) => return horizon::run(arguments),
        Some(Command::Play(arguments)) => return play::run(arguments),
        Some(Command::Refit(arguments)) => return refit::run(arguments),
        None => {}
    }
    if arguments.explain_keys {
        output::line(KEYS.trim_end());
        return output::nothing_lost();
    }
    let interrupt = Interrupt::listen()?;
    let run = match (&arguments.run.resume, &arguments.file) {
        (Some(path), _) => Run::resume(path, COMMAND, &arguments.overrides, |experiment: Experiment, folder: &RunFolder| {
            let Experiment { name, seed, train, search, .. } = experiment;
            let find = |name: &str| Ok(folder.path().join(name));
            let beside = beside::read(&search, find)?;
            if let Some(settings) = train {
                let texts = classifier::found(&settings, folder.path())?;
                let classifier = Classifier::new(settings, &texts, &search, (&name, seed))?;
                return Session::of_classifier(search, classifier, &beside, seed);
            }
            let given = given(&search, path, find)?;
            Session::new(search, beside.given_to(given.problem)?, seed)
        })?,
        (None, Some(file)) => begin(file, arguments)?,
        (None, None) => return Err(Failure::input("give an experiment's file, or --resume DIR")),
    };
    run.finish(&arguments.run, &interrupt)
}

fn begin(file: &Path, arguments: &Arguments) -> Result<Run<Session>, Failure> {
    let Experiment { name, seed, train, begin, search } = experiment::read(file, &arguments.overrides)?;
    // the folder has copies, and names them: its experiment runs anywhere
    let find = |name: &str| experiment::find_data(Path::new(name), file);
    let beside = beside::read(&search, find)?;
    let search = beside.config.clone();
    let (mut session, mut copies, train, search) = match train {
        Some(settings) => {
            let classifier::GivenData { texts, settings: copied, copies } = classifier::find(&settings, file)?;
            let classifier = Classifier::new(copied.clone(), &texts, &search, (&name, seed))?;
            (Session::of_classifier(search.clone(), classifier, &beside, seed)?, copies, Some(copied), search)
        }
        None => {
            let given = given(&search, file, find)?;
            let copied = SearchConfig { problem: Some(given.config), ..search };
            (Session::new(copied.clone(), beside.given_to(given.problem)?, seed)?, given.copies, None, copied)
        }
    };
    copies.extend(beside.copies);
    if let Some(begin) = &begin {
        begin.give(&mut session)?;
    }
    let out = match &arguments.run.out {
        Some(out) => out.clone(),
        None => free_folder(&name)?,
    };
    let copies: Vec<(&str, &str)> = copies.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Run::begin(session, Some(&out), &Experiment { name, seed, train, begin, search }, &copies, Meta::new(COMMAND, seed))
}

/// The problem that an experiment names.
fn given(search: &SearchConfig, file: &Path, find: impl Fn(&str) -> Result<PathBuf, Failure>) -> Result<Given, Failure> {
    let config = search.problem.as_ref().ok_or_else(|| {
        let message = "names no problem; add [search.problem.hamiltonian] with file = \"molecules/...json\", problem.state, problem.unitary or problem.diagonal with a circuit's file, or [train] with labelled data and a classifier";
        Failure::input(format!("{} {message}", file.display()))
    })?;
    problem::read(config, find)
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
