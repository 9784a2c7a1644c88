//! `qloom search play`: the environment of a search, for agents in any language.

use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

use qloom::circuits::Stream;
use qloom::circuits::qasm::{self, Dialect};
use qloom::qas::{Environment, Objective, Observation, Problem, Task};
use serde::{Deserialize, Serialize};

use super::{Experiment, beside, given};
use crate::experiment;
use crate::failure::{Failure, OrFailure};
use crate::output;

/// Play the environment of an experiment from outside: each line of standard input is a request, each line of standard output its answer,
/// both JSON.
///
/// The first line describes the environment: what the actions do, and the length of what is seen. Requests are
/// {"reset": {"threshold": 0.0016}}, which begins an episode that succeeds within this gap of the target, {"step": {"action": 3}}, and "circuit". Answers to the first two have
/// the entries of the flattened moment tensor that are 1, further numbers (the energy first), the illegal actions, energy, gap and evaluations so far; after a step
/// also the reward and why the episode ended, if it did. "circuit" is answered by the circuit as OpenQASM 2 with its fitted angles, without the fixed gates of a start. A request that cannot be met is answered by its error, and nothing
/// else happens. Actions are numbered from 0; the seed of the experiment fixes every draw.
///
/// For example: qloom search play experiments/h2.toml
#[derive(clap::Args)]
pub struct Arguments {
    /// The experiment's TOML file.
    file: PathBuf,
    /// Override a key of the experiment; can be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Print the description of the environment as one JSON object, and play nothing.
    #[arg(long)]
    pub json: bool,
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Request {
    Reset { threshold: f64 },
    Step { action: usize },
    Circuit,
}

/// The longest request, in bytes.
const LONGEST: u64 = 1 << 16;
const PLACE: &str = "the experiment cannot be played";

/// The first line.
#[derive(Serialize)]
struct Description {
    name: String,
    qubits: usize,
    unit: String,
    exact_energy: Option<f64>,
    target: f64,
    /// Length of the moment tensor; its entries are numbered from 0.
    tensor: usize,
    /// How many numbers come behind it, the energy first.
    numbers: usize,
    max_gates: usize,
    actions: Vec<Action>,
}

#[derive(Serialize)]
struct Action {
    name: &'static str,
    qubits: Vec<usize>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Seen(Seen),
    Circuit { qasm: String, energy: f64, gap: f64 },
    Error { error: String },
}

#[derive(Serialize)]
struct Seen {
    entries: Vec<u32>,
    numbers: Vec<f32>,
    illegal: Vec<u16>,
    energy: f64,
    gap: f64,
    evaluations: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reward: Option<f64>,
    /// Why the episode ended, after a step; none where it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    ending: Option<Option<qloom::qas::Ending>>,
}

struct Game {
    environment: Environment,
    objective: Objective,
    halting: Stream,
    playing: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Experiment { seed, train, search, .. } = experiment::read(&arguments.file, &arguments.overrides)?;
    if train.is_some() {
        return Err(Failure::input("an experiment with [train] is not played; give one with [search.problem]"));
    }
    let find = |name: &str| experiment::find_data(Path::new(name), &arguments.file);
    let problem = beside::read(&search, find)?.given_to(given(&search, &arguments.file, find)?.problem)?;
    let mut objective =
        Objective::new(search.objective.clone(), &search.simulator, &search.minimizer, &problem, seed).or_input(PLACE)?;
    let max_gates = search.environment.max_gates;
    let environment = Environment::new(search.environment, &problem, &mut objective).or_input(PLACE)?;
    let description = describe(&environment, &problem, max_gates);
    output::json_line(&description)?;
    if arguments.json {
        return Ok(());
    }
    let mut game = Game { environment, objective, halting: Stream::named(seed, "halting"), playing: false };
    let mut input = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        let read = (&mut input).take(LONGEST).read_until(b'\n', &mut line).or_work("cannot read standard input")?;
        if read == 0 {
            return output::nothing_lost();
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        if read as u64 == LONGEST && line.last() != Some(&b'\n') {
            return Err(Failure::input(format!("a request is longer than {LONGEST} bytes")));
        }
        let answer = match serde_json::from_slice(&line) {
            Ok(request) => game.answer(request),
            Err(error) => Err(format!(
                "{error}; requests are {{\"reset\": {{\"threshold\": T}}}}, {{\"step\": {{\"action\": N}}}} and \"circuit\""
            )),
        };
        output::json_line(&answer.unwrap_or_else(|error| Answer::Error { error }))?;
        std::io::stdout().flush().or_work("cannot write standard output")?;
    }
}

fn describe(environment: &Environment, problem: &Problem, max_gates: usize) -> Description {
    let sizes = environment.dimensions();
    let action = |number| {
        let (name, qubits) = environment.describe(number);
        Action { name, qubits }
    };
    Description {
        name: problem.name().to_owned(),
        qubits: problem.num_qubits(),
        unit: problem.unit().to_owned(),
        exact_energy: problem.exact_energy(),
        target: environment.target(),
        tensor: sizes.inputs - 1,
        numbers: 1 + sizes.features,
        max_gates,
        actions: (0..sizes.actions).map(action).collect(),
    }
}

impl Game {
    fn answer(&mut self, request: Request) -> Result<Answer, String> {
        match request {
            Request::Reset { threshold } if threshold.is_finite() && threshold > 0.0 => {
                let task = Task { threshold, max_gates: None, noise: None };
                let seen = self.environment.reset(task, &mut self.halting, &mut self.objective);
                let seen = seen.map_err(|error| error.to_string())?;
                self.playing = true;
                Ok(Answer::Seen(self.seen(seen, None, None)))
            }
            Request::Reset { threshold } => Err(format!("the threshold is {threshold}; it has to be finite and above 0")),
            Request::Step { .. } if !self.playing => Err("no episode is going on; reset first".to_owned()),
            Request::Step { action } => {
                let count = self.environment.dimensions().actions;
                if action >= count {
                    return Err(format!("action {action} of {count}; they are numbered from 0"));
                }
                let step = self.environment.step(action, &mut self.objective).map_err(|error| error.to_string())?;
                self.playing = step.ending.is_none();
                Ok(Answer::Seen(self.seen(step.observation, Some(step.reward), Some(step.ending))))
            }
            Request::Circuit => {
                let bound = self.environment.circuit().bind(self.environment.angles()).map_err(|error| error.to_string())?;
                let qasm = qasm::write(&bound, qasm::Version::V2, Dialect::Plain).map_err(|error| error.to_string())?;
                Ok(Answer::Circuit { qasm, energy: self.environment.energy(), gap: self.environment.gap() })
            }
        }
    }

    fn seen(&self, seen: Observation, reward: Option<f64>, ending: Option<Option<qloom::qas::Ending>>) -> Seen {
        let Observation { entries, energy, features, illegal } = seen;
        Seen {
            entries,
            numbers: std::iter::once(energy).chain(features).collect(),
            illegal,
            energy: self.environment.energy(),
            gap: self.environment.gap(),
            evaluations: self.objective.evaluations().values,
            reward,
            ending,
        }
    }
}
