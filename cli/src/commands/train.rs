//! `qloom train`: a model fitted to data.

mod epochs;
mod labelled;
mod regression;
mod report;
mod sequences;
mod session;
mod tuning;
mod unlabelled;

use std::path::Path;

use qloom::learn::{ModelSettings, ReadoutSettings, Scale, WindowSettings};
use serde::{Deserialize, Serialize};

use self::session::Session;
use self::tuning::{Part, Tunable, Tuning};
use crate::experiment::Limit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Limited, Run};
use crate::run_folder::{Meta, RunFolder};
use crate::tune_settings::TuneSettings;
use crate::{experiment, files};

/// Fit a model to data: recurrent networks and reservoirs, quantum and classical, to series and to series with labels; kernel machines and
/// variational circuits to labelled tables and questions; kernel regressions and Gaussian processes to tables whose `target` is a number;
/// components, outliers and clusters of rows without labels.
///
/// The experiment is a TOML file; any key can be overridden with --set. Its data stand beside it or in data/. The run folder keeps the
/// model, the losses and what the model tells as CSV and pictures, the circuits as OpenQASM; beside the model stand rivals that need no
/// circuit. After Ctrl-C or a crash the run goes on with --resume, bit for bit.
#[derive(clap::Args)]
#[command(after_long_help = include_str!("train/help.txt"))]
pub struct Arguments {
    #[command(flatten)]
    pub experiment: ExperimentArguments,
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
    /// How settings are searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tune: Option<TuneSettings>,
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
    /// The column that says which series a row belongs to, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
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

impl Names {
    fn list(&self) -> Vec<String> {
        match self {
            Names::One(name) => vec![name.clone()],
            Names::Several(names) => names.clone(),
        }
    }
}

impl SeriesData {
    fn inputs(&self) -> Vec<String> {
        self.input.as_ref().map_or_else(|| vec![self.column.clone()], Names::list)
    }

    fn windows(&self) -> WindowSettings {
        WindowSettings { window: self.window, horizon: self.horizon, train_fraction: self.train_fraction }
    }
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] = &[Limit::Up("train.readout.gradient.epochs"), Limit::Up("tune.trials")];
}

/// The copy of the series in the run folder, which makes the folder complete.
const SERIES: &str = "series.csv";

const COMMAND: &str = "train";

/// What an experiment learns from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Series,
    LabelledSeries,
    Labelled,
    Regression,
    Unlabelled,
}

impl About {
    /// By the experiment's text; what is none is reported by who reads it.
    fn of(text: &str) -> Self {
        if regression::is_regression(text) {
            About::Regression
        } else if labelled::is_labelled(text) {
            About::Labelled
        } else if unlabelled::is_unlabelled(text) {
            About::Unlabelled
        } else if sequences::is_labelled_series(text) {
            About::LabelledSeries
        } else {
            About::Series
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let arguments = &arguments.experiment;
    let interrupt = Interrupt::listen()?;
    match (&arguments.run.resume, &arguments.file) {
        (Some(path), _) => {
            // a folder that cannot be read is reported by who opens it
            let text = files::read_text(&path.join("experiment.toml")).unwrap_or_default();
            match About::of(&text) {
                About::Regression => regression::resume(path, &text, arguments, &interrupt),
                About::Labelled => labelled::resume(path, &text, arguments, &interrupt),
                About::Unlabelled => unlabelled::resume(path, arguments, &interrupt),
                About::LabelledSeries => sequences::resume(path, &text, arguments, &interrupt),
                About::Series => resume(path, &text, arguments, &interrupt, |_: &Experiment, folder| {
                    let path = folder.path().join(SERIES);
                    Ok(SeriesText { text: files::read_text(&path)?, file: path.display().to_string() })
                }),
            }
        }
        (None, Some(file)) => {
            let text = files::read_text(file)?;
            match About::of(&text) {
                About::Regression => regression::begin(&text, file, arguments, &interrupt),
                About::Labelled => labelled::begin(&text, file, arguments, &interrupt),
                About::Unlabelled => unlabelled::begin(&text, file, arguments, &interrupt),
                About::LabelledSeries => sequences::begin(&text, file, arguments, &interrupt),
                About::Series => begin_series(&text, file, arguments, &interrupt),
            }
        }
        (None, None) => Err(Failure::input("give an experiment's file, or --resume DIR")),
    }
}

/// The text of a series with what messages call it.
struct SeriesText {
    text: String,
    file: String,
}

impl Tunable for Experiment {
    type Data = SeriesText;
    type Session = Session;

    fn tune(&self) -> Option<&TuneSettings> {
        self.tune.as_ref()
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn session(&self, data: &SeriesText, part: Part) -> Result<Session, Failure> {
        Session::new(self, data, part)
    }
}

fn begin_series(text: &str, file: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let experiment: Experiment = experiment::parse(text, file, &arguments.overrides)?;
    let DataSettings::Series(series) = &experiment.train.data;
    let path = experiment::find_data(Path::new(&series.file), file)?;
    let data = SeriesText { text: files::read_text(&path)?, file: path.display().to_string() };
    // the folder has a copy, and names it: its experiment runs anywhere
    let copied = DataSettings::Series(SeriesData { file: SERIES.to_owned(), ..series.clone() });
    let experiment = Experiment { train: TrainSettings { data: copied, ..experiment.train.clone() }, ..experiment };
    let inputs = [(SERIES.to_owned(), data.text.clone())];
    begin(experiment, data, &inputs, arguments, interrupt)
}

/// Begins a training or a search for its settings and runs it to its end.
fn begin<E: Tunable>(
    experiment: E,
    data: E::Data,
    inputs: &[(String, String)],
    arguments: &ExperimentArguments,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let meta = Meta::new(COMMAND, experiment.seed());
    let inputs: Vec<(&str, &str)> = inputs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let out = arguments.run.out.as_deref();
    if experiment.tune().is_some() {
        let job = Tuning::new(experiment.clone(), data)?;
        return Run::begin(job, out, &experiment, &inputs, meta)?.finish(&arguments.run, interrupt);
    }
    let job = experiment.session(&data, Part::Whole)?;
    Run::begin(job, out, &experiment, &inputs, meta)?.finish(&arguments.run, interrupt)
}

/// Goes on with a training or a search, whose experiment has this text; `read` gives its data from the run folder.
fn resume<E: Tunable>(
    path: &Path,
    text: &str,
    arguments: &ExperimentArguments,
    interrupt: &Interrupt,
    read: impl FnOnce(&E, &RunFolder) -> Result<E::Data, Failure>,
) -> Result<(), Failure> {
    let tuned = toml::from_str::<toml::Table>(text).is_ok_and(|table| table.contains_key("tune"));
    let overrides = &arguments.overrides;
    if tuned {
        let new = |experiment: E, folder: &RunFolder| {
            let data = read(&experiment, folder)?;
            Tuning::new(experiment, data)
        };
        return Run::resume(path, COMMAND, overrides, new)?.finish(&arguments.run, interrupt);
    }
    let new = |experiment: E, folder: &RunFolder| experiment.session(&read(&experiment, folder)?, Part::Whole);
    Run::resume(path, COMMAND, overrides, new)?.finish(&arguments.run, interrupt)
}
