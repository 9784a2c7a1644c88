//! Labelled data of experiments: where it is, and how it is divided and prepared.

mod prepared;

use std::path::Path;

use qloom::learn::{ClassifierSettings, FeatureScale};
use serde::{Deserialize, Serialize};

use crate::experiment::{self, Limit};
use crate::failure::Failure;
use crate::job::Limited;
use crate::labelled_file;
use crate::tune_settings::TuneSettings;

pub use prepared::{Labelled, Prepared, divide, prepare, read};

/// An experiment on labelled data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledExperiment {
    /// What it is called.
    pub name: String,
    /// Fixes every random number.
    #[serde(default)]
    pub seed: u64,
    /// What is fitted to what.
    pub train: LabelledSettings,
    /// How settings are searched for, by qloom train.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tune: Option<TuneSettings>,
}

/// Data and model.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledSettings {
    /// What is learned from.
    pub data: LabelledData,
    /// What learns.
    pub model: ClassifierSettings,
}

impl Limited for LabelledExperiment {
    const LIMITS: &'static [Limit] = &[Limit::Up("train.model.variational.epochs"), Limit::Up("tune.trials")];
}

/// The kinds of labelled data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelledData {
    /// A table of numbers with a column of labels.
    Table(TableData),
    /// Questions, each with its topic.
    Questions(QuestionData),
}

/// A table in a CSV file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableData {
    /// The file, beside the experiment or in data/.
    pub file: String,
    /// Another file with the same columns, to test on; by default a part of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_file: Option<String>,
    /// The share of each class that is tested on, where there is no test file. Default 0.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_fraction: Option<f64>,
    /// The column of labels; all others are features. Default label.
    #[serde(default = "label")]
    pub label: String,
    /// What is done to the columns. Default none.
    #[serde(default)]
    pub scale: FeatureScale,
    /// Principal components that are kept, scaled to [0, 1]; all columns without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<usize>,
}

/// Questions in a TSV file: label, question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionData {
    /// The file, beside the experiment or in data/.
    pub file: String,
    /// Another file, to test on; by default a part of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_file: Option<String>,
    /// The share of each topic that is tested on, where there is no test file. Default 0.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_fraction: Option<f64>,
    /// Labels that are told apart, the others left out. Default all.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Singular vectors that questions are measured along. Default 4.
    #[serde(default = "components")]
    pub components: usize,
    /// What is done to the components. Default min-max.
    #[serde(default = "min_max")]
    pub scale: FeatureScale,
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

impl LabelledData {
    /// The names of the files, the one to test on second.
    pub fn files(&self) -> (&str, Option<&str>) {
        match self {
            LabelledData::Table(TableData { file, test_file, .. })
            | LabelledData::Questions(QuestionData { file, test_file, .. }) => (file, test_file.as_deref()),
        }
    }

    /// The same data in files of the run folder, which makes the folder complete.
    pub fn copied(&self) -> Self {
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

    /// Names of the files in a run folder.
    pub fn copies(&self) -> (&'static str, &'static str) {
        match self {
            LabelledData::Table(_) => ("train.csv", "test.csv"),
            LabelledData::Questions(_) => ("train.tsv", "test.tsv"),
        }
    }
}

/// The texts of the files, each with what messages call it.
pub struct Texts {
    pub train: (String, String),
    pub test: Option<(String, String)>,
}

impl Texts {
    /// Reads the files that data are in, as `experiment` names them.
    ///
    /// # Errors
    /// Bad input when one is not found or cannot be read.
    pub fn find(data: &LabelledData, experiment: &Path) -> Result<Self, Failure> {
        let (train, test) = data.files();
        let find = |name: &str| labelled_file::read(&experiment::find_data(Path::new(name), experiment)?);
        Ok(Self { train: find(train)?, test: test.map(find).transpose()? })
    }
}
