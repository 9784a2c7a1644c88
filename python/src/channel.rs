//! Noise channels.

use numpy::{IntoPyArray, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits::{self, CircuitError, Matrix};

use crate::array::{Complexes, Reals};
use crate::circuit::array;
use crate::error;

/// A map of density operators on up to three qubits.
///
/// >>> from qloom import Channel
/// >>> Channel.depolarizing(0.1)
/// <Channel depolarizing on 1 qubit>
#[pyclass(frozen, eq, module = "qloom", from_py_object)]
#[derive(Clone, PartialEq)]
pub struct Channel {
    /// The facade's channel.
    pub inner: circuits::Channel,
}

fn made(channel: Result<circuits::Channel, CircuitError>) -> PyResult<Channel> {
    Ok(Channel { inner: channel.map_err(error::of)? })
}

#[pymethods]
impl Channel {
    /// A channel from Kraus operators; the first qubit is the least significant bit of their indices.
    #[staticmethod]
    #[pyo3(signature = (operators, name="kraus"))]
    fn kraus(operators: Vec<Complexes>, name: &str) -> PyResult<Self> {
        let operators: Vec<Matrix> = operators.iter().map(Complexes::matrix).collect::<PyResult<_>>()?;
        made(circuits::Channel::from_kraus(name, operators))
    }

    /// A channel from its Pauli transfer matrix, in the order I X Y Z.
    #[staticmethod]
    #[pyo3(signature = (matrix, name="transfer"))]
    fn transfer(matrix: Reals<'_>, name: &str) -> PyResult<Self> {
        made(circuits::Channel::from_transfer(name, matrix.values()?.to_vec()))
    }

    /// Replaces the state by the maximally mixed one with probability `p`.
    #[staticmethod]
    #[pyo3(signature = (p, num_qubits=1))]
    fn depolarizing(p: f64, num_qubits: usize) -> PyResult<Self> {
        made(circuits::Channel::depolarizing(p, num_qubits))
    }

    /// X with probability `p`.
    #[staticmethod]
    fn bit_flip(p: f64) -> PyResult<Self> {
        made(circuits::Channel::bit_flip(p))
    }

    /// Z with probability `p`.
    #[staticmethod]
    fn phase_flip(p: f64) -> PyResult<Self> {
        made(circuits::Channel::phase_flip(p))
    }

    /// X, Y and Z with these probabilities.
    #[staticmethod]
    fn pauli(x: f64, y: f64, z: f64) -> PyResult<Self> {
        made(circuits::Channel::pauli([x, y, z]))
    }

    /// Decay to `|0>` with probability `gamma`, or towards the population `excited` of `|1>`.
    #[staticmethod]
    #[pyo3(signature = (gamma, excited=0.0))]
    fn amplitude_damping(gamma: f64, excited: f64) -> PyResult<Self> {
        match excited == 0.0 {
            true => made(circuits::Channel::amplitude_damping(gamma)),
            false => made(circuits::Channel::generalised_amplitude_damping(gamma, excited)),
        }
    }

    /// Loss of coherence: `sqrt(1 - lambda_)` of it is left.
    #[staticmethod]
    fn phase_damping(lambda_: f64) -> PyResult<Self> {
        made(circuits::Channel::phase_damping(lambda_))
    }

    /// Relaxation during a time with T1 and T2, all in one unit.
    #[staticmethod]
    #[pyo3(signature = (t1, t2, time, excited=0.0))]
    fn thermal_relaxation(t1: f64, t2: f64, time: f64, excited: f64) -> PyResult<Self> {
        made(circuits::Channel::thermal_relaxation(t1, t2, time, excited))
    }

    /// Name.
    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Kraus operators.
    fn operators<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.inner.kraus().iter().map(|matrix| array(py, matrix)).collect()
    }

    /// The Pauli transfer matrix.
    fn transfer_matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let size = 1usize << (2 * self.inner.num_qubits());
        Ok(self.inner.transfer().to_vec().into_pyarray(py).reshape([size, size])?.into_any())
    }

    fn __repr__(&self) -> String {
        let qubits = self.inner.num_qubits();
        format!("<Channel {} on {qubits} qubit{}>", self.inner.name(), if qubits == 1 { "" } else { "s" })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let values = this.inner.transfer().to_vec();
        Ok((slf.get_type().getattr("transfer")?, (values, this.inner.name()).into_pyobject(slf.py())?))
    }
}
