//! Training on labelled data: tables and questions.

mod data;
mod report;
mod session;

use std::path::Path;

use qloom::learn::{ClassifierSettings, FeatureScale};
use serde::{Deserialize, Serialize};

use self::data::Texts;
use self::session::Session;
use super::{Arguments, COMMAND};
use crate::experiment::{self, Limit};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{Limited, Run};
use crate::labelled_file;
use crate::run_folder::{Meta, RunFolder};

/// An experiment on labelled data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelledExperiment {
    /// What it is called.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// What is fitted to what.
    train: LabelledSettings,
}

/// Data and model.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelledSettings {
    /// What is learned from.
    data: LabelledData,
    /// What learns.
    model: ClassifierSettings,
}

/// The kinds of labelled data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LabelledData {
    /// A table of numbers with a column of labels.
    Table(TableData),
    /// Questions, each with its topic.
    Questions(QuestionData),
}

/// A table in a CSV file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableData {
    /// The file, beside the experiment or in data/.
    file: String,
    /// Another file with the same columns, to test on; by default a part of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_file: Option<String>,
    /// The share of each class that is tested on, where there is no test file. Default 0.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_fraction: Option<f64>,
    /// The column of labels; all others are features. Default label.
    #[serde(default = "label")]
    label: String,
    /// What is done to the columns. Default none.
    #[serde(default)]
    scale: FeatureScale,
    /// Principal components that are kept, scaled to [0, 1]; all columns without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    components: Option<usize>,
}

/// Questions in a TSV file: label, question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionData {
    /// The file, beside the experiment or in data/.
    file: String,
    /// Another file, to test on; by default a part of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_file: Option<String>,
    /// The share of each topic that is tested on, where there is no test file. Default 0.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test_fraction: Option<f64>,
    /// Labels that are told apart, the others left out. Default all.
    #[serde(default)]
    topics: Vec<String>,
    /// Singular vectors that questions are measured along. Default 4.
    #[serde(default = "components")]
    components: usize,
    /// What is done to the components. Default min-max.
    #[serde(default = "min_max")]
    scale: FeatureScale,
}

fn label() -> String {
    "label".to_owned()
}

fn components() -> usize {
    4
}

fn min_max() -> FeatureScale {
    FeatureScale::MinMax
}

impl Limited for LabelledExperiment {
    const LIMITS: &'static [Limit] = &[Limit::Up("train.model.variational.epochs")];
}

impl LabelledData {
    fn files(&self) -> (&str, Option<&str>) {
        match self {
            LabelledData::Table(TableData { file, test_file, .. })
            | LabelledData::Questions(QuestionData { file, test_file, .. }) => (file, test_file.as_deref()),
        }
    }

    /// The same data in files of the run folder, which makes the folder complete.
    fn copied(&self) -> Self {
        let (train, test) = self.copies();
        let mut copy = self.clone();
        match &mut copy {
            LabelledData::Table(TableData { file, test_file, .. })
            | LabelledData::Questions(QuestionData { file, test_file, .. }) => {
                train.clone_into(file);
                if let Some(name) = test_file {
                    test.clone_into(name);
                }
            }
        }
        copy
    }

    fn copies(&self) -> (&'static str, &'static str) {
        match self {
            LabelledData::Table(_) => ("train.csv", "test.csv"),
            LabelledData::Questions(_) => ("train.tsv", "test.tsv"),
        }
    }
}

/// Whether an experiment's text is about labelled data.
pub fn is_labelled(text: &str) -> bool {
    let data = |table: &toml::Table| -> Option<bool> {
        let data = table.get("train")?.get("data")?.as_table()?;
        Some(data.contains_key("table") || data.contains_key("questions"))
    };
    toml::from_str(text).ok().as_ref().and_then(data).unwrap_or(false)
}

/// Begins an experiment and runs it to its end.
pub fn begin(text: &str, file: &Path, arguments: &Arguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let experiment: LabelledExperiment = experiment::parse(text, file, &arguments.overrides)?;
    let (train, test) = experiment.train.data.files();
    let find = |name: &str| labelled_file::read(&experiment::find_data(Path::new(name), file)?);
    let texts = Texts { train: find(train)?, test: test.map(find).transpose()? };
    let session = Session::new(&experiment, &texts)?;
    let (train, test) = experiment.train.data.copies();
    let mut inputs = vec![(train, texts.train.0.as_str())];
    inputs.extend(texts.test.as_ref().map(|(text, _)| (test, text.as_str())));
    let data = experiment.train.data.copied();
    let copied = LabelledExperiment { train: LabelledSettings { data, ..experiment.train.clone() }, ..experiment.clone() };
    let meta = Meta::new(COMMAND, experiment.seed);
    Run::begin(session, arguments.run.out.as_deref(), &copied, &inputs, meta)?.finish(&arguments.run, interrupt)
}

/// Goes on with a run.
pub fn resume(path: &Path, arguments: &Arguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let new = |experiment: LabelledExperiment, folder: &RunFolder| {
        let (train, test) = experiment.train.data.files();
        let read = |name: &str| labelled_file::read(&folder.path().join(name));
        Session::new(&experiment, &Texts { train: read(train)?, test: test.map(read).transpose()? })
    };
    Run::resume(path, COMMAND, &arguments.overrides, new)?.finish(&arguments.run, interrupt)
}
