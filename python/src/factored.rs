//! States in parts that have not met.

use std::collections::BTreeMap;
use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use qloom::circuits;
use qloom::sim;

use crate::circuit::Circuit;
use crate::error;
use crate::held;
use crate::pauli::PauliSum;
use crate::state::config;
use crate::work;

/// The pure state after a circuit of gates, as a product of state vectors: `2^k` amplitudes for each set of `k` qubits that gates join.
///
/// >>> from qloom import Circuit, Factored
/// >>> circuit = Circuit(200)
/// >>> for pair in range(100):
/// ...     _ = circuit.ry(0.1, pair).cx(pair, 199 - pair)
/// >>> state = Factored(circuit)
/// >>> state.num_parts, state.largest_part, round(float(state.expectation_z()[150]), 9)
/// (100, 2, 0.995004165)
#[pyclass(frozen, module = "qloom")]
pub struct Factored {
    /// The facade's state.
    pub inner: Arc<sim::Factored>,
    circuit: circuits::Circuit,
}

#[pymethods]
impl Factored {
    /// The state after a circuit without parameters.
    #[new]
    fn new(py: Python<'_>, circuit: &Circuit) -> PyResult<Self> {
        let circuit = circuit.inner.bind(&[]).map_err(error::of)?;
        Ok(Self { inner: held::prepared(py, circuit.clone(), config())?, circuit })
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Number of parts.
    #[getter]
    fn num_parts(&self) -> usize {
        self.inner.num_parts()
    }

    /// Qubits of the largest part.
    #[getter]
    fn largest_part(&self) -> usize {
        self.inner.largest_part()
    }

    /// `<psi|H|psi>`.
    fn expectation(&self, py: Python<'_>, observable: &PauliSum) -> PyResult<f64> {
        held::expectation(py, &self.inner, observable)
    }

    /// `<Z>` of each qubit.
    fn expectation_z<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let inner = Arc::clone(&self.inner);
        Ok(work::long(py, move |_| Ok(inner.expectation_z()))?.into_pyarray(py))
    }

    /// Probability of each outcome of measuring these qubits, or all, at most 28; the first is the least significant bit of an outcome.
    #[pyo3(signature = (qubits=None))]
    fn probabilities<'py>(&self, py: Python<'py>, qubits: Option<Vec<usize>>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(held::probabilities(py, &self.inner, qubits)?.into_pyarray(py))
    }

    /// Measures all qubits so many times: outcomes, qubit 0 rightmost, and how often each came.
    #[pyo3(signature = (shots, seed=0))]
    fn sample(&self, py: Python<'_>, shots: u64, seed: u64) -> PyResult<BTreeMap<String, u64>> {
        let inner = Arc::clone(&self.inner);
        work::long(py, move |stop| held::drawn((shots, seed), stop, |shots, stream| inner.sample(shots, stream)))
    }

    fn __repr__(&self) -> String {
        let (qubits, parts) = (self.inner.num_qubits(), self.inner.num_parts());
        format!("<Factored state on {qubits} qubits in {parts} parts>")
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (Circuit,)) {
        (slf.get_type().into_any(), (Circuit { inner: slf.get().circuit.clone() },))
    }
}
