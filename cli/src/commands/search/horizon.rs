//! `qloom search horizon`: how far ahead of random play a problem makes its searches look.

use std::path::{Path, PathBuf};

use qloom::qas::{Horizon, HorizonConfig, QasError, effective_horizon};
use serde::Serialize;

use super::{Experiment, beside, given};
use crate::experiment;
use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::progress::Progress;

/// Measure the effective horizon of an experiment's problem: how far ahead of random play a search has to look.
///
/// A run chooses one action after the other: each sequence of k actions is followed by m random rollouts to the end of the episode, and the first action of the
/// best one is taken. For k = 1, 2, ... the smallest m, a power of two, is sought with which half of the runs come within --threshold of the environment's target;
/// then H_k = k + log_A m, where A is the number of actions. The least H_k is the effective horizon: the smaller, the easier
/// the problem is for agents that explore blindly. Settings of `search.environment`, `search.objective` and `search.minimizer` count; agent and teacher do not. With the default target, the
/// lower bound, thresholds mean little: set `search.environment.target="exact"`.
///
/// For example: qloom search horizon experiments/h2.toml --set search.environment.target='"exact"' --set search.environment.max_gates=12 --iterations 1
#[derive(clap::Args)]
pub struct Arguments {
    /// The experiment's TOML file.
    file: PathBuf,
    /// Override a key of the experiment; can be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// What has to be reached: the distance from the target, in the problem's unit.
    #[arg(long, default_value_t = 1.6e-3, value_name = "ERROR")]
    threshold: f64,
    /// The largest k, up to 5.
    #[arg(long, default_value_t = 2, value_name = "K")]
    iterations: usize,
    /// The largest m.
    #[arg(long, default_value_t = 16, value_name = "M")]
    rollouts: u64,
    /// Runs for each k and m, of which half have to succeed.
    #[arg(long, default_value_t = 5, value_name = "N")]
    runs: u64,
    /// Evaluations of an energy after which a k is given up.
    #[arg(long, default_value_t = 10_000_000, value_name = "N")]
    evaluations: u64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Measured {
    name: String,
    seed: u64,
    threshold: f64,
    unit: String,
    /// The least of all that were found.
    horizon: Option<f64>,
    horizons: Vec<Horizon>,
}

impl Report for Measured {
    fn text(&self) -> String {
        let found = |horizon: Option<f64>| horizon.map_or_else(|| "not found".to_owned(), |horizon| format!("{horizon:.2}"));
        let mut rows = vec![
            ("problem", self.name.clone()),
            ("within", format!("{:e} {}", self.threshold, self.unit)),
            ("effective horizon", found(self.horizon)),
        ];
        rows.extend(self.horizons.iter().map(|horizon| {
            let tried =
                horizon.tried.iter().map(|tried| format!("m = {}: {} of {}", tried.rollouts, tried.successes, tried.runs));
            let tried: Vec<String> = tried.collect();
            let end = if horizon.given_up { ", given up" } else { "" };
            let (k, h) = (horizon.iterations, found(horizon.horizon));
            ("", format!("k = {k}: {h} ({}{end}; {} evaluations)", tried.join(", "), horizon.evaluations))
        }));
        output::pairs(&rows)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Experiment { seed, train, search, .. } = experiment::read(&arguments.file, &arguments.overrides)?;
    if train.is_some() {
        return Err(Failure::input("the horizon of an experiment with [train] is not measured; give one with [search.problem]"));
    }
    let find = |name: &str| experiment::find_data(Path::new(name), &arguments.file);
    let problem = beside::read(&search, find)?.given_to(given(&search, &arguments.file, find)?.problem)?;
    let settings = HorizonConfig {
        threshold: arguments.threshold,
        iterations: arguments.iterations,
        rollouts: arguments.rollouts,
        runs: arguments.runs,
        evaluations: arguments.evaluations,
    };
    let mut progress = Progress::new("looks ahead")?;
    let horizons = match effective_horizon(&search, &problem, &settings, seed, &mut |done, all| progress.tick(done, all)) {
        Err(QasError::Stopped) => return Err(Progress::stopped()),
        other => other.or_input("the horizon cannot be measured")?,
    };
    progress.finish();
    let least = horizons.iter().filter_map(|found| found.horizon).min_by(f64::total_cmp);
    let (name, unit) = (problem.name().to_owned(), problem.unit().to_owned());
    output::report(arguments.json, &Measured { name, seed, threshold: arguments.threshold, unit, horizon: least, horizons })
}
