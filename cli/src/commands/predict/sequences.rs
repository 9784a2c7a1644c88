//! Labels of series.

use std::path::Path;

use qloom::learn::{Scaling, SequenceModelFile, accuracy};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::labelled_file;
use crate::output::{self, Report};
use crate::series_file::{self, SeriesRows};
use crate::table::Table;

/// What the command prints.
#[derive(Serialize)]
struct SequenceLabels {
    /// What the file calls the series, in the order in which they begin.
    series: Vec<String>,
    /// Their labels.
    labels: Vec<String>,
    classes: Vec<String>,
    /// The share that is told right, where the file has labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
}

impl Report for SequenceLabels {
    fn text(&self) -> String {
        let mut lines: Vec<String> =
            self.series.iter().zip(&self.labels).map(|(series, label)| format!("{series}  {label}")).collect();
        if let Some(share) = self.accuracy {
            lines.push(format!("accuracy by the labels of the file: {share:.4}"));
        }
        lines.join("\n")
    }
}

/// Tells the labels of the series of a file.
pub fn run(model_file: &SequenceModelFile, (path, place): (&Path, &str), json: bool) -> Result<(), Failure> {
    let mut model = model_file.model().or_input(place)?;
    let (text, file) = labelled_file::read(path)?;
    let table = Table::read(&text, &file)?;
    let columns = &model_file.columns;
    let series = series_file::series(&table, &columns.id, columns.time.as_deref(), &file)?;
    if let Some(short) = series.iter().find(|one| one.rows.len() < model.shortest()) {
        return Err(Failure::input(format!(
            "{file}: series \"{}\" has {} rows, and the model tells nothing before row {}; leave it out",
            short.id,
            short.rows.len(),
            model.shortest()
        )));
    }
    let values = columns.inputs.iter().zip(&model_file.scaling).map(|(name, scaling): (&String, &Scaling)| {
        Ok(table.numbers(name, &file)?.into_iter().map(|value| scaling.apply(value)).collect())
    });
    let values: Vec<Vec<f64>> = values.collect::<Result<_, Failure>>()?;
    let rows = |one: &SeriesRows| -> Vec<f64> {
        one.rows.iter().flat_map(|&row| values.iter().map(move |column| column[row])).collect()
    };
    let rows: Vec<Vec<f64>> = series.iter().map(rows).collect();
    let told = model.predict(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>()).or_work("the model cannot be evaluated")?;
    let known = match table.column(&columns.label) {
        None => None,
        Some(_) => {
            let labels = series_file::labels(&table, &series, &columns.label, &file)?;
            let lines: Vec<u64> = series.iter().map(|one| table.rows[one.rows[0]].0).collect();
            Some(labelled_file::numbered(&labels, &model_file.classes, &lines, (&file, &columns.label))?)
        }
    };
    let report = SequenceLabels {
        series: series.into_iter().map(|one| one.id).collect(),
        labels: told.iter().map(|&class| model_file.classes[class].clone()).collect(),
        classes: model_file.classes.clone(),
        accuracy: known.map(|known| accuracy(&told, &known)),
    };
    output::report(json, &report)
}
