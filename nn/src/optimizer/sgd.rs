//! Gradient descent with momentum.

use serde::{Deserialize, Serialize};

use super::{Optimizer, check_lengths, fraction, positive};
use crate::{Gradients, NnError, Parameters, Scalar};

/// Settings of [`Sgd`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SgdConfig {
    /// Step size, positive. Default 1e-2.
    pub learning_rate: f64,
    /// Memory of the steps, in [0, 1). Default 0.
    pub momentum: f64,
}

impl Default for SgdConfig {
    fn default() -> Self {
        Self { learning_rate: 1e-2, momentum: 0.0 }
    }
}

/// `b = momentum b + g,  x -= learning_rate b`, as PyTorch's `SGD`.
#[derive(Debug, Clone)]
pub struct Sgd<T> {
    config: SgdConfig,
    buffer: Vec<T>,
    steps: u64,
}

impl<T: Scalar> Sgd<T> {
    /// An optimiser of these parameters that has made no step.
    ///
    /// # Errors
    ///
    /// [`NnError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: SgdConfig, parameters: &Parameters<T>) -> Result<Self, NnError> {
        positive("learning_rate", config.learning_rate)?;
        fraction("momentum", config.momentum)?;
        Ok(Self { config, buffer: vec![T::zero(); parameters.values().len()], steps: 0 })
    }
}

impl<T: Scalar> Optimizer<T> for Sgd<T> {
    #[track_caller]
    fn step(&mut self, parameters: &mut Parameters<T>, gradients: &Gradients<T>) {
        check_lengths(self.buffer.len(), parameters, gradients);
        self.steps += 1;
        let (learning_rate, momentum) = (T::from_f64(self.config.learning_rate), T::from_f64(self.config.momentum));
        for ((x, &g), b) in parameters.values_mut().iter_mut().zip(gradients.values()).zip(&mut self.buffer) {
            *b = momentum * *b + g;
            *x = *x - learning_rate * *b;
        }
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }

    fn moments(&self) -> Vec<(&'static str, &[T])> {
        vec![("momentum", &self.buffer)]
    }

    fn moments_mut(&mut self) -> Vec<(&'static str, &mut [T])> {
        vec![("momentum", &mut self.buffer)]
    }
}
