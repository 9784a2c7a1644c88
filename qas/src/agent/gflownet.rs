//! Generative flow networks: circuits drawn in proportion to a reward, so that many different good ones are found.

mod trace;

use qloom_circuits::{Stream, StreamState};
use qloom_nn::{Adam, AdamConfig, Gradients, Optimizer, Parameters, Tape, Tensors, Workspace, mean_square};
use serde::{Deserialize, Serialize};

use super::actor_critic::{draw, largest, masked};
use super::apart::{EpisodePolicy, Sampled, streams};
use super::check::{at_least_one, fraction, hidden, positive};
use super::layers::{Layers, Shape, refused};
use super::random::draw_legal;
use super::{Agent, Dimensions, Observation, Transition};
use crate::QasError;
use crate::error::{decode, encode};
use trace::Trace;

/// Settings of [`Gflownet`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GflownetConfig {
    /// Sizes of the hidden layers. Default `[64, 64]`.
    pub hidden: Vec<usize>,
    /// Step size of Adam. Default 1e-3, as published.
    pub learning_rate: f64,
    /// By which part of the mean residual the logarithm of the partition function moves in a training step, in (0, 1]. Default 0.1.
    pub partition_rate: f64,
    /// What an error costs: a circuit is to be drawn in proportion to `exp(-beta * energy)`; positive, by the unit of the problem. Default
    /// 600: 1.6e-3 hartree are a factor of 2.6.
    pub beta: f64,
    /// Probability of a blind draw, in [0, 1]. Default 0.05.
    pub epsilon: f64,
    /// Episodes in a training step, at least 1. Default 16, as published.
    pub batch: usize,
    /// Training steps after an episode, at least 1. Default 2.
    pub updates: usize,
    /// Episodes that batches are drawn from, the last ones, at least `batch` and at most 100,000. Default 200; published: the batch.
    pub replay: usize,
    /// Largest norm of a gradient, positive. Default 10.
    pub max_gradient: f64,
}

impl Default for GflownetConfig {
    fn default() -> Self {
        Self {
            hidden: vec![64, 64],
            learning_rate: 1e-3,
            partition_rate: 0.1,
            beta: 600.0,
            epsilon: 0.05,
            batch: 16,
            updates: 2,
            replay: 200,
            max_gradient: 10.0,
        }
    }
}

impl GflownetConfig {
    fn check(&self, dimensions: Dimensions) -> Result<(), QasError> {
        hidden("agent.gflownet.hidden", &self.hidden, dimensions)?;
        positive("agent.gflownet.learning_rate", self.learning_rate)?;
        positive("agent.gflownet.partition_rate", self.partition_rate)?;
        fraction("agent.gflownet.partition_rate", self.partition_rate)?;
        positive("agent.gflownet.beta", self.beta)?;
        fraction("agent.gflownet.epsilon", self.epsilon)?;
        at_least_one("agent.gflownet.batch", self.batch as u64)?;
        at_least_one("agent.gflownet.updates", self.updates as u64)?;
        positive("agent.gflownet.max_gradient", self.max_gradient)?;
        if !(self.batch..=100_000).contains(&self.replay) {
            let need = format!("it has to be in {}, the batch, to 100000", self.batch);
            return Err(QasError::invalid("agent.gflownet.replay", self.replay, need));
        }
        Ok(())
    }
}

/// An episode that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Trajectory {
    seen: Vec<Observation>,
    actions: Vec<u16>,
    /// Sum of the logarithms of the backward probabilities.
    backward: f64,
    /// Logarithm of the reward of the circuit at the end.
    reward: f64,
}

/// A generative flow network trained by trajectory balance: it draws the circuits that end episodes in proportion to their reward
/// `exp(-beta * energy)`, and so returns a set of different good ones, where other agents look for one.
///
/// The loss of an episode is the square of `ln Z + sum ln P_F - ln R - sum ln P_B`. `P_F` is the network's probability of each action,
/// 0 of illegal ones; `Z`, the partition function, is learnt beside it and begins where the residuals of the first batch have mean 0. A circuit is reached
/// by each order of its gates in which gates that share a qubit keep theirs; `P_B` is even among the gates that could have been the
/// last, so that a circuit of many orders is not drawn more often for that. Steepest rotations and edits are taken to touch all qubits. The reward of the steps plays no part.
///
/// Source: N. Malkin, M. Jain, E. Bengio, C. Sun, Y. Bengio, Trajectory balance: improved credit assignment in GFlowNets,
/// arXiv:2201.13259 (2022).
pub struct Gflownet {
    config: GflownetConfig,
    dimensions: Dimensions,
    layers: Layers,
    parameters: Parameters<f32>,
    gradients: Gradients<f32>,
    adam: Adam<f32>,
    workspace: Workspace<f32>,
    /// What the energy that is seen is multiplied by.
    scale: f64,
    /// ln Z; `None` before the first batch.
    partition: Option<f64>,
    replay: Vec<Trajectory>,
    next: usize,
    /// Episodes played that nothing was learnt from yet.
    fresh: usize,
    loss: Option<f64>,
    exploration: Stream,
    sampling: Stream,
    /// The episode in progress.
    trace: Trace,
    seen: Vec<Observation>,
    actions: Vec<u16>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    network: Vec<u8>,
    partition: Option<f64>,
    replay: Vec<Trajectory>,
    next: usize,
    fresh: usize,
    loss: Option<f64>,
    exploration: StreamState,
    sampling: StreamState,
}

impl Gflownet {
    /// An agent with a fresh network; the seed fixes its weights and draws. Every action is taken to touch all qubits unless
    /// [`with_qubits`](Self::with_qubits) says otherwise.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range or the network too large.
    pub fn new(config: GflownetConfig, dimensions: Dimensions, seed: u64) -> Result<Self, QasError> {
        config.check(dimensions)?;
        let mut parameters = Parameters::new();
        let shape = Shape { dimensions, hidden: &config.hidden, dueling: false };
        let layers = Layers::new(&shape, "", &mut parameters, &mut Stream::named(seed, "network"));
        let adam = Adam::new(AdamConfig { learning_rate: config.learning_rate, ..AdamConfig::default() }, &parameters)?;
        Ok(Self {
            config,
            dimensions,
            layers,
            gradients: Gradients::zeros(&parameters),
            parameters,
            adam,
            workspace: Workspace::new(),
            scale: 1.0,
            partition: None,
            replay: Vec::new(),
            next: 0,
            fresh: 0,
            loss: None,
            exploration: Stream::named(seed, "exploration"),
            sampling: Stream::named(seed, "replay"),
            trace: Trace::new(&vec![Vec::new(); dimensions.actions]),
            seen: Vec::new(),
            actions: Vec::new(),
        })
    }

    /// States the qubits of each action, none for one that may touch all.
    ///
    /// # Panics
    ///
    /// When there are not as many lists as actions.
    #[must_use]
    #[track_caller]
    pub fn with_qubits(mut self, qubits: &[Vec<usize>]) -> Self {
        assert_eq!(qubits.len(), self.dimensions.actions, "one list of qubits for each action");
        self.trace = Trace::new(qubits);
        self
    }

    /// States the energy, in the problem's unit, that is seen as 1.
    #[must_use]
    pub fn with_scale(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }

    fn diverged(&self, what: &'static str) -> QasError {
        QasError::Diverged { updates: self.adam.steps(), what }
    }

    fn probabilities(&mut self, seen: &Observation) -> Result<Vec<f64>, QasError> {
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let logarithms = masked(&self.layers, self.dimensions, &mut tape, &[seen]);
        let probabilities: Vec<f64> = tape.value(logarithms).iter().map(|&number| f64::from(number).exp()).collect();
        let finite = probabilities.iter().all(|probability| probability.is_finite());
        finite.then_some(probabilities).ok_or_else(|| self.diverged("probability of an action"))
    }

    /// A training step on a batch; returns the loss before it.
    fn train(&mut self, places: &[usize]) -> Result<f64, QasError> {
        let batch: Vec<&Trajectory> = places.iter().map(|&place| &self.replay[place]).collect();
        let seen: Vec<&Observation> = batch.iter().flat_map(|trajectory| &trajectory.seen).collect();
        let actions = batch.iter().flat_map(|trajectory| &trajectory.actions).map(|&action| usize::from(action));
        let mut sums = vec![0.0f32; batch.len() * seen.len()];
        let mut first = 0;
        for (row, trajectory) in batch.iter().enumerate() {
            sums[row * seen.len()..][first..first + trajectory.seen.len()].fill(1.0);
            first += trajectory.seen.len();
        }
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let logarithms = masked(&self.layers, self.dimensions, &mut tape, &seen);
        let chosen = tape.gather_columns(logarithms, actions);
        let sums = tape.constant((batch.len(), seen.len()), &sums);
        let forward = tape.matmul(sums, chosen);
        let wanted: Vec<f64> = batch.iter().map(|trajectory| trajectory.reward + trajectory.backward).collect();
        let missing: f64 = tape.value(forward).iter().zip(&wanted).map(|(&forward, wanted)| wanted - f64::from(forward)).sum();
        let missing = missing / batch.len() as f64;
        let partition = self.partition.unwrap_or(missing);
        let targets: Vec<f32> = wanted.iter().map(|wanted| (wanted - partition) as f32).collect();
        let targets = tape.constant((batch.len(), 1), &targets);
        let loss = mean_square(&mut tape, forward, targets);
        let value = f64::from(tape.value(loss)[0]);
        self.gradients.clear();
        tape.backward(loss, &mut self.gradients)?;
        if !(value.is_finite() && self.gradients.norm().is_finite() && missing.is_finite()) {
            return Err(self.diverged("loss"));
        }
        self.gradients.clip_norm(self.config.max_gradient);
        self.adam.step(&mut self.parameters, &self.gradients);
        self.partition = Some(partition + self.config.partition_rate * (missing - partition));
        Ok(value)
    }

    /// Learns from episodes played, once there are enough; returns the mean loss.
    fn learn_of_episodes(&mut self) -> Result<Option<f64>, QasError> {
        let updates = self.config.updates * std::mem::take(&mut self.fresh);
        let (held, count) = (self.replay.len(), self.config.batch);
        if held < count {
            return Ok(None);
        }
        let mut sum = 0.0;
        for _ in 0..updates {
            let mut places: Vec<usize> = (0..held).collect();
            self.sampling.shuffle(&mut places);
            sum += self.train(&places[..count])?;
        }
        Ok(Some(sum / updates as f64))
    }

    /// Learns between episodes, so that each is played by one policy.
    fn begin(&mut self) -> Result<(), QasError> {
        if self.fresh > 0 && self.seen.is_empty() {
            self.loss = self.learn_of_episodes()?;
        }
        Ok(())
    }
}

impl Agent for Gflownet {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        self.begin()?;
        if self.exploration.unit() < self.config.epsilon {
            return Ok(draw_legal(&mut self.exploration, self.dimensions.actions, observation));
        }
        let probabilities = self.probabilities(observation)?;
        Ok(draw(&probabilities, &mut self.exploration))
    }

    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        Ok(largest(&self.probabilities(observation)?))
    }

    fn plays_apart(&self) -> bool {
        true
    }

    fn apart(&mut self, count: usize) -> Result<Vec<Box<dyn EpisodePolicy>>, QasError> {
        self.begin()?;
        let streams = streams(&mut self.exploration, count);
        let policy = |stream| {
            let (layers, parameters, dimensions) = (self.layers.clone(), self.parameters.clone(), self.dimensions);
            let (workspace, epsilon, updates) = (Workspace::new(), self.config.epsilon, self.adam.steps());
            Box::new(Sampled { layers, parameters, workspace, dimensions, epsilon, updates, stream }) as Box<dyn EpisodePolicy>
        };
        Ok(streams.into_iter().map(policy).collect())
    }

    fn observe(&mut self, transition: Transition) {
        let Transition { before, action, after, done, .. } = transition;
        self.seen.push(before);
        self.actions.push(action as u16);
        self.trace.append(action);
        if done {
            let reward = -self.config.beta * self.scale * f64::from(after.energy);
            let (seen, actions) = (std::mem::take(&mut self.seen), std::mem::take(&mut self.actions));
            let trajectory = Trajectory { seen, actions, backward: self.trace.finish(), reward };
            if self.replay.len() < self.config.replay {
                self.replay.push(trajectory);
            } else {
                self.replay[self.next] = trajectory;
            }
            self.next = (self.next + 1) % self.config.replay;
            self.fresh += 1;
        }
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        Ok(self.loss.take())
    }

    fn exploration(&self) -> f64 {
        self.config.epsilon
    }

    fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        let mut tensors = Tensors::new();
        tensors.insert("", &self.parameters);
        Ok(Some(tensors.to_bytes()?))
    }

    fn save(&self) -> Vec<u8> {
        let mut tensors = Tensors::new();
        tensors.insert("weights", &self.parameters);
        tensors.insert_optimizer("adam", &self.parameters, &self.adam);
        encode(&Saved {
            network: tensors.to_bytes().expect("a few short names fit the format"),
            partition: self.partition,
            replay: self.replay.clone(),
            next: self.next,
            fresh: self.fresh,
            loss: self.loss,
            exploration: self.exploration.save(),
            sampling: self.sampling.save(),
        })
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("agent", bytes)?;
        if saved.replay.len() > self.config.replay || saved.next >= self.config.replay {
            return Err(QasError::OtherSearch { what: "replay size" });
        }
        let fits = |trajectory: &Trajectory| {
            trajectory.actions.len() == trajectory.seen.len()
                && trajectory.seen.iter().all(|seen| seen.fits(self.dimensions))
                && trajectory.actions.iter().all(|&action| usize::from(action) < self.dimensions.actions)
        };
        if !saved.replay.iter().all(fits) {
            return Err(QasError::Corrupt { what: "replay", reason: "a state or an action has no such number".to_owned() });
        }
        let tensors = Tensors::from_bytes(&saved.network).map_err(refused)?;
        tensors.read("weights", &mut self.parameters).map_err(refused)?;
        tensors.read_optimizer("adam", &self.parameters, &mut self.adam).map_err(refused)?;
        self.partition = saved.partition;
        self.replay = saved.replay;
        self.next = saved.next;
        self.fresh = saved.fresh;
        self.loss = saved.loss;
        self.exploration = Stream::load(&saved.exploration);
        self.sampling = Stream::load(&saved.sampling);
        self.seen.clear();
        self.actions.clear();
        self.trace.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
