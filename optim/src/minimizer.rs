//! Methods of minimisation and the choice among them.

pub mod adam_spsa;
pub mod cobyla;
pub mod lbfgs;
pub mod natural_gradient;
pub mod perturbation;
pub mod rank_sgd;
pub mod rotosolve;
pub mod spsa;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::{
    AdamSpsa, AdamSpsaConfig, Cobyla, CobylaConfig, Lbfgs, LbfgsConfig, Minimum, NaturalGradient, NaturalGradientConfig,
    Objective, OptimError, RankSgd, RankSgdConfig, Rotosolve, RotosolveConfig, Spsa, SpsaConfig,
};

/// A method that searches for a local minimum.
pub trait Minimizer: Send {
    /// Minimises `objective` from `start`; a method that draws takes its random numbers from `rng`, others leave it alone.
    ///
    /// The result is the best point evaluated, which is never worse than `start`, or what else the method says it
    /// returns. A start without parameters is legal and costs one evaluation.
    ///
    /// # Errors
    ///
    /// [`OptimError::NonFiniteStart`], [`OptimError::NonFiniteValue`], [`OptimError::NonFiniteGradient`],
    /// [`OptimError::NoGradient`] when the method needs one, and [`OptimError::Objective`] when the
    /// objective itself fails.
    fn minimize(&mut self, objective: &mut dyn Objective, start: &[f64], rng: &mut dyn Rng) -> Result<Minimum, OptimError>;
}

/// Which method to use, and its settings.
///
/// In TOML a choice is a table:
///
/// ```
/// use qloom_optim::MinimizerConfig;
///
/// let config: MinimizerConfig = toml::from_str("[cobyla]\nmax_evaluations = 500")?;
/// assert!(matches!(config, MinimizerConfig::Cobyla(c) if c.max_evaluations == 500));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MinimizerConfig {
    /// Limited-memory BFGS: needs gradients, converges fast on smooth functions.
    Lbfgs(LbfgsConfig),
    /// COBYLA: values only.
    Cobyla(CobylaConfig),
    /// Coordinate sine fits: values only, exact along a coordinate, good under random errors.
    Rotosolve(RotosolveConfig),
    /// Simultaneous perturbation: values only, made for random errors.
    Spsa(SpsaConfig),
    /// Simultaneous perturbation with the moments of Adam, in stages.
    AdamSpsa(AdamSpsaConfig),
    /// Comparisons of values only, as from few shots (ZO-RankSGD).
    RankSgd(RankSgdConfig),
    /// Natural gradient: needs gradients and the metric of states, which exact energies of pure states have, and losses of classifiers without noise.
    NaturalGradient(NaturalGradientConfig),
}

impl Default for MinimizerConfig {
    fn default() -> Self {
        Self::Lbfgs(LbfgsConfig::default())
    }
}

impl MinimizerConfig {
    /// Makes the method.
    ///
    /// # Errors
    ///
    /// [`OptimError::InvalidSetting`] when a setting is outside its range.
    pub fn build(&self) -> Result<Box<dyn Minimizer>, OptimError> {
        Ok(match self {
            Self::Lbfgs(config) => Box::new(Lbfgs::new(config.clone())?),
            Self::Cobyla(config) => Box::new(Cobyla::new(config.clone())?),
            Self::Rotosolve(config) => Box::new(Rotosolve::new(config.clone())?),
            Self::Spsa(config) => Box::new(Spsa::new(config.clone())?),
            Self::AdamSpsa(config) => Box::new(AdamSpsa::new(config.clone())?),
            Self::RankSgd(config) => Box::new(RankSgd::new(config.clone())?),
            Self::NaturalGradient(config) => Box::new(NaturalGradient::new(config.clone())?),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    /// A generator for methods that draw nothing, or where it does not matter what they draw.
    pub(crate) fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(5)
    }
}
