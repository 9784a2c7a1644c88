//! What a regression gives: the report, a table and a picture.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use qloom::learn::{RidgeSettings, r_squared, ridge};
use serde::Serialize;

use super::session::Session;
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Mark, Scale, Series};
use crate::labelled_fit;
use crate::output::{self, Report};
use crate::run_folder::NamedFile;
use crate::table;

/// What the command prints.
#[derive(Serialize)]
pub struct RegressionReport {
    name: String,
    seed: u64,
    target: String,
    train_rows: usize,
    test_rows: usize,
    features: usize,
    /// Shares of the variance of the targets that are told; none before the fit, or where all targets are the same.
    train_r2: Option<f64>,
    test_r2: Option<f64>,
    /// Root mean square and mean absolute error of the test rows, in the unit of the target.
    rmse: Option<f64>,
    mae: Option<f64>,
    seconds: f64,
    /// The model's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<PathBuf>,
    /// Test shares of regressions without circuits on the same features.
    rivals: BTreeMap<&'static str, f64>,
}

impl Report for RegressionReport {
    fn text(&self) -> String {
        let number = |value: Option<f64>| value.map_or("none".to_owned(), |value| format!("{value:.4}"));
        let mut rows = vec![
            ("rows", format!("{} for training, {} for testing", self.train_rows, self.test_rows)),
            ("features", self.features.to_string()),
            ("training R2", number(self.train_r2)),
            ("test R2", number(self.test_r2)),
            ("root mean square error", number(self.rmse)),
            ("mean absolute error", number(self.mae)),
        ];
        rows.extend(self.rivals.iter().map(|(name, share)| (*name, format!("{share:.4} (test R2 without a circuit)"))));
        if let Some(model) = &self.model {
            rows.push(("model", model.display().to_string()));
        }
        output::pairs(&rows)
    }
}

/// A line of predictions.csv.
#[derive(Serialize)]
struct PredictionRow {
    part: &'static str,
    target: f64,
    prediction: f64,
    /// Of a Gaussian process.
    deviation: Option<f64>,
}

/// Neighbours that are averaged.
const NEIGHBOURS: usize = 5;

/// What linear ridge regression and the mean of the nearest rows say of the test rows.
fn rivals(session: &Session) -> Result<BTreeMap<&'static str, f64>, Failure> {
    let place = "the rivals cannot be fitted";
    let (train, test) = (&session.train, &session.test);
    let prepared = |rows: &[f64]| session.preparation.apply(rows).or_work(place);
    let (known, asked, width) = (prepared(&train.rows)?, prepared(&test.rows)?, session.preparation.outputs());
    let settings = RidgeSettings { regularization: 1e-3, ..RidgeSettings::default() };
    let (weights, _) = ridge(&known, &train.targets, width, &settings).or_work(place)?;
    let linear = |row: &[f64]| row.iter().zip(&weights).map(|(x, weight)| x * weight).sum::<f64>() + weights[width];
    let nearest = |row: &[f64]| {
        let distance = |other: &[f64]| row.iter().zip(other).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
        let mut near: Vec<(f64, f64)> =
            known.chunks(width).zip(&train.targets).map(|(other, target)| (distance(other), *target)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.truncate(NEIGHBOURS);
        near.iter().map(|(_, target)| target).sum::<f64>() / near.len() as f64
    };
    let told = |one: &dyn Fn(&[f64]) -> f64| asked.chunks(width).map(one).collect::<Vec<f64>>();
    let scored = [("linear_ridge", told(&linear)), ("nearest_neighbors", told(&nearest))];
    let scored = scored.into_iter().filter_map(|(name, told)| Some((name, r_squared(&told, &test.targets)?)));
    Ok(scored.collect())
}

/// The report, and the files of the run folder.
///
/// # Errors
/// When the model cannot be evaluated or a file cannot be made.
pub fn all(session: &Session, seconds: f64, folder: Option<&Path>) -> Result<(RegressionReport, Vec<NamedFile>), Failure> {
    let (train, test) = (&session.train, &session.test);
    let config = labelled_fit::config();
    let told = match &session.model {
        None => None,
        Some(model) => Some((
            model.predict(&train.rows, config).or_work("the model cannot be evaluated")?,
            model.predict(&test.rows, config).or_input("the test rows cannot be told")?,
        )),
    };
    let errors = told.as_ref().map(|(_, told)| told.mean.iter().zip(&test.targets).map(|(a, b)| a - b).collect::<Vec<f64>>());
    let mean = |of: fn(f64) -> f64| {
        errors.as_ref().map(|errors| errors.iter().map(|error| of(*error)).sum::<f64>() / errors.len() as f64)
    };
    let report = RegressionReport {
        name: session.name.clone(),
        seed: session.seed,
        target: session.target.clone(),
        train_rows: train.targets.len(),
        test_rows: test.targets.len(),
        features: session.preparation.outputs(),
        train_r2: told.as_ref().and_then(|(told, _)| r_squared(&told.mean, &train.targets)),
        test_r2: told.as_ref().and_then(|(_, told)| r_squared(&told.mean, &test.targets)),
        rmse: mean(|error| error * error).map(f64::sqrt),
        mae: mean(f64::abs),
        seconds,
        model: folder.filter(|_| told.is_some()).map(|folder| folder.join("model.json")),
        rivals: rivals(session)?,
    };
    let Some(((known, asked), _)) = told.zip(folder) else { return Ok((report, Vec::new())) };
    let row = |part: &'static str, target: f64, prediction: f64, deviation| PredictionRow { part, target, prediction, deviation };
    let mut rows = Vec::new();
    for (part, told, targets) in [("train", &known, &train.targets), ("test", &asked, &test.targets)] {
        for (place, (mean, target)) in told.mean.iter().zip(targets).enumerate() {
            rows.push(row(part, *target, *mean, told.deviation.as_ref().map(|list| list[place])));
        }
    }
    let dots = |name: &str, color, part| Series {
        name: name.to_owned(),
        color,
        mark: Mark::Dots(3.0),
        points: rows.iter().filter(|row| row.part == part).map(|row| (row.target, row.prediction)).collect(),
    };
    let series = vec![dots("training", "#999", "train"), dots("test", "#06c", "test")];
    let (x_label, y_label) = (session.target.as_str(), "told");
    let figure = Figure { title: &session.name, x_label, y_label, scale: Scale::Linear, series };
    let files = vec![
        ("report.json".to_owned(), serde_json::to_vec_pretty(&report).or_work("cannot write the report")?),
        ("predictions.csv".to_owned(), table::write(&rows)?),
        ("predictions.svg".to_owned(), figure.svg().into_bytes()),
    ];
    Ok((report, files))
}
