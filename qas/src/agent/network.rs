//! The network of Q values.

use qloom_nn::{Adam, AdamConfig, Gradients, Optimizer, Parameters, Tape, Tensors, Workspace};
use rand::Rng;

use super::Observation;
use super::layers::{Layers, Shape, refused};
use crate::QasError;

/// What a step of training found, before it changed the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainStep {
    /// The loss.
    pub loss: f32,
    /// For each experience, value minus target.
    pub errors: Vec<f32>,
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

    /// Sets both networks to weights that [`policy`](Self::policy) gave.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    fn begin_from(&mut self, weights: &[u8]) -> Result<(), QasError>;

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
    pub(super) fn new(shape: &Shape<'_>, learning_rate: f64, rng: &mut impl Rng) -> Result<Self, QasError> {
        let mut online = Parameters::new();
        let layers = Layers::new(shape, "", &mut online, rng);
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

    fn begin_from(&mut self, weights: &[u8]) -> Result<(), QasError> {
        Tensors::from_bytes(weights).map_err(refused)?.read("", &mut self.online).map_err(refused)?;
        self.copy_to_target();
        Ok(())
    }

    fn save(&self) -> Result<Vec<u8>, QasError> {
        let mut tensors = Tensors::new();
        tensors.insert("online", &self.online);
        tensors.insert("target", &self.target);
        tensors.insert_optimizer("adam", &self.online, &self.adam);
        Ok(tensors.to_bytes()?)
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let tensors = Tensors::from_bytes(bytes).map_err(refused)?;
        tensors.read("online", &mut self.online).map_err(refused)?;
        tensors.read("target", &mut self.target).map_err(refused)?;
        tensors.read_optimizer("adam", &self.online, &mut self.adam).map_err(refused)
    }
}

#[cfg(test)]
mod tests;
