//! Expectation values under noise, from finitely many shots, with errors mitigated.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use qloom::circuits::Stream;
use qloom::estimate::{self, Estimator as _, Mitigation, NoisyEstimator, NoisyMeasurement, ShotNoise};

use crate::array::Reals;
use crate::circuit::Circuit;
use crate::error;
use crate::noise::NoiseModel;
use crate::pauli::PauliSum;
use crate::work;

/// An expectation value as a noisy machine measures it, with what is done against the noise.
///
/// `shots` is the number for each term of the observable; without it there are endlessly many. `invert_readout` undoes the errors of reading
/// out that `noise` has. `mitigation` is zero-noise-extrapolation, probabilistic-error-cancellation or virtual-distillation, or a dictionary of
/// one with its settings, such as `{"zero-noise-extrapolation": {"scales": [1, 2, 3], "curve": "polynomial"}}`. `shot_noise` says how random
/// errors are drawn: term-variance, as they are in truth, published-gpu, published-cpu or none. The noise of gates is simulated exactly,
/// random errors are normal, and the standard error is that of the mitigated value.
///
/// >>> from qloom import Circuit, Estimator, NoiseModel, PauliSum
/// >>> noise = NoiseModel.uniform("depolarizing1=0.01, readout=0.05", 1)
/// >>> circuit, z = Circuit(1).x(0).x(0), PauliSum({"Z": 1.0})
/// >>> [round(Estimator(circuit, z, noise, **how).value([])[0], 4) for how in ({}, {"invert_readout": True})]
/// [0.8821, 0.9801]
/// >>> how = {"invert_readout": True, "mitigation": "zero-noise-extrapolation"}
/// >>> round(Estimator(circuit, z, noise, **how).value([])[0], 4)
/// 1.0
#[pyclass(frozen, module = "qloom")]
pub struct Estimator {
    inner: Arc<Mutex<NoisyEstimator>>,
    num_parameters: usize,
    arguments: Py<PyTuple>,
}

/// A mitigation from its name or a dictionary.
pub fn mitigation(settings: Option<&Bound<'_, PyAny>>) -> PyResult<Mitigation> {
    let Some(settings) = settings else { return Ok(Mitigation::None) };
    serde_json::from_str(&crate::kernel::json(settings)?).map_err(|error| error::input(format!("mitigation: {error}")))
}

impl Estimator {
    fn inner(&self) -> MutexGuard<'_, NoisyEstimator> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T: Send + 'static>(
        &self,
        py: Python<'_>,
        parameters: &Reals<'_>,
        work: impl FnOnce(&mut NoisyEstimator, &[f64]) -> Result<T, estimate::EstimateError> + Send + 'static,
    ) -> PyResult<T> {
        let (inner, parameters) = (Arc::clone(&self.inner), parameters.values()?.to_vec());
        work::long(py, move |_| work(&mut inner.lock().unwrap_or_else(PoisonError::into_inner), &parameters).map_err(error::of))
    }
}

#[pymethods]
impl Estimator {
    #[new]
    #[pyo3(signature = (
        circuit, observable, noise=None, shots=None, invert_readout=false, mitigation=None, shot_noise="term-variance", seed=0
    ))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        circuit: Circuit,
        observable: PauliSum,
        noise: Option<NoiseModel>,
        shots: Option<f64>,
        invert_readout: bool,
        mitigation: Option<Bound<'_, PyAny>>,
        shot_noise: &str,
        seed: u64,
    ) -> PyResult<Self> {
        let drawn: ShotNoise =
            serde_json::from_value(shot_noise.into()).map_err(|error| error::input(format!("shot_noise: {error}")))?;
        let measurement = NoisyMeasurement {
            noise: noise.as_ref().map(|noise| noise.inner.clone()).unwrap_or_default(),
            invert_readout,
            shots,
            shot_noise: drawn,
            mitigation: self::mitigation(mitigation.as_ref())?,
        };
        let num_parameters = circuit.inner.num_parameters();
        let arguments = (circuit.clone(), observable.clone(), noise, shots, invert_readout, mitigation, shot_noise, seed);
        let arguments = arguments.into_pyobject(py)?.unbind();
        let inner = work::long(py, move |_| {
            let stream = Stream::named(seed, "shots");
            let mut inner = NoisyEstimator::new(measurement, &observable.inner, stream).map_err(error::of)?;
            inner.rebuild(&circuit.inner).map_err(error::of)?;
            Ok(inner)
        })?;
        Ok(Self { inner: Arc::new(Mutex::new(inner)), num_parameters, arguments })
    }

    /// Number of parameters.
    #[getter]
    fn num_parameters(&self) -> usize {
        self.num_parameters
    }

    /// Expectation values measured so far; one at a shifted angle counts as one.
    #[getter]
    fn evaluations(&self) -> u64 {
        self.inner().evaluations()
    }

    /// The value at these parameters and its standard error, which is 0 without random errors.
    fn value(&self, py: Python<'_>, parameters: Reals<'_>) -> PyResult<(f64, f64)> {
        let estimate = self.with(py, &parameters, |inner, parameters| inner.value(parameters))?;
        Ok((estimate.value, estimate.standard_error))
    }

    /// The value, its standard error, and the derivative by each parameter with the random errors of a parameter-shift rule.
    fn value_and_gradient<'py>(
        &self,
        py: Python<'py>,
        parameters: Reals<'py>,
    ) -> PyResult<(f64, f64, Bound<'py, PyArray1<f64>>)> {
        let count = self.num_parameters;
        let (estimate, gradient) = self.with(py, &parameters, move |inner, parameters| {
            let mut gradient = vec![0.0; count];
            let estimate = inner.value_and_gradient(parameters, &mut gradient)?;
            Ok((estimate, gradient))
        })?;
        Ok((estimate.value, estimate.standard_error, gradient.into_pyarray(py)))
    }

    /// The exact values with the noise, neither inverted nor mitigated, and without any.
    fn reference(&self, py: Python<'_>, parameters: Reals<'_>) -> PyResult<(f64, f64)> {
        let reference = self.with(py, &parameters, |inner, parameters| inner.reference(parameters))?;
        Ok((reference.noisy, reference.noiseless))
    }

    fn __repr__(&self) -> String {
        let inner = self.inner();
        let measurement = inner.measurement();
        let shots = measurement.shots.map_or("exact".to_owned(), |shots| format!("{shots} shots a term"));
        format!("<Estimator: {} parameters, {shots}, {:?}>", self.num_parameters, measurement.mitigation)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>, Bound<'py, PyBytes>)> {
        let py = slf.py();
        let stream = serde_json::to_vec(&slf.get().inner().stream().save()).map_err(error::simulation)?;
        Ok((slf.get_type().into_any(), slf.get().arguments.bind(py).clone(), PyBytes::new(py, &stream)))
    }

    /// Goes on drawing where a pickled one was.
    fn __setstate__(&self, state: &[u8]) -> PyResult<()> {
        let stream = serde_json::from_slice(state).map_err(|error| error::input(format!("the saved stream: {error}")))?;
        self.inner().set_stream(Stream::load(&stream));
        Ok(())
    }
}
