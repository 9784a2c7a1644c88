//! Monte-Carlo tree search guided by a network.

pub mod config;
mod tree;

use std::collections::VecDeque;

use qloom_circuits::{Stream, StreamState};
use qloom_nn::{Scalar, Tape, Var, mean_square};
use serde::{Deserialize, Serialize};

use self::config::MctsConfig;
use self::tree::{Node, Results, Tree};
use super::actor_critic::{ActorCritic, Judged, draw, largest};
use super::random::draw_legal;
use super::{Agent, Dimensions, Observation, Transition};
use crate::QasError;
use crate::error::{decode, encode};

/// A tree of circuits that is kept from episode to episode. Each episode goes down the tree by what its actions have led to and by what has
/// been tried little, adds the circuit at which it leaves the tree, and completes it by drawing from the network's probabilities.
///
/// The result of an episode is the lowest energy on its way, as it is seen; its score is the part of the recent results that it is below.
/// Actions are opened in the order of their probabilities, the more the oftener a circuit is gone through. What would only repeat an episode
/// is left out. The network learns how often the actions of a circuit were taken, beyond the tree what the best episodes did, and the scores. Nothing is evaluated but what episodes evaluate.
///
/// Sources: D. Silver et al., Mastering the game of Go with deep neural networks and tree search, Nature 529, 484 (2016) for completing
/// episodes and weighing them with values; the same, Science 362, 1140 (2018) for the rule of choice and for training; single-player
/// searches with the best beside the mean: M. P. D. Schadd et al., Single-player Monte-Carlo tree search (2008).
pub struct Mcts {
    config: MctsConfig,
    dimensions: Dimensions,
    network: Option<ActorCritic<f32>>,
    tree: Tree,
    results: Results,
    examples: VecDeque<Example>,
    /// Actions that lead to the root.
    root: Vec<u16>,
    /// Episodes since the root has moved.
    since: u64,
    steps: u64,
    /// The episode in progress.
    episode: Vec<Taken>,
    /// Whether the last action was chosen in the tree.
    inside: bool,
    /// The value where the episode in progress has left the tree, if it has.
    left: Option<Option<f64>>,
    exploration: Stream,
    sampling: Stream,
}

/// A step of the episode in progress.
struct Taken {
    seen: Observation,
    action: u16,
    /// The energy after it, as it is seen.
    energy: f32,
    inside: bool,
}

/// What the network learns from: a circuit, how often its actions were taken (none outside the tree), the one that its episode took, and its
/// result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Example {
    seen: Observation,
    visits: Vec<(u16, u32)>,
    action: u16,
    result: f32,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    network: Option<Vec<u8>>,
    tree: Tree,
    results: Results,
    examples: VecDeque<Example>,
    root: Vec<u16>,
    since: u64,
    steps: u64,
    exploration: StreamState,
    sampling: StreamState,
}

/// Minus the mean over rows of `sum pi ln p`, plus the mean square error of the values.
fn loss<T: Scalar>(tape: &mut Tape<'_, T>, judged: Judged, shares: &[T], scores: &[T]) -> Var {
    let shape = tape.shape(judged.logarithms);
    let (shares, scores) = (tape.constant(shape, shares), tape.constant((shape.0, 1), scores));
    let products = tape.mul(shares, judged.logarithms);
    let sum = tape.sum(products);
    let gain = tape.scale(sum, T::from_f64(1.0 / shape.0 as f64));
    let error = mean_square(tape, judged.values, scores);
    tape.sub(error, gain)
}

impl Mcts {
    /// An agent with an empty tree and a fresh network; the seed fixes its weights and all draws.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range or the network too large.
    pub fn new(config: MctsConfig, dimensions: Dimensions, seed: u64) -> Result<Self, QasError> {
        config.check(dimensions)?;
        let mut weights = Stream::named(seed, "network");
        let network = (config.network)
            .then(|| ActorCritic::new(dimensions, &config.hidden, config.learning_rate, &mut weights))
            .transpose()?;
        Ok(Self {
            config,
            dimensions,
            network,
            tree: Tree::default(),
            results: Results::default(),
            examples: VecDeque::new(),
            root: Vec::new(),
            since: 0,
            steps: 0,
            episode: Vec::new(),
            inside: false,
            left: None,
            exploration: Stream::named(seed, "exploration"),
            sampling: Stream::named(seed, "replay"),
        })
    }

    /// The probabilities of the network with some noise; without one those of a draw among all actions, ranked at random.
    fn probabilities(&mut self, seen: &Observation) -> Result<Vec<f64>, QasError> {
        match &mut self.network {
            Some(network) => {
                let mut probabilities = network.probabilities(seen)?;
                let legal = (0..probabilities.len()).filter(|&action| seen.is_legal(action)).count().max(1);
                for (action, probability) in probabilities.iter_mut().enumerate() {
                    let blind = if seen.is_legal(action) { self.config.noise / legal as f64 } else { 0.0 };
                    *probability = blind + (1.0 - self.config.noise) * *probability;
                }
                Ok(probabilities)
            }
            None => {
                // of one size up to rounding, so that the order in which actions are opened is random
                let alike = 1.0 / self.dimensions.actions as f64;
                Ok((0..self.dimensions.actions).map(|_| alike * (1.0 + 1e-9 * self.exploration.unit())).collect())
            }
        }
    }

    /// The action at a circuit beyond the tree.
    fn roll_out(&mut self, seen: &Observation) -> Result<usize, QasError> {
        if self.network.is_none() {
            return Ok(draw_legal(&mut self.exploration, self.dimensions.actions, seen));
        }
        Ok(draw(&self.probabilities(seen)?, &mut self.exploration))
    }

    /// Takes notice of a whole episode.
    fn finish(&mut self) {
        let episode = std::mem::take(&mut self.episode);
        let value = self.left.take().flatten();
        let result = episode.iter().map(|taken| taken.energy).fold(f32::INFINITY, f32::min);
        self.results.push(result, self.config.recent);
        let score = self.results.score(result);
        let score = value.map_or(score, |value| self.config.rollout * score + (1.0 - self.config.rollout) * value);
        let depth = self.root.len();
        for (place, taken) in episode.iter().enumerate().filter(|(_, taken)| taken.inside) {
            self.tree.back_up(&taken.seen, taken.action, result, (place >= depth).then_some(score));
        }
        let going_on = episode.iter().take(episode.len().saturating_sub(1));
        going_on.for_each(|taken| self.tree.pass(taken.energy));
        let mut closed = 0;
        if let Some(last) = episode.last().filter(|taken| taken.inside) {
            let path: Vec<(&Observation, u16)> = episode.iter().map(|taken| (&taken.seen, taken.action)).collect();
            closed = self.tree.close(&path, last.energy, self.dimensions.actions);
        }
        self.move_root(&episode, closed);
        if self.network.is_none() {
            return;
        }
        for Taken { seen, action, inside, .. } in episode {
            let count = |node: &Node| node.edges.iter().map(|edge| (edge.action, edge.visits)).collect();
            let visits = self.tree.get(&seen).filter(|_| inside).map_or(Vec::new(), count);
            self.examples.push_back(Example { seen, visits, action, result });
        }
        let surplus = self.examples.len().saturating_sub(self.config.memory);
        self.examples.drain(..surplus);
    }

    /// Moves the root after enough episodes, one of which this is; so many of its last actions lead to nothing new. Where nothing is left
    /// below the root, it goes back to the start.
    fn move_root(&mut self, episode: &[Taken], closed: usize) {
        let Some(taken) = episode.get(self.root.len()).filter(|_| closed + self.root.len() <= episode.len()) else {
            (self.root, self.since) = (Vec::new(), 0);
            return;
        };
        self.since += 1;
        if self.config.simulations == 0 || self.since < self.config.simulations {
            return;
        }
        self.since = 0;
        match self.tree.get(&taken.seen) {
            Some(node) if node.visits() > 0 => {
                let visits: Vec<f64> = node.edges.iter().map(|edge| f64::from(edge.visits)).collect();
                self.root.push(node.edges[draw(&visits, &mut self.exploration)].action);
            }
            Some(_) | None => self.root.clear(),
        }
    }

    /// A training step on circuits drawn alike.
    fn train(&mut self) -> Result<Option<f64>, QasError> {
        let Some(network) = &mut self.network else { return Ok(None) };
        let width = self.dimensions.actions;
        let batch: Vec<&Example> =
            (0..self.config.batch).map(|_| &self.examples[self.sampling.below(self.examples.len())]).collect();
        let scores: Vec<f32> = batch.iter().map(|example| self.results.score(example.result) as f32).collect();
        let mut shares = vec![0.0f32; batch.len() * width];
        for ((row, example), &score) in shares.chunks_mut(width).zip(&batch).zip(&scores) {
            let total: u32 = example.visits.iter().map(|(_, visits)| visits).sum();
            let legal = example.visits.iter().filter(|(action, _)| example.seen.is_legal(usize::from(*action)));
            legal.for_each(|&(action, visits)| row[usize::from(action)] = visits as f32 / total.max(1) as f32);
            if example.visits.is_empty() && f64::from(score) > 1.0 - self.config.elite {
                row[usize::from(example.action)] = 1.0;
            }
        }
        let seen: Vec<&Observation> = batch.iter().map(|example| &example.seen).collect();
        network.train(&seen, f64::INFINITY, |tape, judged| loss(tape, judged, &shares, &scores)).map(Some)
    }
}

impl Agent for Mcts {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let depth = self.episode.len();
        self.inside = self.left.is_none();
        if let Some(&action) = self.root.get(depth) {
            if observation.is_legal(usize::from(action)) {
                return Ok(usize::from(action));
            }
            self.root.truncate(depth);
        }
        if self.inside && self.tree.get(observation).is_none() {
            self.inside = false;
            let room = self.tree.len() < self.config.nodes;
            let value = match &mut self.network {
                Some(network) if room => Some(network.value(observation)?),
                Some(_) | None => None,
            };
            self.left = Some(value);
            if room {
                self.tree.insert(observation);
            }
        }
        if !self.inside {
            return self.roll_out(observation);
        }
        let probabilities = self.probabilities(observation)?;
        match self.tree.choose(observation, &probabilities, &self.results, &self.config) {
            Some(action) => Ok(action),
            None => self.roll_out(observation),
        }
    }

    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        if let Some(action) = self.tree.get(observation).and_then(|node| node.most_visited(observation)) {
            return Ok(usize::from(action));
        }
        match &mut self.network {
            Some(network) => Ok(largest(&network.probabilities(observation)?)),
            None => Ok((0..self.dimensions.actions).find(|&action| observation.is_legal(action)).unwrap_or(0)),
        }
    }

    fn observe(&mut self, transition: Transition) {
        let Transition { before: seen, action, after, done, .. } = transition;
        self.episode.push(Taken { seen, action: action as u16, energy: after.energy, inside: self.inside });
        if done {
            self.finish();
        }
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        self.steps += 1;
        if self.examples.len() < self.config.batch || !self.steps.is_multiple_of(self.config.train_every) {
            return Ok(None);
        }
        self.train()
    }

    fn exploration(&self) -> f64 {
        0.0
    }

    fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        self.network.as_ref().map(ActorCritic::policy).transpose()
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved {
            network: self.network.as_ref().map(ActorCritic::save),
            tree: self.tree.clone(),
            results: self.results.clone(),
            examples: self.examples.clone(),
            root: self.root.clone(),
            since: self.since,
            steps: self.steps,
            exploration: self.exploration.save(),
            sampling: self.sampling.save(),
        })
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("agent", bytes)?;
        let action = |&action: &u16| usize::from(action) < self.dimensions.actions;
        let example = |example: &Example| {
            example.seen.fits(self.dimensions)
                && example.visits.iter().all(|(taken, _)| action(taken))
                && !example.result.is_nan()
        };
        let whole = saved.tree.fits(self.dimensions, self.config.nodes)
            && saved.results.is_whole()
            && saved.examples.iter().all(example)
            && saved.root.iter().all(action);
        if !whole {
            return Err(QasError::Corrupt {
                what: "tree",
                reason: "a circuit, an action or a result is out of range".to_owned(),
            });
        }
        match (&mut self.network, &saved.network) {
            (Some(network), Some(bytes)) => network.load(bytes)?,
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => return Err(QasError::OtherSearch { what: "kind of tree search" }),
        }
        (self.tree, self.results, self.examples) = (saved.tree, saved.results, saved.examples);
        (self.root, self.since, self.steps) = (saved.root, saved.since, saved.steps);
        (self.inside, self.left) = (false, None);
        self.episode.clear();
        self.exploration = Stream::load(&saved.exploration);
        self.sampling = Stream::load(&saved.sampling);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
