//! Noise models: rules that put channels into circuits.

mod device;

pub use device::{Device, DeviceError, GateCalibration, QubitCalibration};

use qloom_circuits::{Channel, Circuit, Gate, Operation, Qubits};

use crate::error::SimError;

/// One rule: which operations it speaks of, and the channel it adds behind (or before) each.
///
/// Every condition that is given must hold. A channel on one qubit acts on each qubit of a larger gate.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseRule {
    /// The gates meant; every operation with a unitary if none.
    pub gates: Option<Vec<Gate>>,
    /// The qubits meant, any if none: a channel on one qubit goes to those of them that the operation acts on, a larger channel
    /// needs the operation to act on exactly them, in any order.
    pub qubits: Option<Vec<usize>>,
    /// The number of qubits of the operation; any if none.
    pub num_qubits: Option<usize>,
    /// Whether the channel comes before the operation instead of behind it.
    pub before: bool,
    /// The channel.
    pub channel: Channel,
}

/// Rules that rewrite a circuit, and the errors of reading out.
///
/// ```
/// use qloom_circuits::{Channel, Circuit};
/// use qloom_sim::NoiseModel;
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
}

impl NoiseModel {
    /// Adds the channel behind every gate on this many qubits.
    pub fn after_gates(&mut self, num_qubits: usize, channel: Channel) -> &mut Self {
        self.rules.push(NoiseRule { gates: None, qubits: None, num_qubits: Some(num_qubits), before: false, channel });
        self
    }

    /// The circuit with the channels put in.
    ///
    /// # Errors
    /// When a channel does not fit the operation it belongs to.
    pub fn apply(&self, circuit: &Circuit) -> Result<Circuit, SimError> {
        let mut noisy = circuit.clone();
        while noisy.pop().is_some() {}
        for operation in circuit.operations() {
            self.rules.iter().filter(|rule| rule.before).try_for_each(|rule| rule.put(operation, &mut noisy))?;
            noisy.push(operation.clone())?;
            self.rules.iter().filter(|rule| !rule.before).try_for_each(|rule| rule.put(operation, &mut noisy))?;
        }
        Ok(noisy)
    }

    /// What the probabilities of outcomes become by the errors of reading out; bit `k` of an index is read from `qubits[k]`.
    ///
    /// # Panics
    /// When there are not `2^k` probabilities.
    pub fn read_out(&self, qubits: &[usize], probabilities: &mut [f64]) {
        assert_eq!(probabilities.len(), 1 << qubits.len(), "one probability an outcome");
        for (bit, &qubit) in qubits.iter().enumerate() {
            let Some(&[one_for_zero, zero_for_one]) = self.readout.get(qubit) else { continue };
            let stride = 1 << bit;
            for block in probabilities.chunks_exact_mut(2 * stride) {
                let (low, high) = block.split_at_mut(stride);
                for (zero, one) in low.iter_mut().zip(high) {
                    let flow = *one * zero_for_one - *zero * one_for_zero;
                    *zero += flow;
                    *one -= flow;
                }
            }
        }
    }
}

impl NoiseRule {
    fn put(&self, operation: &Operation, noisy: &mut Circuit) -> Result<(), SimError> {
        let gate = match operation {
            Operation::Gate { gate, .. } => Some(*gate),
            Operation::PauliRotation { .. } | Operation::Unitary { .. } => None,
            Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. }
            | Operation::Conditional(_) => return Ok(()),
        };
        let qubits = operation.qubits();
        let named = self.gates.as_ref().is_none_or(|gates| gate.is_some_and(|gate| gates.contains(&gate)));
        let sized = self.num_qubits.is_none_or(|count| count == qubits.len());
        if !(named && sized) {
            return Ok(());
        }
        let meant = |qubit: &usize| self.qubits.as_ref().is_none_or(|list| list.contains(qubit));
        let mut channel = |qubits: Qubits| noisy.push(Operation::Channel { channel: self.channel.clone(), qubits }).map(|_| ());
        if self.channel.num_qubits() == 1 {
            qubits.iter().filter(|qubit| meant(qubit)).try_for_each(|&qubit| channel([qubit].into_iter().collect()))?;
        } else if self.qubits.as_ref().is_none_or(|list| list.len() == qubits.len()) && qubits.iter().all(meant) {
            channel(qubits)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_by_gate_qubits_and_size() {
        let flip = |p| Channel::bit_flip(p).expect("physical");
        let rule = |gates, qubits, before| NoiseRule { gates, qubits, num_qubits: None, before, channel: flip(0.1) };
        let mut circuit = Circuit::new(3);
        circuit.h(0).cx(0, 1).cx(1, 2).measure_all();
        for (rule, expected) in [
            (rule(Some(vec![Gate::H]), None, true), 1),
            (rule(None, Some(vec![1, 0]), false), 4), // one for each of these qubits that a gate acts on
            (rule(None, None, false), 5),
        ] {
            let model = NoiseModel { rules: vec![rule], readout: vec![] };
            let noisy = model.apply(&circuit).expect("it fits");
            assert_eq!(noisy.operations().len() - circuit.operations().len(), expected);
        }
        let three = NoiseRule { channel: Channel::depolarizing(0.1, 3).expect("physical"), ..rule(None, None, false) };
        assert!(NoiseModel { rules: vec![three], readout: vec![] }.apply(&circuit).is_err());
    }

    #[test]
    fn reading_out_mixes_probabilities() {
        let model = NoiseModel { rules: vec![], readout: vec![[0.0, 0.0], [0.1, 0.2]] };
        let mut probabilities = vec![0.5, 0.0, 0.5, 0.0]; // qubit 0 is 0, qubit 1 either
        model.read_out(&[0, 1], &mut probabilities);
        assert!((probabilities[0] - 0.55).abs() < 1e-15 && (probabilities[2] - 0.45).abs() < 1e-15);
    }
}
