//! Components, sides and clusters of rows.

use std::path::Path;

use qloom::learn::{Found, UnlabelledFile};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::table::Table;
use crate::{files, labelled_fit};

/// What the command prints, one entry for each row.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum FoundReport {
    Components(Vec<Vec<f64>>),
    Decisions(Vec<f64>),
    Clusters(Vec<usize>),
}

impl Report for FoundReport {
    fn text(&self) -> String {
        let lines: Vec<String> = match self {
            FoundReport::Components(points) => {
                points.iter().map(|point| point.iter().map(f64::to_string).collect::<Vec<_>>().join("  ")).collect()
            }
            FoundReport::Decisions(decisions) => {
                let side = |decision: &f64| if *decision < 0.0 { "outside" } else { "inside" };
                decisions.iter().map(|decision| format!("{}  {decision}", side(decision))).collect()
            }
            FoundReport::Clusters(clusters) => clusters.iter().map(usize::to_string).collect(),
        };
        lines.join("\n")
    }
}

/// Tells what a model finds in the rows of a file.
pub fn run(model: &UnlabelledFile, path: &Path, json: bool) -> Result<(), Failure> {
    let file = path.display().to_string();
    let table = Table::read(&files::read_text(path)?, &file)?;
    let rows = table.features(&model.columns, &file)?;
    let report = match model.tell(&rows, labelled_fit::config()).or_input(format!("{file} cannot be told"))? {
        Found::Components(points) => FoundReport::Components(points),
        Found::Decisions(decisions) => FoundReport::Decisions(decisions),
        Found::Clusters(clusters) => FoundReport::Clusters(clusters),
    };
    output::report(json, &report)
}
