//! Probabilities of actions, and the value of what is seen: two networks trained together.

use qloom_circuits::Stream;
use qloom_nn::{Adam, AdamConfig, Gradients, Optimizer, Parameters, Scalar, Tape, Tensors, Var, Workspace};
use rand::Rng;

use super::apart::Sampled;
use super::layers::{Layers, Shape, refused};
use super::{Dimensions, Observation};
use crate::QasError;

/// What is added to the number of an illegal action: its probability is then exactly 0, and so is every gradient through it.
///
/// It is finite, so that 0 times it is 0. Source: S. Huang and S. Ontanon, A closer look at invalid action masking in policy gradient
/// algorithms (2022).
const MASK: f64 = -1e30;

/// What the networks say of a batch, on the tape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    /// Logarithms of the probabilities of all actions, a row for each observation.
    pub(super) logarithms: Var,
    /// The values, one column.
    pub(super) values: Var,
}

impl Judged {
    /// The mean over the batch of `-sum p ln p`, at most the logarithm of the number of legal actions.
    pub(super) fn entropy<T: Scalar>(self, tape: &mut Tape<'_, T>) -> Var {
        let rows = tape.shape(self.logarithms).0;
        let probabilities = tape.exp(self.logarithms);
        let products = tape.mul(probabilities, self.logarithms);
        let sum = tape.sum(products);
        tape.scale(sum, T::from_f64(-1.0 / rows as f64))
    }
}

/// An actor and a critic of the same sizes that share no weights, trained by Adam.
pub(super) struct ActorCritic<T> {
    dimensions: Dimensions,
    actor: Layers,
    critic: Layers,
    pub(super) parameters: Parameters<T>,
    pub(super) gradients: Gradients<T>,
    adam: Adam<T>,
    workspace: Workspace<T>,
}

impl<T: Scalar> ActorCritic<T> {
    /// Fresh networks with these hidden layers.
    pub(super) fn new(
        dimensions: Dimensions,
        hidden: &[usize],
        learning_rate: f64,
        rng: &mut impl Rng,
    ) -> Result<Self, QasError> {
        let mut parameters = Parameters::new();
        let actor = Layers::new(&Shape { dimensions, hidden, dueling: false }, "actor.", &mut parameters, rng);
        let one = Shape { dimensions: Dimensions { actions: 1, ..dimensions }, hidden, dueling: false };
        let critic = Layers::new(&one, "critic.", &mut parameters, rng);
        let adam = Adam::new(AdamConfig { learning_rate, ..AdamConfig::default() }, &parameters)?;
        let gradients = Gradients::zeros(&parameters);
        Ok(Self { dimensions, actor, critic, parameters, gradients, adam, workspace: Workspace::new() })
    }

    /// Number of training steps made.
    #[cfg(test)]
    pub(super) fn updates(&self) -> u64 {
        self.adam.steps()
    }

    /// The probability of each action; 0 of illegal ones, unless all are.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] when one is not finite.
    pub(super) fn probabilities(&mut self, seen: &Observation) -> Result<Vec<f64>, QasError> {
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let logarithms = masked(&self.actor, self.dimensions, &mut tape, &[seen]);
        let probabilities: Vec<f64> = tape.value(logarithms).iter().map(|&number| number.into().exp()).collect();
        self.finite(&probabilities, "probability of an action")?;
        Ok(probabilities)
    }

    /// The value of what is seen.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] when it is not finite.
    pub(super) fn value(&mut self, seen: &Observation) -> Result<f64, QasError> {
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let value = self.critic.forward(&mut tape, &[seen]);
        let value: f64 = tape.value(value)[0].into();
        self.finite(&[value], "value of a circuit")?;
        Ok(value)
    }

    /// For each observation the logarithm of the probability of the action given for it, and the value.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] when one is not finite.
    pub(super) fn judge(&mut self, batch: &[&Observation], actions: &[u16]) -> Result<(Vec<T>, Vec<f64>), QasError> {
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let judged = judged((&self.actor, &self.critic), self.dimensions, &mut tape, batch);
        let chosen = tape.gather_columns(judged.logarithms, actions.iter().map(|&action| usize::from(action)));
        let chosen = tape.value(chosen).to_vec();
        let values: Vec<f64> = tape.value(judged.values).iter().map(|&value| value.into()).collect();
        self.finite(&chosen.iter().map(|&number| number.into()).collect::<Vec<f64>>(), "probability of an action")?;
        self.finite(&values, "value of a circuit")?;
        Ok((chosen, values))
    }

    /// Sets `gradients` to those of a loss, and returns the loss.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] when the loss is not finite.
    pub(super) fn differentiate(
        &mut self,
        batch: &[&Observation],
        loss: impl FnOnce(&mut Tape<'_, T>, Judged) -> Var,
    ) -> Result<f64, QasError> {
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let judged = judged((&self.actor, &self.critic), self.dimensions, &mut tape, batch);
        let loss = loss(&mut tape, judged);
        let value: f64 = tape.value(loss)[0].into();
        self.gradients.clear();
        tape.backward(loss, &mut self.gradients)?;
        self.finite(&[value, self.gradients.norm()], "loss")?;
        Ok(value)
    }

    /// A step of Adam against the gradient of a loss, whose norm is at most `max_norm`; returns the loss before it.
    ///
    /// # Errors
    ///
    /// [`QasError::Diverged`] when the loss is not finite.
    pub(super) fn train(
        &mut self,
        batch: &[&Observation],
        max_norm: f64,
        loss: impl FnOnce(&mut Tape<'_, T>, Judged) -> Var,
    ) -> Result<f64, QasError> {
        let value = self.differentiate(batch, loss)?;
        self.gradients.clip_norm(max_norm);
        self.adam.step(&mut self.parameters, &self.gradients);
        Ok(value)
    }

    fn finite(&self, numbers: &[f64], what: &'static str) -> Result<(), QasError> {
        let diverged = || QasError::Diverged { updates: self.adam.steps(), what };
        numbers.iter().all(|number| number.is_finite()).then_some(()).ok_or_else(diverged)
    }

    /// The weights, as a file in the safetensors format.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the format cannot hold them.
    pub(super) fn policy(&self) -> Result<Vec<u8>, QasError> {
        let mut tensors = Tensors::new();
        tensors.insert("", &self.parameters);
        Ok(tensors.to_bytes()?)
    }

    /// The weights and the state of the optimiser.
    pub(super) fn save(&self) -> Vec<u8> {
        let mut tensors = Tensors::new();
        tensors.insert("weights", &self.parameters);
        tensors.insert_optimizer("adam", &self.parameters, &self.adam);
        tensors.to_bytes().expect("a few short names fit the format")
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    ///
    /// [`QasError::Corrupt`] and [`QasError::OtherSearch`] when the bytes do not fit.
    pub(super) fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let tensors = Tensors::from_bytes(bytes).map_err(refused)?;
        tensors.read("weights", &mut self.parameters).map_err(refused)?;
        tensors.read_optimizer("adam", &self.parameters, &mut self.adam).map_err(refused)
    }
}

impl ActorCritic<f32> {
    /// The actor as it is now, for an episode; it draws from the stream.
    pub(super) fn actor(&self, stream: Stream) -> Sampled {
        Sampled {
            layers: self.actor.clone(),
            parameters: self.parameters.clone(),
            workspace: Workspace::new(),
            dimensions: self.dimensions,
            epsilon: 0.0,
            updates: self.adam.steps(),
            stream,
        }
    }
}

fn judged<T: Scalar>(
    (actor, critic): (&Layers, &Layers),
    dimensions: Dimensions,
    tape: &mut Tape<'_, T>,
    batch: &[&Observation],
) -> Judged {
    let logarithms = masked(actor, dimensions, tape, batch);
    Judged { logarithms, values: critic.forward(tape, batch) }
}

/// Logarithms of the probabilities of actions, those of illegal ones below -1e29.
pub(super) fn masked<T: Scalar>(actor: &Layers, dimensions: Dimensions, tape: &mut Tape<'_, T>, batch: &[&Observation]) -> Var {
    let numbers = actor.forward(tape, batch);
    let mut mask = vec![T::zero(); batch.len() * dimensions.actions];
    for (row, seen) in mask.chunks_mut(dimensions.actions).zip(batch) {
        // where nothing is legal, anything is
        if seen.illegal.len() < dimensions.actions {
            seen.illegal.iter().for_each(|&action| row[usize::from(action)] = T::from_f64(MASK));
        }
    }
    let mask = tape.constant((batch.len(), dimensions.actions), &mask);
    let sum = tape.add(numbers, mask);
    tape.log_softmax(sum)
}

/// An action drawn by probabilities that sum to 1 but for rounding.
pub(super) fn draw(probabilities: &[f64], stream: &mut Stream) -> usize {
    let mut left = stream.unit() * probabilities.iter().sum::<f64>();
    let mut last = 0;
    for (action, &probability) in probabilities.iter().enumerate().filter(|(_, probability)| **probability > 0.0) {
        last = action;
        left -= probability;
        if left < 0.0 {
            break;
        }
    }
    last
}

/// The action of the largest probability, the first of equals.
pub(super) fn largest(probabilities: &[f64]) -> usize {
    let better = |best: usize, action: usize| if probabilities[action] > probabilities[best] { action } else { best };
    (1..probabilities.len()).fold(0, better)
}

#[cfg(test)]
mod tests;
