//! Expectation values by shots that terms share.

use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits::Stream;
use qloom::estimate::{self, Grouping, Readout};

use crate::chemistry::choice;
use crate::circuit::Circuit;
use crate::error;
use crate::held::{Held, with_state};
use crate::noise::NoiseModel;
use crate::pauli::PauliSum;
use crate::work;

/// A setting: the change of basis, and for each term the qubits whose outcomes are multiplied, and its coefficient.
type Setting = (Circuit, Vec<(Vec<usize>, f64)>);

/// An observable's terms grouped into settings that one shot measures together.
///
/// `grouping` is terms, qubit-wise or commuting, which needs fewer settings and two-qubit gates in front of the measurements. Outcomes are
/// read with the errors of `noise`, of which nothing else is used; `invert_readout` corrects every shot by their inverse.
///
/// >>> from qloom import Circuit, Measurements, PauliSum
/// >>> observable = PauliSum({"XX": 0.5, "YY": -0.5, "ZZ": 1.0, "II": 2.0})
/// >>> len(Measurements(observable).settings()), len(Measurements(observable, "commuting").settings())
/// (3, 1)
/// >>> Measurements(observable, "commuting").estimate(Circuit(2).h(0).cx(0, 1).state(), 100)
/// (4.0, 0.0)
#[pyclass(frozen, module = "qloom")]
pub struct Measurements {
    inner: estimate::Measurements,
    arguments: Py<PyTuple>,
}

impl Measurements {
    /// Mean and variance of one shot of each setting.
    fn exact(&self, py: Python<'_>, state: Held) -> PyResult<Vec<(f64, f64)>> {
        let inner = self.inner.clone();
        work::long(py, move |_| with_state!(state, state => inner.moments(&*state)).map_err(error::of))
    }

    /// Shares of the settings.
    fn shares(&self, py: Python<'_>, shots: u64, state: Option<Held>) -> PyResult<Vec<u64>> {
        if shots == 0 {
            return Err(error::input("0 shots measure nothing; draw at least 1"));
        }
        let weights: Vec<f64> = match state {
            None => self.inner.settings().iter().map(estimate::Setting::weight).collect(),
            Some(state) => self.exact(py, state)?.iter().map(|(_, variance)| variance.sqrt()).collect(),
        };
        Ok(estimate::allocate(shots, &weights))
    }
}

#[pymethods]
impl Measurements {
    #[new]
    #[pyo3(signature = (observable, grouping="qubit-wise", noise=None, invert_readout=false))]
    fn new(
        py: Python<'_>,
        observable: PauliSum,
        grouping: &str,
        noise: Option<NoiseModel>,
        invert_readout: bool,
    ) -> PyResult<Self> {
        let groupings = [("terms", Grouping::Terms), ("qubit-wise", Grouping::QubitWise), ("commuting", Grouping::Commuting)];
        let errors = noise.as_ref().map(|noise| noise.inner.readout.clone()).unwrap_or_default();
        let readout = Readout::new(&errors).map_err(error::of)?;
        let chosen = choice("grouping", grouping, &groupings)?;
        let sum = observable.inner.clone();
        let inner = work::long(py, move |_| {
            let inner = estimate::Measurements::new(&sum, chosen).with_readout(readout.clone());
            if invert_readout { inner.with_inversion(readout).map_err(error::of) } else { Ok(inner) }
        })?;
        let arguments = (observable, grouping, noise, invert_readout).into_pyobject(py)?.unbind();
        Ok(Self { inner, arguments })
    }

    /// The settings: a circuit after which all qubits are measured, and for each term the qubits whose outcomes are multiplied and its
    /// coefficient.
    fn settings(&self) -> Vec<Setting> {
        let qubits = |mask: u64| (0..64).filter(|qubit| mask >> qubit & 1 == 1).collect();
        let of = |setting: &estimate::Setting| {
            let terms = setting.terms().iter().map(|&(mask, coefficient)| (qubits(mask), coefficient));
            (Circuit { inner: setting.circuit().clone() }, terms.collect())
        };
        self.inner.settings().iter().map(of).collect()
    }

    /// Mean and variance of one shot of each setting, exactly: shape `(settings, 2)`.
    fn moments<'py>(&self, py: Python<'py>, state: Held) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let moments = self.exact(py, state)?;
        let rows = moments.len();
        let values: Vec<f64> = moments.into_iter().flat_map(|(mean, variance)| [mean, variance]).collect();
        values.into_pyarray(py).reshape([rows, 2])
    }

    /// The value that endless shots give, errors of reading out included.
    fn limit(&self, py: Python<'_>, state: Held) -> PyResult<f64> {
        let inner = self.inner.clone();
        work::long(py, move |_| with_state!(state, state => inner.limit(&*state)).map_err(error::of))
    }

    /// Shares out shots, at least one a setting: by the sum of absolute coefficients, which is all that is known before, or with a state
    /// by the standard deviations there, which makes the error the least.
    #[pyo3(signature = (shots, state=None))]
    fn allocate(&self, py: Python<'_>, shots: u64, state: Option<Held>) -> PyResult<Vec<u64>> {
        self.shares(py, shots, state)
    }

    /// Draws shots in a state: the value and its standard error. A number of shots is shared out by `allocate`, a list has one a setting.
    #[pyo3(signature = (state, shots, seed=0))]
    fn estimate(&self, py: Python<'_>, state: Held, shots: Shots, seed: u64) -> PyResult<(f64, f64)> {
        let inner = self.inner.clone();
        let shots = match shots {
            Shots::Total(total) => self.shares(py, total, None)?,
            Shots::Each(shots) => shots,
        };
        let estimate = work::long(py, move |_| {
            let mut stream = Stream::named(seed, "shots");
            with_state!(state, state => inner.estimate(&*state, &shots, &mut stream)).map_err(error::of)
        })?;
        Ok((estimate.value, estimate.standard_error))
    }

    fn __repr__(&self) -> String {
        format!("<Measurements: {} settings>", self.inner.settings().len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, Bound<'py, PyTuple>) {
        (slf.get_type().into_any(), slf.get().arguments.bind(slf.py()).clone())
    }
}

/// Shots for all settings, or for each.
#[derive(FromPyObject)]
enum Shots {
    /// Of all.
    Total(u64),
    /// Of each.
    Each(Vec<u64>),
}
