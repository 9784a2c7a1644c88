//! Checks of settings that several agents have.

use super::Dimensions;
use super::layers::Shape;
use crate::QasError;

/// A number that has to be at least 1.
pub(super) fn at_least_one(setting: &'static str, value: u64) -> Result<(), QasError> {
    (value > 0).then_some(()).ok_or_else(|| QasError::invalid(setting, value, "it has to be at least 1"))
}

/// A number that has to be in [0, 1].
pub(super) fn fraction(setting: &'static str, value: f64) -> Result<(), QasError> {
    ((0.0..=1.0).contains(&value)).then_some(()).ok_or_else(|| QasError::invalid(setting, value, "it has to be in [0, 1]"))
}

/// A number that has to be finite and positive.
pub(super) fn positive(setting: &'static str, value: f64) -> Result<(), QasError> {
    let fits = value.is_finite() && value > 0.0;
    fits.then_some(()).ok_or_else(|| QasError::invalid(setting, value, "it has to be finite and positive"))
}

/// A number that has to be finite and at least 0.
pub(super) fn not_negative(setting: &'static str, value: f64) -> Result<(), QasError> {
    let fits = value.is_finite() && value >= 0.0;
    fits.then_some(()).ok_or_else(|| QasError::invalid(setting, value, "it has to be finite and not negative"))
}

/// The greatest number of weights a network may have: 16 GiB with the optimiser's state.
const MAX_WEIGHTS: u128 = 1 << 30;

/// Sizes of hidden layers, each of which has to be at least 1, and which together must not be too large.
pub(super) fn hidden(setting: &'static str, sizes: &[usize], dimensions: Dimensions) -> Result<(), QasError> {
    sizes.iter().try_for_each(|&width| at_least_one(setting, width as u64))?;
    let weights = Shape { dimensions, hidden: sizes, dueling: true }.weights();
    if weights > MAX_WEIGHTS {
        let requirement = format!("the network would have {weights} weights, at most {MAX_WEIGHTS} are allowed");
        return Err(QasError::invalid(setting, format!("{sizes:?}"), requirement));
    }
    Ok(())
}
