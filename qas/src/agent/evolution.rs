//! Neuro-evolution: policies that are mutated and selected, each of them a list of seeds.

mod genome;

use std::collections::VecDeque;

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::apart::{EpisodePolicy, streams};
use super::check::{fraction, hidden, positive};
use super::layers::Shape;
use super::random::draw_legal;
use super::{Agent, Dimensions, Observation, Transition};
use crate::QasError;
use crate::error::{decode, encode};
use genome::{Genome, Policy};

/// Settings of [`Evolution`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvolutionConfig {
    /// Sizes of the hidden layers. Default `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Policies of a generation, one episode each, in 3 to 100,000. Default 20; published 1000, for a thousand million steps.
    pub population: usize,
    /// The best of a generation, from which the next one is made, in 1 to `population`. Default 5; published 20.
    pub parents: usize,
    /// Standard deviation of a mutation, positive: normal numbers are added to all weights. Default 0.02; published 0.002 to 0.005, for much wider layers.
    pub mutation: f64,
    /// What novelty weighs against the sum of rewards when policies are ranked, in 0 to 1: 0 ranks by rewards, 1 by novelty alone. The novelty of
    /// a policy is the mean distance of the circuit that it ends with from the ten nearest of the last 500, one less the share of placed gates that two have in
    /// common. Default 0.
    pub novelty: f64,
}

impl Default for EvolutionConfig {
    fn default() -> Self {
        Self { hidden: vec![64, 64], population: 20, parents: 5, mutation: 0.02, novelty: 0.0 }
    }
}

/// Circuits that novelty is measured against, and how many of the nearest.
const ARCHIVE: usize = 500;
const NEAREST: usize = 10;

/// A policy that has played: what it earned, and the circuit at the end as the entries of its tensor.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Played {
    genome: Genome,
    earned: f64,
    novelty: f64,
}

/// Deep neuro-evolution by a genetic algorithm without crossover, with novelty search if asked for.
///
/// A policy takes the legal action of the largest output of its network. Its weights are drawn from a first seed, and each mutation adds normal
/// numbers drawn from one more, so that a network of any size is a few numbers in a saved state. The best of a generation goes on unchanged; it plays again,
/// since thresholds move.
///
/// Source: F. P. Such, V. Madhavan, E. Conti, J. Lehman, K. O. Stanley, J. Clune, Deep neuroevolution (2017), algorithm 1.
pub struct Evolution {
    config: EvolutionConfig,
    dimensions: Dimensions,
    policy: Policy,
    stream: Stream,
    state: State,
    /// Of the episode at hand.
    earned: f64,
    /// Those who play beside the present one.
    waiting: VecDeque<Genome>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    /// The best of the generations before, the first of them first.
    parents: Vec<Genome>,
    played: Vec<Played>,
    /// Who plays.
    present: Genome,
    archive: Vec<Vec<u32>>,
}

impl Evolution {
    /// An agent with a fresh population; the seed fixes all draws.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range or the network too large.
    pub fn new(config: EvolutionConfig, dimensions: Dimensions, seed: u64) -> Result<Self, QasError> {
        hidden("agent.evolution.hidden", &config.hidden, dimensions)?;
        positive("agent.evolution.mutation", config.mutation)?;
        fraction("agent.evolution.novelty", config.novelty)?;
        if !(3..=100_000).contains(&config.population) {
            return Err(QasError::invalid("agent.evolution.population", config.population, "it has to be in 3 to 100000"));
        }
        if !(1..=config.population).contains(&config.parents) {
            let need = format!("it has to be in 1 to {}, the population", config.population);
            return Err(QasError::invalid("agent.evolution.parents", config.parents, need));
        }
        let mut stream = Stream::named(seed, "evolution");
        let present = Genome::new(&mut stream);
        let shape = Shape { dimensions, hidden: &config.hidden, dueling: false };
        let policy = Policy::new(&shape, config.mutation, &present);
        let state = State { parents: Vec::new(), played: Vec::new(), present, archive: Vec::new() };
        Ok(Self { config, dimensions, policy, stream, state, earned: 0.0, waiting: VecDeque::new() })
    }

    /// Mean distance from the nearest circuits of the archive.
    fn novelty(&self, entries: &[u32]) -> f64 {
        let mut distances: Vec<f64> = self.state.archive.iter().map(|other| distance(entries, other)).collect();
        distances.sort_unstable_by(f64::total_cmp);
        distances.truncate(NEAREST);
        if distances.is_empty() { 0.0 } else { distances.iter().sum::<f64>() / distances.len() as f64 }
    }

    /// Notes what the present policy has earned, and lets the next one play.
    fn finish(&mut self, last: &Observation) {
        let mut entries = last.entries.clone();
        entries.sort_unstable();
        let novelty = if self.config.novelty > 0.0 { self.novelty(&entries) } else { 0.0 };
        if self.config.novelty > 0.0 {
            self.state.archive.push(entries);
            if self.state.archive.len() > ARCHIVE {
                self.state.archive.remove(0);
            }
        }
        let genome = self.state.present.clone();
        self.state.played.push(Played { genome, earned: std::mem::take(&mut self.earned), novelty });
        if self.state.played.len() == self.config.population {
            self.state.parents = self.selected();
            self.state.played.clear();
        }
        self.state.present = match self.waiting.pop_front() {
            Some(next) => next,
            None => self.member(self.state.played.len()),
        };
        self.policy.become_of(&self.state.present);
    }

    /// The member of this number of the generation.
    fn member(&mut self, number: usize) -> Genome {
        match (self.state.parents.len(), number) {
            (0, _) => Genome::new(&mut self.stream),
            // the best goes on unchanged
            (_, 0) => self.state.parents[0].clone(),
            (parents, _) => self.state.parents[self.stream.below(parents)].mutated(&mut self.stream),
        }
    }

    /// The parents of the next generation, the best first.
    fn selected(&self) -> Vec<Genome> {
        let played = &self.state.played;
        let ranks = |of: &dyn Fn(&Played) -> f64| {
            let mut order: Vec<usize> = (0..played.len()).collect();
            order.sort_by(|&a, &b| of(&played[b]).total_cmp(&of(&played[a])));
            let mut ranks = vec![0.0; played.len()];
            order.into_iter().enumerate().for_each(|(rank, number)| ranks[number] = rank as f64);
            ranks
        };
        let (earned, novelty) = (ranks(&|played| played.earned), ranks(&|played| played.novelty));
        let weight = self.config.novelty;
        let score = |number: usize| (1.0 - weight) * earned[number] + weight * novelty[number];
        let mut order: Vec<usize> = (0..played.len()).collect();
        order.sort_by(|&a, &b| score(a).total_cmp(&score(b)));
        order.into_iter().take(self.config.parents).map(|number| played[number].genome.clone()).collect()
    }
}

/// One less the share that two ascending lists have in common.
fn distance(a: &[u32], b: &[u32]) -> f64 {
    let common = a.iter().filter(|entry| b.binary_search(entry).is_ok()).count();
    let all = a.len() + b.len() - common;
    if all == 0 { 0.0 } else { 1.0 - common as f64 / all as f64 }
}

/// A member of a generation; it draws where nothing is legal.
struct Member {
    policy: Policy,
    num_actions: usize,
    stream: Stream,
}

impl EpisodePolicy for Member {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let best = self.policy.best(observation)?;
        Ok(best.unwrap_or_else(|| draw_legal(&mut self.stream, self.num_actions, observation)))
    }
}

impl Agent for Evolution {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let best = self.policy.best(observation)?;
        Ok(best.unwrap_or_else(|| draw_legal(&mut self.stream, self.dimensions.actions, observation)))
    }

    /// The best policy of the last generation, or the present one in the first.
    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let elite = self.state.parents.first().unwrap_or(&self.state.present);
        self.policy.become_of(elite);
        let best = self.policy.best(observation);
        self.policy.become_of(&self.state.present);
        Ok(best?.unwrap_or(0))
    }

    fn plays_apart(&self) -> bool {
        true
    }

    /// At most as many as the generation has left.
    fn apart(&mut self, count: usize) -> Result<Vec<Box<dyn EpisodePolicy>>, QasError> {
        let played = self.state.played.len();
        let count = count.min(self.config.population - played);
        self.waiting = (played + 1..played + count).map(|number| self.member(number)).collect();
        let members: Vec<Genome> = std::iter::once(&self.state.present).chain(&self.waiting).cloned().collect();
        let shape = Shape { dimensions: self.dimensions, hidden: &self.config.hidden, dueling: false };
        let streams = streams(&mut self.stream, count);
        let member = |(genome, stream): (&Genome, Stream)| {
            let policy = Policy::new(&shape, self.config.mutation, genome);
            Box::new(Member { policy, num_actions: self.dimensions.actions, stream }) as Box<dyn EpisodePolicy>
        };
        Ok(members.iter().zip(streams).map(member).collect())
    }

    fn observe(&mut self, transition: Transition) {
        self.earned += transition.reward;
        if transition.done {
            self.finish(&transition.after);
        }
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        Ok(None)
    }

    fn exploration(&self) -> f64 {
        0.0
    }

    fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        let elite = self.state.parents.first().unwrap_or(&self.state.present);
        self.policy.to_bytes(elite).map(Some)
    }

    fn save(&self) -> Vec<u8> {
        encode(&(&self.state, self.stream.save()))
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let (state, stream): (State, StreamState) = decode("agent", bytes)?;
        if state.played.len() >= self.config.population || state.parents.len() > self.config.parents {
            return Err(QasError::OtherSearch { what: "population" });
        }
        self.policy.become_of(&state.present);
        self.state = state;
        self.stream = Stream::load(&stream);
        self.earned = 0.0;
        self.waiting.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
