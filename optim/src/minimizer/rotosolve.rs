//! Minimisation of functions that are a sine curve along every coordinate.

use std::f64::consts::FRAC_PI_2;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::perturbation::at_least;
use crate::evaluation::{Evaluator, Interruption, without_parameters};
use crate::{Minimizer, Minimum, Objective, OptimError, StopReason};

const METHOD: &str = "Rotosolve";

/// Settings of [`Rotosolve`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RotosolveConfig {
    /// Evaluations allowed; never exceeded. Default 1000, at least 1.
    pub max_evaluations: u64,
    /// Sweeps over all coordinates allowed. Default 25, as published; at least 1.
    pub max_sweeps: u64,
    /// Stop after a sweep that lowers the value by less than this. Default 1e-8, not negative; under noise about
    /// its standard deviation.
    pub tolerance: f64,
    /// Coordinates between two fresh evaluations of the present point, whose value is otherwise taken from the
    /// last curve, which saves one evaluation in three and lets random errors add up. Default 8, at least 1; 1
    /// evaluates every time, as published.
    pub refresh: u64,
}

impl Default for RotosolveConfig {
    fn default() -> Self {
        Self { max_evaluations: 1000, max_sweeps: 25, tolerance: 1e-8, refresh: 8 }
    }
}

/// Goes to the lowest point of one coordinate after the other, where the function is
/// `mean + b cos t + c sin t`: three values a coordinate tell it exactly.
///
/// The point returned is the last one. A function with higher frequencies is lowered too, without a promise.
///
/// Sources: M. Ostaszewski, E. Grant and M. Benedetti, Structure optimization for parameterized quantum circuits
/// (2021); K. M. Nakanishi, K. Fujii and S. Todo, Sequential minimal optimization for quantum-classical hybrid
/// algorithms (2020).
///
/// ```
/// use qloom_optim::{Function, Minimizer, Rotosolve, RotosolveConfig};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
///
/// // Each coordinate's curve is lowest at pi, whatever the other is.
/// let mut cosines = Function::new(|x: &[f64]| x[0].cos() + x[1].cos());
/// let minimum = Rotosolve::new(RotosolveConfig::default())?.minimize(&mut cosines, &[0.3, -2.0], &mut ChaCha8Rng::seed_from_u64(1))?;
/// assert!((minimum.value + 2.0).abs() < 1e-12);
/// # Ok::<(), qloom_optim::OptimError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rotosolve {
    config: RotosolveConfig,
}

impl Rotosolve {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`OptimError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: RotosolveConfig) -> Result<Self, OptimError> {
        at_least(METHOD, "max_evaluations", config.max_evaluations as f64, 1.0)?;
        at_least(METHOD, "max_sweeps", config.max_sweeps as f64, 1.0)?;
        at_least(METHOD, "tolerance", config.tolerance, 0.0)?;
        at_least(METHOD, "refresh", config.refresh as f64, 1.0)?;
        Ok(Self { config })
    }

    /// Sweeps until `tolerance` or `max_sweeps`; `x` and `value` are always a point and its value.
    fn sweep(&self, evaluator: &Evaluator<'_>, x: &mut [f64], value: &mut f64) -> Result<StopReason, Interruption> {
        *value = evaluator.value(x)?;
        let mut since = 0;
        for _ in 0..self.config.max_sweeps {
            let before = *value;
            for k in 0..x.len() {
                if since >= self.config.refresh {
                    *value = evaluator.value(x)?;
                    since = 0;
                }
                since += 1;
                let here = x[k];
                let mut at = |shift: f64| {
                    x[k] = here + shift;
                    let value = evaluator.value(x);
                    x[k] = here;
                    value
                };
                let (plus, minus) = (at(FRAC_PI_2)?, at(-FRAC_PI_2)?);
                let (shift, lowest) = sine_minimum(*value, plus, minus);
                x[k] = wrapped(here + shift);
                *value = lowest;
            }
            if before - *value < self.config.tolerance {
                return Ok(StopReason::Converged);
            }
        }
        Ok(StopReason::Budget)
    }
}

/// Where `mean + b cos t + c sin t` is lowest and how low, given its values at 0, pi/2 and -pi/2; at 0 when it is constant.
///
/// ```
/// let (angle, value) = qloom_optim::sine_minimum(1.0, 0.0, 0.0); // cos t
/// assert!((angle.abs() - std::f64::consts::PI).abs() < 1e-15 && (value + 1.0).abs() < 1e-15);
/// ```
pub fn sine_minimum(zero: f64, plus: f64, minus: f64) -> (f64, f64) {
    let mean = 0.5 * (plus + minus);
    let (cosine, sine) = (zero - mean, 0.5 * (plus - minus));
    let amplitude = cosine.hypot(sine);
    if amplitude <= 1e-12 * mean.abs().max(1.0) { (0.0, zero) } else { ((-sine).atan2(-cosine), mean - amplitude) }
}

/// The angle in [-pi, pi] that is equal to this one.
fn wrapped(angle: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    if angle.abs() <= PI { angle } else { angle - TAU * (angle / TAU).round() }
}

impl Minimizer for Rotosolve {
    fn minimize(&mut self, objective: &mut dyn Objective, start: &[f64], _: &mut dyn Rng) -> Result<Minimum, OptimError> {
        if let Some(minimum) = without_parameters(objective, start, METHOD, None)? {
            return Ok(minimum);
        }
        let evaluator = Evaluator::new(objective, METHOD, self.config.max_evaluations);
        let (mut x, mut value) = (start.to_vec(), f64::INFINITY);
        let result = match self.sweep(&evaluator, &mut x, &mut value) {
            Err(Interruption::BudgetSpent) => Ok(StopReason::Budget),
            other => other,
        };
        match result {
            Ok(stop) => evaluator.conclude(Ok((value, x)), METHOD, stop),
            Err(failure) => evaluator.conclude(Err(failure), METHOD, StopReason::Budget),
        }
    }
}

#[cfg(test)]
mod tests;
