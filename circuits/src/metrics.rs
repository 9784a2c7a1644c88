//! Size of a circuit: moments, depth, counts.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::circuit::Circuit;
use crate::operation::Operation;
use crate::schedule::Schedule;

/// How large a circuit is; conditioned operations count as if they ran.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Metrics {
    /// Number of qubits.
    pub qubits: usize,
    /// Number of moments when every operation starts as soon as its qubits and bits are free.
    pub depth: usize,
    /// Gates of the table, Pauli rotations and unitaries.
    pub gates: usize,
    /// Gates on exactly two qubits.
    pub two_qubit_gates: usize,
    /// Gates that take an angle.
    pub rotations: usize,
    /// Free parameters.
    pub parameters: usize,
    /// How often each operation appears, by the name OpenQASM gives it.
    pub counts: BTreeMap<String, usize>,
}

impl Operation {
    /// What the operation is called: a gate's name, or a word for its kind.
    pub fn name(&self) -> &str {
        match self {
            Operation::Gate { gate, .. } => gate.name(),
            Operation::PauliRotation { .. } => "pauli_rotation",
            Operation::Unitary { .. } => "unitary",
            Operation::GlobalPhase(_) => "gphase",
            Operation::Channel { channel, .. } => channel.name(),
            Operation::Measure { .. } => "measure",
            Operation::Reset { .. } => "reset",
            Operation::Barrier { .. } => "barrier",
            Operation::Delay { .. } => "delay",
            Operation::Conditional(_) => "if",
        }
    }

    /// Whether the operation takes a moment of its own: all but barriers, delays and global phases.
    pub fn takes_moment(&self) -> bool {
        !matches!(self, Operation::Barrier { .. } | Operation::Delay { .. } | Operation::GlobalPhase(_))
    }

    /// Whether it is a gate on exactly two qubits, or a conditioned block with one.
    pub fn is_two_qubit(&self) -> bool {
        match self {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => self.qubits().len() == 2,
            Operation::Conditional(block) => block.then.iter().chain(&block.otherwise).any(Operation::is_two_qubit),
            Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => false,
        }
    }

    /// The classical bits read or written.
    pub fn bits(&self) -> Vec<usize> {
        let mut bits = Vec::new();
        self.for_each_bit(&mut |bit, _| bits.push(bit));
        bits
    }

    /// Calls with every classical bit and whether it is written, in conditioned operations too.
    pub(crate) fn for_each_bit(&self, call: &mut dyn FnMut(usize, bool)) {
        match self {
            Operation::Measure { bit, .. } => call(*bit, true),
            Operation::Conditional(block) => {
                block.condition.bits.iter().for_each(|&bit| call(bit, false));
                block.then.iter().chain(&block.otherwise).for_each(|inner| inner.for_each_bit(call));
            }
            Operation::Gate { .. }
            | Operation::PauliRotation { .. }
            | Operation::Unitary { .. }
            | Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Reset { .. }
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => {}
        }
    }
}

impl Circuit {
    /// The moment of each operation, from 0, when it starts as soon as its qubits and bits are free.
    ///
    /// Barriers and delays take no moment but make their qubits wait for each other; their entry is the moment that
    /// comes next.
    ///
    /// ```
    /// use qloom_circuits::Circuit;
    /// let mut circuit = Circuit::new(3);
    /// circuit.h(0).cx(0, 1).x(2).cx(1, 2);
    /// assert_eq!(circuit.moments(), [0, 1, 0, 2]);
    /// ```
    pub fn moments(&self) -> Vec<usize> {
        let mut schedule = Schedule::new(self.num_qubits(), self.num_bits());
        self.place(&mut schedule, |operation| usize::from(operation.takes_moment())).collect()
    }

    /// The moment of each operation by how many moments it takes.
    fn place(&self, schedule: &mut Schedule<usize>, length: impl Fn(&Operation) -> usize) -> impl Iterator<Item = usize> {
        self.operations().iter().map(move |operation| {
            let mut qubits = operation.qubits();
            if matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) && qubits.is_empty() {
                qubits = (0..self.num_qubits()).collect();
            }
            let start = schedule.start(&qubits, operation);
            schedule.occupy(&qubits, operation, start + length(operation));
            start
        })
    }

    /// Number of moments when every operation starts as soon as its qubits and bits are free.
    pub fn depth(&self) -> usize {
        self.depth_of(Operation::takes_moment)
    }

    /// Number of moments when only the operations that `counts` take one; the others make their qubits wait for each other.
    ///
    /// ```
    /// use qloom_circuits::{Circuit, Operation};
    /// let mut circuit = Circuit::new(3);
    /// circuit.h(0).cx(0, 1).rz(0.5, 1).cx(1, 2);
    /// assert_eq!(circuit.depth_of(Operation::is_two_qubit), 2);
    /// assert_eq!(circuit.depth_of(|operation| operation.takes_moment() && operation.name() != "rz"), 3);
    /// ```
    pub fn depth_of(&self, counts: impl Fn(&Operation) -> bool) -> usize {
        let mut schedule = Schedule::new(self.num_qubits(), self.num_bits());
        self.place(&mut schedule, |operation| usize::from(counts(operation))).for_each(drop);
        schedule.end()
    }

    /// Gates on exactly two qubits, conditioned ones included.
    pub fn two_qubit_gates(&self) -> usize {
        self.metrics().two_qubit_gates
    }

    /// Depth and counts.
    ///
    /// ```
    /// use qloom_circuits::Circuit;
    /// let mut circuit = Circuit::new(3);
    /// circuit.h(0).cx(0, 1).rz(0.5, 1).cx(1, 2);
    /// let metrics = circuit.metrics();
    /// assert_eq!((metrics.depth, metrics.two_qubit_gates, metrics.counts["cx"]), (4, 2, 2));
    /// ```
    pub fn metrics(&self) -> Metrics {
        let mut metrics =
            Metrics { qubits: self.num_qubits(), depth: self.depth(), parameters: self.num_parameters(), ..Metrics::default() };
        self.operations().iter().for_each(|operation| count(operation, &mut metrics));
        metrics
    }
}

fn count(operation: &Operation, metrics: &mut Metrics) {
    match operation {
        Operation::Conditional(block) => {
            block.then.iter().chain(&block.otherwise).for_each(|inner| count(inner, metrics));
            return;
        }
        Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
            metrics.gates += 1;
            metrics.two_qubit_gates += usize::from(operation.qubits().len() == 2);
            metrics.rotations += usize::from(!operation.angles().is_empty());
        }
        Operation::GlobalPhase(_)
        | Operation::Channel { .. }
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => {}
    }
    if let Some(number) = metrics.counts.get_mut(operation.name()) {
        *number += 1;
    } else {
        metrics.counts.insert(operation.name().to_string(), 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{Condition, Conditional};

    #[test]
    fn barriers_wait_and_take_no_moment() {
        let mut circuit = Circuit::new(2);
        circuit.h(0).barrier(&[]).h(1).measure(1, 0);
        assert_eq!(circuit.moments(), [0, 1, 1, 2]);
        assert_eq!(circuit.depth(), 3);
    }

    #[test]
    fn conditions_wait_for_their_bits_and_count_inside() {
        let mut circuit = Circuit::new(2);
        circuit.measure(0, 0);
        let then = vec![Operation::gate(crate::Gate::Cx, &[], &[1, 0])];
        let block = Conditional { condition: Condition { bits: vec![0], value: 1 }, then, otherwise: Vec::new() };
        circuit.push(Operation::Conditional(Box::new(block))).expect("a good block");
        assert_eq!(circuit.depth(), 2);
        assert_eq!(circuit.two_qubit_gates(), 1);
        assert_eq!(circuit.metrics().counts["measure"], 1);
    }
}
