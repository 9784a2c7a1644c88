//! How many different good circuits a search ends its episodes with.

use std::collections::BTreeSet;

use qloom_circuits::Circuit;
use qloom_sim::{SimError, SimulatorConfig, State, StateVector};
use serde::{Deserialize, Serialize};

use super::hash;
use crate::environment::action::ActionSet;
use crate::objective::canonical::Canonical;
use crate::search::best::{Candidate, Found};
use crate::{Problem, QasError};

/// Which circuits are counted as good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VarietyConfig {
    /// Largest error of a good circuit, as the search measured it, in the problem's unit, positive; needs the exact ground energy. Default 1.6e-3.
    pub error: f64,
    /// How many of different form are kept, those of lowest energy, in 2 to 1000. Default 50.
    pub most: usize,
}

impl Default for VarietyConfig {
    fn default() -> Self {
        Self { error: 1.6e-3, most: 50 }
    }
}

impl VarietyConfig {
    pub(crate) fn check(&self, problem: &Problem) -> Result<(), QasError> {
        if problem.exact_energy().is_none() {
            return Err(QasError::NoExactEnergy { setting: "measure.variety" });
        }
        if !(self.error.is_finite() && self.error > 0.0) {
            return Err(QasError::invalid("measure.variety.error", self.error, "it has to be finite and positive"));
        }
        if !(2..=1000).contains(&self.most) {
            return Err(QasError::invalid("measure.variety.most", self.most, "it has to be in 2 to 1000"));
        }
        Ok(())
    }
}

/// The good circuits of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Variety {
    /// Episodes, or rounds, that ended with one.
    pub episodes: u64,
    /// How many different forms they have: circuits that differ by the order of gates that share no qubit, by pairs of gates that undo each other and by
    /// rotations that follow each other about one axis are one, and angles are left out.
    pub forms: usize,
    /// Circuits of different form, those of lowest energy, the lowest first.
    pub circuits: Vec<Found>,
    /// Mean of 1 less the fidelity of their states, without noise, over all pairs; `None` for fewer than two.
    pub mean_infidelity: Option<f64>,
    /// Mean over all pairs of 1 less the share of gates, by name and qubits, that two circuits have in common, each as often as in both;
    /// `None` for fewer than two.
    pub mean_distance: Option<f64>,
}

/// What is gathered as episodes end.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Gathered {
    episodes: u64,
    forms: BTreeSet<u64>,
    /// By form, at most as many as are kept.
    kept: Vec<(u64, Candidate)>,
}

/// What tells a form from others.
fn form(circuit: &Circuit) -> Result<u64, QasError> {
    let canonical = Canonical::of(circuit, &vec![0.0; circuit.num_parameters()])?;
    // circuits of action sets are gates with an angle of their own: they have a form
    let form = canonical.map_or_else(Vec::new, |canonical| canonical.form());
    Ok(hash(form.into_iter()))
}

impl Gathered {
    /// Counts a circuit that has ended an episode and is good.
    pub(crate) fn enter(&mut self, candidate: &Candidate, circuit: &Circuit, most: usize) -> Result<(), QasError> {
        let form = form(circuit)?;
        self.episodes += 1;
        self.forms.insert(form);
        match self.kept.iter_mut().find(|(other, _)| *other == form) {
            Some((_, kept)) if candidate.energy < kept.energy => *kept = candidate.clone(),
            Some(_) => {}
            None => self.kept.push((form, candidate.clone())),
        }
        self.kept.sort_by(|a, b| a.1.energy.total_cmp(&b.1.energy));
        self.kept.truncate(most);
        Ok(())
    }

    pub(crate) fn check(&self, set: &ActionSet) -> Result<(), QasError> {
        self.kept.iter().try_for_each(|(_, candidate)| candidate.check(set))
    }

    /// The circuits, behind gates that are fixed.
    pub(crate) fn variety(&self, set: &ActionSet, fixed: Option<&Circuit>) -> Result<Variety, QasError> {
        let circuits: Vec<Found> =
            self.kept.iter().map(|(_, candidate)| candidate.found(set)?.behind(fixed)).collect::<Result<_, _>>()?;
        let config = SimulatorConfig { threads: 1, ..SimulatorConfig::default() };
        let state = |found: &Found| -> Result<StateVector<f64>, SimError> {
            let program = <StateVector<f64> as State>::compile_once(&found.bound())?;
            <StateVector<f64> as State>::prepared(&program, &[], config, &mut Default::default())
        };
        let states: Vec<StateVector<f64>> = circuits.iter().map(state).collect::<Result<_, _>>()?;
        let gates: Vec<Vec<(&str, Vec<usize>)>> = circuits.iter().map(|found| gates(&found.circuit)).collect();
        let (mut infidelity, mut distance, mut pairs) = (0.0, 0.0, 0.0);
        for second in 0..circuits.len() {
            for first in 0..second {
                infidelity += 1.0 - states[first].inner(&states[second])?.norm_sqr().min(1.0);
                distance += apart(&gates[first], &gates[second]);
                pairs += 1.0;
            }
        }
        let mean = |sum: f64| (pairs > 0.0).then(|| sum / pairs);
        Ok(Variety {
            episodes: self.episodes,
            forms: self.forms.len(),
            circuits,
            mean_infidelity: mean(infidelity),
            mean_distance: mean(distance),
        })
    }
}

/// Names and qubits of the gates, ascending.
fn gates(circuit: &Circuit) -> Vec<(&str, Vec<usize>)> {
    let mut gates: Vec<(&str, Vec<usize>)> =
        circuit.operations().iter().map(|operation| (operation.name(), operation.qubits().to_vec())).collect();
    gates.sort_unstable();
    gates
}

/// One less the share of elements that two ascending lists have in common, each as often as in both.
fn apart<T: Ord>(a: &[T], b: &[T]) -> f64 {
    let (mut first, mut second, mut common) = (0, 0, 0);
    while first < a.len() && second < b.len() {
        let order = a[first].cmp(&b[second]);
        common += usize::from(order.is_eq());
        first += usize::from(order.is_le());
        second += usize::from(order.is_ge());
    }
    let all = a.len() + b.len() - common;
    if all == 0 { 0.0 } else { 1.0 - common as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::action::ActionConfig;
    use crate::search::best::build;
    use qloom_estimate::Reference;

    #[test]
    fn lists_are_apart_by_what_they_do_not_share() {
        assert_eq!((apart(&[1, 1, 2], &[1, 2, 3]), apart(&[1], &[1]), apart(&[1], &[2])), (0.5, 0.0, 1.0));
        assert_eq!(apart::<u8>(&[], &[]), 0.0);
    }

    #[test]
    fn circuits_of_one_form_count_once_and_the_lowest_are_kept() {
        let set = ActionSet::new(&ActionConfig::default(), 2).expect("valid");
        let number = |name: &str, qubits: &[usize]| {
            let is = |&action: &usize| set.get(action).gate.name() == name && set.get(action).qubits == qubits;
            (0..set.len()).find(is).expect("there is one") as u16
        };
        let (x0, x1, y0, cx) = (number("rx", &[0]), number("rx", &[1]), number("ry", &[0]), number("cx", &[0, 1]));
        let candidate = |actions: &[u16], angles: &[f64], energy| Candidate {
            actions: actions.to_vec(),
            angles: angles.to_vec(),
            energy,
            reference: Reference { noisy: energy, noiseless: energy },
            evaluations: 1,
        };
        let half = std::f64::consts::PI;
        let mut gathered = Gathered::default();
        for (actions, angles, energy) in [
            (&[x0, x1][..], &[0.3, half][..], -1.0),
            (&[x1, x0], &[half, 0.0], -2.0),
            (&[x0, x1, cx, cx], &[0.1, half], -1.5),
            (&[y0, cx], &[half], -1.2),
            (&[y0], &[0.0], -0.5),
        ] {
            let circuit = build(&set, actions).expect("valid");
            gathered.enter(&candidate(actions, angles, energy), &circuit, 2).expect("enters");
        }
        gathered.check(&set).expect("they fit");
        let found = gathered.variety(&set, None).expect("simulates");
        assert_eq!((found.episodes, found.forms), (5, 3));
        assert_eq!(found.circuits.iter().map(|found| found.energy).collect::<Vec<_>>(), [-2.0, -1.2]);
        // |10> and |11>; no gate in common
        assert_eq!((found.mean_infidelity, found.mean_distance), (Some(1.0), Some(1.0)));
        let alone = Gathered::default().variety(&set, None).expect("nothing");
        assert_eq!((alone.forms, alone.mean_infidelity, alone.mean_distance), (0, None, None));
    }
}
