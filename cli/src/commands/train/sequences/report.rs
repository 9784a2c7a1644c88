//! What a training on labelled series gives: the report, tables, pictures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use qloom::learn::{accuracy, confusion, sequence_rivals, wilson_interval};
use serde::Serialize;

use super::session::Session;
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Grid, Mark, Scale, Series};
use crate::output::{self, Report};
use crate::run_folder::NamedFile;
use crate::table;

/// What the command prints.
#[derive(Serialize)]
pub struct SequenceReport {
    name: String,
    seed: u64,
    classes: Vec<String>,
    train_series: usize,
    test_series: usize,
    /// Losses after each epoch; one of a closed form.
    train_loss: Vec<f64>,
    test_loss: Vec<f64>,
    /// Shares of series that are told right; none before the first epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    train_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_accuracy: Option<f64>,
    /// Wilson's 95 % interval of the test accuracy.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence_interval: Option<(f64, f64)>,
    /// Test series of each class, down, told as each class, across.
    confusion: Vec<Vec<usize>>,
    /// Test accuracies of rivals without circuits: on summary statistics, and an echo-state network with as many features.
    rivals: BTreeMap<&'static str, f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_per_epoch: Option<f64>,
    /// Parameters trained, and all.
    parameters: usize,
    all_parameters: usize,
    features: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<PathBuf>,
}

impl Report for SequenceReport {
    fn text(&self) -> String {
        let share = |value: Option<f64>| value.map_or("none yet".to_owned(), |value| format!("{value:.4}"));
        let mut rows = vec![
            ("series", format!("{} for training, {} for testing", self.train_series, self.test_series)),
            ("classes", self.classes.join(", ")),
            ("parameters", format!("{} trained of {}", self.parameters, self.all_parameters)),
            ("epochs", self.test_loss.len().to_string()),
            ("training accuracy", share(self.train_accuracy)),
            ("test accuracy", share(self.test_accuracy)),
        ];
        if let Some((low, high)) = self.confidence_interval {
            rows.push(("95 % interval", format!("{low:.4} to {high:.4}")));
        }
        rows.extend(self.rivals.iter().map(|(name, share)| (*name, format!("{share:.4} (test accuracy without a circuit)"))));
        if let Some(seconds) = self.seconds_per_epoch {
            rows.push(("an epoch takes", format!("{seconds:.4} s")));
        }
        if let Some(model) = &self.model {
            rows.push(("model", model.display().to_string()));
        }
        output::pairs(&rows)
    }
}

/// The report, and the files of the run folder.
///
/// # Errors
/// When the model cannot be evaluated or a file cannot be made.
pub fn all(session: &Session, folder: Option<&Path>) -> Result<(SequenceReport, Vec<NamedFile>), Failure> {
    let training = &session.training;
    let (train, test, events) = (training.train(), training.test(), training.events());
    let told = match events {
        [] => None,
        _ => Some(training.told().or_work("the model cannot be evaluated")?),
    };
    let model = training.model();
    let rivals = sequence_rivals(train, test, (model.features(), model.pooling()), session.seed);
    let rivals = rivals.or_work("the rivals cannot be fitted")?;
    let right = |told: &[usize]| told.iter().zip(test.labels()).filter(|(told, label)| told == label).count();
    let asked = told.as_ref().map(|[_, asked]| asked);
    let report = SequenceReport {
        name: session.name.clone(),
        seed: session.seed,
        classes: train.classes().to_vec(),
        train_series: train.len(),
        test_series: test.len(),
        train_loss: events.iter().map(|event| event.train_loss).collect(),
        test_loss: events.iter().map(|event| event.test_loss).collect(),
        train_accuracy: told.as_ref().map(|[known, _]| accuracy(known, train.labels())),
        test_accuracy: asked.map(|told| accuracy(told, test.labels())),
        confidence_interval: asked.map(|told| wilson_interval(right(told), test.len())),
        confusion: asked.map_or_else(Vec::new, |told| confusion(told, test.labels(), test.classes().len())),
        rivals: rivals.into_iter().map(|(name, told)| (name, accuracy(&told, test.labels()))).collect(),
        seconds_per_epoch: session.seconds_per_epoch(),
        parameters: model.trained(),
        all_parameters: model.parameters().values().len(),
        features: model.features(),
        model: folder.map(|folder| folder.join("model.json")),
    };
    let files = if folder.is_some() { files(session, &report, told)? } else { Vec::new() };
    Ok((report, files))
}

/// A line of predictions.csv.
#[derive(Serialize)]
struct PredictionRow<'a> {
    series: &'a str,
    part: &'static str,
    label: &'a str,
    prediction: &'a str,
}

fn files(session: &Session, report: &SequenceReport, told: Option<[Vec<usize>; 2]>) -> Result<Vec<NamedFile>, Failure> {
    let training = &session.training;
    let mut files = vec![("report.json".to_owned(), serde_json::to_vec_pretty(report).or_work("cannot write the report")?)];
    let Some([known, asked]) = told else { return Ok(files) };
    let (events, classes) = (training.events(), &report.classes);
    let parts = [("train", known, training.train().labels()), ("test", asked, training.test().labels())];
    let mut rows = Vec::new();
    for ((part, told, labels), ids) in parts.iter().zip(&session.ids) {
        for ((series, &told), &label) in ids.iter().zip(told).zip(*labels) {
            rows.push(PredictionRow { series, part, label: &classes[label], prediction: &classes[told] });
        }
    }
    files.push(("predictions.csv".to_owned(), table::write(&rows)?));
    files.push(("losses.csv".to_owned(), table::write(events)?));
    let names = ["label", "prediction", "series"].map(str::to_owned);
    let counts = report.confusion.iter().zip(classes).flat_map(|(row, label)| {
        row.iter().zip(classes).map(move |(count, told)| vec![label.clone(), told.clone(), count.to_string()])
    });
    files.push(("confusion.csv".to_owned(), table::write_words(&names, &counts.collect::<Vec<_>>())?));
    let values = report.confusion.iter().map(|row| row.iter().map(|count| *count as f64).collect()).collect();
    let grid = Grid { title: &session.name, values, names: classes.clone(), numbers: true };
    files.push(("confusion.svg".to_owned(), grid.svg().into_bytes()));
    if events.len() > 1 {
        let line = |name: &str, color, loss: fn(&qloom::learn::SequenceEvent) -> f64| {
            let points = events.iter().map(|event| (event.epoch as f64, loss(event))).filter(|(_, loss)| *loss > 0.0).collect();
            Series { name: name.to_owned(), color, mark: Mark::Line, points }
        };
        let series = vec![line("training", "#777", |event| event.train_loss), line("test", "#06c", |event| event.test_loss)];
        let figure = Figure { title: &session.name, x_label: "epoch", y_label: "loss", scale: Scale::LogY, series };
        files.push(("losses.svg".to_owned(), figure.svg().into_bytes()));
    }
    Ok(files)
}
