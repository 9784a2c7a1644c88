//! Devices: what one quantum computer is, and what is known about it.

mod durations;
mod expected;
mod file;
pub(crate) mod noise;
#[cfg(test)]
mod tests;

pub use durations::DeviceDurations;

use qloom_circuits::{Circuit, Gate, Operation};
use serde::{Deserialize, Serialize};

use crate::error::HardwareError;
use crate::placement::{Placement, on_same_qubits, row_for};

/// A quantum computer: native gates, couplings, durations and calibration data. Everything but the name is optional.
///
/// Times are in nanoseconds. Lists of the qubits have one entry for each qubit; a list of one entry holds for every qubit. In a TOML
/// file, `machine = "heron"` takes gates, number of qubits and couplings from a machine that [`Device::from_name`] knows.
///
/// ```
/// use qloom_hardware::Device;
/// let text = r#"
///     name = "example"
///     machine = "line-3"
///     [qubit]
///     t1_ns = [100000.0]
///     t2_ns = [120000.0]
///     readout = [[0.01, 0.02]]
///     [one_qubit]
///     time_ns = 35.0
///     depolarizing = 1e-4
///     [[gate]]
///     gates = ["cz"]
///     qubits = [0, 1]
///     time_ns = 80.0
///     error = 2e-3
/// "#;
/// let device: Device = toml::from_str(text)?;
/// assert_eq!(device.couplings, Some(vec![[0, 1], [1, 2]]));
/// assert_eq!(device.gate_error(qloom_circuits::Gate::Cz, &[0, 1]), Some(2e-3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "file::DeviceFile")]
pub struct Device {
    /// What it is called.
    pub name: String,
    /// Where the data come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<String>,
    /// Native gates; measurement, reset and delay are always native. Not known if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gates: Option<Vec<Gate>>,
    /// Number of qubits; any number if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_qubits: Option<usize>,
    /// Pairs that a two-qubit gate can join, in this order where the gate tells its qubits apart; all pairs if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub couplings: Option<Vec<[usize; 2]>>,
    /// Qubits out of order: no gate acts on them, and layouts leave them out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faulty: Vec<usize>,
    /// Whether diagonal gates on one qubit are virtual: without time and error, done by the phase of later pulses.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub virtual_z: bool,
    /// Length of `1dt` in OpenQASM 3, in nanoseconds. Not known if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_ns: Option<f64>,
    /// What the calibration data left open, and what was assumed instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
    /// Calibration data of the qubits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qubit: Option<QubitCalibration>,
    /// Calibration data of one-qubit gates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_qubit: Option<GateCalibration>,
    /// Calibration data of two-qubit gates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub two_qubit: Option<GateCalibration>,
    /// Calibration data of gates on certain qubits, instead of the general ones.
    ///
    /// Several gates can be placed on the same qubits. A gate takes the first entry of these that there is: one that names it on its
    /// qubits in its order, one that names it on its qubits in another order, one that names no gate, any other on its qubits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gate: Vec<PlacedGate>,
}

/// Relaxation and read-out of qubits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QubitCalibration {
    /// Relaxation times of populations; no relaxation if empty.
    pub t1_ns: Vec<f64>,
    /// Relaxation times of coherences, at most twice those of populations; empty if and only if `t1_ns` is.
    pub t2_ns: Vec<f64>,
    /// Population of `|1>` in equilibrium.
    pub excited_population: Vec<f64>,
    /// Read-out errors: the probabilities to read 1 for 0, and 0 for 1.
    pub readout: Vec<[f64; 2]>,
    /// Duration of a measurement or reset.
    pub readout_ns: f64,
}

impl Default for QubitCalibration {
    fn default() -> Self {
        Self { t1_ns: vec![], t2_ns: vec![], excited_population: vec![0.0], readout: vec![[0.0, 0.0]], readout_ns: 0.0 }
    }
}

/// Duration and error of a gate.
///
/// The error is either the average error that was measured, of which relaxation during the gate is a part, or depolarizing
/// probabilities, which act in addition to relaxation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateCalibration {
    /// Duration of the gate.
    pub time_ns: f64,
    /// Average error, which is one minus the average fidelity; depolarizing of all qubits of the gate together makes it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Probability of replacement by the maximally mixed state, on each qubit of the gate.
    #[serde(skip_serializing_if = "is_zero")]
    pub depolarizing: f64,
    /// Probability of replacement of all qubits of the gate together.
    #[serde(skip_serializing_if = "is_zero")]
    pub depolarizing_joint: f64,
}

/// Duration and error of gates on certain qubits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlacedGate {
    /// The gates; every gate on these qubits that no other entry names if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// The qubits, one or two.
    pub qubits: Vec<usize>,
    /// Duration of the gate; that of all gates on as many qubits if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ns: Option<f64>,
    /// As [`GateCalibration::error`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// As [`GateCalibration::depolarizing`].
    #[serde(skip_serializing_if = "is_zero")]
    pub depolarizing: f64,
    /// As [`GateCalibration::depolarizing_joint`].
    #[serde(skip_serializing_if = "is_zero")]
    pub depolarizing_joint: f64,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl PlacedGate {
    /// The same as data of a gate; the duration is that of all gates where this entry has none.
    pub(crate) fn calibration(&self, general: Option<&GateCalibration>) -> GateCalibration {
        GateCalibration {
            time_ns: self.time_ns.or(general.map(|general| general.time_ns)).unwrap_or(0.0),
            error: self.error,
            depolarizing: self.depolarizing,
            depolarizing_joint: self.depolarizing_joint,
        }
    }
}

impl Placement for PlacedGate {
    fn gates(&self) -> &[Gate] {
        &self.gates
    }

    fn qubits(&self) -> &[usize] {
        &self.qubits
    }
}

impl Device {
    /// A device of which nothing is known but its name: any number of qubits, all of them coupled.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            provenance: None,
            gates: None,
            num_qubits: None,
            couplings: None,
            faulty: Vec::new(),
            virtual_z: false,
            dt_ns: None,
            assumptions: Vec::new(),
            qubit: None,
            one_qubit: None,
            two_qubit: None,
            gate: Vec::new(),
        }
    }

    /// The most qubits that a device can have.
    pub const LARGEST: usize = 1_000_000;

    /// Whether there are any calibration data, without which gates are perfect.
    pub fn is_calibrated(&self) -> bool {
        self.qubit.is_some() || self.one_qubit.is_some() || self.two_qubit.is_some() || !self.gate.is_empty()
    }

    /// Whether a two-qubit gate can join these qubits.
    pub fn couples(&self, a: usize, b: usize) -> bool {
        self.couplings.as_ref().is_none_or(|list| list.iter().any(|pair| on_same_qubits(pair, &[a, b])))
    }

    /// The duration and error of a gate on these qubits; none if there are no such data.
    pub fn gate_calibration(&self, gate: Gate, qubits: &[usize]) -> Option<GateCalibration> {
        let general = self.general(qubits.len());
        row_for(&self.gate, Some(gate), qubits).map(|placed| placed.calibration(general)).or(general.copied())
    }

    /// Data of all gates on this many qubits.
    pub(crate) fn general(&self, num_qubits: usize) -> Option<&GateCalibration> {
        match num_qubits {
            1 => self.one_qubit.as_ref(),
            _ => self.two_qubit.as_ref(),
        }
    }

    /// The average error of a gate on these qubits, relaxation during the gate included; none if there are no such data.
    pub fn gate_error(&self, gate: Gate, qubits: &[usize]) -> Option<f64> {
        Some(self.error_of(&self.gate_calibration(gate, qubits)?, qubits))
    }

    /// The average error that calibration data make on these qubits.
    pub(crate) fn error_of(&self, calibration: &GateCalibration, qubits: &[usize]) -> f64 {
        calibration.error.unwrap_or_else(|| {
            let traces = qubits.iter().map(|&qubit| {
                let relaxed = self.relaxation(qubit).map_or(4.0, |relaxation| relaxation.trace(calibration.time_ns));
                1.0 + (1.0 - calibration.depolarizing) * (relaxed - 1.0)
            });
            let trace = 1.0 + (1.0 - calibration.depolarizing_joint) * (traces.product::<f64>() - 1.0);
            let d = f64::from(1u32 << qubits.len().min(8));
            1.0 - (trace / d + 1.0) / (d + 1.0)
        })
    }

    /// Whether the device can run a circuit as it is: qubits that it has, gates on one and two of them, two-qubit gates on coupled pairs
    /// only. Gates that are not native pass: noise and durations are known for all.
    ///
    /// # Errors
    /// Names the first gate that the device does not have.
    pub fn check(&self, circuit: &Circuit) -> Result<(), HardwareError> {
        let limit = self.num_qubits.unwrap_or(circuit.num_qubits());
        for (position, operation) in circuit.operations().iter().enumerate() {
            let missing: Vec<usize> = operation.qubits().iter().copied().filter(|&qubit| qubit >= limit).collect();
            if !missing.is_empty() && !matches!(operation, Operation::Barrier { .. }) {
                let remedy = "the device has fewer qubits: choose a smaller circuit or another device";
                return Err(HardwareError::NoGate { device: self.name.clone(), qubits: missing, position: position + 1, remedy });
            }
            let mut gates = Vec::new();
            collect_gates(std::slice::from_ref(operation), &mut gates);
            for gate in gates {
                let qubits = gate.qubits().to_vec();
                if qubits.iter().any(|qubit| self.faulty.contains(qubit)) {
                    let remedy = "a qubit of these is out of order: compile the circuit for the device first";
                    return Err(HardwareError::NoGate { device: self.name.clone(), qubits, position: position + 1, remedy });
                }
                let remedy = match qubits[..] {
                    [] | [_] => continue,
                    [a, b] if self.couples(a, b) => continue,
                    [_, _] => "these are not coupled: compile the circuit for the device first",
                    _ => "devices have gates on one and two qubits: compile the circuit first",
                };
                return Err(HardwareError::NoGate { device: self.name.clone(), qubits, position: position + 1, remedy });
            }
        }
        Ok(())
    }
}

/// Every unitary operation of a list, those in conditioned blocks included.
fn collect_gates<'a>(list: &'a [Operation], found: &mut Vec<&'a Operation>) {
    for operation in list {
        match operation {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => found.push(operation),
            Operation::Conditional(block) => {
                collect_gates(&block.then, found);
                collect_gates(&block.otherwise, found);
            }
            Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => {}
        }
    }
}
