//! Ridge regression of numbers on what was seen and done.

use faer::prelude::Solve;
use faer::{Mat, Side};
use serde::{Deserialize, Serialize};

use crate::agent::Observation;

/// What was seen, and the action chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    pub(super) seen: Observation,
    pub(super) action: u16,
}

/// A function of states and actions: `mean + sum_j c_j K(j, .)` over the samples it was fitted to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Regressor {
    samples: Vec<Sample>,
    coefficients: Vec<f64>,
    mean: f64,
}

/// The kernel of two states, in [0, 1]: 1 plus the cosine of what is seen, halved.
fn states(a: &Observation, b: &Observation) -> f64 {
    let common = |a: &Observation, b: &Observation| {
        let entries = a.entries.iter().filter(|entry| b.entries.contains(entry)).count() as f64;
        let features: f64 = a.features.iter().zip(&b.features).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        entries + features + f64::from(a.energy) * f64::from(b.energy)
    };
    let sizes = (common(a, a) * common(b, b)).sqrt();
    // two states of which nothing is seen are the same
    if sizes > 0.0 { 0.5 + 0.5 * common(a, b) / sizes } else { 1.0 }
}

impl Regressor {
    /// The function whose square error on the targets, with the ridge times its norm, is least, and its mean square error; `None` where
    /// numbers are not finite.
    pub(super) fn fit(samples: Vec<Sample>, targets: &[f64], ridge: f64) -> Option<(Self, f64)> {
        let count = samples.len();
        let mean = targets.iter().sum::<f64>() / count as f64;
        let kernel = Mat::from_fn(count, count, |row, column| {
            let (a, b) = (&samples[row], &samples[column]);
            states(&a.seen, &b.seen) * if a.action == b.action { 1.0 } else { 0.5 }
        });
        let ridged = Mat::from_fn(count, count, |row, column| kernel[(row, column)] + if row == column { ridge } else { 0.0 });
        let right = Mat::from_fn(count, 1, |row, _| targets[row] - mean);
        let solved = ridged.llt(Side::Lower).ok()?.solve(&right);
        let coefficients: Vec<f64> = (0..count).map(|row| solved[(row, 0)]).collect();
        // what the ridge leaves of a target is the ridge times its coefficient
        let error = coefficients.iter().map(|c| (ridge * c).powi(2)).sum::<f64>() / count as f64;
        error.is_finite().then_some((Self { samples, coefficients, mean }, error))
    }

    /// The values of all actions.
    pub(super) fn values(&self, seen: &Observation, actions: usize) -> Vec<f32> {
        let mut values = vec![0.0; actions];
        let mut state = self.mean;
        for (sample, coefficient) in self.samples.iter().zip(&self.coefficients) {
            let half = 0.5 * coefficient * states(&sample.seen, seen);
            state += half;
            values[usize::from(sample.action)] += half;
        }
        values.into_iter().map(|value| (value + state) as f32).collect()
    }

    pub(super) fn samples(&self) -> &[Sample] {
        &self.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(entries: &[u32]) -> Observation {
        Observation { entries: entries.to_vec(), energy: 0.0, features: Vec::new(), illegal: Vec::new() }
    }

    #[test]
    fn a_small_ridge_meets_the_targets_and_untried_actions_get_the_state() {
        let samples: Vec<Sample> =
            [(&[0, 1][..], 0), (&[0, 1], 1), (&[2], 0)].map(|(entries, action)| Sample { seen: seen(entries), action }).to_vec();
        let (fitted, error) = Regressor::fit(samples, &[3.0, 1.0, -1.0], 1e-9).expect("finite");
        let values = fitted.values(&seen(&[0, 1]), 3);
        assert!((values[0] - 3.0).abs() < 1e-5 && (values[1] - 1.0).abs() < 1e-5 && error < 1e-12, "{values:?}");
        assert!((1.0..3.0).contains(&values[2]), "{values:?}");
        assert!((fitted.values(&seen(&[2]), 3)[0] + 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_large_ridge_leaves_the_mean() {
        let samples = vec![Sample { seen: seen(&[0]), action: 0 }, Sample { seen: seen(&[1]), action: 1 }];
        let (fitted, error) = Regressor::fit(samples.clone(), &[1.0, 3.0], 1e9).expect("finite");
        assert!(fitted.values(&seen(&[0]), 2).iter().all(|value| (value - 2.0).abs() < 1e-6) && (error - 1.0).abs() < 1e-6);
        assert!(Regressor::fit(samples, &[f64::NAN, 0.0], 1.0).is_none());
    }
}
