//! Tasks drawn alike: the control of the teachers that learn.

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use super::space::{Curriculum, TaskSpaceConfig, anywhere};
use crate::QasError;

/// Settings of the teacher that draws all tasks alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomTeacherConfig {
    /// The tasks.
    pub space: TaskSpaceConfig,
}

/// Draws evenly, and learns nothing.
pub(super) struct Even;

impl Curriculum for Even {
    fn draw(&mut self, dimensions: usize, stream: &mut Stream) -> Vec<f64> {
        anywhere(dimensions, stream)
    }

    fn learn(&mut self, _: &[f64], _: f64, _: &mut Stream) {}

    fn save(&self) -> Vec<u8> {
        Vec::new()
    }

    fn load(&mut self, _: &[u8]) -> Result<(), QasError> {
        Ok(())
    }
}
