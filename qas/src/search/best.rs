//! The best circuit found.

mod extend;
pub(crate) mod prune;

use qloom_circuits::Circuit;
use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::environment::action::ActionSet;
use crate::environment::append;
use qloom_estimate::Reference;

use crate::objective::Objective;
use crate::search::config::FrontConfig;
use crate::size::{Size, SizeMeasure, SizeWeights};
use prune::Pruning;

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

    /// The same with fixed gates before it, which sizes then count.
    pub(crate) fn behind(self, fixed: Option<&Circuit>) -> Result<Self, QasError> {
        let Some(fixed) = fixed else { return Ok(self) };
        let mut circuit = fixed.clone();
        circuit.append(&self.circuit)?;
        let (depth, two_qubit_gates) = (circuit.depth(), self.two_qubit_gates + fixed.two_qubit_gates());
        Ok(Self { depth, two_qubit_gates, gates: self.gates + fixed.metrics().gates, circuit, ..self })
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
    /// Circuits that none surpasses in all that counts at once, the smallest first.
    front: Vec<Candidate>,
}

/// Which circuits are better than others.
#[derive(Debug, Clone)]
pub(crate) struct Preference {
    /// Largest distance from the lowest energy.
    pub(crate) tolerance: f64,
    /// Energy that the search is to reach: when the lowest does, so do all that are equal to it.
    pub(crate) goal: Option<f64>,
    /// Energy that suffices: all below it are equal.
    pub(crate) enough: Option<f64>,
    /// Among circuits of equal energy the first of these sizes that differs decides.
    pub(crate) order: Vec<SizeMeasure>,
    /// What sizes weigh beside the energy, if the lowest sum is to win.
    pub(crate) weights: Option<SizeWeights>,
    /// By what circuits of the front are told apart.
    pub(crate) front: Option<FrontConfig>,
}

impl Preference {
    /// The lowest energy, and the fewest gates among energies within the tolerance.
    pub(crate) fn of_energy(tolerance: f64) -> Self {
        Self {
            tolerance,
            goal: None,
            enough: None,
            order: vec![SizeMeasure::TwoQubitGates, SizeMeasure::Gates],
            weights: None,
            front: None,
        }
    }

    /// Whether a circuit replaces another, by their energies and sizes, where `floor` is the lowest energy seen.
    fn replaces(&self, new: (f64, Size), old: (f64, Size), floor: f64) -> bool {
        if let Some(weights) = &self.weights {
            return new.0 + weights.of(new.1) < old.0 + weights.of(old.1);
        }
        let ceiling = self.ceiling(floor.min(new.0));
        new.0 <= ceiling && (old.0 > ceiling || new.1.is_below(old.1, &self.order))
    }

    /// Whether a circuit that has lost a gate, or has a rotation in its place, is to be kept.
    fn keeps(&self, new: (f64, Size), old: (f64, Size), floor: f64) -> bool {
        match &self.weights {
            Some(_) => self.replaces(new, old, floor),
            None => new.0 <= self.ceiling(floor.min(new.0)),
        }
    }

    /// Whether a circuit that has gained gates is better.
    fn grows(&self, new: (f64, Size), old: (f64, Size)) -> bool {
        match &self.weights {
            Some(_) => self.replaces(new, old, new.0),
            None => new.0 < old.0 - self.tolerance,
        }
    }

    pub(crate) fn ceiling(&self, floor: f64) -> f64 {
        let ceiling = floor + self.tolerance;
        let ceiling = self.goal.filter(|goal| floor <= *goal).map_or(ceiling, |goal| ceiling.min(goal));
        self.enough.filter(|enough| floor <= *enough).map_or(ceiling, |enough| ceiling.max(enough))
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
    pub(crate) fn size(&self, set: &ActionSet) -> Size {
        Size::of(&self.actions, set)
    }

    pub(crate) fn found(&self, set: &ActionSet) -> Result<Found, QasError> {
        let Size { two_qubit_gates, gates, depth, parameters: _ } = self.size(set);
        Ok(Found {
            circuit: build(set, &self.actions)?,
            angles: self.angles.clone(),
            energy: self.energy,
            reference: self.reference,
            depth,
            gates,
            two_qubit_gates,
            evaluations: self.evaluations,
        })
    }

    /// Refuses a circuit that does not belong to the action set.
    pub(crate) fn check(&self, set: &ActionSet) -> Result<(), QasError> {
        check(&self.actions, &self.angles, set)
    }
}

/// Refuses actions and angles that do not belong to the action set or to each other.
pub(crate) fn check(actions: &[u16], angles: &[f64], set: &ActionSet) -> Result<(), QasError> {
    let corrupt = |reason: &str| Err(QasError::Corrupt { what: "circuit", reason: reason.to_owned() });
    if actions.iter().any(|&action| usize::from(action) >= set.len()) {
        return corrupt("an action has no such number");
    }
    if set.count_angles(actions) != angles.len() {
        return corrupt("the number of angles does not fit the gates");
    }
    Ok(())
}

impl Keeper {
    pub(crate) fn new() -> Self {
        Self { floor: f64::INFINITY, best: None, fresh: false, front: Vec::new() }
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
    pub(crate) fn is_promising(&self, energy: f64, size: Size, set: &ActionSet, preference: &Preference) -> bool {
        energy < self.floor || self.is_better(energy, size, set, preference)
    }

    /// Considers a circuit; returns whether it is the best now and has to be kept.
    pub(crate) fn consider(&mut self, energy: f64, size: Size, set: &ActionSet, preference: &Preference) -> bool {
        self.floor = self.floor.min(energy);
        self.is_better(energy, size, set, preference)
    }

    fn is_better(&self, energy: f64, size: Size, set: &ActionSet, preference: &Preference) -> bool {
        let Some(best) = &self.best else { return true };
        preference.replaces((energy, size), (best.energy, best.size(set)), self.floor)
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

    /// Takes gates out of the best circuit as long as its energy stays within the tolerance of the lowest seen, up to so many evaluations.
    pub(crate) fn prune(
        &mut self,
        set: &ActionSet,
        preference: &Preference,
        objective: &mut Objective,
        evaluations: u64,
    ) -> Result<(), QasError> {
        let Some(best) = self.best.take() else { return Ok(()) };
        let pruning = Pruning { set, preference, objective, floor: &mut self.floor, evaluations };
        self.best = Some(pruning.prune(best)?);
        Ok(())
    }

    /// Whether no circuit of the front is at most this one in all that counts.
    pub(crate) fn has_place(&self, place: &Place, set: &ActionSet, preference: &Preference) -> bool {
        !self.front.iter().any(|other| Place::of(other, set, preference).is_at_most(place))
    }

    /// Enters a circuit among those that none surpasses in all that counts at once, unless one there does.
    pub(crate) fn enter(&mut self, candidate: &Candidate, set: &ActionSet, preference: &Preference) {
        let place = Place::of(candidate, set, preference);
        if !self.has_place(&place, set, preference) {
            return;
        }
        self.front.retain(|other| !place.is_at_most(&Place::of(other, set, preference)));
        let key = |other: &Candidate| (other.size(set).pair(), other.energy);
        let index = self.front.partition_point(|other| key(other) < key(candidate));
        self.front.insert(index, candidate.clone());
    }

    /// Enters the best circuit.
    pub(crate) fn enter_best(&mut self, set: &ActionSet, preference: &Preference) {
        if let Some(best) = self.best.clone() {
            self.enter(&best, set, preference);
        }
    }

    /// The circuits that none surpasses in all that counts at once, the smallest first.
    pub(crate) fn front(&self, set: &ActionSet) -> Result<Vec<Found>, QasError> {
        self.front.iter().map(|candidate| candidate.found(set)).collect()
    }

    /// The circuits of the front.
    #[cfg(test)]
    pub(crate) fn front_candidates(&self) -> &[Candidate] {
        &self.front
    }

    pub(crate) fn found(&self, set: &ActionSet) -> Result<Option<Found>, QasError> {
        self.best.as_ref().map(|best| best.found(set)).transpose()
    }

    /// Refuses circuits that do not belong to the action set.
    pub(crate) fn check(&self, set: &ActionSet) -> Result<(), QasError> {
        self.best.iter().chain(&self.front).try_for_each(|candidate| candidate.check(set))
    }
}

/// Where a circuit stands among those of the front: all of it is better where it is lower.
pub(crate) struct Place {
    energies: [f64; 2],
    sizes: [usize; 4],
    /// Gates on two qubits and all gates as one size.
    pair: (usize, usize),
}

impl Place {
    fn of(candidate: &Candidate, set: &ActionSet, preference: &Preference) -> Self {
        Self::new(candidate.energy, candidate.reference.noisy, candidate.size(set), preference)
    }

    /// That of a circuit by its energies and sizes; the noisy energy counts where the preference says so.
    pub(crate) fn new(energy: f64, noisy: f64, size: Size, preference: &Preference) -> Self {
        let Some(front) = &preference.front else {
            return Self { energies: [energy, 0.0], sizes: [0; 4], pair: size.pair() };
        };
        let mut sizes = [0; 4];
        for (own, &measure) in sizes.iter_mut().zip(&front.sizes) {
            *own = size.get(measure);
        }
        Self { energies: [energy, if front.noisy { noisy } else { 0.0 }], sizes, pair: (0, 0) }
    }

    /// Whether no part of this is above that of the other.
    fn is_at_most(&self, other: &Self) -> bool {
        self.pair <= other.pair
            && self.energies.iter().zip(&other.energies).all(|(own, other)| own <= other)
            && self.sizes.iter().zip(&other.sizes).all(|(own, other)| own <= other)
    }
}

/// The circuit of a list of actions.
pub(crate) fn build(set: &ActionSet, actions: &[u16]) -> Result<Circuit, QasError> {
    let mut circuit = Circuit::new(set.num_qubits());
    for &action in actions {
        append(&mut circuit, set, usize::from(action))?;
    }
    Ok(circuit)
}

/// The actions and angles without one action.
fn without(best: &Candidate, index: usize, set: &ActionSet) -> (Vec<u16>, Vec<f64>) {
    let mut actions = best.actions.clone();
    let removed = actions.remove(index);
    let mut angles = best.angles.clone();
    if set.has_angle(removed) {
        angles.remove(set.count_angles(&actions[..index]));
    }
    (actions, angles)
}
