//! Settings of tree search.

use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::agent::Dimensions;
use crate::agent::check::{at_least_one, fraction, hidden, not_negative, positive};

/// Settings of [`Mcts`](crate::Mcts).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MctsConfig {
    /// Guide the search by a network; without one all actions are alike at first, and circuits are completed at random. Default true.
    pub network: bool,
    /// Sizes of the hidden layers, of probabilities and of values. Default `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Step size of Adam. Default 1e-3.
    pub learning_rate: f64,
    /// Circuits in a training step. Default 32.
    pub batch: usize,
    /// Circuits remembered for training; at least `batch`. Default 20000.
    pub memory: usize,
    /// Steps of the environment for each training step. Default 2.
    pub train_every: u64,
    /// Part of a draw among all legal actions in the probabilities, in [0, 1]: without it episodes end alike once the network is sure.
    /// Default 0.25, as published for the noise at the root.
    pub noise: f64,
    /// Weight of what has been tried little, against what has been good: at least 0. Default 1.25, as published.
    pub exploration: f64,
    /// A circuit that was gone through n times has `widening` n^`exponent` actions open, rounded up: positive. Default 1.
    pub widening: f64,
    /// That exponent, in [0, 1]. Default 0.5.
    pub exponent: f64,
    /// Weight of the best that an action has led to against the mean, in [0, 1]. Default 0.5.
    pub best: f64,
    /// Weight of how an episode ended against the network's value where it left the tree, in [0, 1]. Default 0.5, as published for Go.
    pub rollout: f64,
    /// Part of the recent episodes, the best of them, whose actions beyond the tree are learnt too, in [0, 1]. Default 0.1.
    pub elite: f64,
    /// Episodes whose results a result is ranked among, at least 1. Default 200.
    pub recent: usize,
    /// Episodes after which the root moves on to the next circuit, drawn by how often the actions were taken; at the end of the circuit it
    /// goes back to the start. 0: never. Default 0.
    pub simulations: u64,
    /// Largest number of circuits in the tree, in 1 to 10000000, each about 100 bytes and 4 a gate and 32 an open action; when it is
    /// reached, no more are added. Default 200000.
    pub nodes: usize,
}

impl Default for MctsConfig {
    fn default() -> Self {
        Self {
            network: true,
            hidden: vec![64, 64],
            learning_rate: 1e-3,
            batch: 32,
            memory: 20_000,
            train_every: 2,
            noise: 0.25,
            exploration: 1.25,
            widening: 1.0,
            exponent: 0.5,
            best: 0.5,
            rollout: 0.5,
            elite: 0.1,
            recent: 200,
            simulations: 0,
            nodes: 200_000,
        }
    }
}

impl MctsConfig {
    pub(super) fn check(&self, dimensions: Dimensions) -> Result<(), QasError> {
        hidden("agent.mcts.hidden", &self.hidden, dimensions)?;
        positive("agent.mcts.learning_rate", self.learning_rate)?;
        at_least_one("agent.mcts.batch", self.batch as u64)?;
        at_least_one("agent.mcts.train_every", self.train_every)?;
        fraction("agent.mcts.noise", self.noise)?;
        not_negative("agent.mcts.exploration", self.exploration)?;
        positive("agent.mcts.widening", self.widening)?;
        fraction("agent.mcts.exponent", self.exponent)?;
        fraction("agent.mcts.best", self.best)?;
        fraction("agent.mcts.rollout", self.rollout)?;
        fraction("agent.mcts.elite", self.elite)?;
        at_least_one("agent.mcts.recent", self.recent as u64)?;
        if self.memory < self.batch {
            let requirement = format!("it has to be at least the batch of {}", self.batch);
            return Err(QasError::invalid("agent.mcts.memory", self.memory, requirement));
        }
        if !(1..=10_000_000).contains(&self.nodes) {
            return Err(QasError::invalid("agent.mcts.nodes", self.nodes, "it has to be in 1 to 10000000"));
        }
        Ok(())
    }

    /// How many actions are open at a circuit that was gone through so many times.
    pub(super) fn width(&self, visits: u32) -> usize {
        // rounding must not open one more where the power is a whole number
        let width = (self.widening * f64::from(visits).powf(self.exponent) - 1e-9).ceil();
        (width as usize).max(1)
    }
}
