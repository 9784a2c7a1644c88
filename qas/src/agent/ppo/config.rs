//! Settings of proximal policy optimisation.

use serde::{Deserialize, Serialize};

use super::Weights;
use super::advantage::{self, Advantage, Estimate};
use crate::QasError;
use crate::agent::Dimensions;
use crate::agent::check::{at_least_one, fraction, hidden, not_negative, positive};

/// Settings of [`Ppo`](crate::Ppo).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PpoConfig {
    /// Sizes of the hidden layers, of the actor and of the critic. Default `[64, 64]`, as published.
    pub hidden: Vec<usize>,
    /// Step size of Adam. Default 3e-4, as published.
    pub learning_rate: f64,
    /// Episodes in a batch, at least 1. Default 8.
    pub episodes: usize,
    /// Passes over a batch, at least 1. Default 10, as published.
    pub epochs: usize,
    /// Steps of the environment in a training step, at least 1. Default 64, as published.
    pub minibatch: usize,
    /// How advantages are estimated. Default `generalised`, as published.
    pub advantage: Advantage,
    /// Discount gamma of a step, in [0, 1]. Default 0.99, as published.
    pub gamma: f64,
    /// Decay lambda of the errors of the value, in [0, 1]. Default 0.95, as published.
    pub lambda: f64,
    /// How far the probability of an action may move, as a part of itself: positive. Default 0.2, as published.
    pub clip: f64,
    /// Weight of the error of the values, at least 0; without one for `group`. Default 0.5; published 1 with shared layers.
    pub value_weight: f64,
    /// Weight of the entropy, at least 0. Default 0.01, as published.
    pub entropy_weight: f64,
    /// Largest norm of a gradient, positive. Default 0.5.
    pub max_gradient: f64,
}

impl Default for PpoConfig {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 3e-4,
            episodes: 8,
            epochs: 10,
            minibatch: 64,
            advantage: Advantage::default(),
            gamma: 0.99,
            lambda: 0.95,
            clip: 0.2,
            value_weight: 0.5,
            entropy_weight: 0.01,
            max_gradient: 0.5,
        }
    }
}

impl PpoConfig {
    pub(super) fn check(&self, dimensions: Dimensions) -> Result<(), QasError> {
        hidden("agent.ppo.hidden", &self.hidden, dimensions)?;
        positive("agent.ppo.learning_rate", self.learning_rate)?;
        at_least_one("agent.ppo.episodes", self.episodes as u64)?;
        at_least_one("agent.ppo.epochs", self.epochs as u64)?;
        at_least_one("agent.ppo.minibatch", self.minibatch as u64)?;
        fraction("agent.ppo.gamma", self.gamma)?;
        fraction("agent.ppo.lambda", self.lambda)?;
        positive("agent.ppo.clip", self.clip)?;
        not_negative("agent.ppo.value_weight", self.value_weight)?;
        not_negative("agent.ppo.entropy_weight", self.entropy_weight)?;
        positive("agent.ppo.max_gradient", self.max_gradient)
    }

    pub(super) fn weights(&self) -> Weights {
        let value = match self.advantage {
            Advantage::Generalised => self.value_weight,
            Advantage::Group => 0.0,
        };
        Weights { clip: self.clip, value, entropy: self.entropy_weight }
    }

    /// Advantages of the steps of a batch; rewards come with whether their episode ended there.
    pub(super) fn estimate(&self, rewards: &[(f64, bool)], values: &[f64]) -> Estimate {
        match self.advantage {
            Advantage::Generalised => advantage::generalised(rewards, values, self.gamma, self.lambda),
            Advantage::Group => advantage::group(rewards),
        }
    }
}
