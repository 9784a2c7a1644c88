//! IBM's backend properties, in JSON.

use qloom_circuits::Gate;
use serde::Deserialize;

use super::gap::{read_number, unit_ns};
use super::{Calibration, GateRow, QubitRow};
use crate::device::Device;
use crate::error::HardwareError;

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
    /// A number, or a text that may be one.
    #[serde(default)]
    value: serde_json::Value,
}

impl Device {
    /// The device of IBM's backend properties, as `backend.properties().to_dict()` gives them.
    ///
    /// Native gates, couplings, durations and errors are those of the file, each gate with its own on its qubits. Relaxation follows from
    /// T1, T2 and the durations; what the measured error of a gate is above that is depolarizing of its qubits together. Diagonal gates on
    /// one qubit are virtual. Missing data are assumed to be the median of the others, and [`Device::assumptions`] says which.
    ///
    /// # Errors
    /// When the text is not such a JSON text, or a number is impossible.
    pub fn from_ibm_properties(text: &str) -> Result<Self, HardwareError> {
        let properties: Properties = serde_json::from_str(&with_null(text))
            .map_err(|error| HardwareError::Format { format: "IBM backend properties", reason: error.to_string() })?;
        let provenance = match properties.last_update_date.as_str() {
            "" => "IBM backend properties".to_owned(),
            date => format!("IBM backend properties of {date}"),
        };
        let mut calibration = Calibration { name: properties.backend_name, provenance, ..Calibration::default() };
        for (qubit, list) in properties.qubits.iter().enumerate() {
            let find = |name: &str| number(list, name, || format!("qubit {qubit}"));
            calibration.qubits.push(QubitRow {
                out_of_order: find("operational")? == Some(0.0),
                t1_ns: find("T1")?,
                t2_ns: find("T2")?,
                one_for_zero: find("prob_meas1_prep0")?,
                zero_for_one: find("prob_meas0_prep1")?,
                readout_error: find("readout_error")?,
                readout_ns: find("readout_length")?,
            });
        }
        let mut native = Vec::new();
        for row in &properties.gates {
            let place = || format!("gate {} on qubits {:?}", row.gate, row.qubits);
            let gate = Gate::from_name(&row.gate).filter(|gate| gate.num_qubits() == row.qubits.len());
            match row.qubits[..] {
                [a, b] if a != b => {}
                [_] if gate.is_some() => {}
                _ => continue, // measurement, reset and the like
            }
            native.extend(gate.filter(|gate| !native.contains(gate)));
            calibration.gates.push(GateRow {
                gate,
                qubits: row.qubits.clone(),
                out_of_order: number(&row.parameters, "operational", place)? == Some(0.0),
                error: number(&row.parameters, "gate_error", place)?,
                time_ns: number(&row.parameters, "gate_length", place)?,
            });
        }
        calibration.native = Some(native);
        calibration.device()
    }
}

/// A number in nanoseconds, or without a unit; none where there is a gap, 0 and 1 for truth values.
fn number(list: &[Parameter], name: &str, place: impl Fn() -> String) -> Result<Option<f64>, HardwareError> {
    let Some(parameter) = list.iter().find(|parameter| parameter.name == name) else { return Ok(None) };
    let wrong = |text: String, expected| HardwareError::Entry { place: format!("{}, {name}", place()), text, expected };
    let unit = unit_ns(&parameter.unit).ok_or_else(|| wrong(parameter.unit.clone(), "a unit: ns, us, ms or s"))?;
    let value = match &parameter.value {
        serde_json::Value::Null => Some(None),
        serde_json::Value::Bool(value) => Some(Some(f64::from(u8::from(*value)))),
        serde_json::Value::Number(value) => value.as_f64().filter(|value| *value >= 0.0).map(Some),
        serde_json::Value::String(text) => read_number(text),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    };
    let value = value.ok_or_else(|| wrong(parameter.value.to_string(), "a number of at least 0"))?;
    Ok(value.map(|value| value * unit))
}

/// The text with `null` for the numbers that Python writes and JSON does not have.
pub(super) fn with_null(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let (mut quoted, mut escaped) = (false, false);
    while let Some(letter) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| !quoted && rest.starts_with(word));
        if let Some(word) = word {
            out.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        quoted ^= letter == '"' && !escaped;
        escaped = quoted && letter == '\\' && !escaped;
        out.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    out
}
