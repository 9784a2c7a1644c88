//! Sums of Pauli strings.

use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use qloom::circuits::{self, HamiltonianFile, Pauli, PauliOperator, PauliString};

use crate::circuit::array;
use crate::error;

/// A real sum of Pauli strings: an observable or a Hamiltonian.
///
/// In a word, character k acts on qubit k: the leftmost on qubit 0.
///
/// >>> from qloom import PauliSum
/// >>> 2 * PauliSum({"XX": 1.0}) + PauliSum({"ZI": 0.5})
/// PauliSum({'ZI': 0.5, 'XX': 2.0})
#[pyclass(frozen, eq, module = "qloom", from_py_object)]
#[derive(Clone, PartialEq)]
pub struct PauliSum {
    /// The facade's sum.
    pub inner: circuits::PauliSum,
}

/// The Pauli string of a word on qubits, or on the first ones.
pub fn string(word: &str, qubits: Option<&[usize]>) -> PyResult<PauliString> {
    let Some(qubits) = qubits else { return PauliString::from_word(word).map_err(error::of) };
    let letters: Vec<Pauli> = word
        .chars()
        .map(|letter| {
            Pauli::from_letter(letter)
                .ok_or_else(|| error::circuit(format!("{letter:?} in {word:?} is no Pauli letter; use I, X, Y and Z")))
        })
        .collect::<PyResult<_>>()?;
    if letters.len() != qubits.len() {
        return Err(error::circuit(format!("the word {word:?} has {} letters for {} qubits", letters.len(), qubits.len())));
    }
    for (position, qubit) in qubits.iter().enumerate() {
        if *qubit >= PauliString::MAX_QUBITS {
            return Err(error::missing(format!(
                "qubit {qubit} of a Pauli word; at most {} can have one",
                PauliString::MAX_QUBITS
            )));
        }
        if qubits[..position].contains(qubit) {
            return Err(error::circuit(format!("qubit {qubit} is named twice; every qubit may appear once")));
        }
    }
    Ok(PauliString::from_letters(qubits.iter().copied().zip(letters)))
}

fn of(inner: Result<circuits::PauliSum, circuits::CircuitError>) -> PyResult<PauliSum> {
    Ok(PauliSum { inner: inner.map_err(error::of)? })
}

impl PauliSum {
    fn operator(&self) -> PauliOperator {
        PauliOperator::from(&self.inner)
    }

    fn same_size(&self, other: &Self) -> PyResult<()> {
        match (self.inner.num_qubits(), other.inner.num_qubits()) {
            (one, two) if one == two => Ok(()),
            (one, two) => Err(error::circuit(format!("sums on {one} and {two} qubits; give both as many"))),
        }
    }

    /// The largest imaginary part that rounding leaves in a product of Hermitian operators.
    const ROUNDING: f64 = 1e-10;
}

#[pymethods]
impl PauliSum {
    #[new]
    #[pyo3(signature = (terms, num_qubits=None))]
    fn new(terms: &Bound<'_, PyAny>, num_qubits: Option<usize>) -> PyResult<Self> {
        let pairs: Vec<(String, f64)> = match terms.cast::<PyDict>() {
            Ok(terms) => terms.iter().map(|(word, value)| Ok((word.extract()?, value.extract()?))).collect::<PyResult<_>>()?,
            Err(_) => terms.extract()?,
        };
        let longest = pairs.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
        let strings = pairs.iter().map(|(word, value)| Ok((string(word, None)?, *value)));
        of(circuits::PauliSum::new(num_qubits.unwrap_or(longest), strings.collect::<PyResult<Vec<_>>>()?))
    }

    /// Reads sparse text such as `0.5 * X0 Y3 - Z1 + 2`.
    #[staticmethod]
    #[pyo3(signature = (text, num_qubits=None))]
    fn from_text(text: &str, num_qubits: Option<usize>) -> PyResult<Self> {
        of(match num_qubits {
            Some(num_qubits) => circuits::PauliSum::from_text(text, num_qubits),
            None => text.parse(),
        })
    }

    /// Reads qloom's JSON of a Hamiltonian.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        of(HamiltonianFile::from_json(text).map(|file| file.hamiltonian))
    }

    /// A sum of letters on qubits: word, qubits and factor of each term.
    #[staticmethod]
    fn from_sparse(terms: Vec<(String, Vec<usize>, f64)>, num_qubits: usize) -> PyResult<Self> {
        let strings = terms.iter().map(|(word, qubits, value)| Ok((string(word, Some(qubits))?, *value)));
        of(circuits::PauliSum::new(num_qubits, strings.collect::<PyResult<Vec<_>>>()?))
    }

    /// `Z` on one qubit.
    #[staticmethod]
    fn z(qubit: usize, num_qubits: usize) -> PyResult<Self> {
        Self::from_sparse(vec![("Z".to_owned(), vec![qubit], 1.0)], num_qubits)
    }

    /// qloom's JSON of a Hamiltonian.
    fn to_json(&self) -> String {
        HamiltonianFile { hamiltonian: self.inner.clone(), ..HamiltonianFile::default() }.to_json()
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// The terms: a word on all qubits and its factor.
    fn terms(&self) -> Vec<(String, f64)> {
        let n = self.inner.num_qubits();
        self.inner.terms().iter().map(|&(string, value)| (string.word(n), value)).collect()
    }

    /// The sum of absolute values of the factors, without the constant.
    #[getter]
    fn one_norm(&self) -> f64 {
        self.inner.one_norm()
    }

    /// The factor of the identity.
    #[getter]
    fn constant(&self) -> f64 {
        self.inner.constant()
    }

    /// The dense matrix, for up to 12 qubits.
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.inner.num_qubits() > 12 {
            return Err(error::memory(format!(
                "a dense matrix on {} qubits; at most 12 are written out",
                self.inner.num_qubits()
            )));
        }
        array(py, &self.inner.matrix())
    }

    fn __len__(&self) -> usize {
        self.inner.terms().len()
    }

    fn __add__(&self, other: &Self) -> PyResult<Self> {
        self.same_size(other)?;
        let terms = self.inner.terms().iter().chain(other.inner.terms()).copied();
        of(circuits::PauliSum::new(self.inner.num_qubits(), terms))
    }

    fn __sub__(&self, other: &Self) -> PyResult<Self> {
        self.__add__(&other.__neg__()?)
    }

    fn __neg__(&self) -> PyResult<Self> {
        self.__rmul__(-1.0)
    }

    fn __rmul__(&self, factor: f64) -> PyResult<Self> {
        of(circuits::PauliSum::new(
            self.inner.num_qubits(),
            self.inner.terms().iter().map(|&(string, value)| (string, factor * value)),
        ))
    }

    fn __mul__(&self, factor: f64) -> PyResult<Self> {
        self.__rmul__(factor)
    }

    fn __truediv__(&self, divisor: f64) -> PyResult<Self> {
        self.__rmul__(1.0 / divisor)
    }

    /// The product of commuting sums; one that is not Hermitian is refused.
    fn __matmul__(&self, other: &Self) -> PyResult<Self> {
        self.same_size(other)?;
        of(self.operator().times(&other.operator()).hermitian(Self::ROUNDING))
    }

    /// `i [A, B]`, which is Hermitian.
    fn commutator(&self, other: &Self) -> PyResult<Self> {
        self.same_size(other)?;
        of(self.operator().commutator(&other.operator()).scaled(Complex64::I).hermitian(Self::ROUNDING))
    }

    fn __repr__(&self) -> String {
        let terms: Vec<String> = self.terms().iter().map(|(word, value)| format!("'{word}': {value:?}")).collect();
        match self.inner.terms().is_empty() {
            true => format!("PauliSum({{}}, num_qubits={})", self.inner.num_qubits()),
            false => format!("PauliSum({{{}}})", terms.join(", ")),
        }
    }

    fn __str__(&self) -> String {
        self.inner.to_string()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        Ok((slf.get_type().into_any(), (this.terms(), this.inner.num_qubits()).into_pyobject(slf.py())?))
    }
}
