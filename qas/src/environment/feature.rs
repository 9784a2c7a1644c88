//! Numbers that an agent sees beside the moment tensor.

use qloom_circuits::{Circuit, PauliString};
use serde::{Deserialize, Serialize};

use super::EnvironmentConfig;
use super::action::{ActionConfig, ActionSet};
use crate::QasError;
use crate::objective::Objective;
use crate::walk::local::insertion::{self, Insertion};

/// What the agent sees beside the moment tensor and the energy. Nothing of it by default, as published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObserveConfig {
    /// For each action the slope of the energy at angle 0 of its rotation, appended; for a CNOT, the largest of the rotations that it opens
    /// up. All are read off one state, which is one evaluation a step. The logarithm of its size is shown. Default false.
    pub slopes: bool,
    /// The probability of each qubit to be one, read off the state of the last energy; without noise alone. Default false.
    pub occupations: bool,
    /// The logarithm of the distance from the threshold. Default false.
    pub threshold: bool,
    /// Sine and cosine of the angle of each gate. Default false.
    pub angles: bool,
    /// The part of `max_gates` that the episode may still use, where a teacher gives budgets of gates. Default false.
    pub budget: bool,
    /// The coefficients of the problem's Hamiltonian that differ within a family of problems, in deviations from their mean; nothing outside of a
    /// family. Default false.
    pub hamiltonian: bool,
}

/// Sizes below this are shown as 0, and 1 as 1.
const SMALLEST: f64 = 1e-8;

/// Slopes without noise below this lead nowhere, in the problem's unit.
const FLAT: f64 = 1e-7;

/// A size on a scale of logarithms, 0 up to [`SMALLEST`] and 1 at 1.
fn logarithm(size: f64) -> f32 {
    (1.0 - size.abs().max(SMALLEST).log10() / SMALLEST.log10()) as f32
}

/// The features of a set of actions.
#[derive(Debug, Clone)]
pub(super) struct Features {
    config: ObserveConfig,
    /// What tells the problem apart within a family, if it is seen.
    context: Vec<f32>,
    num_qubits: usize,
    max_gates: usize,
    strings: Vec<PauliString>,
    /// For each action the strings, by number, whose slopes it is shown by.
    shown: Vec<Vec<usize>>,
    /// Rotations about strings that can be appended, with the number of each string, and how many of them are actions.
    rotations: Vec<(Insertion, usize)>,
    steepest: usize,
}

/// What is seen of a circuit.
pub(super) struct Seen {
    pub(super) numbers: Vec<f32>,
    /// The rotations of steepest slope, by number, the steepest first.
    pub(super) ranking: Vec<usize>,
    /// By how much the energy falls at most at the lowest point of the curve of a rotation looked at; 0 unless that is asked for.
    pub(super) drop: f64,
}

/// What features are read from.
pub(super) struct View<'a> {
    pub(super) circuit: &'a Circuit,
    pub(super) angles: &'a [f64],
    pub(super) taken: &'a [u16],
    pub(super) illegal: &'a [u16],
    /// Gates, or decisions, that the episode has left.
    pub(super) left: usize,
    /// Distance from the threshold, and what it is measured by.
    pub(super) missing: f64,
    pub(super) first_gap: f64,
    /// How many rotations the fall of the energy is foretold of, if it is, and the energy.
    pub(super) foretold: Option<(usize, f64)>,
}

impl Features {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when rotations are to be actions and there are none, or a number is outside its range.
    pub(super) fn new(environment: &EnvironmentConfig, set: &ActionSet, context: &[f32]) -> Result<Self, QasError> {
        let (config, actions) = (&environment.observe, &environment.actions);
        let sees = config.slopes || environment.reward.promise.is_some();
        let of_actions = if sees { insertion::opened(set) } else { Vec::new() };
        let insertions = rotations(actions, set)?;
        let mut strings = of_actions.concat();
        strings.extend(insertions.iter().map(|insertion| insertion.string));
        strings.sort_unstable();
        strings.dedup();
        let number = |string: &PauliString| strings.binary_search(string).expect("all of them are there");
        let shown = of_actions.iter().map(|list| list.iter().map(number).collect()).collect();
        let rotations = insertions.into_iter().map(|insertion| (insertion.clone(), number(&insertion.string))).collect();
        Ok(Self {
            config: config.clone(),
            context: if config.hamiltonian { context.to_vec() } else { Vec::new() },
            num_qubits: set.num_qubits(),
            max_gates: environment.max_gates,
            shown,
            rotations,
            steepest: actions.steepest,
            strings,
        })
    }

    /// A rotation about a string.
    pub(super) fn rotation(&self, number: usize) -> &Insertion {
        &self.rotations[number].0
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        let of = |shown: bool, count: usize| if shown { count } else { 0 };
        of(self.config.slopes, self.shown.len() + self.steepest)
            + of(self.config.occupations, self.num_qubits)
            + of(self.config.threshold, 1)
            + of(self.config.angles, 2 * self.max_gates)
            + of(self.config.budget, 1)
            + self.context.len()
    }

    /// The numbers in the order of the settings, and the steepest rotations that there is room for.
    pub(super) fn read(&self, view: &View<'_>, set: &ActionSet, objective: &mut Objective) -> Result<Seen, QasError> {
        let mut numbers = Vec::with_capacity(self.len());
        let (mut ranking, mut drop) = (Vec::new(), 0.0);
        if !self.strings.is_empty() {
            let circuit = view.circuit.bind(view.angles)?;
            let slopes = objective.slopes(&circuit, circuit.operations().len(), &self.strings)?;
            ranking = self.ranking(&slopes, self.max_gates.saturating_sub(view.taken.len()), objective.resolution(FLAT));
            if let Some(foretold) = view.foretold {
                drop = self.drop(view, foretold, &slopes, objective)?;
            }
            if self.config.slopes {
                let scale = if view.first_gap > 0.0 { view.first_gap } else { 1.0 };
                numbers.extend(self.shown.iter().enumerate().map(|(action, list)| {
                    let largest = list.iter().map(|&number| slopes[number].abs()).fold(0.0, f64::max);
                    if view.illegal.contains(&(action as u16)) { 0.0 } else { logarithm(largest / scale) }
                }));
                let shown = numbers.len() + self.steepest;
                numbers.extend(ranking.iter().map(|&number| logarithm(slopes[self.rotations[number].1] / scale)));
                numbers.resize(shown, 0.0);
            }
        }
        if self.config.occupations {
            numbers.extend(objective.occupations(view.circuit, view.angles)?.into_iter().map(|one| one as f32));
        }
        if self.config.threshold {
            let scale = if view.first_gap > 0.0 { view.first_gap } else { 1.0 };
            numbers.push(if view.missing > 0.0 { logarithm(view.missing / scale) } else { 0.0 });
        }
        if self.config.angles {
            let mut angles = view.angles.iter();
            let mut shown: Vec<f32> = Vec::with_capacity(2 * self.max_gates);
            for &number in view.taken {
                let (sine, cosine) =
                    if set.has_angle(number) { angles.next().map_or((0.0, 0.0), |angle| angle.sin_cos()) } else { (0.0, 0.0) };
                shown.extend([sine as f32, cosine as f32]);
            }
            shown.resize(2 * self.max_gates, 0.0);
            numbers.append(&mut shown);
        }
        if self.config.budget {
            numbers.push(view.left as f32 / self.max_gates as f32);
        }
        numbers.extend(&self.context);
        Ok(Seen { numbers, ranking, drop })
    }

    /// The largest fall of the energy along the curve of one of the steepest rotations that legal actions append or open up.
    fn drop(
        &self,
        view: &View<'_>,
        (most, energy): (usize, f64),
        slopes: &[f64],
        objective: &mut Objective,
    ) -> Result<f64, QasError> {
        let legal = self.shown.iter().enumerate().filter(|(action, _)| !view.illegal.contains(&(*action as u16)));
        let mut numbers: Vec<usize> = legal.flat_map(|(_, list)| list.iter().copied()).collect();
        numbers.extend(self.rotations.iter().map(|(_, number)| *number));
        // equal slopes, as symmetry makes them, are told apart by number and not by rounding
        numbers.sort_unstable_by_key(|&number| ((-slopes[number].abs() * 1e9).round() as i64, number));
        numbers.dedup();
        let mut largest = 0.0f64;
        for &number in numbers.iter().take(most) {
            let fall = objective.promised_drop(view.circuit, view.angles, energy, self.strings[number], slopes[number])?;
            largest = largest.max(fall);
        }
        Ok(largest)
    }

    /// The rotations of steepest slope for their price that fit into so many gates.
    fn ranking(&self, slopes: &[f64], room: usize, flat: f64) -> Vec<usize> {
        if self.steepest == 0 {
            return Vec::new();
        }
        // equal slopes, as symmetry makes them, are told apart by number and not by rounding
        let key = |(index, (rotation, number)): (usize, &(Insertion, usize))| {
            ((-slopes[*number].abs() / rotation.price() * 1e9).round() as i64, index)
        };
        let fits = |(_, (rotation, number)): &(usize, &(Insertion, usize))| {
            slopes[*number].abs() > flat && 2 * rotation.around.len() < room
        };
        let mut ranked: Vec<(i64, usize)> = self.rotations.iter().enumerate().filter(fits).map(key).collect();
        ranked.sort_unstable();
        ranked.into_iter().take(self.steepest).map(|(_, index)| index).collect()
    }
}

/// The rotations about strings that can be appended; none unless they are to be actions.
fn rotations(actions: &ActionConfig, set: &ActionSet) -> Result<Vec<Insertion>, QasError> {
    if actions.steepest == 0 {
        return Ok(Vec::new());
    }
    if actions.steepest > 1000 {
        return Err(QasError::invalid("environment.actions.steepest", actions.steepest, "it has to be at most 1000"));
    }
    insertion::of_actions(actions, set, "environment.actions.steepest")
}
