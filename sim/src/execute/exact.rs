//! Exact splitting: one state for each branch.

use std::collections::BTreeMap;

use super::Executable;
use super::branching::Branching;
use super::record::Record;
use super::step::Step;
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::state::PauliVector;

/// A branch of a circuit: how likely it is, what the classical bits say, and the state it leaves.
#[derive(Debug)]
pub struct Branch<S> {
    /// Its probability.
    pub probability: f64,
    /// The classical bits.
    pub record: Record,
    /// The state, normalised.
    pub state: S,
}

/// Branches less likely than this, next to the others of a step, are not followed.
const NEGLIGIBLE: f64 = 1e-15;

impl<S: Branching> Executable<S> {
    /// Every branch of the circuit from `|0...0>`, the measurements of [`Executable::last`] not yet done.
    ///
    /// Recorded bits are wrong with the probabilities of `flips`: for each qubit to record 1 for 0 and 0 for 1; qubits beyond the
    /// list are recorded as they are. Branches of Pauli vectors with equal records are mixed, so that there is one for each record;
    /// those of state vectors are one for each sequence of outcomes and operators. A circuit that does not branch has one.
    ///
    /// # Errors
    /// When there are more than `limit` branches at a time, or they need more memory than the configuration allows, which is found
    /// before a state is copied.
    pub fn branches(&self, limit: usize, flips: &[[f64; 2]], config: SimulatorConfig) -> Result<Vec<Branch<S>>, SimError> {
        let mut workspace = S::Workspace::default();
        let (state, rest) = self.start(config, &mut workspace)?;
        let start = Branch { probability: 1.0, record: Record::new(self.num_bits), state };
        let most = u128::from(config.memory_limit) / S::bytes(self.num_qubits).max(1);
        Walk { limit, flips, most, memory: config.memory_limit, live: 1, workspace }.run(rest, vec![start])
    }
}

/// The state of all branches together, when their records are forgotten; none without a branch.
pub fn mixture(branches: Vec<Branch<PauliVector>>) -> Option<PauliVector> {
    let mix = |mut sum: Branch<PauliVector>, branch: Branch<PauliVector>| {
        let total = sum.probability + branch.probability;
        sum.state.mix(sum.probability / total, &branch.state, branch.probability / total);
        sum.probability = total;
        sum
    };
    Some(branches.into_iter().reduce(mix)?.state)
}

struct Walk<'a, S: Branching> {
    limit: usize,
    flips: &'a [[f64; 2]],
    /// States that memory holds.
    most: u128,
    memory: u64,
    /// States there are.
    live: usize,
    workspace: S::Workspace,
}

impl<S: Branching> Walk<'_, S> {
    fn run(&mut self, steps: &[Step<S>], mut branches: Vec<Branch<S>>) -> Result<Vec<Branch<S>>, SimError> {
        for step in steps {
            match step {
                Step::Program(program) => {
                    for branch in &mut branches {
                        branch.state.apply(program, &[], &mut self.workspace)?;
                    }
                }
                Step::Conditional { condition, then, otherwise } => {
                    let (yes, no): (Vec<_>, Vec<_>) = branches.into_iter().partition(|branch| branch.record.holds(condition));
                    branches = self.run(then, yes)?;
                    branches.extend(self.run(otherwise, no)?);
                }
                Step::Operators(_) | Step::Measure { .. } | Step::Reset { .. } => {
                    let mut split = Vec::with_capacity(branches.len());
                    for branch in branches {
                        self.split(step, branch, &mut split)?;
                    }
                    branches = if S::MIXED { self.mixed(split) } else { split };
                }
            }
        }
        Ok(branches)
    }

    fn split(&mut self, step: &Step<S>, branch: Branch<S>, split: &mut Vec<Branch<S>>) -> Result<(), SimError> {
        let mut parts = step.parts(&branch.state, self.flips)?;
        let total: f64 = parts.iter().map(|part| part.share).sum();
        parts.retain(|part| part.share / total > NEGLIGIBLE);
        let Some(last) = parts.pop() else {
            return Err(SimError::NotFinite { what: "the probability of an outcome", value: total });
        };
        for part in parts {
            self.make_room(branch.state.num_qubits())?;
            let mut other = Branch {
                probability: branch.probability * part.share / total,
                record: branch.record.clone(),
                state: branch.state.try_clone()?,
            };
            step.take(part, &mut other.state, &mut other.record)?;
            split.push(other);
        }
        let Branch { probability, mut record, mut state } = branch;
        step.take(last, &mut state, &mut record)?;
        split.push(Branch { probability: probability * last.share / total, record, state });
        Ok(())
    }

    /// Counts one state more, if it is allowed.
    fn make_room(&mut self, num_qubits: usize) -> Result<(), SimError> {
        self.live += 1;
        if self.live as u128 > self.most {
            let needed = self.live as u128 * S::bytes(num_qubits);
            return Err(SimError::MemoryLimit { num_qubits, needed, limit: self.memory.into() });
        }
        if self.live > self.limit {
            return Err(SimError::Unsupported {
                simulation: "an exact simulation of every branch",
                operation: "so many outcomes on the way",
                remedy: "sample shots instead",
            });
        }
        Ok(())
    }

    /// Branches with equal records as one.
    fn mixed(&mut self, branches: Vec<Branch<S>>) -> Vec<Branch<S>> {
        let mut known: BTreeMap<Record, Branch<S>> = BTreeMap::new();
        for branch in branches {
            match known.get_mut(&branch.record) {
                Some(same) => {
                    let total = same.probability + branch.probability;
                    same.state.mix(same.probability / total, &branch.state, branch.probability / total);
                    same.probability = total;
                    self.live -= 1;
                }
                None => {
                    known.insert(branch.record.clone(), branch);
                }
            }
        }
        known.into_values().collect()
    }
}
