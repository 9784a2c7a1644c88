//! Gates that a circuit can do without.

use std::f64::consts::PI;

use super::{Candidate, Preference, build, without};
use crate::QasError;
use crate::environment::action::ActionSet;
use crate::objective::Objective;
use crate::size::Size;

/// Actions, and the angles of those that have one.
type Turned = (Vec<u16>, Vec<f64>);

/// Takes gates out of a circuit as long as its refitted energy counts as equal to the lowest.
pub(crate) struct Pruning<'a> {
    /// The gates.
    pub(crate) set: &'a ActionSet,
    /// Which circuits are better.
    pub(crate) preference: &'a Preference,
    /// What fits the angles.
    pub(crate) objective: &'a mut Objective,
    /// The lowest energy seen.
    pub(crate) floor: &'a mut f64,
    /// Evaluations at which it breaks off.
    pub(crate) evaluations: u64,
}

impl Pruning<'_> {
    /// Pairs of equal gates that cancel, at the same angles; then single gates from the last to the first. A fixed gate on two qubits
    /// that cannot be left out is tried as half a turn of one of them, which is what it is where the other qubit is known to be 1.
    pub(crate) fn prune(mut self, best: Candidate) -> Result<Candidate, QasError> {
        let mut best = self.without_pairs(best)?;
        let mut removed = !self.is_spent();
        while removed {
            removed = false;
            for index in (0..best.actions.len()).rev() {
                let (actions, start) = without(&best, index, self.set);
                if let Some(smaller) = self.accepted(actions, start, &best)? {
                    (best, removed) = (smaller, true);
                } else if let Some((actions, start)) = self.half_turn(&best, index)?
                    && let Some(simpler) = self.accepted(actions, start, &best)?
                {
                    (best, removed) = (simpler, true);
                }
                if self.is_spent() {
                    return Ok(best);
                }
            }
            if removed {
                // what stood between two gates may have gone
                best = self.without_pairs(best)?;
            }
        }
        Ok(best)
    }

    /// Whether the evaluations are used up.
    fn is_spent(&self) -> bool {
        self.objective.evaluations().values >= self.evaluations
    }

    /// Whether a circuit of these actions and this energy is to be kept in place of another.
    fn keeps(&self, actions: &[u16], energy: f64, best: &Candidate) -> bool {
        let new = (energy, Size::of(actions, self.set));
        self.preference.keeps(new, (best.energy, best.size(self.set)), *self.floor)
    }

    /// The circuit fitted, if its confirmed energy is as good as that of the best.
    fn accepted(&mut self, actions: Vec<u16>, start: Vec<f64>, best: &Candidate) -> Result<Option<Candidate>, QasError> {
        let circuit = build(self.set, &actions)?;
        let fit = self.objective.fit(&circuit, start, None, best.energy)?;
        if !self.keeps(&actions, fit.energy, best) {
            return Ok(None);
        }
        let energy = self.objective.confirm(&circuit, &fit.angles, fit.energy)?;
        self.believed(actions, fit.angles, energy, best)
    }

    fn believed(
        &mut self,
        actions: Vec<u16>,
        angles: Vec<f64>,
        energy: f64,
        best: &Candidate,
    ) -> Result<Option<Candidate>, QasError> {
        *self.floor = self.floor.min(energy);
        if !self.keeps(&actions, energy, best) {
            return Ok(None);
        }
        let reference = self.objective.reference(&build(self.set, &actions)?, &angles)?;
        let evaluations = self.objective.evaluations().values;
        Ok(Some(Candidate { actions, angles, energy, reference, evaluations }))
    }

    /// The circuit with a fixed two-qubit gate replaced by the rotation by pi about one of its qubits that gives the lowest energy, unfitted.
    fn half_turn(&mut self, best: &Candidate, index: usize) -> Result<Option<Turned>, QasError> {
        let replaced = self.set.get(usize::from(best.actions[index]));
        if replaced.qubits.len() != 2 || replaced.gate.num_parameters() > 0 {
            return Ok(None);
        }
        let mut angles = best.angles.clone();
        angles.insert(self.set.count_angles(&best.actions[..index]), PI);
        let mut lowest: Option<(f64, Vec<u16>)> = None;
        for number in 0..self.set.len() {
            let turn = self.set.get(number);
            if turn.qubits.len() != 1 || turn.gate.num_parameters() != 1 || !replaced.qubits.contains(&turn.qubits[0]) {
                continue;
            }
            let mut actions = best.actions.clone();
            actions[index] = number as u16;
            let energy = self.objective.energy(&build(self.set, &actions)?, &angles)?;
            if lowest.as_ref().is_none_or(|(least, _)| energy < *least) {
                lowest = Some((energy, actions));
            }
        }
        Ok(lowest.map(|(_, actions)| (actions, angles)))
    }

    /// Takes out pairs of equal gates without angles between which nothing keeps them from cancelling: the energy says whether they do.
    /// One gate out of such a pair is never a step down, so that single gates leave them.
    fn without_pairs(&mut self, mut best: Candidate) -> Result<Candidate, QasError> {
        let mut first = 0;
        while first < best.actions.len() {
            let action = best.actions[first];
            let fixed = !self.set.has_angle(action);
            let twins: Vec<usize> = (first + 1..best.actions.len()).filter(|&at| fixed && best.actions[at] == action).collect();
            let mut cancelled = false;
            for second in twins {
                if self.is_spent() {
                    return Ok(best);
                }
                let mut actions = best.actions.clone();
                actions.remove(second);
                actions.remove(first);
                let circuit = build(self.set, &actions)?;
                let energy = self.objective.energy(&circuit, &best.angles)?;
                if !self.keeps(&actions, energy, &best) {
                    continue;
                }
                let energy = self.objective.confirm(&circuit, &best.angles, energy)?;
                if let Some(shorter) = self.believed(actions, best.angles.clone(), energy, &best)? {
                    (best, cancelled) = (shorter, true);
                    break;
                }
            }
            first = if cancelled { 0 } else { first + 1 };
        }
        Ok(best)
    }
}
