//! Circuits by their usual names, and Hamiltonians of lattices and graphs.

use pyo3::prelude::*;
use qloom::chemistry::{self, Encoding, Excitation, Lattice, SpinOrbitals};
use qloom::circuits::Stream;
use qloom::circuits::library::{self, Entanglement};

use crate::array::Complexes;
use crate::chemistry::{ORDERS, choice};
use crate::circuit::{Circuit, check_count};
use crate::error;
use crate::fermion::MAPPINGS;
use crate::pauli::PauliSum;

/// The most gates that a circuit of the library is made of here.
const MOST_GATES: usize = 5_000_000;

fn sizes(num_qubits: usize, repetitions: usize) -> PyResult<()> {
    check_count("qubits", num_qubits)?;
    let gates = num_qubits.saturating_mul(num_qubits).saturating_mul(repetitions.max(1));
    match gates > MOST_GATES {
        true => {
            Err(error::input(format!("{num_qubits} qubits {repetitions} times may be {gates} gates; {MOST_GATES} are the most")))
        }
        false => Ok(()),
    }
}

fn entanglement(name: &str) -> PyResult<Entanglement> {
    serde_json::from_value(name.into()).map_err(|error| error::input(format!("entanglement: {error}")))
}

/// The quantum Fourier transform.
#[pyfunction]
pub fn qft(num_qubits: usize) -> PyResult<Circuit> {
    sizes(num_qubits, 1)?;
    Ok(Circuit { inner: library::qft(num_qubits) })
}

/// The state of all zeros plus that of all ones.
#[pyfunction]
pub fn ghz(num_qubits: usize) -> PyResult<Circuit> {
    sizes(num_qubits, 1)?;
    Ok(Circuit { inner: library::ghz(num_qubits) })
}

/// The sum of the states with a single one.
#[pyfunction]
pub fn w_state(num_qubits: usize) -> PyResult<Circuit> {
    sizes(num_qubits, 1)?;
    Ok(Circuit { inner: library::w_state(num_qubits) })
}

/// A circuit of rotations and CNOTs that makes these amplitudes, up to a phase; they are normalised.
#[pyfunction]
pub fn state_preparation(amplitudes: Complexes) -> PyResult<Circuit> {
    if amplitudes.shape.len() != 1 {
        return Err(error::input(format!("amplitudes of shape {:?}; they must have one dimension of 2^n", amplitudes.shape)));
    }
    Ok(Circuit { inner: library::state_preparation(&amplitudes.values).map_err(error::of)? })
}

/// Layers of y rotations and CNOTs: `num_qubits * (repetitions + 1)` parameters; entanglement is full, linear, reverse-linear, circular or
/// pairwise.
#[pyfunction]
#[pyo3(signature = (num_qubits, repetitions=3, entanglement="reverse-linear"))]
pub fn real_amplitudes(num_qubits: usize, repetitions: usize, entanglement: &str) -> PyResult<Circuit> {
    sizes(num_qubits, repetitions)?;
    Ok(Circuit { inner: library::real_amplitudes(num_qubits, repetitions, self::entanglement(entanglement)?) })
}

/// As `real_amplitudes`, with a z rotation behind each y rotation.
#[pyfunction]
#[pyo3(signature = (num_qubits, repetitions=3, entanglement="reverse-linear"))]
pub fn efficient_su2(num_qubits: usize, repetitions: usize, entanglement: &str) -> PyResult<Circuit> {
    sizes(num_qubits, repetitions)?;
    Ok(Circuit { inner: library::efficient_su2(num_qubits, repetitions, self::entanglement(entanglement)?) })
}

/// Layers of y and z rotations with a line of CNOTs between them.
#[pyfunction]
pub fn hardware_efficient(num_qubits: usize, layers: usize) -> PyResult<Circuit> {
    sizes(num_qubits, layers)?;
    Ok(Circuit { inner: library::hardware_efficient(num_qubits, layers) })
}

/// As `hardware_efficient`, behind X gates such that angles of zero give this basis state: whether each qubit is one.
#[pyfunction]
pub fn hardware_efficient_from(bits: Vec<bool>, layers: usize) -> PyResult<Circuit> {
    sizes(bits.len(), layers)?;
    Ok(Circuit { inner: chemistry::hardware_efficient_from(&bits, layers).map_err(error::of)? })
}

/// The circuit of X gates that makes the determinant with these modes occupied, under a mapping of fermions to qubits.
///
/// >>> from qloom.library import determinant
/// >>> determinant([True, False, True, False], "parity").operation_counts
/// {'x': 2}
#[pyfunction]
#[pyo3(signature = (occupied, mapping="jordan-wigner"))]
pub fn determinant(occupied: Vec<bool>, mapping: &str) -> PyResult<Circuit> {
    let encoding = Encoding::new(choice("mapping", mapping, &MAPPINGS)?, occupied.len()).map_err(error::of)?;
    Ok(Circuit { inner: chemistry::basis_state(&encoding.bits(&occupied)) })
}

/// The product of `exp(-i theta G)` of all generators on a basis state, `layers` times, with a parameter for each: with those of
/// `Molecule.excitations` this is unitary coupled cluster. The terms of a generator have to commute.
#[pyfunction]
#[pyo3(signature = (bits, generators, layers=1))]
pub fn product_ansatz(bits: Vec<bool>, generators: Vec<PauliSum>, layers: usize) -> PyResult<Circuit> {
    let rotations = generators.iter().map(|generator| generator.inner.terms().len()).sum::<usize>().saturating_mul(layers);
    if rotations > MOST_GATES {
        return Err(error::input(format!("{rotations} rotations; {MOST_GATES} are the most of a circuit made here")));
    }
    for (number, generator) in generators.iter().enumerate() {
        let terms = generator.inner.terms();
        let apart = |k: usize| terms[..k].iter().any(|(other, _)| !other.commutes_with(terms[k].0));
        if (1..terms.len()).any(apart) {
            return Err(error::chemistry(format!(
                "the terms of generator {number} do not commute; split it into some whose terms do"
            )));
        }
    }
    let excitations: Vec<Excitation> =
        generators.into_iter().enumerate().map(|(number, sum)| Excitation::new(number.to_string(), sum.inner)).collect();
    Ok(Circuit { inner: chemistry::product_ansatz(&bits, &excitations, layers).map_err(error::of)? })
}

/// Layers of three rotations a qubit and CNOTs that reach farther from layer to layer.
#[pyfunction]
pub fn strongly_entangling(num_qubits: usize, layers: usize) -> PyResult<Circuit> {
    sizes(num_qubits, layers)?;
    Ok(Circuit { inner: library::strongly_entangling(num_qubits, layers) })
}

/// Bonds between sites: `(sites, [(a, b), ...])`, at most 64 sites.
type Bonds = (usize, Vec<(usize, usize)>);

fn lattice((sites, bonds): &Bonds) -> PyResult<Lattice> {
    Lattice::graph(*sites, bonds).map_err(error::of)
}

/// The sites and bonds of a grid in any number of dimensions, for `ising`, `heisenberg` and `max_cut`.
///
/// >>> from qloom.library import grid
/// >>> grid([3], [True])
/// (3, [(0, 1), (1, 2), (0, 2)])
#[pyfunction]
#[pyo3(signature = (lengths, periodic=None))]
pub fn grid(lengths: Vec<usize>, periodic: Option<Vec<bool>>) -> PyResult<Bonds> {
    let periodic = periodic.unwrap_or_else(|| vec![false; lengths.len()]);
    let made = Lattice::grid(&lengths, &periodic).map_err(error::of)?;
    Ok((made.num_sites(), made.bonds().to_vec()))
}

/// The Ising model: `-coupling sum_bonds Z Z - transverse sum X - longitudinal sum Z`.
#[pyfunction]
#[pyo3(signature = (bonds, coupling=1.0, transverse=0.0, longitudinal=0.0))]
pub fn ising(bonds: Bonds, coupling: f64, transverse: f64, longitudinal: f64) -> PyResult<PauliSum> {
    let inner = chemistry::ising(&lattice(&bonds)?, coupling, transverse, longitudinal).map_err(error::of)?;
    Ok(PauliSum { inner })
}

/// The Heisenberg model with Pauli matrices: `sum_bonds (jx X X + jy Y Y + jz Z Z) + field sum Z`.
#[pyfunction]
#[pyo3(signature = (bonds, couplings=[1.0, 1.0, 1.0], field=0.0))]
pub fn heisenberg(bonds: Bonds, couplings: [f64; 3], field: f64) -> PyResult<PauliSum> {
    let inner = chemistry::heisenberg(&lattice(&bonds)?, couplings, field).map_err(error::of)?;
    Ok(PauliSum { inner })
}

/// The Hubbard model: `-hopping sum_bonds,spin (a+_i a_j + h.c.) + repulsion sum_i n_i,up n_i,down - chemical_potential sum_i n_i`, on two
/// qubits a site; mapping and order as of `Molecule`.
///
/// >>> from qloom import ground_energy
/// >>> from qloom.library import grid, hubbard
/// >>> round(ground_energy(hubbard(grid([2]), 1.0, 4.0, 2.0)), 6)       # 2 - sqrt(8) in the middle, less 2 for each electron
/// -4.828427
#[pyfunction]
#[pyo3(signature = (bonds, hopping=1.0, repulsion=0.0, chemical_potential=0.0, mapping="jordan-wigner", order="interleaved"))]
pub fn hubbard(
    bonds: Bonds,
    hopping: f64,
    repulsion: f64,
    chemical_potential: f64,
    mapping: &str,
    order: &str,
) -> PyResult<PauliSum> {
    let (mapping, order) = (choice("mapping", mapping, &MAPPINGS)?, choice("order", order, &ORDERS)?);
    let orbitals = SpinOrbitals::new(mapping, order, bonds.0).map_err(error::of)?;
    let inner = chemistry::hubbard(&lattice(&bonds)?, &orbitals, hopping, repulsion, chemical_potential).map_err(error::of)?;
    Ok(PauliSum { inner })
}

/// A sum of so many different strings other than the identity, drawn uniformly, with standard normal factors.
#[pyfunction]
#[pyo3(signature = (num_qubits, num_terms, seed=0))]
pub fn random_sum(num_qubits: usize, num_terms: usize, seed: u64) -> PyResult<PauliSum> {
    if num_terms > MOST_GATES {
        return Err(error::input(format!("{num_terms} terms; {MOST_GATES} are the most of a sum made here")));
    }
    let inner = chemistry::random_sum(num_qubits, num_terms, &mut Stream::named(seed, "sum")).map_err(error::of)?;
    Ok(PauliSum { inner })
}

/// The cut problem of a weighted graph: `sum_edges weight (Z Z - 1)/2`, whose lowest value is minus the largest cut; weights are 1 by default.
#[pyfunction]
#[pyo3(signature = (bonds, weights=None))]
pub fn max_cut(bonds: Bonds, weights: Option<Vec<f64>>) -> PyResult<PauliSum> {
    let weights = weights.unwrap_or_else(|| vec![1.0; bonds.1.len()]);
    let inner = chemistry::max_cut(&lattice(&bonds)?, &weights).map_err(error::of)?;
    Ok(PauliSum { inner })
}
