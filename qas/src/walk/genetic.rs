//! Genetic search over circuits.

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::{Bounds, Round, Walk, default_max_gates, start};
use crate::environment::action::ActionSet;
use crate::environment::start::Section;
use crate::error::{decode, encode};
use crate::objective::Objective;
use crate::{Problem, QasError};

/// Settings of the genetic search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeneticConfig {
    /// Largest number of gates. Default 4 n^2 on n qubits.
    pub max_gates: Option<usize>,
    /// Circuits in the population, at least 2. Default 20.
    pub population: usize,
    /// Circuits from which a parent is the best, at least 1. Default 3.
    pub tournament: usize,
    /// With which probability a child has two parents, in 0 to 1. Default 0.5.
    pub crossover: f64,
    /// Mutations of a child, at least 1. Default 2.
    pub mutations: usize,
}

impl Default for GeneticConfig {
    fn default() -> Self {
        Self { max_gates: None, population: 20, tournament: 3, crossover: 0.5, mutations: 2 }
    }
}

impl GeneticConfig {
    fn check(&self) -> Result<(), QasError> {
        let least = [
            ("agent.genetic.max_gates", self.max_gates.unwrap_or(1), 1),
            ("agent.genetic.population", self.population, 2),
            ("agent.genetic.tournament", self.tournament, 1),
            ("agent.genetic.mutations", self.mutations, 1),
        ];
        for (setting, value, least) in least {
            if value < least {
                return Err(QasError::invalid(setting, value, format!("it has to be at least {least}")));
            }
        }
        if !(0.0..=1.0).contains(&self.crossover) {
            return Err(QasError::invalid("agent.genetic.crossover", self.crossover, "it has to be in [0, 1]"));
        }
        Ok(())
    }
}

/// A population of circuits. In a generation as many children as there are circuits are made, by one-point crossover of two parents and
/// by putting in, taking out or exchanging gates drawn alike, and fitted; of parents and children the best different ones live on.
///
/// It begins with mutations of the lowest basis state, or of the circuit of the settings. Source: J. Holland, Adaptation in natural and artificial systems (1975); for
/// circuits, A. G. Rattew et al., A domain-agnostic, noise-resistant, hardware-efficient evolutionary variational quantum eigensolver
/// (2019).
pub(crate) struct Genetic {
    config: GeneticConfig,
    max_gates: usize,
    start: Section,
    stream: Stream,
    population: Vec<Draft>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    stream: StreamState,
    population: Vec<Draft>,
}

impl Genetic {
    pub(crate) fn new(
        config: GeneticConfig,
        set: &ActionSet,
        problem: &Problem,
        from: Option<&Section>,
        seed: u64,
    ) -> Result<Self, QasError> {
        config.check()?;
        Ok(Self {
            max_gates: config.max_gates.unwrap_or_else(|| default_max_gates(set.num_qubits())),
            start: start::beginnings(problem, set, from, 1).swap_remove(0),
            config,
            stream: Stream::named(seed, "genetic"),
            population: Vec::new(),
        })
    }

    /// The best of some circuits drawn alike; the population is sorted.
    fn parent(&mut self) -> usize {
        let size = self.population.len();
        (0..self.config.tournament).map(|_| self.stream.below(size)).min().unwrap_or(0)
    }

    fn child(&mut self, set: &ActionSet) -> Draft {
        let first = self.parent();
        let mut child = if self.stream.unit() < self.config.crossover {
            let second = self.parent();
            let cut = |length: usize, stream: &mut Stream| stream.below(length + 1);
            let from = cut(self.population[first].actions.len(), &mut self.stream);
            let to = cut(self.population[second].actions.len(), &mut self.stream);
            self.population[first].crossed(from, &self.population[second], to, set)
        } else {
            self.population[first].clone()
        };
        for _ in 0..self.config.mutations {
            child = child.mutated(self.max_gates, set, &mut self.stream);
        }
        while child.actions.len() > self.max_gates {
            child = child.without(self.stream.below(child.actions.len()), set);
        }
        child
    }
}

impl Walk for Genetic {
    fn round(&mut self, set: &ActionSet, objective: &mut Objective, bounds: Bounds) -> Result<Round, QasError> {
        if self.population.is_empty() {
            self.population.push(Draft::start(&self.start, set, objective)?);
        }
        let before = self.population[0].energy;
        let mut children = Vec::new();
        for _ in 0..self.config.population {
            if bounds.are_spent(objective) {
                break;
            }
            let mut child = self.child(set);
            child.fit(set, objective)?;
            children.push(child);
        }
        self.population.extend(children);
        let key = |draft: &Draft| (draft.energy, draft.actions.len());
        self.population.sort_by(|a, b| key(a).0.total_cmp(&key(b).0).then(key(a).1.cmp(&key(b).1)));
        self.population.dedup_by(|later, earlier| later.actions == earlier.actions);
        self.population.truncate(self.config.population);
        let best = self.population[0].clone();
        let (improved, ceiling) = (best.energy < before, before);
        let fits = best.actions.len() <= self.max_gates;
        Ok(Round { candidate: best.finished(set, objective)?, fits, improved, ceiling })
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved { stream: self.stream.save(), population: self.population.clone() })
    }

    fn load(&mut self, bytes: &[u8], set: &ActionSet) -> Result<(), QasError> {
        let saved: Saved = decode("genetic search", bytes)?;
        saved.population.iter().try_for_each(|draft| draft.check(set))?;
        (self.stream, self.population) = (Stream::load(&saved.stream), saved.population);
        Ok(())
    }
}
