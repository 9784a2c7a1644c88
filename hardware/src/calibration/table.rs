//! The calibration table that IBM's site exports, in CSV.

use std::collections::HashMap;

use csv::StringRecord;
use qloom_circuits::Gate;

use super::gap::{read_number, unit_ns};
use super::{Calibration, GateRow, QubitRow};
use crate::device::Device;
use crate::error::HardwareError;

/// Columns of errors of one-qubit gates, by a part of their titles.
const ONE_QUBIT: [(&str, Gate); 3] = [("(sx) error", Gate::Sx), ("pauli-x error", Gate::X), ("rx error", Gate::Rx)];

/// Columns of errors of two-qubit gates.
const TWO_QUBIT: [(&str, Gate); 4] =
    [("cnot error", Gate::Cx), ("ecr error", Gate::Ecr), ("cz error", Gate::Cz), ("rzz error", Gate::Rzz)];

impl Device {
    /// The device of the calibration table that IBM's site exports, one line a qubit.
    ///
    /// As [`Device::from_ibm_properties`]; `name` is what to call it, for the table does not say. Native gates are `rz`, `sx`, `x` and the
    /// two-qubit gates that the table has errors of.
    ///
    /// # Errors
    /// When a needed column is missing or an entry is not a number, with its line.
    pub fn from_ibm_csv(name: &str, text: &str) -> Result<Self, HardwareError> {
        let format = |reason: String| HardwareError::Format { format: "a calibration table of IBM's site", reason };
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| format(error.to_string()))?;
        let titles: Vec<String> = header.iter().map(str::to_lowercase).collect();
        if !titles.iter().any(|title| title == "qubit") {
            return Err(format("line 1 has no column \"Qubit\"".into()));
        }
        let provenance = "calibration table of IBM's site".to_owned();
        let mut calibration = Calibration { name: name.to_owned(), provenance, ..Calibration::default() };
        let records: Result<Vec<StringRecord>, csv::Error> = reader.records().collect();
        let records = records.map_err(|error| format(error.to_string()))?;
        let mut rows: Vec<Option<QubitRow>> = vec![None; records.len()];
        for record in &records {
            let mut line = Line { titles: &titles, record, qubit: 0 };
            line.qubit = line.label(&rows)?;
            rows[line.qubit] = Some(line.qubit_row()?);
            line.gates(&mut calibration.gates)?;
        }
        // as many different numbers below their count as there are rows
        calibration.qubits = rows.into_iter().flatten().collect();
        calibration.device()
    }
}

/// A pair and its number, or a gap.
type PairEntry = ([usize; 2], Option<f64>);

/// One line of the table.
struct Line<'a> {
    titles: &'a [String],
    record: &'a StringRecord,
    /// The qubit that the line is about.
    qubit: usize,
}

impl Line<'_> {
    /// The number of the line's qubit, written `3` or `Q3`; lines may come in any order.
    fn label(&self, rows: &[Option<QubitRow>]) -> Result<usize, HardwareError> {
        let index = self.titles.iter().position(|title| title == "qubit");
        let text = self.text(index);
        let number = text.strip_prefix(['Q', 'q']).unwrap_or(text).parse::<usize>().ok();
        number.filter(|&qubit| rows.get(qubit).is_some_and(Option::is_none)).ok_or_else(|| HardwareError::Entry {
            place: self.place(index),
            text: text.to_owned(),
            expected: "the number of a qubit, counted from 0, each once and none left out",
        })
    }

    fn qubit_row(&self) -> Result<QubitRow, HardwareError> {
        Ok(QubitRow {
            out_of_order: self.out_of_order()?,
            t1_ns: self.time("t1")?,
            t2_ns: self.time("t2")?,
            one_for_zero: self.number(self.column("prob meas1 prep0"))?,
            zero_for_one: self.number(self.column("prob meas0 prep1"))?,
            readout_error: self.number(self.column("readout assignment error"))?,
            readout_ns: self.time("readout length")?,
        })
    }

    /// Whether the column `Operational`, where there is one, says no.
    fn out_of_order(&self) -> Result<bool, HardwareError> {
        let column = self.titles.iter().position(|title| title == "operational");
        match self.text(column).to_lowercase().as_str() {
            "" | "yes" | "true" | "1" => Ok(false),
            "no" | "false" | "0" => Ok(true),
            other => Err(HardwareError::Entry { place: self.place(column), text: other.to_owned(), expected: "yes or no" }),
        }
    }

    fn gates(&self, gates: &mut Vec<GateRow>) -> Result<(), HardwareError> {
        let time_ns = self.time("single-qubit gate length")?;
        for (title, gate) in ONE_QUBIT {
            let error = self.number(self.column(title))?;
            if error.is_some() {
                gates.push(GateRow { gate: Some(gate), qubits: vec![self.qubit], error, time_ns, ..GateRow::default() });
            }
        }
        let of_pairs = |title: &String| title.starts_with("gate time") || title.starts_with("gate length");
        let times = self.titles.iter().position(of_pairs);
        let unit = self.unit(times)?;
        let times: HashMap<[usize; 2], Option<f64>> = self.pairs(times)?.into_iter().collect();
        for (title, gate) in TWO_QUBIT {
            for (qubits, error) in self.pairs(self.column(title))? {
                let time_ns = times.get(&qubits).copied().flatten().map(|time| time * unit);
                gates.push(GateRow { gate: Some(gate), qubits: qubits.to_vec(), error, time_ns, ..GateRow::default() });
            }
        }
        Ok(())
    }

    fn column(&self, part: &str) -> Option<usize> {
        self.titles.iter().position(|title| title.contains(part))
    }

    /// Nanoseconds in the column whose title begins so and ends with a unit in parentheses.
    fn time(&self, title: &str) -> Result<Option<f64>, HardwareError> {
        let column = self.titles.iter().position(|own| own.starts_with(title));
        let unit = self.unit(column)?;
        Ok(self.number(column)?.map(|value| value * unit))
    }

    /// The unit in a column's title, in nanoseconds.
    fn unit(&self, column: Option<usize>) -> Result<f64, HardwareError> {
        let Some(column) = column else { return Ok(1.0) };
        let unit = self.titles[column].rsplit_once('(').map_or("", |(_, end)| end.trim_end_matches(')'));
        let expected = "a title with a unit: (ns), (us), (ms) or (s)";
        let wrong = || HardwareError::Entry { place: "line 1".into(), text: self.titles[column].clone(), expected };
        unit_ns(unit).filter(|_| !unit.is_empty()).ok_or_else(wrong)
    }

    fn text(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.record.get(column)).unwrap_or_default()
    }

    fn place(&self, column: Option<usize>) -> String {
        let line = self.record.position().map_or(0, csv::Position::line);
        format!("line {line}, column \"{}\"", column.map_or("", |column| &self.titles[column]))
    }

    /// The number in a column; none where there is a gap, or no such column.
    fn number(&self, column: Option<usize>) -> Result<Option<f64>, HardwareError> {
        self.parse(self.text(column), column)
    }

    fn parse(&self, text: &str, column: Option<usize>) -> Result<Option<f64>, HardwareError> {
        let expected = "a number of at least 0";
        read_number(text).ok_or_else(|| HardwareError::Entry { place: self.place(column), text: text.to_owned(), expected })
    }

    /// Entries such as `0_1:0.01`, `cx0_1: 0.01`, or `1:0.01` in the line of qubit 0, separated by semicolons.
    fn pairs(&self, column: Option<usize>) -> Result<Vec<PairEntry>, HardwareError> {
        let read = |part: &str| {
            let wrong = || HardwareError::Entry {
                place: self.place(column),
                text: part.to_owned(),
                expected: "an entry such as 0_1:0.01",
            };
            let (qubits, value) = self.pair(part).ok_or_else(wrong)?;
            Ok((qubits, self.parse(value, column)?))
        };
        let text = self.text(column);
        if read_number(text) == Some(None) {
            return Ok(Vec::new());
        }
        text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(read).collect()
    }

    fn pair<'t>(&self, part: &'t str) -> Option<([usize; 2], &'t str)> {
        let (pair, value) = part.split_once(':')?;
        let pair = pair.trim().trim_start_matches(|letter: char| letter.is_alphabetic());
        let (a, b) = match pair.split_once('_') {
            Some((a, b)) => (a.trim().parse().ok()?, b.trim().trim_start_matches(['Q', 'q']).parse().ok()?),
            None => (self.qubit, pair.parse().ok()?),
        };
        (a != b).then_some(([a, b], value.trim()))
    }
}
