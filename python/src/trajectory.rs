//! Noisy circuits by shots on pure states.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use qloom::circuits::{self, Stream};
use qloom::estimate::{self, Estimate, Readout};

use crate::circuit::Circuit;
use crate::error;
use crate::noise::{self, NoiseModel};
use crate::pauli::PauliSum;
use crate::state::{by_bitstring, config};
use crate::work;

/// A circuit with channels, measurements, resets and conditions, run shot by shot on pure states: twice the qubits of a density operator.
///
/// One Kraus operator is drawn at each channel, and outcomes are read with the errors of `noise`. Shots that have drawn the same so far
/// share one state.
///
/// >>> from qloom import Channel, Circuit, Trajectories
/// >>> damped = Circuit(1).x(0).channel(Channel.amplitude_damping(0.25), [0])
/// >>> values, errors = Trajectories(damped).run(10_000, seed=7)["expectation_z"]
/// >>> bool(abs(values[0] + 0.5) < 4 * errors[0] < 0.04)       # exactly -0.5
/// True
#[pyclass(frozen, module = "qloom")]
pub struct Trajectories {
    inner: Arc<estimate::Trajectories<f64>>,
    readout: Readout,
    circuit: circuits::Circuit,
    noise: Option<NoiseModel>,
}

#[pymethods]
impl Trajectories {
    /// Compiles a circuit without parameters.
    #[new]
    #[pyo3(signature = (circuit, noise=None))]
    fn new(py: Python<'_>, circuit: &Circuit, noise: Option<NoiseModel>) -> PyResult<Self> {
        let circuit = circuit.inner.bind(&[]).map_err(error::of)?;
        let (noisy, errors) = noise::noisy(noise.as_ref(), &circuit)?;
        let readout = Readout::new(&errors).map_err(error::of)?;
        let inner = work::long(py, move |_| estimate::Trajectories::new(&noisy).map_err(error::of))?;
        Ok(Self { inner: Arc::new(inner), readout, circuit, noise })
    }

    /// Runs shots. Pairs are of values and standard errors: `expectation_z` has those of all qubits and `expectation` that of the
    /// observable, without errors of reading out; `probabilities` has those of outcomes of all qubits, with them (empty above 24 qubits).
    /// `purity` is a pair or None, `counts` one outcome a shot, `distinct` the number of different states that were run.
    #[pyo3(signature = (shots, observable=None, seed=0))]
    fn run<'py>(&self, py: Python<'py>, shots: u64, observable: Option<&PauliSum>, seed: u64) -> PyResult<Bound<'py, PyDict>> {
        let (inner, readout) = (Arc::clone(&self.inner), self.readout.clone());
        let sum = observable.map(|sum| sum.inner.clone());
        let found = work::long(py, move |stop| {
            let mut watch = |_| match stop.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
            let mut stream = Stream::named(seed, "shots");
            inner.run_watched(shots, sum.as_ref(), &readout, config(), &mut stream, &mut watch).map_err(error::of)
        })?;
        let pair = |estimate: Estimate| (estimate.value, estimate.standard_error);
        let lists = |estimates: Vec<Estimate>| {
            let (values, errors): (Vec<f64>, Vec<f64>) = estimates.into_iter().map(pair).unzip();
            (values.into_pyarray(py), errors.into_pyarray(py))
        };
        let result = PyDict::new(py);
        result.set_item("shots", found.shots)?;
        result.set_item("distinct", found.distinct)?;
        result.set_item("expectation_z", lists(found.expectation_z))?;
        result.set_item("expectation", found.expectation.map(pair))?;
        result.set_item("probabilities", lists(found.probabilities))?;
        result.set_item("purity", found.purity.map(pair))?;
        result.set_item("counts", by_bitstring(&found.counts))?;
        Ok(result)
    }

    fn __repr__(&self) -> String {
        format!("<Trajectories of {} qubits>", self.circuit.num_qubits())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let parts = (Circuit { inner: this.circuit.clone() }, this.noise.clone());
        Ok((slf.get_type().into_any(), parts.into_pyobject(slf.py())?))
    }
}
