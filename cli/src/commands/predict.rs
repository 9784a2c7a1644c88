//! `qloom predict`: what a model tells of a series, or of rows whose labels are wanted.

mod labelled;
mod regression;
mod sequences;
mod unlabelled;

use std::path::PathBuf;

use qloom::learn::{
    LabelledModelFile, ModelFile, Network, RegressionFile, Scaling, SequenceModelFile, UnlabelledFile, model_head, nrmse,
};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::table::Table;
use crate::{files, series_file};

/// Tell what follows each window of a series, or the label of each row of a table or question of a list, by a model that qloom train has
/// made.
///
/// A model of labelled series needs its columns in a CSV file with a row for each time, and tells a label for each series; where there are
/// labels too, the accuracy is given. A classifier needs its columns of features in a CSV file, or a question a line; where there are labels too (a column; a tab in front
/// of the question), the accuracy is given.
///
/// A model of rows without labels gives their components, their side (positive inside), or their cluster.
///
/// The series is a CSV file with the model's input columns. There is one prediction for each full window, the last ones beyond the end
/// of the file; a reservoir runs along the file and tells nothing before its wash-out is over. They are in the unit of the series. Where
/// the file has the column that is told, the error is given too. With --rollout the model goes on from its own predictions. A model that
/// was trained on several series finds them by the same column, and tells each by itself.
///
/// For example: qloom predict runs/pendulum/model.json pendulum.csv --json, or qloom predict runs/adhoc/model.json adhoc_test.csv
#[derive(clap::Args)]
pub struct Arguments {
    /// The model's JSON file, or the run folder that has it.
    model: PathBuf,
    /// The CSV file, or TSV file of questions; - is standard input.
    file: PathBuf,
    /// Go on for this many steps beyond the end, each told from those before; for models that tell the column they see.
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    rollout: Option<u64>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// What is told of a series.
#[derive(Serialize)]
struct Told {
    /// What the file calls it, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<String>,
    /// Row of the series, from 1, that the first prediction is for.
    first_row: usize,
    predictions: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rollout: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nrmse: Option<f64>,
}

/// What the command prints.
#[derive(Serialize)]
struct PredictReport {
    column: String,
    /// Of the one series there is.
    #[serde(flatten)]
    one: Option<Told>,
    /// Of each series, where the model was trained on several; the predictions of all stand together too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    series: Vec<Told>,
    #[serde(rename = "predictions", skip_serializing_if = "Option::is_none")]
    all: Option<Vec<f64>>,
}

impl Told {
    fn lines(&self, column: &str) -> Vec<String> {
        let mut lines: Vec<String> = self.series.iter().map(|series| format!("series {series}")).collect();
        lines.push(format!("row  {column}"));
        let all = self.predictions.iter().chain(&self.rollout).enumerate();
        lines.extend(all.map(|(place, value)| format!("{}  {value}", self.first_row + place)));
        if let Some(error) = self.nrmse {
            lines.push(format!("NRMSE where the file has the value: {error:.6}"));
        }
        lines
    }
}

impl Report for PredictReport {
    fn text(&self) -> String {
        self.one.iter().chain(&self.series).flat_map(|told| told.lines(&self.column)).collect::<Vec<_>>().join("\n")
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = if arguments.model.is_dir() { arguments.model.join("model.json") } else { arguments.model.clone() };
    let place = format!("{} is not a model file", path.display());
    let text = files::read_text(&path)?;
    let (format, _) = model_head(&text).or_input(&place)?;
    if format == RegressionFile::FORMAT {
        if arguments.rollout.is_some() {
            return Err(Failure::input("--rollout is for models of series, and this one tells rows of tables; leave it out"));
        }
        return regression::run(&RegressionFile::from_json(&text).or_input(&place)?, &arguments.file, arguments.json);
    }
    if format == UnlabelledFile::FORMAT {
        if arguments.rollout.is_some() {
            return Err(Failure::input("--rollout is for models of series, and this one is of rows of tables; leave it out"));
        }
        return unlabelled::run(&UnlabelledFile::from_json(&text).or_input(&place)?, &arguments.file, arguments.json);
    }
    if format == LabelledModelFile::FORMAT {
        if arguments.rollout.is_some() {
            return Err(Failure::input("--rollout is for models of series, and this one tells labels; leave it out"));
        }
        let model = LabelledModelFile::from_json(&text).or_input(&place)?;
        return labelled::run(&model, &arguments.file, arguments.json);
    }
    if format == SequenceModelFile::FORMAT {
        if arguments.rollout.is_some() {
            return Err(Failure::input("--rollout is for models of series, and this one tells labels; leave it out"));
        }
        let model = SequenceModelFile::from_json(&text).or_input(&place)?;
        return sequences::run(&model, (&arguments.file, &place), arguments.json);
    }
    let model_file = ModelFile::from_json(&text).or_input(&place)?;
    let mut model = model_file.model().or_input(&place)?;
    let file = arguments.file.display().to_string();
    let table = Table::read(&files::read_text(&arguments.file)?, &file)?;
    let read = |name: &String| table.numbers(name, &file);
    let columns: Vec<Vec<f64>> = model_file.inputs.iter().map(read).collect::<Result<_, _>>()?;
    let target = table.column(&model_file.target).map(|_| table.numbers(&model_file.target, &file)).transpose()?;
    let column = model_file.target.clone();
    let report = match &model_file.id {
        None => {
            let told = tell(&model_file, &mut model, (columns, target), arguments.rollout, &file)?;
            PredictReport { column, one: Some(told), series: Vec::new(), all: None }
        }
        Some(id) => {
            let one = |one: series_file::SeriesRows| {
                let parts = columns.iter().map(|column| one.of(column)).collect();
                let target = target.as_ref().map(|target| one.of(target));
                let place = format!("{file}, series \"{}\"", one.id);
                let told = tell(&model_file, &mut model, (parts, target), arguments.rollout, &place)?;
                Ok(Told { series: Some(one.id), ..told })
            };
            let found = series_file::series(&table, id, None, &file)?;
            let series = found.into_iter().map(one).collect::<Result<Vec<Told>, Failure>>()?;
            let all = Some(series.iter().flat_map(|told| told.predictions.clone()).collect());
            PredictReport { column, one: None, series, all }
        }
    };
    output::report(arguments.json, &report)
}

/// What is told along the columns of one series, whose values of the target may be known; `place` is what messages call it.
fn tell(
    model_file: &ModelFile,
    model: &mut Network,
    (mut columns, target): (Vec<Vec<f64>>, Option<Vec<f64>>),
    rollout: Option<u64>,
    place: &str,
) -> Result<Told, Failure> {
    for (column, scaling) in columns.iter_mut().zip(&model_file.scaling) {
        column.iter_mut().for_each(|value| *value = scaling.apply(*value));
    }
    let (window, horizon) = (model_file.windows.window, model_file.windows.horizon);
    let length = columns.first().map_or(0, Vec::len);
    let needed = window.max(model.wash_out() + 1);
    if length < needed {
        return Err(Failure::input(format!(
            "{place} has {length} rows, and the model tells nothing before row {needed}; give more"
        )));
    }
    let unit = model_file.scaling.last().copied().unwrap_or(Scaling::NONE);
    let (seen, told) = model.along(&columns, window).or_work("the model cannot be evaluated")?;
    let predictions: Vec<f64> = told.iter().map(|&value| unit.undo(value)).collect();
    let first = seen + horizon;
    let targets = target.as_deref().and_then(|target| target.get(first..)).unwrap_or_default();
    let known = targets.len().min(predictions.len());
    let differ = targets.iter().any(|target| *target != targets[0]);
    let nrmse = (known > 1 && differ).then(|| nrmse(&predictions[..known], &targets[..known]));
    let mut further = Vec::new();
    if let Some(steps) = rollout {
        if model_file.inputs != [model_file.target.clone()] || horizon != 1 {
            return Err(Failure::input("--rollout needs a model that tells the next value of the one column it sees"));
        }
        let mut next = told.last().copied().unwrap_or_default();
        for _ in 0..steps {
            // the last prediction is a value of the series from now on, in the scale of the inputs
            columns[0].push(model_file.scaling[0].apply(unit.undo(next)));
            next = model.follow(&columns, window).or_work("the model cannot be evaluated")?;
            further.push(unit.undo(next));
        }
    }
    Ok(Told { series: None, first_row: first + 1, predictions, rollout: further, nrmse })
}
