//! Linear readouts: in closed form, or by gradient descent.

use faer::Mat;
use faer::linalg::solvers::Svd;
use qloom_nn::{Adam, AdamConfig, Gradients, NnError, Optimizer, Parameters, RmsProp, RmsPropConfig};
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::online::{ForceSettings, RecursiveSettings};

/// How a readout, or a whole network, is fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadoutSettings {
    /// In closed form; for reservoirs.
    Ridge(RidgeSettings),
    /// Row by row, as the series goes on, by recursive least squares; for reservoirs.
    Rls(RecursiveSettings),
    /// Row by row, the reservoir hearing its own output; for those that run along the series.
    Force(ForceSettings),
    /// By gradient descent.
    Gradient(GradientSettings),
}

/// Ridge regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RidgeSettings {
    /// What each squared weight costs, the bias among them. Default 1e-8.
    pub regularization: f64,
    /// Values to choose from by generalised cross-validation (Golub, Heath and Wahba, Technometrics 21, 215 (1979)) in place of one.
    /// Default none.
    pub candidates: Vec<f64>,
}

impl Default for RidgeSettings {
    fn default() -> Self {
        Self { regularization: 1e-8, candidates: Vec::new() }
    }
}

/// Gradient descent in batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GradientSettings {
    /// Passes over the training windows. Default 100.
    pub epochs: usize,
    /// Windows for each step. Default 10.
    pub batch: usize,
    /// Draws the windows in a new order each epoch. Default false: in the order of time.
    pub shuffle: bool,
    /// The rule of a step. Default RMSprop with learning rate 0.01.
    pub optimizer: OptimizerSettings,
}

impl Default for GradientSettings {
    fn default() -> Self {
        Self { epochs: 100, batch: 10, shuffle: false, optimizer: OptimizerSettings::Rmsprop(RmsPropConfig::default()) }
    }
}

impl RidgeSettings {
    /// The regularizations to choose from.
    fn values(&self) -> &[f64] {
        if self.candidates.is_empty() { std::slice::from_ref(&self.regularization) } else { &self.candidates }
    }

    pub(crate) fn check(&self) -> Result<(), LearnError> {
        let fits = |&value: &f64| check("regularization", value, value.is_finite() && value >= 0.0, "finite and not negative");
        self.values().iter().try_for_each(fits)
    }
}

impl GradientSettings {
    pub(crate) fn check(&self) -> Result<(), LearnError> {
        check("epochs", self.epochs as f64, self.epochs > 0, "at least 1")?;
        check("batch", self.batch as f64, self.batch > 0, "at least 1")
    }
}

/// The rule of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerSettings {
    /// RMSprop.
    Rmsprop(RmsPropConfig),
    /// Adam.
    Adam(AdamConfig),
}

/// An optimiser of either rule.
#[derive(Debug)]
pub(crate) enum Descent {
    Rmsprop(RmsProp<f64>),
    Adam(Adam<f64>),
}

impl Descent {
    pub(crate) fn new(settings: &OptimizerSettings, parameters: &Parameters<f64>) -> Result<Self, NnError> {
        Ok(match settings {
            OptimizerSettings::Rmsprop(config) => Descent::Rmsprop(RmsProp::new(*config, parameters)?),
            OptimizerSettings::Adam(config) => Descent::Adam(Adam::new(*config, parameters)?),
        })
    }

    fn rule(&self) -> &dyn Optimizer<f64> {
        match self {
            Descent::Rmsprop(rule) => rule,
            Descent::Adam(rule) => rule,
        }
    }

    fn rule_mut(&mut self) -> &mut dyn Optimizer<f64> {
        match self {
            Descent::Rmsprop(rule) => rule,
            Descent::Adam(rule) => rule,
        }
    }

    pub(crate) fn step(&mut self, parameters: &mut Parameters<f64>, gradients: &Gradients<f64>) {
        self.rule_mut().step(parameters, gradients);
    }

    /// Number of steps, and what is remembered.
    pub(crate) fn save(&self) -> (u64, Vec<Vec<f64>>) {
        (self.rule().steps(), self.rule().moments().into_iter().map(|(_, list)| list.to_vec()).collect())
    }

    pub(crate) fn load(&mut self, steps: u64, moments: &[Vec<f64>]) -> Result<(), LearnError> {
        let rule = self.rule_mut();
        rule.set_steps(steps);
        let mut places = rule.moments_mut();
        let fits =
            places.len() == moments.len() && places.iter().zip(moments).all(|((_, place), list)| place.len() == list.len());
        if !fits {
            return Err(LearnError::Damaged { reason: "the optimiser's lists have other lengths".to_owned() });
        }
        places.iter_mut().zip(moments).for_each(|((_, place), list)| place.copy_from_slice(list));
        Ok(())
    }
}

/// Weights, the bias last, that minimise `|F w - y|^2 + r |w|^2` over rows of features with 1 added; and the r that was used.
///
/// By singular values, so that r may be as small as rounding allows. Costs `rows features^2`.
///
/// ```
/// use qloom_learn::{RidgeSettings, ridge};
/// let (weights, _) = ridge(&[0.0, 1.0, 2.0], &[1.0, 3.0, 5.0], 1, &RidgeSettings::default())?;
/// assert!((weights[0] - 2.0).abs() < 1e-6 && (weights[1] - 1.0).abs() < 1e-6);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
///
/// # Errors
/// For a regularization that is negative or no number, sizes that do not fit, and features that are not finite.
pub fn ridge(features: &[f64], targets: &[f64], columns: usize, settings: &RidgeSettings) -> Result<(Vec<f64>, f64), LearnError> {
    if features.len() != targets.len() * columns {
        let (expected, given) = (targets.len() * columns, features.len());
        return Err(LearnError::SizeMismatch { what: "features of a readout", expected, given });
    }
    Directions::new(features, columns)?.fit(targets, settings)
}

/// Rows of features with 1 added, as singular vectors: what one fit after another to other targets shares.
#[derive(Debug)]
pub(crate) struct Directions {
    svd: Svd<f64>,
    singular: Vec<f64>,
    rows: usize,
    columns: usize,
}

impl Directions {
    /// Costs `rows columns^2`.
    pub(crate) fn new(features: &[f64], columns: usize) -> Result<Self, LearnError> {
        let rows = features.len() / columns.max(1);
        if features.iter().any(|value| !value.is_finite()) {
            return Err(LearnError::NoSolution { rows, columns });
        }
        let matrix =
            Mat::from_fn(rows, columns + 1, |row, column| if column == columns { 1.0 } else { features[row * columns + column] });
        let Ok(svd) = matrix.thin_svd() else { return Err(LearnError::NoSolution { rows, columns }) };
        let singular = svd.S().column_vector().iter().copied().collect();
        Ok(Self { svd, singular, rows, columns })
    }

    /// See [`ridge`]; costs `rows columns`.
    pub(crate) fn fit(&self, targets: &[f64], settings: &RidgeSettings) -> Result<(Vec<f64>, f64), LearnError> {
        let Self { svd, singular, rows, columns } = self;
        let (rows, columns) = (*rows, *columns);
        settings.check()?;
        let candidates = settings.values();
        if targets.len() != rows || targets.iter().any(|value| !value.is_finite()) {
            return Err(LearnError::NoSolution { rows, columns });
        }
        // targets along the left vectors
        let along: Vec<f64> = (0..singular.len()).map(|k| (0..rows).map(|row| svd.U()[(row, k)] * targets[row]).sum()).collect();
        let score = |value: f64| {
            let kept: Vec<f64> = singular.iter().map(|s| s * s / (s * s + value)).collect();
            let inside: f64 = along.iter().zip(&kept).map(|(y, kept)| (y * (1.0 - kept)).powi(2)).sum();
            let outside = targets.iter().map(|y| y * y).sum::<f64>() - along.iter().map(|y| y * y).sum::<f64>();
            let freedom = rows as f64 - kept.iter().sum::<f64>();
            (inside + outside.max(0.0)) / (freedom * freedom)
        };
        let chosen = candidates.iter().copied().min_by(|a, b| score(*a).total_cmp(&score(*b))).unwrap_or(settings.regularization);
        let tiny = singular.first().copied().unwrap_or_default() * 1e-15;
        let scaled: Vec<f64> =
            singular.iter().zip(&along).map(|(s, y)| if *s <= tiny { 0.0 } else { s / (s * s + chosen) * y }).collect();
        let weights = (0..=columns).map(|row| scaled.iter().enumerate().map(|(k, value)| svd.V()[(row, k)] * value).sum());
        Ok((weights.collect(), chosen))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn objective(weights: &[f64], features: &[f64], targets: &[f64], regularization: f64) -> f64 {
        let columns = weights.len() - 1;
        let rows = features.chunks(columns).zip(targets);
        let error =
            rows.map(|(row, y)| (row.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>() + weights[columns] - y).powi(2));
        error.sum::<f64>() + regularization * weights.iter().map(|w| w * w).sum::<f64>()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// No step in any direction lowers what is minimised.
        #[test]
        fn ridge_weights_are_the_minimum(features in prop::collection::vec(-1.0f64..1.0, 24), targets in prop::collection::vec(-1.0f64..1.0, 8), power in -4i32..1) {
            let settings = RidgeSettings { regularization: 10f64.powi(power), ..RidgeSettings::default() };
            let (weights, used) = ridge(&features, &targets, 3, &settings).expect("finite");
            let best = objective(&weights, &features, &targets, used);
            for place in 0..4 {
                for step in [-1e-3, 1e-3] {
                    let mut moved = weights.clone();
                    moved[place] += step;
                    prop_assert!(objective(&moved, &features, &targets, used) >= best - 1e-12);
                }
            }
        }
    }

    #[test]
    fn cross_validation_leaves_noise_out() {
        // a line under noise of alternating sign, with many columns of noise beside it
        let mut stream = qloom_circuits::Stream::named(3, "noise");
        let (mut features, mut targets) = (Vec::new(), Vec::new());
        for row in 0..30 {
            let x = f64::from(row) / 30.0;
            features.push(x);
            features.extend((0..20).map(|_| stream.normal()));
            targets.push(x + 0.3 * stream.normal());
        }
        let settings = RidgeSettings { candidates: vec![1e-8, 1e-2, 1.0, 100.0], ..RidgeSettings::default() };
        let (_, chosen) = ridge(&features, &targets, 21, &settings).expect("finite");
        assert!(chosen >= 1.0, "{chosen}");
        let exact: Vec<f64> = features.chunks(21).map(|row| row[0]).collect();
        assert_eq!(ridge(&features, &exact, 21, &settings).expect("finite").1, 1e-8);
    }

    #[test]
    fn what_cannot_be_solved_is_refused() {
        assert!(ridge(&[1.0, 2.0, 3.0], &[1.0, 2.0], 1, &RidgeSettings::default()).is_err());
        assert!(ridge(&[1.0, f64::NAN], &[1.0, 2.0], 1, &RidgeSettings::default()).is_err());
        let negative = RidgeSettings { regularization: -1.0, ..RidgeSettings::default() };
        assert!(ridge(&[1.0, 2.0], &[1.0, 2.0], 1, &negative).is_err());
        // columns that are all the same leave the weights shared
        let (weights, _) = ridge(&[1.0, 1.0, 2.0, 2.0], &[1.0, 2.0], 2, &RidgeSettings::default()).expect("a solution");
        assert!((weights[0] - weights[1]).abs() < 1e-9);
    }
}
