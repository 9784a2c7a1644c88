//! Longer circuits tried where a search has settled.

use super::{Candidate, Keeper, Preference, build};
use crate::QasError;
use crate::environment::action::{ActionSet, LastGates};
use crate::objective::Objective;
use crate::size::Size;

/// A longer circuit, fitted, and the energy measured of it.
struct Extension {
    actions: Vec<u16>,
    angles: Vec<f64>,
    energy: f64,
}

/// Extensions measured again before one is believed, the lowest first.
const CONFIRMED: usize = 4;

impl Keeper {
    /// Appends to the best circuit the one or two gates that lower its confirmed energy by more than the tolerance, again and again
    /// until none do, it has `most` gates or the evaluations are used up; every pair of gates that do not cancel is tried, with all angles fitted.
    pub(crate) fn extend(
        &mut self,
        set: &ActionSet,
        most: usize,
        preference: &Preference,
        objective: &mut Objective,
        evaluations: u64,
    ) -> Result<(), QasError> {
        let Some(mut best) = self.best.take() else { return Ok(()) };
        let spent = |objective: &Objective| objective.evaluations().values >= evaluations;
        'longer: while best.actions.len() < most && !spent(objective) {
            let own = Extension { actions: best.actions.clone(), angles: best.angles.clone(), energy: best.energy };
            let mut tried = longer(&own, set, objective)?;
            if own.actions.len() + 1 < most {
                let mut pairs = Vec::new();
                for first in &tried {
                    if spent(objective) {
                        break;
                    }
                    pairs.extend(longer(first, set, objective)?);
                }
                tried.extend(pairs);
            }
            tried.sort_by(|a, b| a.energy.total_cmp(&b.energy));
            for extension in tried.into_iter().take(CONFIRMED) {
                let circuit = build(set, &extension.actions)?;
                let energy = objective.confirm(&circuit, &extension.angles, extension.energy)?;
                let new = (energy, Size::of(&extension.actions, set));
                if preference.grows(new, (best.energy, best.size(set))) {
                    self.floor = self.floor.min(energy);
                    let reference = objective.reference(&circuit, &extension.angles)?;
                    let evaluations = objective.evaluations().values;
                    let Extension { actions, angles, .. } = extension;
                    best = Candidate { actions, angles, energy, reference, evaluations };
                    continue 'longer;
                }
            }
            break;
        }
        self.best = Some(best);
        Ok(())
    }
}

/// The circuit with each gate more that does not cancel its last.
fn longer(circuit: &Extension, set: &ActionSet, objective: &mut Objective) -> Result<Vec<Extension>, QasError> {
    let mut last = LastGates::new(set.num_qubits());
    circuit.actions.iter().for_each(|&action| last.record(set, usize::from(action)));
    let illegal = last.illegal(set);
    let mut list = Vec::new();
    for action in (0..set.len()).filter(|action| !illegal.contains(action)) {
        let mut actions = circuit.actions.clone();
        actions.push(action as u16);
        let mut start = circuit.angles.clone();
        let fresh = (set.get(action).gate.num_parameters() == 1).then_some(start.len());
        start.extend(fresh.map(|_| 0.0));
        let fit = objective.fit(&build(set, &actions)?, start, fresh, circuit.energy)?;
        list.push(Extension { actions, angles: fit.angles, energy: fit.energy });
    }
    Ok(list)
}
