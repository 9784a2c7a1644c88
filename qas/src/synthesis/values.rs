//! What each action leaves to be done, as a network.

use qloom_circuits::Stream;
use qloom_nn::{Activation, Adam, AdamConfig, Gradients, Mlp, Optimizer, Parameters, Tape, Tensors, Workspace};

use super::space::Space;
use crate::QasError;
use crate::agent::refused;

/// Rows that are evaluated at a time, which bounds memory.
const ROWS: usize = 1024;

/// A network from a state's features to a value for each action: the cost of the action and of all that is left after it.
///
/// Fully connected layers with rectifiers, in single precision. Two sets of weights: those that are trained, and those that targets come from.
#[derive(Debug)]
pub struct ActionValues {
    layers: Mlp,
    online: Parameters<f32>,
    target: Parameters<f32>,
    adam: Adam<f32>,
    gradients: Gradients<f32>,
    workspace: Workspace<f32>,
    features: Vec<f32>,
    sizes: (usize, usize),
}

impl ActionValues {
    /// Draws the weights.
    ///
    /// # Errors
    /// [`QasError::Network`] for a learning rate out of range.
    pub fn new(space: &impl Space, hidden: &[usize], learning_rate: f64, stream: &mut Stream) -> Result<Self, QasError> {
        let sizes = (space.width(), space.actions());
        let mut online = Parameters::new();
        let widths: Vec<usize> = [&[sizes.0], hidden, &[sizes.1]].concat();
        let layers = Mlp::new(&mut online, "values", &widths, Activation::Relu, stream);
        let adam = Adam::new(AdamConfig { learning_rate, ..AdamConfig::default() }, &online)?;
        let (target, gradients) = (online.clone(), Gradients::zeros(&online));
        Ok(Self { layers, online, target, adam, gradients, workspace: Workspace::new(), features: Vec::new(), sizes })
    }

    /// Number of weights, biases included.
    pub fn weights(&self) -> usize {
        self.online.values().len()
    }

    /// Calls `each` with the number of every state and its row of values.
    pub fn evaluate<S: Space>(&mut self, space: &S, states: &[S::State], each: impl FnMut(usize, &[f32])) {
        Self::rows((&self.layers, &self.online), &mut self.workspace, &mut self.features, (space, states), each);
    }

    /// The same from the weights that targets come from.
    pub(super) fn evaluate_target<S: Space>(&mut self, space: &S, states: &[S::State], each: impl FnMut(usize, &[f32])) {
        Self::rows((&self.layers, &self.target), &mut self.workspace, &mut self.features, (space, states), each);
    }

    fn rows<S: Space>(
        (layers, parameters): (&Mlp, &Parameters<f32>),
        workspace: &mut Workspace<f32>,
        features: &mut Vec<f32>,
        (space, states): (&S, &[S::State]),
        mut each: impl FnMut(usize, &[f32]),
    ) {
        for (block, states) in states.chunks(ROWS).enumerate() {
            features.clear();
            states.iter().for_each(|state| space.features(state, features));
            let mut tape = Tape::new(parameters, workspace);
            let input = tape.constant((states.len(), space.width()), features);
            let output = layers.forward(&mut tape, input);
            let rows = tape.value(output).chunks_exact(space.actions());
            rows.enumerate().for_each(|(row, values)| each(block * ROWS + row, values));
        }
    }

    /// A step of Adam on the mean Huber loss (beta 1) of the values of actions; the loss before it.
    ///
    /// # Errors
    /// [`QasError::Diverged`] when the loss is not finite.
    pub(super) fn train<S: Space>(
        &mut self,
        space: &S,
        states: &[S::State],
        actions: &[usize],
        targets: &[f32],
    ) -> Result<f32, QasError> {
        self.features.clear();
        states.iter().for_each(|state| space.features(state, &mut self.features));
        let mut tape = Tape::new(&self.online, &mut self.workspace);
        let input = tape.constant((states.len(), self.sizes.0), &self.features);
        let values = self.layers.forward(&mut tape, input);
        let chosen = tape.gather_columns(values, actions.iter().copied());
        let targets = tape.constant((states.len(), 1), targets);
        let errors = tape.sub(chosen, targets);
        let losses = tape.huber(errors, 1.0);
        let loss = tape.mean(losses);
        let mean = tape.value(loss)[0];
        if !mean.is_finite() {
            return Err(QasError::Diverged { updates: self.adam.steps(), what: "loss" });
        }
        self.gradients.clear();
        tape.backward(loss, &mut self.gradients)?;
        self.adam.step(&mut self.online, &self.gradients);
        Ok(mean)
    }

    /// Takes over the trained weights for the targets.
    pub(super) fn renew_target(&mut self) {
        self.target.clone_from(&self.online);
    }

    /// The trained weights in the safetensors format.
    ///
    /// # Errors
    /// [`QasError::Network`] when the format cannot hold them.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, QasError> {
        let mut tensors = Tensors::new();
        tensors.insert("", &self.online);
        Ok(tensors.to_bytes()?)
    }

    /// Takes over weights written by [`Self::to_safetensors`], for the targets too.
    ///
    /// # Errors
    /// [`QasError::Corrupt`] and [`QasError::OtherSearch`] when they do not fit.
    pub fn read_safetensors(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        Tensors::from_bytes(bytes).map_err(refused)?.read("", &mut self.online).map_err(refused)?;
        self.renew_target();
        Ok(())
    }

    pub(super) fn save(&self) -> Result<Vec<u8>, QasError> {
        let mut tensors = Tensors::new();
        tensors.insert("online", &self.online);
        tensors.insert("target", &self.target);
        tensors.insert_optimizer("adam", &self.online, &self.adam);
        Ok(tensors.to_bytes()?)
    }

    pub(super) fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let tensors = Tensors::from_bytes(bytes).map_err(refused)?;
        tensors.read("online", &mut self.online).map_err(refused)?;
        tensors.read("target", &mut self.target).map_err(refused)?;
        tensors.read_optimizer("adam", &self.online, &mut self.adam).map_err(refused)
    }
}
