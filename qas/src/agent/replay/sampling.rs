//! Which experiences are drawn.

use serde::{Deserialize, Serialize};

use crate::QasError;

/// How experiences are drawn from the replay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplaySampling {
    /// All equally likely, as published.
    #[default]
    Uniform,
    /// Those more often whose value was farthest from its target.
    Prioritised(PrioritisedConfig),
}

/// Settings of prioritised replay: an experience of error `d` is drawn with a probability proportional to `(|d| + 0.001)^alpha`, a new one
/// as the largest there is, and its loss weighs `(N P)^-beta` of that of the heaviest.
///
/// Source: T. Schaul et al., Prioritized experience replay (2016), proportional variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrioritisedConfig {
    /// Exponent of the errors, in [0, 1]; 0 draws alike. Default 0.6.
    pub alpha: f64,
    /// Exponent of the weights at first, in [0, 1]. Default 0.4.
    pub beta: f64,
    /// Training steps in which `beta` rises evenly to 1, at least 1. Default 20000.
    pub anneal: u64,
}

impl Default for PrioritisedConfig {
    fn default() -> Self {
        Self { alpha: 0.6, beta: 0.4, anneal: 20_000 }
    }
}

impl PrioritisedConfig {
    pub(crate) fn check(&self) -> Result<(), QasError> {
        for (setting, value) in
            [("agent.dqn.sampling.prioritised.alpha", self.alpha), ("agent.dqn.sampling.prioritised.beta", self.beta)]
        {
            if !(0.0..=1.0).contains(&value) {
                return Err(QasError::invalid(setting, value, "it has to be in [0, 1]"));
            }
        }
        if self.anneal == 0 {
            return Err(QasError::invalid("agent.dqn.sampling.prioritised.anneal", 0, "it has to be at least 1"));
        }
        Ok(())
    }

    /// The priority of an experience of this error.
    pub(crate) fn priority(&self, error: f32) -> f64 {
        (f64::from(error.abs()) + 1e-3).powf(self.alpha)
    }

    /// The exponent of the weights after so many training steps.
    pub(crate) fn beta(&self, updates: u64) -> f64 {
        let part = (updates as f64 / self.anneal as f64).min(1.0);
        self.beta + part * (1.0 - self.beta)
    }
}
