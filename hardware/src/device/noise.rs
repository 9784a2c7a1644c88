//! The noise that a device's calibration data make.

use std::collections::{BTreeSet, HashSet};

use qloom_circuits::{Channel, CircuitError, Gate};

use super::{Device, GateCalibration, PlacedGate};
use crate::error::HardwareError;
use crate::noise::{GateTimes, IdleNoise, NoiseModel, NoiseRule, PlacedTime, Relaxation};
use crate::placement::{Placed, sorted};
use smallvec::SmallVec;

impl Device {
    /// The noise of a circuit on this many qubits: after each gate depolarizing and, for its duration, thermal relaxation of its qubits;
    /// and read-out errors. Without calibration data there is none.
    ///
    /// # Errors
    /// When the circuit is larger than the device, a list has another length, or a number is impossible.
    pub fn noise(&self, num_qubits: usize) -> Result<NoiseModel, HardwareError> {
        self.validate(num_qubits)?;
        let mut model = NoiseModel::default();
        if let Some(calibration) = &self.qubit {
            for qubit in 0..num_qubits {
                let errors = entry(&calibration.readout, qubit);
                if let Some(value) = errors.into_iter().find(|p| !(0.0..=1.0).contains(p)) {
                    let source = CircuitError::Probability { what: "a read-out error", value };
                    return Err(self.impossible(qubit, source));
                }
                model.readout.push(errors);
            }
        }
        for size in [1, 2] {
            self.rules_of_size(size, num_qubits, &mut model)?;
        }
        Ok(model)
    }

    /// Relaxation of waiting qubits, for [`NoiseModel::idle`]; without calibration data of the qubits they do not relax.
    ///
    /// # Errors
    /// As [`Device::noise`].
    pub fn idle_noise(&self, num_qubits: usize) -> Result<IdleNoise, HardwareError> {
        self.noise(num_qubits)?; // what is wrong with a number is said there
        let time = |general: Option<&GateCalibration>| general.map_or(0.0, |general| general.time_ns);
        let placed = |row: &PlacedGate| PlacedTime {
            gates: row.gates.clone(),
            qubits: row.qubits.clone(),
            time_ns: row.calibration(self.general(row.qubits.len())).time_ns,
        };
        let times = GateTimes {
            one_qubit_ns: time(self.one_qubit.as_ref()),
            two_qubit_ns: time(self.two_qubit.as_ref()),
            readout_ns: self.qubit.as_ref().map_or(0.0, |qubit| qubit.readout_ns),
            placed: self.gate.iter().map(placed).collect(),
            virtual_z: self.virtual_z,
        };
        Ok(IdleNoise { times, relaxation: (0..num_qubits).map_while(|qubit| self.relaxation(qubit)).collect() })
    }

    /// Relaxation of a qubit; none without calibration data, or beyond the end of a list.
    pub(super) fn relaxation(&self, qubit: usize) -> Option<Relaxation> {
        let calibration = self.qubit.as_ref().filter(|calibration| !calibration.t1_ns.is_empty())?;
        let get = |list: &[f64]| list.get(if list.len() == 1 { 0 } else { qubit }).copied();
        Some(Relaxation {
            t1_ns: get(&calibration.t1_ns)?,
            t2_ns: get(&calibration.t2_ns)?,
            excited_population: get(&calibration.excited_population)?,
        })
    }

    /// Refuses lists and entries that fit no device.
    fn validate(&self, num_qubits: usize) -> Result<(), HardwareError> {
        let device = || self.name.clone();
        let limit = self.num_qubits.unwrap_or(num_qubits);
        if num_qubits > limit {
            return Err(HardwareError::TooManyQubits { device: device(), given: num_qubits, limit });
        }
        if let Some(calibration) = &self.qubit {
            let (t1, t2) = (calibration.t1_ns.len(), calibration.t2_ns.len());
            let relaxes = t1 > 0 || t2 > 0;
            let lengths = [
                ("t1_ns", t1, relaxes),
                ("t2_ns", t2, relaxes),
                ("excited_population", calibration.excited_population.len(), true),
                ("readout", calibration.readout.len(), true),
            ];
            for (field, given, needed) in lengths {
                if needed && given != 1 && given < num_qubits {
                    return Err(HardwareError::Length { device: device(), field, given, expected: num_qubits });
                }
            }
        }
        let mut seen = BTreeSet::new();
        let pairs = self.couplings.iter().flatten().map(|pair| &pair[..]);
        for qubits in self.gate.iter().map(|gate| &gate.qubits[..]).chain(pairs) {
            match *qubits {
                [_] => {}
                [a, b] if a != b => {}
                _ => return Err(HardwareError::BadPlacement { device: device(), qubits: qubits.to_vec() }),
            }
        }
        for row in &self.gate {
            let mut sorted = row.qubits.clone();
            sorted.sort_unstable();
            let keys: Vec<(Option<&str>, Vec<usize>)> = match &row.gates[..] {
                [] => vec![(None, sorted)],
                gates => gates.iter().map(|gate| (Some(gate.name()), row.qubits.clone())).collect(),
            };
            for (gate, qubits) in keys {
                if !seen.insert((gate, qubits.clone())) {
                    let gate = gate.unwrap_or("every gate").to_owned();
                    return Err(HardwareError::PlacedTwice { device: device(), gate, qubits });
                }
            }
        }
        Ok(())
    }

    /// The rules of gates on this many qubits.
    fn rules_of_size(&self, size: usize, num_qubits: usize, model: &mut NoiseModel) -> Result<(), HardwareError> {
        let general = self.general(size);
        let rows: Vec<&PlacedGate> = self.gate.iter().filter(|row| row.qubits.len() == size).collect();
        // a measured error leaves depolarizing that depends on the relaxation of the very qubits
        let alike = self.qubit.as_ref().is_none_or(|qubit| qubit.t1_ns.len() <= 1 && qubit.t2_ns.len() <= 1);
        if rows.is_empty() && (alike || general.is_none_or(|general| general.error.is_none())) {
            return match general {
                Some(general) => self.rules(*general, &Meant { size, ..Meant::default() }, num_qubits, model),
                None => Ok(()),
            };
        }
        let mut places = self.places(size, num_qubits);
        let mut known: HashSet<SmallVec<[usize; 2]>> = places.iter().map(|qubits| sorted(qubits)).collect();
        for row in rows.iter().filter(|row| row.qubits.iter().all(|&qubit| qubit < num_qubits)) {
            if known.insert(sorted(&row.qubits)) {
                places.push(row.qubits.clone());
            }
        }
        let placed = Placed::new(&self.gate);
        for qubits in places {
            let here = placed.here(&qubits);
            let Some(fallback) = here.iter().find(|row| row.gates.is_empty()).or(here.first()).copied() else {
                if let Some(general) = general {
                    self.rules(*general, &Meant { size, on: Some(&qubits), ..Meant::default() }, num_qubits, model)?;
                }
                continue;
            };
            let mut named = Vec::new();
            for row in here.iter().filter(|_| here.len() > 1) {
                let reversed = |gate: &Gate| here.iter().any(|other| other.qubits != row.qubits && other.gates.contains(gate));
                let (in_order, any_order): (Vec<Gate>, Vec<Gate>) = row.gates.iter().partition(|gate| reversed(gate));
                for (gates, in_order) in [(in_order, true), (any_order, false)] {
                    if gates.is_empty() {
                        continue;
                    }
                    named.extend_from_slice(&gates);
                    let meant = Meant { size, on: Some(&row.qubits), in_order, gates: Some(gates), except: Vec::new() };
                    self.rules(row.calibration(general), &meant, num_qubits, model)?;
                }
            }
            let meant = Meant { size, on: Some(&qubits), except: named, ..Meant::default() };
            self.rules(fallback.calibration(general), &meant, num_qubits, model)?;
        }
        Ok(())
    }

    /// The rules of one kind of gate.
    fn rules(
        &self,
        calibration: GateCalibration,
        meant: &Meant<'_>,
        num_qubits: usize,
        model: &mut NoiseModel,
    ) -> Result<(), HardwareError> {
        let impossible = |qubit: usize| move |source| self.impossible(qubit, source);
        let first = meant.on.map_or(0, |qubits| qubits[0]);
        let rule = |channel: Channel, qubits: Option<Vec<usize>>| NoiseRule {
            gates: meant.gates.clone(),
            except: meant.except.clone(),
            qubits,
            num_qubits: Some(meant.size),
            on: meant.on.map(<[usize]>::to_vec),
            in_order: meant.in_order,
            virtual_z: self.virtual_z,
            ..NoiseRule::after_all(channel)
        };
        let joint = self.joint_depolarizing(&calibration, meant, first)?;
        if joint != 0.0 {
            let channel = Channel::depolarizing(joint, meant.size).map_err(impossible(first))?;
            model.rules.push(rule(channel, None));
        }
        let all: Vec<usize> = meant.on.map_or_else(|| (0..num_qubits).collect(), |on| sorted(on).to_vec());
        for qubit in all {
            let mut channel = Channel::depolarizing(calibration.depolarizing, 1).map_err(impossible(qubit))?;
            if let Some(Relaxation { t1_ns, t2_ns, excited_population }) = self.relaxation(qubit) {
                let relaxation = Channel::thermal_relaxation(t1_ns, t2_ns, calibration.time_ns, excited_population)
                    .map_err(impossible(qubit))?;
                channel = channel.then(&relaxation).map_err(impossible(qubit))?;
            } else if calibration.depolarizing == 0.0 {
                continue;
            }
            model.rules.push(rule(channel, Some(vec![qubit])));
        }
        Ok(())
    }

    /// The probability of depolarizing all qubits of a gate together: as given, or what makes up the measured error.
    fn joint_depolarizing(&self, calibration: &GateCalibration, meant: &Meant<'_>, first: usize) -> Result<f64, HardwareError> {
        let Some(error) = calibration.error else { return Ok(calibration.depolarizing_joint) };
        if calibration.depolarizing != 0.0 || calibration.depolarizing_joint != 0.0 {
            let qubits = meant.on.map(<[usize]>::to_vec).unwrap_or_default();
            return Err(HardwareError::ErrorAndDepolarizing { device: self.name.clone(), qubits });
        }
        if !(0.0..=1.0).contains(&error) {
            return Err(self.impossible(first, CircuitError::Probability { what: "the error of a gate", value: error }));
        }
        if error > largest_error(meant.size) {
            let qubits = meant.on.map(<[usize]>::to_vec).unwrap_or_default();
            return Err(HardwareError::NoSuchError {
                device: self.name.clone(),
                qubits,
                error,
                limit: largest_error(meant.size),
            });
        }
        let on: Vec<usize> = meant.on.map_or_else(|| vec![first; meant.size], <[usize]>::to_vec);
        let trace = |&qubit: &usize| self.relaxation(qubit).map_or(4.0, |relaxation| relaxation.trace(calibration.time_ns));
        Ok(depolarizing(error, on.len(), on.iter().map(trace).product()))
    }

    /// Whether relaxation during a gate is more than the error that was measured, so that nothing is left for depolarizing.
    pub(crate) fn relaxes_more(&self, row: &PlacedGate) -> bool {
        let calibration = row.calibration(self.general(row.qubits.len()));
        let relaxed = GateCalibration { error: None, ..calibration };
        calibration.error.is_some_and(|error| error < self.error_of(&relaxed, &row.qubits) - 1e-15)
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

    fn impossible(&self, qubit: usize, source: CircuitError) -> HardwareError {
        HardwareError::Calibration { device: self.name.clone(), qubit, source }
    }
}

/// Which operations a rule is about.
#[derive(Default)]
struct Meant<'a> {
    size: usize,
    on: Option<&'a [usize]>,
    in_order: bool,
    gates: Option<Vec<Gate>>,
    except: Vec<Gate>,
}

/// The probability of depolarizing that, with relaxation whose transfer matrix has this trace, makes the average error of a gate.
///
/// With `F` the average fidelity and `d = 2^n`, the trace of the whole is `d (d + 1) F - d`, and depolarizing shrinks all of it but the
/// first entry. Relaxation alone may exceed the error that was measured: then there is none.
fn depolarizing(error: f64, num_qubits: usize, trace: f64) -> f64 {
    let d = f64::from(1u32 << num_qubits);
    let whole = d * (d + 1.0) * (1.0 - error) - d;
    (1.0 - (whole - 1.0) / (trace - 1.0)).clamp(0.0, 1.0)
}

/// The average error of a gate whose qubits are replaced by the maximally mixed state: no depolarizing makes more.
pub(crate) fn largest_error(num_qubits: usize) -> f64 {
    1.0 - 1.0 / f64::from(1u32 << num_qubits)
}

/// The entry of a qubit in a list that may hold one for all.
fn entry<T: Copy>(list: &[T], qubit: usize) -> T {
    list[if list.len() == 1 { 0 } else { qubit }]
}
