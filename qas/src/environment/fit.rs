//! After which steps angles are fitted.

use serde::{Deserialize, Serialize};

/// What is fitted on the steps between full fits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Between {
    /// The angles of the gates that the step has brought, all others held.
    #[default]
    NewAngles,
    /// None: a rotation begins as `objective.new_angle` says, other gates cost one energy.
    Nothing,
}

/// After which steps all angles are fitted; the last step of an episode is always one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitConfig {
    /// All angles are fitted every that many steps; 0 for the last step alone. Default 1: after every step, as published.
    pub every: usize,
    /// What is fitted on the other steps. Default `new-angles`.
    pub between: Between,
}

impl Default for FitConfig {
    fn default() -> Self {
        Self { every: 1, between: Between::default() }
    }
}

impl FitConfig {
    /// Whether all angles are fitted after this step of an episode, counted from 1, unless it is the last.
    pub(super) fn is_full(&self, step: usize) -> bool {
        self.every > 0 && step.is_multiple_of(self.every)
    }
}
