//! What the compiler asks of a device: how gates are made, which gate joins a pair, and what it costs.

use std::collections::BTreeMap;

use qloom_circuits::Gate;

use super::native::{Basis, Entangler};
use crate::connectivity::Connectivity;
use crate::device::Device;
use crate::error::HardwareError;
use crate::machine::{LARGEST, SUPERCONDUCTING};
use crate::placement::Placed;

/// A device checked, with distances and the gates of its pairs.
pub(super) struct Machine {
    pub name: String,
    pub connectivity: Connectivity,
    pub basis: Basis,
    /// Native gates that join any pair, the preferred first.
    entanglers: Vec<Entangler>,
    /// The gates of pairs, the smaller qubit first.
    pairs: BTreeMap<[usize; 2], Vec<PairGate>>,
    /// Whether some gates or qubits are better than others.
    weighted: bool,
    /// Cost of a measurement of each qubit, relative to the best two-qubit gate; empty if there are no such data.
    readout: Vec<f64>,
    /// What was assumed about the device.
    pub assumptions: Vec<String>,
}

/// A native gate on a pair.
#[derive(Clone, Copy)]
struct PairGate {
    entangler: Entangler,
    /// Cost relative to the best gate of the device.
    weight: f64,
    /// Whether the gate is native with the smaller qubit first, and with the larger one first.
    orders: [bool; 2],
}

impl Machine {
    /// The device for a circuit of `given` qubits.
    pub fn new(device: &Device, given: usize) -> Result<Self, HardwareError> {
        let name = device.name.clone();
        // where any number of qubits is possible, those out of order are passed over
        let num_qubits = device.num_qubits.unwrap_or(given + device.faulty.len());
        if num_qubits > LARGEST {
            let (what, value) = ("the number of qubits of a device to compile for", num_qubits as f64);
            return Err(HardwareError::OutOfRange { what, value, range: "at most 10000" });
        }
        let connectivity = Connectivity::new(num_qubits, device.couplings.as_deref(), &device.faulty)?;
        let limit = connectivity.islands.iter().map(Vec::len).sum();
        if given > limit {
            return Err(HardwareError::TooManyQubits { device: name, given, limit });
        }
        let mut assumptions = Vec::new();
        let gates = native_gates(device, &mut assumptions);
        let basis = Basis::of(&gates).ok_or_else(|| HardwareError::Incomplete {
            device: name.clone(),
            what: "one-qubit gate",
            remedy: "add u3, or prx, or rz and sx, or rz and rx, or gpi and gpi2",
        })?;
        let entanglers = Entangler::all(&gates);
        if entanglers.is_empty() && given > 1 {
            return Err(HardwareError::Incomplete {
                device: name,
                what: "two-qubit gate",
                remedy: "add a gate that is a cx, an iswap or the root of one between one-qubit gates, or an Ising rotation",
            });
        }
        let mut machine = Self {
            name,
            connectivity,
            basis,
            entanglers,
            pairs: BTreeMap::new(),
            weighted: false,
            readout: Vec::new(),
            assumptions,
        };
        machine.weigh(device)?;
        Ok(machine)
    }

    /// Fills in the gates of the pairs that are coupled or have calibration data.
    fn weigh(&mut self, device: &Device) -> Result<(), HardwareError> {
        let placed = device.gate.iter().filter_map(|row| <[usize; 2]>::try_from(&row.qubits[..]).ok());
        let inside = |pair: &[usize; 2]| pair[0] != pair[1] && pair.iter().all(|&q| q < self.connectivity.num_qubits);
        let listed: Vec<[usize; 2]> = match &device.couplings {
            Some(couplings) => couplings.clone(),
            None => placed.filter(inside).collect(),
        };
        let rows = Placed::new(&device.gate);
        let cost = |error: f64| -(1.0 - error.min(0.999_999)).ln() + 1e-6;
        for [a, b] in listed {
            let pair = [a.min(b), a.max(b)];
            if self.pairs.contains_key(&pair) {
                continue;
            }
            let here = rows.here(&pair);
            let named = |gate: Gate| here.iter().any(|row| row.gates.contains(&gate));
            let any_named = self.entanglers.iter().any(|entangler| named(entangler.gate()));
            let mut gates = Vec::new();
            for &entangler in self.entanglers.iter().filter(|entangler| !any_named || named(entangler.gate())) {
                let gate = entangler.gate();
                let order = |qubits: [usize; 2]| match named(gate) {
                    true => here.iter().any(|row| row.gates.contains(&gate) && row.qubits == qubits),
                    false => self.connectivity.in_order(qubits[0], qubits[1]),
                };
                let general = device.general(2);
                let data = rows.row_for(Some(gate), &[a, b]).map(|row| row.calibration(general)).or(general.copied());
                let weight = match data.map(|data| device.error_of(&data, &[a, b])) {
                    Some(error) if !(0.0..=1.0).contains(&error) => {
                        let what = "the error of a two-qubit gate";
                        return Err(HardwareError::OutOfRange { what, value: error, range: "between 0 and 1" });
                    }
                    Some(error) => cost(error),
                    None => f64::NAN,
                };
                gates.push(PairGate { entangler, weight, orders: [order(pair), order([pair[1], pair[0]])] });
            }
            self.pairs.insert(pair, gates);
        }
        let all = || self.pairs.values().flatten().map(|gate| gate.weight).filter(|weight| !weight.is_nan());
        let best = all().fold(f64::INFINITY, f64::min);
        self.weighted = all().any(|weight| weight > best * (1.0 + 1e-12));
        if device.qubit.is_some() && best.is_finite() {
            self.readout = (0..self.connectivity.num_qubits).map(|qubit| cost(device.readout_error(qubit)) / best).collect();
            self.weighted |= self.readout.windows(2).any(|pair| pair[0] != pair[1]);
        }
        // a gate without data counts as the best
        self.pairs
            .values_mut()
            .flatten()
            .for_each(|gate| gate.weight = if gate.weight.is_nan() { 1.0 } else { gate.weight / best });
        Ok(())
    }

    /// The cheapest gate for a block on a pair with its cost: gates needed, weighted by their errors.
    pub fn cheapest(&self, a: usize, b: usize, coordinates: &[f64; 3]) -> Option<(Entangler, f64)> {
        let mut best: Option<(Entangler, f64)> = None;
        let mut consider = |entangler: Entangler, weight: f64| {
            let cost = entangler.count(coordinates) as f64 * weight;
            if best.is_none_or(|(_, least)| cost < least) {
                best = Some((entangler, cost));
            }
        };
        match self.pairs.get(&[a.min(b), a.max(b)]) {
            Some(gates) => gates.iter().for_each(|gate| consider(gate.entangler, gate.weight)),
            None => self.entanglers.iter().for_each(|&entangler| consider(entangler, 1.0)),
        }
        best
    }

    /// The fewest native gates that make a block with these Weyl coordinates, wherever it is.
    pub fn fewest(&self, coordinates: &[f64; 3]) -> f32 {
        self.entanglers.iter().map(|entangler| entangler.count(coordinates)).min().unwrap_or(0) as f32
    }

    /// Whether a gate is native on two qubits in this order.
    pub fn in_order(&self, gate: Gate, a: usize, b: usize) -> bool {
        let own = self.pairs.get(&[a.min(b), a.max(b)]).and_then(|gates| gates.iter().find(|own| own.entangler.gate() == gate));
        own.map_or_else(|| self.connectivity.in_order(a, b), |own| own.orders[usize::from(a > b)])
    }

    /// Cost of the best gate on a coupled pair, 1 for the best of the device.
    pub fn weight(&self, a: usize, b: usize) -> f64 {
        let gates = self.pairs.get(&[a.min(b), a.max(b)]);
        let least = gates.map(|gates| gates.iter().map(|gate| gate.weight).fold(f64::INFINITY, f64::min));
        least.filter(|weight| weight.is_finite()).unwrap_or(1.0)
    }

    /// Cost of a measurement, 1 for that of the best two-qubit gate of the device; 0 if not known.
    pub fn readout(&self, qubit: usize) -> f64 {
        self.readout.get(qubit).copied().unwrap_or(0.0)
    }

    /// How bad a qubit is to have: its measurement and the better of its gates.
    pub fn badness(&self, qubit: usize) -> f64 {
        let neighbours = self.connectivity.neighbours.as_ref().map_or(&[][..], |list| &list[qubit]);
        let mut weights: Vec<f64> = neighbours.iter().map(|&other| self.weight(qubit, other)).collect();
        weights.sort_by(f64::total_cmp);
        weights.truncate(2);
        self.readout(qubit) + 2.0 * weights.iter().sum::<f64>() / weights.len().max(1) as f64
    }

    /// [`Machine::weight`] for who asks often.
    pub fn weight_of(&self, a: u32, b: u32) -> f32 {
        if self.weighted { self.weight(a as usize, b as usize) as f32 } else { 1.0 }
    }

    /// Whether some gates are better than others.
    pub fn is_weighted(&self) -> bool {
        self.weighted
    }
}

/// The native gates of a device; those of a superconducting machine where they are not known.
fn native_gates(device: &Device, assumptions: &mut Vec<String>) -> Vec<Gate> {
    if let Some(gates) = &device.gates {
        return gates.clone();
    }
    let mut gates: Vec<Gate> = SUPERCONDUCTING[..3].to_vec();
    for &gate in device.gate.iter().flat_map(|row| &row.gates) {
        if gate.num_qubits() == 2 && !gates.contains(&gate) {
            gates.push(gate);
        }
    }
    if Entangler::all(&gates).is_empty() {
        gates.push(Gate::Cx);
    }
    let names: Vec<&str> = gates.iter().map(|gate| gate.name()).collect();
    assumptions.push(format!("the native gates of {} are not known; taken as {}", device.name, names.join(", ")));
    gates
}
