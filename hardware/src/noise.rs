//! Noise models: rules that put channels into circuits.

mod idle;
mod large;

pub use idle::{GateTimes, IdleNoise, PlacedTime, Relaxation};

use std::collections::HashMap;

use qloom_circuits::{Channel, Circuit, Conditional, Gate, Operation, PrimitiveKind, Qubits};

use crate::error::HardwareError;
use crate::placement::on_same_qubits;

/// One rule: which operations it speaks of, and the channel it adds behind (or before) each.
///
/// Every condition that is given must hold. A channel on one qubit acts on each qubit of a larger gate.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseRule {
    /// The gates meant; every operation with a unitary if none.
    pub gates: Option<Vec<Gate>>,
    /// Gates that are not meant.
    pub except: Vec<Gate>,
    /// The qubits meant, any if none: a channel on one qubit goes to those of them that the operation acts on, a larger channel
    /// needs the operation to act on exactly them, in any order.
    pub qubits: Option<Vec<usize>>,
    /// The number of qubits of the operation; any if none.
    pub num_qubits: Option<usize>,
    /// The very qubits the operation acts on; any if none.
    pub on: Option<Vec<usize>>,
    /// Whether the qubits of `on` are meant in this order only.
    pub in_order: bool,
    /// Whether diagonal operations on one qubit are left out: they are virtual, done by the phase of later pulses.
    pub virtual_z: bool,
    /// Whether the channel comes before the operation instead of behind it.
    pub before: bool,
    /// The channel.
    pub channel: Channel,
}

/// Rules that rewrite a circuit, and the read-out errors, which `qloom_estimate::Readout` applies and undoes.
///
/// ```
/// use qloom_circuits::{Channel, Circuit};
/// use qloom_hardware::NoiseModel;
/// let mut model = NoiseModel::default();
/// model.after_gates(1, Channel::depolarizing(0.001, 1)?);
/// model.after_gates(2, Channel::depolarizing(0.01, 2)?);
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).cx(0, 1);
/// assert_eq!(model.apply(&circuit)?.operations().len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NoiseModel {
    /// The rules; all that hold are applied, in order.
    pub rules: Vec<NoiseRule>,
    /// For each qubit the probabilities to read 1 for 0 and 0 for 1; qubits beyond the list are read without error.
    pub readout: Vec<[f64; 2]>,
    /// What happens to qubits that wait; nothing if none.
    pub idle: Option<IdleNoise>,
    /// Whether gates on three and more qubits are made of gates on one and two first, so that rules about these hold for all of the circuit.
    pub takes_apart: bool,
}

impl NoiseModel {
    /// Adds the channel behind every gate on this many qubits.
    pub fn after_gates(&mut self, num_qubits: usize, channel: Channel) -> &mut Self {
        self.rules.push(NoiseRule { num_qubits: Some(num_qubits), ..NoiseRule::after_all(channel) });
        self
    }

    /// The noise of a machine that is `scale` times as slow: every rule acts as many times, waiting qubits relax as many times as fast, reading
    /// out is as it was.
    ///
    /// A whole number of repetitions leaves no error of first order in an extrapolation to no noise. Source: A. Kandala et al., Error
    /// mitigation extends the computational reach of a noisy quantum processor (2019), arXiv:1805.04492.
    ///
    /// ```
    /// use qloom_circuits::{Channel, Circuit};
    /// use qloom_hardware::NoiseModel;
    /// let mut model = NoiseModel::default();
    /// model.after_gates(1, Channel::depolarizing(0.001, 1)?);
    /// let mut circuit = Circuit::new(1);
    /// circuit.h(0);
    /// assert_eq!(model.stretched(3).apply(&circuit)?.operations().len(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stretched(&self, scale: u32) -> Self {
        let rules = (0..scale).flat_map(|_| self.rules.iter().cloned()).collect();
        let mut idle = self.idle.clone();
        for relaxation in idle.iter_mut().flat_map(|idle| &mut idle.relaxation) {
            relaxation.t1_ns /= f64::from(scale);
            relaxation.t2_ns /= f64::from(scale);
        }
        Self { rules, readout: self.readout.clone(), idle, takes_apart: self.takes_apart }
    }

    /// The noise of these qubits alone, numbered in their order, for a circuit that was restricted to them.
    #[must_use]
    pub fn restricted(&self, qubits: &[usize]) -> Self {
        let place: HashMap<usize, usize> = qubits.iter().enumerate().map(|(position, &qubit)| (qubit, position)).collect();
        let all = |list: &[usize]| list.iter().map(|qubit| place.get(qubit).copied()).collect::<Option<Vec<usize>>>();
        let rule = |rule: &NoiseRule| {
            let on = rule.on.as_ref().map(|on| all(on));
            let some = rule.qubits.as_ref().map(|list| list.iter().filter_map(|qubit| place.get(qubit).copied()).collect());
            let whole = rule.channel.num_qubits() == 1 || rule.qubits.as_ref().is_none_or(|list| all(list).is_some());
            let meant = !on.as_ref().is_some_and(Option::is_none) && !some.as_ref().is_some_and(Vec::is_empty) && whole;
            meant.then(|| NoiseRule { on: on.flatten(), qubits: some, ..rule.clone() })
        };
        let idle = self.idle.as_ref().map(|idle| {
            let one_for_all = idle.relaxation.len() == 1;
            let relaxation = qubits.iter().map_while(|&qubit| idle.relaxation.get(qubit).copied()).collect();
            let placed = |row: &PlacedTime| all(&row.qubits).map(|qubits| PlacedTime { qubits, ..row.clone() });
            let placed = idle.times.placed.iter().filter_map(placed).collect();
            IdleNoise {
                times: GateTimes { placed, ..idle.times.clone() },
                relaxation: if one_for_all { idle.relaxation.clone() } else { relaxation },
            }
        });
        let readout = qubits.iter().map_while(|&qubit| self.readout.get(qubit).copied()).collect();
        Self { rules: self.rules.iter().filter_map(rule).collect(), readout, idle, takes_apart: self.takes_apart }
    }

    /// The circuit with the channels put in, in the blocks of conditioned operations too.
    ///
    /// # Errors
    /// When a channel does not fit the operation it belongs to.
    pub fn apply(&self, circuit: &Circuit) -> Result<Circuit, HardwareError> {
        let apart = if self.takes_apart { Some(large::taken_apart(circuit)?) } else { None };
        let circuit = apart.as_ref().unwrap_or(circuit);
        let rules = Rules::new(&self.rules);
        let mut noisy = circuit.without_operations();
        let mut idle = self.idle.as_ref().map(|idle| idle.clock(circuit));
        for (position, operation) in circuit.operations().iter().enumerate() {
            if let Some(clock) = &mut idle {
                clock.before(position, operation, &mut |channel| noisy.push(channel).map(|_| ()))?;
            }
            for noisy_operation in rules.around(operation) {
                noisy.push(noisy_operation)?;
            }
        }
        if let Some(clock) = &mut idle {
            clock.finish(&mut |channel| noisy.push(channel).map(|_| ()))?;
        }
        Ok(noisy)
    }
}

/// Rules by the qubits they are about, so that an operation meets only those that can hold.
struct Rules<'a> {
    rules: &'a [NoiseRule],
    /// Positions of rules about any qubits.
    anywhere: Vec<usize>,
    /// Positions of rules about certain qubits, by the smallest of them.
    placed: HashMap<usize, Vec<usize>>,
}

impl<'a> Rules<'a> {
    fn new(rules: &'a [NoiseRule]) -> Self {
        let mut sorted = Self { rules, anywhere: Vec::new(), placed: HashMap::new() };
        for (position, rule) in rules.iter().enumerate() {
            match rule.on.as_ref().and_then(|on| on.iter().min()) {
                Some(&qubit) => sorted.placed.entry(qubit).or_default().push(position),
                None => sorted.anywhere.push(position),
            }
        }
        sorted
    }

    /// An operation with the channels before and behind it.
    fn around(&self, operation: &Operation) -> Vec<Operation> {
        if let Operation::Conditional(block) = operation {
            let inside = |list: &[Operation]| list.iter().flat_map(|inner| self.around(inner)).collect();
            let (then, otherwise) = (inside(&block.then), inside(&block.otherwise));
            let block = Conditional { condition: block.condition.clone(), then, otherwise };
            return vec![Operation::Conditional(Box::new(block))];
        }
        let placed = operation.qubits().iter().min().and_then(|qubit| self.placed.get(qubit));
        let mut holding = self.anywhere.clone();
        holding.extend(placed.into_iter().flatten());
        holding.sort_unstable();
        let holding = || holding.iter().map(|&position| &self.rules[position]);
        let mut list = Vec::new();
        holding().filter(|rule| rule.before).for_each(|rule| rule.put(operation, &mut list));
        list.push(operation.clone());
        holding().filter(|rule| !rule.before).for_each(|rule| rule.put(operation, &mut list));
        list
    }
}

impl NoiseRule {
    /// The channel behind every operation.
    pub fn after_all(channel: Channel) -> Self {
        Self {
            gates: None,
            except: Vec::new(),
            qubits: None,
            num_qubits: None,
            on: None,
            in_order: false,
            virtual_z: false,
            before: false,
            channel,
        }
    }

    fn put(&self, operation: &Operation, list: &mut Vec<Operation>) {
        let gate = match operation {
            Operation::Gate { gate, .. } => Some(*gate),
            Operation::PauliRotation { .. } | Operation::Unitary { .. } => None,
            Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. }
            | Operation::Conditional(_) => return,
        };
        let qubits = operation.qubits();
        let named = self.gates.as_ref().is_none_or(|gates| gate.is_some_and(|gate| gates.contains(&gate)))
            && gate.is_none_or(|gate| !self.except.contains(&gate));
        let sized = self.num_qubits.is_none_or(|count| count == qubits.len());
        let placed = self.on.as_ref().is_none_or(|list| match self.in_order {
            true => list[..] == qubits[..],
            false => on_same_qubits(list, &qubits),
        });
        if !(named && sized && placed) || self.virtual_z && is_phase(operation) {
            return;
        }
        let meant = |qubit: &usize| self.qubits.as_ref().is_none_or(|list| list.contains(qubit));
        let mut channel = |qubits: Qubits| list.push(Operation::Channel { channel: self.channel.clone(), qubits });
        if self.channel.num_qubits() == 1 {
            qubits.iter().filter(|qubit| meant(qubit)).for_each(|&qubit| channel([qubit].into_iter().collect()));
        } else if self.qubits.as_ref().is_none_or(|list| list.len() == qubits.len()) && qubits.iter().all(meant) {
            channel(qubits);
        }
    }
}

/// Whether an operation is diagonal on one qubit.
pub(crate) fn is_phase(operation: &Operation) -> bool {
    operation.qubits().len() == 1
        && operation.primitives().is_ok_and(|primitives| {
            primitives.iter().all(|primitive| match &primitive.kind {
                PrimitiveKind::Phase(_) => true,
                PrimitiveKind::Rotation(_, letters) => letters.iter().all(|(_, pauli)| !pauli.bits().0),
                PrimitiveKind::Unitary(matrix, _) => matrix[(0, 1)].norm() == 0.0 && matrix[(1, 0)].norm() == 0.0,
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_by_gate_qubits_and_size() {
        let flip = |p| Channel::bit_flip(p).expect("physical");
        let rule = |gates, qubits, before| NoiseRule { gates, qubits, before, ..NoiseRule::after_all(flip(0.1)) };
        let mut circuit = Circuit::new(3);
        circuit.h(0).cx(0, 1).cx(1, 2).measure_all();
        for (rule, expected) in [
            (rule(Some(vec![Gate::H]), None, true), 1),
            (rule(None, Some(vec![1, 0]), false), 4), // one for each of these qubits that a gate acts on
            (rule(None, None, false), 5),
        ] {
            let model = NoiseModel { rules: vec![rule], ..NoiseModel::default() };
            let noisy = model.apply(&circuit).expect("it fits");
            assert_eq!(noisy.operations().len() - circuit.operations().len(), expected);
        }
        let three = NoiseRule { channel: Channel::depolarizing(0.1, 3).expect("physical"), ..rule(None, None, false) };
        assert!(NoiseModel { rules: vec![three], ..NoiseModel::default() }.apply(&circuit).is_err());
    }

    /// Channels follow the operations inside of conditioned blocks, too.
    #[test]
    fn conditioned_blocks_are_noisy() {
        let mut model = NoiseModel::default();
        model.after_gates(1, Channel::bit_flip(0.1).expect("physical"));
        let mut circuit = Circuit::new(1);
        circuit.add_bits("c", 1);
        let (then, otherwise) = (vec![Operation::gate(Gate::X, &[], &[0])], vec![]);
        let condition = qloom_circuits::Condition { bits: vec![0], value: 1 };
        circuit.push(Operation::Conditional(Box::new(Conditional { condition, then, otherwise }))).expect("it fits");
        let noisy = model.apply(&circuit).expect("it fits");
        assert!(matches!(&noisy.operations()[0], Operation::Conditional(block) if block.then.len() == 2));
    }
}
