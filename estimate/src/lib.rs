//! What is measured of a circuit: expectation values, gradients and samples, exact, noisy, from shots, mitigated.
//!
//! [`Readout`] is the only formula for errors of reading out, [`Measurements`] groups terms and draws shots, [`allocate`] shares them out,
//! [`extrapolate`] continues values to no noise, [`Symmetries`] leaves out what has wrong quantum numbers, and [`ParameterShift`] makes
//! gradients of values that can only be measured, and [`Trajectories`] runs noisy circuits shot by shot.

mod distribution;
mod error;
mod estimate;
mod extrapolation;
mod parameter_shift;
mod readout;
mod shots;
mod symmetry;
mod trajectories;

pub use error::EstimateError;
pub use estimate::Estimate;
pub use extrapolation::{Extrapolation, ScaledValue, extrapolate, extrapolation_weights};
pub use parameter_shift::{ParameterShift, parameter_shift};
pub use readout::Readout;
pub use shots::{Allocation, GaussianShotNoise, Grouping, Measurements, Setting, allocate};
pub use symmetry::{PostSelected, Symmetries};
pub use trajectories::{Trajectories, TrajectoryResult};
