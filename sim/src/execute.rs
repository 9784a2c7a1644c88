//! Circuits that measure, reset, decide or are noisy on the way.

mod branch;
mod shots;
mod trajectory;

pub use branch::{Branch, before_last_measurements, branches, split_last_measurements};
pub use trajectory::{Trajectories, TrajectoryResult};
