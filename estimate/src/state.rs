//! What the kinds of state have in common when they are measured.

use qloom_circuits::{Circuit, PauliSum};

use crate::error::EstimateError;
use crate::shots::Setting;
use qloom_sim::PauliVector;
use qloom_sim::Program;
use qloom_sim::Real;
use qloom_sim::StateVector;
use qloom_sim::walsh;

/// A state of qubits that can be measured.
pub trait Measured {
    /// Number of qubits.
    fn num_qubits(&self) -> usize;

    /// `Tr(H rho)`.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    fn expectation_of_sum(&self, observable: &PauliSum) -> Result<f64, EstimateError>;

    /// Probability of every outcome of measuring all qubits in the basis of a setting; bit `q` of an outcome is qubit `q`.
    ///
    /// # Errors
    /// When the setting is on another number of qubits, or memory does not suffice.
    fn distribution(&self, setting: &Setting) -> Result<Vec<f64>, EstimateError>;
}

impl<T: Real> Measured for StateVector<T> {
    fn num_qubits(&self) -> usize {
        self.num_qubits()
    }

    fn expectation_of_sum(&self, observable: &PauliSum) -> Result<f64, EstimateError> {
        Ok(self.expectation_of(observable)?)
    }

    fn distribution(&self, setting: &Setting) -> Result<Vec<f64>, EstimateError> {
        let circuit: &Circuit = setting.circuit();
        let all: Vec<usize> = (0..self.num_qubits()).collect();
        if circuit.operations().is_empty() {
            return Ok(self.probabilities(&all)?);
        }
        let mut turned = self.try_clone()?;
        Program::new(circuit)?.run(&[], &mut turned)?;
        Ok(turned.probabilities(&all)?)
    }
}

impl Measured for PauliVector {
    fn num_qubits(&self) -> usize {
        self.num_qubits()
    }

    fn expectation_of_sum(&self, observable: &PauliSum) -> Result<f64, EstimateError> {
        Ok(self.expectation(observable)?)
    }

    /// Reads the coefficients of the products of the measured Paulis: `2^n` of `4^n`, without turning the state.
    fn distribution(&self, setting: &Setting) -> Result<Vec<f64>, EstimateError> {
        if setting.circuit().num_qubits() != self.num_qubits() {
            let (expected, given) = (self.num_qubits(), setting.circuit().num_qubits());
            return Err(EstimateError::SizeMismatch { what: "qubits of a setting", expected, given });
        }
        let length = 1usize << self.num_qubits();
        let scale = 1.0 / length as f64;
        let mut list = vec![0.0; length];
        setting.for_each_product(|mask, string, sign| list[mask] = sign * scale * self.expectation_of(string));
        walsh(&mut list);
        Ok(list)
    }
}
