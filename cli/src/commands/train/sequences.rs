//! Training on series that each have a label.

mod report;
mod session;

use std::path::Path;

use qloom::learn::{ModelSettings, Pooling, ReadoutSettings, Scale};
use serde::{Deserialize, Serialize};

use self::session::Session;
use super::Names;
use super::tuning::{Part, Tunable};
use crate::experiment::{self, Limit};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Limited};
use crate::labelled_file;
use crate::tune_settings::TuneSettings;

/// An experiment on labelled series.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SequenceExperiment {
    /// What it is called.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// What is fitted to what.
    train: SequenceSettings,
    /// How settings are searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tune: Option<TuneSettings>,
}

/// Data, model and how it is fitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SequenceSettings {
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
    /// Series, each with a label.
    LabelledSeries(SequenceData),
}

/// Labelled series in a CSV file, a row for each time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SequenceData {
    /// The file, beside the experiment or in data/.
    file: String,
    /// Another file with the same columns, to test on; by default a part of the series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_file: Option<String>,
    /// The share of the series of each class that is tested on, where there is no test file. Default 0.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_fraction: Option<f64>,
    /// The column that says which series a row belongs to. Default series.
    #[serde(default = "id")]
    id: String,
    /// The column of labels, the same in all rows of a series. Default label.
    #[serde(default = "label")]
    label: String,
    /// The column of times, which grow within each series; rows are in order of time without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    /// The columns that the model sees, one name or a list; by default all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input: Option<Names>,
    /// What is done to the columns. Default none.
    #[serde(default)]
    scale: Scale,
    /// Which features of a series the readout sees, those after its last row or their mean. Default last.
    #[serde(default)]
    pooling: Pooling,
}

fn id() -> String {
    "series".to_owned()
}

fn label() -> String {
    "label".to_owned()
}

/// The copies of the files in the run folder, which make the folder complete.
const COPIES: (&str, &str) = ("train.csv", "test.csv");

impl Limited for SequenceExperiment {
    const LIMITS: &'static [Limit] = &[Limit::Up("train.readout.gradient.epochs"), Limit::Up("tune.trials")];
}

/// The texts of the files, each with what messages call it.
struct Texts {
    train: (String, String),
    test: Option<(String, String)>,
}

impl SequenceExperiment {
    fn data(&self) -> &SequenceData {
        let DataSettings::LabelledSeries(data) = &self.train.data;
        data
    }

    fn read(&self, find: impl Fn(&str) -> Result<(String, String), Failure>) -> Result<Texts, Failure> {
        Ok(Texts { train: find(&self.data().file)?, test: self.data().test_file.as_deref().map(find).transpose()? })
    }

    /// The same experiment on the copies in the run folder.
    fn on_copies(&self) -> Self {
        let test_file = self.data().test_file.as_ref().map(|_| COPIES.1.to_owned());
        let data = SequenceData { file: COPIES.0.to_owned(), test_file, ..self.data().clone() };
        let train = SequenceSettings { data: DataSettings::LabelledSeries(data), ..self.train.clone() };
        Self { train, ..self.clone() }
    }
}

impl Tunable for SequenceExperiment {
    type Data = Texts;
    type Session = Session;

    fn tune(&self) -> Option<&TuneSettings> {
        self.tune.as_ref()
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn session(&self, data: &Texts, part: Part) -> Result<Session, Failure> {
        Session::new(self, data, part)
    }
}

/// Whether an experiment's text is about labelled series.
pub fn is_labelled_series(text: &str) -> bool {
    let data = |table: &toml::Table| Some(table.get("train")?.get("data")?.as_table()?.contains_key("labelled-series"));
    toml::from_str(text).ok().as_ref().and_then(data).unwrap_or(false)
}

/// Begins an experiment and runs it to its end.
pub fn begin(text: &str, file: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let experiment: SequenceExperiment = experiment::parse(text, file, &arguments.overrides)?;
    let texts = experiment.read(|name| labelled_file::read(&experiment::find_data(Path::new(name), file)?))?;
    let mut inputs = vec![(COPIES.0.to_owned(), texts.train.0.clone())];
    inputs.extend(texts.test.as_ref().map(|(text, _)| (COPIES.1.to_owned(), text.clone())));
    super::begin(experiment.on_copies(), texts, &inputs, arguments, interrupt)
}

/// Goes on with a run, whose experiment has this text.
pub fn resume(path: &Path, text: &str, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    super::resume(path, text, arguments, interrupt, |experiment: &SequenceExperiment, folder| {
        experiment.read(|name| labelled_file::read(&folder.path().join(name)))
    })
}
