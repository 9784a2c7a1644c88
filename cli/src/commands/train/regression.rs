//! Training on tables whose target is a number.

mod report;
mod session;

use std::path::Path;

use qloom::learn::{FeatureScale, RegressionSettings};
use serde::{Deserialize, Serialize};

use self::session::Session;
use super::COMMAND;
use crate::experiment::{self, Limit};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Limited, Run};
use crate::labelled_file;
use crate::run_folder::{Meta, RunFolder};

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
    const LIMITS: &'static [Limit] = &[];
}

/// Names of the copies in the run folder.
const COPIES: (&str, &str) = ("train.csv", "test.csv");

/// Whether an experiment's text names a target.
pub fn is_regression(text: &str) -> bool {
    let target = |table: &toml::Table| Some(table.get("train")?.get("data")?.get("table")?.as_table()?.contains_key("target"));
    toml::from_str(text).ok().as_ref().and_then(target).unwrap_or(false)
}

/// A file's text and what messages call it.
type Text = (String, String);

/// Begins an experiment and runs it to its end.
pub fn begin(text: &str, file: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let experiment: RegressionExperiment = experiment::parse(text, file, &arguments.overrides)?;
    let RegressionData::Table(table) = &experiment.train.data;
    let find = |name: &String| labelled_file::read(&experiment::find_data(Path::new(name), file)?);
    let (train, test): (Text, Option<Text>) = (find(&table.file)?, table.test_file.as_ref().map(find).transpose()?);
    let session = Session::new(&experiment, &train, test.as_ref())?;
    let mut inputs = vec![(COPIES.0, train.0.as_str())];
    inputs.extend(test.as_ref().map(|(text, _)| (COPIES.1, text.as_str())));
    let test_file = table.test_file.as_ref().map(|_| COPIES.1.to_owned());
    let copied = RegressionData::Table(TargetTable { file: COPIES.0.to_owned(), test_file, ..table.clone() });
    let copied =
        RegressionExperiment { train: RegressionTrain { data: copied, ..experiment.train.clone() }, ..experiment.clone() };
    let meta = Meta::new(COMMAND, experiment.seed);
    Run::begin(session, arguments.run.out.as_deref(), &copied, &inputs, meta)?.finish(&arguments.run, interrupt)
}

/// Goes on with a run.
pub fn resume(path: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let new = |experiment: RegressionExperiment, folder: &RunFolder| {
        let RegressionData::Table(table) = &experiment.train.data;
        let read = |name: &String| labelled_file::read(&folder.path().join(name));
        let test = table.test_file.as_ref().map(read).transpose()?;
        Session::new(&experiment, &read(&table.file)?, test.as_ref())
    };
    Run::resume(path, COMMAND, &arguments.overrides, new)?.finish(&arguments.run, interrupt)
}
