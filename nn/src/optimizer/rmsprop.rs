//! RMSprop.

use serde::{Deserialize, Serialize};

use super::{Optimizer, check_lengths, fraction, not_negative, positive};
use crate::{Gradients, NnError, Parameters, Scalar};

/// Settings of [`RmsProp`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsPropConfig {
    /// Step size, positive. Default 1e-2.
    pub learning_rate: f64,
    /// Memory of the mean square, in [0, 1). Default 0.99.
    pub alpha: f64,
    /// What is added to the root of the mean square, not negative. Default 1e-8.
    pub epsilon: f64,
    /// Memory of the steps, in [0, 1). Default 0.
    pub momentum: f64,
    /// Divide by the standard deviation in place of the root of the mean square. Default false.
    pub centered: bool,
}

impl Default for RmsPropConfig {
    fn default() -> Self {
        Self { learning_rate: 1e-2, alpha: 0.99, epsilon: 1e-8, momentum: 0.0, centered: false }
    }
}

/// Steps along the gradient over the root of its mean square, as PyTorch's `RMSprop`:
///
/// ```text
/// v = alpha v + (1 - alpha) g^2,      a = alpha a + (1 - alpha) g
/// b = momentum b + g / (sqrt(v) + epsilon)     or, centered,     b = momentum b + g / (sqrt(v - a^2) + epsilon)
/// x -= learning_rate b
/// ```
///
/// Source: T. Tieleman and G. Hinton, Lecture 6.5 (2012); centered: A. Graves, Generating sequences with recurrent neural
/// networks (2013).
#[derive(Debug, Clone)]
pub struct RmsProp<T> {
    config: RmsPropConfig,
    square: Vec<T>,
    mean: Vec<T>,
    buffer: Vec<T>,
    steps: u64,
}

impl<T: Scalar> RmsProp<T> {
    /// An optimiser of these parameters that has made no step.
    ///
    /// # Errors
    ///
    /// [`NnError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: RmsPropConfig, parameters: &Parameters<T>) -> Result<Self, NnError> {
        positive("learning_rate", config.learning_rate)?;
        fraction("alpha", config.alpha)?;
        not_negative("epsilon", config.epsilon)?;
        fraction("momentum", config.momentum)?;
        let zeros = vec![T::zero(); parameters.values().len()];
        Ok(Self { config, square: zeros.clone(), mean: zeros.clone(), buffer: zeros, steps: 0 })
    }
}

impl<T: Scalar> Optimizer<T> for RmsProp<T> {
    #[track_caller]
    fn step(&mut self, parameters: &mut Parameters<T>, gradients: &Gradients<T>) {
        check_lengths(self.square.len(), parameters, gradients);
        self.steps += 1;
        let RmsPropConfig { learning_rate, alpha, epsilon, momentum, centered } = self.config;
        let rest = T::from_f64(1.0 - alpha);
        let (learning_rate, alpha) = (T::from_f64(learning_rate), T::from_f64(alpha));
        let (epsilon, momentum) = (T::from_f64(epsilon), T::from_f64(momentum));
        let moments = self.square.iter_mut().zip(&mut self.mean).zip(&mut self.buffer);
        for ((x, &g), ((v, a), b)) in parameters.values_mut().iter_mut().zip(gradients.values()).zip(moments) {
            *v = alpha * *v + rest * g * g;
            let variance = if centered {
                *a = *a + rest * (g - *a);
                *v - *a * *a
            } else {
                *v
            };
            *b = momentum * *b + g / (variance.sqrt() + epsilon);
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
        vec![("square", &self.square), ("mean", &self.mean), ("momentum", &self.buffer)]
    }

    fn moments_mut(&mut self) -> Vec<(&'static str, &mut [T])> {
        vec![("square", &mut self.square), ("mean", &mut self.mean), ("momentum", &mut self.buffer)]
    }
}
