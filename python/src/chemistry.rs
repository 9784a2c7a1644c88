//! Molecules and exact energies.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::chemistry::{self, Integrals, Mapping, Reduction, SpinOrder};
use qloom::sim;

use crate::error;
use crate::pauli::PauliSum;
use crate::work;

/// The Hamiltonian of a molecule on qubits, from the text of an FCIDUMP file; energies in hartree.
///
/// `mapping`: jordan-wigner, parity, bravyi-kitaev or ternary-tree; `order`: interleaved or blocked; `reduction`: none, two-qubit or taper.
///
/// >>> from qloom import Molecule
/// >>> text = "&FCI NORB=1, NELEC=2 /\n0.5 1 1 1 1\n-1.0 1 1 0 0\n"
/// >>> Molecule(text).hartree_fock_energy
/// -1.5
#[pyclass(frozen, module = "qloom")]
pub struct Molecule {
    inner: chemistry::Molecule,
    energy: f64,
    electrons: (usize, usize),
    arguments: (String, String, String, String),
}

fn choice<T>(what: &str, given: &str, all: &[(&str, T)]) -> PyResult<T>
where
    T: Clone,
{
    all.iter().find(|(name, _)| *name == given).map(|(_, value)| value.clone()).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        error::input(format!("no {what} is named {given:?}; there are {}", names.join(", ")))
    })
}

#[pymethods]
impl Molecule {
    #[new]
    #[pyo3(signature = (fcidump, mapping="jordan-wigner", order="interleaved", reduction="none"))]
    fn new(fcidump: &str, mapping: &str, order: &str, reduction: &str) -> PyResult<Self> {
        let mappings = [
            ("jordan-wigner", Mapping::JordanWigner),
            ("parity", Mapping::Parity),
            ("bravyi-kitaev", Mapping::BravyiKitaev),
            ("ternary-tree", Mapping::TernaryTree),
        ];
        let orders = [("interleaved", SpinOrder::Interleaved), ("blocked", SpinOrder::Blocked)];
        let reductions = [("none", Reduction::None), ("two-qubit", Reduction::TwoQubit), ("taper", Reduction::Taper)];
        let integrals = Integrals::from_fcidump(fcidump).map_err(error::of)?;
        let (to, placed) = (choice("mapping", mapping, &mappings)?, choice("order", order, &orders)?);
        let removed = choice("reduction", reduction, &reductions)?;
        let inner = chemistry::Molecule::new(&integrals, to, placed, &removed).map_err(error::of)?;
        let arguments = [fcidump, mapping, order, reduction].map(str::to_owned).into();
        let electrons = (integrals.num_alpha(), integrals.num_beta());
        Ok(Self { inner, energy: integrals.hartree_fock_energy(), electrons, arguments })
    }

    /// The Hamiltonian.
    #[getter]
    fn hamiltonian(&self) -> PauliSum {
        PauliSum { inner: self.inner.hamiltonian().clone() }
    }

    /// Energy of the Hartree-Fock determinant.
    #[getter]
    fn hartree_fock_energy(&self) -> f64 {
        self.energy
    }

    /// The Hartree-Fock basis state: whether qubit k is one; none where it is no basis state.
    #[getter]
    fn hartree_fock_bits(&self) -> Option<Vec<bool>> {
        self.inner.hartree_fock_bits().map(<[bool]>::to_vec)
    }

    /// Numbers of electrons with spin up and down.
    #[getter]
    fn electrons(&self) -> (usize, usize) {
        self.electrons
    }

    fn __repr__(&self) -> String {
        let hamiltonian = self.inner.hamiltonian();
        format!("<Molecule: {} qubits, {} terms>", hamiltonian.num_qubits(), hamiltonian.terms().len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((slf.get_type().into_any(), slf.get().arguments.clone().into_pyobject(slf.py())?))
    }
}

/// The lowest eigenvalue of a sum, exactly.
///
/// >>> from qloom import PauliSum, ground_energy
/// >>> round(ground_energy(PauliSum({"XX": 1.0, "YY": 1.0, "ZZ": 1.0})), 9)
/// -3.0
#[pyo3::pyfunction]
pub fn ground_energy(py: Python<'_>, hamiltonian: &PauliSum) -> PyResult<f64> {
    let sum = hamiltonian.inner.clone();
    work::long(py, move |_| sim::ground_energy(&sum).map_err(error::of))
}
