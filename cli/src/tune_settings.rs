//! The table `[tune]` of experiments.

use serde::{Deserialize, Serialize};

/// How settings are searched for: the table `[tune]` of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TuneSettings {
    /// Settings that are tried. Default 20.
    pub trials: usize,
    /// Fixes what is drawn. Default the experiment's seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The share of the training part that trials are judged on and not trained on. Default 0.25.
    pub validation: f64,
    /// When a trial is given up before its last epoch. Default median.
    pub stop: Stop,
    /// Epochs that no trial is stopped before. Default 5.
    pub grace: usize,
    /// What is tried for each key.
    pub keys: toml::Table,
}

impl Default for TuneSettings {
    fn default() -> Self {
        Self { trials: 20, seed: None, validation: 0.25, stop: Stop::Median, grace: 5, keys: toml::Table::new() }
    }
}

/// When a trial is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// When its least loss so far lies above the median, over the trials before that came as far, of their mean losses so far (Golovin et
    /// al., KDD 2017, section 3.2.2).
    Median,
    /// Never.
    Never,
}
