//! What a classifier's scores cost.

use serde::{Deserialize, Serialize};

/// The loss of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassLoss {
    /// Minus the logarithm of the probability of the right class; expectation values become probabilities by softmax.
    CrossEntropy,
    /// What the right class lacks to be 1 above the best of the others (Crammer and Singer, J. Mach. Learn. Res. 2, 265 (2001)).
    Hinge,
    /// Squared distance to 1 for the right class and to 0 for the others; to 1 and -1 for expectation values.
    Squared,
}

/// What scores are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scores {
    /// Probabilities; those below `least` count as that in a logarithm.
    Probabilities { least: f64 },
    /// Expectation values.
    Expectations,
}

impl ClassLoss {
    /// The loss of a row of scores, its derivatives by them added to `slopes`, times `weight`.
    pub(crate) fn of(self, scores: &[f64], label: usize, kind: Scores, weight: f64, slopes: &mut [f64]) -> f64 {
        match (self, kind) {
            (ClassLoss::CrossEntropy, Scores::Probabilities { least }) => {
                let chance = scores[label].max(least);
                slopes[label] -= weight / chance;
                -chance.ln()
            }
            (ClassLoss::CrossEntropy, Scores::Expectations) => {
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
                for (class, slope) in slopes.iter_mut().enumerate() {
                    let wanted = f64::from(u8::from(class == label));
                    *slope += weight * ((scores[class] - most).exp() / sum - wanted);
                }
                sum.ln() + most - scores[label]
            }
            (ClassLoss::Hinge, _) => {
                let others = (0..scores.len()).filter(|class| *class != label);
                let Some(best) = others.rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])) else { return 0.0 };
                let loss = 1.0 - scores[label] + scores[best];
                if loss > 0.0 {
                    slopes[label] -= weight;
                    slopes[best] += weight;
                }
                loss.max(0.0)
            }
            (ClassLoss::Squared, kind) => {
                let low = match kind {
                    Scores::Probabilities { .. } => 0.0,
                    Scores::Expectations => -1.0,
                };
                let mut loss = 0.0;
                for (class, (score, slope)) in scores.iter().zip(slopes).enumerate() {
                    let error = score - if class == label { 1.0 } else { low };
                    loss += error * error;
                    *slope += weight * 2.0 * error;
                }
                loss
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXACT: Scores = Scores::Probabilities { least: 1e-10 };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn slopes_are_differences(scores in prop::collection::vec(0.05f64..0.95, 3), label in 0usize..3, probabilities in any::<bool>()) {
            let kind = if probabilities { EXACT } else { Scores::Expectations };
            for loss in [ClassLoss::CrossEntropy, ClassLoss::Hinge, ClassLoss::Squared] {
                let mut slopes = vec![0.0; 3];
                loss.of(&scores, label, kind, 0.5, &mut slopes);
                for class in 0..3 {
                    let at = |step: f64| {
                        let mut moved = scores.clone();
                        moved[class] += step;
                        loss.of(&moved, label, kind, 0.0, &mut [0.0; 3])
                    };
                    let slope = 0.5 * (at(1e-6) - at(-1e-6)) / 2e-6;
                    // beside the kinks of the hinge
                    let tie = loss == ClassLoss::Hinge && (0..3).any(|a| (0..a).any(|b| (scores[a] - scores[b]).abs() < 1e-5));
                    prop_assert!(tie || (slope - slopes[class]).abs() < 1e-4, "{loss:?} {slope} {}", slopes[class]);
                }
            }
        }
    }

    #[test]
    fn right_scores_cost_least() {
        assert_eq!(ClassLoss::Hinge.of(&[1.0, 0.0], 0, EXACT, 1.0, &mut [0.0; 2]), 0.0);
        assert_eq!(ClassLoss::Squared.of(&[1.0, -1.0], 0, Scores::Expectations, 1.0, &mut [0.0; 2]), 0.0);
        assert!(ClassLoss::CrossEntropy.of(&[0.0, 1.0], 0, EXACT, 1.0, &mut [0.0; 2]) > 20.0);
    }
}
