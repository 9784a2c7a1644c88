//! Spins and electrons on lattices and graphs.

use num_complex::Complex64;
use qloom_circuits::{Pauli, PauliString, PauliSum, Stream};

use crate::error::ChemistryError;
use crate::fermion::{FermionOperator, Ladder};
use crate::spin_orbitals::{Spin, SpinOrbitals};

/// Bonds between sites, each once.
#[derive(Clone, Debug, PartialEq)]
pub struct Lattice {
    num_sites: usize,
    bonds: Vec<(usize, usize)>,
}

impl Lattice {
    /// A box of sites with bonds between neighbours; site `x + y * width` for the first two lengths. Where a direction is periodic its ends
    /// are joined, if it has more than two sites.
    ///
    /// # Errors
    /// For a length of zero, lists of different lengths, or more than 64 sites.
    ///
    /// ```
    /// use qloom_chemistry::Lattice;
    /// assert_eq!(Lattice::grid(&[3], &[true])?.bonds(), [(0, 1), (1, 2), (0, 2)]);
    /// # Ok::<(), qloom_chemistry::ChemistryError>(())
    /// ```
    pub fn grid(lengths: &[usize], periodic: &[bool]) -> Result<Self, ChemistryError> {
        if lengths.len() != periodic.len() {
            let what = "the list of boundary conditions";
            return Err(ChemistryError::Length { what, given: periodic.len(), expected: lengths.len() });
        }
        if lengths.is_empty() || lengths.contains(&0) {
            return Err(ChemistryError::Range { what: "a length of the lattice", value: 0.0, range: "at least 1" });
        }
        let num_sites = lengths.iter().try_fold(1usize, |product, &length| product.checked_mul(length)).unwrap_or(usize::MAX);
        check_sites(num_sites)?;
        let mut bonds = Vec::new();
        let mut stride = 1;
        for (&length, &periodic) in lengths.iter().zip(periodic) {
            for site in 0..num_sites {
                let place = site / stride % length;
                if place + 1 < length {
                    bonds.push((site, site + stride));
                } else if periodic && length > 2 {
                    bonds.push((site + stride - length * stride, site));
                }
            }
            stride *= length;
        }
        Ok(Self { num_sites, bonds })
    }

    /// A graph given by its edges.
    ///
    /// # Errors
    /// When an edge names a site outside or joins a site to itself, or there are more than 64 sites.
    pub fn graph(num_sites: usize, edges: &[(usize, usize)]) -> Result<Self, ChemistryError> {
        check_sites(num_sites)?;
        for &(a, b) in edges {
            if let Some(orbital) = [a, b].into_iter().find(|&site| site >= num_sites) {
                return Err(ChemistryError::Orbital { orbital, role: "graph", orbitals: num_sites });
            }
            if a == b {
                return Err(ChemistryError::Choice {
                    choice: "an edge",
                    reason: "joins a site to itself",
                    remedy: "leave it out",
                });
            }
        }
        Ok(Self { num_sites, bonds: edges.to_vec() })
    }

    /// Number of sites.
    pub fn num_sites(&self) -> usize {
        self.num_sites
    }

    /// The bonds.
    pub fn bonds(&self) -> &[(usize, usize)] {
        &self.bonds
    }
}

fn check_sites(num_sites: usize) -> Result<(), ChemistryError> {
    let (limit, remedy) = (PauliString::MAX_QUBITS, "choose a smaller lattice");
    match num_sites <= limit {
        true => Ok(()),
        false => Err(ChemistryError::TooMany { what: "sites", given: num_sites, limit, remedy }),
    }
}

fn both(letter: Pauli, (a, b): (usize, usize)) -> PauliString {
    PauliString::from_letters([(a, letter), (b, letter)])
}

/// The Ising model in a transverse and a longitudinal field: `-coupling sum_bonds Z Z - transverse sum X - longitudinal sum Z`.
///
/// # Errors
/// When a number is not finite.
///
/// ```
/// use qloom_chemistry::{Lattice, ising};
/// let sum = ising(&Lattice::grid(&[4], &[true])?, 1.0, 0.5, 0.0)?;
/// assert_eq!((sum.terms().len(), sum.one_norm()), (8, 6.0));
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
pub fn ising(lattice: &Lattice, coupling: f64, transverse: f64, longitudinal: f64) -> Result<PauliSum, ChemistryError> {
    let bonds = lattice.bonds.iter().map(|&bond| (both(Pauli::Z, bond), -coupling));
    let field = |letter, size: f64| (0..lattice.num_sites).map(move |site| (PauliString::from_letters([(site, letter)]), -size));
    let terms = bonds.chain(field(Pauli::X, transverse)).chain(field(Pauli::Z, longitudinal));
    Ok(PauliSum::new(lattice.num_sites, terms)?)
}

/// The Heisenberg model, XXZ and XYZ included: `sum_bonds (jx X X + jy Y Y + jz Z Z) + field sum Z`, with Pauli matrices (twice the spins).
///
/// # Errors
/// When a number is not finite.
pub fn heisenberg(lattice: &Lattice, couplings: [f64; 3], field: f64) -> Result<PauliSum, ChemistryError> {
    let letters = [Pauli::X, Pauli::Y, Pauli::Z].into_iter().zip(couplings);
    let bonds = letters.flat_map(|(letter, size)| lattice.bonds.iter().map(move |&bond| (both(letter, bond), size)));
    let fields = (0..lattice.num_sites).map(|site| (PauliString::from_letters([(site, Pauli::Z)]), field));
    Ok(PauliSum::new(lattice.num_sites, bonds.chain(fields))?)
}

/// The Hubbard model: `-hopping sum_bonds,spin (a+_i a_j + h.c.) + repulsion sum_i n_i,alpha n_i,beta - chemical_potential sum_i n_i`.
///
/// # Errors
/// When the orbitals are not as many as the sites, or a number is not finite.
pub fn hubbard(
    lattice: &Lattice,
    orbitals: &SpinOrbitals,
    hopping: f64,
    repulsion: f64,
    chemical_potential: f64,
) -> Result<PauliSum, ChemistryError> {
    if orbitals.num_orbitals() != lattice.num_sites {
        let (given, expected) = (orbitals.num_orbitals(), lattice.num_sites);
        return Err(ChemistryError::Length { what: "the encoding", given, expected });
    }
    let number = |site, spin| [Ladder::create(orbitals.mode(site, spin)), Ladder::annihilate(orbitals.mode(site, spin))];
    let mut terms: Vec<(Vec<Ladder>, Complex64)> = Vec::new();
    for spin in Spin::BOTH {
        for &(a, b) in &lattice.bonds {
            for (from, to) in [(a, b), (b, a)] {
                let product = vec![Ladder::create(orbitals.mode(to, spin)), Ladder::annihilate(orbitals.mode(from, spin))];
                terms.push((product, Complex64::new(-hopping, 0.0)));
            }
        }
        terms.extend((0..lattice.num_sites).map(|site| (number(site, spin).to_vec(), Complex64::new(-chemical_potential, 0.0))));
    }
    for site in 0..lattice.num_sites {
        let product = [number(site, Spin::Alpha), number(site, Spin::Beta)].concat();
        terms.push((product, Complex64::new(repulsion, 0.0)));
    }
    let operator = orbitals.encoding().map(&FermionOperator::new(terms)?)?;
    Ok(operator.hermitian(1e-12 * (hopping.abs() + repulsion.abs() + chemical_potential.abs()))?)
}

/// The cut problem of a weighted graph: `sum_edges weight (Z Z - 1)/2`, whose lowest value is minus the largest cut.
///
/// # Errors
/// When the weights are not as many as the edges, or one is not finite.
///
/// ```
/// use qloom_chemistry::{Lattice, max_cut};
/// let triangle = Lattice::graph(3, &[(0, 1), (1, 2), (0, 2)])?;
/// assert_eq!(max_cut(&triangle, &[1.0; 3])?.constant(), -1.5);
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
pub fn max_cut(graph: &Lattice, weights: &[f64]) -> Result<PauliSum, ChemistryError> {
    if weights.len() != graph.bonds.len() {
        return Err(ChemistryError::Length { what: "the list of weights", given: weights.len(), expected: graph.bonds.len() });
    }
    let edges = graph.bonds.iter().zip(weights);
    let terms = edges.flat_map(|(&edge, &weight)| [(both(Pauli::Z, edge), 0.5 * weight), (PauliString::IDENTITY, -0.5 * weight)]);
    Ok(PauliSum::new(graph.num_sites, terms)?)
}

/// The most terms that are drawn: some hundred megabytes.
const MOST_TERMS: usize = 10_000_000;

/// A sum of `num_terms` different strings other than the identity, uniformly drawn, with standard normal coefficients.
///
/// # Errors
/// When there are not as many strings, more than ten million terms, or more than 64 qubits.
pub fn random_sum(num_qubits: usize, num_terms: usize, stream: &mut Stream) -> Result<PauliSum, ChemistryError> {
    check_sites(num_qubits)?;
    let strings = 4usize.checked_pow(num_qubits as u32).map_or(usize::MAX, |all| all - 1);
    // half of the strings are drawn without long waiting for new ones
    let limit = if num_qubits <= 2 { strings } else { (strings / 2).min(MOST_TERMS) };
    if num_terms > limit {
        return Err(ChemistryError::TooMany {
            what: "terms",
            given: num_terms,
            limit,
            remedy: if limit == MOST_TERMS { "ask for fewer" } else { "ask for fewer, or for more qubits" },
        });
    }
    let mut chosen = rustc_hash::FxHashSet::default();
    let mut terms = Vec::with_capacity(num_terms);
    let mask = if num_qubits == 0 { 0 } else { u64::MAX >> (64 - num_qubits) };
    while terms.len() < num_terms {
        let string = PauliString::from_masks(stream.word() & mask, stream.word() & mask);
        if string != PauliString::IDENTITY && chosen.insert(string) {
            terms.push((string, stream.normal()));
        }
    }
    Ok(PauliSum::new(num_qubits, terms)?)
}
