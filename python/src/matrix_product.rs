//! Chains of tensors.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_complex::Complex64;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits;
use qloom::sim::{self, SimulatorConfig};

use crate::circuit::Circuit;
use crate::error;
use crate::held;
use crate::pauli::PauliSum;
use crate::state::config;
use crate::work;

/// The pure state after a circuit of gates, as a chain of tensors with bonds no wider than `bond`.
///
/// Exact as long as the bonds suffice, which is `2^k` for entanglement of `k` pairs across a cut; beyond that the smallest Schmidt
/// coefficients are dropped, and `error` bounds by how much. A gate on neighbours costs about `160 bond^3` multiplications.
///
/// >>> from qloom import MatrixProduct, PauliSum, library
/// >>> state = MatrixProduct(library.ghz(60))
/// >>> round(state.expectation(PauliSum.from_text("Z0 Z59", 60)), 9), state.widest, state.error
/// (1.0, 2, 0.0)
#[pyclass(frozen, module = "qloom")]
pub struct MatrixProduct {
    /// The facade's state.
    pub inner: Arc<sim::MatrixProduct>,
    circuit: circuits::Circuit,
}

#[pymethods]
impl MatrixProduct {
    /// The state after a circuit without parameters.
    #[new]
    #[pyo3(signature = (circuit, bond=SimulatorConfig::DEFAULT_BOND), text_signature = "(circuit, bond=64)")]
    fn new(py: Python<'_>, circuit: &Circuit, bond: usize) -> PyResult<Self> {
        let circuit = circuit.inner.bind(&[]).map_err(error::of)?;
        let inner = held::prepared(py, circuit.clone(), SimulatorConfig { bond, ..config() })?;
        Ok(Self { inner, circuit })
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// The width that bonds may have.
    #[getter]
    fn bond(&self) -> usize {
        self.inner.config().bond
    }

    /// The width of the widest bond.
    #[getter]
    fn widest(&self) -> usize {
        self.inner.widest()
    }

    /// The norm by which the state may differ from the exact one at most, rounding aside; an expectation value differs by no more than
    /// twice that times the norm of its observable.
    #[getter]
    fn error(&self) -> f64 {
        self.inner.error()
    }

    /// All amplitudes in order of basis index, up to 24 qubits: a new array.
    fn amplitudes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
        let inner = Arc::clone(&self.inner);
        Ok(work::long(py, move |_| inner.amplitudes().map_err(error::of))?.into_pyarray(py))
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

    /// Probability of each outcome of measuring these qubits, or all; the first is the least significant bit of an outcome.
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
        let (qubits, widest) = (self.inner.num_qubits(), self.inner.widest());
        format!("<MatrixProduct on {qubits} qubits, bonds of up to {widest}>")
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let parts = (Circuit { inner: this.circuit.clone() }, this.bond());
        Ok((slf.get_type().into_any(), parts.into_pyobject(slf.py())?))
    }
}
