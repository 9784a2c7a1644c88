//! What circuits begin with.

mod staircase;

use std::f64::consts::PI;

use qloom_circuits::{Circuit, Operation, PauliString};
use serde::{Deserialize, Serialize};

use super::action::ActionSet;
use crate::problem::{Watch, matrix_product, unwatched};
use crate::walk::start as basis;
use crate::{Problem, QasError};

/// The circuit that an episode begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// The empty circuit, as published. Walks begin with a basis state.
    #[default]
    Empty,
    /// Gates that make the problem's reference state (Hartree-Fock) or, where none is known, the basis state of lowest energy; they are
    /// counted. Walks choose their basis state themselves.
    BasisState,
    /// The circuit of a file, such as the best one of an earlier run; walks begin with it as well.
    Qasm(QasmStart),
    /// A matrix-product state of low energy, made by a staircase of two-qubit gates; walks begin with it as well. For real Hamiltonians on 2
    /// to 14 qubits.
    ///
    /// Source: A. Kundu and S. Mangini, TensorRL-QAS (2025).
    MatrixProduct(MatrixProductStart),
}

/// A circuit to begin with, by the name of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QasmStart {
    /// OpenQASM file of a circuit of gates without free parameters, on the qubits of the problem; the caller reads it.
    pub file: String,
    /// Whether its gates stay as they are: any gate may then be among them, its state is worked out once, nothing of it is fitted or
    /// taken out, and `max_gates` does not count them; the sizes of circuits found do. Otherwise each has to be an action, and they are
    /// fitted, counted and taken out as any other. Default false.
    #[serde(default)]
    pub fixed: bool,
}

/// A matrix-product state to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MatrixProductStart {
    /// Bond dimension of the state, from 1 to 8. Default 2, whose state one layer makes exactly.
    pub bond: usize,
    /// Layers of the circuit, from 1 to 16, each a staircase of `2 n - 3` CNOTs at most that leaves less of the state to be made. Default 1.
    pub layers: usize,
    /// Whether its gates stay as they are, as those of `qasm`. Default false.
    pub fixed: bool,
}

impl Default for MatrixProductStart {
    fn default() -> Self {
        Self { bond: 2, layers: 1, fixed: false }
    }
}

impl MatrixProductStart {
    /// The circuit, or that which the problem was given.
    fn circuit(&self, problem: &Problem) -> Result<Circuit, QasError> {
        match problem.staircase(self) {
            Some(circuit) => Ok(circuit.clone()),
            None => self.made(problem, &mut unwatched),
        }
    }

    /// The circuit, worked out.
    pub(crate) fn made(&self, problem: &Problem, watch: &mut Watch<'_>) -> Result<Circuit, QasError> {
        for (setting, value, most) in [
            ("environment.start.matrix-product.bond", self.bond, 8),
            ("environment.start.matrix-product.layers", self.layers, 16),
        ] {
            if !(1..=most).contains(&value) {
                return Err(QasError::invalid(setting, value, format!("it has to be in 1 to {most}")));
            }
        }
        let is_number = problem.hamiltonian().terms().iter().all(|(string, _)| *string == PauliString::IDENTITY);
        if is_number || !problem.projectors().is_empty() {
            let need = "the problem is not the ground state of a Hamiltonian, of which such a state could be found";
            return Err(QasError::invalid("environment.start", "matrix-product", need));
        }
        let state = matrix_product::ground_state(problem.hamiltonian(), &basis::reference_bits(problem), self.bond, watch)?;
        staircase::circuit(&state, self.layers)
    }
}

/// A section of a circuit: actions, and the angles of those that have one, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Section {
    pub(crate) actions: Vec<u16>,
    pub(crate) angles: Vec<f64>,
}

impl Section {
    /// Actions at half a turn each.
    pub(crate) fn flips(actions: Vec<u16>, set: &ActionSet) -> Self {
        Self { angles: vec![PI; set.count_angles(&actions)], actions }
    }

    /// The qubits that are acted on, ascending.
    pub(crate) fn qubits(&self, set: &ActionSet) -> Vec<usize> {
        let mut qubits: Vec<usize> =
            self.actions.iter().flat_map(|&action| set.get(usize::from(action)).qubits.clone()).collect();
        qubits.sort_unstable();
        qubits.dedup();
        qubits
    }
}

impl Start {
    /// The gates that nothing changes, if there are some.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the problem was not given the circuit.
    pub(super) fn fixed(&self, problem: &Problem) -> Result<Option<Circuit>, QasError> {
        match self {
            Self::Qasm(QasmStart { fixed: true, .. }) => given(problem).cloned().map(Some),
            Self::MatrixProduct(state @ MatrixProductStart { fixed: true, .. }) => state.circuit(problem).map(Some),
            Self::Qasm(QasmStart { fixed: false, .. }) | Self::MatrixProduct(MatrixProductStart { fixed: false, .. }) => Ok(None),
            Self::Empty | Self::BasisState => Ok(None),
        }
    }

    /// The actions that circuits begin with, behind the fixed gates.
    ///
    /// # Errors
    ///
    /// As [`fixed`](Self::fixed), and when a gate of the circuit is no action.
    pub(super) fn beginning(&self, problem: &Problem, set: &ActionSet) -> Result<Section, QasError> {
        match self {
            Self::Empty
            | Self::Qasm(QasmStart { fixed: true, .. })
            | Self::MatrixProduct(MatrixProductStart { fixed: true, .. }) => Ok(Section::default()),
            Self::BasisState => Ok(Section::flips(basis::reference(problem, set), set)),
            Self::Qasm(QasmStart { fixed: false, .. }) => as_actions(given(problem)?, set),
            Self::MatrixProduct(state @ MatrixProductStart { fixed: false, .. }) => as_actions(&state.circuit(problem)?, set),
        }
    }
}

fn given(problem: &Problem) -> Result<&Circuit, QasError> {
    let need = "the problem was not given that circuit: hand it over by Problem::with_start";
    problem.start().ok_or_else(|| QasError::invalid("environment.start.qasm", "the circuit of a file", need))
}

/// A circuit as a list of actions.
fn as_actions(circuit: &Circuit, set: &ActionSet) -> Result<Section, QasError> {
    let mut beginning = Section::default();
    for operation in circuit.operations() {
        if matches!(operation, Operation::Barrier { .. } | Operation::GlobalPhase(_)) {
            continue;
        }
        let Some(number) = set.index_of(operation) else {
            let what = match operation {
                Operation::Gate { gate, qubits, .. } => format!("{} on {:?}", gate.name(), &qubits[..]),
                other => format!("{other:?}"),
            };
            let need = "each gate of a start that is fitted has to be an action: name it in environment.actions.gates, write the circuit \
                        in other gates (qloom compile), or set fixed = true";
            return Err(QasError::invalid("environment.start", what, need));
        };
        beginning.actions.push(number as u16);
        beginning.angles.extend(operation.angles().iter().map(|angle| angle.value(&[])));
    }
    Ok(beginning)
}

#[cfg(test)]
mod tests;
