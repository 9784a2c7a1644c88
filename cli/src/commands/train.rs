//! `qloom train`: a model fitted to data.

mod labelled;
mod regression;
mod report;
mod session;

use std::path::{Path, PathBuf};

use qloom::learn::{ModelSettings, ReadoutSettings, Scale, WindowSettings};
use serde::{Deserialize, Serialize};

use self::session::Session;
use crate::experiment::Limit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{Limited, Run, RunArguments};
use crate::run_folder::{Meta, RunFolder};
use crate::{experiment, files};

/// Fit a model to data: recurrent networks and reservoirs, quantum and classical, to series; kernel machines and variational circuits to
/// labelled tables and questions; kernel regressions and Gaussian processes to tables whose `target` is a number.
///
/// Recurrent networks (qrnn, qgru, qlstm, rnn, gru, lstm) see a window and start anew for each; reservoirs (quantum-reservoir, spin-network,
/// echo-state) run along the whole series after a wash-out, and a window stands for its last row. Readouts are ridge, recursive (least
/// squares) and gradient.
///
/// The experiment is a TOML file; any key can be overridden with --set. Its data stand beside it or in data/. The run folder keeps the
/// model, the losses and what the model tells as CSV and pictures, the circuits as OpenQASM; beside the model stand rivals that need no
/// circuit. Reservoirs of gates leave the whole series as one program of
/// OpenQASM 3 where it is not too long. After Ctrl-C or a crash the run goes on with --resume, bit for bit.
///
/// For example: qloom train experiments/pendulum.toml --out runs/pendulum, or qloom train experiments/adhoc.toml --out runs/adhoc
#[derive(clap::Args)]
pub struct Arguments {
    /// The experiment's TOML file; not needed with --resume.
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    file: Option<PathBuf>,
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
    /// What it is called.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// What is fitted to what.
    train: TrainSettings,
}

/// Data, model and how it is fitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainSettings {
    /// What is learned from.
    data: DataSettings,
    /// What learns.
    model: ModelSettings,
    /// How it is fitted.
    readout: ReadoutSettings,
}

/// The kinds of data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DataSettings {
    /// A series, whose next value is to be told from a window.
    Series(SeriesData),
}

/// A series in a CSV file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesData {
    /// The file, beside the experiment or in data/.
    file: String,
    /// The column to tell.
    column: String,
    /// The columns that the model sees, one name or a list; by default the column itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input: Option<Names>,
    /// Values that the model sees. Default 4.
    #[serde(default = "window")]
    window: usize,
    /// Steps from the last value seen to the one to tell. Default 1.
    #[serde(default = "horizon")]
    horizon: usize,
    /// The share of the windows that is trained on. Default 0.67.
    #[serde(default = "train_fraction")]
    train_fraction: f64,
    /// What is done to the columns. Default none.
    #[serde(default)]
    scale: Scale,
}

/// One name or several.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

fn window() -> usize {
    WindowSettings::default().window
}

fn horizon() -> usize {
    WindowSettings::default().horizon
}

fn train_fraction() -> f64 {
    WindowSettings::default().train_fraction
}

impl SeriesData {
    fn inputs(&self) -> Vec<String> {
        match &self.input {
            None => vec![self.column.clone()],
            Some(Names::One(name)) => vec![name.clone()],
            Some(Names::Several(names)) => names.clone(),
        }
    }

    fn windows(&self) -> WindowSettings {
        WindowSettings { window: self.window, horizon: self.horizon, train_fraction: self.train_fraction }
    }
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] = &[Limit::Up("train.readout.gradient.epochs")];
}

/// The copy of the series in the run folder, which makes the folder complete.
const SERIES: &str = "series.csv";

const COMMAND: &str = "train";

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let run = match (&arguments.run.resume, &arguments.file) {
        (Some(path), _) if regression::is_run(path) => return regression::resume(path, arguments, &interrupt),
        (Some(path), _) if labelled::is_run(path) => return labelled::resume(path, arguments, &interrupt),
        (Some(path), _) => Run::resume(path, COMMAND, &arguments.overrides, |experiment: Experiment, folder: &RunFolder| {
            let path = folder.path().join(SERIES);
            Session::new(&experiment, &files::read_text(&path)?, &path)
        })?,
        (None, Some(file)) => {
            let text = files::read_text(file)?;
            if regression::is_regression(&text) {
                return regression::begin(&text, file, arguments, &interrupt);
            }
            if labelled::is_labelled(&text) {
                return labelled::begin(&text, file, arguments, &interrupt);
            }
            begin(&text, file, arguments)?
        }
        (None, None) => return Err(Failure::input("give an experiment's file, or --resume DIR")),
    };
    run.finish(&arguments.run, &interrupt)
}

fn begin(text: &str, file: &Path, arguments: &Arguments) -> Result<Run<Session>, Failure> {
    let experiment: Experiment = experiment::parse(text, file, &arguments.overrides)?;
    let DataSettings::Series(series) = &experiment.train.data;
    let path = experiment::find_data(Path::new(&series.file), file)?;
    let text = files::read_text(&path)?;
    let session = Session::new(&experiment, &text, &path)?;
    // the folder has a copy, and names it: its experiment runs anywhere
    let copied = DataSettings::Series(SeriesData { file: SERIES.to_owned(), ..series.clone() });
    let experiment = Experiment { train: TrainSettings { data: copied, ..experiment.train.clone() }, ..experiment };
    Run::begin(session, arguments.run.out.as_deref(), &experiment, &[(SERIES, &text)], Meta::new(COMMAND, experiment.seed))
}
