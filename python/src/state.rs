//! States: vectors of amplitudes and of Pauli coefficients.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_complex::Complex64;
use numpy::{IntoPyArray, PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use qloom::circuits::{self, Stream};
use qloom::sim::{self, Counts, Observable, PauliProgram, Program, SimulatorConfig};

use crate::array::Complexes;
use crate::circuit::array;
use crate::error;
use crate::pauli::PauliSum;
use crate::plane::{Owner, Plane};
use crate::work;

/// How simulations run: the library's defaults.
pub fn config() -> SimulatorConfig {
    SimulatorConfig::default()
}

/// Outcomes as bitstrings, qubit or bit 0 rightmost.
pub fn by_bitstring(counts: &Counts) -> BTreeMap<String, u64> {
    counts.iter().map(|(outcome, count)| (counts.bitstring(outcome), count)).collect()
}

/// A pure state of n qubits, which does not change.
///
/// >>> from qloom import Circuit
/// >>> Circuit(2).h(0).cx(0, 1).state().probabilities().round(3).tolist()
/// [0.5, 0.0, 0.0, 0.5]
#[pyclass(frozen, module = "qloom")]
pub struct StateVector {
    /// The facade's state.
    pub inner: Arc<sim::StateVector<f64>>,
}

impl StateVector {
    /// The state that a circuit without parameters makes of another, or of `|0...0>`.
    pub fn of(py: Python<'_>, circuit: circuits::Circuit, initial: Option<Arc<sim::StateVector<f64>>>) -> PyResult<Self> {
        let make = move || -> Result<_, sim::SimError> {
            let mut state = match initial {
                Some(initial) => initial.try_clone()?,
                None => sim::StateVector::zero(circuit.num_qubits(), config())?,
            };
            state.run(&Program::once(&circuit)?, &[])?;
            Ok(Arc::new(state))
        };
        let inner = work::long(py, move |_| make().map_err(error::of))?;
        Ok(Self { inner })
    }
}

#[pymethods]
impl StateVector {
    /// A state of these amplitudes, in order of basis index; their norm has to be 1.
    #[new]
    fn new(py: Python<'_>, amplitudes: Complexes) -> PyResult<Self> {
        if amplitudes.shape.len() != 1 || amplitudes.values.is_empty() {
            return Err(error::input(format!("amplitudes of shape {:?}; they must have one dimension of 2^n", amplitudes.shape)));
        }
        let make = move |_: &_| sim::StateVector::from_amplitudes(&amplitudes.values, config()).map_err(error::of);
        Ok(Self { inner: Arc::new(work::long(py, make)?) })
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Real parts of the amplitudes: a read-only view, not a copy.
    #[getter]
    fn real<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Plane::view(py, Owner::Amplitudes(Arc::clone(&self.inner), false))
    }

    /// Imaginary parts of the amplitudes: a read-only view, not a copy.
    #[getter]
    fn imag<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Plane::view(py, Owner::Amplitudes(Arc::clone(&self.inner), true))
    }

    /// The amplitudes as complex numbers, interleaved from the two planes: a new array.
    fn amplitudes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
        let inner = Arc::clone(&self.inner);
        let amplitudes: Vec<Complex64> = work::long(py, move |_| Ok(inner.amplitudes().collect()))?;
        Ok(amplitudes.into_pyarray(py))
    }

    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if copy == Some(false) {
            return Err(error::input("amplitudes are two planes; without a copy there are only real and imag"));
        }
        let amplitudes = self.amplitudes(py)?.into_any();
        match dtype {
            Some(dtype) => amplitudes.call_method1("astype", (dtype,)),
            None => Ok(amplitudes),
        }
    }

    /// Probability of each outcome of measuring these qubits, or all; the first is the least significant bit of an outcome.
    #[pyo3(signature = (qubits=None))]
    fn probabilities<'py>(&self, py: Python<'py>, qubits: Option<Vec<usize>>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let qubits = qubits.unwrap_or_else(|| (0..self.inner.num_qubits()).collect());
        let inner = Arc::clone(&self.inner);
        Ok(work::long(py, move |_| inner.probabilities(&qubits).map_err(error::of))?.into_pyarray(py))
    }

    /// `<psi|H|psi>`.
    fn expectation(&self, py: Python<'_>, observable: &PauliSum) -> PyResult<f64> {
        let (inner, observable) = (Arc::clone(&self.inner), Observable::new(&observable.inner));
        work::long(py, move |_| inner.expectation(&observable).map_err(error::of))
    }

    /// `<psi|phi>` with another state.
    fn inner(&self, other: &Self) -> PyResult<Complex64> {
        self.inner.inner(&other.inner).map_err(error::of)
    }

    /// Measures all qubits so many times: outcomes, qubit 0 rightmost, and how often each came.
    #[pyo3(signature = (shots, seed=0))]
    fn sample(&self, py: Python<'_>, shots: u64, seed: u64) -> PyResult<BTreeMap<String, u64>> {
        let inner = Arc::clone(&self.inner);
        work::long(py, move |_| Ok(by_bitstring(&inner.sample(shots, &mut Stream::named(seed, "shots")))))
    }

    /// The density matrix of some qubits, the first the least significant.
    fn reduced<'py>(&self, py: Python<'py>, qubits: Vec<usize>) -> PyResult<Bound<'py, PyAny>> {
        array(py, &self.inner.reduced(&qubits).map_err(error::of)?)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner.planes() == other.inner.planes()
    }

    fn __repr__(&self) -> String {
        format!("<StateVector on {} qubits>", self.inner.num_qubits())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        Ok((slf.get_type().into_any(), (slf.get().amplitudes(slf.py())?.into_any(),)))
    }
}

/// A density operator as the coefficients `Tr(P rho)` of all Pauli strings, which does not change.
///
/// Digit q of an index in base 4 is the letter on qubit q, in the order I X Y Z.
///
/// >>> from qloom import Channel, Circuit
/// >>> Circuit(1).channel(Channel.amplitude_damping(0.5), [0]).density().coefficients.tolist()
/// [1.0, 0.0, 0.0, 1.0]
#[pyclass(frozen, module = "qloom")]
pub struct PauliVector {
    /// The facade's state.
    pub inner: Arc<sim::PauliVector>,
}

impl PauliVector {
    /// The state that a circuit without parameters makes of another, or of `|0...0>`.
    pub fn of(py: Python<'_>, circuit: circuits::Circuit, initial: Option<Arc<sim::PauliVector>>) -> PyResult<Self> {
        let make = move || -> Result<_, sim::SimError> {
            let mut state = match initial {
                Some(initial) => initial.try_clone()?,
                None => sim::PauliVector::zero(circuit.num_qubits(), config())?,
            };
            state.run(&PauliProgram::new(&circuit)?, &[])?;
            Ok(Arc::new(state))
        };
        Ok(Self { inner: work::long(py, move |_| make().map_err(error::of))? })
    }
}

#[pymethods]
impl PauliVector {
    /// A state of this density matrix.
    #[new]
    fn new(matrix: Complexes) -> PyResult<Self> {
        let inner = sim::PauliVector::from_density_matrix(&matrix.matrix()?, config()).map_err(error::of)?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// The coefficients: a read-only view, not a copy.
    #[getter]
    fn coefficients<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Plane::view(py, Owner::Coefficients(Arc::clone(&self.inner)))
    }

    /// The density matrix, a new array.
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let inner = Arc::clone(&self.inner);
        let matrix = work::long(py, move |_| inner.density_matrix().map_err(error::of))?;
        let dimension = matrix.dimension();
        Ok(matrix.entries().to_vec().into_pyarray(py).reshape([dimension, dimension])?.into_any())
    }

    /// Probability of each outcome of measuring these qubits, or all; the first is the least significant bit of an outcome.
    #[pyo3(signature = (qubits=None))]
    fn probabilities<'py>(&self, py: Python<'py>, qubits: Option<Vec<usize>>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let qubits = qubits.unwrap_or_else(|| (0..self.inner.num_qubits()).collect());
        Ok(self.inner.probabilities(&qubits).map_err(error::of)?.into_pyarray(py))
    }

    /// `Tr(H rho)`.
    fn expectation(&self, observable: &PauliSum) -> PyResult<f64> {
        self.inner.expectation(&Observable::new(&observable.inner)).map_err(error::of)
    }

    /// `Tr(rho^2)`.
    #[getter]
    fn purity(&self) -> f64 {
        self.inner.purity()
    }

    /// `<psi|rho|psi>` with a pure state.
    fn fidelity(&self, pure: &StateVector) -> PyResult<f64> {
        self.inner.fidelity(&pure.inner).map_err(error::of)
    }

    /// Measures all qubits so many times: outcomes, qubit 0 rightmost, and how often each came.
    #[pyo3(signature = (shots, seed=0))]
    fn sample(&self, py: Python<'_>, shots: u64, seed: u64) -> PyResult<BTreeMap<String, u64>> {
        let inner = Arc::clone(&self.inner);
        work::long(py, move |_| Ok(by_bitstring(&inner.sample(shots, &mut Stream::named(seed, "shots")))))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner.values() == other.inner.values()
    }

    fn __repr__(&self) -> String {
        format!("<PauliVector on {} qubits>", self.inner.num_qubits())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        Ok((slf.get_type().into_any(), (slf.get().matrix(slf.py())?,)))
    }
}
