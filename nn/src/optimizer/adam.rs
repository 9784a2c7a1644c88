//! Adam.

use serde::{Deserialize, Serialize};

use super::{Optimizer, check_lengths, fraction, not_negative, positive};
use crate::{Gradients, NnError, Parameters, Scalar};

/// Settings of [`Adam`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamConfig {
    /// Step size, positive. Default 1e-3.
    pub learning_rate: f64,
    /// Memory of the mean, in [0, 1). Default 0.9.
    pub beta_1: f64,
    /// Memory of the mean square, in [0, 1). Default 0.999.
    pub beta_2: f64,
    /// What is added to the root of the mean square, not negative. Default 1e-8.
    pub epsilon: f64,
}

impl Default for AdamConfig {
    fn default() -> Self {
        Self { learning_rate: 1e-3, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 }
    }
}

/// Steps along the mean gradient over the root of its mean square, as PyTorch's `Adam`:
///
/// ```text
/// m = beta_1 m + (1 - beta_1) g,      v = beta_2 v + (1 - beta_2) g^2
/// x -= learning_rate  *  m / (1 - beta_1^t)  /  (sqrt(v / (1 - beta_2^t)) + epsilon),     t = 1, 2, ...
/// ```
///
/// Source: D. P. Kingma and J. Ba, Adam: a method for stochastic optimization (2015).
#[derive(Debug, Clone)]
pub struct Adam<T> {
    config: AdamConfig,
    first: Vec<T>,
    second: Vec<T>,
    steps: u64,
}

impl<T: Scalar> Adam<T> {
    /// An optimiser of these parameters that has made no step.
    ///
    /// # Errors
    ///
    /// [`NnError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: AdamConfig, parameters: &Parameters<T>) -> Result<Self, NnError> {
        positive("learning_rate", config.learning_rate)?;
        fraction("beta_1", config.beta_1)?;
        fraction("beta_2", config.beta_2)?;
        not_negative("epsilon", config.epsilon)?;
        let zeros = vec![T::zero(); parameters.values().len()];
        Ok(Self { config, first: zeros.clone(), second: zeros, steps: 0 })
    }
}

/// The numbers of one step.
struct Update<T> {
    step: T,
    scale: T,
    beta_1: T,
    beta_2: T,
    rest_1: T,
    rest_2: T,
    epsilon: T,
}

impl<T: Scalar> Update<T> {
    /// A function of its own, with lists of one length that cannot overlap, so that it is compiled to vector instructions.
    #[inline(never)]
    fn apply(&self, x: &mut [T], g: &[T], m: &mut [T], v: &mut [T]) {
        let Self { step, scale, beta_1, beta_2, rest_1, rest_2, epsilon } = *self;
        let count = x.len();
        let (g, m, v) = (&g[..count], &mut m[..count], &mut v[..count]);
        for i in 0..count {
            m[i] = beta_1 * m[i] + rest_1 * g[i];
            v[i] = beta_2 * v[i] + rest_2 * g[i] * g[i];
            x[i] = x[i] - step * m[i] / ((v[i] * scale).sqrt() + epsilon);
        }
    }
}

impl<T: Scalar> Optimizer<T> for Adam<T> {
    #[track_caller]
    fn step(&mut self, parameters: &mut Parameters<T>, gradients: &Gradients<T>) {
        check_lengths(self.first.len(), parameters, gradients);
        self.steps += 1;
        let AdamConfig { learning_rate, beta_1, beta_2, epsilon } = self.config;
        let power = self.steps.min(i32::MAX as u64) as i32;
        let step = T::from_f64(learning_rate / (1.0 - beta_1.powi(power)));
        let scale = T::from_f64(1.0 / (1.0 - beta_2.powi(power)));
        let (rest_1, rest_2) = (T::from_f64(1.0 - beta_1), T::from_f64(1.0 - beta_2));
        let (beta_1, beta_2, epsilon) = (T::from_f64(beta_1), T::from_f64(beta_2), T::from_f64(epsilon));
        let update = Update { step, scale, beta_1, beta_2, rest_1, rest_2, epsilon };
        update.apply(&mut parameters.values, gradients.values(), &mut self.first, &mut self.second);
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }

    fn moments(&self) -> Vec<(&'static str, &[T])> {
        vec![("first_moment", &self.first), ("second_moment", &self.second)]
    }

    fn moments_mut(&mut self) -> Vec<(&'static str, &mut [T])> {
        vec![("first_moment", &mut self.first), ("second_moment", &mut self.second)]
    }
}
