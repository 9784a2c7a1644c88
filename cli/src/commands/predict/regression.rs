//! Numbers told of the rows of a table.

use std::path::Path;

use qloom::learn::{RegressionFile, r_squared};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::table::Table;
use crate::{files, labelled_fit};

/// What the command prints.
#[derive(Serialize)]
struct NumberReport {
    column: String,
    /// The number of each row, in order.
    predictions: Vec<f64>,
    /// Standard deviations of a Gaussian process.
    #[serde(skip_serializing_if = "Option::is_none")]
    deviations: Option<Vec<f64>>,
    /// The share of the variance that is told, where the file has the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    r2: Option<f64>,
}

impl Report for NumberReport {
    fn text(&self) -> String {
        let mut lines = vec![self.column.clone()];
        lines.extend(self.predictions.iter().map(f64::to_string));
        if let Some(share) = self.r2 {
            lines.push(format!("R2 by the column of the file: {share:.4}"));
        }
        lines.join("\n")
    }
}

/// Tells the numbers of a file.
pub fn run(model: &RegressionFile, path: &Path, json: bool) -> Result<(), Failure> {
    let file = path.display().to_string();
    let table = Table::read(&files::read_text(path)?, &file)?;
    let rows = table.features(&model.columns, &file)?;
    let told = model.predict(&rows, labelled_fit::config()).or_input(format!("{file} cannot be told"))?;
    let known = table.column(&model.target).map(|_| table.numbers(&model.target, &file)).transpose()?;
    let report = NumberReport {
        column: model.target.clone(),
        r2: known.and_then(|known| r_squared(&told.mean, &known)),
        predictions: told.mean,
        deviations: told.deviation,
    };
    output::report(json, &report)
}
