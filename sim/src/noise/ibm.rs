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
        let properties: Properties = serde_json::from_str(text)
            .map_err(|error| wrong(format!("line {}, column {}", error.line(), error.column()), error.to_string()))?;
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
mod tests {
    use qloom_circuits::Circuit;

    use super::*;

    const PROPERTIES: &str = r#"{ "backend_name": "made_up", "last_update_date": "2024-01-01",
        "qubits": [
            [{"name": "T1", "unit": "us", "value": 100.0}, {"name": "T2", "unit": "us", "value": 80.0},
             {"name": "prob_meas0_prep1", "unit": "", "value": 0.03}, {"name": "prob_meas1_prep0", "unit": "", "value": 0.01},
             {"name": "readout_length", "unit": "ns", "value": 3500}],
            [{"name": "T1", "unit": "us", "value": 50.0}, {"name": "T2", "unit": "us", "value": 130.0},
             {"name": "readout_error", "unit": "", "value": 0.02}],
            [{"name": "T1", "unit": "us", "value": 60.0}, {"name": "readout_error", "value": 0.05}]],
        "gates": [
            {"qubits": [0], "gate": "sx", "parameters": [{"name": "gate_error", "value": 3e-4}, {"name": "gate_length", "unit": "ns", "value": 40}]},
            {"qubits": [1], "gate": "sx", "parameters": [{"name": "gate_error", "value": 4e-4}, {"name": "gate_length", "unit": "ns", "value": 40}]},
            {"qubits": [2], "gate": "sx", "parameters": [{"name": "gate_error", "value": 5e-4}, {"name": "gate_length", "unit": "ns", "value": 40}]},
            {"qubits": [1, 0], "gate": "cx", "parameters": [{"name": "gate_error", "value": 0.01}, {"name": "gate_length", "unit": "ns", "value": 400}]},
            {"qubits": [0, 1], "gate": "cx", "parameters": [{"name": "gate_error", "value": 0.01}, {"name": "gate_length", "unit": "ns", "value": 440}]},
            {"qubits": [2, 1], "gate": "cx", "parameters": [{"name": "gate_error", "value": 1.0}]}] }"#;

    /// The average fidelity of the channels behind a gate is what the calibration measured.
    #[test]
    fn the_noise_has_the_measured_error() {
        let device = Device::from_ibm_properties(PROPERTIES).expect("it is complete enough");
        assert_eq!(device.couplings, Some(vec![[0, 1]]));
        let model = device.noise(2).expect("possible figures");
        for (gate, error) in [(vec![0], 3e-4), (vec![1], 4e-4), (vec![0, 1], 0.01)] {
            let mut circuit = Circuit::new(2);
            match gate[..] {
                [q] => circuit.sx(q),
                _ => circuit.cx(1, 0),
            };
            let noisy = model.apply(&circuit).expect("it fits");
            // entanglement fidelity: the trace of the channels' product over 4^n
            let trace: f64 = (0..1usize << (2 * gate.len()))
                .map(|pauli| {
                    let mut shrink = 1.0;
                    for operation in noisy.operations() {
                        let qloom_circuits::Operation::Channel { channel, qubits } = operation else { continue };
                        let size = 1 << (2 * qubits.len());
                        let local = qubits.iter().enumerate().map(|(k, q)| {
                            let position = gate.iter().position(|own| own == q).expect("the gate's own qubits");
                            (pauli >> (2 * position) & 3) << (2 * k)
                        });
                        let local: usize = local.sum();
                        shrink *= channel.transfer()[local * size + local];
                    }
                    shrink
                })
                .sum();
            let d = f64::from(1u32 << gate.len());
            let fidelity = (trace / d + 1.0) / (d + 1.0);
            assert!((1.0 - fidelity - error).abs() < 1e-12, "{gate:?}: {}", 1.0 - fidelity);
        }
        assert_eq!(model.readout, [[0.01, 0.03], [0.02, 0.02]]);
        assert!(model.apply(Circuit::new(2).rz(0.1, 0)).expect("it fits").operations().len() == 1, "rz is free");
    }

    #[test]
    fn gaps_are_filled_and_said() {
        let device = Device::from_ibm_properties(PROPERTIES).expect("it is complete enough");
        let said = device.assumptions.join("\n");
        for part in
            ["T2 of qubit 2 is missing", "T2 of qubit 1 is 130000.0 ns, above 2 T1", "qubits 1 and 2 has error 1", "population"]
        {
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(device.qubit.t2_ns, [80_000.0, 100_000.0, 105_000.0]);
        assert!(device.check(Circuit::new(3).cx(1, 2)).is_err() && device.check(Circuit::new(3).cx(1, 0)).is_ok());
    }

    #[test]
    fn tables_are_read_as_the_site_writes_them() {
        let table = "Qubit,T1 (us),T2 (us),Frequency (GHz),Readout assignment error ,Prob meas0 prep1 ,Prob meas1 prep0 ,\
            Readout length (ns),ID error ,√x (sx) error ,Pauli-X error ,CNOT error ,Gate time (ns)\n\
            0,100,80,5.0,0.02,0.03,0.01,3500,3e-4,3e-4,3e-4,0_1:0.01,0_1:400\n\
            1,50,60,5.1,0.02,0.02,0.02,3500,4e-4,4e-4,4e-4,1_0:0.01;1_2:0.02,1_0:440;1_2:500\n\
            2,60,,5.1,0.05,,,3500,5e-4,5e-4,5e-4,\"2_1:0.02\",2_1:480\n";
        let device = Device::from_ibm_csv("made_up", table).expect("it is a table");
        assert_eq!(device.num_qubits, Some(3));
        assert_eq!(device.couplings, Some(vec![[0, 1], [1, 2]]));
        let times: Vec<f64> = device.gate.iter().map(|gate| gate.time_ns).collect();
        assert_eq!(times[3..], [440.0, 500.0]);
        assert!((times[0] - 35.56).abs() < 0.01 && device.assumptions.iter().any(|line| line.contains("35.56 ns")));
        let wrong = table.replace("0_1:400", "0-1=400");
        let message = Device::from_ibm_csv("made_up", &wrong).expect_err("no pair").to_string();
        assert!(message.contains("line 2") && message.contains("gate time"), "{message}");
        assert!(Device::from_ibm_csv("x", "a,b\n1,2\n").is_err());
        assert!(Device::from_ibm_properties("{}").is_err());
        assert!(Device::from_ibm_properties(&PROPERTIES.replace("100.0", "-1.0")).is_err());
    }

    /// Whatever a file holds, reading it ends with a device or a message.
    #[test]
    fn damaged_calibrations_never_panic() {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(3);
        let letters = b"0123456789.-e\"{}[],:;_ \nnulx";
        let mut read = 0;
        for _ in 0..20_000 {
            let mut bytes = PROPERTIES.as_bytes().to_vec();
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(0..bytes.len());
                bytes[at] = letters[rng.random_range(0..letters.len())];
            }
            let text = String::from_utf8_lossy(&bytes);
            if let Ok(device) = Device::from_ibm_properties(&text) {
                read += 1;
                let _ = device.noise(3).and_then(|_| device.idle_noise(3)).map_err(|error| error.to_string());
            }
            let _ = Device::from_ibm_csv("x", &text).map_err(|error| error.to_string());
        }
        assert!(read > 100, "most of the damage was in the structure: {read} read");
    }

    /// A device written as its own file is the same device.
    #[test]
    fn own_files_hold_everything() {
        let device = Device::from_ibm_properties(PROPERTIES).expect("it is complete enough");
        let text = toml::to_string(&device).expect("a table");
        assert_eq!(toml::from_str::<Device>(&text).expect("the same"), device);
    }
}
