//! How the weights of a classifier are found.

use qloom_nn::{AdamConfig, RmsPropConfig};
use qloom_optim::{CobylaConfig, LbfgsConfig, MinimizerConfig, Returned, SpsaConfig};
use serde::{Deserialize, Serialize};

use super::{NaturalGradientSettings, VariationalSettings};
use crate::error::{LearnError, check};
use crate::readout::OptimizerSettings;

/// The rule of a step on mini-batches, or a method on the mean loss of all rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassifierOptimizer {
    /// RMSprop on mini-batches.
    Rmsprop(RmsPropConfig),
    /// Adam on mini-batches.
    Adam(AdamConfig),
    /// The natural gradient on mini-batches: no noise, device or shots.
    NaturalGradient(NaturalGradientSettings),
    /// L-BFGS on all rows, with exact gradients.
    Lbfgs(LbfgsConfig),
    /// Simultaneous perturbation on all rows: values alone.
    Spsa(SpsaConfig),
    /// COBYLA on all rows: values alone.
    Cobyla(CobylaConfig),
}

/// What kind of steps there are.
pub(super) enum Method {
    Batches(OptimizerSettings),
    Natural(NaturalGradientSettings),
    Whole(MinimizerConfig),
}

impl ClassifierOptimizer {
    /// The kind of steps.
    pub(super) fn method(&self) -> Method {
        match self {
            ClassifierOptimizer::Rmsprop(config) => Method::Batches(OptimizerSettings::Rmsprop(*config)),
            ClassifierOptimizer::Adam(config) => Method::Batches(OptimizerSettings::Adam(*config)),
            ClassifierOptimizer::NaturalGradient(settings) => Method::Natural(*settings),
            ClassifierOptimizer::Lbfgs(config) => Method::Whole(MinimizerConfig::Lbfgs(config.clone())),
            ClassifierOptimizer::Spsa(config) => Method::Whole(MinimizerConfig::Spsa(config.clone())),
            ClassifierOptimizer::Cobyla(config) => Method::Whole(MinimizerConfig::Cobyla(config.clone())),
        }
    }

    /// The most evaluations of the loss of all rows; none of mini-batches.
    pub(super) fn evaluations(&self) -> Option<u64> {
        match self {
            ClassifierOptimizer::Rmsprop(_) | ClassifierOptimizer::Adam(_) | ClassifierOptimizer::NaturalGradient(_) => None,
            ClassifierOptimizer::Lbfgs(config) => Some(config.max_evaluations),
            ClassifierOptimizer::Cobyla(config) => Some(config.max_evaluations),
            ClassifierOptimizer::Spsa(config) => {
                let iterations = config.max_evaluations.div_ceil(2);
                Some(match config.returned {
                    Returned::Best => 1 + 3 * iterations,
                    Returned::Last | Returned::TailMean => 1 + 2 * iterations,
                })
            }
        }
    }
}

impl VariationalSettings {
    /// # Errors
    /// For no epochs or empty batches, keys of mini-batches beside a method that has none, methods that shots mislead, and a
    /// natural gradient of states that are not pure.
    pub(super) fn check_steps(&self) -> Result<(), LearnError> {
        check("epochs", self.epochs as f64, self.epochs > 0, "at least 1")?;
        check("batch", self.batch as f64, self.batch > 0, "at least 1")?;
        match self.optimizer.method() {
            Method::Batches(_) => return Ok(()),
            Method::Natural(natural) => return natural.check(self),
            Method::Whole(_) => {}
        }
        let usual = Self::default();
        if (self.epochs, self.batch, self.shuffle) != (usual.epochs, usual.batch, usual.shuffle) {
            return Err(LearnError::Unsupported {
                what: "epochs, batch and shuffle are about mini-batches, and lbfgs, spsa and cobyla see all rows at once",
                remedy: "leave them out and set max_evaluations of the optimizer, or take adam",
            });
        }
        match &self.optimizer {
            ClassifierOptimizer::Lbfgs(_) if self.shots.is_some() => Err(LearnError::Unsupported {
                what: "lbfgs searches along lines by exact values, and values from shots scatter",
                remedy: "leave out shots, or take adam, spsa or cobyla",
            }),
            ClassifierOptimizer::Spsa(SpsaConfig { samples: Some(_), .. }) => Err(LearnError::Unsupported {
                what: "samples of spsa are not used by a classifier",
                remedy: "set shots of the model",
            }),
            ClassifierOptimizer::Rmsprop(_)
            | ClassifierOptimizer::Adam(_)
            | ClassifierOptimizer::NaturalGradient(_)
            | ClassifierOptimizer::Lbfgs(_)
            | ClassifierOptimizer::Spsa(_)
            | ClassifierOptimizer::Cobyla(_) => Ok(()),
        }
    }
}
