//! Simultaneous perturbation with the moments of Adam, in one or several stages.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::perturbation::{Follower, Returned, at_least, draw_signs, estimate, perturb};
use crate::evaluation::{Evaluator, Interruption};
use crate::{Minimizer, Minimum, Objective, OptimError};

const METHOD: &str = "Adam-SPSA";

/// A stage: some evaluations of one precision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpsaStage {
    /// Evaluations for the differences, two an iteration, an odd one rounded up. At least 1. What [`Returned`]
    /// costs comes on top.
    pub max_evaluations: u64,
    /// Samples a value is averaged from in this stage, handed to the objective; without it whatever the
    /// objective has.
    #[serde(default)]
    pub samples: Option<f64>,
}

/// What the first iteration does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstStep {
    /// It goes along the plain gradient, as most of the published runs do; the moments take notice of it.
    #[default]
    Gradient,
    /// It is like all others, as in the published runs of three stages without noise of gates.
    Adam,
}

/// Settings of [`AdamSpsa`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamSpsaConfig {
    /// The stages, one after the other. Default one of 500 evaluations.
    pub stages: Vec<SpsaStage>,
    /// Numerator of the step sizes `a / (k + 1)^alpha`. Default 1.2104, positive.
    pub a: f64,
    /// Exponent of the step sizes. Default 0.9531, not negative.
    pub alpha: f64,
    /// Numerator of the perturbations `c / (k + 1)^gamma`. Default 0.1039, positive.
    pub c: f64,
    /// Exponent of the perturbations. Default 0.0984, not negative.
    pub gamma: f64,
    /// Exponent of `beta_1 / (k + 1)^lambda`. Default 0.9277, not negative.
    pub lambda: f64,
    /// Memory of the mean. Default 0.9414, in [0, 1).
    pub beta_1: f64,
    /// Memory of the square. Default 0.9983, in [0, 1).
    pub beta_2: f64,
    /// What the first iteration does. Default `gradient`.
    pub first_step: FirstStep,
    /// Which point is returned. Default `best`.
    pub returned: Returned,
}

impl Default for AdamSpsaConfig {
    /// The published constants for two qubits under the noise of a device.
    fn default() -> Self {
        Self {
            stages: vec![SpsaStage { max_evaluations: 500, samples: None }],
            a: 1.2104,
            alpha: 0.9531,
            c: 0.1039,
            gamma: 0.0984,
            lambda: 0.9277,
            beta_1: 0.9414,
            beta_2: 0.9983,
            first_step: FirstStep::default(),
            returned: Returned::default(),
        }
    }
}

/// SPSA with decaying moments. For k = 0, 1, ..., which runs on across the stages, with the gradient g of
/// [`Spsa`](crate::Spsa) at the perturbation `c_k = c / (k + 1)^gamma`:
///
/// ```text
/// b_k = beta_1 / (k + 1)^lambda,      m = b_k m + (1 - b_k) g,      v = beta_2 v + (1 - beta_2) g^2
/// x -= a / (k + 1)^alpha  *  m / (1 - b_k^(k+1))  /  (sqrt(v / (1 - beta_2^(k+1))) + 1e-8)
/// ```
///
/// and `x -= a g` at k = 0 when the first step is plain. A stage goes on where the one before it ended, with the
/// same moments; the point returned is chosen among the iterates of the last one.
///
/// Source: Y. J. Patel et al., Curriculum reinforcement learning for quantum architecture search under hardware
/// errors (2024), and its released configurations.
#[derive(Debug, Clone)]
pub struct AdamSpsa {
    config: AdamSpsaConfig,
}

impl AdamSpsa {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`OptimError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: AdamSpsaConfig) -> Result<Self, OptimError> {
        at_least(METHOD, "stages", config.stages.len() as f64, 1.0)?;
        for stage in &config.stages {
            at_least(METHOD, "stages.max_evaluations", stage.max_evaluations as f64, 1.0)?;
            at_least(METHOD, "stages.samples", stage.samples.unwrap_or(1.0), f64::MIN_POSITIVE)?;
        }
        at_least(METHOD, "a", config.a, f64::MIN_POSITIVE)?;
        at_least(METHOD, "alpha", config.alpha, 0.0)?;
        at_least(METHOD, "c", config.c, f64::MIN_POSITIVE)?;
        at_least(METHOD, "gamma", config.gamma, 0.0)?;
        at_least(METHOD, "lambda", config.lambda, 0.0)?;
        for (setting, value) in [("beta_1", config.beta_1), ("beta_2", config.beta_2)] {
            if !(0.0..1.0).contains(&value) {
                return Err(OptimError::InvalidSetting { method: METHOD, setting, value, requirement: "it has to be in [0, 1)" });
            }
        }
        Ok(Self { config })
    }

    fn run(&self, evaluator: &Evaluator<'_>, start: &[f64], rng: &mut dyn Rng) -> Result<(f64, Vec<f64>), Interruption> {
        let config = &self.config;
        let n = start.len();
        let (mut x, mut direction, mut gradient, mut scratch) = (start.to_vec(), vec![0.0; n], vec![0.0; n], Vec::new());
        let (mut mean, mut square) = (vec![0.0; n], vec![0.0; n]);
        let mut k = 0u64;
        for (index, stage) in config.stages.iter().enumerate() {
            evaluator.set_samples(stage.samples);
            let last = index + 1 == config.stages.len();
            let mut follower = Follower::new(config.returned, n);
            if last && config.returned == Returned::Best {
                follower.iterate(evaluator, &x, false)?;
            }
            let iterations = stage.max_evaluations.div_ceil(2);
            for i in 0..iterations {
                let number = (k + 1) as f64;
                let step = config.a / number.powf(config.alpha);
                let size = config.c / number.powf(config.gamma);
                let beta_1 = config.beta_1 / number.powf(config.lambda);
                let (first, second) = (1.0 - beta_1.powf(number), 1.0 - config.beta_2.powf(number));
                draw_signs(rng, &mut direction);
                estimate(evaluator, &x, size, &direction, &mut scratch, &mut gradient)?;
                for j in 0..n {
                    let g = gradient[j];
                    mean[j] = beta_1 * mean[j] + (1.0 - beta_1) * g;
                    square[j] = config.beta_2 * square[j] + (1.0 - config.beta_2) * g * g;
                    x[j] -= match (k, config.first_step) {
                        (0, FirstStep::Gradient) => step * g,
                        (_, FirstStep::Gradient | FirstStep::Adam) => {
                            step * (mean[j] / first) / ((square[j] / second).sqrt() + 1e-8)
                        }
                    };
                }
                if last {
                    follower.iterate(evaluator, &x, 2 * i >= iterations)?;
                }
                k += 1;
            }
            if last {
                return follower.finish(evaluator, x);
            }
        }
        Ok((evaluator.value(&x)?, x))
    }
}

impl Minimizer for AdamSpsa {
    fn minimize(&mut self, objective: &mut dyn Objective, start: &[f64], rng: &mut dyn Rng) -> Result<Minimum, OptimError> {
        let samples = self.config.stages.last().and_then(|stage| stage.samples);
        perturb(objective, start, METHOD, samples, |evaluator| self.run(evaluator, start, rng))
    }
}

#[cfg(test)]
mod tests;
