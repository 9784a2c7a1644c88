//! COBYLA: constrained optimisation by linear approximation, here without constraints.

use basin::{ConstraintSolveError, CostFunction, Executor, SelectedState, Termination};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::evaluation::{Evaluator, Interruption, without_parameters};
use crate::{Minimizer, Minimum, Objective, OptimError, StopReason};

const METHOD: &str = "COBYLA";

/// Settings of [`Cobyla`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CobylaConfig {
    /// Evaluations allowed; never exceeded. Default 1000, at least 1.
    pub max_evaluations: u64,
    /// First trust radius: the size of a sensible first change of a parameter. Default 1.
    pub initial_radius: f64,
    /// Trust radius at which the search has converged. Default 1e-4; above 0 and below `initial_radius`.
    pub final_radius: f64,
}

impl Default for CobylaConfig {
    fn default() -> Self {
        Self { max_evaluations: 1000, initial_radius: 1.0, final_radius: 1e-4 }
    }
}

/// COBYLA in the form of the PRIMA reference implementation.
///
/// Counts differ from those of Powell's Fortran, which older published results used.
/// Cost per evaluation beside the objective: O(n^2).
///
/// Source: M. J. D. Powell, A direct search optimization method that models the objective and constraint
/// functions by linear interpolation (1994).
#[derive(Debug, Clone)]
pub struct Cobyla {
    config: CobylaConfig,
}

impl Cobyla {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`OptimError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: CobylaConfig) -> Result<Self, OptimError> {
        let invalid =
            |setting, value, requirement| Err(OptimError::InvalidSetting { method: METHOD, setting, value, requirement });
        if config.max_evaluations == 0 {
            return invalid("max_evaluations", 0.0, "at least one evaluation is needed");
        }
        if !config.initial_radius.is_finite() || config.initial_radius <= 0.0 {
            return invalid("initial_radius", config.initial_radius, "it has to be finite and positive");
        }
        if !(config.final_radius > 0.0 && config.final_radius < config.initial_radius) {
            return invalid("final_radius", config.final_radius, "it has to lie between 0 and initial_radius");
        }
        Ok(Self { config })
    }
}

impl Minimizer for Cobyla {
    fn minimize(&mut self, objective: &mut dyn Objective, start: &[f64], _: &mut dyn Rng) -> Result<Minimum, OptimError> {
        if let Some(minimum) = without_parameters(objective, start, METHOD, None)? {
            return Ok(minimum);
        }
        let evaluator = Evaluator::new(objective, METHOD, self.config.max_evaluations);
        let solver =
            basin::Cobyla::new().with_initial_radius(self.config.initial_radius).with_final_radius(self.config.final_radius);
        let run = Executor::new(Bridge(&evaluator), solver, SelectedState::new(start.to_vec()))
            .max_iter(self.config.max_evaluations.saturating_mul(4))
            .run();
        let stop = match run {
            Ok(result) => match result.report.termination {
                Termination::Converged(_) => StopReason::Converged,
                Termination::Limit(_) => StopReason::Budget,
                _ => StopReason::Stalled,
            },
            Err(ConstraintSolveError::Evaluation(Interruption::BudgetSpent)) => StopReason::Budget,
            Err(ConstraintSolveError::Evaluation(Interruption::Failed(error))) => {
                return Err(error);
            }
            Err(error) => {
                return Err(OptimError::Breakdown { method: METHOD, reason: format!("{error:?}") });
            }
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

impl basin::Constraints for Bridge<'_, '_> {
    type Set = basin::NoConstraints;

    fn constraints(&self) -> <Self::Set as basin::ConstraintDescription>::Borrowed<'_> {
        basin::ConstraintSet::new()
    }
}

#[cfg(test)]
mod tests;
