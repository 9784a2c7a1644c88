//! Teachers: how hard the next episode is.

pub mod fixed;
pub mod moving_threshold;

use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::teacher::fixed::{Fixed, FixedConfig};
use crate::teacher::moving_threshold::{MovingThreshold, MovingThresholdConfig};

/// What a teacher asks of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The episode succeeds when the energy is closer to the target than this, in hartree.
    pub threshold: f64,
}

/// What an episode achieved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether the threshold was reached.
    pub succeeded: bool,
    /// Smallest distance to the target on any step, in hartree.
    pub smallest_gap: f64,
}

/// Chooses the threshold of each episode from the outcomes so far.
pub trait Teacher: Send {
    /// The task of the next episode.
    fn next_task(&mut self) -> Task;

    /// Takes notice of a finished episode.
    fn record(&mut self, outcome: Outcome);

    /// Everything that [`load`](Self::load) needs to go on from here.
    fn save(&self) -> Vec<u8>;

    /// Goes on from a saved state.
    ///
    /// # Errors
    ///
    /// [`QasError::Corrupt`] when the bytes are not such a state.
    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError>;
}

/// Which teacher, and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TeacherConfig {
    /// A list of thresholds with the episodes at which they take over.
    Fixed(FixedConfig),
    /// The feedback-driven threshold of curriculum search.
    MovingThreshold(MovingThresholdConfig),
}

impl Default for TeacherConfig {
    fn default() -> Self {
        Self::MovingThreshold(MovingThresholdConfig::default())
    }
}

impl TeacherConfig {
    /// Makes the teacher; `first_gap` is the distance of the empty circuit's energy from the target, in
    /// hartree.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range.
    pub fn build(&self, first_gap: f64) -> Result<Box<dyn Teacher>, QasError> {
        Ok(match self {
            Self::Fixed(config) => Box::new(Fixed::new(config.clone())?),
            Self::MovingThreshold(config) => Box::new(MovingThreshold::new(config.clone(), first_gap)?),
        })
    }
}
