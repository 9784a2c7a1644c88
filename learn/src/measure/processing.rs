//! Information-processing capacity.

use faer::Mat;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};

/// The normal quantile of 1 - 1e-4.
const QUANTILE: f64 = 3.719_016_485_455_709;

/// Which functions of the inputs are looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProcessingSettings {
    /// Steps that are left out at the start. Default 200.
    pub wash_out: usize,
    /// Steps the capacity is measured on. Default 5000.
    pub steps: usize,
    /// Entry `d - 1`: how many steps back, from delay 0 on, functions of degree `d` may reach. Default 40, 20, 10, 6.
    pub delays: Vec<usize>,
}

impl Default for ProcessingSettings {
    fn default() -> Self {
        Self { wash_out: 200, steps: 5000, delays: vec![40, 20, 10, 6] }
    }
}

/// Capacities summed over all functions of a degree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessingCapacity {
    /// Entry `d - 1`: of degree `d`.
    pub degrees: Vec<f64>,
    /// Their sum, at most the rank.
    pub total: f64,
    /// Features that are linearly independent.
    pub rank: usize,
    /// Capacities below this are taken as 0.
    pub threshold: f64,
    /// Functions looked for.
    pub functions: usize,
}

/// Information-processing capacity (Dambre et al., Sci. Rep. 2, 514 (2012)) under inputs uniform in [0, 1): for each product of normalised
/// Legendre polynomials of delayed inputs, the share of its variance that a linear readout of the features explains.
///
/// A share that chance gives is taken as 0: the threshold is `2 q / T` for T steps, where a chi-squared number with as many degrees of freedom
/// as the rank exceeds q with probability 1e-4 (q by Wilson and Hilferty's formula). The rank counts directions above 1e-9 of the largest; the
/// total reaches it for a system with fading memory when functions of every degree and delay are looked for. Costs
/// `T (features^2 + functions rank)`.
///
/// # Errors
/// For lists of other lengths, and more than 100000 functions.
pub fn processing_capacity(
    features: &[f64],
    input: &[f64],
    settings: &ProcessingSettings,
) -> Result<ProcessingCapacity, LearnError> {
    let &ProcessingSettings { wash_out, steps, ref delays } = settings;
    check("steps", steps as f64, (2..=10_000_000).contains(&steps), "from 2 to 10000000")?;
    let deepest = delays.iter().copied().max().unwrap_or_default();
    check("delays", deepest as f64, deepest <= wash_out + 1, "at most wash_out + 1")?;
    if input.len() != wash_out + steps || !features.len().is_multiple_of(input.len()) {
        return Err(LearnError::SizeMismatch { what: "steps of a capacity", expected: wash_out + steps, given: input.len() });
    }
    let columns = features.len() / input.len();
    let basis = directions(&features[wash_out * columns..], columns, steps)?;
    let rank = basis.len();
    let freedom = rank.max(1) as f64;
    let quantile = freedom * (1.0 - 2.0 / (9.0 * freedom) + QUANTILE * (2.0 / (9.0 * freedom)).sqrt()).powi(3);
    let threshold = 2.0 * quantile / steps as f64;
    let most = delays.len();
    // polynomials[degree][time]
    let polynomials: Vec<Vec<f64>> =
        (0..=most).map(|degree| input.iter().map(|u| legendre(degree, 2.0 * u - 1.0)).collect()).collect();
    let mut degrees = vec![0.0; most];
    let mut functions = 0;
    for (place, &reach) in delays.iter().enumerate() {
        for powers in products(place + 1, reach) {
            functions += 1;
            check("functions of the inputs", f64::from(functions), functions <= 100_000, "at most 100000; shorten `delays`")?;
            let value = |time: usize| powers.iter().map(|&(delay, power)| polynomials[power][time - delay]).product::<f64>();
            let target: Vec<f64> = (wash_out..input.len()).map(value).collect();
            let share = explained(&target, &basis);
            degrees[place] += if share < threshold { 0.0 } else { share };
        }
    }
    let total = degrees.iter().sum();
    Ok(ProcessingCapacity { degrees, total, rank, threshold, functions: functions as usize })
}

/// Orthonormal lists that span the features without their means.
fn directions(features: &[f64], columns: usize, steps: usize) -> Result<Vec<Vec<f64>>, LearnError> {
    let no_solution = || LearnError::NoSolution { rows: steps, columns };
    if features.iter().any(|value| !value.is_finite()) {
        return Err(no_solution());
    }
    let mean = |column: usize| features.iter().skip(column).step_by(columns).sum::<f64>() / steps as f64;
    let means: Vec<f64> = (0..columns).map(mean).collect();
    let matrix = Mat::from_fn(steps, columns, |row, column| features[row * columns + column] - means[column]);
    let svd = matrix.thin_svd().map_err(|_| no_solution())?;
    let singular: Vec<f64> = svd.S().column_vector().iter().copied().collect();
    let least = 1e-9 * singular.first().copied().unwrap_or_default().max(1e-3);
    let kept = singular.iter().take_while(|value| **value > least).count();
    Ok((0..kept).map(|place| svd.U().col(place).iter().copied().collect()).collect())
}

/// The share of a list's variance within the directions.
fn explained(target: &[f64], basis: &[Vec<f64>]) -> f64 {
    let mean = target.iter().sum::<f64>() / target.len() as f64;
    let variance: f64 = target.iter().map(|y| (y - mean).powi(2)).sum();
    let along = |direction: &Vec<f64>| direction.iter().zip(target).map(|(u, y)| u * (y - mean)).sum::<f64>().powi(2);
    basis.iter().map(along).sum::<f64>() / variance
}

/// Legendre polynomials, normalised for uniform numbers in [-1, 1].
fn legendre(degree: usize, x: f64) -> f64 {
    let (mut before, mut value) = (0.0, 1.0);
    for k in 0..degree {
        let k = k as f64;
        (before, value) = (value, ((2.0 * k + 1.0) * x * value - k * before) / (k + 1.0));
    }
    value * (2.0 * degree as f64 + 1.0).sqrt()
}

/// All ways to give powers that sum to `degree` to delays below `reach`.
fn products(degree: usize, reach: usize) -> Vec<Vec<(usize, usize)>> {
    if degree == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    // the largest delay first, then lower ones
    for delay in 0..reach {
        for power in 1..=degree {
            for mut rest in products(degree - power, delay) {
                rest.push((delay, power));
                all.push(rest);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_counted_as_combinations_with_repetition() {
        // C(reach + degree - 1, degree)
        for (degree, reach, count) in [(1, 5, 5), (2, 5, 15), (3, 4, 20), (4, 6, 126)] {
            let all = products(degree, reach);
            assert_eq!(all.len(), count);
            assert!(all.iter().all(|powers| powers.iter().map(|(_, power)| power).sum::<usize>() == degree));
        }
    }

    #[test]
    fn polynomials_are_orthonormal() {
        let points = 20_000;
        let x = |k: usize| -1.0 + (2.0 * k as f64 + 1.0) / points as f64;
        for a in 0..5 {
            for b in 0..5 {
                let mean = (0..points).map(|k| legendre(a, x(k)) * legendre(b, x(k))).sum::<f64>() / points as f64;
                assert!((mean - f64::from(u8::from(a == b))).abs() < 1e-6, "{a} {b} {mean}");
            }
        }
    }
}
