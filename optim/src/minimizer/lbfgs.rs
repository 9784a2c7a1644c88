//! Limited-memory BFGS.

use basin::{CostFunction, Executor, FirstOrderState, Gradient, Termination};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::evaluation::{Evaluator, Interruption, without_parameters};
use crate::{Minimizer, Minimum, Objective, OptimError, StopReason};

const METHOD: &str = "L-BFGS";

/// Settings of [`Lbfgs`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LbfgsConfig {
    /// Evaluations allowed, each of value and gradient together; never exceeded. Default 200, at least 1.
    pub max_evaluations: u64,
    /// Stop when the Euclidean norm of the gradient is at most this. Default 1e-6, at least 0.
    pub gradient_tolerance: f64,
    /// Stop when a step changes the value, relative to its size, by at most this. Default 1e-12, at least 0;
    /// 0 turns the test off.
    pub value_tolerance: f64,
    /// Number of past steps the curvature is estimated from. Default 10, at least 1.
    pub history: usize,
}

impl Default for LbfgsConfig {
    fn default() -> Self {
        Self { max_evaluations: 200, gradient_tolerance: 1e-6, value_tolerance: 1e-12, history: 10 }
    }
}

/// Limited-memory BFGS without bounds, with a line search by Moré and Thuente.
///
/// Cost per evaluation beside the objective: O(history * n).
///
/// Source: J. Nocedal and S. Wright, Numerical Optimization (2006), algorithm 7.4.
#[derive(Debug, Clone)]
pub struct Lbfgs {
    config: LbfgsConfig,
}

impl Lbfgs {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`OptimError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: LbfgsConfig) -> Result<Self, OptimError> {
        let invalid =
            |setting, value, requirement| Err(OptimError::InvalidSetting { method: METHOD, setting, value, requirement });
        if config.max_evaluations == 0 {
            return invalid("max_evaluations", 0.0, "at least one evaluation is needed");
        }
        if config.history == 0 {
            return invalid("history", 0.0, "at least one past step has to be kept");
        }
        for (setting, value) in [("gradient_tolerance", config.gradient_tolerance), ("value_tolerance", config.value_tolerance)] {
            if !value.is_finite() || value < 0.0 {
                return invalid(setting, value, "it has to be finite and not negative");
            }
        }
        Ok(Self { config })
    }
}

impl Minimizer for Lbfgs {
    fn minimize(&mut self, objective: &mut dyn Objective, start: &[f64], _: &mut dyn Rng) -> Result<Minimum, OptimError> {
        if let Some(minimum) = without_parameters(objective, start, METHOD, None)? {
            return Ok(minimum);
        }
        let evaluator = Evaluator::new(objective, METHOD, self.config.max_evaluations);
        let solver = basin::Lbfgs::new()
            .unbounded()
            .with_m_capacity(self.config.history)
            .with_absolute_gradient_tolerance(self.config.gradient_tolerance)
            .with_relative_cost_change_tolerance((self.config.value_tolerance > 0.0).then_some(self.config.value_tolerance));
        let run = Executor::new(Bridge(&evaluator), solver, FirstOrderState::new(start.to_vec()))
            .max_iter(self.config.max_evaluations)
            .run();
        let stop = match run {
            Ok(result) => match result.report.termination {
                Termination::Converged(_) => StopReason::Converged,
                Termination::Limit(_) => StopReason::Budget,
                _ => StopReason::Stalled,
            },
            Err(Interruption::BudgetSpent) => StopReason::Budget,
            Err(Interruption::Failed(error)) => return Err(error),
        };
        evaluator.into_minimum(stop).ok_or(OptimError::Breakdown { method: METHOD, reason: "nothing was evaluated".to_owned() })
    }
}

/// The evaluator in the library's terms.
struct Bridge<'a, 'b>(&'a Evaluator<'b>);

impl CostFunction for Bridge<'_, '_> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Interruption;

    fn cost(&self, point: &Vec<f64>) -> Result<f64, Interruption> {
        self.0.value(point)
    }
}

impl Gradient for Bridge<'_, '_> {
    type Gradient = Vec<f64>;

    fn gradient(&self, point: &Vec<f64>) -> Result<Vec<f64>, Interruption> {
        Ok(self.cost_and_gradient(point)?.1)
    }

    fn cost_and_gradient(&self, point: &Vec<f64>) -> Result<(f64, Vec<f64>), Interruption> {
        let mut gradient = vec![0.0; point.len()];
        let value = self.0.value_and_gradient(point, &mut gradient)?;
        Ok((value, gradient))
    }

    fn cost_and_gradient_into(&self, point: &Vec<f64>, gradient: &mut Vec<f64>) -> Result<f64, Interruption> {
        gradient.resize(point.len(), 0.0);
        self.0.value_and_gradient(point, gradient)
    }
}

#[cfg(test)]
mod tests;
