//! What a search reports.

use serde::{Deserialize, Serialize};

use crate::environment::Ending;

/// What [`Search::step`](crate::Search::step) did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// An episode was played.
    Episode(EpisodeReport),
    /// Nothing was done: the search has ended.
    Finished(StopReason),
}

/// An episode in numbers. Energies are in the problem's unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpisodeReport {
    /// Its number, counted from 1.
    pub episode: u64,
    /// Number of gates appended.
    pub gates: usize,
    /// Number of moments of the circuit.
    pub depth: usize,
    /// Distance from the target that was asked for.
    pub threshold: f64,
    /// The most gates that the teacher allowed; `None` for as many as the environment does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_gates: Option<usize>,
    /// How many times the noise of gates held, where the teacher chooses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<u32>,
    /// Smallest distance from the target on any step.
    pub smallest_gap: f64,
    /// Why it ended; `None` when the evaluations ran out first.
    pub ending: Option<Ending>,
    /// Sum of its rewards.
    pub reward: f64,
    /// Energy of its last circuit, as the search measured it.
    pub energy: f64,
    /// Energy of the same circuit at the same angles under noise, neither mitigated nor with random errors.
    pub noisy_energy: f64,
    /// Energy of the same circuit at the same angles without noise; nothing is steered by it.
    pub noiseless_energy: f64,
    /// Energy of the best circuit so far, which may be above the lowest seen by the tolerance.
    pub best_energy: f64,
    /// Distance of that from the exact ground energy, if known.
    pub best_error: Option<f64>,
    /// Error of the best circuit without noise, if the exact energy is known; nothing is steered by it.
    pub best_noiseless_error: Option<f64>,
    /// Evaluations of an energy by the search so far.
    pub evaluations: u64,
    /// Probability of a blind draw at the end of the episode.
    pub exploration: f64,
    /// Mean loss of its training steps; `None` when there were none.
    pub loss: Option<f64>,
    /// Lowest energy of the test episode that the policy then played without exploring; `None` where there was no test.
    pub greedy_energy: Option<f64>,
    /// Whether the agent went back to an earlier policy after the test.
    pub restored: bool,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// All episodes were played.
    Episodes,
    /// The evaluations were used up.
    Evaluations,
    /// The error asked for was reached.
    TargetError,
    /// The agent has nothing more to try.
    Converged,
}
