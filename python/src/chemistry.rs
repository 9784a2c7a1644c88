//! Molecules and exact energies.

use numpy::{IntoPyArray, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::chemistry::{self, Integrals, Pool, Quantity, Reduction, SpinOrder};
use qloom::circuits::{self, PauliString};
use qloom::sim;

use crate::error;
use crate::fermion::MAPPINGS;
use crate::held::{Held, with_state};
use crate::pauli::PauliSum;
use crate::work;

/// The names of the orders of spin orbitals.
pub const ORDERS: [(&str, SpinOrder); 2] = [("interleaved", SpinOrder::Interleaved), ("blocked", SpinOrder::Blocked)];

/// The names of the pools of excitations.
const POOLS: [(&str, Pool); 4] = [
    ("uccsd", Pool::Uccsd),
    ("paired-generalized", Pool::PairedGeneralized),
    ("qubit-excitation", Pool::QubitExcitation),
    ("coupled-exchange", Pool::CoupledExchange),
];

/// The names of what penalties hold.
const QUANTITIES: [(&str, Quantity); 3] =
    [("number", Quantity::Number), ("spin-z", Quantity::SpinZ), ("spin-squared", Quantity::SpinSquared)];

/// The most orbitals whose density matrices are worked out: about `n^4` products.
const MOST_DENSITY_ORBITALS: usize = 16;

/// The Hamiltonian of a molecule on qubits, from the text of an FCIDUMP file; energies in hartree.
///
/// `mapping`: jordan-wigner, parity, bravyi-kitaev or ternary-tree; `order`: interleaved or blocked; `reduction`: none, two-qubit or taper.
/// The first `freeze_core` orbitals are doubly occupied; of the others those of `active`, numbered from 0 in the file, are kept, or all.
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
    occupied: (Vec<usize>, Vec<usize>),
    arguments: (String, String, String, String, usize, Option<Vec<usize>>),
}

/// What a name stands for.
pub fn choice<T>(what: &str, given: &str, all: &[(&str, T)]) -> PyResult<T>
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
    #[pyo3(signature = (fcidump, mapping="jordan-wigner", order="interleaved", reduction="none", freeze_core=0, active=None))]
    fn new(
        fcidump: &str,
        mapping: &str,
        order: &str,
        reduction: &str,
        freeze_core: usize,
        active: Option<Vec<usize>>,
    ) -> PyResult<Self> {
        let reductions = [("none", Reduction::None), ("two-qubit", Reduction::TwoQubit), ("taper", Reduction::Taper)];
        let mut integrals = Integrals::from_fcidump(fcidump).map_err(error::of)?;
        if freeze_core > 0 || active.is_some() {
            integrals = integrals.freeze_core(freeze_core, active.as_deref()).map_err(error::of)?;
        }
        let (to, placed) = (choice("mapping", mapping, &MAPPINGS)?, choice("order", order, &ORDERS)?);
        let removed = choice("reduction", reduction, &reductions)?;
        let inner = chemistry::Molecule::new(&integrals, to, placed, &removed).map_err(error::of)?;
        let [text, to_named, order, reduction] = [fcidump, mapping, order, reduction].map(str::to_owned);
        let arguments = (text, to_named, order, reduction, freeze_core, active);
        let electrons = (integrals.num_alpha(), integrals.num_beta());
        let (energy, occupied) = (integrals.hartree_fock_energy(), integrals.hartree_fock());
        Ok(Self { inner, energy, electrons, occupied, arguments })
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

    /// The symmetries by which qubits were removed, words on all qubits, and their values.
    #[getter]
    fn symmetries(&self) -> Vec<(String, f64)> {
        let n = self.inner.orbitals().num_qubits();
        self.inner.symmetries().iter().map(|string| string.word(n)).zip(self.inner.signs().iter().copied()).collect()
    }

    /// Another operator on all qubits, on those that are left.
    fn reduced(&self, operator: &PauliSum) -> PyResult<PauliSum> {
        let (given, expected) = (operator.inner.num_qubits(), self.inner.orbitals().num_qubits());
        if given != expected {
            return Err(error::chemistry(format!(
                "an operator on {given} qubits; the molecule has {expected} before any is removed"
            )));
        }
        Ok(PauliSum { inner: self.inner.reduced(&operator.inner).map_err(error::of)? })
    }

    /// The Hamiltonian with `weight (O - value)^2` added, which lifts states where the quantity is another: number (of electrons), spin-z
    /// or spin-squared, which is `s (s + 1)`.
    fn with_penalty(&self, quantity: &str, value: f64, weight: f64) -> PyResult<PauliSum> {
        let quantity = choice("quantity", quantity, &QUANTITIES)?;
        let penalised = self.inner.clone().with_penalty(quantity, value, weight).map_err(error::of)?;
        Ok(PauliSum { inner: penalised.hamiltonian().clone() })
    }

    /// The excitations of a pool from the Hartree-Fock determinant, on the qubits that are left: labels and generators, to be turned by
    /// `exp(-i theta G)`. The pool is uccsd, paired-generalized, qubit-excitation or coupled-exchange.
    #[pyo3(signature = (pool="uccsd"))]
    fn excitations(&self, py: Python<'_>, pool: &str) -> PyResult<Vec<(String, PauliSum)>> {
        let (pool, molecule, occupied) = (choice("pool", pool, &POOLS)?, self.inner.clone(), self.occupied.clone());
        let found =
            work::long(py, move |_| chemistry::excitations(pool, &molecule, &occupied.0, &occupied.1).map_err(error::of))?;
        let pair = |found: chemistry::Excitation| (found.label().to_owned(), PauliSum { inner: found.generator().clone() });
        Ok(found.into_iter().map(pair).collect())
    }

    /// The density matrices over spatial orbitals, summed over spins, of a state: `[p, q]` is `<E_pq>`, and `[p, q, r, s]` is
    /// `<E_pq E_rs - delta_qr E_ps>`, so that the energy is `core + sum h_pq [p, q] + 1/2 sum (pq|rs) [p, q, r, s]`.
    fn density_matrices<'py>(&self, py: Python<'py>, state: Held) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let n = self.inner.orbitals().num_orbitals();
        let (given, expected) = (with_state!(&state, state => state.num_qubits()), self.inner.hamiltonian().num_qubits());
        if given != expected {
            return Err(error::chemistry(format!("a state on {given} qubits of a molecule on {expected}; pass one on as many")));
        }
        if n > MOST_DENSITY_ORBITALS {
            return Err(error::chemistry(format!(
                "{n} orbitals; density matrices are worked out for up to {MOST_DENSITY_ORBITALS}"
            )));
        }
        let molecule = self.inner.clone();
        let found = work::long(py, move |_| {
            // what does not commute with a symmetry of the state is 0 in it
            let value = |string: PauliString| {
                let whole = circuits::PauliSum::new(molecule.orbitals().num_qubits(), [(string, 1.0)]).ok()?;
                let left = molecule.reduced(&whole).ok()?;
                let &(left, sign) = left.terms().first()?;
                with_state!(&state, state => state.pauli(left)).ok().map(|value| sign * value)
            };
            chemistry::density_matrices(molecule.orbitals(), |string| value(string).unwrap_or(0.0)).map_err(error::of)
        })?;
        let (one, two) = (found.one.into_pyarray(py).reshape([n, n])?, found.two.into_pyarray(py).reshape([n, n, n, n])?);
        Ok((one.into_any(), two.into_any()))
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
