//! What is measured of a circuit: expectation values, gradients and samples, exact, noisy, from shots, mitigated.
//!
//! [`Readout`] is the only formula for errors of reading out, [`Measurements`] groups terms and draws shots, [`allocate`] shares them out,
//! [`extrapolate`] continues values to no noise, [`Cancellation`] undoes noise on average, [`Symmetries`] leaves out what has wrong quantum numbers, and [`ParameterShift`] makes
//! gradients of values that can only be measured; [`Trajectories`] run noisy circuits shot by
//! shot, and [`PauliErrors`] draws Pauli noise as gates.

mod cancellation;
mod distillation;
mod distribution;
mod error;
mod estimate;
mod estimator;
mod extrapolation;
mod hessian;
mod measured_sum;
mod noisy_estimator;
mod parameter_shift;
mod pauli_errors;
mod readout;
mod settings;
mod shots;
mod symmetry;
mod trajectories;

pub use cancellation::{Cancellation, SignedCircuit};
pub use distillation::virtual_distillation;
pub use error::EstimateError;
pub use estimate::Estimate;
pub use estimator::{Estimator, ExactEstimator};
pub use extrapolation::{Extrapolation, Extrapolator, ScaledValue, extrapolate};
pub use hessian::hessian;
pub use noisy_estimator::{NoisyEstimator, NoisyMeasurement, Reference};
pub use parameter_shift::{ParameterShift, ShiftedValue, parameter_shift};
pub use pauli_errors::PauliErrors;
pub use readout::Readout;
pub use settings::{
    ExtrapolationCurve, Mitigation, NoiseScaling, ProbabilisticErrorCancellation, ShotNoise, VirtualDistillation,
    ZeroNoiseExtrapolation,
};
pub use shots::{Allocation, Grouping, Measurements, Setting, allocate};
pub use symmetry::{PostSelected, Symmetries};
pub use trajectories::{Trajectories, TrajectoryResult};
