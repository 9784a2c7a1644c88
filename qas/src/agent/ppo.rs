//! Proximal policy optimisation.

pub mod advantage;
pub mod config;

use qloom_circuits::{Stream, StreamState};
use qloom_nn::{Scalar, Tape, Var, mean_square};
use serde::{Deserialize, Serialize};

use self::advantage::Estimate;
use self::config::PpoConfig;
use super::actor_critic::{ActorCritic, Judged, draw, largest};
use super::apart::{EpisodePolicy, streams};
use super::{Agent, Dimensions, Observation, Transition};
use crate::QasError;
use crate::error::{decode, encode};

/// A step of an episode that was played by the present policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Played {
    seen: Observation,
    action: u16,
    reward: f64,
    /// Whether the episode ended with it.
    last: bool,
}

/// A policy that draws actions by probabilities, which are raised where an action brought more than was expected, and lowered otherwise.
///
/// Each batch of whole episodes is learnt from in several passes over minibatches, and then forgotten. In a minibatch the loss is minus the
/// mean of `min(r A, clip(r, 1 - e, 1 + e) A)`, where `r` is the probability of an action over that before the passes and `A` its
/// advantage (mean 0 and variance 1 over the batch), plus the weighted mean square error of the values, less the weighted entropy. The
/// probability of an illegal action is 0.
///
/// Source: J. Schulman et al., Proximal policy optimization algorithms, arXiv:1707.06347 (2017), equations 7 and 9; with `advantage = "group"`
/// Z. Shao et al., DeepSeekMath, arXiv:2402.03300 (2024), section 4.1, without a reference policy.
pub struct Ppo {
    config: PpoConfig,
    dimensions: Dimensions,
    network: ActorCritic<f32>,
    /// Whole episodes.
    batch: Vec<Played>,
    /// The episode in progress.
    episode: Vec<Played>,
    episodes: usize,
    /// The loss of a batch that has been learnt from and not been told yet.
    loss: Option<f64>,
    exploration: Stream,
    order: Stream,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    network: Vec<u8>,
    batch: Vec<Played>,
    episodes: usize,
    loss: Option<f64>,
    exploration: StreamState,
    order: StreamState,
}

/// What a minibatch is learnt from.
struct Minibatch<'a, T> {
    actions: &'a [u16],
    /// Logarithms of the probabilities before the passes.
    before: &'a [T],
    advantages: &'a [T],
    returns: &'a [T],
}

/// The weights of the loss.
#[derive(Debug, Clone, Copy)]
struct Weights {
    clip: f64,
    value: f64,
    entropy: f64,
}

/// The loss of [`Ppo`].
fn loss<T: Scalar>(tape: &mut Tape<'_, T>, judged: Judged, minibatch: &Minibatch<'_, T>, weights: Weights) -> Var {
    let column = (minibatch.actions.len(), 1);
    let chosen = tape.gather_columns(judged.logarithms, minibatch.actions.iter().map(|&action| usize::from(action)));
    let before = tape.constant(column, minibatch.before);
    let difference = tape.sub(chosen, before);
    let ratio = tape.exp(difference);
    let clipped = tape.clamp(ratio, T::from_f64(1.0 - weights.clip), T::from_f64(1.0 + weights.clip));
    let advantages = tape.constant(column, minibatch.advantages);
    let (free, bounded) = (tape.mul(ratio, advantages), tape.mul(clipped, advantages));
    let smaller = tape.minimum(free, bounded);
    let gain = tape.mean(smaller);
    let returns = tape.constant(column, minibatch.returns);
    let error = mean_square(tape, judged.values, returns);
    let entropy = judged.entropy(tape);
    let (error, entropy) = (tape.scale(error, T::from_f64(weights.value)), tape.scale(entropy, T::from_f64(weights.entropy)));
    let cost = tape.sub(error, gain);
    tape.sub(cost, entropy)
}

impl Ppo {
    /// An agent with fresh networks; the seed fixes their weights and all draws.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range or the networks too large.
    pub fn new(config: PpoConfig, dimensions: Dimensions, seed: u64) -> Result<Self, QasError> {
        config.check(dimensions)?;
        let network = ActorCritic::new(dimensions, &config.hidden, config.learning_rate, &mut Stream::named(seed, "network"))?;
        Ok(Self {
            config,
            dimensions,
            network,
            batch: Vec::new(),
            episode: Vec::new(),
            episodes: 0,
            loss: None,
            exploration: Stream::named(seed, "exploration"),
            order: Stream::named(seed, "order"),
        })
    }

    /// Learns between episodes, so that each is played by one policy.
    fn begin(&mut self) -> Result<(), QasError> {
        if self.episodes >= self.config.episodes {
            self.loss = Some(self.train()?);
        }
        Ok(())
    }

    /// Learns from the batch and forgets it; returns the mean loss.
    fn train(&mut self) -> Result<f64, QasError> {
        let batch = std::mem::take(&mut self.batch);
        self.episodes = 0;
        let (mut before, mut values) = (Vec::new(), Vec::new());
        for part in batch.chunks(self.config.minibatch) {
            let seen: Vec<&Observation> = part.iter().map(|played| &played.seen).collect();
            let actions: Vec<u16> = part.iter().map(|played| played.action).collect();
            let (logarithms, found) = self.network.judge(&seen, &actions)?;
            before.extend(logarithms);
            values.extend(found);
        }
        let rewards: Vec<(f64, bool)> = batch.iter().map(|played| (played.reward, played.last)).collect();
        let Estimate { mut advantages, returns } = self.config.estimate(&rewards, &values);
        advantage::normalise(&mut advantages);
        let weights = self.config.weights();
        let mut order: Vec<usize> = (0..batch.len()).collect();
        let (mut total, mut steps) = (0.0, 0.0);
        for _ in 0..self.config.epochs {
            self.order.shuffle(&mut order);
            for places in order.chunks(self.config.minibatch) {
                let seen: Vec<&Observation> = places.iter().map(|&place| &batch[place].seen).collect();
                let pick = |numbers: &[f64]| places.iter().map(|&place| numbers[place] as f32).collect::<Vec<f32>>();
                let minibatch = Minibatch {
                    actions: &places.iter().map(|&place| batch[place].action).collect::<Vec<u16>>(),
                    before: &places.iter().map(|&place| before[place]).collect::<Vec<f32>>(),
                    advantages: &pick(&advantages),
                    returns: &pick(&returns),
                };
                total += self
                    .network
                    .train(&seen, self.config.max_gradient, |tape, judged| loss(tape, judged, &minibatch, weights))?;
                steps += 1.0;
            }
        }
        Ok(total / steps)
    }
}

impl Agent for Ppo {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        self.begin()?;
        let probabilities = self.network.probabilities(observation)?;
        Ok(draw(&probabilities, &mut self.exploration))
    }

    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        Ok(largest(&self.network.probabilities(observation)?))
    }

    fn plays_apart(&self) -> bool {
        true
    }

    fn apart(&mut self, count: usize) -> Result<Vec<Box<dyn EpisodePolicy>>, QasError> {
        self.begin()?;
        let streams = streams(&mut self.exploration, count);
        Ok(streams.into_iter().map(|stream| Box::new(self.network.actor(stream)) as Box<dyn EpisodePolicy>).collect())
    }

    fn observe(&mut self, transition: Transition) {
        let Transition { before: seen, action, reward, done: last, .. } = transition;
        self.episode.push(Played { seen, action: action as u16, reward, last });
        if last {
            self.batch.append(&mut self.episode);
            self.episodes += 1;
        }
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        Ok(self.loss.take())
    }

    fn exploration(&self) -> f64 {
        0.0
    }

    fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        Ok(Some(self.network.policy()?))
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved {
            network: self.network.save(),
            batch: self.batch.clone(),
            episodes: self.episodes,
            loss: self.loss,
            exploration: self.exploration.save(),
            order: self.order.save(),
        })
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("agent", bytes)?;
        let episodes = saved.batch.iter().filter(|played| played.last).count();
        let fits = |played: &Played| played.seen.fits(self.dimensions) && usize::from(played.action) < self.dimensions.actions;
        if episodes != saved.episodes || !saved.batch.iter().all(fits) || saved.batch.last().is_some_and(|played| !played.last) {
            return Err(QasError::Corrupt { what: "batch", reason: "its episodes are not whole".to_owned() });
        }
        self.network.load(&saved.network)?;
        self.batch = saved.batch;
        self.episode.clear();
        self.episodes = saved.episodes;
        self.loss = saved.loss;
        self.exploration = Stream::load(&saved.exploration);
        self.order = Stream::load(&saved.order);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
