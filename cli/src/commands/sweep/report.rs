//! What a sweep gives: means and intervals, tables, a picture.

use std::collections::BTreeMap;

use qloom::learn::wilson_interval;
use serde::Serialize;

use super::FitRow;
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Mark, Scale, Series};
use crate::output::Report;
use crate::run_folder::NamedFile;
use crate::table;

/// All seeds at one value of one curve.
#[derive(Clone, Debug, Serialize)]
struct Point {
    curve: String,
    value: f64,
    fits: usize,
    train_accuracy: f64,
    test_accuracy: f64,
    /// Standard deviation of the test accuracy over the seeds; 0 of one.
    deviation: f64,
    /// Wilson's 95 % interval of the mean accuracy on as many rows as one fit is tested on.
    low: f64,
    high: f64,
}

impl Point {
    fn new(rows: &[&FitRow]) -> Self {
        let count = rows.len() as f64;
        let mean = |of: fn(&FitRow) -> f64| rows.iter().map(|row| of(row)).sum::<f64>() / count;
        let test_accuracy = mean(|row| row.test_accuracy);
        let squares: f64 = rows.iter().map(|row| (row.test_accuracy - test_accuracy).powi(2)).sum();
        let test_rows = rows[0].test_rows;
        let (low, high) = wilson_interval((test_accuracy * test_rows as f64).round() as usize, test_rows);
        Self {
            curve: rows[0].curve.clone(),
            value: rows[0].value,
            fits: rows.len(),
            train_accuracy: mean(|row| row.train_accuracy),
            test_accuracy,
            deviation: if rows.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 },
            low,
            high,
        }
    }
}

/// What the command prints.
#[derive(Serialize)]
pub struct SweepReport {
    name: String,
    what: String,
    points: Vec<Point>,
    /// Mean test accuracies of classifiers without circuits on the same features.
    rivals: BTreeMap<&'static str, f64>,
    seconds: f64,
}

impl SweepReport {
    pub fn new((name, what): (&str, &str), rows: &[FitRow], rivals: BTreeMap<&'static str, f64>, seconds: f64) -> Self {
        // fits of one point stand together
        let points = rows.chunk_by(|a, b| a.curve == b.curve && a.value == b.value);
        let points = points.map(|rows| Point::new(&rows.iter().collect::<Vec<_>>())).collect();
        Self { name: name.to_owned(), what: what.to_owned(), points, rivals, seconds }
    }

    /// Tables and the picture of the run folder.
    pub fn files(&self, rows: &[FitRow]) -> Result<Vec<NamedFile>, Failure> {
        Ok(vec![
            ("report.json".to_owned(), serde_json::to_vec_pretty(self).or_work("cannot write the report")?),
            ("runs.csv".to_owned(), table::write(rows)?),
            ("points.csv".to_owned(), table::write(&self.points)?),
            ("accuracy.svg".to_owned(), self.figure().into_bytes()),
        ])
    }

    fn figure(&self) -> String {
        const COLORS: [&str; 6] = ["#06c", "#d33", "#393", "#a3a", "#c80", "#088"];
        let mut by_curve: BTreeMap<&str, Vec<&Point>> = BTreeMap::new();
        self.points.iter().for_each(|point| by_curve.entry(&point.curve).or_default().push(point));
        let line = |(number, (name, points)): (usize, (&str, Vec<&Point>))| {
            let color = COLORS[number % COLORS.len()];
            let of = |name: String, mark, value: fn(&Point) -> f64| Series {
                name,
                color,
                mark,
                points: points.iter().map(|point| (point.value, value(point))).collect(),
            };
            [
                of(format!("{name}, test"), Mark::Line, |point| point.test_accuracy),
                of(format!("{name}, training"), Mark::Dots(3.0), |point| point.train_accuracy),
            ]
        };
        let series = by_curve.into_iter().enumerate().flat_map(line).collect();
        Figure { title: &self.name, x_label: &self.what, y_label: "accuracy", scale: Scale::Linear, series }.svg()
    }
}

impl Report for SweepReport {
    fn text(&self) -> String {
        let width = self.points.iter().map(|point| point.curve.len()).max().unwrap_or(0).max(5);
        let wide = self.what.chars().count().max(8);
        let mut lines = vec![format!("{:width$}  {:>wide$}  training  test    deviation  95 % interval", "curve", self.what)];
        lines.extend(self.points.iter().map(|point| {
            let Point { curve, value, train_accuracy, test_accuracy, deviation, low, high, .. } = point;
            format!(
                "{curve:width$}  {value:>wide$}  {train_accuracy:.4}    {test_accuracy:.4}  {deviation:.4}     {low:.4} to {high:.4}"
            )
        }));
        lines.extend(self.rivals.iter().map(|(name, share)| format!("{name}: {share:.4} (test accuracy without a circuit)")));
        lines.join("\n")
    }
}
