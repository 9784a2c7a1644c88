//! The basis state that a walk begins with.

use qloom_circuits::Circuit;

use crate::Problem;
use crate::environment::action::ActionSet;
use crate::environment::start::Section;

/// Above this many qubits the energies of all basis states are not listed, and walks begin with `|0...0>`.
const MOST_QUBITS: usize = 24;

/// For each of the basis states of lowest energy, so many of them and the lowest first, the actions that make it, each with angle pi if it
/// has one; only the empty list where the action set cannot turn a qubit.
///
/// For a molecule in any encoding that takes determinants to basis states they are its lowest determinants, as a rule that of
/// Hartree-Fock among them; the lowest may have another spin or charge than the ground state, whence the others.
fn lowest_basis_states(problem: &Problem, set: &ActionSet, count: usize) -> Vec<Vec<u16>> {
    let n = set.num_qubits();
    let Some(flips) = flips(set).filter(|_| n <= MOST_QUBITS) else { return vec![Vec::new()] };
    lowest(problem, count).into_iter().map(|state| made(state, &flips)).collect()
}

/// What walks begin with in turn: the circuit of the settings, or so many basis states.
pub(super) fn beginnings(problem: &Problem, set: &ActionSet, from: Option<&Section>, count: usize) -> Vec<Section> {
    match from {
        Some(circuit) => vec![circuit.clone()],
        None => lowest_basis_states(problem, set, count).into_iter().map(|flips| Section::flips(flips, set)).collect(),
    }
}

/// What ansaetze begin with: the circuit of the settings, or the problem's reference state.
pub(super) fn ansatz(problem: &Problem, set: &ActionSet, from: Option<&Section>) -> Section {
    from.cloned().unwrap_or_else(|| Section::flips(reference(problem, set), set))
}

/// The actions that make the problem's reference state, or that of lowest energy where none was stated.
pub(crate) fn reference(problem: &Problem, set: &ActionSet) -> Vec<u16> {
    let bits = reference_bits(problem);
    let Some(flips) = flips(set) else { return Vec::new() };
    (0..bits.len()).filter(|&qubit| bits[qubit]).map(|qubit| flips[qubit]).collect()
}

impl Problem {
    /// The circuit that makes the reference state of X gates.
    pub(crate) fn reference_circuit(&self) -> Circuit {
        let mut circuit = Circuit::new(self.num_qubits());
        for (qubit, one) in reference_bits(self).into_iter().enumerate() {
            if one {
                circuit.x(qubit);
            }
        }
        circuit
    }
}

/// Which qubits are one in the problem's reference state, or in that of lowest energy.
pub(crate) fn reference_bits(problem: &Problem) -> Vec<bool> {
    let n = problem.num_qubits();
    match problem.reference() {
        Some(bits) => bits.to_vec(),
        None if n <= MOST_QUBITS => {
            let state = lowest(problem, 1)[0];
            (0..n).map(|qubit| state >> qubit & 1 == 1).collect()
        }
        None => vec![false; n],
    }
}

/// For each qubit the action that flips it.
fn flips(set: &ActionSet) -> Option<Vec<u16>> {
    (0..set.num_qubits()).map(|qubit| flip(set, qubit)).collect()
}

fn made(state: usize, flips: &[u16]) -> Vec<u16> {
    (0..flips.len()).filter(|qubit| state >> qubit & 1 == 1).map(|qubit| flips[qubit]).collect()
}

/// The numbers of the basis states of lowest energy, the lowest first.
fn lowest(problem: &Problem, count: usize) -> Vec<usize> {
    let energies = problem.energies_of_flips();
    // states of equal energy in the order of their numbers, whatever rounding has made of them
    let key = |&state: &usize| ((energies[state] * 1e9).round() as i64, state);
    let mut states: Vec<usize> = (0..energies.len()).collect();
    let count = count.clamp(1, states.len());
    states.select_nth_unstable_by_key(count - 1, key);
    states.truncate(count);
    states.sort_unstable_by_key(key);
    states
}

/// The first action that takes `|0>` of a qubit to `|1>`, by angle pi if it has an angle; real gates first.
fn flip(set: &ActionSet, qubit: usize) -> Option<u16> {
    let turns = |number: &usize| {
        let action = set.get(*number);
        let angles = vec![std::f64::consts::PI; action.gate.num_parameters()];
        action.qubits == [qubit] && action.gate.matrix(&angles).entries()[2].norm() > 1.0 - 1e-12
    };
    let is_real = |number: &usize| {
        let action = set.get(*number);
        let angles = vec![1.0; action.gate.num_parameters()];
        action.gate.matrix(&angles).entries().iter().all(|entry| entry.im == 0.0)
    };
    let flips: Vec<usize> = (0..set.len()).filter(turns).collect();
    flips.iter().copied().find(is_real).or(flips.first().copied()).map(|number| number as u16)
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{PauliString, PauliSum};

    use super::*;
    use crate::environment::action::ActionConfig;
    use crate::search::best::build;

    #[test]
    fn the_lowest_diagonal_entry_is_prepared() {
        let word = |word: &str, factor: f64| (PauliString::from_word(word).expect("letters"), factor);
        let sum = PauliSum::new(3, [word("ZII", 1.0), word("IZI", -0.4), word("ZIZ", 0.7), word("XXI", 9.0)]).expect("valid");
        let problem = Problem::new("three spins", sum).expect("valid");
        let set = ActionSet::new(&ActionConfig::default(), 3).expect("valid");
        let starts = lowest_basis_states(&problem, &set, 3);
        assert_eq!(starts.len(), 3);
        let actions = &starts[0];
        let unitary = build(&set, actions).expect("fits").unitary(&vec![std::f64::consts::PI; actions.len()]).expect("gates");
        // Z0 = -1, Z1 = +1, and Z0 Z2 = -1 where Z2 = +1
        assert!((unitary[(0b001, 0)].norm() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn without_a_flip_the_start_is_empty() {
        let sum = PauliSum::new(1, [(PauliString::from_word("Z").expect("letters"), 1.0)]).expect("valid");
        let config = ActionConfig { gates: vec!["rz".to_owned()], ..ActionConfig::default() };
        let problem = Problem::new("one spin", sum).expect("valid");
        assert_eq!(lowest_basis_states(&problem, &ActionSet::new(&config, 1).expect("valid"), 2), [Vec::<u16>::new()]);
    }
}
