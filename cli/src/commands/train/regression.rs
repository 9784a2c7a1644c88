//! Training on tables whose target is a number.

mod report;
mod session;

use std::path::Path;

use qloom::learn::{FeatureScale, RegressionSettings};
use serde::{Deserialize, Serialize};

use self::session::Session;
use super::tuning::{Part, Tunable};
use crate::experiment::{self, Limit};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Limited};
use crate::labelled_data::Texts;
use crate::labelled_file;
use crate::tune_settings::TuneSettings;

/// An experiment on a table of numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegressionExperiment {
    /// What it is called.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// What is fitted to what.
    train: RegressionTrain,
    /// How settings are searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tune: Option<TuneSettings>,
}

/// Data and model.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegressionTrain {
    /// What is learned from.
    data: RegressionData,
    /// What tells numbers.
    model: RegressionSettings,
}

/// The kinds of data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RegressionData {
    /// A table of numbers.
    Table(TargetTable),
}

/// A table in a CSV file, one column of which is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetTable {
    /// The file, beside the experiment or in data/.
    file: String,
    /// Another file with the same columns, to test on; by default a part of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_file: Option<String>,
    /// The share of rows that is tested on, where there is no test file. Default 0.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_fraction: Option<f64>,
    /// The column that is told; all others are features.
    target: String,
    /// What is done to the columns of features. Default none.
    #[serde(default)]
    scale: FeatureScale,
    /// Principal components that are kept, scaled to [0, 1]; all columns without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    components: Option<usize>,
}

impl Limited for RegressionExperiment {
    const LIMITS: &'static [Limit] = &[Limit::Up("tune.trials")];
}

/// Names of the copies in the run folder.
const COPIES: (&str, &str) = ("train.csv", "test.csv");

/// Whether an experiment's text names a target.
pub fn is_regression(text: &str) -> bool {
    let target = |table: &toml::Table| Some(table.get("train")?.get("data")?.get("table")?.as_table()?.contains_key("target"));
    toml::from_str(text).ok().as_ref().and_then(target).unwrap_or(false)
}

impl Tunable for RegressionExperiment {
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

impl RegressionExperiment {
    fn read(&self, find: impl Fn(&str) -> Result<(String, String), Failure>) -> Result<Texts, Failure> {
        let RegressionData::Table(table) = &self.train.data;
        Ok(Texts { train: find(&table.file)?, test: table.test_file.as_deref().map(find).transpose()? })
    }

    /// The same experiment on the copies in the run folder.
    fn on_copies(&self) -> Self {
        let RegressionData::Table(table) = &self.train.data;
        let test_file = table.test_file.as_ref().map(|_| COPIES.1.to_owned());
        let data = RegressionData::Table(TargetTable { file: COPIES.0.to_owned(), test_file, ..table.clone() });
        Self { train: RegressionTrain { data, ..self.train.clone() }, ..self.clone() }
    }
}

/// Begins an experiment and runs it to its end.
pub fn begin(text: &str, file: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let experiment: RegressionExperiment = experiment::parse(text, file, &arguments.overrides)?;
    let texts = experiment.read(|name| labelled_file::read(&experiment::find_data(Path::new(name), file)?))?;
    let mut inputs = vec![(COPIES.0.to_owned(), texts.train.0.clone())];
    inputs.extend(texts.test.as_ref().map(|(text, _)| (COPIES.1.to_owned(), text.clone())));
    super::begin(experiment.on_copies(), texts, &inputs, arguments, interrupt)
}

/// Goes on with a run, whose experiment has this text.
pub fn resume(path: &Path, text: &str, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    super::resume(path, text, arguments, interrupt, |experiment: &RegressionExperiment, folder| {
        experiment.read(|name| labelled_file::read(&folder.path().join(name)))
    })
}
