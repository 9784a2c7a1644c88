//! Random halting: episodes of random length.

use serde::{Deserialize, Serialize};

use crate::QasError;
use qloom_circuits::Stream;

/// How long an episode may last at most, drawn anew for each.
///
/// A step counter from 0 is compared with the draw, so a draw of h allows h + 1 gates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HaltingConfig {
    /// One draw of the number of failures before a number of successes.
    NegativeBinomial(NegativeBinomial),
    /// The most frequent of several such draws (of equally frequent ones the one drawn first).
    ModeOfNegativeBinomial(ModeOfNegativeBinomial),
}

/// The number of failures before `successes` successes, each trial succeeding with `probability`, brought
/// into `[minimum, maximum]`.
///
/// The default is the published one for circuits of at most 70 gates: mean 52.2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NegativeBinomial {
    /// Number of successes waited for. Default 70, at least 1.
    pub successes: u32,
    /// Probability of a success. Default 0.573, in (0, 1].
    pub probability: f64,
    /// Smallest halting step. Default 25.
    pub minimum: usize,
    /// Largest halting step. Default 70.
    pub maximum: usize,
}

impl Default for NegativeBinomial {
    fn default() -> Self {
        Self { successes: 70, probability: 0.573, minimum: 25, maximum: 70 }
    }
}

/// The mode of `draws` draws of a negative binomial distribution, brought into `[0, maximum]`.
///
/// The default is the published one for noisy problems of at most 40 gates: mean 25.9.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModeOfNegativeBinomial {
    /// Number of successes waited for. Default 40, at least 1.
    pub successes: u32,
    /// Probability of a success. Default 0.6, in (0, 1].
    pub probability: f64,
    /// Number of draws. Default 100, at least 1.
    pub draws: usize,
    /// Largest halting step. Default 40.
    pub maximum: usize,
}

impl Default for ModeOfNegativeBinomial {
    fn default() -> Self {
        Self { successes: 40, probability: 0.6, draws: 100, maximum: 40 }
    }
}

impl HaltingConfig {
    pub(crate) fn check(&self) -> Result<(), QasError> {
        let (successes, probability) = match self {
            Self::NegativeBinomial(config) => (config.successes, config.probability),
            Self::ModeOfNegativeBinomial(config) => (config.successes, config.probability),
        };
        if successes == 0 || successes > 100_000 {
            return Err(QasError::invalid("environment.halting.successes", successes, "it has to be in 1 to 100000"));
        }
        if !(probability > 1e-3 && probability <= 1.0) {
            return Err(QasError::invalid("environment.halting.probability", probability, "it has to be in (0.001, 1]"));
        }
        match self {
            Self::NegativeBinomial(config) if config.minimum > config.maximum => Err(QasError::invalid(
                "environment.halting.minimum",
                config.minimum,
                format!("it has to be at most the maximum {}", config.maximum),
            )),
            Self::ModeOfNegativeBinomial(config) if config.draws == 0 || config.draws > 1_000_000 => {
                Err(QasError::invalid("environment.halting.draws", config.draws, "it has to be in 1 to 1000000"))
            }
            Self::ModeOfNegativeBinomial(config) if config.maximum > 1_000_000 => {
                Err(QasError::invalid("environment.halting.maximum", config.maximum, "it has to be at most 1000000"))
            }
            Self::NegativeBinomial(_) | Self::ModeOfNegativeBinomial(_) => Ok(()),
        }
    }

    /// The last step of an episode, counted from 0.
    pub(crate) fn draw(&self, stream: &mut Stream) -> usize {
        match self {
            Self::NegativeBinomial(config) => {
                failures(stream, config.successes, config.probability).clamp(config.minimum, config.maximum)
            }
            Self::ModeOfNegativeBinomial(config) => {
                let draws: Vec<usize> = (0..config.draws)
                    .map(|_| failures(stream, config.successes, config.probability).min(config.maximum))
                    .collect();
                let mut counts = vec![0usize; config.maximum + 1];
                draws.iter().for_each(|&draw| counts[draw] += 1);
                let most = counts.iter().copied().max().unwrap_or(0);
                draws.into_iter().find(|&draw| counts[draw] == most).unwrap_or(0)
            }
        }
    }
}

/// Failures before the given number of successes.
fn failures(stream: &mut Stream, successes: u32, probability: f64) -> usize {
    let (mut failed, mut succeeded) = (0, 0);
    while succeeded < successes {
        if stream.unit() < probability {
            succeeded += 1;
        } else {
            failed += 1;
        }
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(config: &HaltingConfig, draws: usize) -> (f64, f64) {
        let mut stream = Stream::named(5, "halting");
        let numbers: Vec<f64> = (0..draws).map(|_| config.draw(&mut stream) as f64).collect();
        let mean = numbers.iter().sum::<f64>() / draws as f64;
        (mean, (numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / draws as f64).sqrt())
    }

    #[test]
    fn published_distribution_of_the_noiseless_runs() {
        // Unclipped: mean 70 * 0.427 / 0.573 = 52.16, sd 9.54; clipped to [25, 70] a little narrower.
        let (mean, deviation) = moments(&HaltingConfig::NegativeBinomial(NegativeBinomial::default()), 20_000);
        assert!((mean - 52.1).abs() < 0.3, "{mean}");
        assert!((deviation - 9.3).abs() < 0.3, "{deviation}");
    }

    #[test]
    fn published_distribution_of_the_noisy_runs() {
        let config = HaltingConfig::ModeOfNegativeBinomial(ModeOfNegativeBinomial::default());
        let (mean, deviation) = moments(&config, 3000);
        assert!((mean - 25.9).abs() < 0.3, "{mean}");
        assert!((deviation - 3.3).abs() < 0.3, "{deviation}");
    }

    #[test]
    fn bad_settings_are_refused() {
        for bad in [
            NegativeBinomial { successes: 0, ..NegativeBinomial::default() },
            NegativeBinomial { probability: 0.0, ..NegativeBinomial::default() },
            NegativeBinomial { probability: f64::NAN, ..NegativeBinomial::default() },
            NegativeBinomial { minimum: 80, ..NegativeBinomial::default() },
        ] {
            assert!(HaltingConfig::NegativeBinomial(bad).check().is_err());
        }
    }
}
