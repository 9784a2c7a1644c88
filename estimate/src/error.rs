//! What a measurement can refuse.

use qloom_circuits::CircuitError;
use qloom_hardware::HardwareError;
use qloom_sim::SimError;

/// Why something cannot be measured.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EstimateError {
    /// Two things that act together have different sizes.
    #[error("{what}: {given} where {expected} is needed")]
    SizeMismatch {
        /// What is compared.
        what: &'static str,
        /// The size needed.
        expected: usize,
        /// The size given.
        given: usize,
    },
    /// A number outside its range.
    #[error("{what} is {value}; it must be {range}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
        /// The numbers that are possible.
        range: &'static str,
    },
    /// A setting outside its range.
    #[error("{setting} is {value}; {requirement}")]
    Setting {
        /// Path of the setting, parts separated by dots.
        setting: &'static str,
        /// The value given.
        value: String,
        /// What it has to be.
        requirement: String,
    },
    /// More of something than a method takes.
    #[error("{given} {what} are more than the {limit} that are possible")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many were asked for.
        given: usize,
        /// The limit.
        limit: usize,
    },
    /// Something this method cannot do.
    #[error("{method} cannot do {operation}; {remedy}")]
    Unsupported {
        /// The method.
        method: &'static str,
        /// What it was asked for.
        operation: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// Nothing of a state has the quantum numbers asked for.
    #[error("the state has probability {probability:e} in the sector of the symmetries; check their values")]
    EmptySector {
        /// The probability found.
        probability: f64,
    },
    /// Values on both sides of the asymptote, or on it, which no exponential joins.
    #[error("a value of {value} is not on one side of the asymptote {asymptote} with the others; use a polynomial")]
    Asymptote {
        /// The value.
        value: f64,
        /// The asymptote.
        asymptote: f64,
    },
    /// A value that is not a finite number.
    #[error("{what} is {value}; it must be a finite number")]
    NotFinite {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// The simulation refused.
    #[error(transparent)]
    Simulation(#[from] SimError),
    /// The machine or its noise was refused.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// The circuit or observable itself is wrong.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}

impl EstimateError {
    pub(crate) fn setting(setting: &'static str, value: impl std::fmt::Display, requirement: impl Into<String>) -> Self {
        Self::Setting { setting, value: value.to_string(), requirement: requirement.into() }
    }
}
