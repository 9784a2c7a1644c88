//! What is measured of a circuit: expectation values, gradients and samples, exact, noisy, from shots, mitigated.
//!
//! [`Readout`] is the only formula for errors of reading out, [`Measurements`] groups terms and draws shots, [`allocate`] shares them out,
//! [`extrapolate`] continues values to no noise, [`Symmetries`] leaves out what has wrong quantum numbers, and [`ParameterShift`] makes
//! gradients of values that can only be measured.

mod error;
mod extrapolation;
mod parameter_shift;
mod readout;
mod shots;
mod state;
mod symmetry;

pub use error::EstimateError;
pub use extrapolation::{Extrapolation, ScaledValue, extrapolate, extrapolation_weights};
pub use parameter_shift::{ParameterShift, parameter_shift};
pub use qloom_sim::Estimate;
pub use readout::Readout;
pub use shots::{Allocation, GaussianShotNoise, Grouping, Measurements, Setting, allocate};
pub use state::Measured;
pub use symmetry::{PostSelected, Symmetries};
