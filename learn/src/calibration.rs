//! From decision values to probabilities.

use serde::{Deserialize, Serialize};

/// `1 / (1 + exp(a f + b))`: the chance of the first of two classes at decision value f (Platt, Advances in Large Margin Classifiers, 61
/// (1999)).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sigmoid {
    a: f64,
    b: f64,
}

/// Steps of Newton's method at most, the largest derivative that ends it, and what is added to the diagonal.
const NEWTON: (usize, f64, f64) = (100, 1e-10, 1e-12);

impl Sigmoid {
    /// The sigmoid of greatest likelihood on decision values of rows that were not fitted; targets keep away from 0 and 1 by the numbers of
    /// rows, and steps are Newton's, halved (Lin, Lin and Weng, Mach. Learn. 68, 267 (2007)).
    ///
    /// ```
    /// use qloom_learn::Sigmoid;
    /// let sigmoid = Sigmoid::fit(&[-2.0, -1.0, 1.0, 2.0], &[false, false, true, true]);
    /// assert!(sigmoid.chance(2.0) > 0.7 && (sigmoid.chance(1.5) + sigmoid.chance(-1.5) - 1.0).abs() < 1e-9);
    /// ```
    ///
    /// # Panics
    /// When the lists differ in length.
    #[track_caller]
    pub fn fit(decisions: &[f64], first: &[bool]) -> Self {
        assert_eq!(decisions.len(), first.len(), "a class for each decision value");
        let firsts = first.iter().filter(|first| **first).count() as f64;
        let seconds = first.len() as f64 - firsts;
        let (high, low) = ((firsts + 1.0) / (firsts + 2.0), 1.0 / (seconds + 2.0));
        let rows: Vec<(f64, f64)> = decisions.iter().zip(first).map(|(f, first)| (*f, if *first { high } else { low })).collect();
        let mut sigmoid = Self { a: 0.0, b: ((seconds + 1.0) / (firsts + 1.0)).ln() };
        let mut value = sigmoid.objective(&rows);
        for _ in 0..NEWTON.0 {
            let (mut h11, mut h22, mut h21, mut g1, mut g2) = (NEWTON.2, NEWTON.2, 0.0, 0.0, 0.0);
            for (f, target) in &rows {
                let chance = sigmoid.chance(*f);
                let (weight, error) = (chance * (1.0 - chance), target - chance);
                h11 += f * f * weight;
                h22 += weight;
                h21 += f * weight;
                g1 += f * error;
                g2 += error;
            }
            if g1.abs() < NEWTON.1 && g2.abs() < NEWTON.1 {
                break;
            }
            let determinant = h11 * h22 - h21 * h21;
            let (da, db) = (-(h22 * g1 - h21 * g2) / determinant, -(h11 * g2 - h21 * g1) / determinant);
            let slope = g1 * da + g2 * db;
            let mut length = 1.0;
            loop {
                let moved = Self { a: sigmoid.a + length * da, b: sigmoid.b + length * db };
                let next = moved.objective(&rows);
                if next < value + 1e-4 * length * slope {
                    (sigmoid, value) = (moved, next);
                    break;
                }
                length *= 0.5;
                if length < 1e-10 {
                    return sigmoid;
                }
            }
        }
        sigmoid
    }

    /// Minus the logarithm of the likelihood.
    fn objective(&self, rows: &[(f64, f64)]) -> f64 {
        let loss = |(f, target): &(f64, f64)| {
            let x = self.a * f + self.b;
            // -t ln p - (1 - t) ln (1 - p), without overflow
            if x >= 0.0 { target * x + (-x).exp().ln_1p() } else { (target - 1.0) * x + x.exp().ln_1p() }
        };
        rows.iter().map(loss).sum()
    }

    /// The chance of the first class.
    pub fn chance(&self, decision: f64) -> f64 {
        let x = self.a * decision + self.b;
        if x >= 0.0 { (-x).exp() / (1.0 + (-x).exp()) } else { 1.0 / (1.0 + x.exp()) }
    }
}

/// Sweeps over the classes at most, and how far the conditions may be missed.
const COUPLING: (usize, f64) = (1000, 1e-12);

/// Chances of pairs are kept this far from 0 and 1.
const LEAST: f64 = 1e-7;

/// Probabilities of all classes from those of the first of each pair, in the order (0, 1), (0, 2), ..., (1, 2), ...: the least of
/// `sum_(i, j) (r_ji p_i - r_ij p_j)^2` (Wu, Lin and Weng, J. Mach. Learn. Res. 5, 975 (2004), second approach).
///
/// # Panics
/// When there are not as many chances as pairs.
#[track_caller]
pub(crate) fn coupled(chances: &[f64], classes: usize) -> Vec<f64> {
    assert_eq!(chances.len(), classes * (classes - 1) / 2, "a chance for each pair");
    let mut r = vec![vec![0.0; classes]; classes];
    let pairs = (0..classes).flat_map(|first| (first + 1..classes).map(move |second| (first, second)));
    for ((first, second), chance) in pairs.zip(chances) {
        let chance = chance.clamp(LEAST, 1.0 - LEAST);
        (r[first][second], r[second][first]) = (chance, 1.0 - chance);
    }
    let q = |t: usize, j: usize| match t == j {
        true => (0..classes).filter(|&j| j != t).map(|j| r[j][t] * r[j][t]).sum::<f64>(),
        false => -r[j][t] * r[t][j],
    };
    let q: Vec<Vec<f64>> = (0..classes).map(|t| (0..classes).map(|j| q(t, j)).collect()).collect();
    let mut p = vec![1.0 / classes as f64; classes];
    for _ in 0..COUPLING.0 {
        let along = |p: &[f64]| -> Vec<f64> { q.iter().map(|row| row.iter().zip(p).map(|(q, p)| q * p).sum()).collect() };
        let (qp, mut worst) = (along(&p), 0.0f64);
        let whole: f64 = p.iter().zip(&qp).map(|(p, q)| p * q).sum();
        qp.iter().for_each(|value| worst = worst.max((value - whole).abs()));
        if worst < COUPLING.1 {
            break;
        }
        for t in 0..classes {
            let qp = along(&p);
            let whole: f64 = p.iter().zip(&qp).map(|(p, q)| p * q).sum();
            p[t] += (whole - qp[t]) / q[t][t];
            let sum: f64 = p.iter().sum();
            p.iter_mut().for_each(|p| *p /= sum);
        }
    }
    p
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn likelihood_is_greatest_where_its_slopes_vanish() {
        let decisions: Vec<f64> = (0..60).map(|k| (k as f64 * 0.37).sin() * 3.0).collect();
        let first: Vec<bool> = decisions.iter().enumerate().map(|(k, f)| f + (k as f64 * 1.3).cos() > 0.2).collect();
        let best = Sigmoid::fit(&decisions, &first);
        assert!(best.a < 0.0, "a larger value, a greater chance");
        let firsts = first.iter().filter(|first| **first).count() as f64;
        let target = |first: &bool| if *first { (firsts + 1.0) / (firsts + 2.0) } else { 1.0 / (62.0 - firsts) };
        let rows: Vec<(f64, f64)> = decisions.iter().zip(&first).map(|(f, first)| (*f, target(first))).collect();
        for (da, db) in [(1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3)] {
            assert!(Sigmoid { a: best.a + da, b: best.b + db }.objective(&rows) > best.objective(&rows));
        }
    }

    #[test]
    fn sigmoids_equal_those_of_scikit_learn() {
        let golden = &crate::golden::classify()["sigmoid"];
        let first: Vec<bool> =
            golden["first"].as_array().expect("a list").iter().map(|first| first.as_bool().expect("a class")).collect();
        let sigmoid = Sigmoid::fit(&crate::golden::numbers(&golden["decisions"]), &first);
        for (at, chance) in crate::golden::numbers(&golden["at"]).iter().zip(crate::golden::numbers(&golden["chances"])) {
            assert!((sigmoid.chance(*at) - chance).abs() < 1e-4, "{} {chance}", sigmoid.chance(*at));
        }
    }

    /// Values that tell nothing leave the shares of the classes.
    #[test]
    fn values_without_news_give_the_shares() {
        let sigmoid = Sigmoid::fit(&[0.5; 8], &[true, true, true, true, true, true, false, false]);
        let expected = (6.0 * 7.0 / 8.0 + 2.0 / 4.0) / 8.0;
        assert!((sigmoid.chance(0.5) - expected).abs() < 1e-9, "{}", sigmoid.chance(0.5));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Chances of pairs that some probabilities have give these back.
        #[test]
        fn consistent_pairs_are_coupled_exactly(weights in prop::collection::vec(0.05f64..1.0, 2..6)) {
            let sum: f64 = weights.iter().sum();
            let classes = weights.len();
            let pairs = (0..classes).flat_map(|a| (a + 1..classes).map(move |b| (a, b)));
            let chances: Vec<f64> = pairs.map(|(a, b)| weights[a] / (weights[a] + weights[b])).collect();
            for (p, weight) in coupled(&chances, classes).iter().zip(&weights) {
                prop_assert!((p - weight / sum).abs() < 1e-6, "{p} {}", weight / sum);
            }
        }
    }
}
