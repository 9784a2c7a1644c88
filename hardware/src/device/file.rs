//! What a device file may hold: the device itself, a named machine as its base, and the keys of older files.

use qloom_circuits::Gate;
use serde::Deserialize;

use super::{Device, GateCalibration, PlacedGate, QubitCalibration};
use crate::error::HardwareError;

/// A device as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceFile {
    name: String,
    provenance: Option<String>,
    /// The machine whose gates, qubits and couplings hold where the file has none.
    machine: Option<String>,
    gates: Option<Vec<Gate>>,
    num_qubits: Option<usize>,
    couplings: Option<Vec<Vec<usize>>>,
    /// One for each coupling, as older files of compilation targets have them.
    errors: Option<Vec<f64>>,
    #[serde(default)]
    faulty: Vec<usize>,
    /// Older files call it `free_diagonal`.
    #[serde(alias = "free_diagonal")]
    virtual_z: Option<bool>,
    dt_ns: Option<f64>,
    #[serde(default)]
    assumptions: Vec<String>,
    qubit: Option<QubitCalibration>,
    one_qubit: Option<GateCalibration>,
    two_qubit: Option<GateCalibration>,
    #[serde(default)]
    gate: Vec<PlacedGate>,
}

impl TryFrom<DeviceFile> for Device {
    type Error = HardwareError;

    fn try_from(file: DeviceFile) -> Result<Self, HardwareError> {
        let mut base = match &file.machine {
            Some(machine) => Device::from_name(machine)?,
            None => Device::new(""),
        };
        if file.num_qubits.is_some() && file.couplings.is_none() {
            let limit = file.num_qubits.unwrap_or(0);
            // a machine that is given fewer qubits keeps the couplings between them
            if let Some(couplings) = &mut base.couplings {
                couplings.retain(|pair| pair.iter().all(|&qubit| qubit < limit));
            }
        }
        let mut gate = file.gate;
        let couplings = file.couplings.map(pairs).transpose()?.or(base.couplings);
        if let Some(errors) = file.errors {
            let pairs = couplings.as_deref().unwrap_or_default();
            if errors.len() != pairs.len() || errors.iter().any(|error| !(0.0..=1.0).contains(error)) {
                return Err(HardwareError::BadErrors { given: errors.len(), expected: pairs.len() });
            }
            let placed = |(pair, error): (&[usize; 2], f64)| PlacedGate {
                qubits: pair.to_vec(),
                error: Some(error),
                ..PlacedGate::default()
            };
            gate.extend(pairs.iter().zip(errors).map(placed));
        }
        if let (None, Some(gates)) = (&file.gates, &mut base.gates) {
            // a machine has the gates that the file places on it
            for &placed in gate.iter().flat_map(|row| &row.gates) {
                if !gates.contains(&placed) {
                    gates.push(placed);
                }
            }
        }
        let device = Self {
            name: file.name,
            provenance: file.provenance,
            gates: file.gates.or(base.gates),
            num_qubits: file.num_qubits.or(base.num_qubits),
            couplings,
            faulty: file.faulty,
            virtual_z: file.virtual_z.unwrap_or(base.virtual_z),
            dt_ns: file.dt_ns.or(base.dt_ns),
            assumptions: file.assumptions,
            qubit: file.qubit,
            one_qubit: file.one_qubit,
            two_qubit: file.two_qubit,
            gate,
        };
        device.check_figures()?;
        Ok(device)
    }
}

/// Couplings, each of two qubits.
fn pairs(list: Vec<Vec<usize>>) -> Result<Vec<[usize; 2]>, HardwareError> {
    let pair = |entry: Vec<usize>| {
        <[usize; 2]>::try_from(entry).map_err(|entry| HardwareError::Entry {
            place: "couplings".into(),
            text: format!("{entry:?}"),
            expected: "a pair of qubits",
        })
    };
    list.into_iter().map(pair).collect()
}

impl Device {
    /// Refuses what no device has, whatever circuit comes: sizes, qubits, durations and names.
    fn check_figures(&self) -> Result<(), HardwareError> {
        let wrong = |place: &str, text: String, expected| Err(HardwareError::Entry { place: place.into(), text, expected });
        if let Some(dt) = self.dt_ns.filter(|dt| !(dt.is_finite() && *dt > 0.0)) {
            return wrong("dt_ns", dt.to_string(), "a positive number of nanoseconds");
        }
        if self.name.chars().any(char::is_control) {
            return wrong("name", self.name.clone(), "a name without control characters");
        }
        let limit = self.num_qubits.unwrap_or(Self::LARGEST);
        if limit > Self::LARGEST {
            return wrong("num_qubits", limit.to_string(), "a number of at most 1000000");
        }
        for &pair in self.couplings.iter().flatten() {
            if pair[0] == pair[1] || pair.iter().any(|&qubit| qubit >= limit) {
                return Err(HardwareError::BadCoupling { pair, num_qubits: limit });
            }
        }
        if let Some(qubit) = self.faulty.iter().find(|qubit| **qubit >= limit) {
            return wrong("faulty", qubit.to_string(), "one of the qubits of the device");
        }
        if let Some(row) = self.gate.iter().find(|row| row.qubits.iter().any(|&qubit| qubit >= limit)) {
            return wrong("gate, qubits", format!("{:?}", row.qubits), "a list of qubits of the device");
        }
        let times = [
            ("qubit, readout_ns", self.qubit.as_ref().map(|qubit| qubit.readout_ns)),
            ("one_qubit, time_ns", self.one_qubit.map(|gate| gate.time_ns)),
            ("two_qubit, time_ns", self.two_qubit.map(|gate| gate.time_ns)),
        ];
        let placed = self.gate.iter().map(|row| ("gate, time_ns", row.time_ns));
        for (place, time) in times.into_iter().chain(placed) {
            if let Some(time) = time.filter(|time| !(time.is_finite() && *time >= 0.0)) {
                return wrong(place, time.to_string(), "a number of nanoseconds of at least 0");
            }
        }
        Ok(())
    }
}
