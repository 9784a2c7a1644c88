//! A circuit in the making: actions, angles, energy.

use qloom_circuits::{Circuit, Stream};
use serde::{Deserialize, Serialize};

use super::local::insertion::Insertion;
use crate::QasError;
use crate::environment::action::ActionSet;
use crate::environment::start::Section;
use crate::objective::Objective;
use crate::search::best::{Candidate, build, check};

/// A circuit as a list of actions, with the angles of those that have one, in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub(crate) actions: Vec<u16>,
    pub(crate) angles: Vec<f64>,
    pub(crate) energy: f64,
}

impl Draft {
    /// What a walk begins with.
    pub(crate) fn start(start: &Section, set: &ActionSet, objective: &mut Objective) -> Result<Self, QasError> {
        let mut draft = Self { angles: start.angles.clone(), actions: start.actions.clone(), energy: 0.0 };
        let circuit = draft.circuit(set)?;
        let energy = objective.energy(&circuit, &draft.angles)?;
        draft.energy = objective.confirm(&circuit, &draft.angles, energy)?;
        Ok(draft)
    }

    /// Refuses what does not belong to the action set.
    pub(crate) fn check(&self, set: &ActionSet) -> Result<(), QasError> {
        check(&self.actions, &self.angles, set)
    }

    pub(crate) fn of(candidate: &Candidate) -> Self {
        Self { actions: candidate.actions.clone(), angles: candidate.angles.clone(), energy: candidate.energy }
    }

    pub(crate) fn circuit(&self, set: &ActionSet) -> Result<Circuit, QasError> {
        build(set, &self.actions)
    }

    /// Without one action; the energy is the old one.
    pub(crate) fn without(&self, index: usize, set: &ActionSet) -> Self {
        let mut draft = self.clone();
        let removed = draft.actions.remove(index);
        if set.has_angle(removed) {
            draft.angles.remove(set.count_angles(&draft.actions[..index]));
        }
        draft
    }

    /// With a rotation by 0 before the action of this number; the energy stays.
    pub(crate) fn with(&self, insertion: &Insertion, place: usize, set: &ActionSet) -> Self {
        let mut draft = self.clone();
        draft.angles.insert(set.count_angles(&draft.actions[..place]), 0.0);
        draft.actions.splice(place..place, insertion.gates());
        draft
    }

    /// With an action before that of this number, at angle 0 if it has one; the energy is the old one.
    fn with_action(&self, number: u16, place: usize, set: &ActionSet) -> Self {
        let mut draft = self.clone();
        if set.has_angle(number) {
            draft.angles.insert(set.count_angles(&draft.actions[..place]), 0.0);
        }
        draft.actions.insert(place, number);
        draft
    }

    /// With an action put in, taken out or exchanged, all drawn alike; never longer than allowed. Angles are not fitted.
    pub(crate) fn mutated(&self, max_gates: usize, set: &ActionSet, stream: &mut Stream) -> Self {
        let length = self.actions.len();
        let kind = match length {
            0 => 0,
            _ if length >= max_gates => 1 + stream.below(2),
            _ => stream.below(3),
        };
        let shorter = |index: usize| self.without(index, set);
        match kind {
            0 => self.with_action(stream.below(set.len()) as u16, stream.below(length + 1), set),
            1 => shorter(stream.below(length)),
            _ => {
                let index = stream.below(length);
                shorter(index).with_action(stream.below(set.len()) as u16, index, set)
            }
        }
    }

    /// The first actions of this circuit and the last of another, with their angles.
    pub(crate) fn crossed(&self, from: usize, other: &Self, to: usize, set: &ActionSet) -> Self {
        let angles =
            [&self.angles[..set.count_angles(&self.actions[..from])], &other.angles[set.count_angles(&other.actions[..to])..]];
        Self { actions: [&self.actions[..from], &other.actions[to..]].concat(), angles: angles.concat(), energy: self.energy }
    }

    /// Fits all angles; the energy is confirmed.
    pub(crate) fn fit(&mut self, set: &ActionSet, objective: &mut Objective) -> Result<(), QasError> {
        let circuit = self.circuit(set)?;
        let fit = objective.fit(&circuit, std::mem::take(&mut self.angles), None, self.energy)?;
        self.energy = objective.confirm(&circuit, &fit.angles, fit.energy)?;
        self.angles = fit.angles;
        Ok(())
    }

    pub(crate) fn finished(self, set: &ActionSet, objective: &mut Objective) -> Result<Candidate, QasError> {
        let reference = objective.reference(&self.circuit(set)?, &self.angles)?;
        let evaluations = objective.evaluations().values;
        Ok(Candidate { actions: self.actions, angles: self.angles, energy: self.energy, reference, evaluations })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::action::ActionConfig;

    fn set() -> ActionSet {
        ActionSet::new(&ActionConfig::default(), 3).expect("valid")
    }

    /// A circuit of so many gates, its angles numbered.
    fn drawn(length: usize, set: &ActionSet, stream: &mut Stream) -> Draft {
        let actions: Vec<u16> = (0..length).map(|_| stream.below(set.len()) as u16).collect();
        let angles = (0..set.count_angles(&actions)).map(|k| k as f64 + 1.0).collect();
        Draft { actions, angles, energy: 0.0 }
    }

    #[test]
    fn moves_keep_angles_with_their_gates() {
        let (set, mut stream) = (set(), Stream::named(1, "moves"));
        for _ in 0..300 {
            let draft = drawn(stream.below(9), &set, &mut stream);
            let moved = draft.mutated(8, &set, &mut stream);
            moved.check(&set).expect("as many angles as gates that have one");
            assert!(moved.actions.len() <= draft.actions.len().max(8));
            // the angles that were there stay in their order, new ones are 0
            let kept: Vec<f64> = moved.angles.iter().copied().filter(|&angle| angle != 0.0).collect();
            assert!(kept.windows(2).all(|pair| pair[0] < pair[1]) && kept.iter().all(|angle| draft.angles.contains(angle)));
            assert!(moved.actions.len().abs_diff(draft.actions.len()) <= 1);
        }
    }

    #[test]
    fn a_circuit_crossed_with_itself_is_itself() {
        let (set, mut stream) = (set(), Stream::named(2, "crossing"));
        for _ in 0..100 {
            let draft = drawn(7, &set, &mut stream);
            let cut = stream.below(8);
            let crossed = draft.crossed(cut, &draft, cut, &set);
            assert_eq!((&crossed.actions, &crossed.angles), (&draft.actions, &draft.angles));
            let other = drawn(5, &set, &mut stream);
            let (from, to) = (stream.below(8), stream.below(6));
            let child = draft.crossed(from, &other, to, &set);
            child.check(&set).expect("as many angles as gates that have one");
            assert_eq!(child.actions, [&draft.actions[..from], &other.actions[to..]].concat());
        }
    }
}
