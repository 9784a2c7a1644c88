//! What of a search is measured for its report beside the best circuit; nothing is steered by it.

pub mod experience;
pub mod variety;

use serde::{Deserialize, Serialize};

use self::experience::{DataQuality, Recorder};
use self::variety::{Gathered, Variety, VarietyConfig};
use super::Search;
use crate::{Problem, QasError};

/// What is measured for the report. Nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeasureConfig {
    /// How many different good circuits episodes, or rounds of a walk, end with. Default none.
    pub variety: Option<VarietyConfig>,
    /// What an agent learns from: trajectory quality and coverage of states and actions. Costs a saved word for each pair of a state and an action that was
    /// met. Walks have none. Default false.
    pub experience: bool,
}

impl MeasureConfig {
    pub(crate) fn check(&self, problem: &Problem) -> Result<(), QasError> {
        self.variety.as_ref().map_or(Ok(()), |variety| variety.check(problem))
    }
}

/// What has been measured so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) gathered: Gathered,
    pub(crate) recorder: Recorder,
}

impl Search {
    /// The good circuits that episodes, or rounds, have ended with; `None` unless `measure.variety` asks for them. Cost: the square of the
    /// circuits kept times the size of a state.
    ///
    /// # Errors
    ///
    /// Never in practice; those of building and simulating the circuits.
    pub fn variety(&self) -> Result<Option<Variety>, QasError> {
        let of = || self.measured.gathered.variety(self.environment.actions(), self.environment.fixed());
        self.config.measure.variety.as_ref().map(|_| of()).transpose()
    }

    /// What the agent has learnt from; `None` unless `measure.experience` asks for it, before the first episode, and of a walk.
    pub fn experience(&self) -> Option<DataQuality> {
        self.measured.recorder.experience()
    }

    /// How often a fit was not made because `objective.cache` had kept it.
    pub fn cache_hits(&self) -> u64 {
        self.objective.cache_hits()
    }

    /// How many fits were left out because `environment.screen` had told that they were for nothing.
    pub fn fits_left_out(&self) -> u64 {
        self.objective.fits_left_out()
    }
}

/// A hash of fixed definition: 64-bit FNV-1a.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
