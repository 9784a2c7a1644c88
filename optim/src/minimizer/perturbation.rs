//! Random directions and the choice of the point returned: what the simultaneous-perturbation methods share.

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::evaluation::{Evaluator, Interruption, without_parameters};
use crate::{Minimum, Objective, OptimError, StopReason};

/// Which point a stochastic method returns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Returned {
    /// The iterate of the lowest value in the last stage, as published: costs one evaluation an iteration, and
    /// under noise its value is too low, being the smallest of many draws.
    #[default]
    Best,
    /// The last iterate: costs one evaluation in all.
    Last,
    /// The mean of the iterates of the second half of the last stage: costs one evaluation in all.
    TailMean,
}

/// Runs a simultaneous-perturbation method, which keeps to its own budget, from a start that is checked.
pub(crate) fn perturb(
    objective: &mut dyn Objective,
    start: &[f64],
    method: &'static str,
    samples: Option<f64>,
    run: impl FnOnce(&Evaluator<'_>) -> Result<(f64, Vec<f64>), Interruption>,
) -> Result<Minimum, OptimError> {
    if let Some(minimum) = without_parameters(objective, start, method, samples)? {
        return Ok(minimum);
    }
    let evaluator = Evaluator::new(objective, method, u64::MAX);
    evaluator.set_samples(samples);
    let result = run(&evaluator);
    evaluator.conclude(result, method, StopReason::Budget)
}

/// Draws a direction of components 1 and -1.
pub(crate) fn draw_signs(rng: &mut dyn Rng, direction: &mut [f64]) {
    for block in direction.chunks_mut(64) {
        let bits = rng.next_u64();
        for (k, component) in block.iter_mut().enumerate() {
            *component = if bits >> k & 1 == 0 { 1.0 } else { -1.0 };
        }
    }
}

/// The estimate `(f(x + c d) - f(x - c d)) / (2 c d)` of a gradient, by two evaluations.
pub(crate) fn estimate(
    evaluator: &Evaluator<'_>,
    point: &[f64],
    size: f64,
    direction: &[f64],
    scratch: &mut Vec<f64>,
    gradient: &mut [f64],
) -> Result<(), Interruption> {
    let mut at = |sign: f64| {
        scratch.clear();
        scratch.extend(point.iter().zip(direction).map(|(x, d)| x + sign * size * d));
        evaluator.value(scratch)
    };
    let slope = (at(1.0)? - at(-1.0)?) / (2.0 * size);
    gradient.iter_mut().zip(direction).for_each(|(g, d)| *g = slope / d);
    Ok(())
}

/// Follows the iterates of a stage and picks the point to return.
#[derive(Debug)]
pub(crate) struct Follower {
    returned: Returned,
    best: Option<(f64, Vec<f64>)>,
    sum: Vec<f64>,
    summed: u64,
}

impl Follower {
    pub(crate) fn new(returned: Returned, dimension: usize) -> Self {
        Self { returned, best: None, sum: vec![0.0; dimension], summed: 0 }
    }

    /// Takes notice of an iterate; `late` says whether it belongs to the second half of its stage.
    pub(crate) fn iterate(&mut self, evaluator: &Evaluator<'_>, point: &[f64], late: bool) -> Result<(), Interruption> {
        match self.returned {
            Returned::Best => {
                let value = evaluator.value(point)?;
                if self.best.as_ref().is_none_or(|(best, _)| value < *best) {
                    self.best = Some((value, point.to_vec()));
                }
            }
            Returned::Last => {}
            Returned::TailMean if late => {
                self.sum.iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
                self.summed += 1;
            }
            Returned::TailMean => {}
        }
        Ok(())
    }

    /// The value and the point to return; `last` is the last iterate.
    pub(crate) fn finish(self, evaluator: &Evaluator<'_>, last: Vec<f64>) -> Result<(f64, Vec<f64>), Interruption> {
        if let Some(best) = self.best {
            return Ok(best);
        }
        let point = if self.summed > 0 { self.sum.iter().map(|sum| sum / self.summed as f64).collect() } else { last };
        Ok((evaluator.value(&point)?, point))
    }
}

/// Refuses a setting that is not finite, or is below `least`.
pub(crate) fn at_least(method: &'static str, setting: &'static str, value: f64, least: f64) -> Result<(), OptimError> {
    if value.is_finite() && value >= least {
        return Ok(());
    }
    let requirement = if least > 0.0 { "it has to be finite and positive" } else { "it has to be finite and not negative" };
    Err(OptimError::InvalidSetting { method, setting, value, requirement })
}
