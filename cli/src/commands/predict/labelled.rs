//! Labels of rows and questions.

use std::path::Path;

use qloom::learn::{FeatureSource, LabelledModelFile, LearnError, accuracy, mean_roc_auc};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::labelled_file::{self, LabelledRows};
use crate::labelled_fit;
use crate::output::{self, Report};
use crate::table::Table;

/// What the command prints.
#[derive(Serialize)]
struct LabelReport {
    /// The label of each row, in order.
    labels: Vec<String>,
    classes: Vec<String>,
    /// The probability of each class for each row, where the model has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    probabilities: Option<Vec<Vec<f64>>>,
    /// The decision function: a score of each class for each row.
    scores: Vec<Vec<f64>>,
    /// The area under the curve of each class against the others, averaged over the classes, where the file has labels of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc: Option<f64>,
    /// The share that is told right, where the file has labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
}

impl Report for LabelReport {
    fn text(&self) -> String {
        let mut lines = self.labels.clone();
        if let Some(share) = self.accuracy {
            lines.push(format!("accuracy by the labels of the file: {share:.4}"));
        }
        lines.join("\n")
    }
}

/// Tells the labels of a file.
pub fn run(model: &LabelledModelFile, path: &Path, json: bool) -> Result<(), Failure> {
    let (text, file) = labelled_file::read(path)?;
    let (rows, lines, known, columns) = match &model.source {
        FeatureSource::Table { columns, label } => {
            let table = Table::read(&text, &file)?;
            let LabelledRows { rows, lines, labels } = labelled_file::table_rows(&table, columns, label, &file)?;
            let known =
                labels.map(|labels| labelled_file::numbered(&labels, &model.classes, &lines, (&file, label))).transpose()?;
            (rows.concat(), lines, known, columns.as_slice())
        }
        FeatureSource::Questions(terms) => {
            let LabelledRows { rows, lines, labels } = labelled_file::questions(&text, &file)?;
            let known =
                labels.map(|labels| labelled_file::numbered(&labels, &model.classes, &lines, (&file, "1"))).transpose()?;
            (terms.apply(&rows).or_input("the model file")?, lines, known, &[][..])
        }
    };
    let config = labelled_fit::config();
    let told = model.predict(&rows, config).map_err(|error| match error {
        // the place in the file in place of that among the features, where there are as many
        LearnError::OutsideDomain { row, column, value, requirement } if column <= columns.len() => Failure::input(format!(
            "{file}, line {}, column {}: as a feature it is {value}; it must be {requirement}",
            lines[row - 1],
            columns[column - 1]
        )),
        error => Failure::Input(anyhow::Error::new(error).context(format!("{file} cannot be told"))),
    })?;
    let count = model.classes.len();
    let by_row = |values: &[f64]| values.chunks(count).map(<[f64]>::to_vec).collect::<Vec<_>>();
    let scores = model.scores(&rows, config).or_input("the model file")?;
    let probabilities = model.probabilities(&rows, config).or_input("the model file")?;
    let report = LabelReport {
        probabilities: probabilities.as_deref().map(by_row),
        roc_auc: known.as_ref().and_then(|known| mean_roc_auc(&scores, known, count)),
        scores: by_row(&scores),
        labels: told.iter().map(|&class| model.classes[class].clone()).collect(),
        classes: model.classes.clone(),
        accuracy: known.map(|known| accuracy(&told, &known)),
    };
    output::report(json, &report)
}
