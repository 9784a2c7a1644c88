//! What circuits begin with.

use std::f64::consts::PI;

use qloom_circuits::{Circuit, Operation};
use serde::{Deserialize, Serialize};

use super::action::ActionSet;
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

/// Actions and the angles of those that have one, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Beginning {
    pub(crate) actions: Vec<u16>,
    pub(crate) angles: Vec<f64>,
}

impl Beginning {
    /// Actions at half a turn each.
    pub(crate) fn flips(actions: Vec<u16>, set: &ActionSet) -> Self {
        Self { angles: vec![PI; set.count_angles(&actions)], actions }
    }
}

impl Start {
    /// The gates that nothing changes, if there are some.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the problem was not given the circuit.
    pub(super) fn fixed<'a>(&self, problem: &'a Problem) -> Result<Option<&'a Circuit>, QasError> {
        match self {
            Self::Qasm(QasmStart { fixed: true, .. }) => given(problem).map(Some),
            Self::Qasm(QasmStart { fixed: false, .. }) | Self::Empty | Self::BasisState => Ok(None),
        }
    }

    /// The actions that circuits begin with, behind the fixed gates.
    ///
    /// # Errors
    ///
    /// As [`fixed`](Self::fixed), and when a gate of the circuit is no action.
    pub(super) fn beginning(&self, problem: &Problem, set: &ActionSet) -> Result<Beginning, QasError> {
        match self {
            Self::Empty | Self::Qasm(QasmStart { fixed: true, .. }) => Ok(Beginning::default()),
            Self::BasisState => Ok(Beginning::flips(basis::reference(problem, set), set)),
            Self::Qasm(QasmStart { fixed: false, .. }) => as_actions(given(problem)?, set),
        }
    }
}

fn given(problem: &Problem) -> Result<&Circuit, QasError> {
    let need = "the problem was not given that circuit: hand it over by Problem::with_start";
    problem.start().ok_or_else(|| QasError::invalid("environment.start.qasm", "the circuit of a file", need))
}

/// A circuit as a list of actions.
fn as_actions(circuit: &Circuit, set: &ActionSet) -> Result<Beginning, QasError> {
    let mut beginning = Beginning::default();
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
            return Err(QasError::invalid("environment.start.qasm", what, need));
        };
        beginning.actions.push(number as u16);
        beginning.angles.extend(operation.angles().iter().map(|angle| angle.value(&[])));
    }
    Ok(beginning)
}

#[cfg(test)]
mod tests;
