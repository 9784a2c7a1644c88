//! Pools of excitations, for fixed ansaetze and for ADAPT-VQE.

use super::excitation::Excitation;
use crate::error::ChemistryError;
use crate::mapping::Mapping;
use crate::molecule::Molecule;
use crate::spin_orbitals::{Spin, SpinOrbitals};

/// Which excitations are taken; all conserve the numbers of alpha and beta electrons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pool {
    /// Single and double excitations of fermions from occupied to empty spin orbitals.
    Uccsd,
    /// Generalised single excitations, both spins with one angle, and excitations of pairs between all orbitals.
    PairedGeneralized,
    /// Single and double excitations of qubits between all spin orbitals; of the Jordan-Wigner mapping.
    QubitExcitation,
    /// Coupled exchange operators: single excitations of qubits, and sums and differences of double excitations of the same four qubits,
    /// which need half the gates; of the Jordan-Wigner mapping. Source: Ramôa et al., npj Quantum Inf. 11, 86 (2025), the OVP form.
    CoupledExchange,
}

/// The excitations of a pool on the qubits of a molecule, from the determinant with these orbitals occupied (only [`Pool::Uccsd`] asks).
///
/// Where qubits were removed, excitations that break a symmetry are left out.
///
/// # Errors
/// For a pool of qubit excitations in another mapping than Jordan-Wigner.
///
/// ```
/// use qloom_chemistry::{Integrals, Mapping, Molecule, Pool, Reduction, SpinOrder, excitations};
/// let integrals = Integrals::new(2, 2, 0)?;
/// let molecule = Molecule::new(&integrals, Mapping::JordanWigner, SpinOrder::Interleaved, &Reduction::None)?;
/// let labels: Vec<String> = excitations(Pool::Uccsd, &molecule, &[0], &[0])?.iter().map(|e| e.label().to_owned()).collect();
/// assert_eq!(labels, ["0->2", "1->3", "0,1->2,3"]);
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
pub fn excitations(pool: Pool, molecule: &Molecule, alpha: &[usize], beta: &[usize]) -> Result<Vec<Excitation>, ChemistryError> {
    let orbitals = molecule.orbitals();
    let whole = match pool {
        Pool::Uccsd => uccsd(orbitals, [alpha, beta])?,
        Pool::PairedGeneralized => paired(orbitals)?,
        Pool::QubitExcitation | Pool::CoupledExchange if orbitals.encoding().mapping() != Mapping::JordanWigner => {
            return Err(ChemistryError::Choice {
                choice: "a pool of qubit excitations",
                reason: "moves electrons only where qubits are spin orbitals",
                remedy: "choose the Jordan-Wigner mapping, or a pool of fermionic excitations",
            });
        }
        Pool::QubitExcitation => qubit_excitations(orbitals)?,
        Pool::CoupledExchange => coupled_exchange(orbitals)?,
    };
    let mut reduced = Vec::with_capacity(whole.len());
    for excitation in whole {
        match molecule.reduced(excitation.generator()) {
            Ok(generator) if generator.terms().is_empty() => {}
            Ok(generator) => reduced.push(Excitation::new(excitation.label(), generator)),
            Err(ChemistryError::Symmetry { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(reduced)
}

fn uccsd(orbitals: &SpinOrbitals, occupied: [&[usize]; 2]) -> Result<Vec<Excitation>, ChemistryError> {
    let encoding = orbitals.encoding();
    // spin orbitals of each spin: occupied and empty modes
    let modes = [(Spin::Alpha, occupied[0]), (Spin::Beta, occupied[1])].map(|(spin, list)| {
        let all = 0..orbitals.num_orbitals();
        let (filled, empty): (Vec<usize>, Vec<usize>) = all.partition(|orbital| list.contains(orbital));
        let modes = |orbitals_of: Vec<usize>| orbitals_of.iter().map(|&p| orbitals.mode(p, spin)).collect::<Vec<_>>();
        (modes(filled), modes(empty))
    });
    let mut pool = Vec::new();
    for (filled, empty) in &modes {
        for &from in filled {
            for &to in empty {
                pool.push(Excitation::of_fermions(encoding, &[(&[from], &[to])])?);
            }
        }
    }
    let (alpha, beta) = (&modes[0], &modes[1]);
    for &i in &alpha.0 {
        for &j in &beta.0 {
            for &a in &alpha.1 {
                for &b in &beta.1 {
                    pool.push(Excitation::of_fermions(encoding, &[(&[i, j], &[a, b])])?);
                }
            }
        }
    }
    for (filled, empty) in &modes {
        for from in pairs(filled) {
            for to in pairs(empty) {
                pool.push(Excitation::of_fermions(encoding, &[(&from, &to)])?);
            }
        }
    }
    Ok(pool)
}

fn paired(orbitals: &SpinOrbitals) -> Result<Vec<Excitation>, ChemistryError> {
    let encoding = orbitals.encoding();
    let all: Vec<usize> = (0..orbitals.num_orbitals()).collect();
    let mut pool = Vec::new();
    for [p, q] in pairs(&all) {
        let ([pa, pb], [qa, qb]) = (Spin::BOTH.map(|spin| orbitals.mode(p, spin)), Spin::BOTH.map(|spin| orbitals.mode(q, spin)));
        pool.push(Excitation::of_fermions(encoding, &[(&[pa], &[qa]), (&[pb], &[qb])])?);
        pool.push(Excitation::of_fermions(encoding, &[(&[pa, pb], &[qa, qb])])?);
    }
    Ok(pool)
}

fn singles(orbitals: &SpinOrbitals) -> Result<Vec<Excitation>, ChemistryError> {
    let mut pool = Vec::new();
    for spin in Spin::BOTH {
        let modes: Vec<usize> = (0..orbitals.num_orbitals()).map(|p| orbitals.mode(p, spin)).collect();
        for [from, to] in pairs(&modes) {
            pool.push(Excitation::of_qubits(orbitals.num_qubits(), &[(&[from], &[to], 1.0)])?);
        }
    }
    Ok(pool)
}

fn qubit_excitations(orbitals: &SpinOrbitals) -> Result<Vec<Excitation>, ChemistryError> {
    let mut pool = singles(orbitals)?;
    for moves in doubles(orbitals) {
        for (from, to) in moves {
            pool.push(Excitation::of_qubits(orbitals.num_qubits(), &[(&from, &to, 1.0)])?);
        }
    }
    Ok(pool)
}

fn coupled_exchange(orbitals: &SpinOrbitals) -> Result<Vec<Excitation>, ChemistryError> {
    let mut pool = singles(orbitals)?;
    for moves in doubles(orbitals) {
        for (place, (from, to)) in moves.iter().enumerate() {
            for (other_from, other_to) in &moves[..place] {
                for sign in [1.0, -1.0] {
                    let coupled: [(&[usize], &[usize], f64); 2] = [(from, to, 1.0), (other_from, other_to, sign)];
                    pool.push(Excitation::of_qubits(orbitals.num_qubits(), &coupled)?);
                }
            }
        }
    }
    Ok(pool)
}

/// For every four spin orbitals, the ways to move two electrons from two of them to the other two that conserve the spin; up to reversal.
fn doubles(orbitals: &SpinOrbitals) -> Vec<Vec<([usize; 2], [usize; 2])>> {
    let n = orbitals.num_qubits();
    let mut beta = vec![false; n];
    (0..orbitals.num_orbitals()).for_each(|p| beta[orbitals.mode(p, Spin::Beta)] = true);
    let mut all = Vec::new();
    for a in 0..n {
        for b in a + 1..n {
            for c in b + 1..n {
                for d in c + 1..n {
                    let ways = [([a, b], [c, d]), ([a, c], [b, d]), ([a, d], [b, c])];
                    let spin = |pair: [usize; 2]| pair.iter().filter(|&&mode| beta[mode]).count();
                    let kept: Vec<_> = ways.into_iter().filter(|&(from, to)| spin(from) == spin(to)).collect();
                    if !kept.is_empty() {
                        all.push(kept);
                    }
                }
            }
        }
    }
    all
}

fn pairs(list: &[usize]) -> impl Iterator<Item = [usize; 2]> {
    list.iter().enumerate().flat_map(|(place, &second)| list[..place].iter().map(move |&first| [first, second]))
}
