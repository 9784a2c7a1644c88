//! Descent by comparisons of values alone.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::perturbation::{Follower, Returned, at_least, perturb};
use crate::evaluation::{Evaluator, Interruption};
use crate::{Minimizer, Minimum, Objective, OptimError};

const METHOD: &str = "ZO-RankSGD";

/// Settings of [`RankSgd`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RankSgdConfig {
    /// Evaluations for the comparisons, `directions + candidates` an iteration (without candidates where there is one alone); as many whole
    /// iterations as fit, and at least one. Default 400, at least 1. What [`Returned`] costs comes on top.
    pub max_evaluations: u64,
    /// Samples a value is averaged from, handed to the objective. Default none: whatever the objective has.
    pub samples: Option<f64>,
    /// Points around the present one that are ranked, in 2 to 10,000. Default 8.
    pub directions: usize,
    /// How many of the best are ranked among each other, in 1 to `directions` - 1; of the others it is only used that they are worse. Default 3.
    pub top: usize,
    /// Distance mu of the points, times a normal number in each coordinate. Default 0.1, positive.
    pub radius: f64,
    /// The largest step size eta. Default 0.2, positive.
    pub step: f64,
    /// Step sizes that are compared, eta and each of the next a part `shrink` of the one before, in 1 to 100; one is taken as it is. Default 4.
    pub candidates: usize,
    /// Factor between step sizes, in (0, 1). Default 0.3.
    pub shrink: f64,
    /// Which point is returned. Default `best`, which alone compares values of different iterations.
    pub returned: Returned,
}

impl Default for RankSgdConfig {
    fn default() -> Self {
        Self {
            max_evaluations: 400,
            samples: None,
            directions: 8,
            top: 3,
            radius: 0.1,
            step: 0.2,
            candidates: 4,
            shrink: 0.3,
            returned: Returned::default(),
        }
    }
}

/// Descent along a direction that is worked out from the order of values alone, so that it is the same for every monotone function of
/// them:
///
/// ```text
/// g = 1/|E| sum over (i, j) in E of (d_j - d_i),   x -= eta g
/// ```
///
/// where `d_1 ... d_m` are normal directions and `(i, j)` is in E if `f(x + mu d_i)` is one of the k smallest and below `f(x + mu d_j)`. Of
/// several step sizes the one that gives the lowest value is taken.
///
/// Source: Z. Tang, D. Rybin, T.-H. Chang, Zeroth-order optimization meets human feedback: provable learning via ranking oracles (2024),
/// algorithms 1 and 2.
///
/// ```
/// use qloom_optim::{Function, Minimizer, RankSgd, RankSgdConfig};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
///
/// let mut bowl = Function::new(|x: &[f64]| x[0] * x[0] + x[1] * x[1]);
/// let minimum = RankSgd::new(RankSgdConfig::default())?.minimize(&mut bowl, &[1.0, -1.0], &mut ChaCha8Rng::seed_from_u64(1))?;
/// assert!(minimum.value < 1e-2);
/// assert_eq!(minimum.evaluations.values, 1 + 33 * (8 + 4 + 1)); // the start, and for each iteration the ranks, the steps and the iterate
/// # Ok::<(), qloom_optim::OptimError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RankSgd {
    config: RankSgdConfig,
}

impl RankSgd {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`OptimError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: RankSgdConfig) -> Result<Self, OptimError> {
        at_least(METHOD, "max_evaluations", config.max_evaluations as f64, 1.0)?;
        at_least(METHOD, "samples", config.samples.unwrap_or(1.0), f64::MIN_POSITIVE)?;
        at_least(METHOD, "radius", config.radius, f64::MIN_POSITIVE)?;
        at_least(METHOD, "step", config.step, f64::MIN_POSITIVE)?;
        let ranges = [
            ("directions", config.directions as f64, (2..=10_000).contains(&config.directions), "it has to be in 2 to 10000"),
            (
                "top",
                config.top as f64,
                (1..config.directions).contains(&config.top),
                "it has to be at least 1 and below directions",
            ),
            ("candidates", config.candidates as f64, (1..=100).contains(&config.candidates), "it has to be in 1 to 100"),
            ("shrink", config.shrink, config.shrink > 0.0 && config.shrink < 1.0, "it has to be above 0 and below 1"),
        ];
        match ranges.into_iter().find(|(_, _, fits, _)| !fits) {
            None => Ok(Self { config }),
            Some((setting, value, _, requirement)) => {
                Err(OptimError::InvalidSetting { method: METHOD, setting, value, requirement })
            }
        }
    }

    fn run(&self, evaluator: &Evaluator<'_>, start: &[f64], rng: &mut dyn Rng) -> Result<(f64, Vec<f64>), Interruption> {
        let RankSgdConfig { max_evaluations, directions, radius, step, candidates, shrink, returned, .. } = self.config;
        let mut x = start.to_vec();
        let mut follower = Follower::new(returned, x.len());
        if returned == Returned::Best {
            follower.iterate(evaluator, &x, false)?;
        }
        let compared = if candidates > 1 { candidates } else { 0 };
        let iterations = (max_evaluations / (directions + compared) as u64).max(1);
        let moved = |x: &[f64], by: f64, along: &[f64]| -> Vec<f64> { x.iter().zip(along).map(|(x, d)| x + by * d).collect() };
        for iteration in 0..iterations {
            let drawn: Vec<Vec<f64>> = (0..directions).map(|_| (0..x.len()).map(|_| normal(rng)).collect()).collect();
            let order = ranked(&drawn, |direction| evaluator.value(&moved(&x, radius, direction)))?;
            let gradient = self.gradient(&drawn, &order);
            let sizes: Vec<f64> = (0..candidates).map(|power| step * shrink.powi(power as i32)).collect();
            let best = if candidates > 1 { ranked(&sizes, |size| evaluator.value(&moved(&x, -size, &gradient)))?[0] } else { 0 };
            x = moved(&x, -sizes[best], &gradient);
            follower.iterate(evaluator, &x, 2 * iteration >= iterations)?;
        }
        follower.finish(evaluator, x)
    }

    /// The mean over pairs of a better and a worse direction of the worse less the better; `order` has their numbers, the best first.
    fn gradient(&self, drawn: &[Vec<f64>], order: &[usize]) -> Vec<f64> {
        let mut gradient = vec![0.0; drawn[0].len()];
        let mut pairs = 0.0;
        for (rank, &better) in order.iter().enumerate().take(self.config.top) {
            for &worse in &order[rank + 1..] {
                pairs += 1.0;
                gradient
                    .iter_mut()
                    .zip(drawn[worse].iter().zip(&drawn[better]))
                    .for_each(|(g, (worse, better))| *g += worse - better);
            }
        }
        gradient.iter_mut().for_each(|g| *g /= pairs);
        gradient
    }
}

/// The numbers of the items in ascending order of their values, equal ones in order.
fn ranked<T>(items: &[T], mut value: impl FnMut(&T) -> Result<f64, Interruption>) -> Result<Vec<usize>, Interruption> {
    let values = items.iter().map(&mut value).collect::<Result<Vec<f64>, _>>()?;
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    Ok(order)
}

/// A normal number from two uniform ones. Source: G. E. P. Box and M. E. Muller (1958).
fn normal(rng: &mut dyn Rng) -> f64 {
    let mut unit = || ((rng.next_u64() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64);
    let (radius, turn) = ((-2.0 * unit().ln()).sqrt(), std::f64::consts::TAU * unit());
    radius * turn.cos()
}

impl Minimizer for RankSgd {
    fn minimize(&mut self, objective: &mut dyn Objective, start: &[f64], rng: &mut dyn Rng) -> Result<Minimum, OptimError> {
        let samples = self.config.samples;
        perturb(objective, start, METHOD, samples, |evaluator| self.run(evaluator, start, rng))
    }
}

#[cfg(test)]
mod tests;
