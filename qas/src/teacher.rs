//! Teachers: how hard the next episode is.

pub mod adversary;
pub mod alp_gmm;
pub mod fixed;
pub mod moving_threshold;
pub mod random;
pub mod riac;
pub mod self_paced;
pub mod space;

use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::teacher::adversary::{Adversary, AdversaryConfig};
use crate::teacher::alp_gmm::{AlpGmm, AlpGmmConfig};
use crate::teacher::fixed::{Fixed, FixedConfig};
use crate::teacher::moving_threshold::{MovingThreshold, MovingThresholdConfig};
use crate::teacher::random::{Even, RandomTeacherConfig};
use crate::teacher::riac::{Riac, RiacConfig};
use crate::teacher::self_paced::{SelfPaced, SelfPacedConfig};
use crate::teacher::space::{Drawing, Lesson, TaskSpace};

/// What a teacher asks of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The episode succeeds when the energy is closer to the target than this, in hartree.
    pub threshold: f64,
    /// The most gates that it appends, or decisions that it takes; `None` for as many as the environment allows.
    pub max_gates: Option<usize>,
    /// How many times the noise of gates holds; `None` for once, and without noise.
    pub noise: Option<u32>,
}

/// What an episode achieved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether the threshold was reached.
    pub succeeded: bool,
    /// Smallest distance to the target on any step, in hartree.
    pub smallest_gap: f64,
}

/// Chooses the task of each episode from the outcomes so far.
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
    /// Tasks drawn alike: the control of the next three.
    Random(RandomTeacherConfig),
    /// Tasks of absolute learning progress, by Gaussian mixtures.
    AlpGmm(AlpGmmConfig),
    /// Tasks of regions where competence changes.
    Riac(RiacConfig),
    /// Tasks of a Gaussian that moves from easy ones to hard ones.
    SelfPaced(SelfPacedConfig),
    /// Noise chosen against the learner by an adversary of bounded rationality.
    Adversary(AdversaryConfig),
}

impl Default for TeacherConfig {
    fn default() -> Self {
        Self::MovingThreshold(MovingThresholdConfig::default())
    }
}

impl TeacherConfig {
    /// Makes the teacher.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range.
    pub fn build(&self, lesson: Lesson) -> Result<Box<dyn Teacher>, QasError> {
        Ok(match self {
            Self::Fixed(config) => Box::new(Fixed::new(config.clone())?),
            Self::MovingThreshold(config) => Box::new(MovingThreshold::new(config.clone(), lesson.first_gap)?),
            Self::Random(config) => Box::new(Drawing::new(TaskSpace::new(&config.space, lesson)?, Even, lesson.seed)),
            Self::AlpGmm(config) => {
                let space = TaskSpace::new(&config.space, lesson)?;
                Box::new(Drawing::new(space, AlpGmm::new(config.clone())?, lesson.seed))
            }
            Self::Riac(config) => {
                let space = TaskSpace::new(&config.space, lesson)?;
                let riac = Riac::new(config.clone(), space.dimensions())?;
                Box::new(Drawing::new(space, riac, lesson.seed))
            }
            Self::Adversary(config) => Box::new(Adversary::new(config.clone(), lesson)?),
            Self::SelfPaced(config) => {
                let space = TaskSpace::new(&config.space, lesson)?;
                let paced = SelfPaced::new(config.clone(), space.dimensions())?;
                Box::new(Drawing::new(space, paced, lesson.seed))
            }
        })
    }
}
