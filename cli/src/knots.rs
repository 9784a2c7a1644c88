//! What the commands about links have in common: links, circuits, stages of mitigation, reports.

pub mod estimate;
pub mod link;

use std::ops::ControlFlow;

use qloom::knots::{KnotError, Limits};

use crate::failure::Failure;
use crate::machine;
use crate::progress::Progress;

/// What a library error means for the process.
pub fn failure(error: KnotError) -> Failure {
    match error {
        KnotError::Stopped => Progress::stopped(),
        KnotError::Memory { .. } | KnotError::Work { .. } => Failure::Work(error.into()),
        other => Failure::Input(other.into()),
    }
}

/// Does work within the memory of the machine; `progress` is told how far it is.
///
/// # Errors
/// Bad input or failed work, as the library says.
pub fn within_limits<T>(
    progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    work: impl FnOnce(&mut Limits<'_>) -> Result<T, KnotError>,
) -> Result<T, Failure> {
    work(&mut Limits { memory_bytes: machine::memory_limit(), progress }).map_err(failure)
}
