//! Spatial orbitals with spin on qubits: the Hamiltonian, numbers, spin and determinants of a molecule.

use num_complex::Complex64;
use qloom_circuits::{PauliOperator, PauliString, PauliSum};
use rustc_hash::FxHashMap;

use crate::error::ChemistryError;
use crate::fermion::{FermionOperator, Ladder};
use crate::integrals::Integrals;
use crate::mapping::{Encoding, Mapping};

/// Coefficients of a mapped Hamiltonian up to this size, in hartree, are rounding and left out.
const NOTHING: f64 = 1e-12;

/// The spin of an electron.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spin {
    /// Up.
    Alpha,
    /// Down.
    Beta,
}

impl Spin {
    /// Both.
    pub const BOTH: [Spin; 2] = [Spin::Alpha, Spin::Beta];
}

/// The order of spin orbitals among the modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpinOrder {
    /// Mode `2p` is orbital `p` with alpha spin, mode `2p + 1` with beta spin.
    Interleaved,
    /// All alpha modes, then all beta modes.
    Blocked,
}

/// Spatial orbitals with both spins, encoded on qubits.
#[derive(Clone, Debug, PartialEq)]
pub struct SpinOrbitals {
    encoding: Encoding,
    order: SpinOrder,
}

impl SpinOrbitals {
    /// The encoding of `2 num_orbitals` modes in this order.
    ///
    /// # Errors
    /// For more than 32 orbitals, which is 64 qubits.
    pub fn new(mapping: Mapping, order: SpinOrder, num_orbitals: usize) -> Result<Self, ChemistryError> {
        Ok(Self { encoding: Encoding::new(mapping, num_orbitals.saturating_mul(2))?, order })
    }

    /// Number of spatial orbitals.
    pub fn num_orbitals(&self) -> usize {
        self.encoding.num_modes() / 2
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.encoding.num_modes()
    }

    /// The encoding of the modes.
    pub fn encoding(&self) -> &Encoding {
        &self.encoding
    }

    /// The order of the spin orbitals.
    pub fn order(&self) -> SpinOrder {
        self.order
    }

    /// The mode of a spin orbital.
    ///
    /// # Panics
    /// When the orbital does not exist.
    #[track_caller]
    pub fn mode(&self, orbital: usize, spin: Spin) -> usize {
        let n = self.num_orbitals();
        assert!(orbital < n, "orbital {orbital} of {n}");
        let beta = usize::from(spin == Spin::Beta);
        match self.order {
            SpinOrder::Interleaved => 2 * orbital + beta,
            SpinOrder::Blocked => orbital + beta * n,
        }
    }

    /// The qubits of a determinant: whether qubit `i` is one.
    ///
    /// # Panics
    /// When an orbital does not exist.
    #[track_caller]
    pub fn determinant(&self, alpha: &[usize], beta: &[usize]) -> Vec<bool> {
        let mut occupied = vec![false; self.num_qubits()];
        for (spin, orbitals) in Spin::BOTH.into_iter().zip([alpha, beta]) {
            for &orbital in orbitals {
                occupied[self.mode(orbital, spin)] = true;
            }
        }
        self.encoding.bits(&occupied)
    }

    /// The Hamiltonian of the integrals; terms up to 1e-12 hartree are left out. Costs about `2 n^4` products of strings on `n` orbitals.
    ///
    /// With `S_pq = E_pq + E_qp` (and `S_pp = E_pp`) it is
    /// `core + sum_{p>=q} (h_pq - 1/2 sum_r (pr|rq)) S_pq + 1/2 sum_{p>=q, r>=s} (pq|rs) S_pq S_rs`, and each `S` has at most four strings.
    ///
    /// # Errors
    /// When the integrals have another number of orbitals.
    pub fn hamiltonian(&self, integrals: &Integrals) -> Result<PauliSum, ChemistryError> {
        let n = self.num_orbitals();
        if integrals.num_orbitals() != n {
            return Err(ChemistryError::Length { what: "the encoding", given: n, expected: integrals.num_orbitals() });
        }
        let pairs: Vec<(usize, usize)> = (0..n).flat_map(|p| (0..=p).map(move |q| (p, q))).collect();
        let hops = pairs.iter().map(|&(p, q)| self.symmetric_hop(p, q)).collect::<Result<Vec<_>, _>>()?;
        let mut sums: FxHashMap<PauliString, f64> = FxHashMap::default();
        sums.insert(PauliString::IDENTITY, integrals.core());
        for (left, &(p, q)) in pairs.iter().enumerate() {
            let exchange: f64 = (0..n).map(|r| integrals.two(p, r, r, q)).sum();
            let one = integrals.one(p, q) - 0.5 * exchange;
            for &(string, coefficient) in hops[left].terms() {
                *sums.entry(string).or_default() += one * coefficient;
            }
            for (right, &(r, s)) in pairs[..=left].iter().enumerate() {
                let two = integrals.two(p, q, r, s);
                if two == 0.0 {
                    continue;
                }
                // S_pq S_rs + S_rs S_pq keeps the commuting pairs of strings, twice
                let factor = if left == right { 0.5 * two } else { two };
                for &(a, x) in hops[left].terms() {
                    for &(b, y) in hops[right].terms() {
                        if a.commutes_with(b) {
                            let (string, sign) = a.times_commuting(b);
                            *sums.entry(string).or_default() += factor * x * y * sign;
                        }
                    }
                }
            }
        }
        let terms = sums.into_iter().filter(|(_, coefficient)| coefficient.abs() > NOTHING);
        Ok(PauliSum::new(self.num_qubits(), terms)?)
    }

    /// The operator `sum_pq d_pq E_pq + constant` of a symmetric matrix of one-electron integrals, such as a dipole moment.
    ///
    /// `matrix` has the entry of row `p` and column `q` at `p n + q`.
    ///
    /// # Errors
    /// When the matrix has not `n^2` entries, is not symmetric to 1e-8, or is not finite.
    pub fn one_body(&self, constant: f64, matrix: &[f64]) -> Result<PauliSum, ChemistryError> {
        let n = self.num_orbitals();
        if matrix.len() != n * n {
            return Err(ChemistryError::Length { what: "the one-electron matrix", given: matrix.len(), expected: n * n });
        }
        let mut terms = vec![(PauliString::IDENTITY, constant)];
        for p in 0..n {
            for q in 0..=p {
                let (value, other) = (matrix[p * n + q], matrix[q * n + p]);
                if (value - other).abs() > 1e-8 * value.abs().max(1.0) {
                    let range = "zero: the one-electron matrix must be symmetric";
                    return Err(ChemistryError::Range {
                        what: "the difference of two mirrored entries",
                        value: value - other,
                        range,
                    });
                }
                terms.extend(self.symmetric_hop(p, q)?.terms().iter().map(|&(string, c)| (string, c * value)));
            }
        }
        Ok(PauliSum::new(self.num_qubits(), terms)?)
    }

    /// `E_pq + E_qp`, or `E_pp`.
    fn symmetric_hop(&self, p: usize, q: usize) -> Result<PauliSum, ChemistryError> {
        let excitation = self.excitation(p, q)?;
        let operator = if p == q { excitation } else { excitation.plus(&excitation.adjoint()) };
        Ok(operator.hermitian(1e-15)?)
    }

    /// `E_pq = sum_spin a+_p a_q`.
    fn excitation(&self, p: usize, q: usize) -> Result<PauliOperator, ChemistryError> {
        let product = |spin| vec![Ladder::create(self.mode(p, spin)), Ladder::annihilate(self.mode(q, spin))];
        self.encoding.map(&FermionOperator::new(Spin::BOTH.map(|spin| (product(spin), Complex64::ONE)))?)
    }

    /// The number of electrons, `N`.
    ///
    /// # Errors
    /// Never for orbitals that exist.
    pub fn number(&self) -> Result<PauliSum, ChemistryError> {
        self.weighted_occupations([1.0, 1.0])
    }

    /// The spin along z in units of hbar, `S_z = (N_alpha - N_beta)/2`.
    ///
    /// # Errors
    /// Never for orbitals that exist.
    pub fn spin_z(&self) -> Result<PauliSum, ChemistryError> {
        self.weighted_occupations([0.5, -0.5])
    }

    fn weighted_occupations(&self, weights: [f64; 2]) -> Result<PauliSum, ChemistryError> {
        let mut terms = Vec::new();
        for (spin, weight) in Spin::BOTH.into_iter().zip(weights) {
            for orbital in 0..self.num_orbitals() {
                let mask = self.encoding.occupation_mask(self.mode(orbital, spin));
                terms.push((PauliString::IDENTITY, 0.5 * weight));
                terms.push((PauliString::from_masks(0, mask), -0.5 * weight));
            }
        }
        Ok(PauliSum::new(self.num_qubits(), terms)?)
    }

    /// The square of the spin in units of hbar squared, `S^2 = S_- S_+ + S_z (S_z + 1)`; `s (s + 1)` in a state of spin `s`.
    ///
    /// # Errors
    /// Never for orbitals that exist.
    pub fn spin_squared(&self) -> Result<PauliSum, ChemistryError> {
        let raise = (0..self.num_orbitals()).map(|p| {
            let product = vec![Ladder::create(self.mode(p, Spin::Alpha)), Ladder::annihilate(self.mode(p, Spin::Beta))];
            (product, Complex64::ONE)
        });
        let raise = self.encoding.map(&FermionOperator::new(raise)?)?;
        let z = PauliOperator::from(&self.spin_z()?);
        let sum = raise.adjoint().times(&raise).plus(&z.times(&z)).plus(&z);
        Ok(sum.hermitian(NOTHING)?)
    }
}
