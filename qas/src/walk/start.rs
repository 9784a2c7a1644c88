//! The basis state that a walk begins with.

use qloom_circuits::PauliSum;
use qloom_sim::walsh;

use crate::environment::action::ActionSet;

/// Above this many qubits the energies of all basis states are not listed, and walks begin with `|0...0>`.
const MOST_QUBITS: usize = 24;

/// Actions, each with angle pi if it has one, that make the basis state of lowest energy; none where the action set cannot turn a qubit.
///
/// For a molecule in any encoding that takes determinants to basis states it is the lowest determinant: as a rule that of Hartree-Fock.
pub(super) fn lowest_basis_state(hamiltonian: &PauliSum, set: &ActionSet) -> Vec<u16> {
    let n = set.num_qubits();
    if n > MOST_QUBITS {
        return Vec::new();
    }
    let mut energies = vec![0.0; 1 << n];
    for (string, coefficient) in hamiltonian.terms().iter().filter(|(string, _)| string.x_mask() == 0) {
        energies[string.z_mask() as usize] += coefficient;
    }
    walsh(&mut energies);
    let lowest = (0..energies.len()).min_by(|&a, &b| energies[a].total_cmp(&energies[b])).unwrap_or(0);
    let flips: Option<Vec<u16>> = (0..n).filter(|qubit| lowest >> qubit & 1 == 1).map(|qubit| flip(set, qubit)).collect();
    flips.unwrap_or_default()
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
    use qloom_circuits::PauliString;

    use super::*;
    use crate::environment::action::ActionConfig;
    use crate::search::best::build;

    #[test]
    fn the_lowest_diagonal_entry_is_prepared() {
        let word = |word: &str, factor: f64| (PauliString::from_word(word).expect("letters"), factor);
        let sum = PauliSum::new(3, [word("ZII", 1.0), word("IZI", -0.4), word("ZIZ", 0.7), word("XXI", 9.0)]).expect("valid");
        let set = ActionSet::new(&ActionConfig::default(), 3).expect("valid");
        let actions = lowest_basis_state(&sum, &set);
        let unitary = build(&set, &actions).expect("fits").unitary(&vec![std::f64::consts::PI; actions.len()]).expect("gates");
        // Z0 = -1, Z1 = +1, and Z0 Z2 = -1 where Z2 = +1
        assert!((unitary.entries()[0b001 * 8].norm() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn without_a_flip_the_start_is_empty() {
        let sum = PauliSum::new(1, [(PauliString::from_word("Z").expect("letters"), 1.0)]).expect("valid");
        let config = ActionConfig { gates: vec!["rz".to_owned()], ..ActionConfig::default() };
        assert!(lowest_basis_state(&sum, &ActionSet::new(&config, 1).expect("valid")).is_empty());
    }
}
