//! A circuit in the making: actions, angles, energy.

use qloom_circuits::Circuit;

use super::insertion::Insertion;
use crate::QasError;
use crate::environment::action::ActionSet;
use crate::objective::Objective;
use crate::search::best::{Candidate, build};

/// A circuit as a list of actions, with the angles of those that have one, in order.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) actions: Vec<u16>,
    pub(super) angles: Vec<f64>,
    pub(super) energy: f64,
}

impl Draft {
    pub(super) fn of(candidate: &Candidate) -> Self {
        Self { actions: candidate.actions.clone(), angles: candidate.angles.clone(), energy: candidate.energy }
    }

    pub(super) fn circuit(&self, set: &ActionSet) -> Result<Circuit, QasError> {
        build(set, &self.actions)
    }

    /// Without one action; the energy is the old one.
    pub(super) fn without(&self, index: usize, set: &ActionSet) -> Self {
        let mut draft = self.clone();
        let removed = draft.actions.remove(index);
        if set.has_angle(removed) {
            draft.angles.remove(set.count_angles(&draft.actions[..index]));
        }
        draft
    }

    /// With a rotation by 0 before the action of this number; the energy stays.
    pub(super) fn with(&self, insertion: &Insertion, place: usize, set: &ActionSet) -> Self {
        let mut draft = self.clone();
        let gates = insertion.around.iter().copied().chain([insertion.rotation]).chain(insertion.around.iter().rev().copied());
        draft.angles.insert(set.count_angles(&draft.actions[..place]), 0.0);
        draft.actions.splice(place..place, gates);
        draft
    }

    /// Fits all angles.
    pub(super) fn fit(&mut self, set: &ActionSet, objective: &mut Objective) -> Result<(), QasError> {
        let fit = objective.fit(&self.circuit(set)?, std::mem::take(&mut self.angles), None, self.energy)?;
        (self.angles, self.energy) = (fit.angles, fit.energy);
        Ok(())
    }

    pub(super) fn finished(self, set: &ActionSet, objective: &mut Objective) -> Result<Candidate, QasError> {
        let reference = objective.reference(&self.circuit(set)?, &self.angles)?;
        let evaluations = objective.evaluations().values;
        Ok(Candidate { actions: self.actions, angles: self.angles, energy: self.energy, reference, evaluations })
    }
}
