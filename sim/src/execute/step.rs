//! What each step means: into which parts it splits a state, and what becomes of a part.

use qloom_circuits::Condition;

use super::branching::Branching;
use super::holder::Holder;
use crate::error::SimError;
use crate::record::Record;

/// A step of an execution.
#[derive(Debug)]
pub(super) enum Step<S: Branching> {
    /// A stretch that does not branch.
    Program(Box<S::Program>),
    /// A channel.
    Operators(S::Operators),
    /// A measurement of a qubit into a bit.
    Measure { qubit: usize, bit: usize },
    /// A qubit put into `|0>`.
    Reset { qubit: usize },
    /// Steps for when a condition holds, and for when it does not.
    Conditional { condition: Condition, then: Vec<Step<S>>, otherwise: Vec<Step<S>> },
}

/// What a part of a state has drawn.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Operator(usize),
    /// The outcome, and what is recorded of it.
    Measured(bool, bool),
    Reset(bool),
}

/// A part that a step makes of a state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    turn: Turn,
    /// Probability of the state it leads to.
    probability: f64,
    /// Probability of the part: less where a recorded bit may be wrong.
    pub(super) share: f64,
}

impl<S: Branching> Step<S> {
    /// The parts, none where the step does not branch; `flips` has for each qubit the probabilities to record 1 for 0 and 0 for 1.
    pub(super) fn parts<H: Holder<State = S>>(&self, state: &H, flips: &[[f64; 2]]) -> Result<Vec<Part>, SimError> {
        let part = |turn: Turn, probability: f64, share: f64| Part { turn, probability, share };
        Ok(match self {
            Step::Operators(operators) => {
                let weights = state.weights(operators)?;
                weights.iter().enumerate().map(|(index, &p)| part(Turn::Operator(index), p, p)).collect()
            }
            Step::Measure { qubit, .. } => {
                let wrong = flips.get(*qubit).copied().unwrap_or_default();
                let weights = state.outcomes(*qubit)?;
                let mut parts = Vec::with_capacity(4);
                for outcome in [false, true] {
                    let (p, wrong) = (weights[usize::from(outcome)], wrong[usize::from(outcome)]);
                    parts.push(part(Turn::Measured(outcome, outcome), p, p * (1.0 - wrong)));
                    if wrong > 0.0 {
                        parts.push(part(Turn::Measured(outcome, !outcome), p, p * wrong));
                    }
                }
                parts
            }
            Step::Reset { qubit } => {
                let weights = state.outcomes(*qubit)?;
                [false, true].map(|one| part(Turn::Reset(one), weights[usize::from(one)], weights[usize::from(one)])).to_vec()
            }
            Step::Program(_) | Step::Conditional { .. } => Vec::new(),
        })
    }

    /// Changes a state and its record to those of a part.
    pub(super) fn take<H: Holder<State = S>>(&self, part: Part, state: &mut H, record: &mut Record) -> Result<(), SimError> {
        match (self, part.turn) {
            (Step::Operators(operators), Turn::Operator(index)) => state.take(operators, index, part.probability),
            (Step::Measure { qubit, bit }, Turn::Measured(outcome, recorded)) => {
                record.set(*bit, recorded);
                state.project(*qubit, outcome)
            }
            (Step::Reset { qubit }, Turn::Reset(outcome)) => {
                state.project(*qubit, outcome)?;
                if outcome {
                    state.flip(*qubit);
                }
                Ok(())
            }
            (
                Step::Program(_) | Step::Operators(_) | Step::Measure { .. } | Step::Reset { .. } | Step::Conditional { .. },
                Turn::Operator(_) | Turn::Measured(..) | Turn::Reset(_),
            ) => unreachable!("a part is taken by the step that made it"),
        }
    }
}
