//! What commands print: results on standard output, of which nothing may be lost, and words beside them on standard error.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::ranks;

/// Why a result could not be printed: the first such failure of the process.
static LOST: OnceLock<String> = OnceLock::new();

/// Whether results are not printed: of commands that another one runs.
static SILENT: AtomicBool = AtomicBool::new(false);

/// What a rank that is not the first would have said last.
static UNSAID: Mutex<String> = Mutex::new(String::new());

/// The last words of a rank that is not the first, which are not said as long as the first says the same.
pub fn unsaid() -> String {
    UNSAID.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Does some work whose results are not printed, but what it says on standard error is.
pub fn silently<R>(work: impl FnOnce() -> R) -> R {
    SILENT.store(true, Ordering::Relaxed);
    let result = work();
    SILENT.store(false, Ordering::Relaxed);
    result
}

/// What a command gives: JSON by its fields, and text for people.
pub trait Report: Serialize {
    /// The text, without a line end.
    fn text(&self) -> String;
}

/// Prints a report, as one JSON object or as text.
///
/// # Errors
/// Failed work when it cannot be written as JSON, or a result before it was lost.
pub fn report(json: bool, report: &impl Report) -> Result<(), Failure> {
    if json {
        return json_line(report);
    }
    line(&report.text());
    nothing_lost()
}

/// Prints text and a line end. A failure is remembered, and the process ends with it: see [`nothing_lost`].
pub fn line(text: &str) {
    raw(&format!("{text}\n"));
}

/// Prints text as it is, as [`line`] does.
pub fn raw(text: &str) {
    if LOST.get().is_some() || SILENT.load(Ordering::Relaxed) || !ranks::first() {
        return;
    }
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // a reader that went away has all that it wanted
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        Err(error) => _ = LOST.set(error.to_string()),
        Ok(()) => {}
    }
}

/// Whether everything printed so far has arrived; asked once more when a command has ended.
///
/// # Errors
/// Failed work when a write has failed.
pub fn nothing_lost() -> Result<(), Failure> {
    match LOST.get() {
        None => Ok(()),
        Some(error) => {
            Err(Failure::Work(anyhow::anyhow!("cannot write to standard output: {error}; what was printed is not complete")))
        }
    }
}

/// Says something on standard error; where nothing can be said there, the work goes on.
pub fn note(text: std::fmt::Arguments<'_>) {
    note_raw(format_args!("{text}\n"));
}

/// [`note`] without a line end.
pub fn note_raw(text: std::fmt::Arguments<'_>) {
    if !ranks::first() {
        *UNSAID.lock().unwrap_or_else(PoisonError::into_inner) = text.to_string();
        return;
    }
    let _ = std::io::stderr().lock().write_fmt(text);
}

/// Prints one JSON object on one line.
///
/// # Errors
/// Failed work when the value cannot be written as JSON, or a result before it was lost.
pub fn json_line(value: &impl Serialize) -> Result<(), Failure> {
    line(&serde_json::to_string(value).or_work("cannot write the report as JSON")?);
    nothing_lost()
}

/// A table with the words on the left and the values on the right.
pub fn pairs(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines: Vec<String> = rows.iter().map(|(name, value)| format!("{name:width$}  {value}")).collect();
    lines.join("\n")
}

/// A number to at most so many decimals, and to no more digits than a double holds.
pub fn decimals(value: f64, most: usize) -> String {
    let digits = |before: i32| most.min((14 - before).max(0) as usize);
    match value.abs() {
        size if !size.is_finite() => "beyond the range of doubles".to_owned(),
        size if size >= 1e15 => format!("{value:.14e}"),
        size if size >= 1.0 => format!("{value:.*}", digits(size.log10().floor() as i32)),
        _ => format!("{value:.most$}"),
    }
}

/// [`decimals`] with its sign in front, also of what is positive.
pub fn signed_decimals(value: f64, most: usize) -> String {
    format!("{}{}", if value.is_sign_negative() { "" } else { "+" }, decimals(value, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_is_made_up() {
        for (value, text) in [
            (0.0, "0.000000000000"),
            (-0.909487394419196, "-0.909487394419"),
            (123.456, "123.456000000000"),
            (12345.678901234567, "12345.6789012346"),
            (1e14 / 3.0, "33333333333333.3"),
            (1e20 / 3.0, "3.33333333333333e19"),
            (f64::INFINITY, "beyond the range of doubles"),
        ] {
            assert_eq!(decimals(value, 12), text);
        }
    }

    #[test]
    fn signs_and_fewer_decimals() {
        for (value, text) in [(0.5, "+0.500000"), (-0.5, "-0.500000"), (-0.0, "-0.000000"), (1e13 / 3.0, "+3333333333333.33")] {
            assert_eq!(signed_decimals(value, 6), text);
        }
    }

    #[test]
    fn pairs_are_aligned() {
        assert_eq!(pairs(&[("a", "1".into()), ("long", "2".into())]), "a     1\nlong  2");
    }
}
