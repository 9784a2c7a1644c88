//! Symmetries: found, kept, and qubits removed by them.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::chemistry;
use qloom::circuits::PauliString;
use qloom::estimate;
use qloom::sim::Counts;

use crate::error;
use crate::held::{Held, with_state};
use crate::pauli::{PauliSum, string};
use crate::state::by_bitstring;
use crate::work;

/// Pauli symmetries and the values that a state should have, 1 or -1: what has others is left out.
///
/// >>> from qloom import Circuit, PauliSum, Symmetries
/// >>> even = Symmetries({"ZZ": 1})
/// >>> even.expectation(PauliSum({"XX": 1.0}), Circuit(2).h(0).h(1).state())
/// (1.0, 0.5)
/// >>> even.keep({"00": 3, "01": 1, "11": 2})
/// {'00': 3, '11': 2}
#[pyclass(frozen, module = "qloom")]
pub struct Symmetries {
    inner: estimate::Symmetries,
    values: BTreeMap<String, i8>,
}

#[pymethods]
impl Symmetries {
    /// Commuting words, of which none is a product of others, and their values.
    #[new]
    fn new(values: BTreeMap<String, i8>) -> PyResult<Self> {
        let generators = values.iter().map(|(word, value)| Ok((string(word, None)?, *value)));
        let inner = estimate::Symmetries::new(&generators.collect::<PyResult<Vec<_>>>()?).map_err(error::of)?;
        Ok(Self { inner, values })
    }

    /// The value of an observable in the part of a state that has the symmetries, and how much of the state that is.
    fn expectation(&self, py: Python<'_>, observable: &PauliSum, state: Held) -> PyResult<(f64, f64)> {
        let (inner, sum) = (self.inner.clone(), observable.inner.clone());
        let longest = self.values.keys().map(String::len).max().unwrap_or(0);
        work::long(py, move |_| {
            let qubits = with_state!(&state, state => state.num_qubits());
            if longest > qubits || sum.num_qubits() != qubits {
                let (sum, given) = (sum.num_qubits(), longest.max(sum.num_qubits()));
                return Err(error::simulation(format!(
                    "a state on {qubits} qubits, an observable on {sum}, and words of up to {given}; give all the same"
                )));
            }
            let value = |string: PauliString| with_state!(&state, state => state.pauli(string)).unwrap_or(f64::NAN);
            let kept = inner.expectation(&sum, value).map_err(error::of)?;
            Ok((kept.value, kept.probability))
        })
    }

    /// The counts of the outcomes that have the symmetries; the words are of Z, and bit k, from the right, is qubit k.
    fn keep(&self, counts: BTreeMap<String, u64>) -> PyResult<BTreeMap<String, u64>> {
        let width = counts.keys().map(String::len).max().unwrap_or(0);
        let mut read = Counts::new(width);
        for (outcome, count) in &counts {
            let word = u64::from_str_radix(outcome, 2).ok().filter(|_| outcome.len() == width && width <= 64);
            let word = word.ok_or_else(|| {
                error::input(format!(
                    "{outcome:?} is no outcome of {width} bits, of which there are at most 64; write zeros and ones"
                ))
            })?;
            read.add(word, *count);
        }
        Ok(by_bitstring(&self.inner.keep(&read).map_err(error::of)?))
    }

    fn __repr__(&self) -> String {
        format!("Symmetries({:?})", self.values)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (BTreeMap<String, i8>,)) {
        (slf.get_type().into_any(), (slf.get().values.clone(),))
    }
}

/// Independent commuting Pauli words that commute with every term of a sum; `diagonal_only` leaves out those with X or Y.
///
/// >>> from qloom import PauliSum, z2_symmetries
/// >>> z2_symmetries(PauliSum({"XX": 1.0, "ZZ": 0.5}), diagonal_only=True)
/// ['ZZ']
#[pyfunction]
#[pyo3(signature = (hamiltonian, diagonal_only=false))]
pub fn z2_symmetries(py: Python<'_>, hamiltonian: &PauliSum, diagonal_only: bool) -> PyResult<Vec<String>> {
    let sum = hamiltonian.inner.clone();
    let qubits = sum.num_qubits();
    let found = work::long(py, move |_| Ok(chemistry::z2_symmetries(&sum, diagonal_only)))?;
    Ok(found.into_iter().map(|string| string.word(qubits)).collect())
}

/// Qubits removed by symmetries in a sector: one for each.
///
/// >>> from qloom import PauliSum, Tapering
/// >>> tapering = Tapering({"ZZ": -1})
/// >>> tapering(PauliSum({"XX": 1.0, "ZI": 0.5})), tapering.bits([True, False])
/// (PauliSum({'Z': 0.5, 'X': -1.0}), [True])
#[pyclass(frozen, module = "qloom")]
pub struct Tapering {
    inner: chemistry::Tapering,
    qubits: usize,
    sector: Vec<(String, i8)>,
}

#[pymethods]
impl Tapering {
    /// Symmetries on all qubits, each a word of the same length, and their values, 1 or -1.
    #[new]
    fn new(sector: &Bound<'_, PyAny>) -> PyResult<Self> {
        let sector: Vec<(String, i8)> = match sector.cast::<pyo3::types::PyDict>() {
            Ok(values) => values.iter().map(|(word, value)| Ok((word.extract()?, value.extract()?))).collect::<PyResult<_>>()?,
            Err(_) => sector.extract()?,
        };
        let qubits = sector.first().map_or(0, |(word, _)| word.chars().count());
        if let Some((word, _)) = sector.iter().find(|(word, _)| word.chars().count() != qubits) {
            return Err(error::chemistry(format!("the word {word:?} has not {qubits} letters as the first; write every qubit")));
        }
        let words = sector.iter().map(|(word, _)| string(word, None)).collect::<PyResult<Vec<_>>>()?;
        let signs: Vec<f64> = sector.iter().map(|(_, value)| f64::from(*value)).collect();
        let inner = chemistry::Tapering::new(qubits, &words, &signs).map_err(error::of)?;
        Ok(Self { inner, qubits, sector })
    }

    /// Number of qubits left.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// The qubits removed, ascending.
    #[getter]
    fn removed(&self) -> Vec<usize> {
        self.inner.removed()
    }

    /// A sum in the sector, on the qubits left; each term has to commute with the symmetries.
    fn __call__(&self, sum: &PauliSum) -> PyResult<PauliSum> {
        if sum.inner.num_qubits() != self.qubits {
            let (given, expected) = (sum.inner.num_qubits(), self.qubits);
            return Err(error::chemistry(format!("a sum on {given} qubits, and symmetries on {expected}; give both as many")));
        }
        Ok(PauliSum { inner: self.inner.apply(&sum.inner).map_err(error::of)? })
    }

    /// A basis state on the qubits left; None where a symmetry has X or Y.
    fn bits(&self, bits: Vec<bool>) -> Option<Vec<bool>> {
        self.inner.apply_bits(&bits)
    }

    fn __repr__(&self) -> String {
        format!("Tapering({:?})", self.sector)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((slf.get_type().into_any(), (slf.get().sector.clone(),).into_pyobject(slf.py())?))
    }
}
