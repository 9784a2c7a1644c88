//! Energies under noise, as the search sees them: the estimator's values as an objective of a minimiser.

pub mod config;

use qloom_circuits::Stream;
use qloom_estimate::{Estimator, NoisyEstimator};
use qloom_optim::ObjectiveError;

use self::config::PauliVectorChoice;
use crate::{Problem, QasError};

/// A noisy estimator, and how often an energy is measured anew before it is believed.
pub(crate) struct NoisySimulation {
    pub(crate) estimator: NoisyEstimator,
    pub(crate) confirmations: u32,
    /// Standard errors added to a confirmed energy.
    pub(crate) caution: f64,
}

impl NoisySimulation {
    pub(crate) fn new(choice: &PauliVectorChoice, problem: &Problem, stream: Stream) -> Result<Self, QasError> {
        let measurement = choice.measurement(problem.num_qubits())?;
        let estimator = NoisyEstimator::new(measurement, problem.hamiltonian(), stream).map_err(config::placed)?;
        Ok(Self { estimator, confirmations: choice.confirmations, caution: choice.caution })
    }
}

impl qloom_optim::Objective for NoisySimulation {
    fn value(&mut self, point: &[f64], samples: Option<f64>) -> Result<f64, ObjectiveError> {
        self.estimator.set_shots(samples);
        Ok(self.estimator.value(point)?.value)
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        self.estimator.set_shots(None);
        let estimate = self.estimator.value_and_gradient(point, gradient);
        Some(estimate.map(|estimate| estimate.value).map_err(ObjectiveError::from))
    }
}

#[cfg(test)]
mod tests;
