//! Settings of the local search.

use serde::{Deserialize, Serialize};

use crate::QasError;

/// How a rotation to put in is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// By the slopes of the energy at angle 0, all of them read off one state and its image under the Hamiltonian.
    #[default]
    Slopes,
    /// At random: the control that tells what the slopes are worth.
    Random,
}

/// Settings of the iterated local search.
///
/// It takes the gates and couplings of `environment.actions`; episodes, thresholds and rewards play no part in it. A round is counted as
/// an episode, and one that has replaced the incumbent as a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalConfig {
    /// Largest weight of the Pauli strings that are rotated about, in 1 to 6; less where there would be more than 20,000 strings.
    /// Default 4: a double excitation.
    pub weight: usize,
    /// Largest number of gates. Default 4 n^2 on n qubits.
    pub max_gates: Option<usize>,
    /// Basis states from which the walk begins in turn, the lowest first, at least 1. Default 8.
    pub starts: usize,
    /// Rounds without a better circuit after which a level is left, at least 1. Default 3.
    pub patience: u32,
    /// Rotations by which the first incumbent grows, at least 1, and 16 times as many where the walk begins again; each level deeper
    /// doubles them, and each that fails halves them. Default 2.
    pub growth: usize,
    /// How far above the grown circuit's energy the level's ceiling is, as a part of what the growth has brought, in 0 to 1.
    /// Default 0.1.
    pub slack: f64,
    /// At most that many gates are taken out at the beginning of a round. Default 4.
    pub removed: usize,
    /// Rotations tried in a round, at least 1. Default 40.
    pub attempts: usize,
    /// How a rotation is chosen. Default `slopes`.
    pub choice: Choice,
    /// With which probability the next in order of slope is taken in place of one, and so on, in 0 to 1. Default 0.6.
    pub spread: f64,
}

impl Default for LocalConfig {
    fn default() -> Self {
        Self {
            weight: 4,
            max_gates: None,
            starts: 8,
            patience: 3,
            growth: 2,
            slack: 0.1,
            removed: 4,
            attempts: 40,
            choice: Choice::Slopes,
            spread: 0.6,
        }
    }
}

impl LocalConfig {
    pub(crate) fn check(&self) -> Result<(), QasError> {
        if !(1..=6).contains(&self.weight) {
            return Err(QasError::invalid("agent.local.weight", self.weight, "it has to be in 1 to 6"));
        }
        let whole = [
            ("agent.local.max_gates", self.max_gates.unwrap_or(1)),
            ("agent.local.starts", self.starts),
            ("agent.local.patience", self.patience as usize),
            ("agent.local.growth", self.growth),
            ("agent.local.attempts", self.attempts),
        ];
        for (setting, value) in whole {
            if value == 0 {
                return Err(QasError::invalid(setting, value, "it has to be at least 1"));
            }
        }
        for (setting, value) in [("agent.local.slack", self.slack), ("agent.local.spread", self.spread)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(QasError::invalid(setting, value, "it has to be in [0, 1]"));
            }
        }
        Ok(())
    }
}
