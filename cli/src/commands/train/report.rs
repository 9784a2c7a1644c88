//! What a training gives: the report, tables, pictures, circuits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use qloom::circuits::qasm;
use qloom::learn::{LiveTold, Network, Scaling, SeriesTraining, Windows, nrmse, rival};
use serde::Serialize;

use super::session::Session;
use crate::failure::{Failure, OrFailure};
use crate::figure::{self, Figure, Mark, Series};
use crate::output::{self, Report};
use crate::run_folder::NamedFile;
use crate::table;

/// The longest program of a whole series that is written down.
const MOST_OPERATIONS: usize = 200_000;

/// Series whose predictions are drawn.
const MOST_FIGURES: usize = 10;

/// What the command prints.
#[derive(Serialize)]
pub struct TrainReport {
    name: String,
    seed: u64,
    /// Losses after each epoch; one of a closed form.
    train_loss: Vec<f64>,
    test_loss: Vec<f64>,
    /// Root mean square error of the test windows over the deviation of their targets, and of the forecast that nothing changes.
    nrmse: f64,
    persistence_nrmse: f64,
    /// The same of the training windows, each told before its value was learned, by a readout that learns row by row.
    #[serde(skip_serializing_if = "Option::is_none")]
    online_nrmse: Option<f64>,
    /// The same of rivals without circuits.
    rivals: BTreeMap<&'static str, f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_per_epoch: Option<f64>,
    /// Parameters trained, and all.
    parameters: usize,
    all_parameters: usize,
    train_windows: usize,
    test_windows: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<PathBuf>,
}

impl TrainReport {
    /// # Errors
    /// When the model cannot be evaluated.
    pub fn new(session: &Session, folder: Option<&Path>) -> Result<Self, Failure> {
        let training = &session.training;
        let windows = training.windows();
        let test = windows.training()..windows.len();
        let targets = &windows.targets()[test.clone()];
        let told = training.told(test.clone()).or_work("the model cannot be evaluated")?;
        Ok(Self {
            name: session.name.clone(),
            seed: session.seed,
            train_loss: training.events().iter().map(|event| event.train_loss).collect(),
            test_loss: training.events().iter().map(|event| event.test_loss).collect(),
            nrmse: nrmse(&told, targets),
            persistence_nrmse: nrmse(&windows.persistence()[test], targets),
            online_nrmse: online_nrmse(training),
            rivals: rivals(windows, training.model().features(), session.seed)?,
            seconds_per_epoch: session.seconds_per_epoch(),
            parameters: training.model().trained(),
            all_parameters: training.model().parameters().values().len(),
            train_windows: windows.training(),
            test_windows: targets.len(),
            model: folder.map(|folder| folder.join("model.json")),
        })
    }
}

/// The error of what was told of training windows before they were learned.
fn online_nrmse(training: &SeriesTraining) -> Option<f64> {
    let windows = training.windows();
    let live = training.live().iter().filter(|one| one.window < windows.training() && training.is_fitted(one.window));
    let (told, targets): (Vec<f64>, Vec<f64>) = live.map(|one| (one.told, windows.targets()[one.window])).unzip();
    targets.iter().any(|target| *target != targets[0]).then(|| nrmse(&told, &targets))
}

/// Test errors of the models without circuits, over the deviation of the targets; the echo-state network has as many features as the model.
fn rivals(windows: &Windows, features: usize, seed: u64) -> Result<BTreeMap<&'static str, f64>, Failure> {
    let targets = &windows.targets()[windows.training()..];
    let told = rival::all(windows, features, seed).or_work("the rivals cannot be fitted")?;
    Ok(told.into_iter().map(|(name, told)| (name, nrmse(&told, targets))).collect())
}

impl Report for TrainReport {
    fn text(&self) -> String {
        let last = |list: &[f64]| list.last().map_or("none yet".to_owned(), |loss| format!("{loss:.6e}"));
        let mut rows = vec![
            ("windows", format!("{} for training, {} for testing", self.train_windows, self.test_windows)),
            ("parameters", format!("{} trained of {}", self.parameters, self.all_parameters)),
            ("epochs", self.test_loss.len().to_string()),
            ("training loss", last(&self.train_loss)),
            ("test loss", last(&self.test_loss)),
            ("test NRMSE", format!("{:.6}", self.nrmse)),
        ];
        if let Some(error) = self.online_nrmse {
            rows.push(("online NRMSE", format!("{error:.6} (training values, each told before it was learned)")));
        }
        rows.extend(self.rivals.iter().map(|(name, error)| (*name, format!("{error:.6} (NRMSE of a model without circuits)"))));
        if let Some(seconds) = self.seconds_per_epoch {
            rows.push(("an epoch takes", format!("{seconds:.4} s")));
        }
        if let Some(model) = &self.model {
            rows.push(("model", model.display().to_string()));
        }
        output::pairs(&rows)
    }
}

/// A line of losses.csv.
#[derive(Serialize)]
struct LossRow {
    epoch: usize,
    train_loss: f64,
    test_loss: f64,
}

/// A line of predictions.csv, in the units of the series.
#[derive(Serialize)]
struct PredictionRow<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<&'a str>,
    /// Its number within its series, from 0.
    window: usize,
    part: &'static str,
    target: f64,
    prediction: f64,
}

/// Tables, pictures and circuits of the run folder.
///
/// # Errors
/// When one of them cannot be made.
pub fn files(session: &Session, report: &TrainReport) -> Result<Vec<NamedFile>, Failure> {
    let training = &session.training;
    let windows = training.windows();
    let losses: Vec<LossRow> = training
        .events()
        .iter()
        .map(|event| LossRow { epoch: event.epoch, train_loss: event.train_loss, test_loss: event.test_loss })
        .collect();
    let told = training.told(0..windows.len()).or_work("the model cannot be evaluated")?;
    let unit = session.scaling.last().copied().unwrap_or(Scaling::NONE);
    let rows = windows.series().iter().enumerate().flat_map(|(number, one)| {
        let (series, told) = (session.series.get(number).map(String::as_str), &told);
        one.windows().enumerate().map(move |(window, index)| PredictionRow {
            series,
            window,
            part: if index < windows.training() { "train" } else { "test" },
            target: unit.undo(windows.targets()[index]),
            prediction: unit.undo(told[index]),
        })
    });
    let predictions: Vec<PredictionRow<'_>> = rows.collect();
    let mut files = vec![
        ("losses.csv".to_owned(), table::write(&losses)?),
        ("predictions.csv".to_owned(), table::write(&predictions)?),
        ("report.json".to_owned(), serde_json::to_vec_pretty(report).or_work("cannot write the report")?),
    ];
    // each series has a figure of its own, the first few
    for (number, one) in windows.series().iter().enumerate().take(MOST_FIGURES) {
        let before: usize = windows.series()[..number].iter().map(|one| one.windows().count()).sum();
        let name = if number == 0 { "predictions.svg".to_owned() } else { format!("predictions_{}.svg", number + 1) };
        let svg = prediction_figure(session, &predictions[before..before + one.windows().count()]);
        files.push((name, svg.into_bytes()));
    }
    if !training.live().is_empty() {
        files.extend(online_files(session, unit)?);
    }
    if losses.len() > 1 {
        files.push(("losses.svg".to_owned(), loss_figure(session, &losses).into_bytes()));
    }
    if let Network::Reservoir(model) = training.model()
        && let Ok(program) = model.reservoir().program(&windows.series()[0].columns)
        && program.operations().len() <= MOST_OPERATIONS
    {
        let text = qasm::write(&program, qasm::Version::V3, qasm::Dialect::default()).or_work("cannot write the program")?;
        files.push(("series.qasm".to_owned(), text.into_bytes()));
    }
    for (name, circuit) in training.model().circuits().or_work("cannot write the circuits")? {
        let text = qasm::write(&circuit, qasm::Version::V3, qasm::Dialect::default()).or_work("cannot write the circuits")?;
        files.push((format!("cell_{name}.qasm"), text.into_bytes()));
    }
    Ok(files)
}

/// A line of online.csv, in the units of the series.
#[derive(Serialize)]
struct OnlineRow {
    step: usize,
    part: &'static str,
    target: f64,
    told: f64,
    error: f64,
}

/// What was told before it was learned, step by step, and a picture of how the error falls.
fn online_files(session: &Session, unit: Scaling) -> Result<Vec<NamedFile>, Failure> {
    let (windows, live) = (session.training.windows(), session.training.live());
    let row = |(step, one): (usize, &LiveTold)| {
        let (target, told) = (unit.undo(windows.targets()[one.window]), unit.undo(one.told));
        let part = if one.window < windows.training() { "train" } else { "test" };
        OnlineRow { step, part, target, told, error: told - target }
    };
    let rows: Vec<OnlineRow> = live.iter().enumerate().map(row).collect();
    let points = rows.iter().map(|row| (row.step as f64, row.error.abs())).filter(|(_, error)| *error > 0.0).collect();
    let series = vec![Series { name: "size of the error".to_owned(), color: "#06c", mark: Mark::Line, points }];
    let figure = Figure { title: &session.name, x_label: "step", y_label: &session.target, scale: figure::Scale::LogY, series };
    Ok(vec![("online.csv".to_owned(), table::write(&rows)?), ("online.svg".to_owned(), figure.svg().into_bytes())])
}

fn loss_figure(session: &Session, losses: &[LossRow]) -> String {
    let line = |name: &str, color, loss: fn(&LossRow) -> f64| Series {
        name: name.to_owned(),
        color,
        mark: Mark::Line,
        points: losses.iter().map(|row| (row.epoch as f64, loss(row))).filter(|(_, loss)| *loss > 0.0).collect(),
    };
    let series = vec![line("training", "#777", |row| row.train_loss), line("test", "#06c", |row| row.test_loss)];
    Figure { title: &session.name, x_label: "epoch", y_label: "mean square error", scale: figure::Scale::LogY, series }.svg()
}

fn prediction_figure(session: &Session, rows: &[PredictionRow<'_>]) -> String {
    let line = |name: &str, color, part: Option<&str>, value: fn(&PredictionRow<'_>) -> f64| Series {
        name: name.to_owned(),
        color,
        mark: Mark::Line,
        points: rows
            .iter()
            .filter(|row| part.is_none_or(|part| row.part == part))
            .map(|row| (row.window as f64, value(row)))
            .collect(),
    };
    let series = vec![
        line("target", "#777", None, |row| row.target),
        line("model, training part", "#06c", Some("train"), |row| row.prediction),
        line("model, test part", "#d33", Some("test"), |row| row.prediction),
    ];
    let title = match rows.first().and_then(|row| row.series) {
        Some(series) => format!("{}: {series}", session.name),
        None => session.name.clone(),
    };
    Figure { title: &title, x_label: "window", y_label: &session.target, scale: figure::Scale::Linear, series }.svg()
}
