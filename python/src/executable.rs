//! Circuits with measurements, run shot by shot.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use qloom::circuits::{self, Stream};
use qloom::sim::{self, Branching, Counts, SimError};

use crate::circuit::Circuit;
use crate::error;
use crate::state::{PauliVector, StateVector, by_bitstring, config};
use crate::tableau::Tableau;
use crate::work;

/// A circuit compiled for states of one kind.
#[derive(Clone)]
enum Compiled {
    Pure(Arc<sim::Executable<sim::StateVector<f64>>>),
    Mixed(Arc<sim::Executable<sim::PauliVector>>),
    Stabilizer(Arc<sim::Executable<sim::Tableau>>),
}

/// A circuit with measurements, resets, conditions and channels, compiled for running shots.
///
/// `state` is `state-vector`, where channels are drawn, `pauli-vector`, where they are exact, or `tableau` for Clifford gates on thousands
/// of qubits.
///
/// >>> from qloom import Circuit, Executable
/// >>> counts = Executable(Circuit(2).h(0).cx(0, 1).measure_all()).counts(1000, seed=1)
/// >>> sorted(counts) == ["00", "11"] and sum(counts.values()) == 1000
/// True
#[pyclass(frozen, module = "qloom")]
pub struct Executable {
    circuit: circuits::Circuit,
    kind: String,
    compiled: Compiled,
}

fn counts<S: Branching>(executable: &sim::Executable<S>, shots: u64, seed: u64, stop: &AtomicBool) -> PyResult<Counts> {
    let mut watch = |_| match stop.load(Ordering::Relaxed) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    executable.watched_counts(shots, config(), &mut Stream::named(seed, "shots"), &mut watch).map_err(error::of)
}

impl Executable {
    fn drawn(&self, py: Python<'_>, shots: u64, seed: u64) -> PyResult<Counts> {
        let compiled = self.compiled.clone();
        work::long(py, move |stop| match compiled {
            Compiled::Pure(executable) => counts(&executable, shots, seed, stop),
            Compiled::Mixed(executable) => counts(&executable, shots, seed, stop),
            Compiled::Stabilizer(executable) => counts(&executable, shots, seed, stop),
        })
    }
}

/// Ends of branches: probability, classical bits and state.
type Ends<S> = Vec<(f64, Vec<u8>, S)>;

fn ends<S: Branching>(executable: &sim::Executable<S>, limit: usize) -> Result<Ends<S>, SimError> {
    let bits = executable.num_bits();
    let branches = executable.branches(limit, &[], config())?;
    let record = |branch: &sim::Branch<S>| (0..bits).map(|bit| u8::from(branch.record.get(bit))).collect();
    Ok(branches.into_iter().map(|branch| (branch.probability, record(&branch), branch.state)).collect())
}

#[pymethods]
impl Executable {
    #[new]
    #[pyo3(signature = (circuit, state="state-vector"))]
    fn new(circuit: &Circuit, state: &str) -> PyResult<Self> {
        let circuit = circuit.inner.clone();
        let compiled = match state {
            "state-vector" => Compiled::Pure(Arc::new(sim::Executable::new(&circuit).map_err(error::of)?)),
            "pauli-vector" => Compiled::Mixed(Arc::new(sim::Executable::new(&circuit).map_err(error::of)?)),
            "tableau" => Compiled::Stabilizer(Arc::new(sim::Executable::new(&circuit).map_err(error::of)?)),
            other => {
                let kinds = "there are state-vector, pauli-vector and tableau";
                return Err(error::input(format!("no kind of state is {other:?}; {kinds}")));
            }
        };
        Ok(Self { circuit, kind: state.to_owned(), compiled })
    }

    /// Classical bits of an outcome, or qubits where nothing is measured.
    #[getter]
    fn outcome_bits(&self) -> usize {
        match &self.compiled {
            Compiled::Pure(executable) => executable.outcome_bits(),
            Compiled::Mixed(executable) => executable.outcome_bits(),
            Compiled::Stabilizer(executable) => executable.outcome_bits(),
        }
    }

    /// Qubit and bit of the measurements after everything else.
    #[getter]
    fn last(&self) -> Vec<(usize, usize)> {
        match &self.compiled {
            Compiled::Pure(executable) => executable.last().to_vec(),
            Compiled::Mixed(executable) => executable.last().to_vec(),
            Compiled::Stabilizer(executable) => executable.last().to_vec(),
        }
    }

    /// Runs shots: outcomes, bit 0 rightmost, and how often each came.
    #[pyo3(signature = (shots, seed=0))]
    fn counts(&self, py: Python<'_>, shots: u64, seed: u64) -> PyResult<BTreeMap<String, u64>> {
        Ok(by_bitstring(&self.drawn(py, shots, seed)?))
    }

    /// Runs shots: different outcomes as rows of bits, bit 0 first, and how often each came.
    #[pyo3(signature = (shots, seed=0))]
    #[allow(clippy::type_complexity)]
    fn outcomes<'py>(
        &self,
        py: Python<'py>,
        shots: u64,
        seed: u64,
    ) -> PyResult<(Bound<'py, PyArray2<u8>>, Bound<'py, PyArray1<i64>>)> {
        let counts = self.drawn(py, shots, seed)?;
        let width = counts.num_bits();
        let (mut bits, mut times) = (Vec::new(), Vec::new());
        for (outcome, count) in counts.iter() {
            bits.extend((0..width).map(|bit| u8::from(outcome.get(bit))));
            times.push(count as i64);
        }
        let rows = times.len();
        Ok((bits.into_pyarray(py).reshape([rows, width])?, times.into_pyarray(py)))
    }

    /// Every branch: its probability, its classical bits (bit 0 first) and its state, the measurements of `last` not yet done.
    #[pyo3(signature = (limit=4096))]
    fn branches<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        match self.compiled.clone() {
            Compiled::Pure(executable) => {
                for (probability, bits, state) in work::long(py, move |_| ends(&executable, limit).map_err(error::of))? {
                    list.append((probability, bits.into_pyarray(py), StateVector { inner: Arc::new(state) }))?;
                }
            }
            Compiled::Mixed(executable) => {
                for (probability, bits, state) in work::long(py, move |_| ends(&executable, limit).map_err(error::of))? {
                    list.append((probability, bits.into_pyarray(py), PauliVector { inner: Arc::new(state) }))?;
                }
            }
            Compiled::Stabilizer(executable) => {
                for (probability, bits, state) in work::long(py, move |_| ends(&executable, limit).map_err(error::of))? {
                    list.append((probability, bits.into_pyarray(py), Tableau::of(state)))?;
                }
            }
        }
        Ok(list)
    }

    fn __repr__(&self) -> String {
        format!("<Executable: {} qubits, {} bits, {}>", self.circuit.num_qubits(), self.circuit.num_bits(), self.kind)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let parts = (Circuit { inner: this.circuit.clone() }, this.kind.clone());
        Ok((slf.get_type().into_any(), parts.into_pyobject(slf.py())?))
    }
}
