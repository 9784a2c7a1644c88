//! Devices: calibration figures, and the noise model they make.

use qloom_circuits::{Channel, Circuit, CircuitError, Operation};
use serde::{Deserialize, Serialize};

use super::{GateTimes, IdleNoise, NoiseModel, NoiseRule, Relaxation};

/// Figures of a device as its file holds them; times in nanoseconds.
///
/// Lists have one entry a qubit; a list of one entry holds for every qubit.
///
/// ```
/// use qloom_hardware::Device;
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
    /// Figures of gates on two qubits.
    pub two_qubit: GateCalibration,
    /// Figures of gates on certain qubits, in place of the general ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gate: Vec<PlacedGate>,
    /// Whether diagonal gates on one qubit are free of time and error, done by the phase of later pulses.
    #[serde(default)]
    pub free_diagonal: bool,
    /// What a calibration left open, and what was taken in its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
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
    /// How long reading out or resetting takes.
    #[serde(default)]
    pub readout_ns: f64,
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
    #[serde(default)]
    pub depolarizing: f64,
    /// Probability of replacement of all qubits of the gate together.
    #[serde(default)]
    pub depolarizing_joint: f64,
}

/// Figures of the gates on certain qubits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacedGate {
    /// The qubits, in any order.
    pub qubits: Vec<usize>,
    /// How long a gate takes.
    pub time_ns: f64,
    /// As [`GateCalibration::depolarizing`].
    #[serde(default)]
    pub depolarizing: f64,
    /// As [`GateCalibration::depolarizing_joint`].
    #[serde(default)]
    pub depolarizing_joint: f64,
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
    /// A gate the device does not have.
    #[error("{device} has no gate on qubits {qubits:?} (operation {position} of the circuit); {remedy}")]
    NoGate {
        /// The device.
        device: String,
        /// The qubits of the gate.
        qubits: Vec<usize>,
        /// Where in the circuit, counted from 1.
        position: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// A text that is no calibration.
    #[error("{place}: {problem}")]
    Calibration {
        /// Where: a line, a column, a qubit.
        place: String,
        /// What is wrong.
        problem: String,
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
        for qubits in self.gate.iter().map(|gate| &gate.qubits[..]).chain(self.couplings.iter().flatten().map(|pair| &pair[..])) {
            let problem = match *qubits {
                [_] => continue,
                [a, b] if a != b => continue,
                [_, _] => "the same qubit twice",
                _ => "gates act on one or two qubits",
            };
            return Err(DeviceError::Calibration {
                place: format!("{}, gate on {qubits:?}", self.name),
                problem: problem.to_owned(),
            });
        }
        let mut model = NoiseModel::default();
        for qubit in 0..num_qubits {
            let [one, zero] = entry(&self.qubit.readout, qubit);
            if let Some(value) = [one, zero].into_iter().find(|p| !(0.0..=1.0).contains(p)) {
                let source = CircuitError::Probability { what: "an error of reading out", value };
                return Err(DeviceError::Figure { device: device(), qubit, source });
            }
            model.readout.push([one, zero]);
        }
        for (size, general) in [(1, self.one_qubit), (2, self.two_qubit)] {
            let placed: Vec<&PlacedGate> = self.gate.iter().filter(|gate| gate.qubits.len() == size).collect();
            let inside = |gate: &&&PlacedGate| gate.qubits.iter().all(|&qubit| qubit < num_qubits);
            for gate in placed.iter().filter(inside) {
                let figures = GateCalibration {
                    time_ns: gate.time_ns,
                    depolarizing: gate.depolarizing,
                    depolarizing_joint: gate.depolarizing_joint,
                };
                self.rules(figures, size, Some(&gate.qubits), num_qubits, &mut model)?;
            }
            if placed.is_empty() {
                self.rules(general, size, None, num_qubits, &mut model)?;
                continue;
            }
            // the general figures hold where no gate is placed
            for qubits in self.places(size, num_qubits) {
                if !placed.iter().any(|gate| same(&gate.qubits, &qubits)) {
                    self.rules(general, size, Some(&qubits), num_qubits, &mut model)?;
                }
            }
        }
        Ok(model)
    }

    /// The rules of the gates of one size, everywhere or on certain qubits.
    fn rules(
        &self,
        figures: GateCalibration,
        size: usize,
        on: Option<&[usize]>,
        num_qubits: usize,
        model: &mut NoiseModel,
    ) -> Result<(), DeviceError> {
        let figure = |qubit: usize| move |source| DeviceError::Figure { device: self.name.clone(), qubit, source };
        let first = on.map_or(0, |qubits| qubits[0]);
        if figures.depolarizing_joint != 0.0 {
            let channel = Channel::depolarizing(figures.depolarizing_joint, size).map_err(figure(first))?;
            let on = on.map(<[usize]>::to_vec);
            let spare_diagonal = self.free_diagonal;
            model.rules.push(NoiseRule { num_qubits: Some(size), on, spare_diagonal, ..NoiseRule::after_all(channel) });
        }
        for qubit in 0..num_qubits {
            if on.is_some_and(|list| !list.contains(&qubit)) {
                continue;
            }
            let Relaxation { t1_ns, t2_ns, excited_population } = self.relaxation(qubit);
            let relaxation =
                Channel::thermal_relaxation(t1_ns, t2_ns, figures.time_ns, excited_population).map_err(figure(qubit))?;
            let depolarizing = Channel::depolarizing(figures.depolarizing, 1).map_err(figure(qubit))?;
            let channel = depolarizing.then(&relaxation).map_err(figure(qubit))?;
            model.rules.push(NoiseRule {
                qubits: Some(vec![qubit]),
                num_qubits: Some(size),
                on: on.map(<[usize]>::to_vec),
                spare_diagonal: self.free_diagonal,
                ..NoiseRule::after_all(channel)
            });
        }
        Ok(())
    }

    fn relaxation(&self, qubit: usize) -> Relaxation {
        Relaxation {
            t1_ns: entry(&self.qubit.t1_ns, qubit),
            t2_ns: entry(&self.qubit.t2_ns, qubit),
            excited_population: entry(&self.qubit.excited_population, qubit),
        }
    }

    /// Every set of qubits a gate of this size can act on.
    fn places(&self, size: usize, num_qubits: usize) -> Vec<Vec<usize>> {
        if size == 1 {
            return (0..num_qubits).map(|qubit| vec![qubit]).collect();
        }
        match &self.couplings {
            Some(list) => {
                list.iter().filter(|pair| pair.iter().all(|&qubit| qubit < num_qubits)).map(|pair| pair.to_vec()).collect()
            }
            None => (0..num_qubits).flat_map(|a| (a + 1..num_qubits).map(move |b| vec![a, b])).collect(),
        }
    }

    /// Whether a two-qubit gate may join these qubits.
    pub fn couples(&self, a: usize, b: usize) -> bool {
        self.couplings.as_ref().is_none_or(|list| list.iter().any(|pair| same(pair, &[a, b])))
    }

    /// Relaxation of waiting qubits, for [`NoiseModel::idle`].
    ///
    /// # Errors
    /// As [`Device::noise`].
    pub fn idle_noise(&self, num_qubits: usize) -> Result<IdleNoise, DeviceError> {
        self.noise(num_qubits)?; // what is wrong with a figure is said there
        let times = GateTimes {
            one_qubit_ns: self.one_qubit.time_ns,
            two_qubit_ns: self.two_qubit.time_ns,
            readout_ns: self.qubit.readout_ns,
            on: self.gate.iter().map(|gate| (gate.qubits.clone(), gate.time_ns)).collect(),
            free_diagonal: self.free_diagonal,
        };
        Ok(IdleNoise { times, relaxation: (0..num_qubits).map(|qubit| self.relaxation(qubit)).collect() })
    }

    /// Whether the device can run a circuit as it is: gates on one and two qubits, two only where they are coupled.
    ///
    /// # Errors
    /// Names the first gate that the device does not have.
    pub fn check(&self, circuit: &Circuit) -> Result<(), DeviceError> {
        fn gates<'a>(list: &'a [Operation], found: &mut Vec<&'a Operation>) {
            for operation in list {
                match operation {
                    Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => found.push(operation),
                    Operation::Conditional(block) => {
                        gates(&block.then, found);
                        gates(&block.otherwise, found);
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
        for (position, operation) in circuit.operations().iter().enumerate() {
            let mut found = Vec::new();
            gates(std::slice::from_ref(operation), &mut found);
            for gate in found {
                let qubits = gate.qubits().to_vec();
                let remedy = match qubits[..] {
                    [] | [_] => continue,
                    [a, b] if self.couples(a, b) => continue,
                    [_, _] => "these are not coupled: compile the circuit for the device first",
                    _ => "devices have gates on one and two qubits: compile the circuit first",
                };
                return Err(DeviceError::NoGate { device: self.name.clone(), qubits, position: position + 1, remedy });
            }
        }
        Ok(())
    }
}

/// Whether two lists have the same qubits, in any order.
fn same(a: &[usize], b: &[usize]) -> bool {
    a.len() == b.len() && a.iter().all(|qubit| b.contains(qubit))
}

/// The entry of a qubit in a list that may hold one for all.
fn entry<T: Copy>(list: &[T], qubit: usize) -> T {
    list[if list.len() == 1 { 0 } else { qubit }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Device {
        let gate = |time_ns, depolarizing| GateCalibration { time_ns, depolarizing, depolarizing_joint: 0.0 };
        let qubit = QubitCalibration {
            t1_ns: vec![1e5],
            t2_ns: vec![1.2e5],
            excited_population: vec![0.0],
            readout: vec![[0.01, 0.02]],
            readout_ns: 0.0,
        };
        Device {
            name: "example".into(),
            provenance: "made up".into(),
            num_qubits: Some(3),
            couplings: None,
            qubit,
            one_qubit: gate(35.0, 1e-4),
            two_qubit: gate(400.0, 1e-2),
            gate: vec![],
            free_diagonal: false,
            assumptions: vec![],
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
        for qubits in [vec![], vec![1, 1], vec![0, 1, 2]] {
            device = example();
            device.gate = vec![PlacedGate { qubits, time_ns: 10.0, depolarizing: 0.0, depolarizing_joint: 0.0 }];
            assert!(matches!(device.noise(2), Err(DeviceError::Calibration { .. })));
        }
        device = example();
        device.couplings = Some(vec![[0, 0]]);
        assert!(device.noise(2).is_err());
    }

    /// Figures of certain gates stand in place of the general ones, for these qubits alone.
    #[test]
    fn placed_gates_have_their_own_noise() {
        let mut device = example();
        device.gate = vec![PlacedGate { qubits: vec![2, 1], time_ns: 400.0, depolarizing: 0.0, depolarizing_joint: 0.5 }];
        let model = device.noise(3).expect("possible figures");
        let shrink = |a, b| {
            let mut circuit = Circuit::new(3);
            circuit.cx(a, b);
            let noisy = model.apply(&circuit).expect("it fits");
            let channels = noisy.operations().iter().filter_map(|operation| match operation {
                Operation::Channel { channel, .. } => Some(*channel.transfer().last().expect("entries")),
                _ => None,
            });
            channels.product::<f64>()
        };
        let relaxation = (-400.0f64 / 1e5).exp().powi(2);
        assert!((shrink(0, 1) - relaxation * 0.99f64.powi(2)).abs() < 1e-12);
        assert!((shrink(1, 2) - relaxation * 0.5).abs() < 1e-12);
        assert!((shrink(2, 1) - relaxation * 0.5).abs() < 1e-12);
    }
}
