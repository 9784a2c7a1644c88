//! What cross-validation gives.

use std::collections::BTreeMap;

use qloom::learn::{accuracy, confusion, wilson_interval};
use serde::Serialize;

use super::folds::{Folds, Validated};
use crate::labelled_data::Labelled;
use crate::output::{self, Report};

/// What the command prints.
#[derive(Serialize)]
pub struct ValidateReport {
    name: String,
    rows: usize,
    classes: Vec<String>,
    folds: Vec<FoldRow>,
    /// The share of all rows that is told right by the model of the other folds.
    accuracy: f64,
    /// Wilson's 95 % interval of it.
    confidence_interval: (f64, f64),
    /// Standard deviation of the accuracies of the folds.
    deviation: f64,
    train_accuracy: f64,
    /// The area under the curve of each class against the others, averaged over classes and folds.
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc: Option<f64>,
    /// Rows of each class, down, told as each class, across.
    confusion: Vec<Vec<usize>>,
    /// The share of shuffled labels that are told as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_value: Option<f64>,
    /// Mean accuracies of classifiers without circuits on the same folds.
    rivals: BTreeMap<&'static str, f64>,
}

/// One fold.
#[derive(Serialize)]
struct FoldRow {
    accuracy: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc: Option<f64>,
    /// What the grid gave, and its accuracy in the folds that chose it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chosen: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inner_accuracy: Option<f64>,
}

impl ValidateReport {
    pub fn new(name: &str, rows: &Labelled, folds: &Folds, found: Validated, p_value: Option<f64>) -> Self {
        let right = found.told.iter().zip(&rows.labels).filter(|(told, label)| told == label).count();
        let count = folds.count as f64;
        let mean = found.folds.iter().map(|(share, _)| share).sum::<f64>() / count;
        let squares: f64 = found.folds.iter().map(|(share, _)| (share - mean).powi(2)).sum();
        let areas: Option<Vec<f64>> = found.folds.iter().map(|(_, area)| *area).collect();
        let fold_row = |fold: usize| FoldRow {
            accuracy: found.folds[fold].0,
            roc_auc: found.folds[fold].1,
            chosen: found.chosen[fold].0.clone(),
            inner_accuracy: found.chosen[fold].1,
        };
        Self {
            name: name.to_owned(),
            rows: rows.len(),
            classes: rows.classes.clone(),
            folds: (0..folds.count).map(fold_row).collect(),
            accuracy: accuracy(&found.told, &rows.labels),
            confidence_interval: wilson_interval(right, rows.len()),
            deviation: (squares / (count - 1.0)).sqrt(),
            train_accuracy: found.train_accuracy,
            roc_auc: areas.map(|areas| areas.iter().sum::<f64>() / count),
            confusion: confusion(&found.told, &rows.labels, rows.classes.len()),
            p_value,
            rivals: found.rivals,
        }
    }
}

impl Report for ValidateReport {
    fn text(&self) -> String {
        let (low, high) = self.confidence_interval;
        let mut rows = vec![
            ("rows", self.rows.to_string()),
            ("classes", self.classes.join(", ")),
            ("accuracy", format!("{:.4} ({low:.4} to {high:.4})", self.accuracy)),
            ("deviation over folds", format!("{:.4}", self.deviation)),
            ("training accuracy", format!("{:.4}", self.train_accuracy)),
        ];
        if let Some(area) = self.roc_auc {
            rows.push(("area under ROC", format!("{area:.4}")));
        }
        if let Some(p) = self.p_value {
            rows.push(("p-value", format!("{p:.4} by shuffled labels")));
        }
        rows.extend(self.rivals.iter().map(|(name, share)| (*name, format!("{share:.4} (without a circuit)"))));
        let chosen = self.folds.iter().filter(|fold| !fold.chosen.is_empty());
        rows.extend(chosen.map(|fold| ("chosen for a fold", fold.chosen.join(", "))));
        output::pairs(&rows)
    }
}
