//! Error mitigation of expectation values: what noisy measurements say of the noiseless value.
//!
//! Virtual distillation is [`crate::PauliVector::virtual_distillation`].

mod extrapolation;
mod folding;
mod readout;
mod symmetry;

pub use extrapolation::{Extrapolation, ScaledValue, extrapolate, extrapolation_weights};
pub use folding::{Folding, fold};
pub use readout::ReadoutInversion;
pub use symmetry::{PostSelected, Symmetries};

/// A value and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// One standard deviation of it; 0 where it is exact.
    pub standard_error: f64,
}
