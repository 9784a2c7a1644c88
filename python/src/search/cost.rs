//! Costs of circuits that are worked out in Python.

use numpy::IntoPyArray;
use pyo3::prelude::*;
use qloom::circuits;
use qloom::qas::{Cost, CostError};

use crate::array::Reals;
use crate::circuit::Circuit;
use crate::error;

/// An object with `value_and_gradient(circuit, angles)`.
pub struct PythonCost {
    object: Py<PyAny>,
    circuit: Option<Py<Circuit>>,
}

impl PythonCost {
    /// The cost of this object.
    pub fn new(object: Py<PyAny>) -> Self {
        Self { object, circuit: None }
    }
}

impl Cost for PythonCost {
    fn rebuild(&mut self, circuit: &circuits::Circuit) -> Result<(), CostError> {
        let circuit = Python::attach(|py| Py::new(py, Circuit { inner: circuit.clone() }))?;
        self.circuit = Some(circuit);
        Ok(())
    }

    fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, CostError> {
        let value = Python::attach(|py| -> PyResult<f64> {
            let circuit = self.circuit.as_ref().map(|circuit| circuit.clone_ref(py));
            let arguments = (circuit, angles.to_vec().into_pyarray(py));
            let (value, slopes): (f64, Reals<'_>) =
                self.object.bind(py).call_method1("value_and_gradient", arguments)?.extract()?;
            let slopes = slopes.values()?;
            if slopes.len() != gradient.len() {
                let (given, expected) = (slopes.len(), gradient.len());
                return Err(error::search(format!("the cost returned {given} derivatives for {expected} angles")));
            }
            gradient.copy_from_slice(slopes);
            Ok(value)
        })?;
        Ok(value)
    }
}
