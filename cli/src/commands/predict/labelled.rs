//! Labels of rows and questions.

use std::path::Path;

use qloom::learn::{FeatureSource, LabelledModelFile, LearnError, accuracy};
use qloom::sim::SimulatorConfig;
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::labelled_file::{self, LabelledRows};
use crate::machine;
use crate::output::{self, Report};
use crate::table::Table;

/// What the command prints.
#[derive(Serialize)]
struct LabelReport {
    /// The label of each row, in order.
    labels: Vec<String>,
    classes: Vec<String>,
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
    let config = SimulatorConfig {
        memory_limit: machine::memory_limit(),
        threads: rayon::current_num_threads(),
        ..SimulatorConfig::default()
    };
    let told = model.predict(&rows, config).map_err(|error| match error {
        // the place in the file in place of that among the features, where there are as many
        LearnError::OutsideDomain { row, column, value, requirement } if column <= columns.len() => Failure::input(format!(
            "{file}, line {}, column {}: as a feature it is {value}; it must be {requirement}",
            lines[row - 1],
            columns[column - 1]
        )),
        error => Failure::Input(anyhow::Error::new(error).context(format!("{file} cannot be told"))),
    })?;
    let report = LabelReport {
        labels: told.iter().map(|&class| model.classes[class].clone()).collect(),
        classes: model.classes.clone(),
        accuracy: known.map(|known| accuracy(&told, &known)),
    };
    output::report(json, &report)
}
