//! What a measurement of reservoirs gives: the table, curves, pictures.

use qloom::learn::measure::Assessment;
use serde::Serialize;

use super::{Measured, Session};
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Mark, Scale, Series};
use crate::output::Report;
use crate::run_folder::NamedFile;
use crate::table;

const COLORS: [&str; 8] = ["#06c", "#d33", "#393", "#a3c", "#c80", "#099", "#777", "#630"];

/// A mean over the drawn reservoirs and their standard deviation.
#[derive(Clone, Copy, Debug, Serialize)]
struct Spread {
    mean: f64,
    deviation: f64,
}

/// What was measured of a model.
#[derive(Clone, Debug, Serialize)]
struct Row {
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<f64>,
    features: usize,
    /// Readout weights with the bias.
    trained_parameters: usize,
    instances: usize,
    memory: Spread,
    parity: Spread,
    processing: Spread,
    /// Of each degree.
    processing_degrees: Vec<Spread>,
    rank: Spread,
    narma_nrmse: Spread,
    /// Instances that forgot their first state within the test.
    echo_state: usize,
    /// Means of those that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    fading_rate: Option<f64>,
    memory_delays: Vec<f64>,
    parity_delays: Vec<f64>,
    distances: Vec<f64>,
}

/// What the command prints.
#[derive(Serialize)]
pub struct ReservoirReport {
    name: String,
    seed: u64,
    narma: usize,
    /// Capacities below their threshold count as 0; of the first model.
    threshold: f64,
    models: Vec<Row>,
}

fn spread(parts: &[&Assessment], value: impl Fn(&Assessment) -> f64) -> Spread {
    let count = parts.len() as f64;
    let mean = parts.iter().map(|part| value(part)).sum::<f64>() / count;
    let square = parts.iter().map(|part| (value(part) - mean).powi(2)).sum::<f64>();
    Spread { mean, deviation: if parts.len() > 1 { (square / (count - 1.0)).sqrt() } else { 0.0 } }
}

fn means<'a>(parts: &[&'a Assessment], list: impl Fn(&'a Assessment) -> &'a [f64]) -> Vec<f64> {
    let length = parts.iter().map(|part| list(part).len()).min().unwrap_or_default();
    (0..length).map(|place| parts.iter().map(|part| list(part)[place]).sum::<f64>() / parts.len() as f64).collect()
}

impl Row {
    fn new(model: &str, x: Option<f64>, measured: &[Measured]) -> Option<Self> {
        let parts: Vec<&Assessment> =
            measured.iter().filter(|measured| measured.model == model).map(|measured| &measured.assessment).collect();
        let first = parts.first()?;
        let degrees = first.processing.degrees.len();
        let rates: Vec<f64> = parts.iter().filter_map(|part| part.fading.rate).collect();
        Some(Self {
            model: model.to_owned(),
            x,
            features: first.features,
            trained_parameters: first.features + 1,
            instances: parts.len(),
            memory: spread(&parts, |part| part.memory.total),
            parity: spread(&parts, |part| part.parity.total),
            processing: spread(&parts, |part| part.processing.total),
            processing_degrees: (0..degrees).map(|place| spread(&parts, |part| part.processing.degrees[place])).collect(),
            rank: spread(&parts, |part| part.processing.rank as f64),
            narma_nrmse: spread(&parts, |part| part.narma),
            echo_state: parts.iter().filter(|part| part.fading.forgotten.is_some()).count(),
            fading_rate: (!rates.is_empty()).then(|| rates.iter().sum::<f64>() / rates.len() as f64),
            memory_delays: means(&parts, |part| &part.memory.delays),
            parity_delays: means(&parts, |part| &part.parity.delays),
            distances: means(&parts, |part| &part.fading.distances),
        })
    }
}

/// A line of models.csv.
#[derive(Serialize)]
struct ModelLine<'a> {
    model: &'a str,
    x: Option<f64>,
    trained_parameters: usize,
    memory: f64,
    memory_deviation: f64,
    parity: f64,
    parity_deviation: f64,
    processing: f64,
    processing_deviation: f64,
    rank: f64,
    narma_nrmse: f64,
    narma_nrmse_deviation: f64,
    echo_state: usize,
    fading_rate: Option<f64>,
}

/// A line of curves.csv.
#[derive(Serialize)]
struct CurveLine<'a> {
    model: &'a str,
    curve: &'static str,
    place: usize,
    value: f64,
}

impl ReservoirReport {
    pub(super) fn new(session: &Session) -> Self {
        let rows = session.models.iter().filter_map(|model| Row::new(&model.name, model.x, &session.measured));
        Self {
            name: session.experiment.name.clone(),
            seed: session.experiment.seed,
            narma: session.experiment.reservoir.measure.narma,
            threshold: session.measured.first().map_or(0.0, |measured| measured.assessment.processing.threshold),
            models: rows.collect(),
        }
    }

    /// Tables and pictures of the run folder.
    pub(super) fn files(&self, session: &Session) -> Result<Vec<NamedFile>, Failure> {
        let lines: Vec<ModelLine<'_>> = self.models.iter().map(ModelLine::new).collect();
        let curves = self.models.iter().flat_map(|row| {
            let degrees = row.processing_degrees.iter().enumerate().map(|(place, spread)| ("processing", place + 1, spread.mean));
            let list = |curve, first, values: &'_ [f64]| -> Vec<(&'static str, usize, f64)> {
                values.iter().enumerate().map(|(place, value)| (curve, place + first, *value)).collect()
            };
            let lists = [list("memory", 0, &row.memory_delays), list("parity", 0, &row.parity_delays)];
            let distances = list("distance", 1, &row.distances);
            let all = degrees.chain(lists.into_iter().flatten()).chain(distances);
            all.map(|(curve, place, value)| CurveLine { model: &row.model, curve, place, value }).collect::<Vec<_>>()
        });
        let curves: Vec<CurveLine<'_>> = curves.collect();
        let delays = "delay in steps";
        let mut files = vec![
            ("models.csv".to_owned(), table::write(&lines)?),
            ("curves.csv".to_owned(), table::write(&curves)?),
            ("memory.svg".to_owned(), self.curves(delays, "memory capacity", Scale::Linear, |row| &row.memory_delays)),
            ("parity.svg".to_owned(), self.curves(delays, "parity capacity", Scale::Linear, |row| &row.parity_delays)),
            ("fading.svg".to_owned(), self.curves("step", "distance", Scale::LogY, |row| &row.distances)),
            ("report.json".to_owned(), serde_json::to_vec_pretty(self).or_work("cannot write the report")?),
        ];
        if let Some(axis) = &session.experiment.reservoir.axis {
            files.push(("capacities.svg".to_owned(), self.along(axis)));
        }
        Ok(files)
    }

    fn curves(&self, x_label: &str, y_label: &str, scale: Scale, list: impl Fn(&Row) -> &[f64]) -> Vec<u8> {
        let series = self.models.iter().zip(COLORS.iter().cycle()).map(|(row, color)| Series {
            name: row.model.clone(),
            color,
            mark: Mark::Line,
            points: list(row)
                .iter()
                .enumerate()
                .map(|(place, value)| (place as f64, *value))
                .filter(|(_, value)| scale == Scale::Linear || *value > 1e-14)
                .collect(),
        });
        Figure { title: &self.name, x_label, y_label, scale, series: series.collect() }.svg().into_bytes()
    }

    /// Capacities along the axis that the models differ in.
    fn along(&self, axis: &str) -> Vec<u8> {
        let line = |name: &str, color, value: fn(&Row) -> f64| Series {
            name: name.to_owned(),
            color,
            mark: Mark::Line,
            points: self.models.iter().filter_map(|row| Some((row.x?, value(row)))).collect(),
        };
        let series = vec![
            line("memory", COLORS[0], |row| row.memory.mean),
            line("parity", COLORS[1], |row| row.parity.mean),
            line("information processing", COLORS[2], |row| row.processing.mean),
        ];
        Figure { title: &self.name, x_label: axis, y_label: "capacity", scale: Scale::Linear, series }.svg().into_bytes()
    }
}

impl<'a> ModelLine<'a> {
    fn new(row: &'a Row) -> Self {
        Self {
            model: &row.model,
            x: row.x,
            trained_parameters: row.trained_parameters,
            memory: row.memory.mean,
            memory_deviation: row.memory.deviation,
            parity: row.parity.mean,
            parity_deviation: row.parity.deviation,
            processing: row.processing.mean,
            processing_deviation: row.processing.deviation,
            rank: row.rank.mean,
            narma_nrmse: row.narma_nrmse.mean,
            narma_nrmse_deviation: row.narma_nrmse.deviation,
            echo_state: row.echo_state,
            fading_rate: row.fading_rate,
        }
    }
}

impl Report for ReservoirReport {
    fn text(&self) -> String {
        let width = self.models.iter().map(|row| row.model.chars().count()).max().unwrap_or_default().max(5);
        let narma = format!("NARMA-{} NRMSE", self.narma);
        let mut lines = vec![format!(
            "{:width$}  {:>7}  {:>13}  {:>13}  {:>13}  {:>5}  {narma:>14}  {:>8}  {:>6}",
            "model", "trained", "memory", "parity", "processing", "rank", "forgets", "rate"
        )];
        let pair = |spread: Spread| format!("{:.2} +- {:.2}", spread.mean, spread.deviation);
        for row in &self.models {
            let rate = row.fading_rate.map_or("-".to_owned(), |rate| format!("{rate:.3}"));
            lines.push(format!(
                "{:width$}  {:>7}  {:>13}  {:>13}  {:>13}  {:>5.1}  {:>14}  {:>8}  {rate:>6}",
                row.model,
                row.trained_parameters,
                pair(row.memory),
                pair(row.parity),
                pair(row.processing),
                row.rank.mean,
                format!("{:.3} +- {:.3}", row.narma_nrmse.mean, row.narma_nrmse.deviation),
                format!("{} of {}", row.echo_state, row.instances),
            ));
        }
        lines.join("\n")
    }
}
