//! Descent along the natural gradient.

use faer::prelude::Solve;
use faer::{Mat, Side};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::perturbation::at_least;
use crate::evaluation::{Evaluator, Interruption, without_parameters};
use crate::{Minimizer, Minimum, Objective, OptimError, StopReason};

const METHOD: &str = "natural gradient";
/// What a step has to win of what the slope along it promises.
const ENOUGH: f64 = 1e-4;
/// How often a step is halved before the method gives up.
const HALVINGS: u32 = 30;

/// Settings of [`NaturalGradient`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NaturalGradientConfig {
    /// The most evaluations; a metric counts as one for each parameter. Default 2000, at least 1.
    pub max_evaluations: u64,
    /// The step that is tried first, halved until the value falls. Default 0.25, positive: of energies and the Fubini-Study metric half a unit of
    /// imaginary time.
    pub step: f64,
    /// What is added to the diagonal of the metric. Default 1e-3, positive.
    pub damping: f64,
    /// Ends where no component of the gradient is larger. Default 1e-8, not negative.
    pub gradient_tolerance: f64,
}

impl Default for NaturalGradientConfig {
    fn default() -> Self {
        Self { max_evaluations: 2000, step: 0.25, damping: 1e-3, gradient_tolerance: 1e-8 }
    }
}

/// Steps along `-(g + damping)^-1 gradient`, where `g` is the metric of the objective ([`Objective::metric`]): the direction of steepest descent by
/// how far apart the states are, not the parameters.
///
/// Source: J. Stokes, J. Izaac, N. Killoran and G. Carleo, Quantum natural gradient, Quantum 4, 269 (2020), equation (10); steps are halved
/// until the value falls by a part of what the slope promises (Armijo).
///
/// ```
/// use qloom_optim::{Minimizer, NaturalGradient, NaturalGradientConfig, Objective, ObjectiveError};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
///
/// /// <Z> of a qubit turned by two angles about one axis: only their sum matters.
/// struct Turned;
/// impl Objective for Turned {
///     fn value(&mut self, x: &[f64], _: Option<f64>) -> Result<f64, ObjectiveError> {
///         Ok((x[0] + x[1]).cos())
///     }
///     fn value_and_gradient(&mut self, x: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
///         gradient.fill(-(x[0] + x[1]).sin());
///         Some(Ok((x[0] + x[1]).cos()))
///     }
///     fn metric(&mut self, _: &[f64], metric: &mut [f64]) -> Option<Result<(), ObjectiveError>> {
///         metric.fill(0.25);
///         Some(Ok(()))
///     }
/// }
/// let mut method = NaturalGradient::new(NaturalGradientConfig::default())?;
/// let minimum = method.minimize(&mut Turned, &[0.3, 0.1], &mut ChaCha8Rng::seed_from_u64(1))?;
/// assert!((minimum.value + 1.0).abs() < 1e-12);
/// # Ok::<(), qloom_optim::OptimError>(())
/// ```
#[derive(Debug, Clone)]
pub struct NaturalGradient {
    config: NaturalGradientConfig,
}

impl NaturalGradient {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`OptimError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: NaturalGradientConfig) -> Result<Self, OptimError> {
        at_least(METHOD, "max_evaluations", config.max_evaluations as f64, 1.0)?;
        at_least(METHOD, "step", config.step, f64::MIN_POSITIVE)?;
        at_least(METHOD, "damping", config.damping, f64::MIN_POSITIVE)?;
        at_least(METHOD, "gradient_tolerance", config.gradient_tolerance, 0.0)?;
        Ok(Self { config })
    }

    fn run(&self, evaluator: &Evaluator<'_>, start: &[f64]) -> Result<StopReason, Interruption> {
        let n = start.len();
        let (mut x, mut tried) = (start.to_vec(), vec![0.0; n]);
        let (mut gradient, mut next, mut metric) = (vec![0.0; n], vec![0.0; n], vec![0.0; n * n]);
        let mut value = evaluator.value_and_gradient(&x, &mut gradient)?;
        loop {
            if gradient.iter().all(|slope| slope.abs() <= self.config.gradient_tolerance) {
                return Ok(StopReason::Converged);
            }
            evaluator.metric(&x, &mut metric)?;
            let direction = natural_direction(&metric, &gradient, self.config.damping).map_err(Interruption::Failed)?;
            let slope: f64 = direction.iter().zip(&gradient).map(|(step, slope)| step * slope).sum();
            let mut size = self.config.step;
            let mut halvings = 0;
            loop {
                tried.iter_mut().zip(&x).zip(&direction).for_each(|((tried, x), step)| *tried = x - size * step);
                let found = evaluator.value_and_gradient(&tried, &mut next)?;
                if found <= value - ENOUGH * size * slope {
                    value = found;
                    break;
                }
                if halvings == HALVINGS {
                    return Ok(StopReason::Stalled);
                }
                halvings += 1;
                size /= 2.0;
            }
            std::mem::swap(&mut x, &mut tried);
            std::mem::swap(&mut gradient, &mut next);
        }
    }
}

/// Solves `(metric + damping) direction = gradient` for the natural gradient; the metric is symmetric without negative eigenvalues, row by row.
///
/// By Cholesky factors, `n^3 / 3` products for `n` parameters. Source: Stokes et al., Quantum 4, 269 (2020), equation (10), its pseudo-inverse
/// replaced by the damping.
///
/// ```
/// let direction = qloom_optim::natural_direction(&[2.0, 0.0, 0.0, 0.0], &[3.0, 1.0], 1.0)?;
/// assert!((direction[0] - 1.0).abs() < 1e-15 && (direction[1] - 1.0).abs() < 1e-15);
/// # Ok::<(), qloom_optim::OptimError>(())
/// ```
///
/// # Errors
/// [`OptimError::Breakdown`] when the damped metric is not positive.
///
/// # Panics
/// When the metric does not have a row and a column for each slope.
#[track_caller]
pub fn natural_direction(metric: &[f64], gradient: &[f64], damping: f64) -> Result<Vec<f64>, OptimError> {
    let n = gradient.len();
    assert!(metric.len() == n * n, "a row and a column for each slope");
    let damped = |row: usize, column: usize| metric[row * n + column] + if row == column { damping } else { 0.0 };
    let reason = || "the metric is not positive; it has to be a symmetric matrix without negative eigenvalues".to_owned();
    let factors =
        Mat::from_fn(n, n, damped).llt(Side::Lower).map_err(|_| OptimError::Breakdown { method: METHOD, reason: reason() })?;
    let solved = factors.solve(Mat::from_fn(n, 1, |row, _| gradient[row]));
    Ok((0..n).map(|row| solved[(row, 0)]).collect())
}

impl Minimizer for NaturalGradient {
    fn minimize(&mut self, objective: &mut dyn Objective, start: &[f64], _: &mut dyn Rng) -> Result<Minimum, OptimError> {
        if let Some(minimum) = without_parameters(objective, start, METHOD, None)? {
            return Ok(minimum);
        }
        let evaluator = Evaluator::new(objective, METHOD, self.config.max_evaluations);
        let stop = match self.run(&evaluator, start) {
            Ok(stop) => stop,
            Err(Interruption::BudgetSpent) => StopReason::Budget,
            Err(Interruption::Failed(error)) => return Err(error),
        };
        evaluator.into_minimum(stop).ok_or(OptimError::Breakdown { method: METHOD, reason: "nothing was evaluated".to_owned() })
    }
}

#[cfg(test)]
mod tests;
