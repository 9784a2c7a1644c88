//! Reduced density matrices of a state, from expectation values of Pauli strings.

use num_complex::Complex64;
use qloom_circuits::{PauliOperator, PauliString};
use rustc_hash::FxHashMap;

use crate::error::ChemistryError;
use crate::fermion::{FermionOperator, Ladder};
use crate::spin_orbitals::{Spin, SpinOrbitals};

/// Density matrices over spatial orbitals, summed over spins.
///
/// `one[p n + q] = <E_pq>` and `two[((p n + q) n + r) n + s] = <E_pq E_rs - delta_qr E_ps>`, real parts; the energy of integrals is
/// `core + sum h_pq one_pq + 1/2 sum (pq|rs) two_pqrs`.
#[derive(Clone, Debug, PartialEq)]
pub struct DensityMatrices {
    /// Number of orbitals, `n`.
    pub num_orbitals: usize,
    /// `n^2` numbers; the trace is the number of electrons.
    pub one: Vec<f64>,
    /// `n^4` numbers.
    pub two: Vec<f64>,
}

/// The density matrices of a state that is known by its expectation values of Pauli strings, each asked for once.
///
/// Costs about `n^4` products of operators with eight strings.
///
/// # Errors
/// Never for orbitals that exist.
pub fn density_matrices(
    orbitals: &SpinOrbitals,
    mut expectation: impl FnMut(PauliString) -> f64,
) -> Result<DensityMatrices, ChemistryError> {
    let n = orbitals.num_orbitals();
    let mut known: FxHashMap<PauliString, f64> = FxHashMap::default();
    let mut value = |operator: &PauliOperator| {
        let terms = operator.terms().iter();
        terms.map(|&(string, c)| (c * *known.entry(string).or_insert_with(|| expectation(string))).re).sum::<f64>()
    };
    let excitation = |p: usize, q: usize| {
        let product = |spin| vec![Ladder::create(orbitals.mode(p, spin)), Ladder::annihilate(orbitals.mode(q, spin))];
        orbitals.encoding().map(&FermionOperator::new(Spin::BOTH.map(|spin| (product(spin), Complex64::ONE)))?)
    };
    let excitations = (0..n * n).map(|pair| excitation(pair / n, pair % n)).collect::<Result<Vec<_>, _>>()?;
    let one: Vec<f64> = excitations.iter().map(&mut value).collect();
    let mut two = Vec::with_capacity(n.pow(4));
    for (left, first) in excitations.iter().enumerate() {
        for (right, second) in excitations.iter().enumerate() {
            let contracted = if left % n == right / n { one[left / n * n + right % n] } else { 0.0 };
            two.push(value(&first.times(second)) - contracted);
        }
    }
    Ok(DensityMatrices { num_orbitals: n, one, two })
}
