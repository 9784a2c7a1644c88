//! Devices: calibration figures, and the noise model they make.

use qloom_circuits::{Channel, CircuitError};
use serde::{Deserialize, Serialize};

use super::{NoiseModel, NoiseRule};

/// Figures of a device as its file holds them; times in nanoseconds.
///
/// Lists have one entry a qubit; a list of one entry holds for every qubit.
///
/// ```
/// use qloom_sim::Device;
/// let text = r#"
///     name = "example"
///     provenance = "made up"
///     [qubit]
///     t1_ns = [100000.0]
///     t2_ns = [120000.0]
///     excited_population = [0.0]
///     readout = [[0.01, 0.02]]
///     [one_qubit]
///     time_ns = 35.0
///     depolarizing = 1e-4
///     [two_qubit]
///     time_ns = 400.0
///     depolarizing = 1e-2
/// "#;
/// let device: Device = toml::from_str(text)?;
/// assert_eq!(device.noise(2)?.rules.len(), 4); // two sizes of gates on two qubits
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// What it is called.
    pub name: String,
    /// Where the figures come from.
    pub provenance: String,
    /// Number of qubits; any if none.
    #[serde(default)]
    pub num_qubits: Option<usize>,
    /// Pairs that a two-qubit gate may join; all if none.
    #[serde(default)]
    pub couplings: Option<Vec<[usize; 2]>>,
    /// Figures of the qubits.
    pub qubit: QubitCalibration,
    /// Figures of gates on one qubit.
    pub one_qubit: GateCalibration,
    /// Figures of gates on two qubits; depolarizing acts on each of the two.
    pub two_qubit: GateCalibration,
}

/// Relaxation and read-out of qubits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QubitCalibration {
    /// Relaxation times of populations.
    pub t1_ns: Vec<f64>,
    /// Relaxation times of coherences, at most twice those of populations.
    pub t2_ns: Vec<f64>,
    /// Population of `|1>` in equilibrium.
    #[serde(default = "nothing")]
    pub excited_population: Vec<f64>,
    /// Probabilities to read 1 for 0, and 0 for 1.
    #[serde(default = "faultless")]
    pub readout: Vec<[f64; 2]>,
}

fn nothing() -> Vec<f64> {
    vec![0.0]
}

fn faultless() -> Vec<[f64; 2]> {
    vec![[0.0, 0.0]]
}

/// Time and depolarizing error of gates of one size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateCalibration {
    /// How long a gate takes.
    pub time_ns: f64,
    /// Probability of replacement by the maximally mixed state, on each qubit of the gate.
    pub depolarizing: f64,
}

/// Why a device makes no noise model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// A circuit larger than the device.
    #[error("the circuit has {given} qubits, {device} has {limit}")]
    TooManyQubits {
        /// The device.
        device: String,
        /// Qubits of the circuit.
        given: usize,
        /// Qubits of the device.
        limit: usize,
    },
    /// A list with the wrong number of entries.
    #[error("{device}: {field} has {given} entries; give one, or one for each of {expected} qubits")]
    Length {
        /// The device.
        device: String,
        /// The list.
        field: &'static str,
        /// Entries there are.
        given: usize,
        /// Entries needed.
        expected: usize,
    },
    /// A figure that no qubit has.
    #[error("{device}, qubit {qubit}: {source}")]
    Figure {
        /// The device.
        device: String,
        /// The qubit.
        qubit: usize,
        /// What is wrong.
        source: CircuitError,
    },
}

impl Device {
    /// The noise of a circuit on this many qubits: after each gate thermal relaxation for its time and depolarizing, on every qubit
    /// of it, and errors of reading out.
    ///
    /// # Errors
    /// When the circuit is larger than the device, a list has another length, or a figure is impossible.
    pub fn noise(&self, num_qubits: usize) -> Result<NoiseModel, DeviceError> {
        let device = || self.name.clone();
        let limit = self.num_qubits.unwrap_or(num_qubits);
        if num_qubits > limit {
            return Err(DeviceError::TooManyQubits { device: device(), given: num_qubits, limit });
        }
        let lengths = [
            ("t1_ns", self.qubit.t1_ns.len()),
            ("t2_ns", self.qubit.t2_ns.len()),
            ("excited_population", self.qubit.excited_population.len()),
            ("readout", self.qubit.readout.len()),
        ];
        for (field, given) in lengths {
            if given != 1 && given < num_qubits {
                return Err(DeviceError::Length { device: device(), field, given, expected: num_qubits });
            }
        }
        let mut model = NoiseModel::default();
        for qubit in 0..num_qubits {
            let figure = |source| DeviceError::Figure { device: device(), qubit, source };
            let (t1, t2) = (entry(&self.qubit.t1_ns, qubit), entry(&self.qubit.t2_ns, qubit));
            let excited = entry(&self.qubit.excited_population, qubit);
            let [one, zero] = entry(&self.qubit.readout, qubit);
            if let Some(value) = [one, zero].into_iter().find(|p| !(0.0..=1.0).contains(p)) {
                return Err(figure(CircuitError::Probability { what: "an error of reading out", value }));
            }
            model.readout.push([one, zero]);
            for (size, gates) in [(1, self.one_qubit), (2, self.two_qubit)] {
                let relaxation = Channel::thermal_relaxation(t1, t2, gates.time_ns, excited).map_err(figure)?;
                let depolarizing = Channel::depolarizing(gates.depolarizing, 1).map_err(figure)?;
                let channel = depolarizing.then(&relaxation).map_err(figure)?;
                let (qubits, num_qubits) = (Some(vec![qubit]), Some(size));
                model.rules.push(NoiseRule { gates: None, qubits, num_qubits, before: false, channel });
            }
        }
        Ok(model)
    }
}

/// The entry of a qubit in a list that may hold one for all.
fn entry<T: Copy>(list: &[T], qubit: usize) -> T {
    list[if list.len() == 1 { 0 } else { qubit }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Device {
        let gate = |time_ns, depolarizing| GateCalibration { time_ns, depolarizing };
        let qubit =
            QubitCalibration { t1_ns: vec![1e5], t2_ns: vec![1.2e5], excited_population: vec![0.0], readout: vec![[0.01, 0.02]] };
        Device {
            name: "example".into(),
            provenance: "made up".into(),
            num_qubits: Some(3),
            couplings: None,
            qubit,
            one_qubit: gate(35.0, 1e-4),
            two_qubit: gate(400.0, 1e-2),
        }
    }

    #[test]
    fn what_no_device_has_is_refused() {
        assert!(example().noise(3).is_ok());
        assert!(matches!(example().noise(4), Err(DeviceError::TooManyQubits { .. })));
        let mut device = example();
        device.qubit.t2_ns = vec![2.1e5];
        assert!(matches!(device.noise(2), Err(DeviceError::Figure { source: CircuitError::Relaxation { .. }, .. })));
        device = example();
        device.qubit.t1_ns = vec![1e5, 1e5];
        assert!(matches!(device.noise(3), Err(DeviceError::Length { field: "t1_ns", .. })));
        device = example();
        device.two_qubit.depolarizing = 1.5;
        assert!(matches!(device.noise(2), Err(DeviceError::Figure { .. })));
        device = example();
        device.qubit.readout = vec![[0.0, -0.1]];
        assert!(device.noise(2).is_err());
    }
}
