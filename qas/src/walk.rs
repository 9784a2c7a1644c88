//! Walks from circuit to circuit: searches that do not append gate by gate.

pub(crate) mod adapt;
pub(crate) mod annealing;
mod ansatz;
pub(crate) mod draft;
pub(crate) mod genetic;
pub(crate) mod layers;
pub(crate) mod local;
mod operator;
pub(crate) mod product;
pub(crate) mod start;

use crate::QasError;
use crate::environment::action::ActionSet;
use crate::objective::Objective;
use crate::search::best::Candidate;

/// What bounds a round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Energy that suffices; below it circuits only have to get smaller.
    pub(crate) goal: Option<f64>,
    /// Evaluations at which the round breaks off.
    pub(crate) evaluations: u64,
}

impl Bounds {
    fn are_spent(self, objective: &Objective) -> bool {
        objective.evaluations().values >= self.evaluations
    }
}

/// What a round has found.
pub(crate) struct Round {
    /// The circuit at its end.
    pub(crate) candidate: Candidate,
    /// Whether it has no more gates than are allowed.
    pub(crate) fits: bool,
    /// Whether the walk stands better than before.
    pub(crate) improved: bool,
    /// The energy it had to keep below.
    pub(crate) ceiling: f64,
}

/// A search that goes in rounds, each of which brings a circuit.
pub(crate) trait Walk: Send {
    /// One round.
    ///
    /// # Errors
    ///
    /// Those of the simulation and of the optimisation.
    fn round(&mut self, set: &ActionSet, objective: &mut Objective, bounds: Bounds) -> Result<Round, QasError>;

    /// Whether rounds bring nothing more; by default never.
    fn is_finished(&self) -> bool {
        false
    }

    /// Everything that [`load`](Self::load) needs to go on from here.
    fn save(&self) -> Vec<u8>;

    /// Goes on from a saved state.
    ///
    /// # Errors
    ///
    /// [`QasError::Corrupt`] when the bytes are not such a state, or do not fit the action set.
    fn load(&mut self, bytes: &[u8], set: &ActionSet) -> Result<(), QasError>;
}

/// The largest number of gates of a walk on so many qubits where the settings leave it open.
fn default_max_gates(num_qubits: usize) -> usize {
    4 * num_qubits * num_qubits
}

#[cfg(test)]
mod tests;
