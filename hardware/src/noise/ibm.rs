//! Calibrations as IBM publishes them: backend properties in JSON, and the table its site exports as CSV.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::device::{Device, DeviceError, GateCalibration, PlacedGate, QubitCalibration};

/// Figures as a calibration has them, each there or not; times in nanoseconds.
#[derive(Default)]
struct Calibration {
    name: String,
    date: String,
    qubits: Vec<QubitRow>,
    /// By qubits, the smaller first.
    pairs: BTreeMap<[usize; 2], GateRow>,
}

#[derive(Clone, Default)]
struct QubitRow {
    t1_ns: Option<f64>,
    t2_ns: Option<f64>,
    one_for_zero: Option<f64>,
    zero_for_one: Option<f64>,
    readout_error: Option<f64>,
    readout_ns: Option<f64>,
    gate: GateRow,
    /// Which of [`PULSES`] the gate is.
    rank: Option<usize>,
}

#[derive(Clone, Copy, Default)]
struct GateRow {
    error: Option<f64>,
    time_ns: Option<f64>,
}

/// Names in calibrations of gates on one qubit that are one or two pulses, the best first.
const PULSES: [&str; 4] = ["sx", "x", "u2", "u3"];

/// A gate on one qubit where a calibration does not say how long it takes: the usual pulse of IBM's machines.
const PULSE_NS: f64 = 320.0 / 9.0;

impl Device {
    /// The device of IBM's backend properties, as `backend.properties().to_dict()` gives them.
    ///
    /// Relaxation follows from T1, T2 and the lengths of gates; what the measured error of a gate is above that is depolarizing of its
    /// qubits together. Diagonal gates on one qubit are free. Figures that are missing are taken from the other qubits, and
    /// [`Device::assumptions`] says which.
    ///
    /// # Errors
    /// When the text is no such JSON, or a figure is impossible.
    pub fn from_ibm_properties(text: &str) -> Result<Self, DeviceError> {
        let properties: Properties =
            serde_json::from_str(text).map_err(|error| wrong("as backend properties".into(), error.to_string()))?;
        let mut calibration =
            Calibration { name: properties.backend_name, date: properties.last_update_date, ..Calibration::default() };
        for (qubit, list) in properties.qubits.iter().enumerate() {
            let find = |name: &str| figure(list, name, || format!("qubit {qubit}"));
            calibration.qubits.push(QubitRow {
                t1_ns: find("T1")?,
                t2_ns: find("T2")?,
                one_for_zero: find("prob_meas1_prep0")?,
                zero_for_one: find("prob_meas0_prep1")?,
                readout_error: find("readout_error")?,
                readout_ns: find("readout_length")?,
                ..QubitRow::default()
            });
        }
        for gate in &properties.gates {
            let place = || format!("gate {} on qubits {:?}", gate.gate, gate.qubits);
            if let Some(&qubit) = gate.qubits.iter().find(|&&qubit| qubit >= calibration.qubits.len()) {
                return Err(wrong(place(), format!("there is no qubit {qubit}")));
            }
            let row = GateRow {
                error: figure(&gate.parameters, "gate_error", place)?,
                time_ns: figure(&gate.parameters, "gate_length", place)?,
            };
            match gate.qubits[..] {
                [qubit] => {
                    let rank = PULSES.iter().position(|name| *name == gate.gate);
                    let own = &mut calibration.qubits[qubit];
                    if let Some(rank) = rank.filter(|&rank| own.rank.is_none_or(|known| rank < known)) {
                        (own.gate, own.rank) = (row, Some(rank));
                    }
                }
                [a, b] if a != b => calibration.pairs.entry([a.min(b), a.max(b)]).or_default().worse_of(row),
                _ => {}
            }
        }
        calibration.device()
    }

    /// The device of the calibration table that IBM's site exports, one line a qubit.
    ///
    /// As [`Device::from_ibm_properties`]; `name` is what to call it, for the table does not say.
    ///
    /// # Errors
    /// When a needed column is missing or an entry is no number, with its line.
    pub fn from_ibm_csv(name: &str, text: &str) -> Result<Self, DeviceError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(str::to_lowercase).collect(),
            Err(error) => return Err(wrong("line 1".into(), error.to_string())),
        };
        let column = |names: &[&str]| names.iter().find_map(|name| header.iter().position(|title| title.contains(name)));
        let Some(qubit_column) = header.iter().position(|title| title == "qubit") else {
            return Err(wrong("line 1".into(), "there is no column \"Qubit\"; is this a calibration table?".into()));
        };
        let mut calibration = Calibration { name: name.to_owned(), ..Calibration::default() };
        for record in reader.records() {
            let record = record.map_err(|error| wrong("the table".into(), error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let text = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default();
            let number = |names: &[&str], unit: f64| -> Result<Option<f64>, DeviceError> {
                let column = column(names);
                let text = text(column);
                let place = || format!("line {line}, column \"{}\"", column.map_or("", |c| &header[c]));
                if text.is_empty() { Ok(None) } else { parsed(text, place).map(|value| Some(value * unit)) }
            };
            let index = text(Some(qubit_column));
            let place = || format!("line {line}, column \"qubit\"");
            let qubit: usize = index.parse().map_err(|_| wrong(place(), format!("\"{index}\" is no number of a qubit")))?;
            if qubit != calibration.qubits.len() {
                return Err(wrong(place(), format!("qubit {qubit} where {} is next", calibration.qubits.len())));
            }
            let row = QubitRow {
                t1_ns: number(&["t1 (us)", "t1 (µs)"], 1e3)?,
                t2_ns: number(&["t2 (us)", "t2 (µs)"], 1e3)?,
                one_for_zero: number(&["prob meas1 prep0"], 1.0)?,
                zero_for_one: number(&["prob meas0 prep1"], 1.0)?,
                readout_error: number(&["readout assignment error"], 1.0)?,
                readout_ns: number(&["readout length (ns)"], 1.0)?,
                gate: GateRow { error: number(&["(sx) error"], 1.0)?, time_ns: number(&["single-qubit gate length (ns)"], 1.0)? },
                rank: None,
            };
            calibration.qubits.push(row);
            let errors = column(&["cnot error", "ecr error", "cz error"]);
            let times = column(&["gate time (ns)", "gate length (ns)"]).filter(|&c| !header[c].contains("single"));
            for (column, is_error) in [(errors, true), (times, false)] {
                for part in text(column).split(';').map(str::trim).filter(|part| !part.is_empty()) {
                    let place = || format!("line {line}, column \"{}\"", column.map_or("", |c| &header[c]));
                    let (pair, value) = pair_entry(part, qubit)
                        .ok_or_else(|| wrong(place(), format!("\"{part}\" is no entry such as 0_1:0.01")))?;
                    let value = parsed(value, place)?;
                    let row = if is_error {
                        GateRow { error: Some(value), time_ns: None }
                    } else {
                        GateRow { error: None, time_ns: Some(value) }
                    };
                    calibration.pairs.entry(pair).or_default().worse_of(row);
                }
            }
        }
        calibration.device()
    }
}

impl GateRow {
    /// Takes the larger of each figure: a gate and its reverse are one entry.
    fn worse_of(&mut self, other: Self) {
        let larger = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        *self = Self { error: larger(self.error, other.error), time_ns: larger(self.time_ns, other.time_ns) };
    }
}

impl Calibration {
    fn device(mut self) -> Result<Device, DeviceError> {
        let n = self.qubits.len();
        if n == 0 {
            return Err(wrong("the calibration".into(), "it has no qubits".into()));
        }
        if let Some(&[_, qubit]) = self.pairs.keys().find(|pair| pair[1] >= n) {
            return Err(wrong(format!("a gate on qubit {qubit}"), format!("there are {n} qubits")));
        }
        let mut gaps = Gaps::default();
        let t1 = gaps.fill("T1", "ns", self.qubits.iter().map(|row| row.t1_ns))?;
        let mut t2 = gaps.fill("T2", "ns", self.qubits.iter().map(|row| row.t2_ns))?;
        for (qubit, (t2, t1)) in t2.iter_mut().zip(&t1).enumerate() {
            if *t2 > 2.0 * t1 {
                gaps.assumptions
                    .push(format!("T2 of qubit {qubit} is {t2:.1} ns, above 2 T1; taken as 2 T1 = {:.1} ns", 2.0 * t1));
                *t2 = 2.0 * t1;
            }
        }
        for row in &mut self.qubits {
            // the mean of both errors stands for each where only it is known
            row.one_for_zero = row.one_for_zero.or(row.readout_error);
            row.zero_for_one = row.zero_for_one.or(row.readout_error);
        }
        let ones = gaps.fill("the probability to read 1 for 0", "", self.qubits.iter().map(|row| row.one_for_zero))?;
        let zeros = gaps.fill("the probability to read 0 for 1", "", self.qubits.iter().map(|row| row.zero_for_one))?;
        let lengths: Vec<f64> = self.qubits.iter().filter_map(|row| row.readout_ns).collect();
        let readout_ns = lengths.iter().copied().fold(0.0, f64::max);
        if lengths.is_empty() {
            gaps.assumptions.push("the length of a read-out is missing; taken as 0 ns".to_owned());
        }
        if self.qubits.iter().all(|row| row.gate.time_ns.is_none()) {
            gaps.assumptions.push(format!("the length of gates on one qubit is missing; taken as {PULSE_NS:.2} ns"));
            self.qubits.iter_mut().for_each(|row| row.gate.time_ns = Some(PULSE_NS));
        }
        let one_times = gaps.fill("the length of gates on one qubit", "ns", self.qubits.iter().map(|row| row.gate.time_ns))?;
        let one_errors = gaps.fill("the error of gates on one qubit", "", self.qubits.iter().map(|row| row.gate.error))?;
        gaps.assumptions.push("the population of |1> in equilibrium is not in a calibration; taken as 0".to_owned());
        let broken: Vec<[usize; 2]> =
            self.pairs.iter().filter(|(_, row)| row.error.is_some_and(|error| error >= 1.0)).map(|(pair, _)| *pair).collect();
        for pair in &broken {
            gaps.assumptions
                .push(format!("the gate on qubits {} and {} has error 1; left out of the couplings", pair[0], pair[1]));
            self.pairs.remove(pair);
        }
        let name = |[a, b]: &[usize; 2]| format!("{a} and {b}");
        let names: Vec<String> = self.pairs.keys().map(name).collect();
        let pair_times =
            gaps.fill_named("the length of the gate on qubits", "ns", &names, self.pairs.values().map(|row| row.time_ns))?;
        let pair_errors =
            gaps.fill_named("the error of the gate on qubits", "", &names, self.pairs.values().map(|row| row.error))?;
        let relaxation = |qubit: usize, time: f64| 1.0 + 2.0 * (-time / t2[qubit]).exp() + (-time / t1[qubit]).exp();
        let mut gate = Vec::new();
        for qubit in 0..n {
            let (time_ns, error) = (one_times[qubit], one_errors[qubit]);
            let depolarizing_joint = depolarizing(error, 1, relaxation(qubit, time_ns));
            gate.push(PlacedGate { qubits: vec![qubit], time_ns, depolarizing: 0.0, depolarizing_joint });
        }
        for (k, &[a, b]) in self.pairs.keys().enumerate() {
            let time_ns = pair_times[k];
            let depolarizing_joint = depolarizing(pair_errors[k], 2, relaxation(a, time_ns) * relaxation(b, time_ns));
            gate.push(PlacedGate { qubits: vec![a, b], time_ns, depolarizing: 0.0, depolarizing_joint });
        }
        let general =
            |times: &[f64]| GateCalibration { time_ns: median(times).unwrap_or(0.0), depolarizing: 0.0, depolarizing_joint: 0.0 };
        let provenance = match self.date.as_str() {
            "" => "calibration table of IBM's site".to_owned(),
            date => format!("IBM backend properties of {date}"),
        };
        Ok(Device {
            name: self.name,
            provenance,
            num_qubits: Some(n),
            couplings: Some(self.pairs.keys().copied().collect()),
            qubit: QubitCalibration {
                t1_ns: t1,
                t2_ns: t2,
                excited_population: vec![0.0],
                readout: ones.into_iter().zip(zeros).map(|(one, zero)| [one, zero]).collect(),
                readout_ns,
            },
            one_qubit: general(&one_times),
            two_qubit: general(&pair_times),
            gate,
            free_diagonal: true,
            assumptions: gaps.assumptions,
        })
    }
}

/// The probability of depolarizing that, with relaxation whose transfer matrix has this trace, makes the average error of a gate.
///
/// With `F` the average fidelity and `d = 2^n`, the trace of the whole is `d (d + 1) F - d`, and depolarizing shrinks all of it but the
/// first entry. Relaxation alone may exceed the error that was measured: then there is none.
fn depolarizing(error: f64, num_qubits: u32, trace: f64) -> f64 {
    let d = f64::from(1u32 << num_qubits);
    let whole = d * (d + 1.0) * (1.0 - error) - d;
    (1.0 - (whole - 1.0) / (trace - 1.0)).clamp(0.0, 1.0)
}

/// Figures filled in, and what was said about it.
#[derive(Default)]
struct Gaps {
    assumptions: Vec<String>,
}

impl Gaps {
    fn fill(
        &mut self,
        what: &str,
        unit: &str,
        values: impl Iterator<Item = Option<f64>> + Clone,
    ) -> Result<Vec<f64>, DeviceError> {
        let names: Vec<String> = (0..values.clone().count()).map(|qubit| format!("qubit {qubit}")).collect();
        self.fill_named(&format!("{what} of"), unit, &names, values)
    }

    /// The median of what is there stands for what is not.
    fn fill_named(
        &mut self,
        what: &str,
        unit: &str,
        names: &[String],
        values: impl Iterator<Item = Option<f64>> + Clone,
    ) -> Result<Vec<f64>, DeviceError> {
        let known: Vec<f64> = values.clone().flatten().collect();
        let Some(median) = median(&known) else {
            if names.is_empty() {
                return Ok(Vec::new());
            }
            return Err(wrong("the calibration".into(), format!("{} is missing everywhere", what.trim_end_matches(" of"))));
        };
        let fill = |(value, name): (Option<f64>, &String)| {
            value.unwrap_or_else(|| {
                self.assumptions.push(
                    format!("{what} {name} is missing; taken as the median of the others, {median:.6} {unit}")
                        .trim_end()
                        .to_owned(),
                );
                median
            })
        };
        Ok(values.zip(names).map(fill).collect())
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        count if count % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// `0_1:0.01`, or `cx0_1: 0.01`, or `1:0.01` in the line of qubit 0.
fn pair_entry(part: &str, own: usize) -> Option<([usize; 2], &str)> {
    let (pair, value) = part.split_once(':')?;
    let pair = pair.trim().trim_start_matches(|letter: char| letter.is_alphabetic());
    let (a, b) = match pair.split_once('_') {
        Some((a, b)) => (a.trim().parse().ok()?, b.trim().parse().ok()?),
        None => (own, pair.parse().ok()?),
    };
    (a != b).then_some(([a.min(b), a.max(b)], value.trim()))
}

fn parsed(text: &str, place: impl Fn() -> String) -> Result<f64, DeviceError> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        Ok(_) | Err(_) => Err(wrong(place(), format!("\"{text}\" is no positive number"))),
    }
}

fn wrong(place: String, problem: String) -> DeviceError {
    DeviceError::Calibration { place, problem }
}

#[derive(Deserialize)]
struct Properties {
    backend_name: String,
    #[serde(default)]
    last_update_date: String,
    qubits: Vec<Vec<Parameter>>,
    gates: Vec<GateProperties>,
}

#[derive(Deserialize)]
struct GateProperties {
    qubits: Vec<usize>,
    gate: String,
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    #[serde(default)]
    unit: String,
    value: Option<f64>,
}

/// A figure in nanoseconds, or without a unit.
fn figure(list: &[Parameter], name: &str, place: impl Fn() -> String) -> Result<Option<f64>, DeviceError> {
    let Some(parameter) = list.iter().find(|parameter| parameter.name == name) else { return Ok(None) };
    let Some(value) = parameter.value else { return Ok(None) };
    let unit = match parameter.unit.as_str() {
        "" | "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        other => return Err(wrong(place(), format!("{name} has the unit \"{other}\"; known are ns, us, ms and s"))),
    };
    if value.is_finite() && value >= 0.0 {
        Ok(Some(value * unit))
    } else {
        Err(wrong(place(), format!("{name} is {value}; it must be a positive number")))
    }
}

#[cfg(test)]
mod tests;
