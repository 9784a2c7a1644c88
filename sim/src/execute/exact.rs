//! Exact splitting: one state for each branch.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::Executable;
use super::branching::Branching;
use super::holder::Holder;
use super::room::Room;
use super::step::{Part, Step};
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::record::Record;
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
    /// those of state vectors are one for each sequence of outcomes and operators. A circuit that does not branch has one. Where
    /// branches are needed one by one, [`Executable::each_branch`] holds fewer states.
    ///
    /// # Errors
    /// When there are more than `limit` branches at a time, or they need more memory than the configuration allows, which is found
    /// before a state is copied.
    pub fn branches(&self, limit: usize, flips: &[[f64; 2]], config: SimulatorConfig) -> Result<Vec<Branch<S>>, SimError> {
        let mut workspace = S::Workspace::default();
        let (state, rest) = self.start(config, &mut workspace)?;
        let room = Room::new::<S>(self.num_qubits, config);
        Walk { limit, flips, room, workspace }.run(rest, vec![Branch::first(state)])
    }

    /// Follows every branch to its end, one after the other, and hands it over; the ends of a Pauli vector's branches are not mixed.
    ///
    /// Holds a state for each choice still open on the way to an end, not one for each branch. `end` may break off.
    ///
    /// # Errors
    /// [`SimError::TooManyBranches`] after `limit` ends, [`SimError::Stopped`] after a break, or when memory does not suffice, which is
    /// found before a state is copied.
    pub fn each_branch(
        &self,
        limit: usize,
        config: SimulatorConfig,
        end: &mut dyn FnMut(Branch<S>) -> ControlFlow<()>,
    ) -> Result<(), SimError> {
        let (state, rest) = self.start(config, &mut S::Workspace::default())?;
        Visit::new(limit, Room::new::<S>(self.num_qubits, config), end).run(state, rest)
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

/// Parts of a state that are likely enough to be followed, and the sum of all shares.
fn likely<H: Holder>(step: &Step<H::State>, state: &H, flips: &[[f64; 2]]) -> Result<(Vec<Part>, f64), SimError> {
    let mut parts = step.parts(state, flips)?;
    let total: f64 = parts.iter().map(|part| part.share).sum();
    parts.retain(|part| part.share / total > NEGLIGIBLE);
    if parts.is_empty() {
        return Err(SimError::NotFinite { what: "the probability of an outcome", value: total });
    }
    Ok((parts, total))
}

impl<S> Branch<S> {
    /// Every state begins like this.
    fn first(state: S) -> Self {
        Self { probability: 1.0, record: Record::default(), state }
    }
}

/// A branch after a step has drawn a part.
fn taken<H: Holder>(mut branch: Branch<H>, step: &Step<H::State>, part: Part, total: f64) -> Result<Branch<H>, SimError> {
    branch.probability *= part.share / total;
    step.take(part, &mut branch.state, &mut branch.record)?;
    Ok(branch)
}

fn copied<H: Holder>(branch: &Branch<H>) -> Result<Branch<H>, SimError> {
    Ok(Branch { probability: branch.probability, record: branch.record.clone(), state: branch.state.try_clone()? })
}

/// One branch after the other.
pub(super) struct Visit<'a, H: Holder> {
    limit: usize,
    ends: usize,
    room: Room,
    workspace: H::Workspace,
    end: &'a mut dyn FnMut(Branch<H>) -> ControlFlow<()>,
}

impl<'a, H: Holder> Visit<'a, H> {
    /// At most `limit` branches, each given to `end`.
    pub(super) fn new(limit: usize, room: Room, end: &'a mut dyn FnMut(Branch<H>) -> ControlFlow<()>) -> Self {
        Self { limit, ends: 0, room, workspace: H::Workspace::default(), end }
    }

    /// Follows the steps from a state to every end.
    pub(super) fn run(&mut self, state: H, steps: &[Step<H::State>]) -> Result<(), SimError> {
        self.follow(Branch::first(state), &mut steps.iter().rev().collect())
    }

    /// Follows a branch to its ends; `path` holds the steps ahead, the next one last.
    fn follow(&mut self, mut branch: Branch<H>, path: &mut Vec<&Step<H::State>>) -> Result<(), SimError> {
        while let Some(step) = path.pop() {
            match step {
                Step::Program(program) => branch.state.apply(program, &mut self.workspace)?,
                Step::Conditional { condition, then, otherwise } => {
                    let block = if branch.record.holds(condition) { then } else { otherwise };
                    path.extend(block.iter().rev());
                }
                Step::Operators(_) | Step::Measure { .. } | Step::Reset { .. } => {
                    let (parts, total) = likely(step, &branch.state, &[])?;
                    let (last, others) = parts.split_last().expect("a part is likely");
                    for &part in others {
                        self.room.take()?;
                        self.follow(taken(copied(&branch)?, step, part, total)?, &mut path.clone())?;
                        self.room.give();
                    }
                    branch = taken(branch, step, *last, total)?;
                }
            }
        }
        if self.ends == self.limit {
            return Err(SimError::TooManyBranches { limit: self.limit });
        }
        self.ends += 1;
        match (self.end)(branch) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(SimError::Stopped),
        }
    }
}

/// All branches side by side.
struct Walk<'a, S: Branching> {
    limit: usize,
    flips: &'a [[f64; 2]],
    room: Room,
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
        let (parts, total) = likely(step, &branch.state, self.flips)?;
        let (last, others) = parts.split_last().expect("a part is likely");
        for &part in others {
            self.room.take()?;
            if self.room.live > self.limit as u128 {
                return Err(SimError::TooManyBranches { limit: self.limit });
            }
            split.push(taken(copied(&branch)?, step, part, total)?);
        }
        split.push(taken(branch, step, *last, total)?);
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
                    self.room.give();
                }
                None => {
                    known.insert(branch.record.clone(), branch);
                }
            }
        }
        known.into_values().collect()
    }
}
