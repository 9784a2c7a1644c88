//! Groups of shots that share a state until they part.

use rand::Rng;

use super::accumulator::Accumulator;
use super::{Step, Trajectories};
use crate::counts::multinomial;
use crate::error::SimError;
use crate::observable::Observable;
use crate::real::Real;
use crate::state::StateVector;

/// What all groups need.
pub(super) struct Task<'a> {
    pub(super) trajectories: &'a Trajectories,
    pub(super) observable: Option<&'a Observable>,
    pub(super) readout: &'a [[f64; 2]],
}

/// Shots with one history.
struct Group<T: Real> {
    state: StateVector<T>,
    shots: u64,
    bits: u64,
}

/// What a part of a group does next.
#[derive(Clone, Copy)]
enum Turn {
    Kraus(usize),
    /// The outcome, and what is recorded of it.
    Measured(bool, bool),
    Reset(bool),
}

impl Task<'_> {
    /// Runs a group of shots to its ends.
    pub(super) fn walk<T: Real>(
        &self,
        state: StateVector<T>,
        shots: u64,
        rng: &mut impl Rng,
        accumulator: &mut Accumulator<T>,
    ) -> Result<(), SimError> {
        let mut path: Vec<&Step> = self.trajectories.steps.iter().rev().collect();
        self.group(Group { state, shots, bits: 0 }, &mut path, rng, accumulator)
    }

    /// `path` holds the steps ahead, the next one last.
    fn group<T: Real>(
        &self,
        mut group: Group<T>,
        path: &mut Vec<&Step>,
        rng: &mut impl Rng,
        accumulator: &mut Accumulator<T>,
    ) -> Result<(), SimError> {
        while let Some(step) = path.pop() {
            match step {
                Step::Unitary(program) => program.run(&[], &mut group.state)?,
                Step::Conditional { condition, then, otherwise } => {
                    let value = condition.bits.iter().enumerate().fold(0, |v, (k, bit)| v | (group.bits >> bit & 1) << k);
                    let block = if value == condition.value { then } else { otherwise };
                    path.extend(block.iter().rev());
                }
                Step::Kraus(_) | Step::Measure { .. } | Step::Reset { .. } => {
                    let mut parts = self.part(step, &group, rng)?;
                    // the largest part goes on in place, so that few states are alive: the others have at most half of the shots each
                    parts.sort_by_key(|&(_, _, shots)| shots);
                    let largest = parts.pop();
                    for (turn, probability, shots) in parts {
                        let mut other = Group { state: group.state.try_clone()?, shots, bits: group.bits };
                        take(step, turn, probability, &mut other)?;
                        self.group(other, &mut path.clone(), rng, accumulator)?;
                    }
                    if let Some((turn, probability, shots)) = largest {
                        group.shots = shots;
                        take(step, turn, probability, &mut group)?;
                    }
                }
            }
        }
        accumulator.end(self, group.state, group.shots, group.bits, rng)
    }

    /// Shares out the shots of a group; parts without shots are left out.
    fn part<T: Real>(&self, step: &Step, group: &Group<T>, rng: &mut impl Rng) -> Result<Vec<(Turn, f64, u64)>, SimError> {
        let mut turns: Vec<(Turn, f64, f64)> = Vec::new(); // turn, probability of the state it leads to, share of the shots
        match step {
            Step::Kraus(map) => {
                let probabilities = map.probabilities(&group.state);
                turns.extend(probabilities.iter().enumerate().map(|(index, &p)| (Turn::Kraus(index), p, p)));
            }
            Step::Measure { qubit, .. } => {
                let [one_for_zero, zero_for_one] = self.readout.get(*qubit).copied().unwrap_or_default();
                let weights = group.state.probabilities(&[*qubit])?;
                for (outcome, wrong) in [(false, one_for_zero), (true, zero_for_one)] {
                    let p = weights[usize::from(outcome)];
                    turns.push((Turn::Measured(outcome, outcome), p, p * (1.0 - wrong)));
                    turns.push((Turn::Measured(outcome, !outcome), p, p * wrong));
                }
            }
            Step::Reset { qubit } => {
                let weights = group.state.probabilities(&[*qubit])?;
                turns.extend(
                    [false, true]
                        .map(|outcome| (Turn::Reset(outcome), weights[usize::from(outcome)], weights[usize::from(outcome)])),
                );
            }
            Step::Unitary(_) | Step::Conditional { .. } => {}
        }
        let shares: Vec<f64> = turns.iter().map(|(_, _, share)| *share).collect();
        let mut parts = Vec::with_capacity(turns.len());
        multinomial(&shares, group.shots, rng, |index, shots| parts.push((turns[index].0, turns[index].1, shots)));
        Ok(parts)
    }
}

/// Changes the state of a part as it was drawn.
fn take<T: Real>(step: &Step, turn: Turn, probability: f64, group: &mut Group<T>) -> Result<(), SimError> {
    match (step, turn) {
        (Step::Kraus(map), Turn::Kraus(index)) => map.apply(index, probability, &mut group.state),
        (Step::Measure { qubit, bit }, Turn::Measured(outcome, recorded)) => {
            group.bits = group.bits & !(1 << bit) | u64::from(recorded) << bit;
            group.state.project(*qubit, outcome)
        }
        (Step::Reset { qubit }, Turn::Reset(outcome)) => {
            group.state.project(*qubit, outcome)?;
            if outcome {
                group.state.flip(*qubit);
            }
            Ok(())
        }
        (Step::Kraus(_) | Step::Measure { .. } | Step::Reset { .. } | Step::Unitary(_) | Step::Conditional { .. }, _) => {
            unreachable!("a turn is drawn for its own step")
        }
    }
}
