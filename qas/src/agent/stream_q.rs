//! Q-learning from the stream of steps: no replay, no batch, no target network.

mod network;
mod statistics;

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::check::{at_least_one, fraction, hidden, positive};
use super::random::draw_legal;
use super::{Agent, Dimensions, Observation, Transition};
use crate::QasError;
use crate::error::{decode, encode};
use network::StreamNetwork;
use statistics::{Normaliser, RewardScale};

/// Settings of [`StreamQ`]. Defaults are those published, but for the sizes of the layers and the steps of exploration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamQConfig {
    /// Sizes of the hidden layers, at least one. Default `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Step size alpha, positive. Default 1.
    pub step_size: f64,
    /// Scaling kappa of the bound on the step size, positive: a step changes the error that it corrects by at most its 1/kappa. Default 2.
    pub kappa: f64,
    /// Discount gamma of a step, in [0, 1]. Default 0.99.
    pub gamma: f64,
    /// Decay lambda of the traces, in [0, 1]. Default 0.8.
    pub lambda: f64,
    /// Part of the weights into each unit that begin at 0, in [0, 1]. Default 0.9.
    pub sparsity: f64,
    /// Probability of a blind draw at the start, in [0, 1]. Default 1.
    pub epsilon_start: f64,
    /// Probability of a blind draw in the end, in [0, 1]. Default 0.01.
    pub epsilon_end: f64,
    /// Steps over which it falls along a line, at least 1. Default 5000.
    pub epsilon_steps: u64,
}

impl Default for StreamQConfig {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            step_size: 1.0,
            kappa: 2.0,
            gamma: 0.99,
            lambda: 0.8,
            sparsity: 0.9,
            epsilon_start: 1.0,
            epsilon_end: 0.01,
            epsilon_steps: 5000,
        }
    }
}

impl StreamQConfig {
    fn check(&self, dimensions: Dimensions) -> Result<(), QasError> {
        if self.hidden.is_empty() {
            return Err(QasError::invalid("agent.stream-q.hidden", "[]", "it needs a hidden layer"));
        }
        hidden("agent.stream-q.hidden", &self.hidden, dimensions)?;
        positive("agent.stream-q.step_size", self.step_size)?;
        positive("agent.stream-q.kappa", self.kappa)?;
        fraction("agent.stream-q.gamma", self.gamma)?;
        fraction("agent.stream-q.lambda", self.lambda)?;
        fraction("agent.stream-q.sparsity", self.sparsity)?;
        fraction("agent.stream-q.epsilon_start", self.epsilon_start)?;
        fraction("agent.stream-q.epsilon_end", self.epsilon_end)?;
        at_least_one("agent.stream-q.epsilon_steps", self.epsilon_steps)
    }
}

/// Stream Q(lambda): each step is learnt from once, when it is made, by eligibility traces that a blind draw cuts.
///
/// What keeps that stable are sparse weights to begin with, layer normalisation before each leaky rectifier, a bound on the step size
/// (ObGD), and observations and rewards divided by their running deviations. Its state is the network and two numbers for each entry of an
/// observation.
///
/// Source: M. Elsayed, G. Vasan, A. R. Mahmood, Streaming deep reinforcement learning finally works (2024), algorithms 1 to 6 and 9.
pub struct StreamQ {
    config: StreamQConfig,
    dimensions: Dimensions,
    network: StreamNetwork,
    seen: Normaliser,
    rewards: RewardScale,
    exploration: Stream,
    steps: u64,
    /// The observation of the step to come, normalised.
    present: Option<Vec<f32>>,
    /// Whether the last action was not the one of the largest value.
    blind: bool,
    /// Size of the last error.
    error: f64,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    network: Vec<u8>,
    seen: Normaliser,
    rewards: RewardScale,
    exploration: StreamState,
    steps: u64,
}

impl StreamQ {
    /// An agent with a fresh network; the seed fixes its weights and draws.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range or the network too large.
    pub fn new(config: StreamQConfig, dimensions: Dimensions, seed: u64) -> Result<Self, QasError> {
        config.check(dimensions)?;
        let inputs = dimensions.inputs + dimensions.features;
        let sizes: Vec<usize> = [&[inputs], &config.hidden[..], &[dimensions.actions]].concat();
        Ok(Self {
            network: StreamNetwork::new(&sizes, config.sparsity, &mut Stream::named(seed, "network")),
            config,
            dimensions,
            seen: Normaliser::new(inputs),
            rewards: RewardScale::default(),
            exploration: Stream::named(seed, "exploration"),
            steps: 0,
            present: None,
            blind: false,
            error: 0.0,
        })
    }

    /// All numbers of an observation, one after the other.
    fn numbers(&self, observation: &Observation) -> Vec<f32> {
        let mut numbers = vec![0.0; self.dimensions.inputs];
        observation.entries.iter().for_each(|&entry| numbers[entry as usize] = 1.0);
        numbers[self.dimensions.inputs - 1] = observation.energy;
        numbers.extend(&observation.features);
        numbers
    }

    /// Takes notice of an observation, and normalises it.
    fn take_in(&mut self, observation: &Observation) -> Vec<f32> {
        let numbers = self.numbers(observation);
        self.seen.update(&numbers);
        self.seen.normalised(&numbers)
    }

    /// The legal action of the largest value, the first of equals.
    fn best(&mut self, input: &[f32], observation: &Observation) -> Result<Option<(usize, f32)>, QasError> {
        let values = self.network.values(input)?;
        if values.iter().any(|value| !value.is_finite()) {
            return Err(QasError::Diverged { updates: self.steps, what: "value of an action" });
        }
        let mut best: Option<(usize, f32)> = None;
        for (action, &value) in values.iter().enumerate() {
            if observation.is_legal(action) && best.is_none_or(|(_, largest)| value > largest) {
                best = Some((action, value));
            }
        }
        Ok(best)
    }

    /// Learns from a step; returns the size of its error.
    fn update(&mut self, transition: &Transition) -> Result<f64, QasError> {
        let before = match self.present.take() {
            Some(present) => present,
            None => self.take_in(&transition.before),
        };
        let after = self.take_in(&transition.after);
        let reward = self.rewards.scaled(transition.reward, self.config.gamma, transition.done);
        let ahead = match transition.done {
            true => 0.0,
            false => self.best(&after, &transition.after)?.map_or(0.0, |(_, value)| f64::from(value)),
        };
        let (gamma, lambda) = (self.config.gamma, self.config.lambda);
        let value = self.network.trace(&before, transition.action, gamma * lambda)?;
        let error = reward + gamma * ahead - f64::from(value);
        self.network.step(error, self.config.step_size, self.config.kappa);
        if transition.done || self.blind {
            self.network.cut();
        }
        self.present = (!transition.done).then_some(after);
        Ok(error.abs())
    }
}

impl Agent for StreamQ {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        if !self.error.is_finite() {
            return Err(QasError::Diverged { updates: self.steps, what: "error of a value" });
        }
        let input = match self.present.take() {
            Some(present) => present,
            None => self.take_in(observation),
        };
        let best = self.best(&input, observation)?.map(|(action, _)| action);
        self.present = Some(input);
        let drawn = self.exploration.unit() < self.exploration();
        let action = match best {
            Some(best) if !drawn => best,
            Some(_) | None => draw_legal(&mut self.exploration, self.dimensions.actions, observation),
        };
        self.blind = Some(action) != best;
        Ok(action)
    }

    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let input = self.seen.normalised(&self.numbers(observation));
        let best = self.best(&input, observation)?;
        // where nothing is legal any action ends alike
        Ok(best.map_or(0, |(action, _)| action))
    }

    /// Learns at once: an episode's last step is not followed by [`learn`](Self::learn).
    fn observe(&mut self, transition: Transition) {
        self.error = self.update(&transition).unwrap_or(f64::NAN);
        self.steps += 1;
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        if !self.error.is_finite() {
            return Err(QasError::Diverged { updates: self.steps, what: "error of a value" });
        }
        Ok(Some(self.error))
    }

    fn exploration(&self) -> f64 {
        let StreamQConfig { epsilon_start, epsilon_end, epsilon_steps, .. } = self.config;
        let share = (self.steps as f64 / epsilon_steps as f64).min(1.0);
        epsilon_start + share * (epsilon_end - epsilon_start)
    }

    fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        Ok(Some(self.network.to_bytes()?))
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved {
            network: self.network.to_bytes().expect("a few short names fit the format"),
            seen: self.seen.clone(),
            rewards: self.rewards.clone(),
            exploration: self.exploration.save(),
            steps: self.steps,
        })
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("agent", bytes)?;
        if !saved.seen.fits(self.dimensions.inputs + self.dimensions.features) {
            return Err(QasError::OtherSearch { what: "network size" });
        }
        self.network.load(&saved.network)?;
        self.seen = saved.seen;
        self.rewards = saved.rewards;
        self.exploration = Stream::load(&saved.exploration);
        self.steps = saved.steps;
        (self.present, self.blind, self.error) = (None, false, 0.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
