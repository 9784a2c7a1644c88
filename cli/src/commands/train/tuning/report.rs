//! What a search gives.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Outcome, Tunable, Tuning};
use crate::failure::Failure;
use crate::output::{self, Report};
use crate::table;

/// What the command prints: the report of the chosen settings, with how they were found.
#[derive(Serialize)]
pub struct TunedReport<R> {
    /// Absent while trials run.
    #[serde(flatten)]
    pub chosen: Option<R>,
    pub tune: TuneSummary,
}

/// How settings were found.
#[derive(Serialize)]
pub struct TuneSummary {
    /// Trials that are over, and those of them that were given up early or could not be trained.
    trials: usize,
    stopped: usize,
    failed: usize,
    /// The best trial, its validation loss and its settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    best_trial: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_loss: Option<f64>,
    settings: BTreeMap<String, toml::Value>,
}

impl<E: Tunable> Tuning<E> {
    /// How far the search is.
    pub(super) fn summary(&self) -> TuneSummary {
        let count = |outcome| self.trials.iter().filter(|trial| trial.outcome == outcome).count();
        let best = self.best();
        TuneSummary {
            trials: self.trials.len(),
            stopped: count(Outcome::Stopped),
            failed: count(Outcome::Failed),
            best_trial: best.map(|(trial, _)| trial),
            validation_loss: best.map(|(_, loss)| loss),
            settings: best.map_or_else(BTreeMap::new, |(trial, _)| self.drawn(trial)),
        }
    }

    /// One row a trial.
    pub(super) fn table(&self) -> Result<Vec<u8>, Failure> {
        let mut names: Vec<String> = ["trial", "outcome", "epochs", "validation_loss"].map(str::to_owned).to_vec();
        names.extend(self.space.keys().cloned());
        names.push("reason".to_owned());
        let row = |(number, trial): (usize, &super::Trial)| {
            let loss = trial.losses.last().map_or_else(String::new, |loss| format!("{loss:?}"));
            let mut row = vec![number.to_string(), trial.outcome.name().to_owned(), trial.losses.len().to_string(), loss];
            row.extend(self.drawn(number).into_values().map(|value| match value {
                toml::Value::String(text) => text,
                value => value.to_string(),
            }));
            row.push(trial.reason.clone().unwrap_or_default());
            row
        };
        table::write_words(&names, &self.trials.iter().enumerate().map(row).collect::<Vec<_>>())
    }
}

impl<R: Report> Report for TunedReport<R> {
    fn text(&self) -> String {
        let tune = &self.tune;
        let mut rows = vec![("trials", format!("{} ({} stopped early, {} failed)", tune.trials, tune.stopped, tune.failed))];
        if let (Some(trial), Some(loss)) = (tune.best_trial, tune.validation_loss) {
            rows.push(("best trial", format!("{trial}, validation loss {loss:.6e}")));
        }
        let settings: Vec<String> = tune.settings.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        rows.extend(settings.into_iter().map(|text| ("chosen", text)));
        let trials = output::pairs(&rows);
        match &self.chosen {
            Some(report) => format!("{trials}\n{}", report.text()),
            None => trials,
        }
    }
}
