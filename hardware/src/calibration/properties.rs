//! IBM's backend properties, in JSON.

use qloom_circuits::Gate;
use serde::Deserialize;

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
    value: Option<f64>,
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
        let properties: Properties = serde_json::from_str(text)
            .map_err(|error| HardwareError::Format { format: "IBM backend properties", reason: error.to_string() })?;
        let provenance = match properties.last_update_date.as_str() {
            "" => "IBM backend properties".to_owned(),
            date => format!("IBM backend properties of {date}"),
        };
        let mut calibration = Calibration { name: properties.backend_name, provenance, ..Calibration::default() };
        for (qubit, list) in properties.qubits.iter().enumerate() {
            let find = |name: &str| number(list, name, || format!("qubit {qubit}"));
            calibration.qubits.push(QubitRow {
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
                error: number(&row.parameters, "gate_error", place)?,
                time_ns: number(&row.parameters, "gate_length", place)?,
            });
        }
        calibration.native = Some(native);
        calibration.device()
    }
}

/// A number in nanoseconds, or without a unit.
fn number(list: &[Parameter], name: &str, place: impl Fn() -> String) -> Result<Option<f64>, HardwareError> {
    let Some(parameter) = list.iter().find(|parameter| parameter.name == name) else { return Ok(None) };
    let Some(value) = parameter.value else { return Ok(None) };
    let place = || format!("{}, {name}", place());
    let unit = match parameter.unit.as_str() {
        "" | "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        other => {
            return Err(HardwareError::Entry { place: place(), text: other.into(), expected: "a unit: ns, us, ms or s" });
        }
    };
    if value.is_finite() && value >= 0.0 {
        Ok(Some(value * unit))
    } else {
        Err(HardwareError::Entry { place: place(), text: value.to_string(), expected: "a number of at least 0" })
    }
}
