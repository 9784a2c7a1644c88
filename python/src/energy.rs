//! Expectation values of circuits, compiled once and called often.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits::{self, Operation};
use qloom::sim;

use crate::array::Reals;
use crate::circuit::Circuit;
use crate::error;
use crate::pauli::PauliSum;
use crate::state::{PauliVector, StateVector};
use crate::work;

/// Qubits from which on other Python threads run meanwhile.
const LARGE: usize = 10;

/// A circuit in states of one kind.
enum Compiled {
    Pure(Box<sim::Energy>),
    Mixed(Box<sim::NoisyEnergy>),
}

impl Compiled {
    fn value(&mut self, parameters: &[f64]) -> PyResult<f64> {
        match self {
            Compiled::Pure(energy) => energy.value(parameters),
            Compiled::Mixed(energy) => energy.value(parameters),
        }
        .map_err(error::of)
    }

    fn gradient(&mut self, parameters: &[f64]) -> PyResult<(f64, Vec<f64>)> {
        let mut gradient = vec![0.0; parameters.len()];
        let value = match self {
            Compiled::Pure(energy) => energy.value_and_gradient(parameters, &mut gradient),
            Compiled::Mixed(energy) => energy.value_and_gradient(parameters, &mut gradient),
        };
        Ok((value.map_err(error::of)?, gradient))
    }
}

/// Whether a circuit needs density operators: it has channels, measurements or resets.
pub fn is_mixed(circuit: &circuits::Circuit) -> bool {
    circuit
        .operations()
        .iter()
        .any(|operation| matches!(operation, Operation::Channel { .. } | Operation::Measure { .. } | Operation::Reset { .. }))
}

/// The expectation value of an observable after a circuit, as a function of its parameters: compiled once, called often.
///
/// Circuits with channels, measurements or resets are simulated as density operators. Derivatives are exact, by the adjoint method.
///
/// >>> from qloom import Angle, Circuit, Energy, PauliSum
/// >>> energy = Energy(Circuit(1).ry(Angle(0), 0), PauliSum({"Z": 1.0}))
/// >>> round(energy([0.5]), 6)
/// 0.877583
#[pyclass(frozen, module = "qloom")]
pub struct Energy {
    circuit: circuits::Circuit,
    observable: circuits::PauliSum,
    compiled: Arc<Mutex<Compiled>>,
}

impl Energy {
    fn with<T: Send + 'static>(
        &self,
        py: Python<'_>,
        parameters: &[f64],
        work: impl FnOnce(&mut Compiled, &[f64]) -> PyResult<T> + Send + 'static,
    ) -> PyResult<T> {
        if self.circuit.num_qubits() < LARGE {
            return work::quick(|| work(&mut self.compiled.lock().unwrap_or_else(PoisonError::into_inner), parameters));
        }
        let (compiled, parameters) = (Arc::clone(&self.compiled), parameters.to_vec());
        work::long(py, move |_| work(&mut compiled.lock().unwrap_or_else(PoisonError::into_inner), &parameters))
    }
}

#[pymethods]
impl Energy {
    #[new]
    fn new(circuit: &Circuit, observable: &PauliSum) -> PyResult<Self> {
        let (circuit, observable) = (circuit.inner.clone(), observable.inner.clone());
        let compiled = match is_mixed(&circuit) {
            true => Compiled::Mixed(Box::new(sim::NoisyEnergy::new(&circuit, &observable).map_err(error::of)?)),
            false => Compiled::Pure(Box::new(sim::Energy::new(&circuit, &observable).map_err(error::of)?)),
        };
        Ok(Self { circuit, observable, compiled: Arc::new(Mutex::new(compiled)) })
    }

    /// Number of parameters.
    #[getter]
    fn num_parameters(&self) -> usize {
        self.circuit.num_parameters()
    }

    /// The value at these parameters.
    #[pyo3(signature = (parameters, /))]
    fn __call__(&self, py: Python<'_>, parameters: Reals<'_>) -> PyResult<f64> {
        self.with(py, parameters.values()?, Compiled::value)
    }

    /// The value at these parameters.
    fn value(&self, py: Python<'_>, parameters: Reals<'_>) -> PyResult<f64> {
        self.with(py, parameters.values()?, Compiled::value)
    }

    /// The derivative by each parameter.
    fn gradient<'py>(&self, py: Python<'py>, parameters: Reals<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(self.with(py, parameters.values()?, Compiled::gradient)?.1.into_pyarray(py))
    }

    /// The value, and its derivative by each parameter.
    fn value_and_gradient<'py>(&self, py: Python<'py>, parameters: Reals<'py>) -> PyResult<(f64, Bound<'py, PyArray1<f64>>)> {
        let (value, gradient) = self.with(py, parameters.values()?, Compiled::gradient)?;
        Ok((value, gradient.into_pyarray(py)))
    }

    /// The state after the circuit: a `StateVector`, or a `PauliVector` where there is noise.
    fn state<'py>(&self, py: Python<'py>, parameters: Reals<'py>) -> PyResult<Bound<'py, PyAny>> {
        let bound = self.circuit.bind(parameters.values()?).map_err(error::of)?;
        match is_mixed(&self.circuit) {
            true => Ok(Bound::new(py, PauliVector::of(py, bound, None)?)?.into_any()),
            false => Ok(Bound::new(py, StateVector::of(py, bound, None)?)?.into_any()),
        }
    }

    fn __repr__(&self) -> String {
        let (qubits, terms) = (self.circuit.num_qubits(), self.observable.terms().len());
        format!("<Energy: {qubits} qubits, {} parameters, {terms} terms>", self.circuit.num_parameters())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let parts = (Circuit { inner: this.circuit.clone() }, PauliSum { inner: this.observable.clone() });
        Ok((slf.get_type().into_any(), parts.into_pyobject(slf.py())?))
    }
}
