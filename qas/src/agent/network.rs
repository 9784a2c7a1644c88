//! The network of Q values.

use qloom_nn::{Adam, AdamConfig, BinaryRow, Gradients, Linear, NnError, Optimizer, Parameters, Tape, Tensors, Var, Workspace};
use rand::Rng;

use super::{Dimensions, Observation};
use crate::QasError;

/// Slope of the hidden units below zero.
const LEAK: f64 = 0.01;

/// What a step of training found, before it changed the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainStep {
    /// The loss.
    pub loss: f32,
    /// For each experience, value minus target.
    pub errors: Vec<f32>,
}

/// The sizes of a network of Q values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape<'a> {
    pub(crate) dimensions: Dimensions,
    pub(crate) hidden: &'a [usize],
    /// Whether the value of the state and the advantages of actions are told apart.
    pub(crate) dueling: bool,
}

impl Shape<'_> {
    /// Number of weights, biases left out.
    pub(crate) fn weights(&self) -> u128 {
        let Dimensions { inputs, features, actions } = self.dimensions;
        let sizes: Vec<usize> = [&[inputs + features], self.hidden, &[actions + usize::from(self.dueling)]].concat();
        sizes.windows(2).map(|pair| pair[0] as u128 * pair[1] as u128).sum()
    }
}

/// A function from observations to one value per action, trained by gradients, with a target network: a copy that
/// changes only when it is told to.
pub trait QNetwork: Send {
    /// The values of all actions, a row of them for each observation, row after row.
    fn q_values(&mut self, batch: &[&Observation]) -> &[f32];

    /// The same from the target network.
    fn target_values(&mut self, batch: &[&Observation]) -> &[f32];

    /// One step of Adam on the mean Huber loss (beta 1) between the values of `actions` and `targets`, each times its weight where
    /// there are some.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] when the loss is not finite, [`QasError::Network`] when the backward pass fails.
    fn train_step(
        &mut self,
        batch: &[&Observation],
        actions: &[u16],
        targets: &[f32],
        weights: Option<&[f32]>,
    ) -> Result<TrainStep, QasError>;

    /// Makes the target network equal to the network.
    fn copy_to_target(&mut self);

    /// The weights that the actions are chosen by, as a file in the safetensors format.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the format cannot hold them.
    fn policy(&self) -> Result<Vec<u8>, QasError>;

    /// Weights of both networks and the state of the optimiser.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the format cannot hold them.
    fn save(&self) -> Result<Vec<u8>, QasError>;

    /// Goes on from a saved state.
    ///
    /// # Errors
    ///
    /// [`QasError::Corrupt`] and [`QasError::OtherSearch`] when the bytes do not fit.
    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError>;
}

/// Fully connected layers with leaky rectifiers.
#[derive(Debug, Clone)]
struct Layers {
    /// The layer of the moment tensor, or of everything without hidden layers.
    first: Linear,
    /// The layer of further numbers, added to the first.
    features: Option<Linear>,
    rest: Vec<Linear>,
    /// The value of the state, from the last hidden layer, with the number of actions.
    value: Option<(Linear, usize)>,
}

impl Layers {
    fn new(shape: &Shape<'_>, parameters: &mut Parameters<f32>, rng: &mut impl Rng) -> Self {
        let Dimensions { inputs, features, actions } = shape.dimensions;
        let sizes: Vec<usize> = [&[inputs], shape.hidden, &[actions]].concat();
        let mut layer =
            |number: usize| Linear::new(parameters, &format!("layers.{number}"), (sizes[number], sizes[number + 1]), rng);
        let (first, rest) = (layer(0), (1..sizes.len() - 1).map(layer).collect());
        let features = (features > 0).then(|| Linear::new(parameters, "features", (features, sizes[1]), rng));
        let last = shape.hidden.last().copied();
        let value = last.filter(|_| shape.dueling).map(|width| (Linear::new(parameters, "value", (width, 1), rng), actions));
        Self { first, features, rest, value }
    }

    fn forward(&self, tape: &mut Tape<'_, f32>, batch: &[&Observation]) -> Var {
        let rows = batch.iter().map(|seen| BinaryRow { ones: &seen.entries, last: seen.energy });
        let mut hidden = self.first.forward_sparse(tape, rows);
        if let Some(layer) = &self.features {
            let width = batch.first().map_or(0, |seen| seen.features.len());
            let numbers: Vec<f32> = batch.iter().flat_map(|seen| seen.features.iter().copied()).collect();
            let input = tape.constant((batch.len(), width), &numbers);
            let beside = layer.forward(tape, input);
            hidden = tape.add(hidden, beside);
        }
        let mut value = None;
        for (place, layer) in self.rest.iter().enumerate() {
            hidden = tape.leaky_relu(hidden, LEAK as f32);
            if place + 1 == self.rest.len()
                && let Some((head, actions)) = &self.value
            {
                value = Some((head.forward(tape, hidden), *actions));
            }
            hidden = layer.forward(tape, hidden);
        }
        match value {
            None => hidden,
            Some((value, actions)) => dueling(tape, value, hidden, actions),
        }
    }
}

/// The value of a state and the advantages of actions, whose mean is taken out.
///
/// Source: Z. Wang et al., Dueling network architectures for deep reinforcement learning (2016), equation 9.
fn dueling(tape: &mut Tape<'_, f32>, value: Var, advantages: Var, actions: usize) -> Var {
    let spread = tape.constant((1, actions), &vec![1.0; actions]);
    let mut centred = vec![-1.0 / actions as f32; actions * actions];
    (0..actions).for_each(|action| centred[action * (actions + 1)] += 1.0);
    let centred = tape.constant((actions, actions), &centred);
    let (value, advantages) = (tape.matmul(value, spread), tape.matmul(advantages, centred));
    tape.add(value, advantages)
}

/// Layers and a copy of their weights, trained by Adam.
pub(crate) struct Perceptron {
    layers: Layers,
    online: Parameters<f32>,
    target: Parameters<f32>,
    adam: Adam<f32>,
    gradients: Gradients<f32>,
    workspace: Workspace<f32>,
    values: Vec<f32>,
}

impl Perceptron {
    /// Layers of this shape; weights and biases uniform within 1/sqrt(size of the layer below).
    pub(crate) fn new(shape: &Shape<'_>, learning_rate: f64, rng: &mut impl Rng) -> Result<Self, QasError> {
        let mut online = Parameters::new();
        let layers = Layers::new(shape, &mut online, rng);
        let adam = Adam::new(AdamConfig { learning_rate, ..AdamConfig::default() }, &online)?;
        let (target, gradients) = (online.clone(), Gradients::zeros(&online));
        Ok(Self { layers, online, target, adam, gradients, workspace: Workspace::new(), values: Vec::new() })
    }
}

fn evaluate<'v>(
    (layers, parameters): (&Layers, &Parameters<f32>),
    workspace: &mut Workspace<f32>,
    values: &'v mut Vec<f32>,
    batch: &[&Observation],
) -> &'v [f32] {
    let mut tape = Tape::new(parameters, workspace);
    let out = layers.forward(&mut tape, batch);
    values.clear();
    values.extend_from_slice(tape.value(out));
    values
}

impl QNetwork for Perceptron {
    fn q_values(&mut self, batch: &[&Observation]) -> &[f32] {
        evaluate((&self.layers, &self.online), &mut self.workspace, &mut self.values, batch)
    }

    fn target_values(&mut self, batch: &[&Observation]) -> &[f32] {
        evaluate((&self.layers, &self.target), &mut self.workspace, &mut self.values, batch)
    }

    fn train_step(
        &mut self,
        batch: &[&Observation],
        actions: &[u16],
        targets: &[f32],
        weights: Option<&[f32]>,
    ) -> Result<TrainStep, QasError> {
        let mut tape = Tape::new(&self.online, &mut self.workspace);
        let values = self.layers.forward(&mut tape, batch);
        let chosen = tape.gather_columns(values, actions.iter().map(|&action| usize::from(action)));
        let targets = tape.constant((batch.len(), 1), targets);
        let differences = tape.sub(chosen, targets);
        let mut losses = tape.huber(differences, 1.0);
        if let Some(weights) = weights {
            let weights = tape.constant((batch.len(), 1), weights);
            losses = tape.mul(losses, weights);
        }
        let loss = tape.mean(losses);
        let step = TrainStep { loss: tape.value(loss)[0], errors: tape.value(differences).to_vec() };
        if !step.loss.is_finite() {
            return Err(QasError::Diverged { updates: self.adam.steps(), what: "loss" });
        }
        self.gradients.clear();
        tape.backward(loss, &mut self.gradients)?;
        self.adam.step(&mut self.online, &self.gradients);
        Ok(step)
    }

    fn copy_to_target(&mut self) {
        self.target.clone_from(&self.online);
    }

    fn policy(&self) -> Result<Vec<u8>, QasError> {
        let mut tensors = Tensors::new();
        tensors.insert("", &self.online);
        Ok(tensors.to_bytes()?)
    }

    fn save(&self) -> Result<Vec<u8>, QasError> {
        let mut tensors = Tensors::new();
        tensors.insert("online", &self.online);
        tensors.insert("target", &self.target);
        tensors.insert_optimizer("adam", &self.online, &self.adam);
        Ok(tensors.to_bytes()?)
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let refused = |error| match error {
            NnError::Shape { .. } | NnError::MissingTensor { .. } => QasError::OtherSearch { what: "network size" },
            other => QasError::Corrupt { what: "network", reason: other.to_string() },
        };
        let tensors = Tensors::from_bytes(bytes).map_err(refused)?;
        tensors.read("online", &mut self.online).map_err(refused)?;
        tensors.read("target", &mut self.target).map_err(refused)?;
        tensors.read_optimizer("adam", &self.online, &mut self.adam).map_err(refused)
    }
}

#[cfg(test)]
mod tests;
