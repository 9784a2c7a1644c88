//! Qiskit's `Target`, in JSON.

use std::collections::{BTreeMap, BTreeSet};

use qloom_circuits::Gate;
use serde::Deserialize;

use super::configuration::Listing;
use super::properties::with_null;
use super::{Calibration, GateRow, QubitRow};
use crate::device::Device;
use crate::error::HardwareError;

/// A `Target` under the names that its attributes have in Qiskit; times in seconds.
#[derive(Deserialize)]
struct Target {
    #[serde(default)]
    description: Option<String>,
    num_qubits: usize,
    #[serde(default)]
    dt: Option<f64>,
    #[serde(default)]
    qubit_properties: Option<Vec<Option<QubitProperties>>>,
    /// By the name of the instruction.
    instructions: BTreeMap<String, Vec<Instruction>>,
}

#[derive(Deserialize)]
struct QubitProperties {
    t1: Option<f64>,
    t2: Option<f64>,
}

#[derive(Deserialize)]
struct Instruction {
    /// None where the instruction acts on any qubits.
    qargs: Option<Vec<usize>>,
    #[serde(default)]
    duration: Option<f64>,
    #[serde(default)]
    error: Option<f64>,
}

const SECOND_NS: f64 = 1e9;

impl Device {
    /// The device of Qiskit's `Target`, written as JSON under the names of its attributes; times in seconds, as there.
    ///
    /// Qiskit itself has no file format for a target. For one that is called `target` this is written by
    /// ```python
    /// json.dump({"description": target.description, "num_qubits": target.num_qubits, "dt": target.dt,
    ///            "qubit_properties": [q and {"t1": q.t1, "t2": q.t2} for q in target.qubit_properties or []],
    ///            "instructions": {name: [{"qargs": qargs, "duration": p and p.duration, "error": p and p.error}
    ///                                    for qargs, p in target[name].items()] for name in target.operation_names}}, file)
    /// ```
    /// A two-qubit gate is native on the pairs that are listed, in their order; without `qargs` on all of them. With T1, T2 and errors the
    /// device is calibrated, by the rules of [`Device::from_ibm_properties`]: the error of `measure` is that of reading either outcome.
    ///
    /// # Errors
    /// When the text is not such a JSON text, a pair is none of its qubits, or a number is impossible.
    ///
    /// ```
    /// use qloom_hardware::Device;
    /// let text = r#"{"num_qubits": 3, "instructions": {"sx": [{"qargs": [0]}, {"qargs": [1]}], "rz": [{"qargs": [0]}],
    ///     "ecr": [{"qargs": [1, 0]}, {"qargs": [1, 2]}], "delay": [{"qargs": [0]}]}}"#;
    /// assert_eq!(Device::from_qiskit_target("mine", text)?.couplings, Some(vec![[1, 0], [1, 2]]));
    /// # Ok::<(), qloom_hardware::HardwareError>(())
    /// ```
    pub fn from_qiskit_target(name: &str, text: &str) -> Result<Self, HardwareError> {
        let format = "Qiskit target";
        let target: Target = serde_json::from_str(&with_null(text))
            .map_err(|error| HardwareError::Format { format, reason: error.to_string() })?;
        let two = |name: &str| Gate::from_name(name).is_some_and(|gate| gate.num_qubits() == 2);
        let rows = || target.instructions.iter().filter(|(name, _)| two(name)).flat_map(|(_, rows)| rows);
        let anywhere = rows().any(|row| row.qargs.is_none());
        let pairs: BTreeSet<[usize; 2]> = rows().filter_map(|row| <[usize; 2]>::try_from(row.qargs.as_deref()?).ok()).collect();
        let listing = Listing {
            name: target.description.clone().filter(|text| !text.is_empty()).unwrap_or_else(|| name.to_owned()),
            provenance: format.to_owned(),
            num_qubits: target.num_qubits,
            gates: target.instructions.keys().cloned().collect(),
            pairs: (!anywhere).then_some(pairs),
            dt_ns: target.dt.map(|dt| dt * SECOND_NS),
        };
        let device = listing.device()?;
        match target.calibration(format)? {
            Some(calibration) => device.calibrated_by(calibration.device()?),
            None => Ok(device),
        }
    }
}

impl Target {
    /// Calibration data, where there are times of qubits and errors of gates.
    fn calibration(&self, format: &str) -> Result<Option<Calibration>, HardwareError> {
        let times = self.qubit_properties.as_deref().unwrap_or_default();
        let erroneous = self.instructions.values().flatten().any(|row| row.error.is_some() && row.qargs.is_some());
        if !erroneous || !times.iter().flatten().any(|row| row.t1.is_some()) {
            return Ok(None);
        }
        if times.len() != self.num_qubits {
            let device = self.description.clone().unwrap_or_else(|| format.to_owned());
            let (given, expected) = (times.len(), self.num_qubits);
            return Err(HardwareError::Length { device, field: "qubit_properties", given, expected });
        }
        let mut qubits = vec![QubitRow::default(); self.num_qubits];
        for (qubit, (row, times)) in qubits.iter_mut().zip(times).enumerate() {
            let Some(times) = times else { continue };
            row.t1_ns = checked(times.t1, || format!("t1 of qubit {qubit}"))?.map(|time| time * SECOND_NS);
            row.t2_ns = checked(times.t2, || format!("t2 of qubit {qubit}"))?.map(|time| time * SECOND_NS);
        }
        let mut calibration = Calibration { name: String::new(), provenance: String::new(), ..Calibration::default() };
        for (name, rows) in &self.instructions {
            let known = Gate::from_name(name);
            for row in rows {
                let Some(qargs) = &row.qargs else { continue };
                let place = |what: &str| format!("the {what} of {name} on {qargs:?}");
                let error = checked(row.error, || place("error"))?;
                let time_ns = checked(row.duration, || place("duration"))?.map(|time| time * SECOND_NS);
                match (name.as_str(), qargs[..].first().and_then(|&qubit| qubits.get_mut(qubit))) {
                    ("measure", Some(qubit)) => (qubit.readout_error, qubit.readout_ns) = (error, time_ns),
                    _ => {
                        let gate = known.filter(|gate| gate.num_qubits() == qargs.len());
                        if gate.is_some() {
                            let qubits = qargs.clone();
                            calibration.gates.push(GateRow { gate, qubits, out_of_order: false, error, time_ns });
                        }
                    }
                }
            }
        }
        calibration.native = Some(self.instructions.keys().filter_map(|name| Gate::from_name(name)).collect());
        calibration.qubits = qubits;
        Ok(Some(calibration))
    }
}

/// A number of at least 0, where it is there.
fn checked(value: Option<f64>, place: impl Fn() -> String) -> Result<Option<f64>, HardwareError> {
    match value {
        Some(number) if !(number.is_finite() && number >= 0.0) => {
            Err(HardwareError::Entry { place: place(), text: number.to_string(), expected: "a number of at least 0" })
        }
        _ => Ok(value),
    }
}
