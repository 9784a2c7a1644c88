//! Simultaneous perturbation stochastic approximation.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::perturbation::{Follower, Returned, at_least, draw_signs, estimate, perturb};
use crate::evaluation::{Evaluator, Interruption};
use crate::{Minimizer, Minimum, Objective, OptimError};

const METHOD: &str = "SPSA";

/// Settings of [`Spsa`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpsaConfig {
    /// Evaluations for the differences, two an iteration, an odd one rounded up. Default 400, at least 1. What
    /// [`Returned`] costs comes on top.
    pub max_evaluations: u64,
    /// Samples a value is averaged from, handed to the objective. Default none: whatever the objective has.
    pub samples: Option<f64>,
    /// Numerator of the step sizes `a / (k + 1 + A)^alpha`. Default 0.2, positive.
    pub a: f64,
    /// Stability constant A. Default 0, not negative; Spall advises a tenth of the iterations.
    pub stability: f64,
    /// Exponent of the step sizes. Default 0.602, not negative.
    pub alpha: f64,
    /// Numerator of the perturbations `c / (k + 1)^gamma`. Default 0.1, positive.
    pub c: f64,
    /// Exponent of the perturbations. Default 0.101, not negative.
    pub gamma: f64,
    /// Which point is returned. Default `best`.
    pub returned: Returned,
}

impl Default for SpsaConfig {
    fn default() -> Self {
        Self {
            max_evaluations: 400,
            samples: None,
            a: 0.2,
            stability: 0.0,
            alpha: 0.602,
            c: 0.1,
            gamma: 0.101,
            returned: Returned::default(),
        }
    }
}

/// Descent along gradients estimated from two values, whatever the number of parameters:
///
/// ```text
/// g = (f(x + c_k d) - f(x - c_k d)) / (2 c_k d),   x -= a_k g,   k = 0, 1, ...
/// ```
///
/// with directions `d` of components 1 and -1. Made for values with random errors.
///
/// Source: J. C. Spall, Implementation of the simultaneous perturbation algorithm for stochastic optimization
/// (1998).
///
/// ```
/// use qloom_optim::{Function, Minimizer, Spsa, SpsaConfig};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
///
/// let mut bowl = Function::new(|x: &[f64]| x[0] * x[0] + x[1] * x[1]);
/// let minimum = Spsa::new(SpsaConfig::default())?.minimize(&mut bowl, &[1.0, -1.0], &mut ChaCha8Rng::seed_from_u64(1))?;
/// assert!(minimum.value < 1e-6);
/// assert_eq!(minimum.evaluations.values, 1 + 3 * 200); // the start, and two and one an iteration
/// # Ok::<(), qloom_optim::OptimError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Spsa {
    config: SpsaConfig,
}

impl Spsa {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`OptimError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: SpsaConfig) -> Result<Self, OptimError> {
        at_least(METHOD, "max_evaluations", config.max_evaluations as f64, 1.0)?;
        at_least(METHOD, "samples", config.samples.unwrap_or(1.0), f64::MIN_POSITIVE)?;
        at_least(METHOD, "a", config.a, f64::MIN_POSITIVE)?;
        at_least(METHOD, "stability", config.stability, 0.0)?;
        at_least(METHOD, "alpha", config.alpha, 0.0)?;
        at_least(METHOD, "c", config.c, f64::MIN_POSITIVE)?;
        at_least(METHOD, "gamma", config.gamma, 0.0)?;
        Ok(Self { config })
    }

    fn run(&self, evaluator: &Evaluator<'_>, start: &[f64], rng: &mut dyn Rng) -> Result<(f64, Vec<f64>), Interruption> {
        let config = &self.config;
        let n = start.len();
        let (mut x, mut direction, mut gradient, mut scratch) = (start.to_vec(), vec![0.0; n], vec![0.0; n], Vec::new());
        let mut follower = Follower::new(config.returned, n);
        if config.returned == Returned::Best {
            follower.iterate(evaluator, &x, false)?;
        }
        let iterations = config.max_evaluations.div_ceil(2);
        for k in 0..iterations {
            let number = (k + 1) as f64;
            let step = config.a / (number + config.stability).powf(config.alpha);
            let size = config.c / number.powf(config.gamma);
            draw_signs(rng, &mut direction);
            estimate(evaluator, &x, size, &direction, &mut scratch, &mut gradient)?;
            x.iter_mut().zip(&gradient).for_each(|(x, g)| *x -= step * g);
            follower.iterate(evaluator, &x, 2 * k >= iterations)?;
        }
        follower.finish(evaluator, x)
    }
}

impl Minimizer for Spsa {
    fn minimize(&mut self, objective: &mut dyn Objective, start: &[f64], rng: &mut dyn Rng) -> Result<Minimum, OptimError> {
        let samples = self.config.samples;
        perturb(objective, start, METHOD, samples, |evaluator| self.run(evaluator, start, rng))
    }
}

#[cfg(test)]
mod tests;
