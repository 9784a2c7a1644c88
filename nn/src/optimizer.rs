//! Optimisers: steps against a gradient.

pub mod adam;
pub mod rmsprop;
pub mod sgd;

use crate::{Gradients, NnError, Parameters, Scalar};

/// Changes parameters by their gradients, and remembers moments from step to step.
pub trait Optimizer<T: Scalar> {
    /// One step.
    ///
    /// # Panics
    ///
    /// When the optimiser was made for other parameters.
    fn step(&mut self, parameters: &mut Parameters<T>, gradients: &Gradients<T>);

    /// Number of steps made.
    fn steps(&self) -> u64;

    /// Sets the number of steps made, which a saved state tells.
    fn set_steps(&mut self, steps: u64);

    /// What is remembered: lists by name, each as long as the parameters and in their order.
    fn moments(&self) -> Vec<(&'static str, &[T])>;

    /// The same, to be changed.
    fn moments_mut(&mut self) -> Vec<(&'static str, &mut [T])>;
}

#[track_caller]
fn check_lengths<T: Scalar>(expected: usize, parameters: &Parameters<T>, gradients: &Gradients<T>) {
    let found = (parameters.values().len(), gradients.values().len());
    assert!(found == (expected, expected), "an optimiser of {expected} parameters for {} and {} gradients", found.0, found.1);
}

fn check(setting: &'static str, value: f64, fits: bool, requirement: &'static str) -> Result<(), NnError> {
    if fits { Ok(()) } else { Err(NnError::InvalidSetting { setting, value, requirement }) }
}

const POSITIVE: &str = "it has to be finite and positive";
const NOT_NEGATIVE: &str = "it has to be finite and not negative";
const FRACTION: &str = "it has to be in [0, 1)";

fn positive(setting: &'static str, value: f64) -> Result<(), NnError> {
    check(setting, value, value.is_finite() && value > 0.0, POSITIVE)
}

fn not_negative(setting: &'static str, value: f64) -> Result<(), NnError> {
    check(setting, value, value.is_finite() && value >= 0.0, NOT_NEGATIVE)
}

fn fraction(setting: &'static str, value: f64) -> Result<(), NnError> {
    check(setting, value, (0.0..1.0).contains(&value), FRACTION)
}
