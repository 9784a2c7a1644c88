//! Operators of fermions and their qubits.

use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use qloom::chemistry::{self, Encoding, Ladder, Mapping};

use crate::chemistry::choice;
use crate::error;
use crate::pauli::PauliSum;
use crate::work;

/// The largest imaginary part that rounding leaves in a Hermitian operator.
const ROUNDING: f64 = 1e-10;

/// The most products that two operators are multiplied to.
const MOST_PRODUCTS: usize = 5_000_000;

/// A product of ladder operators: mode, and 1 where it creates.
type Product = Vec<(usize, u8)>;

/// The names of the mappings.
pub const MAPPINGS: [(&str, Mapping); 4] = [
    ("jordan-wigner", Mapping::JordanWigner),
    ("parity", Mapping::Parity),
    ("bravyi-kitaev", Mapping::BravyiKitaev),
    ("ternary-tree", Mapping::TernaryTree),
];

/// A complex combination of products of ladder operators, the rightmost of a product acting first.
///
/// A product is a tuple of `(mode, 1)`, which creates, and `(mode, 0)`, which annihilates, as in the `terms` of OpenFermion's operators.
///
/// >>> from qloom import FermionOperator
/// >>> hop = FermionOperator({((0, 1), (1, 0)): 1.0})
/// >>> (hop + hop.adjoint()).qubits("jordan-wigner")
/// PauliSum({'XX': 0.5, 'YY': 0.5})
#[pyclass(frozen, eq, module = "qloom")]
#[derive(PartialEq)]
pub struct FermionOperator {
    inner: chemistry::FermionOperator,
}

fn ladders(product: &Product) -> PyResult<Vec<Ladder>> {
    let ladder = |&(mode, creates): &(usize, u8)| match creates {
        0 => Ok(Ladder::annihilate(mode)),
        1 => Ok(Ladder::create(mode)),
        other => Err(error::chemistry(format!("({mode}, {other}) is no ladder operator; 1 creates and 0 annihilates"))),
    };
    product.iter().map(ladder).collect()
}

fn of(inner: Result<chemistry::FermionOperator, chemistry::ChemistryError>) -> PyResult<FermionOperator> {
    Ok(FermionOperator { inner: inner.map_err(error::of)? })
}

impl FermionOperator {
    fn list(&self) -> Vec<(Product, Complex64)> {
        let product =
            |ladders: &Vec<Ladder>| ladders.iter().map(|ladder| (ladder.mode, u8::from(ladder.creation))).collect::<Product>();
        self.inner.terms().iter().map(|(ladders, factor)| (product(ladders), *factor)).collect()
    }
}

#[pymethods]
impl FermionOperator {
    /// The operator of a dictionary, or a list of pairs, of products and factors; equal products are added up.
    #[new]
    fn new(terms: &Bound<'_, PyAny>) -> PyResult<Self> {
        let pairs: Vec<(Product, Complex64)> = match terms.cast::<PyDict>() {
            Ok(terms) => {
                terms.iter().map(|(product, factor)| Ok((product.extract()?, factor.extract()?))).collect::<PyResult<_>>()?
            }
            Err(_) => terms.extract()?,
        };
        let terms = pairs.iter().map(|(product, factor)| Ok((ladders(product)?, *factor))).collect::<PyResult<Vec<_>>>()?;
        of(chemistry::FermionOperator::new(terms))
    }

    /// The terms: products and their factors, shorter products first.
    fn terms<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let terms = PyDict::new(py);
        for (product, factor) in self.list() {
            terms.set_item(PyTuple::new(py, product)?, factor)?;
        }
        Ok(terms)
    }

    /// One more than the highest mode.
    #[getter]
    fn num_modes(&self) -> usize {
        self.inner.num_modes()
    }

    /// The adjoint: products reversed, creation and annihilation exchanged, factors conjugated.
    fn adjoint(&self) -> Self {
        Self { inner: self.inner.adjoint() }
    }

    /// The operator on qubits, by jordan-wigner, parity, bravyi-kitaev or ternary-tree, of as many modes as it has or more; one that is not
    /// Hermitian is refused: add the adjoint. Costs `2^k` for a product of `k` ladder operators.
    #[pyo3(signature = (mapping="jordan-wigner", num_modes=None))]
    fn qubits(&self, py: Python<'_>, mapping: &str, num_modes: Option<usize>) -> PyResult<PauliSum> {
        let mapping = choice("mapping", mapping, &MAPPINGS)?;
        let encoding = Encoding::new(mapping, num_modes.unwrap_or(self.inner.num_modes())).map_err(error::of)?;
        let operator = self.inner.clone();
        let mapped = work::long(py, move |_| encoding.map(&operator).map_err(error::of))?;
        Ok(PauliSum { inner: mapped.hermitian(ROUNDING).map_err(error::of)? })
    }

    fn __add__(&self, other: &Self) -> PyResult<Self> {
        of(self.inner.plus(&other.inner))
    }

    fn __sub__(&self, other: &Self) -> PyResult<Self> {
        self.__add__(&other.__neg__()?)
    }

    fn __neg__(&self) -> PyResult<Self> {
        self.__mul__(-Complex64::ONE)
    }

    fn __mul__(&self, factor: Complex64) -> PyResult<Self> {
        of(self.inner.scaled(factor))
    }

    fn __rmul__(&self, factor: Complex64) -> PyResult<Self> {
        self.__mul__(factor)
    }

    /// The product of two operators, the right one acting first; it is not put in normal order.
    fn __matmul__(&self, other: &Self) -> PyResult<Self> {
        let (left, right) = (self.inner.terms(), other.inner.terms());
        if left.len().saturating_mul(right.len()) > MOST_PRODUCTS {
            let (left, right) = (left.len(), right.len());
            return Err(error::chemistry(format!(
                "{left} terms times {right} are more than {MOST_PRODUCTS} products; multiply parts"
            )));
        }
        let product = |(a, x): &(Vec<Ladder>, Complex64), (b, y): &(Vec<Ladder>, Complex64)| ([&a[..], &b[..]].concat(), x * y);
        of(chemistry::FermionOperator::new(left.iter().flat_map(|a| right.iter().map(move |b| product(a, b)))))
    }

    fn __len__(&self) -> usize {
        self.inner.terms().len()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("FermionOperator({})", self.terms(py)?.repr()?))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((slf.get_type().into_any(), (slf.get().list(),).into_pyobject(slf.py())?))
    }
}
