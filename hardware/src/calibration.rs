//! Descriptions and calibration data as services hand them out, made into a device; what they leave open is assumed and said.

mod braket;
mod configuration;
mod gap;
mod properties;
mod table;
mod target;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use qloom_circuits::Gate;

use self::gap::{Gaps, median};
use crate::compile::makes_one_qubit_gates;
use crate::device::noise::largest_error;
use crate::device::{Device, GateCalibration, PlacedGate, QubitCalibration};
use crate::error::HardwareError;
use crate::machine::SUPERCONDUCTING;

/// Calibration data as a file has them, each there or not; times in nanoseconds.
#[derive(Default)]
struct Calibration {
    name: String,
    provenance: String,
    /// Native gates, where the file lists them.
    native: Option<Vec<Gate>>,
    qubits: Vec<QubitRow>,
    /// Gates in the order of the file; those that have no name here are `None`.
    gates: Vec<GateRow>,
}

#[derive(Clone, Default)]
struct QubitRow {
    /// Whether the file says that the qubit is not operational.
    out_of_order: bool,
    t1_ns: Option<f64>,
    t2_ns: Option<f64>,
    one_for_zero: Option<f64>,
    zero_for_one: Option<f64>,
    readout_error: Option<f64>,
    readout_ns: Option<f64>,
}

#[derive(Clone, Default)]
struct GateRow {
    gate: Option<Gate>,
    qubits: Vec<usize>,
    /// Whether the file says that the gate is not operational.
    out_of_order: bool,
    error: Option<f64>,
    time_ns: Option<f64>,
}

/// Gates on one qubit that are one or two pulses, the preferred first: the entry that holds for gates without an entry.
const PULSES: [Gate; 8] = [Gate::Sx, Gate::X, Gate::U2, Gate::U3, Gate::Rx, Gate::Prx, Gate::Gpi2, Gate::Gpi];

/// Duration of a one-qubit gate where a calibration does not give it: the usual pulse of IBM's machines.
const PULSE_NS: f64 = 320.0 / 9.0;

impl Calibration {
    fn device(mut self) -> Result<Device, HardwareError> {
        let n = self.qubits.len();
        if n == 0 {
            return Err(HardwareError::Missing { what: "the list of qubits".into() });
        }
        if let Some((row, qubit)) = self.gates.iter().find_map(|row| row.qubits.iter().find(|&&q| q >= n).map(|q| (row, *q))) {
            let place = format!("gate on qubits {:?}", row.qubits);
            return Err(HardwareError::Entry { place, text: qubit.to_string(), expected: "one of the qubits of the file" });
        }
        let mut gaps = Gaps::default();
        self.merge();
        let faulty = self.leave_out_broken(&mut gaps);
        let qubit = self.qubit_calibration(&mut gaps)?;
        gaps.assumptions.push("the population of |1> in equilibrium is not in the calibration data; assumed to be 0".to_owned());
        let one = self.one_qubit_gates(&faulty, &mut gaps)?;
        let two = self.two_qubit_gates(&mut gaps)?;
        let couplings = couplings(&two);
        let gates = self.native_gates(&two, &mut gaps);
        let general = |rows: &[PlacedGate]| {
            let times: Vec<f64> = rows.iter().filter_map(|row| row.time_ns).collect();
            GateCalibration { time_ns: median(&times).unwrap_or(0.0), ..GateCalibration::default() }
        };
        let mut device = Device {
            provenance: Some(self.provenance),
            gates: Some(gates),
            num_qubits: Some(n),
            couplings: Some(couplings),
            faulty: faulty.into_iter().collect(),
            virtual_z: true,
            qubit: Some(qubit),
            one_qubit: Some(general(&one)),
            two_qubit: Some(general(&two)),
            gate: [one, two].concat(),
            ..Device::new(self.name)
        };
        let below: Vec<&PlacedGate> = device.gate.iter().filter(|row| device.relaxes_more(row)).collect();
        if let Some(first) = below.first() {
            let (count, first) = (below.len(), called(first.gates.first().copied(), &first.qubits));
            let said =
                format!("gates whose error is below that of relaxation alone: {count}, {first} the first; taken as relaxation");
            gaps.assumptions.push(said);
        }
        device.assumptions = gaps.assumptions;
        Ok(device)
    }

    fn qubit_calibration(&mut self, gaps: &mut Gaps) -> Result<QubitCalibration, HardwareError> {
        // no qubit has a time of 0
        let t1 = gaps.fill("T1", "ns", &self.qubits, |row| row.t1_ns.filter(|time| *time > 0.0))?;
        let mut t2 = gaps.fill("T2", "ns", &self.qubits, |row| row.t2_ns.filter(|time| *time > 0.0))?;
        for (qubit, (t2, t1)) in t2.iter_mut().zip(&t1).enumerate() {
            if *t2 > 2.0 * t1 && self.qubits[qubit].out_of_order {
                *t2 = 2.0 * t1;
            }
            if *t2 > 2.0 * t1 {
                let said = format!("T2 of qubit {qubit} is {t2:.1} ns, above 2 T1; assumed to be 2 T1 = {:.1} ns", 2.0 * t1);
                gaps.assumptions.push(said);
                *t2 = 2.0 * t1;
            }
        }
        for row in &mut self.qubits {
            // the mean of both errors stands for each where only it is known
            row.one_for_zero = row.one_for_zero.or(row.readout_error);
            row.zero_for_one = row.zero_for_one.or(row.readout_error);
        }
        let ones = gaps.fill("the probability to read 1 for 0", "", &self.qubits, |row| row.one_for_zero)?;
        let zeros = gaps.fill("the probability to read 0 for 1", "", &self.qubits, |row| row.zero_for_one)?;
        let lengths: Vec<f64> = self.qubits.iter().filter_map(|row| row.readout_ns).collect();
        if lengths.is_empty() {
            gaps.assumptions.push("the duration of a measurement is missing; assumed to be 0 ns".to_owned());
        }
        Ok(QubitCalibration {
            t1_ns: t1,
            t2_ns: t2,
            excited_population: vec![0.0],
            readout: ones.into_iter().zip(zeros).map(|(one, zero)| [one, zero]).collect(),
            readout_ns: lengths.into_iter().fold(0.0, f64::max),
        })
    }

    /// One row for each gate on its qubits in their order, with the larger of each number; nameless gates only where there is no other.
    fn merge(&mut self) {
        let larger = |a: Option<f64>, b: Option<f64>| a.into_iter().chain(b).reduce(f64::max);
        let mut merged: Vec<GateRow> = Vec::new();
        let mut position: BTreeMap<(Option<&str>, Vec<usize>), usize> = BTreeMap::new();
        let sorted = |row: &GateRow| {
            let mut qubits = row.qubits.clone();
            qubits.sort_unstable();
            qubits
        };
        let named: BTreeSet<Vec<usize>> = self.gates.iter().filter(|row| row.gate.is_some()).map(sorted).collect();
        for row in &self.gates {
            let key = match row.gate {
                Some(gate) => (Some(gate.name()), row.qubits.clone()),
                None => (None, sorted(row)),
            };
            if row.gate.is_none() && (row.qubits.len() != 2 || named.contains(&key.1)) {
                continue;
            }
            match position.get(&key) {
                Some(&at) => {
                    let known: &mut GateRow = &mut merged[at];
                    (known.error, known.time_ns) = (larger(known.error, row.error), larger(known.time_ns, row.time_ns));
                    known.out_of_order |= row.out_of_order;
                }
                None => {
                    position.insert(key, merged.len());
                    merged.push(row.clone());
                }
            }
        }
        self.gates = merged;
    }

    /// Leaves out what says that it is not operational, and gates with an error that only a broken gate has; gives the qubits out of order.
    ///
    /// A qubit whose pulse is broken is out of order, and so are the gates of a qubit that is. Full depolarizing is the largest error: IBM's
    /// files mark gates that are switched off by an error of 1.
    fn leave_out_broken(&mut self, gaps: &mut Gaps) -> BTreeSet<usize> {
        let mut faulty: BTreeSet<usize> = (0..self.qubits.len()).filter(|&qubit| self.qubits[qubit].out_of_order).collect();
        gaps.assumptions.extend(faulty.iter().map(|qubit| format!("qubit {qubit} is not operational; left out")));
        self.gates.retain(|row| {
            let limit = largest_error(row.qubits.len());
            let reason = match row.error {
                _ if row.out_of_order => "is not operational".to_owned(),
                Some(error) if error >= 1.0 => "has error 1".to_owned(),
                Some(error) if error > limit => format!("has error {error}, above the {limit} of full depolarizing"),
                Some(_) | None => return true,
            };
            let what = match row.gate {
                Some(gate) if PULSES[..2].contains(&gate) => {
                    faulty.insert(row.qubits[0]);
                    "the qubit is left out"
                }
                Some(_) | None => "left out",
            };
            gaps.assumptions.push(format!("{} {reason}; {what}", called(row.gate, &row.qubits)));
            false
        });
        self.gates.retain(|row| !row.qubits.iter().any(|qubit| faulty.contains(qubit)));
        for &qubit in &faulty {
            self.qubits[qubit] = QubitRow { out_of_order: true, ..QubitRow::default() };
        }
        faulty
    }

    /// Entries of one-qubit gates; each qubit begins with its pulse, which holds for every gate without an entry.
    fn one_qubit_gates(&self, faulty: &BTreeSet<usize>, gaps: &mut Gaps) -> Result<Vec<PlacedGate>, HardwareError> {
        let mut of_qubit: Vec<Vec<&GateRow>> = vec![Vec::new(); self.qubits.len()];
        for row in &self.gates {
            if let [qubit] = row.qubits[..] {
                of_qubit[qubit].push(row);
            }
        }
        let mut pulses = Vec::new();
        let mut others = Vec::new();
        for (qubit, rows) in of_qubit.iter().enumerate().filter(|(qubit, _)| !faulty.contains(qubit)) {
            let pulse = PULSES.iter().find_map(|pulse| rows.iter().find(|row| row.gate == Some(*pulse)));
            let none = GateRow { qubits: vec![qubit], ..GateRow::default() };
            pulses.push(pulse.map_or(none, |row| (*row).clone()));
            let known = rows.iter().filter(|row| row.gate != pulse.and_then(|pulse| pulse.gate) && row.error.is_some());
            // a gate without a duration takes that of the pulse of its qubit
            let timed =
                known.map(|row| GateRow { time_ns: row.time_ns.or(pulse.and_then(|pulse| pulse.time_ns)), ..(*row).clone() });
            others.extend(timed);
        }
        if pulses.iter().all(|row| row.time_ns.is_none()) {
            gaps.assumptions.push(format!("the duration of one-qubit gates is missing; assumed to be {PULSE_NS:.2} ns"));
            for row in pulses.iter_mut().chain(&mut others) {
                row.time_ns = row.time_ns.or(Some(PULSE_NS));
            }
        }
        let mut placed = gaps.placed(&pulses, "one-qubit gates")?;
        placed.extend(others.into_iter().map(|row| PlacedGate {
            gates: row.gate.into_iter().collect(),
            time_ns: row.time_ns,
            qubits: row.qubits,
            error: row.error,
            ..PlacedGate::default()
        }));
        Ok(placed)
    }

    /// Entries of two-qubit gates; gaps are filled with what the same gate is on other pairs.
    fn two_qubit_gates(&self, gaps: &mut Gaps) -> Result<Vec<PlacedGate>, HardwareError> {
        let mut rows: Vec<GateRow> = self.gates.iter().filter(|row| row.qubits.len() == 2).cloned().collect();
        let key = |row: &GateRow| (row.gate.map(Gate::name), row.qubits.iter().min().copied(), row.qubits.clone());
        rows.sort_by_key(key);
        let mut placed = Vec::new();
        for rows in rows.chunk_by(|a, b| a.gate == b.gate) {
            let name = rows[0].gate.map_or("two-qubit gates", Gate::name);
            placed.extend(gaps.placed(rows, name)?);
        }
        Ok(placed)
    }

    /// The gates of the file, or those of superconducting machines where the file does not list gates that make every other.
    fn native_gates(&self, two: &[PlacedGate], gaps: &mut Gaps) -> Vec<Gate> {
        let listed = self.native.clone().unwrap_or_default();
        let mut gates = listed.clone();
        if !makes_one_qubit_gates(&gates) {
            gates = SUPERCONDUCTING[..3].to_vec();
        }
        for &gate in two.iter().flat_map(|row| &row.gates) {
            if !gates.contains(&gate) {
                gates.push(gate);
            }
        }
        if two.is_empty() && gates.iter().all(|gate| gate.num_qubits() < 2) {
            gates.push(Gate::Cx);
        }
        if gates.iter().any(|gate| !listed.contains(gate)) {
            let names: Vec<&str> = gates.iter().map(|gate| gate.name()).collect();
            gaps.assumptions
                .push(format!("a complete set of native gates is not in the file; assumed to be {}", names.join(", ")));
        }
        gates
    }
}

/// The pairs of these gates, ascending where a gate is native so.
fn couplings(two: &[PlacedGate]) -> Vec<[usize; 2]> {
    let pairs: BTreeSet<[usize; 2]> = two.iter().map(|row| [row.qubits[0], row.qubits[1]]).collect();
    let mut list: Vec<[usize; 2]> = pairs.iter().copied().filter(|&[a, b]| a < b || !pairs.contains(&[b, a])).collect();
    list.sort_by_key(|&[a, b]| [a.min(b), a.max(b)]);
    list
}

/// `cx on qubits 0 and 1`.
fn called(gate: Option<Gate>, qubits: &[usize]) -> String {
    let gate = gate.map_or("the gate", Gate::name);
    let qubits: Vec<String> = qubits.iter().map(usize::to_string).collect();
    match &qubits[..] {
        [one] => format!("{gate} on qubit {one}"),
        many => format!("{gate} on qubits {}", many.join(" and ")),
    }
}
