//! Circuits that measure, reset or decide on the way, exactly: one state for each history of outcomes.

use qloom_circuits::{Circuit, CircuitError, Condition, Operation};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::memory;
use crate::program::Program;
use crate::real::Real;
use crate::state::StateVector;

/// A history of outcomes: how likely it is, what the classical bits say, and the state it leaves.
#[derive(Debug)]
pub struct Branch<T: Real> {
    /// Its probability.
    pub probability: f64,
    /// The classical bits; bit `k` is classical bit `k`.
    pub bits: u64,
    /// The state, normalised.
    pub state: StateVector<T>,
}

/// Outcomes less likely than this are not followed.
const NEGLIGIBLE: f64 = 1e-15;

/// Every history of outcomes of a circuit from `|0...0>`.
///
/// Measurements that nothing depends on afterwards are left out: each branch is the state before them. A circuit
/// whose measurements all come last has one branch.
///
/// # Errors
/// When there are more than `limit` branches at a time, memory does not suffice, the circuit has channels, free parameters
/// without values, or more than 64 classical bits.
pub fn branches<T: Real>(
    circuit: &Circuit,
    parameters: &[f64],
    limit: usize,
    config: SimulatorConfig,
) -> Result<Vec<Branch<T>>, SimError> {
    if circuit.num_bits() > 64 {
        return Err(SimError::TooManyQubits { what: "a record of classical bits", given: circuit.num_bits(), limit: 64 });
    }
    let bound = before_last_measurements(&circuit.bind(parameters)?);
    let start = Branch { probability: 1.0, bits: 0, state: StateVector::with_config(circuit.num_qubits(), config)? };
    Walk { num_qubits: circuit.num_qubits(), limit, config }.run(bound.operations(), vec![start])
}

/// The circuit without the measurements after which neither their qubit nor their bit is used, and without barriers and delays.
pub fn before_last_measurements(circuit: &Circuit) -> Circuit {
    split_last_measurements(circuit).0
}

/// [`before_last_measurements`], and the qubit and bit of each measurement left out, in order.
pub fn split_last_measurements(circuit: &Circuit) -> (Circuit, Vec<(usize, usize)>) {
    let mut used_qubits = vec![false; circuit.num_qubits()];
    let mut used_bits = vec![false; circuit.num_bits()];
    let mut kept = Vec::with_capacity(circuit.operations().len());
    let mut last = Vec::new();
    for operation in circuit.operations().iter().rev() {
        if let Operation::Measure { qubit, bit } = operation
            && !used_qubits[*qubit]
            && !used_bits[*bit]
        {
            last.push((*qubit, *bit));
            continue;
        }
        if matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
            continue;
        }
        operation.qubits().iter().for_each(|&qubit| used_qubits[qubit] = true);
        note_bits(operation, &mut used_bits);
        kept.push(operation.clone());
    }
    let mut before = circuit.clone();
    while before.pop().is_some() {}
    for operation in kept.into_iter().rev() {
        before.push(operation).expect("the operation was in this circuit");
    }
    last.reverse();
    (before, last)
}

fn note_bits(operation: &Operation, bits: &mut [bool]) {
    match operation {
        Operation::Conditional(block) => {
            block.condition.bits.iter().for_each(|&bit| bits[bit] = true);
            block.then.iter().chain(&block.otherwise).for_each(|inner| note_bits(inner, bits));
        }
        Operation::Measure { bit, .. } => bits[*bit] = true,
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

struct Walk {
    num_qubits: usize,
    limit: usize,
    config: SimulatorConfig,
}

impl Walk {
    fn run<T: Real>(&self, operations: &[Operation], mut branches: Vec<Branch<T>>) -> Result<Vec<Branch<T>>, SimError> {
        let mut unitary = Circuit::new(self.num_qubits);
        for operation in operations {
            match operation {
                Operation::Measure { qubit, bit } => {
                    self.flush(&mut unitary, &mut branches)?;
                    branches = self.split(branches, *qubit, |branch, outcome| {
                        branch.bits = branch.bits & !(1 << bit) | u64::from(outcome) << bit;
                        Ok(())
                    })?;
                }
                Operation::Reset { qubit } => {
                    self.flush(&mut unitary, &mut branches)?;
                    let mut flip = Circuit::new(self.num_qubits);
                    flip.x(*qubit);
                    let flip = Program::new(&flip)?;
                    branches = self.split(
                        branches,
                        *qubit,
                        |branch, outcome| {
                            if outcome { flip.run(&[], &mut branch.state) } else { Ok(()) }
                        },
                    )?;
                }
                Operation::Conditional(block) => {
                    self.flush(&mut unitary, &mut branches)?;
                    let (yes, no): (Vec<_>, Vec<_>) =
                        branches.into_iter().partition(|branch| holds(&block.condition, branch.bits));
                    branches = self.run(&block.then, yes)?;
                    branches.extend(self.run(&block.otherwise, no)?);
                }
                Operation::Gate { .. }
                | Operation::PauliRotation { .. }
                | Operation::Unitary { .. }
                | Operation::GlobalPhase(_)
                | Operation::Barrier { .. }
                | Operation::Delay { .. } => {
                    unitary.push(operation.clone())?;
                }
                Operation::Channel { .. } => {
                    return Err(CircuitError::NotUnitaryOperation { operation: "a channel" }.into());
                }
            }
        }
        self.flush(&mut unitary, &mut branches)?;
        Ok(branches)
    }

    fn flush<T: Real>(&self, unitary: &mut Circuit, branches: &mut [Branch<T>]) -> Result<(), SimError> {
        if unitary.operations().is_empty() {
            return Ok(());
        }
        let program = Program::new(&std::mem::replace(unitary, Circuit::new(self.num_qubits)))?;
        branches.iter_mut().try_for_each(|branch| program.run(&[], &mut branch.state))
    }

    fn split<T: Real>(
        &self,
        branches: Vec<Branch<T>>,
        qubit: usize,
        mut then: impl FnMut(&mut Branch<T>, bool) -> Result<(), SimError>,
    ) -> Result<Vec<Branch<T>>, SimError> {
        let mut split = Vec::with_capacity(branches.len());
        for mut branch in branches {
            let weights = branch.state.probabilities(&[qubit])?;
            let total = weights[0] + weights[1];
            let likely = |outcome: usize| weights[outcome] / total > NEGLIGIBLE;
            if likely(0) && likely(1) {
                memory::check::<T>(self.num_qubits, split.len() as u128 + 2, self.config.memory_limit)?;
                let mut other = Branch { probability: branch.probability, bits: branch.bits, state: branch.state.try_clone()? };
                other.state.project(qubit, true)?;
                other.probability *= weights[1] / total;
                then(&mut other, true)?;
                split.push(other);
            }
            let outcome = !likely(0);
            branch.state.project(qubit, outcome)?;
            branch.probability *= weights[usize::from(outcome)] / total;
            then(&mut branch, outcome)?;
            split.push(branch);
            if split.len() > self.limit {
                return Err(SimError::Unsupported {
                    simulation: "an exact simulation of every history of outcomes",
                    operation: "so many measurements on the way",
                    remedy: "sample shots instead",
                });
            }
        }
        Ok(split)
    }
}

fn holds(condition: &Condition, bits: u64) -> bool {
    let value = condition.bits.iter().enumerate().fold(0, |value, (k, bit)| value | (bits >> bit & 1) << k);
    value == condition.value
}

#[cfg(test)]
mod tests {
    use qloom_circuits::Conditional;

    use super::*;

    fn all(circuit: &Circuit) -> Vec<Branch<f64>> {
        branches(circuit, &[], 100, SimulatorConfig::default()).expect("a small circuit")
    }

    #[test]
    fn measurements_at_the_end_do_not_branch() {
        let mut circuit = Circuit::new(2);
        circuit.h(0).cx(0, 1).measure_all();
        let branches = all(&circuit);
        assert_eq!(branches.len(), 1);
        assert!((branches[0].state.amplitude(3).re - 0.5f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn teleportation_delivers_the_state_in_every_branch() {
        let mut circuit = Circuit::new(3);
        circuit.add_bits("a", 1);
        circuit.add_bits("b", 1);
        circuit.ry(0.7, 0).rz(0.3, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure(0, 0).measure(1, 1);
        for (bit, gate) in [(1, qloom_circuits::Gate::X), (0, qloom_circuits::Gate::Z)] {
            let then = vec![Operation::gate(gate, &[], &[2])];
            let condition = Condition { bits: vec![bit], value: 1 };
            circuit.push(Operation::Conditional(Box::new(Conditional { condition, then, otherwise: vec![] }))).expect("it fits");
        }
        let branches = all(&circuit);
        assert_eq!(branches.len(), 4);
        for branch in branches {
            assert!((branch.probability - 0.25).abs() < 1e-15);
            let one = branch.state.probabilities(&[2]).expect("a qubit")[1];
            assert!((one - 0.35f64.sin().powi(2)).abs() < 1e-14);
        }
    }

    #[test]
    fn resets_mix_and_limits_hold() {
        let mut circuit = Circuit::new(2);
        circuit.h(0).cx(0, 1).reset(0);
        let branches = all(&circuit);
        assert_eq!(branches.len(), 2);
        assert!(branches.iter().all(|branch| branch.state.probabilities(&[0]).expect("a qubit")[0] > 1.0 - 1e-14));
        let mut many = Circuit::new(1);
        for _ in 0..10 {
            many.h(0).measure(0, 0);
        }
        many.h(0);
        assert!(super::branches::<f64>(&many, &[], 100, SimulatorConfig::default()).is_err());
    }
}
