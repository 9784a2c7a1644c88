//! The contract of everything that gives expectation values as a function of angles.

use qloom_circuits::{Circuit, PauliSum};
use qloom_sim::Energy;

use crate::estimate::Estimate;

use crate::error::EstimateError;

/// An expectation value as a function of a circuit's parameters, exact or measured.
pub trait Estimator {
    /// Takes another circuit on the same qubits, reusing buffers.
    ///
    /// # Errors
    /// When the circuit cannot be measured this way.
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), EstimateError>;

    /// The value at these parameters, in radians, with one standard deviation of its random error; 0 where it is exact.
    ///
    /// # Errors
    /// When there are not as many values as parameters, or one of them or the result is not finite.
    fn value(&mut self, parameters: &[f64]) -> Result<Estimate, EstimateError>;

    /// As [`Estimator::value`], and its derivative with respect to each parameter.
    ///
    /// # Errors
    /// As [`Estimator::value`].
    fn value_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<Estimate, EstimateError>;

    /// Expectation values measured so far: a gradient by shifts counts every shifted value, an adjoint gradient counts one.
    fn evaluations(&self) -> u64;
}

/// Expectation values of a pure state, without any error.
///
/// ```
/// use qloom_circuits::{Angle, Circuit, PauliSum};
/// use qloom_estimate::{Estimator, ExactEstimator};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// let mut estimator = ExactEstimator::new(&circuit, &PauliSum::z(0, 1))?;
/// let estimate = estimator.value(&[0.5])?;
/// assert!((estimate.value - 0.5f64.cos()).abs() < 1e-15 && estimate.standard_error == 0.0);
/// # Ok::<(), qloom_estimate::EstimateError>(())
/// ```
#[derive(Debug)]
pub struct ExactEstimator {
    energy: Energy,
    evaluations: u64,
}

impl ExactEstimator {
    /// Compiles a circuit of gates and an observable; the initial state is `|0...0>`.
    ///
    /// # Errors
    /// As [`Energy::new`].
    pub fn new(circuit: &Circuit, observable: &PauliSum) -> Result<Self, EstimateError> {
        Ok(Self { energy: Energy::new(circuit, observable)?, evaluations: 0 })
    }
}

impl Estimator for ExactEstimator {
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), EstimateError> {
        Ok(self.energy.rebuild(circuit)?)
    }

    fn value(&mut self, parameters: &[f64]) -> Result<Estimate, EstimateError> {
        self.evaluations += 1;
        Ok(Estimate { value: self.energy.value(parameters)?, standard_error: 0.0 })
    }

    fn value_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<Estimate, EstimateError> {
        self.evaluations += 1;
        Ok(Estimate { value: self.energy.value_and_gradient(parameters, gradient)?, standard_error: 0.0 })
    }

    fn evaluations(&self) -> u64 {
        self.evaluations
    }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::Angle;

    use super::*;

    /// Another circuit gives other values; every evaluation is counted, whatever the circuit.
    #[test]
    fn rebuilt_estimators_are_those_of_their_circuit() {
        let turned = |scale: f64| {
            let mut circuit = Circuit::new(1);
            circuit.ry(Angle::free(0).scaled(scale), 0);
            circuit
        };
        let mut estimator = ExactEstimator::new(&turned(1.0), &PauliSum::z(0, 1)).expect("gates");
        assert!((estimator.value(&[0.5]).expect("one angle").value - 0.5f64.cos()).abs() < 1e-15);
        estimator.rebuild(&turned(2.0)).expect("gates");
        let mut gradient = [0.0];
        let estimate = estimator.value_and_gradient(&[0.5], &mut gradient).expect("one angle");
        assert!((estimate.value - 1.0f64.cos()).abs() < 1e-15 && (gradient[0] + 2.0 * 1.0f64.sin()).abs() < 1e-14);
        assert_eq!(estimator.evaluations(), 2);
        assert!(estimator.rebuild(&Circuit::new(2)).is_err());
    }
}
