//! Amazon Braket's device properties, in JSON.

use std::collections::{BTreeMap, BTreeSet};

use qloom_circuits::Gate;
use qloom_circuits::qasm::Dialect;
use serde::Deserialize;

use super::{Calibration, GateRow, PULSES, QubitRow};
use crate::device::Device;
use crate::error::HardwareError;

const FORMAT: &str = "Amazon Braket device properties";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    paradigm: Paradigm,
    standardized: Option<Standardized>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paradigm {
    qubit_count: usize,
    native_gate_set: Vec<String>,
    connectivity: Connections,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connections {
    fully_connected: bool,
    #[serde(default)]
    connectivity_graph: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Standardized {
    #[serde(default)]
    one_qubit_properties: BTreeMap<String, OneQubit>,
    #[serde(default)]
    two_qubit_properties: BTreeMap<String, TwoQubits>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneQubit {
    #[serde(rename = "T1")]
    t1: Option<Time>,
    #[serde(rename = "T2")]
    t2: Option<Time>,
    #[serde(default)]
    one_qubit_fidelity: Vec<Fidelity>,
}

#[derive(Deserialize)]
struct Time {
    value: f64,
    unit: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fidelity {
    fidelity_type: FidelityType,
    fidelity: f64,
}

#[derive(Deserialize)]
struct FidelityType {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TwoQubits {
    #[serde(default)]
    two_qubit_gate_fidelity: Vec<GateFidelity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GateFidelity {
    gate_name: String,
    fidelity: f64,
}

impl Device {
    /// The device of Amazon Braket's device properties, as `device.properties.json()` gives them; `name` is what to call it, for the text
    /// does not say.
    ///
    /// Native gates and couplings are those of `paradigm`, errors and times those of `standardized`. Qubits are named as on the machine; a
    /// number that none has is out of order. Machines whose only one-qubit gates are `rx` and `rz` are given `sx` instead of `rx`, which is
    /// its quarter turn.
    ///
    /// # Errors
    /// When the text is not such a JSON text, or names a qubit by something else than a number.
    pub fn from_braket_properties(name: &str, text: &str) -> Result<Self, HardwareError> {
        let file: Properties =
            serde_json::from_str(text).map_err(|error| HardwareError::Format { format: FORMAT, reason: error.to_string() })?;
        let mut assumptions = Vec::new();
        let native = native_gates(&file.paradigm.native_gate_set, &mut assumptions);
        let mut pairs: BTreeSet<[usize; 2]> = BTreeSet::new();
        for (from, list) in &file.paradigm.connectivity.connectivity_graph {
            for to in list {
                let [a, b] = [qubit(from)?, qubit(to)?];
                if a != b {
                    pairs.insert([a.min(b), a.max(b)]);
                }
            }
        }
        let standardized = file
            .standardized
            .unwrap_or(Standardized { one_qubit_properties: BTreeMap::new(), two_qubit_properties: BTreeMap::new() });
        let mut named: BTreeSet<usize> = pairs.iter().flatten().copied().collect();
        for key in file.paradigm.connectivity.connectivity_graph.keys().chain(standardized.one_qubit_properties.keys()) {
            named.insert(qubit(key)?);
        }
        if named.is_empty() {
            named.extend(0..file.paradigm.qubit_count.min(Self::LARGEST));
        }
        let count = named.last().map_or(0, |last| last + 1);
        let absent: Vec<usize> = (0..count).filter(|qubit| !named.contains(qubit)).collect();
        let mut device = if standardized.one_qubit_properties.is_empty() {
            Device { num_qubits: Some(count), virtual_z: true, ..Device::new(name) }
        } else {
            let pulse = PULSES.into_iter().find(|pulse| native.contains(pulse)).unwrap_or(Gate::Sx);
            calibration(name, count, &absent, &standardized, pulse)?.device()?
        };
        if device.is_calibrated() {
            assumptions.push("the durations of gates are not in the file; assumed to be 0 ns".to_owned());
        }
        device.provenance = Some(FORMAT.to_owned());
        device.gates = Some(native);
        device.faulty.extend(absent);
        device.faulty.sort_unstable();
        device.faulty.dedup();
        device.couplings = (!file.paradigm.connectivity.fully_connected).then(|| pairs.into_iter().collect());
        let said = device
            .assumptions
            .into_iter()
            .filter(|said| !said.starts_with("a complete set") && !said.ends_with("is not operational; left out"));
        device.assumptions = assumptions.into_iter().chain(said).collect();
        Ok(device)
    }
}

fn qubit(text: &str) -> Result<usize, HardwareError> {
    let number = text.parse().ok().filter(|&number: &usize| number < Device::LARGEST);
    number.ok_or_else(|| HardwareError::Entry { place: "a qubit".into(), text: text.into(), expected: "a number below 1000000" })
}

/// The gates of the table behind Braket's names.
fn gate(name: &str) -> Option<Gate> {
    let name = name.to_lowercase();
    Gate::all().find(|gate| gate.name_in(Dialect::Braket) == Some(&name)).or_else(|| Gate::from_name(&name))
}

fn native_gates(names: &[String], assumptions: &mut Vec<String>) -> Vec<Gate> {
    let mut gates: Vec<Gate> = Vec::new();
    let mut unknown = Vec::new();
    for name in names {
        match gate(name) {
            Some(gate) if !gates.contains(&gate) => gates.push(gate),
            Some(_) => {}
            None => unknown.push(name.as_str()),
        }
    }
    if !unknown.is_empty() {
        assumptions.push(format!("native gates without a name here are left out: {}", unknown.join(", ")));
    }
    gates
}

fn calibration(
    name: &str,
    count: usize,
    absent: &[usize],
    data: &Standardized,
    pulse: Gate,
) -> Result<Calibration, HardwareError> {
    let mut calibration = Calibration { name: name.to_owned(), ..Calibration::default() };
    calibration.qubits = vec![QubitRow::default(); count];
    for &qubit in absent {
        calibration.qubits[qubit].out_of_order = true;
    }
    for (key, row) in &data.one_qubit_properties {
        let index = qubit(key)?;
        let place = || format!("qubit {index}");
        let own = &mut calibration.qubits[index];
        (own.t1_ns, own.t2_ns) = (nanoseconds(row.t1.as_ref(), place)?, nanoseconds(row.t2.as_ref(), place)?);
        let named = |part: &str| {
            let found = row.one_qubit_fidelity.iter().find(|fidelity| fidelity.fidelity_type.name.to_uppercase().contains(part));
            found.map(|fidelity| error_of(fidelity.fidelity, place)).transpose()
        };
        own.readout_error = named("READOUT")?;
        let error = match named("SIMULTANEOUS")? {
            Some(error) => Some(error),
            None => named("BENCHMARKING")?,
        };
        calibration.gates.push(GateRow {
            gate: Some(pulse),
            qubits: vec![index],
            error,
            time_ns: Some(0.0),
            ..GateRow::default()
        });
    }
    for (key, row) in &data.two_qubit_properties {
        let ends: Vec<&str> = key.split('-').collect();
        let [a, b] = ends[..] else {
            let (place, text) = ("twoQubitProperties".into(), key.clone());
            return Err(HardwareError::Entry { place, text, expected: "two qubits joined by a dash" });
        };
        let qubits = [qubit(a)?, qubit(b)?];
        for fidelity in &row.two_qubit_gate_fidelity {
            let Some(gate) = gate(&fidelity.gate_name).filter(|gate| gate.num_qubits() == 2) else { continue };
            let error = Some(error_of(fidelity.fidelity, || format!("qubits {key}"))?);
            calibration.gates.push(GateRow {
                gate: Some(gate),
                qubits: qubits.to_vec(),
                error,
                time_ns: Some(0.0),
                ..GateRow::default()
            });
        }
    }
    Ok(calibration)
}

fn error_of(fidelity: f64, place: impl Fn() -> String) -> Result<f64, HardwareError> {
    if (0.0..=1.0).contains(&fidelity) {
        return Ok(1.0 - fidelity);
    }
    Err(HardwareError::Entry { place: place(), text: fidelity.to_string(), expected: "a fidelity between 0 and 1" })
}

fn nanoseconds(time: Option<&Time>, place: impl Fn() -> String) -> Result<Option<f64>, HardwareError> {
    let Some(Time { value, unit }) = time else { return Ok(None) };
    let unit_ns = super::gap::unit_ns(&unit.to_lowercase()).filter(|_| !unit.is_empty() && *value >= 0.0);
    let wrong =
        || HardwareError::Entry { place: place(), text: format!("{value} {unit}"), expected: "a time in s, ms, us or ns" };
    unit_ns.map(|unit_ns| Some(value * unit_ns)).ok_or_else(wrong)
}
