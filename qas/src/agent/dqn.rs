//! Double deep Q-learning with n-step returns.

mod together;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::check::{at_least_one, fraction, hidden, positive};
use super::layers::Shape;
use super::network::{Perceptron, QNetwork};
use super::random::draw_legal;
use super::replay::sampling::ReplaySampling;
use super::replay::{Experience, Replay};
use super::{Agent, Dimensions, Observation, Transition};
use crate::QasError;
use crate::error::{decode, encode};
use qloom_circuits::{Stream, StreamState};
use together::Together;

/// Settings of [`Dqn`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DqnConfig {
    /// Sizes of the hidden layers. Default `[64, 64]`; published five times 1000.
    pub hidden: Vec<usize>,
    /// Step size of Adam. Default 3e-4; published 1e-4 and 3e-4.
    pub learning_rate: f64,
    /// Experiences in a training step. Default 32; published 1000.
    pub batch: usize,
    /// Experiences remembered. Default 20000, as published; at least `batch`.
    pub replay: usize,
    /// Discount gamma of a step. Default 0.88, published for at most 40 gates.
    pub gamma: f64,
    /// Number of steps n of a return. Default 5; published 1, 5 and 6.
    pub n_step: usize,
    /// Probability of a blind draw at the start. Default 1.
    pub epsilon_start: f64,
    /// Smallest probability of a blind draw. Default 0.05.
    pub epsilon_end: f64,
    /// What the probability is multiplied by after each training step. Default 0.9999; published 0.99995.
    pub epsilon_decay: f64,
    /// Training steps between copies of the network to the target network. Default 500, as published.
    pub target_sync: u64,
    /// Steps of the environment for each training step. Default 2; published 1.
    pub train_every: u64,
    /// Multiply the value after n steps by gamma instead of gamma^n, as the published code does; the correct
    /// power is the default.
    pub one_gamma: bool,
    /// How experiences are drawn. Default `uniform`.
    pub sampling: ReplaySampling,
    /// Tell the value of a circuit and the advantages of actions apart; needs a hidden layer. Default false.
    pub dueling: bool,
    /// Gates on different qubits that one decision brings, in 1 to 6: those whose values, all of the circuit at hand, have the largest sum, found by branch and
    /// bound; an action that is no gate is decided on alone. Steps are rewarded and learnt from one by one; with
    /// `environment.fit.every` the same and `between = "nothing"` a decision is fitted as one. Default 1: gate by gate.
    pub together: usize,
    /// Go back to the network of the best test where a test (`search.test`) lowers the energy by less than this part of what the best has,
    /// in 0 to 1. Default 0: never.
    pub restore: f64,
}

impl Default for DqnConfig {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 3e-4,
            batch: 32,
            replay: 20_000,
            gamma: 0.88,
            n_step: 5,
            epsilon_start: 1.0,
            epsilon_end: 0.05,
            epsilon_decay: 0.9999,
            target_sync: 500,
            train_every: 2,
            one_gamma: false,
            sampling: ReplaySampling::default(),
            dueling: false,
            together: 1,
            restore: 0.0,
        }
    }
}

impl DqnConfig {
    fn check(&self) -> Result<(), QasError> {
        at_least_one("agent.dqn.batch", self.batch as u64)?;
        at_least_one("agent.dqn.n_step", self.n_step as u64)?;
        at_least_one("agent.dqn.target_sync", self.target_sync)?;
        at_least_one("agent.dqn.train_every", self.train_every)?;
        if !(1..=6).contains(&self.together) {
            return Err(QasError::invalid("agent.dqn.together", self.together, "it has to be in 1 to 6"));
        }
        positive("agent.dqn.learning_rate", self.learning_rate)?;
        fraction("agent.dqn.gamma", self.gamma)?;
        fraction("agent.dqn.epsilon_start", self.epsilon_start)?;
        fraction("agent.dqn.epsilon_end", self.epsilon_end)?;
        fraction("agent.dqn.epsilon_decay", self.epsilon_decay)?;
        fraction("agent.dqn.restore", self.restore)?;
        match &self.sampling {
            ReplaySampling::Uniform => {}
            ReplaySampling::Prioritised(config) => config.check()?,
        }
        if self.dueling && self.hidden.is_empty() {
            return Err(QasError::invalid("agent.dqn.dueling", true, "it needs a hidden layer: give agent.dqn.hidden one"));
        }
        if self.replay < self.batch {
            return Err(QasError::invalid(
                "agent.dqn.replay",
                self.replay,
                format!("it has to be at least the batch of {}", self.batch),
            ));
        }
        Ok(())
    }
}

/// A network that learns the value of each action, and chooses the best legal one or, with a probability that
/// falls, any.
///
/// Returns run over n steps and go on with gamma^n times the target network's value of the action that the
/// network itself finds best among the legal ones. Windows are closed at the end of an episode, so that each
/// action is learnt from.
///
/// Source: H. van Hasselt et al., Deep reinforcement learning with double Q-learning (2016).
pub struct Dqn {
    config: DqnConfig,
    dimensions: Dimensions,
    network: Box<dyn QNetwork>,
    replay: Replay,
    window: VecDeque<Transition>,
    epsilon: f64,
    steps: u64,
    updates: u64,
    exploration: Stream,
    sampling: Stream,
    best: Option<Best>,
    together: Together,
}

/// The network of the best test.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Best {
    fall: f64,
    network: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    best: Option<Best>,
    network: Vec<u8>,
    replay: Replay,
    epsilon: f64,
    steps: u64,
    updates: u64,
    exploration: StreamState,
    sampling: StreamState,
}

impl Dqn {
    /// An agent with a fresh network; the seed fixes its weights and draws.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range or the network too large.
    pub fn new(config: DqnConfig, dimensions: Dimensions, seed: u64) -> Result<Self, QasError> {
        config.check()?;
        hidden("agent.dqn.hidden", &config.hidden, dimensions)?;
        let shape = Shape { dimensions, hidden: &config.hidden, dueling: config.dueling };
        let network = Perceptron::new(&shape, config.learning_rate, &mut Stream::named(seed, "network"))?;
        Ok(Self::with_network(config, dimensions, seed, Box::new(network)))
    }

    fn with_network(config: DqnConfig, dimensions: Dimensions, seed: u64, network: Box<dyn QNetwork>) -> Self {
        Self {
            replay: Replay::new(config.replay),
            epsilon: config.epsilon_start,
            together: Together::new(config.together),
            config,
            dimensions,
            network,
            window: VecDeque::new(),
            steps: 0,
            updates: 0,
            exploration: Stream::named(seed, "exploration"),
            sampling: Stream::named(seed, "replay"),
            best: None,
        }
    }

    /// States the qubits of each action, none for one that is no gate, where decisions bring several gates.
    ///
    /// # Panics
    ///
    /// When there are not as many lists as actions.
    #[must_use]
    #[track_caller]
    pub fn with_qubits(mut self, qubits: &[Vec<usize>]) -> Self {
        assert_eq!(qubits.len(), self.dimensions.actions, "one list of qubits for each action");
        self.together.set_qubits(qubits);
        self
    }

    fn check_replay(&self, replay: &Replay) -> Result<(), QasError> {
        let reason = || "a state or an action has no such number".to_owned();
        replay.fits(self.dimensions).then_some(()).ok_or_else(|| QasError::Corrupt { what: "replay", reason: reason() })
    }

    /// Places of the next batch, and the weights of their losses where they have some.
    fn batch(&mut self) -> (Vec<usize>, Option<Vec<f32>>) {
        let count = self.config.batch;
        match &self.config.sampling {
            ReplaySampling::Uniform => (self.replay.sample(count, &mut self.sampling), None),
            ReplaySampling::Prioritised(config) => {
                let beta = config.beta(self.updates);
                let (places, weights) = self.replay.sample_by_priority(count, beta, &mut self.sampling);
                (places, Some(weights))
            }
        }
    }

    /// Remembers the return of the oldest transition of the window, over the whole window.
    fn close_window(&mut self) {
        let Some(last) = self.window.back() else { return };
        let reward = self.window.iter().rev().fold(0.0, |sum, transition| transition.reward + self.config.gamma * sum);
        let discount = match (last.done, self.config.one_gamma) {
            (true, _) => 0.0,
            (false, true) => self.config.gamma,
            (false, false) => self.config.gamma.powi(self.window.len() as i32),
        };
        let after = last.after.clone();
        let Some(first) = self.window.pop_front() else { return };
        self.replay.push(Experience {
            before: first.before,
            action: first.action as u16,
            reward: reward as f32,
            after,
            discount: discount as f32,
        });
    }
}

/// The legal action of the largest value, the first of equals; `None` when none is legal.
pub(super) fn best_legal(values: &[f32], observation: &Observation) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (action, value) in values.iter().enumerate() {
        if observation.is_legal(action) && best.is_none_or(|best| *value > values[best]) {
            best = Some(action);
        }
    }
    best
}

impl Agent for Dqn {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        if let Some(action) = self.together.planned(observation) {
            return Ok(action);
        }
        if self.exploration.unit() < self.epsilon {
            return Ok(self.together.draw(&mut self.exploration, self.dimensions.actions, observation));
        }
        self.act_greedily(observation)
    }

    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        if let Some(action) = self.together.planned(observation) {
            return Ok(action);
        }
        let values = self.network.q_values(&[observation]);
        if values.iter().any(|value| !value.is_finite()) {
            return Err(QasError::Diverged { updates: self.updates, what: "value of an action" });
        }
        Ok(match best_legal(values, observation) {
            Some(best) => self.together.decide(best, values, observation),
            None => draw_legal(&mut self.exploration, self.dimensions.actions, observation),
        })
    }

    fn tested(&mut self, fall: f64) -> Result<bool, QasError> {
        match &self.best {
            Some(best) if fall < self.config.restore * best.fall => {
                self.network.load(&best.network)?;
                return Ok(true);
            }
            Some(best) if fall <= best.fall => {}
            Some(_) | None if self.config.restore > 0.0 => self.best = Some(Best { fall, network: self.network.save()? }),
            Some(_) | None => {}
        }
        Ok(false)
    }

    fn observe(&mut self, transition: Transition) {
        let done = transition.done;
        self.window.push_back(transition);
        if self.window.len() == self.config.n_step {
            self.close_window();
        }
        while done && !self.window.is_empty() {
            self.close_window();
        }
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        self.steps += 1;
        if self.replay.len() < self.config.batch || !self.steps.is_multiple_of(self.config.train_every) {
            return Ok(None);
        }
        let (places, weights) = self.batch();
        let sample: Vec<&Experience> = places.iter().map(|&place| self.replay.get(place)).collect();
        let before: Vec<&Observation> = sample.iter().map(|experience| &experience.before).collect();
        let after: Vec<&Observation> = sample.iter().map(|experience| &experience.after).collect();
        let width = self.dimensions.actions;
        let chosen: Vec<Option<usize>> = (self.network.q_values(&after).chunks(width).zip(&after))
            .map(|(values, observation)| best_legal(values, observation))
            .collect();
        let targets: Vec<f32> = (sample.iter().zip(chosen).zip(self.network.target_values(&after).chunks(width)))
            .map(|((experience, chosen), values)| {
                experience.reward + experience.discount * chosen.map_or(0.0, |action| values[action])
            })
            .collect();
        let actions: Vec<u16> = sample.iter().map(|experience| experience.action).collect();
        let step = self.network.train_step(&before, &actions, &targets, weights.as_deref())?;
        match &self.config.sampling {
            ReplaySampling::Uniform => {}
            ReplaySampling::Prioritised(config) => self.replay.set_priorities(&places, &step.errors, config),
        }
        self.updates += 1;
        self.epsilon = (self.epsilon * self.config.epsilon_decay).max(self.config.epsilon_end);
        if self.updates.is_multiple_of(self.config.target_sync) {
            self.network.copy_to_target();
        }
        Ok(Some(f64::from(step.loss)))
    }

    fn exploration(&self) -> f64 {
        self.epsilon
    }

    fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        Ok(Some(self.network.policy()?))
    }

    fn begin_from(&mut self, weights: &[u8]) -> Result<(), QasError> {
        self.network.begin_from(weights)
    }

    fn take_experiences(&mut self, saved: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("agent", saved)?;
        self.check_replay(&saved.replay)?;
        for place in 0..saved.replay.len() {
            self.replay.push(saved.replay.get(place).clone());
        }
        Ok(())
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved {
            best: self.best.clone(),
            network: self.network.save().expect("a few short names fit the format"),
            replay: self.replay.clone(),
            epsilon: self.epsilon,
            steps: self.steps,
            updates: self.updates,
            exploration: self.exploration.save(),
            sampling: self.sampling.save(),
        })
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("agent", bytes)?;
        if saved.replay.capacity() != self.config.replay {
            return Err(QasError::OtherSearch { what: "replay size" });
        }
        self.check_replay(&saved.replay)?;
        self.network.load(&saved.network)?;
        self.best = saved.best;
        self.replay = saved.replay;
        self.window.clear();
        self.together.forget();
        self.epsilon = saved.epsilon;
        self.steps = saved.steps;
        self.updates = saved.updates;
        self.exploration = Stream::load(&saved.exploration);
        self.sampling = Stream::load(&saved.sampling);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
