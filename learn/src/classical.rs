//! Classifiers without circuits, which every other one has to be compared with.

use faer::Mat;
use faer::prelude::Solve;

use crate::error::LearnError;
use crate::examples::Examples;
use crate::kernel_machine::MOST_ROWS;
use crate::svm::{SupportVectorMachine, SvmSettings};

/// Neighbours that vote.
const NEIGHBOURS: usize = 5;

/// What each rival says of the test rows after it was fitted to the training rows: `linear_svm` and `rbf_svm` (c = 1, the width of the radial
/// kernel by the variance of all features), `logistic_regression` (c = 1) and `nearest_neighbors` (5, or all of fewer rows). The machines,
/// whose kernel matrices have a number for each pair of rows, are left out beyond 10000 rows.
///
/// # Errors
/// When a fit does not converge.
pub fn classify(train: &Examples, test: &[f64]) -> Result<Vec<(&'static str, Vec<usize>)>, LearnError> {
    let width = train.width();
    let row = |features: &'_ [f64], place: usize| features[place * width..(place + 1) * width].to_vec();
    let rows = |features: &[f64]| (0..features.len() / width).map(|place| row(features, place)).collect::<Vec<_>>();
    let (known, asked) = (rows(train.features()), rows(test));
    let settings = SvmSettings { costs: vec![1.0; train.classes().len()], tolerance: 1e-3 };
    let machine = |kernel: &dyn Fn(&[f64], &[f64]) -> f64| -> Result<Vec<usize>, LearnError> {
        let matrix = |left: &[Vec<f64>]| Mat::from_fn(left.len(), known.len(), |a, b| kernel(&left[a], &known[b]));
        let fitted = SupportVectorMachine::fit(matrix(&known).as_ref(), train.labels(), &settings)?;
        Ok(fitted.predict(matrix(&asked).as_ref()))
    };
    let gamma = 1.0 / (width as f64 * variance(train.features()).max(f64::MIN_POSITIVE));
    let mut told = Vec::new();
    if train.len() <= MOST_ROWS {
        told.push(("linear_svm", machine(&dot)?));
        told.push(("rbf_svm", machine(&|a, b| (-gamma * squared_distance(a, b)).exp())?));
    }
    let logistic = LogisticRegression::fit(train.features(), width, train.labels(), train.classes().len(), 1.0)?;
    told.push(("logistic_regression", test.chunks(width).map(|row| logistic.predict(row)).collect()));
    told.push(("nearest_neighbors", nearest_neighbors(train, &known, &asked)));
    Ok(told)
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

pub(crate) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

pub(crate) fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64
}

/// The class of most of the nearest rows, the first of those with as many.
fn nearest_neighbors(train: &Examples, known: &[Vec<f64>], asked: &[Vec<f64>]) -> Vec<usize> {
    let class = |row: &Vec<f64>| {
        let mut near: Vec<(f64, usize)> =
            known.iter().enumerate().map(|(place, other)| (squared_distance(row, other), place)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut votes = vec![0usize; train.classes().len()];
        near.iter().take(NEIGHBOURS).for_each(|(_, place)| votes[train.labels()[*place]] += 1);
        (0..votes.len()).max_by_key(|&class| (votes[class], std::cmp::Reverse(class))).unwrap_or_default()
    };
    asked.iter().map(class).collect()
}

/// Steps of Newton's method at most, and the largest derivative that ends it.
const NEWTON: (usize, f64) = (100, 1e-8);

/// Multinomial logistic regression: the least of the cross-entropy, times c, and half the squares of all weights; the intercepts are free.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogisticRegression {
    /// Class by class those of the features, and the intercept.
    pub weights: Vec<f64>,
    pub classes: usize,
}

impl LogisticRegression {
    /// Fits to rows by Newton's method with halved steps, which costs the cube of classes times features.
    pub fn fit(features: &[f64], width: usize, labels: &[usize], classes: usize, c: f64) -> Result<Self, LearnError> {
        let size = (width + 1) * classes;
        let rows: Vec<Vec<f64>> = features.chunks(width).map(with_one).collect();
        let mut weights = vec![0.0; size];
        let mut value = objective(&weights, &rows, labels, classes, c);
        for _ in 0..NEWTON.0 {
            let (gradient, hessian) = derivatives(&weights, &rows, labels, classes, c);
            if gradient.iter().all(|slope| slope.abs() < NEWTON.1) {
                break;
            }
            let right = Mat::from_fn(size, 1, |row, _| gradient[row]);
            let factors = hessian.llt(faer::Side::Lower).map_err(|_| LearnError::NoSolution { rows: size, columns: size })?;
            let direction = factors.solve(&right);
            let mut length = 1.0;
            let moved = loop {
                let moved: Vec<f64> = weights.iter().enumerate().map(|(k, weight)| weight - length * direction[(k, 0)]).collect();
                let next = objective(&moved, &rows, labels, classes, c);
                if next <= value || length < 1e-10 {
                    value = next;
                    break moved;
                }
                length *= 0.5;
            };
            weights = moved;
        }
        Ok(Self { weights, classes })
    }

    /// The probability of each class.
    pub fn probabilities(&self, row: &[f64]) -> Vec<f64> {
        log_probabilities(&self.weights, &with_one(row), self.classes).into_iter().map(f64::exp).collect()
    }

    fn predict(&self, row: &[f64]) -> usize {
        let scores = log_probabilities(&self.weights, &with_one(row), self.classes);
        (0..self.classes).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or_default()
    }
}

fn with_one(row: &[f64]) -> Vec<f64> {
    row.iter().copied().chain([1.0]).collect()
}

/// The logarithms of the probabilities of all classes.
fn log_probabilities(weights: &[f64], row: &[f64], classes: usize) -> Vec<f64> {
    let width = row.len();
    let scores: Vec<f64> = (0..classes).map(|class| dot(row, &weights[class * width..(class + 1) * width])).collect();
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum = scores.iter().map(|score| (score - most).exp()).sum::<f64>().ln() + most;
    scores.into_iter().map(|score| score - sum).collect()
}

/// What one free direction, a common intercept, costs: it changes no probability and keeps the system regular.
const COMMON: f64 = 1e-9;

fn objective(weights: &[f64], rows: &[Vec<f64>], labels: &[usize], classes: usize, c: f64) -> f64 {
    let width = rows[0].len();
    let losses = rows.iter().zip(labels).map(|(row, &label)| -log_probabilities(weights, row, classes)[label]);
    let squares = weights.iter().enumerate().map(|(k, w)| if k % width == width - 1 { COMMON * w * w } else { w * w });
    c * losses.sum::<f64>() + 0.5 * squares.sum::<f64>()
}

fn derivatives(weights: &[f64], rows: &[Vec<f64>], labels: &[usize], classes: usize, c: f64) -> (Vec<f64>, Mat<f64>) {
    let width = rows[0].len();
    let size = width * classes;
    let price = |k: usize| if k % width == width - 1 { COMMON } else { 1.0 };
    let mut gradient: Vec<f64> = weights.iter().enumerate().map(|(k, w)| price(k) * w).collect();
    let chances: Vec<Vec<f64>> =
        rows.iter().map(|row| log_probabilities(weights, row, classes).into_iter().map(f64::exp).collect()).collect();
    for ((row, chances), &label) in rows.iter().zip(&chances).zip(labels) {
        for class in 0..classes {
            let error = chances[class] - f64::from(u8::from(class == label));
            row.iter().enumerate().for_each(|(k, x)| gradient[class * width + k] += c * error * x);
        }
    }
    let mut hessian = Mat::from_fn(size, size, |row, column| if row == column { price(row) } else { 0.0 });
    let features = Mat::from_fn(rows.len(), width, |row, k| rows[row][k]);
    for a in 0..classes {
        // the part below the diagonal, block by block
        for b in 0..=a {
            let curvature = |row: usize| c * chances[row][a] * (f64::from(u8::from(a == b)) - chances[row][b]);
            let curvatures: Vec<f64> = (0..rows.len()).map(curvature).collect();
            let scaled = Mat::from_fn(rows.len(), width, |row, k| curvatures[row] * rows[row][k]);
            let block = features.transpose() * &scaled;
            for k in 0..width {
                for l in 0..width {
                    hessian[(a * width + k, b * width + l)] += block[(k, l)];
                }
            }
        }
    }
    (gradient, hessian)
}

#[cfg(test)]
mod tests;
