//! Stabilizer states.

use std::collections::BTreeMap;
use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use qloom::circuits;
use qloom::sim::{self, CliffordProgram, Observable};

use crate::circuit::Circuit;
use crate::error;
use crate::held;
use crate::pauli::PauliSum;
use crate::state::config;
use crate::work;

/// The state after a circuit of Clifford gates, on thousands of qubits; circuits with measurements run by `Executable(circuit, "tableau")`.
///
/// >>> from qloom import Circuit, Tableau
/// >>> state = Tableau(Circuit(2).h(0).cx(0, 1))
/// >>> state.stabilizers()
/// ['+XX', '+ZZ']
#[pyclass(frozen, module = "qloom")]
pub struct Tableau {
    /// The facade's state.
    pub inner: Arc<sim::Tableau>,
    /// What made it; none for the end of a branch.
    circuit: Option<circuits::Circuit>,
}

impl Tableau {
    /// A state whose circuit is not known.
    pub fn of(inner: sim::Tableau) -> Self {
        Self { inner: Arc::new(inner), circuit: None }
    }
}

#[pymethods]
impl Tableau {
    /// The state after a circuit without parameters.
    #[new]
    fn new(py: Python<'_>, circuit: &Circuit) -> PyResult<Self> {
        let circuit = circuit.inner.bind(&[]).map_err(error::of)?;
        let kept = circuit.clone();
        let state = work::long(py, move |_| {
            let mut state = sim::Tableau::zero(circuit.num_qubits(), config()).map_err(error::of)?;
            let program = CliffordProgram::new(&circuit).map_err(error::of)?;
            state.apply(&program, &[], &mut ()).map_err(error::of)?;
            Ok(state)
        })?;
        Ok(Self { inner: Arc::new(state), circuit: Some(kept) })
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Pauli words with a sign, one for each qubit, that leave the state as it is; the leftmost letter is on qubit 0.
    fn stabilizers(&self) -> Vec<String> {
        let letter = |[x, z]: &[bool; 2]| match (x, z) {
            (false, false) => 'I',
            (true, false) => 'X',
            (true, true) => 'Y',
            (false, true) => 'Z',
        };
        let word = |(minus, letters): (bool, Vec<[bool; 2]>)| {
            std::iter::once(if minus { '-' } else { '+' }).chain(letters.iter().map(letter)).collect()
        };
        self.inner.stabilizers().map(word).collect()
    }

    /// `<psi|H|psi>`.
    fn expectation(&self, py: Python<'_>, observable: &PauliSum) -> PyResult<f64> {
        let (inner, observable) = (Arc::clone(&self.inner), Observable::new(&observable.inner));
        work::long(py, move |_| inner.expectation(&observable).map_err(error::of))
    }

    /// `<Z>` of each qubit.
    fn expectation_z<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.expectation_z().into_pyarray(py)
    }

    /// Probability of each outcome of measuring a few qubits; the first is the least significant bit of an outcome.
    fn probabilities<'py>(&self, py: Python<'py>, qubits: Vec<usize>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(self.inner.probabilities(&qubits).map_err(error::of)?.into_pyarray(py))
    }

    /// Measures all qubits so many times, one by one: outcomes, qubit 0 rightmost, and how often each came.
    #[pyo3(signature = (shots, seed=0))]
    fn sample(&self, py: Python<'_>, shots: u64, seed: u64) -> PyResult<BTreeMap<String, u64>> {
        let inner = Arc::clone(&self.inner);
        work::long(py, move |stop| held::drawn((shots, seed), stop, |shots, stream| inner.sample(shots, stream)))
    }

    fn __repr__(&self) -> String {
        format!("<Tableau on {} qubits>", self.inner.num_qubits())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Circuit,))> {
        match &slf.get().circuit {
            Some(circuit) => Ok((slf.get_type().into_any(), (Circuit { inner: circuit.clone() },))),
            None => Err(error::kind("the end of a branch cannot be pickled as a tableau; pickle the circuit that leads to it")),
        }
    }
}
