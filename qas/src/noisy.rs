//! Energies under noise, as the search sees them: the estimator's values as an objective of a minimiser.

pub mod config;

use qloom_circuits::{PauliSum, Stream};
use qloom_estimate::{Estimator, NoisyEstimator, NoisyMeasurement};
use qloom_optim::ObjectiveError;

use self::config::PauliVectorChoice;
use crate::{Problem, QasError};

/// A noisy estimator, and how often an energy is measured anew before it is believed.
pub(crate) struct NoisySimulation {
    pub(crate) estimator: NoisyEstimator,
    measurement: NoisyMeasurement,
    observable: PauliSum,
    /// How many times the noise of gates holds.
    scale: u32,
    pub(crate) confirmations: u32,
    /// Standard errors added to a confirmed energy.
    pub(crate) caution: f64,
}

impl NoisySimulation {
    pub(crate) fn new(choice: &PauliVectorChoice, problem: &Problem, stream: Stream) -> Result<Self, QasError> {
        let measurement = choice.measurement(problem.num_qubits())?;
        let observable = problem.hamiltonian().clone();
        let estimator = NoisyEstimator::new(measurement.clone(), &observable, stream).map_err(config::placed)?;
        Ok(Self { estimator, measurement, observable, scale: 1, confirmations: choice.confirmations, caution: choice.caution })
    }

    /// Makes the noise of gates hold so many times, at least once; random errors go on from where they are.
    pub(crate) fn set_scale(&mut self, scale: u32) -> Result<(), QasError> {
        if scale != self.scale {
            let stream = Stream::load(&self.estimator.stream().save());
            let noise = self.measurement.noise.stretched(scale);
            let measurement = NoisyMeasurement { noise, ..self.measurement.clone() };
            self.estimator = NoisyEstimator::new(measurement, &self.observable, stream).map_err(config::placed)?;
            self.scale = scale;
        }
        Ok(())
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
