//! `qloom synthesize`: circuits from matrices by learned search.

mod circuit;
mod report;
mod session;

use qloom::qas::synthesis::{AnySpace, Compound, LearningConfig, Method, Reach, SearchLimits, SpaceConfig};
use serde::{Deserialize, Serialize};

use self::session::Session;
use crate::experiment::Limit;
use crate::failure::{Failure, OrFailure};
use crate::job::{ExperimentArguments, Limited, Run};

/// Learn to take matrices apart into gates, and measure it.
///
/// A network learns what each gate leaves to be done, of Clifford matrices up to one-qubit gates or of small unitaries over a finite set of
/// native gates, from states that random gates lead to (approximate value iteration). Random circuits are then made anew by best-first search:
/// Q* asks the network once for all successors of a state, A* once for each successor, with the same values; `blind` asks nothing, and the
/// compiler makes the same circuits at level 3. The run folder keeps the network (values.safetensors), every circuit's two-qubit gates, states and
/// seconds (targets.csv), and goes on with --resume. `qloom synthesize circuit` makes a circuit of one's own by it.
///
/// For example: qloom synthesize experiments/synthesis/clifford-4.toml --set seed=2 --out runs/clifford
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    experiment: ExperimentArguments,
}

#[derive(clap::Subcommand)]
enum Command {
    Circuit(circuit::Arguments),
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match &self.command {
            None => self.experiment.run.json,
            Some(Command::Circuit(arguments)) => arguments.json,
        }
    }
}

const COMMAND: &str = "synthesize";

/// An experiment of this command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Experiment {
    /// What it is called.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// What is learned and measured.
    synthesis: Settings,
}

/// What is learned and measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Which matrices are taken apart, and by which gates.
    space: SpaceConfig,
    /// What an action is: `"gates"` (the default), `"moments"` or `"pairs"`.
    #[serde(default)]
    actions: Reach,
    /// How values are learned.
    #[serde(default)]
    learning: LearningConfig,
    /// How far a search goes.
    #[serde(default)]
    search: SearchLimits,
    /// What it is measured on.
    #[serde(default)]
    targets: Targets,
}

/// The circuits that are made anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Targets {
    /// Their number, at most 100,000. Default 20.
    number: u64,
    /// Random gates of each, from 1 to 1000. Default 12.
    gates: usize,
    /// By what. Default `["q-star", "a-star"]`.
    methods: Vec<Method>,
    /// Whether the compiler makes them too. Default true.
    compiler: bool,
}

impl Default for Targets {
    fn default() -> Self {
        Self { number: 20, gates: 12, methods: vec![Method::QStar, Method::AStar], compiler: true }
    }
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] = &[Limit::Up("synthesis.learning.rounds"), Limit::Up("synthesis.targets.number")];
}

impl Settings {
    /// The space with its actions.
    ///
    /// # Errors
    /// Bad input for settings out of range.
    fn space(&self) -> Result<Compound<AnySpace>, Failure> {
        let space = AnySpace::new(&self.space).or_input(PLACE)?;
        Compound::new(space, self.actions).or_input(PLACE)
    }
}

const PLACE: &str = "the experiment cannot be run";

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(Command::Circuit(arguments)) = &arguments.command {
        return circuit::run(arguments);
    }
    Run::of_experiment(COMMAND, &arguments.experiment, |experiment: &Experiment| experiment.seed, Session::new)
}
