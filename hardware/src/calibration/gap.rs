//! What calibration data leave open: filled with the median of the rest, and said.

use super::{GateRow, QubitRow, called};
use crate::device::PlacedGate;
use crate::error::HardwareError;

/// A number of at least 0, or a gap, as calibration data write them; none for anything else.
pub(super) fn read_number(text: &str) -> Option<Option<f64>> {
    const GAPS: [&str; 9] = ["", "undefined", "null", "none", "n/a", "na", "nan", "-", "--"];
    let text = text.trim();
    if GAPS.iter().any(|gap| text.eq_ignore_ascii_case(gap)) {
        return Some(None);
    }
    match text.parse::<f64>() {
        Ok(value) if !value.is_finite() => Some(None),
        Ok(value) if value >= 0.0 => Some(Some(value)),
        Ok(_) | Err(_) => None,
    }
}

/// How many nanoseconds a unit of time is; 1 where there is none. Both Unicode forms of the letter mu are known.
pub(super) fn unit_ns(unit: &str) -> Option<f64> {
    match unit.trim() {
        "" | "ns" => Some(1.0),
        "us" | "\u{b5}s" | "\u{3bc}s" => Some(1e3),
        "ms" => Some(1e6),
        "s" => Some(1e9),
        _ => None,
    }
}

/// Gaps that were filled, and what was said about it.
#[derive(Default)]
pub(super) struct Gaps {
    pub assumptions: Vec<String>,
}

impl Gaps {
    /// One number a qubit.
    pub fn fill(
        &mut self,
        what: &str,
        unit: &str,
        rows: &[QubitRow],
        value: impl Fn(&QubitRow) -> Option<f64>,
    ) -> Result<Vec<f64>, HardwareError> {
        // nobody asks what a qubit out of order is like
        let name = |(qubit, row): (usize, &QubitRow)| (!row.out_of_order).then(|| format!("{what} of qubit {qubit}"));
        let names: Vec<Option<String>> = rows.iter().enumerate().map(name).collect();
        let values: Vec<Option<f64>> = rows.iter().map(value).collect();
        self.fill_named(what, unit, &names, &values)
    }

    /// Durations and errors of gates of one kind.
    pub fn placed(&mut self, rows: &[GateRow], kind: &str) -> Result<Vec<PlacedGate>, HardwareError> {
        let name = |what: &str, row: &GateRow| Some(format!("the {what} of {}", called(row.gate, &row.qubits)));
        let names = |what: &str| rows.iter().map(|row| name(what, row)).collect::<Vec<_>>();
        let times: Vec<Option<f64>> = rows.iter().map(|row| row.time_ns).collect();
        let times = self.fill_named(&format!("the duration of {kind}"), "ns", &names("duration"), &times)?;
        let errors: Vec<Option<f64>> = rows.iter().map(|row| row.error).collect();
        let errors = self.fill_named(&format!("the error of {kind}"), "", &names("error"), &errors)?;
        let placed = rows.iter().zip(times).zip(errors).map(|((row, time_ns), error)| PlacedGate {
            gates: row.gate.into_iter().collect(),
            qubits: row.qubits.clone(),
            time_ns: Some(time_ns),
            error: Some(error),
            ..PlacedGate::default()
        });
        Ok(placed.collect())
    }

    /// The median of what is there stands for what is not.
    fn fill_named(
        &mut self,
        what: &str,
        unit: &str,
        names: &[Option<String>],
        values: &[Option<f64>],
    ) -> Result<Vec<f64>, HardwareError> {
        let known: Vec<f64> = values.iter().copied().flatten().collect();
        let Some(median) = median(&known) else {
            return if names.is_empty() { Ok(Vec::new()) } else { Err(HardwareError::Missing { what: what.to_owned() }) };
        };
        for (_, name) in values.iter().zip(names).filter(|(value, _)| value.is_none()) {
            let said = name
                .as_ref()
                .map(|name| format!("{name} is missing; assumed to be the median of the others, {median:.6} {unit}"));
            self.assumptions.extend(said.map(|said| said.trim_end().to_owned()));
        }
        Ok(values.iter().map(|value| value.unwrap_or(median)).collect())
    }
}

pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        count if count % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}
