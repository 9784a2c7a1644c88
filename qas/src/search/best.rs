//! The best circuit found.

mod extend;

use qloom_circuits::Circuit;
use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::environment::action::ActionSet;
use crate::environment::append;
use crate::environment::encoding::{Encoding, Placement};
use qloom_estimate::Reference;

use crate::objective::Objective;

/// A circuit found, with its fitted angles.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The circuit; its angles are free parameters in order of appearance.
    pub circuit: Circuit,
    /// The angles, in radians.
    pub angles: Vec<f64>,
    /// The energy they give, in the problem's unit; under noise the mean of fresh measurements.
    pub energy: f64,
    /// The exact noisy and noiseless energies at these angles.
    pub reference: Reference,
    /// Number of moments, each gate placed as soon as possible.
    pub depth: usize,
    /// Number of gates.
    pub gates: usize,
    /// Number of gates on two qubits.
    pub two_qubit_gates: usize,
    /// Number of evaluations the search had made when it found the circuit.
    pub evaluations: u64,
}

impl Found {
    /// Number of free angles.
    pub fn parameters(&self) -> usize {
        self.angles.len()
    }

    /// The circuit with its angles put in as numbers.
    ///
    /// # Panics
    ///
    /// Never for a circuit that a search has found.
    pub fn bound(&self) -> Circuit {
        self.circuit.bind(&self.angles).expect("the angles were fitted to the circuit")
    }
}

/// Keeps the best circuit as a list of actions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Keeper {
    /// The lowest energy seen.
    floor: f64,
    best: Option<Candidate>,
    /// Whether the best circuit has not been tried with more gates yet.
    fresh: bool,
}

/// Which energies count as equal to the lowest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Equality {
    /// Largest distance from the lowest energy.
    pub(crate) tolerance: f64,
    /// Energy that the search is to reach: when the lowest does, so do all that are equal to it.
    pub(crate) goal: Option<f64>,
}

impl Equality {
    fn ceiling(&self, floor: f64) -> f64 {
        let ceiling = floor + self.tolerance;
        self.goal.filter(|goal| floor <= *goal).map_or(ceiling, |goal| ceiling.min(goal))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) actions: Vec<u16>,
    pub(crate) angles: Vec<f64>,
    pub(crate) energy: f64,
    pub(crate) reference: Reference,
    pub(crate) evaluations: u64,
}

impl Candidate {
    fn size(&self, set: &ActionSet) -> (usize, usize) {
        let two = self.actions.iter().filter(|&&action| set.get(usize::from(action)).qubits.len() == 2).count();
        (two, self.actions.len())
    }
}

impl Keeper {
    pub(crate) fn new() -> Self {
        Self { floor: f64::INFINITY, best: None, fresh: false }
    }

    /// The lowest energy seen; infinite before the first.
    pub(crate) fn floor(&self) -> f64 {
        self.floor
    }

    /// The energy of the best circuit, which may be above the lowest by the tolerance; infinite before the first.
    pub(crate) fn energy(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |best| best.energy)
    }

    /// Whether a circuit of this energy would be the best, or have the lowest energy.
    pub(crate) fn is_promising(&self, energy: f64, size: (usize, usize), set: &ActionSet, equality: Equality) -> bool {
        energy < self.floor || self.is_better(energy, size, set, equality)
    }

    /// Considers a circuit; returns whether it is the best now and has to be kept.
    pub(crate) fn consider(&mut self, energy: f64, size: (usize, usize), set: &ActionSet, equality: Equality) -> bool {
        self.floor = self.floor.min(energy);
        self.is_better(energy, size, set, equality)
    }

    fn is_better(&self, energy: f64, size: (usize, usize), set: &ActionSet, equality: Equality) -> bool {
        let Some(best) = &self.best else { return true };
        let ceiling = equality.ceiling(self.floor.min(energy));
        energy <= ceiling && (best.energy > ceiling || size < best.size(set))
    }

    pub(crate) fn keep(&mut self, candidate: Candidate) {
        self.best = Some(candidate);
        self.fresh = true;
    }

    /// Whether the best circuit is another one than when this was last asked.
    pub(crate) fn is_fresh(&mut self) -> bool {
        std::mem::take(&mut self.fresh)
    }

    /// Exact energies of the best circuit, for reports.
    pub(crate) fn reference(&self) -> Option<Reference> {
        self.best.as_ref().map(|best| best.reference)
    }

    /// Takes gates out of the best circuit: pairs of equal gates that cancel, at the same angles, then single gates from the last to the
    /// first, as long as the refitted energy stays within the tolerance of the lowest seen.
    pub(crate) fn prune(&mut self, set: &ActionSet, equality: Equality, objective: &mut Objective) -> Result<(), QasError> {
        let Some(best) = self.best.take() else { return Ok(()) };
        let mut best = self.without_pairs(best, set, equality, objective)?;
        let mut removed = true;
        while removed {
            removed = false;
            for index in (0..best.actions.len()).rev() {
                let (actions, start) = without(&best, index, set);
                let circuit = build(set, &actions)?;
                let fit = objective.fit(&circuit, start, None, best.energy)?;
                if fit.energy > equality.ceiling(self.floor.min(fit.energy)) {
                    continue;
                }
                let energy = objective.confirm(&circuit, &fit.angles, fit.energy)?;
                self.floor = self.floor.min(energy);
                if energy <= equality.ceiling(self.floor) {
                    let reference = objective.reference(&circuit, &fit.angles)?;
                    let evaluations = objective.evaluations().values;
                    best = Candidate { actions, angles: fit.angles, energy, reference, evaluations };
                    removed = true;
                }
            }
            if removed {
                // what stood between two gates may have gone
                best = self.without_pairs(best, set, equality, objective)?;
            }
        }
        self.best = Some(best);
        Ok(())
    }

    /// Takes out pairs of equal gates without angles between which nothing keeps them from cancelling: the energy says whether they do.
    /// One gate out of such a pair is never a step down, so that single gates leave them.
    fn without_pairs(
        &mut self,
        mut best: Candidate,
        set: &ActionSet,
        equality: Equality,
        objective: &mut Objective,
    ) -> Result<Candidate, QasError> {
        let mut first = 0;
        while first < best.actions.len() {
            let action = best.actions[first];
            let fixed = set.get(usize::from(action)).gate.num_parameters() == 0;
            let twins: Vec<usize> = (first + 1..best.actions.len()).filter(|&at| fixed && best.actions[at] == action).collect();
            let mut cancelled = false;
            for second in twins {
                let mut actions = best.actions.clone();
                actions.remove(second);
                actions.remove(first);
                let circuit = build(set, &actions)?;
                let energy = objective.energy(&circuit, &best.angles)?;
                if energy > equality.ceiling(self.floor.min(energy)) {
                    continue;
                }
                let energy = objective.confirm(&circuit, &best.angles, energy)?;
                self.floor = self.floor.min(energy);
                if energy <= equality.ceiling(self.floor) {
                    let reference = objective.reference(&circuit, &best.angles)?;
                    let evaluations = objective.evaluations().values;
                    best = Candidate { actions, angles: best.angles, energy, reference, evaluations };
                    cancelled = true;
                    break;
                }
            }
            first = if cancelled { 0 } else { first + 1 };
        }
        Ok(best)
    }

    pub(crate) fn found(&self, set: &ActionSet) -> Result<Option<Found>, QasError> {
        let Some(best) = &self.best else { return Ok(None) };
        let circuit = build(set, &best.actions)?;
        let encoding = Encoding::new(set, best.actions.len());
        let mut placement = Placement::new(set.num_qubits());
        for &action in &best.actions {
            placement.place(&encoding, set, usize::from(action));
        }
        let (two_qubit_gates, gates) = best.size(set);
        Ok(Some(Found {
            circuit,
            angles: best.angles.clone(),
            energy: best.energy,
            reference: best.reference,
            depth: placement.depth(),
            gates,
            two_qubit_gates,
            evaluations: best.evaluations,
        }))
    }

    /// Refuses a best circuit that does not belong to the action set.
    pub(crate) fn check(&self, set: &ActionSet) -> Result<(), QasError> {
        let Some(best) = &self.best else { return Ok(()) };
        let corrupt = |reason: &str| Err(QasError::Corrupt { what: "best circuit", reason: reason.to_owned() });
        if best.actions.iter().any(|&action| usize::from(action) >= set.len()) {
            return corrupt("an action has no such number");
        }
        if build(set, &best.actions)?.num_parameters() != best.angles.len() {
            return corrupt("the number of angles does not fit the gates");
        }
        Ok(())
    }
}

fn build(set: &ActionSet, actions: &[u16]) -> Result<Circuit, QasError> {
    let mut circuit = Circuit::new(set.num_qubits());
    for &action in actions {
        append(&mut circuit, set, usize::from(action))?;
    }
    Ok(circuit)
}

/// The actions and angles without one action.
fn without(best: &Candidate, index: usize, set: &ActionSet) -> (Vec<u16>, Vec<f64>) {
    let has_angle = |action: u16| set.get(usize::from(action)).gate.num_parameters() == 1;
    let mut actions = best.actions.clone();
    let removed = actions.remove(index);
    let mut angles = best.angles.clone();
    if has_angle(removed) {
        angles.remove(actions[..index].iter().filter(|&&action| has_angle(action)).count());
    }
    (actions, angles)
}
