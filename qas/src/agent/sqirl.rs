//! Shallow Q-iteration: random episodes, a few steps of fitted Q-iteration, one step of the policy at a time.

mod regressor;

use std::sync::Arc;

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::apart::{EpisodePolicy, streams};
use super::check::positive;
use super::dqn::best_legal;
use super::random::draw_legal;
use super::{Agent, Dimensions, Observation, Transition};
use crate::QasError;
use crate::error::{decode, encode};
use regressor::{Regressor, Sample};

/// Settings of [`Sqirl`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SqirlConfig {
    /// Episodes from which a step of the policy is learnt, in 2 to 1000. Default 10.
    pub episodes: usize,
    /// Steps of Q-iteration k, in 1 to 10: 1 acts greedily on the values of the random policy. Default 1; published 1 to 5.
    pub iterations: usize,
    /// Ridge of the regression, positive: what is added to the diagonal of a kernel of ones. Default 0.1.
    pub ridge: f64,
}

impl Default for SqirlConfig {
    fn default() -> Self {
        Self { episodes: 10, iterations: 1, ridge: 0.1 }
    }
}

/// Shallow Q-iteration (SQIRL): exploring and learning are told apart.
///
/// A policy is learnt from the first step of an episode to the last. For step i, episodes follow the policy up to there and are drawn blindly from
/// there on. A regression of what they earned from step i + k - 1 on, without discount, is taken back to step i by k - 1 steps of fitted
/// Q-iteration, and from then on the policy takes the action of the largest value at step i. Where no episode comes as far any more, it
/// begins anew. Actions that were not tried get the value that the regression gives to the state.
///
/// The regression is ridge regression with a kernel that knows states (the cosine of what is seen) and actions (equal or not). A policy is kept as
/// the episodes that it was learnt from. A fit costs the cube of the episodes; an action, their number times what is seen.
///
/// Source: C. Laidlaw, B. Zhu, S. Russell, A. Dragan, The effective horizon explains deep RL performance in stochastic environments,
/// arXiv:2312.08369 (2024), algorithm 1, whose regression may be any.
pub struct Sqirl {
    config: SqirlConfig,
    dimensions: Dimensions,
    exploration: Stream,
    state: State,
    /// Steps taken in the episode at hand, and in the test episode at hand.
    step: usize,
    tested: usize,
    episode: Rollout,
    loss: Option<f64>,
}

/// What is learnt from of an episode: its steps from the one on that is to be learnt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Rollout {
    /// At most as many as there are iterations.
    steps: Vec<Sample>,
    /// What each of them earned.
    rewards: Vec<f64>,
    /// What came after them.
    rest: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    /// The policy of each step learnt.
    policy: Vec<Regressor>,
    /// Episodes since the last step was learnt, and those that came as far.
    episodes: usize,
    rollouts: Vec<Rollout>,
    fits: u64,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    state: State,
    loss: Option<f64>,
    exploration: StreamState,
}

impl Sqirl {
    /// An agent that has learnt nothing; the seed fixes its draws.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: SqirlConfig, dimensions: Dimensions, seed: u64) -> Result<Self, QasError> {
        if !(2..=1000).contains(&config.episodes) {
            return Err(QasError::invalid("agent.sqirl.episodes", config.episodes, "it has to be in 2 to 1000"));
        }
        if !(1..=10).contains(&config.iterations) {
            return Err(QasError::invalid("agent.sqirl.iterations", config.iterations, "it has to be in 1 to 10"));
        }
        positive("agent.sqirl.ridge", config.ridge)?;
        let state = State { policy: Vec::new(), episodes: 0, rollouts: Vec::new(), fits: 0 };
        let exploration = Stream::named(seed, "exploration");
        Ok(Self { config, dimensions, exploration, state, step: 0, tested: 0, episode: Rollout::default(), loss: None })
    }

    /// Learns between episodes, so that each is played by one policy.
    fn begin(&mut self) -> Result<(), QasError> {
        if self.step == 0 && self.state.episodes >= self.config.episodes {
            self.loss = self.fit()?;
        }
        Ok(())
    }

    /// Learns the next step of the policy, or begins anew where no episode has come as far; returns the mean square error of the fit.
    fn fit(&mut self) -> Result<Option<f64>, QasError> {
        let rollouts = std::mem::take(&mut self.state.rollouts);
        self.state.episodes = 0;
        if rollouts.is_empty() {
            self.state.policy.clear();
            return Ok(None);
        }
        let (mut later, mut error): (Option<Regressor>, f64) = (None, 0.0);
        for offset in (0..self.config.iterations).rev() {
            let reached: Vec<&Rollout> = rollouts.iter().filter(|rollout| rollout.steps.len() > offset).collect();
            if reached.is_empty() {
                continue;
            }
            let target = |rollout: &&Rollout| match (&later, rollout.steps.get(offset + 1)) {
                (Some(later), Some(next)) => {
                    let values = later.values(&next.seen, self.dimensions.actions);
                    let best = best_legal(&values, &next.seen).map_or(0.0, |best| f64::from(values[best]));
                    rollout.rewards[offset] + best
                }
                _ => rollout.rewards[offset..].iter().sum::<f64>() + rollout.rest,
            };
            let targets: Vec<f64> = reached.iter().map(target).collect();
            let samples: Vec<Sample> = reached.iter().map(|rollout| rollout.steps[offset].clone()).collect();
            let (regressor, left) = Regressor::fit(samples, &targets, self.config.ridge)
                .ok_or(QasError::Diverged { updates: self.state.fits, what: "regression of the returns" })?;
            (later, error) = (Some(regressor), left);
        }
        self.state.policy.extend(later);
        self.state.fits += 1;
        Ok(Some(error))
    }
}

impl State {
    /// The action of the policy at this step; `None` beyond what is learnt, and where none is legal.
    fn learnt(&self, step: usize, observation: &Observation, actions: usize) -> Result<Option<usize>, QasError> {
        let Some(regressor) = self.policy.get(step) else { return Ok(None) };
        let values = regressor.values(observation, actions);
        if values.iter().any(|value| !value.is_finite()) {
            return Err(QasError::Diverged { updates: self.fits, what: "value of an action" });
        }
        Ok(best_legal(&values, observation))
    }
}

/// The policy as far as it is learnt, and draws from there on.
struct Partly {
    state: Arc<State>,
    num_actions: usize,
    step: usize,
    stream: Stream,
}

impl EpisodePolicy for Partly {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let learnt = self.state.learnt(self.step, observation, self.num_actions)?;
        self.step += 1;
        Ok(learnt.unwrap_or_else(|| draw_legal(&mut self.stream, self.num_actions, observation)))
    }
}

impl Agent for Sqirl {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        self.begin()?;
        let learnt = self.state.learnt(self.step, observation, self.dimensions.actions)?;
        Ok(learnt.unwrap_or_else(|| draw_legal(&mut self.exploration, self.dimensions.actions, observation)))
    }

    /// As [`act`](Agent::act); steps are counted from the first, or from the last call of [`tested`](Agent::tested).
    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let learnt = self.state.learnt(self.tested, observation, self.dimensions.actions)?;
        self.tested += 1;
        Ok(learnt.unwrap_or_else(|| draw_legal(&mut self.exploration, self.dimensions.actions, observation)))
    }

    fn tested(&mut self, _: f64) -> Result<bool, QasError> {
        self.tested = 0;
        Ok(false)
    }

    fn plays_apart(&self) -> bool {
        true
    }

    /// At most as many as are missing for the next step of the policy.
    fn apart(&mut self, count: usize) -> Result<Vec<Box<dyn EpisodePolicy>>, QasError> {
        self.begin()?;
        let count = count.min(self.config.episodes - self.state.episodes);
        // rollouts are not looked at
        let State { policy, episodes, fits, .. } = &self.state;
        let state = Arc::new(State { policy: policy.clone(), episodes: *episodes, rollouts: Vec::new(), fits: *fits });
        let num_actions = self.dimensions.actions;
        let policy =
            |stream| Box::new(Partly { state: Arc::clone(&state), num_actions, step: 0, stream }) as Box<dyn EpisodePolicy>;
        Ok(streams(&mut self.exploration, count).into_iter().map(policy).collect())
    }

    fn observe(&mut self, transition: Transition) {
        let Transition { before: seen, action, reward, done, .. } = transition;
        if self.step >= self.state.policy.len() {
            if self.episode.steps.len() < self.config.iterations {
                self.episode.steps.push(Sample { seen, action: action as u16 });
                self.episode.rewards.push(reward);
            } else {
                self.episode.rest += reward;
            }
        }
        self.step += 1;
        if done {
            let rollout = std::mem::take(&mut self.episode);
            self.state.rollouts.extend((!rollout.steps.is_empty()).then_some(rollout));
            self.state.episodes += 1;
            self.step = 0;
        }
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        Ok(self.loss.take())
    }

    fn exploration(&self) -> f64 {
        if self.step < self.state.policy.len() { 0.0 } else { 1.0 }
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved { state: self.state.clone(), loss: self.loss, exploration: self.exploration.save() })
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let Saved { state, loss, exploration } = decode("agent", bytes)?;
        let (iterations, dimensions) = (self.config.iterations, self.dimensions);
        if state.episodes > self.config.episodes || state.rollouts.len() > state.episodes {
            return Err(QasError::OtherSearch { what: "number of episodes" });
        }
        let fits = |sample: &Sample| sample.seen.fits(dimensions) && usize::from(sample.action) < dimensions.actions;
        let whole = |rollout: &Rollout| {
            (1..=iterations).contains(&rollout.steps.len())
                && rollout.rewards.len() == rollout.steps.len()
                && rollout.steps.iter().all(fits)
        };
        if !state.rollouts.iter().all(whole) || !state.policy.iter().all(|regressor| regressor.samples().iter().all(fits)) {
            return Err(QasError::Corrupt { what: "episodes", reason: "a state or an action has no such number".to_owned() });
        }
        self.state = state;
        self.loss = loss;
        self.exploration = Stream::load(&exploration);
        (self.step, self.tested, self.episode) = (0, 0, Rollout::default());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
