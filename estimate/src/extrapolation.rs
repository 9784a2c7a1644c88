//! Zero-noise extrapolation: values at several scales of noise continued to none.

use crate::error::EstimateError;
use crate::estimate::Estimate;

/// A value measured at a scale of noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledValue {
    /// The noise, in units of the unscaled circuit's.
    pub scale: f64,
    /// The value and its error.
    pub estimate: Estimate,
}

/// The curve laid through the values (Temme et al., arXiv:1612.02058; Giurgica-Tiron et al., arXiv:2005.10921).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extrapolation {
    /// A polynomial of this degree, by least squares with equal weights.
    Polynomial {
        /// 1 is a straight line.
        degree: usize,
    },
    /// The polynomial through all values.
    Richardson,
    /// `asymptote + b exp(-c scale)`: what depolarizing noise does to an expectation value, whose asymptote is then its value in the
    /// maximally mixed state. The logarithms of the distances are laid on a line.
    Exponential {
        /// The value under endless noise.
        asymptote: f64,
    },
}

/// The value at no noise, with the errors of the values carried over.
///
/// ```
/// use qloom_estimate::{Estimate, Extrapolation, ScaledValue, extrapolate};
/// let point = |scale: f64| ScaledValue { scale, estimate: Estimate { value: 2.0 - 0.5 * scale, standard_error: 0.1 } };
/// let line = extrapolate(&[point(1.0), point(3.0)], Extrapolation::Richardson)?;
/// assert!((line.value - 2.0).abs() < 1e-15);
/// assert!((line.standard_error - 0.1 * (1.5f64.powi(2) + 0.5f64.powi(2)).sqrt()).abs() < 1e-15); // weights 3/2 and -1/2
/// # Ok::<(), qloom_estimate::EstimateError>(())
/// ```
///
/// # Errors
/// When there are fewer different scales than the curve has coefficients, a number is not finite, or values lie on both sides of the
/// asymptote.
pub fn extrapolate(values: &[ScaledValue], curve: Extrapolation) -> Result<Estimate, EstimateError> {
    for (what, value) in values.iter().flat_map(|point| {
        [
            ("a scale of noise", point.scale),
            ("a value", point.estimate.value),
            ("a standard error", point.estimate.standard_error),
        ]
    }) {
        if !value.is_finite() {
            return Err(EstimateError::NotFinite { what, value });
        }
    }
    let scales: Vec<f64> = values.iter().map(|point| point.scale).collect();
    let combined = |weights: &[f64], value: &dyn Fn(&ScaledValue) -> (f64, f64)| {
        let (mut sum, mut variance) = (0.0, 0.0);
        for (weight, point) in weights.iter().zip(values) {
            let (value, error) = value(point);
            sum += weight * value;
            variance += (weight * error).powi(2);
        }
        Estimate { value: sum, standard_error: variance.sqrt() }
    };
    match curve {
        Extrapolation::Polynomial { degree } => {
            let weights = extrapolation_weights(&scales, degree)?;
            Ok(combined(&weights, &|point| (point.estimate.value, point.estimate.standard_error)))
        }
        Extrapolation::Richardson => {
            let weights = extrapolation_weights(&scales, values.len().saturating_sub(1))?;
            Ok(combined(&weights, &|point| (point.estimate.value, point.estimate.standard_error)))
        }
        Extrapolation::Exponential { asymptote } => {
            let weights = extrapolation_weights(&scales, 1)?;
            let distance = |point: &ScaledValue| point.estimate.value - asymptote;
            let side = values.first().map_or(1.0, |point| distance(point).signum());
            if let Some(point) = values.iter().find(|point| distance(point) * side <= 0.0) {
                let value = point.estimate.value;
                return Err(EstimateError::Asymptote { value, asymptote });
            }
            let logarithm =
                combined(&weights, &|point| (distance(point).abs().ln(), point.estimate.standard_error / distance(point).abs()));
            let height = side * logarithm.value.exp();
            Ok(Estimate { value: asymptote + height, standard_error: height.abs() * logarithm.standard_error })
        }
    }
}

/// The weights whose sum with values at these scales is their least-squares polynomial of this degree at 0.
///
/// ```
/// let weights = qloom_estimate::extrapolation_weights(&[1.0, 3.0], 1)?;
/// assert!((weights[0] - 1.5).abs() < 1e-15 && (weights[1] + 0.5).abs() < 1e-15);
/// # Ok::<(), qloom_estimate::EstimateError>(())
/// ```
///
/// # Errors
/// When there are no more different scales than the degree.
pub fn extrapolation_weights(scales: &[f64], degree: usize) -> Result<Vec<f64>, EstimateError> {
    let mut different: Vec<f64> = scales.to_vec();
    different.sort_by(f64::total_cmp);
    different.dedup();
    if different.len() <= degree {
        let given = different.len();
        return Err(EstimateError::SizeMismatch { what: "different scales of noise, at least", expected: degree + 1, given });
    }
    // polynomials orthogonal over the scales, by recurrence: well conditioned for any scales
    let mut weights = vec![0.0; scales.len()];
    let (mut previous, mut current) = (vec![0.0; scales.len()], vec![1.0; scales.len()]);
    let (mut previous_zero, mut current_zero) = (0.0, 1.0);
    let mut previous_norm = 1.0;
    for order in 0..=degree {
        let norm: f64 = current.iter().map(|p| p * p).sum();
        for (weight, p) in weights.iter_mut().zip(&current) {
            *weight += p * current_zero / norm;
        }
        let shift: f64 = current.iter().zip(scales).map(|(p, scale)| p * p * scale).sum::<f64>() / norm;
        let back = if order == 0 { 0.0 } else { norm / previous_norm };
        let next: Vec<f64> = (0..scales.len()).map(|k| (scales[k] - shift) * current[k] - back * previous[k]).collect();
        let next_zero = -shift * current_zero - back * previous_zero;
        (previous, current) = (current, next);
        (previous_zero, current_zero) = (current_zero, next_zero);
        previous_norm = norm;
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(scales: &[f64], curve: impl Fn(f64) -> f64) -> Vec<ScaledValue> {
        let estimate = |scale| Estimate { value: curve(scale), standard_error: 0.01 };
        scales.iter().map(|&scale| ScaledValue { scale, estimate: estimate(scale) }).collect()
    }

    #[test]
    fn curves_of_the_right_shape_are_continued_exactly() {
        let quadratic = points(&[1.0, 1.5, 2.0, 3.0, 5.0], |s| -1.0 + 0.3 * s - 0.02 * s * s);
        for curve in [Extrapolation::Polynomial { degree: 2 }, Extrapolation::Richardson] {
            let zero = extrapolate(&quadratic, curve).expect("enough scales");
            assert!((zero.value + 1.0).abs() < 1e-12, "{curve:?}: {zero:?}");
            assert!(zero.standard_error > 0.01);
        }
        let exponential = points(&[1.0, 3.0, 5.0], |s| 0.25 - 1.5 * (-0.2 * s).exp());
        let zero = extrapolate(&exponential, Extrapolation::Exponential { asymptote: 0.25 }).expect("one side");
        assert!((zero.value + 1.25).abs() < 1e-12);
        // a constant has no slope: the error of a mean
        let constant = extrapolate(&points(&[1.0, 2.0, 3.0, 4.0], |_| 0.5), Extrapolation::Polynomial { degree: 0 });
        let constant = constant.expect("enough scales");
        assert!((constant.value - 0.5).abs() < 1e-15 && (constant.standard_error - 0.005).abs() < 1e-15);
    }

    #[test]
    fn too_few_scales_and_crossed_asymptotes_are_refused() {
        let twice = points(&[1.0, 1.0], |_| 1.0);
        assert!(matches!(extrapolate(&twice, Extrapolation::Richardson), Err(EstimateError::SizeMismatch { .. })));
        assert!(extrapolate(&[], Extrapolation::Richardson).is_err());
        let both = points(&[1.0, 3.0], |s| s - 2.0);
        assert!(matches!(
            extrapolate(&both, Extrapolation::Exponential { asymptote: 0.0 }),
            Err(EstimateError::Asymptote { .. })
        ));
        let bad = points(&[1.0, f64::NAN], |s| s);
        assert!(matches!(extrapolate(&bad, Extrapolation::Richardson), Err(EstimateError::NotFinite { .. })));
    }
}
