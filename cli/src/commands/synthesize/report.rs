//! What a run prints and keeps.

use serde::Serialize;

use super::session::{Made, Session, VALUES, name};
use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::run_folder::NamedFile;
use crate::spread::Spread;
use crate::table;

/// What one method made of all circuits. Means and medians are over the circuits that it found.
#[derive(Clone, Debug, Serialize)]
struct Row {
    by: String,
    found: usize,
    of: usize,
    two_qubit_mean: f64,
    gates_mean: f64,
    cost_mean: Option<f64>,
    states_median: f64,
    evaluated_median: f64,
    seconds_median: f64,
}

/// What the command prints.
#[derive(Serialize)]
pub struct SynthesisReport {
    name: String,
    seed: u64,
    actions: usize,
    weights: usize,
    learning_seconds: f64,
    makers: Vec<Row>,
}

/// A line of targets.csv.
#[derive(Serialize)]
struct Line<'a> {
    target: u64,
    by: &'a str,
    found: bool,
    two_qubit: usize,
    gates: usize,
    cost: Option<f32>,
    states: usize,
    evaluated: usize,
    seconds: f64,
}

impl<'a> Line<'a> {
    fn new(made: &'a Made, seconds: f64) -> Self {
        let &Made { target, ref by, found, two_qubit, gates, cost, states, evaluated } = made;
        Self { target, by, found, two_qubit, gates, cost, states, evaluated, seconds }
    }
}

impl Row {
    fn new(by: &str, session: &Session) -> Option<Self> {
        let timed = session.made.iter().zip(&session.seconds);
        let all: Vec<(&Made, f64)> = timed.filter(|(made, _)| made.by == by).map(|(made, &seconds)| (made, seconds)).collect();
        if all.is_empty() {
            return None;
        }
        let found: Vec<(&Made, f64)> = all.iter().copied().filter(|(made, _)| made.found).collect();
        let values = |of: fn(&Made) -> f64| found.iter().map(|(made, _)| of(made)).collect::<Vec<f64>>();
        // of nothing they are NaN, which JSON shows as null
        let median = |values: Vec<f64>| Spread::of(values.into_iter()).map_or(f64::NAN, |spread| spread.median);
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let costs: Option<Vec<f64>> = found.iter().map(|(made, _)| made.cost.map(f64::from)).collect();
        Some(Self {
            by: by.to_owned(),
            found: found.len(),
            of: all.len(),
            two_qubit_mean: mean(values(|made| made.two_qubit as f64)),
            gates_mean: mean(values(|made| made.gates as f64)),
            cost_mean: costs.filter(|costs| !costs.is_empty()).map(mean),
            states_median: median(values(|made| made.states as f64)),
            evaluated_median: median(values(|made| made.evaluated as f64)),
            seconds_median: median(found.iter().map(|&(_, seconds)| seconds).collect()),
        })
    }
}

impl SynthesisReport {
    pub fn new(session: &Session) -> Self {
        use qloom::qas::synthesis::Space;
        let makers = session.makers().into_iter().map(|maker| maker.map_or("compiler", name));
        Self {
            name: session.experiment.name.clone(),
            seed: session.experiment.seed,
            actions: session.learning.space().actions(),
            weights: session.learning.values().weights(),
            learning_seconds: session.learned,
            makers: makers.filter_map(|by| Row::new(by, session)).collect(),
        }
    }

    pub fn files(&self, session: &Session) -> Result<Vec<NamedFile>, Failure> {
        let timed = session.made.iter().zip(&session.seconds);
        let lines: Vec<Line<'_>> = timed.map(|(made, &seconds)| Line::new(made, seconds)).collect();
        Ok(vec![
            (VALUES.to_owned(), session.learning.values().to_safetensors().or_work("cannot write the network")?),
            ("targets.csv".to_owned(), table::write(&lines)?),
            ("makers.csv".to_owned(), table::write(&self.makers)?),
            ("report.json".to_owned(), serde_json::to_vec_pretty(self).or_work("cannot write the report")?),
        ])
    }
}

impl Report for SynthesisReport {
    fn text(&self) -> String {
        let head = output::pairs(&[
            ("synthesis", format!("{}, seed {}", self.name, self.seed)),
            ("actions", self.actions.to_string()),
            ("network", format!("{} weights, learned in {:.1} s", self.weights, self.learning_seconds)),
        ]);
        let mut lines = vec![
            head,
            String::new(),
            format!(
                "{:<10} {:>9} {:>16} {:>9} {:>10} {:>10} {:>10}",
                "by", "found", "two-qubit gates", "gates", "states", "asked", "seconds"
            ),
        ];
        lines.extend(self.makers.iter().map(|row| {
            format!(
                "{:<10} {:>9} {:>16.2} {:>9.2} {:>10.0} {:>10.0} {:>10.2e}",
                row.by,
                format!("{}/{}", row.found, row.of),
                row.two_qubit_mean,
                row.gates_mean,
                row.states_median,
                row.evaluated_median,
                row.seconds_median
            )
        }));
        lines.push("gates: means; states, asked and seconds: medians; of the circuits that were found".to_owned());
        lines.join("\n")
    }
}
