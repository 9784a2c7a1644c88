//! The calibration table that IBM's site exports, in CSV.

use csv::StringRecord;
use qloom_circuits::Gate;

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
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| format(error.to_string()))?;
        let titles: Vec<String> = header.iter().map(str::to_lowercase).collect();
        if !titles.iter().any(|title| title == "qubit") {
            return Err(format("line 1 has no column \"Qubit\"".into()));
        }
        let provenance = "calibration table of IBM's site".to_owned();
        let mut calibration = Calibration { name: name.to_owned(), provenance, ..Calibration::default() };
        for record in reader.records() {
            let record = record.map_err(|error| format(error.to_string()))?;
            Line { titles: &titles, record: &record, qubit: calibration.qubits.len() }.read(&mut calibration)?;
        }
        calibration.device()
    }
}

/// One line of the table.
struct Line<'a> {
    titles: &'a [String],
    record: &'a StringRecord,
    /// The qubit that the line must be about.
    qubit: usize,
}

impl Line<'_> {
    fn read(&self, calibration: &mut Calibration) -> Result<(), HardwareError> {
        let index = self.titles.iter().position(|title| title == "qubit");
        let text = self.text(index);
        if text.parse() != Ok(self.qubit) {
            let expected = "the number of the next qubit, counted from 0 in steps of 1";
            return Err(HardwareError::Entry { place: self.place(index), text: text.to_owned(), expected });
        }
        calibration.qubits.push(QubitRow {
            t1_ns: self.number(&["t1 (us)", "t1 (µs)"])?.map(|us| us * 1e3),
            t2_ns: self.number(&["t2 (us)", "t2 (µs)"])?.map(|us| us * 1e3),
            one_for_zero: self.number(&["prob meas1 prep0"])?,
            zero_for_one: self.number(&["prob meas0 prep1"])?,
            readout_error: self.number(&["readout assignment error"])?,
            readout_ns: self.number(&["readout length (ns)"])?,
        });
        let time_ns = self.number(&["single-qubit gate length (ns)"])?;
        for (title, gate) in ONE_QUBIT {
            let error = self.number(&[title])?;
            if error.is_some() {
                calibration.gates.push(GateRow { gate: Some(gate), qubits: vec![self.qubit], error, time_ns });
            }
        }
        let times = self.titles.iter().position(|title| {
            !title.contains("single") && (title.contains("gate time (ns)") || title.contains("gate length (ns)"))
        });
        let times = self.pairs(times)?;
        let time_of = |qubits: [usize; 2]| times.iter().find(|(pair, _)| *pair == qubits).map(|(_, time)| *time);
        for (title, gate) in TWO_QUBIT {
            for (qubits, error) in self.pairs(self.column(&[title]))? {
                let (error, time_ns) = (Some(error), time_of(qubits));
                calibration.gates.push(GateRow { gate: Some(gate), qubits: qubits.to_vec(), error, time_ns });
            }
        }
        Ok(())
    }

    fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.titles.iter().position(|title| title.contains(name)))
    }

    fn text(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.record.get(column)).unwrap_or_default()
    }

    fn place(&self, column: Option<usize>) -> String {
        let line = self.record.position().map_or(0, csv::Position::line);
        format!("line {line}, column \"{}\"", column.map_or("", |column| &self.titles[column]))
    }

    /// The number in the first column that there is; none where it is empty.
    fn number(&self, names: &[&str]) -> Result<Option<f64>, HardwareError> {
        let column = self.column(names);
        match self.text(column) {
            "" => Ok(None),
            text => self.parse(text, column).map(Some),
        }
    }

    fn parse(&self, text: &str, column: Option<usize>) -> Result<f64, HardwareError> {
        let expected = "a number of at least 0";
        let wrong = || HardwareError::Entry { place: self.place(column), text: text.to_owned(), expected };
        text.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0).ok_or_else(wrong)
    }

    /// Entries such as `0_1:0.01`, `cx0_1: 0.01`, or `1:0.01` in the line of qubit 0, separated by semicolons.
    fn pairs(&self, column: Option<usize>) -> Result<Vec<([usize; 2], f64)>, HardwareError> {
        let read = |part: &str| {
            let wrong = || HardwareError::Entry {
                place: self.place(column),
                text: part.to_owned(),
                expected: "an entry such as 0_1:0.01",
            };
            let (qubits, value) = self.pair(part).ok_or_else(wrong)?;
            Ok((qubits, self.parse(value, column)?))
        };
        self.text(column).split(';').map(str::trim).filter(|part| !part.is_empty()).map(read).collect()
    }

    fn pair<'t>(&self, part: &'t str) -> Option<([usize; 2], &'t str)> {
        let (pair, value) = part.split_once(':')?;
        let pair = pair.trim().trim_start_matches(|letter: char| letter.is_alphabetic());
        let (a, b) = match pair.split_once('_') {
            Some((a, b)) => (a.trim().parse().ok()?, b.trim().parse().ok()?),
            None => (self.qubit, pair.parse().ok()?),
        };
        (a != b).then_some(([a, b], value.trim()))
    }
}
