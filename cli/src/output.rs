//! What commands print on standard output.

use std::io::Write;

use serde::Serialize;

use crate::failure::{Failure, OrFailure};

/// What a command gives: JSON by its fields, and text for people.
pub trait Report: Serialize {
    /// The text, without a line end.
    fn text(&self) -> String;
}

/// Prints a report, as one JSON object or as text.
///
/// # Errors
/// Failed work when it cannot be written as JSON.
pub fn report(json: bool, report: &impl Report) -> Result<(), Failure> {
    if json {
        return json_line(report);
    }
    line(&report.text());
    Ok(())
}

/// Prints text and a line end; a reader that went away is no error.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints one JSON object on one line.
///
/// # Errors
/// Failed work when the value cannot be written as JSON.
pub fn json_line(value: &impl Serialize) -> Result<(), Failure> {
    line(&serde_json::to_string(value).or_work("cannot write the report as JSON")?);
    Ok(())
}

/// A table with the words on the left and the values on the right.
pub fn pairs(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines: Vec<String> = rows.iter().map(|(name, value)| format!("{name:width$}  {value}")).collect();
    lines.join("\n")
}
