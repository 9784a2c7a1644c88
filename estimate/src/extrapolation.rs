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
    /// maximally mixed state. The logarithms of the distances are laid on a polynomial of this degree.
    Exponential {
        /// The value under endless noise.
        asymptote: f64,
        /// 1 is a plain exponential.
        degree: usize,
    },
}

/// A curve ready for values at fixed scales.
#[derive(Clone, Debug)]
pub struct Extrapolator {
    curve: Extrapolation,
    /// Weights whose sum with the values, or with the logarithms of their distances, is the polynomial at 0.
    weights: Vec<f64>,
}

impl Extrapolator {
    /// A curve through values at these scales.
    ///
    /// # Errors
    /// When there are fewer different scales than the curve has coefficients.
    pub fn new(scales: &[f64], curve: Extrapolation) -> Result<Self, EstimateError> {
        let degree = match curve {
            Extrapolation::Polynomial { degree } | Extrapolation::Exponential { degree, .. } => degree,
            Extrapolation::Richardson => scales.len().saturating_sub(1),
        };
        Ok(Self { curve, weights: extrapolation_weights(scales, degree)? })
    }

    /// The value at no noise, and its derivatives with respect to the values given.
    ///
    /// # Errors
    /// When an exponential meets values on both sides of its asymptote, or one nearer to it than the fraction `closest` of the farthest.
    ///
    /// # Panics
    /// When there is not one value for each scale.
    pub fn value_and_slopes(&self, values: &[f64], closest: f64) -> Result<(f64, Vec<f64>), EstimateError> {
        assert_eq!(values.len(), self.weights.len(), "one value for each scale");
        let Extrapolation::Exponential { asymptote, .. } = self.curve else { return Ok(self.polynomial(values)) };
        let distances: Vec<f64> = values.iter().map(|value| value - asymptote).collect();
        let farthest = distances.iter().fold(0.0f64, |most, distance| most.max(distance.abs()));
        let side = distances.first().map_or(1.0, |distance| distance.signum());
        let near = |distance: &&f64| **distance * side <= 0.0 || **distance * side < closest * farthest;
        if let Some(distance) = distances.iter().find(near) {
            return Err(EstimateError::Asymptote { value: asymptote + distance, asymptote });
        }
        let logarithm: f64 = self.weights.iter().zip(&distances).map(|(weight, d)| weight * d.abs().ln()).sum();
        let distance = side * logarithm.exp();
        let slopes = self.weights.iter().zip(&distances).map(|(weight, d)| weight * distance / d).collect();
        Ok((asymptote + distance, slopes))
    }

    /// The values themselves on the polynomial, whatever the curve: what is left where an exponential fails.
    ///
    /// # Panics
    /// When there is not one value for each scale.
    pub fn polynomial(&self, values: &[f64]) -> (f64, Vec<f64>) {
        assert_eq!(values.len(), self.weights.len(), "one value for each scale");
        (self.weights.iter().zip(values).map(|(weight, value)| weight * value).sum(), self.weights.clone())
    }
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
    let numbers: Vec<f64> = values.iter().map(|point| point.estimate.value).collect();
    let (value, slopes) = Extrapolator::new(&scales, curve)?.value_and_slopes(&numbers, 0.0)?;
    let variance: f64 = slopes.iter().zip(values).map(|(slope, point)| (slope * point.estimate.standard_error).powi(2)).sum();
    Ok(Estimate { value, standard_error: variance.sqrt() })
}

/// The weights whose sum with values at these scales is their least-squares polynomial of this degree at 0.
fn extrapolation_weights(scales: &[f64], degree: usize) -> Result<Vec<f64>, EstimateError> {
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
        let zero = extrapolate(&exponential, Extrapolation::Exponential { asymptote: 0.25, degree: 1 }).expect("one side");
        assert!((zero.value + 1.25).abs() < 1e-12);
        // a constant has no slope: the error of a mean
        let constant = extrapolate(&points(&[1.0, 2.0, 3.0, 4.0], |_| 0.5), Extrapolation::Polynomial { degree: 0 });
        let constant = constant.expect("enough scales");
        assert!((constant.value - 0.5).abs() < 1e-15 && (constant.standard_error - 0.005).abs() < 1e-15);
    }

    #[test]
    fn slopes_are_derivatives_and_the_guard_holds() {
        let curve = |scale: f64| -7.0 - 0.8 * (-0.1 * scale).exp();
        let values = [curve(1.0), curve(3.0)];
        let extrapolator = Extrapolator::new(&[1.0, 3.0], Extrapolation::Exponential { asymptote: -7.0, degree: 1 });
        let extrapolator = extrapolator.expect("enough scales");
        let (value, slopes) = extrapolator.value_and_slopes(&values, 0.5).expect("one side");
        assert!((value - curve(0.0)).abs() < 1e-14);
        let h = 1e-6;
        let (raised, _) = extrapolator.value_and_slopes(&[values[0], values[1] + h], 0.5).expect("one side");
        assert!(((raised - value) / h - slopes[1]).abs() < 1e-5);
        // 0.59 and 0.72 from the asymptote: nearer than nine tenths of the farther
        assert!(matches!(extrapolator.value_and_slopes(&values, 0.9), Err(EstimateError::Asymptote { .. })));
        let (value, slopes) = extrapolator.polynomial(&[-7.2, -6.9]); // weights 3/2 and -1/2
        assert!((value - (1.5 * -7.2 + 0.5 * 6.9)).abs() < 1e-12 && (slopes[0] - 1.5).abs() < 1e-12);
    }

    #[test]
    fn too_few_scales_and_crossed_asymptotes_are_refused() {
        let twice = points(&[1.0, 1.0], |_| 1.0);
        assert!(matches!(extrapolate(&twice, Extrapolation::Richardson), Err(EstimateError::SizeMismatch { .. })));
        assert!(extrapolate(&[], Extrapolation::Richardson).is_err());
        let both = points(&[1.0, 3.0], |s| s - 2.0);
        assert!(matches!(
            extrapolate(&both, Extrapolation::Exponential { asymptote: 0.0, degree: 1 }),
            Err(EstimateError::Asymptote { .. })
        ));
        let bad = points(&[1.0, f64::NAN], |s| s);
        assert!(matches!(extrapolate(&bad, Extrapolation::Richardson), Err(EstimateError::NotFinite { .. })));
    }
}
