//! Gaussian processes on a kernel.

use faer::linalg::solvers::Llt;
use faer::prelude::Solve;
use faer::{Mat, MatRef, Side};

use super::{check_square, column, factors};
use crate::error::{LearnError, check};

/// A Gaussian process with mean 0 and the kernel as covariance, conditioned on noisy targets (Rasmussen and Williams, Gaussian Processes for
/// Machine Learning, algorithm 2.1).
///
/// ```
/// use faer::Mat;
/// use qloom_learn::GaussianProcess;
/// let process = GaussianProcess::fit(Mat::identity(2, 2).as_ref(), &[1.0, -1.0], 1.0)?;
/// let (mean, variance) = process.predict(Mat::from_fn(1, 2, |_, k| [1.0, 0.0][k]).as_ref(), &[1.0]);
/// assert!((mean[0] - 0.5).abs() < 1e-14 && (variance[0] - 0.5).abs() < 1e-14);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GaussianProcess {
    factors: Llt<f64>,
    weights: Vec<f64>,
    log_likelihood: f64,
}

impl GaussianProcess {
    /// Conditions on targets with noise of this variance. Costs the cube of the rows.
    ///
    /// # Errors
    /// When sizes do not fit, a number is not finite, the noise is not positive, or the matrix is not positive.
    pub fn fit(gram: MatRef<'_, f64>, targets: &[f64], noise: f64) -> Result<Self, LearnError> {
        check("noise", noise, noise.is_finite() && noise > 0.0, "a positive variance")?;
        check_square(gram, targets.len())?;
        let factors = factors(gram, noise)?;
        let solved = factors.solve(column(targets));
        let weights: Vec<f64> = (0..targets.len()).map(|row| solved[(row, 0)]).collect();
        let fit: f64 = weights.iter().zip(targets).map(|(weight, target)| weight * target).sum();
        let logarithms: f64 = (0..targets.len()).map(|k| factors.L()[(k, k)].ln()).sum();
        let log_likelihood = -0.5 * fit - logarithms - 0.5 * targets.len() as f64 * std::f64::consts::TAU.ln();
        Ok(Self { factors, weights, log_likelihood })
    }

    /// The logarithm of the probability density of the targets.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Means and variances, without noise, for rows of kernels with the rows it was fitted to and their kernels with themselves.
    ///
    /// # Panics
    /// When sizes do not fit.
    #[track_caller]
    pub fn predict(&self, cross: MatRef<'_, f64>, diagonal: &[f64]) -> (Vec<f64>, Vec<f64>) {
        assert!(cross.ncols() == self.weights.len() && cross.nrows() == diagonal.len(), "a row of kernels for each diagonal");
        let solved = self.factors.solve(cross.transpose());
        let told = |row: usize| {
            let along = |other: &dyn Fn(usize) -> f64| (0..self.weights.len()).map(|k| cross[(row, k)] * other(k)).sum::<f64>();
            (along(&|k| self.weights[k]), (diagonal[row] - along(&|k| solved[(k, row)])).max(0.0))
        };
        (0..cross.nrows()).map(told).unzip()
    }
}

/// A Gaussian process behind a logistic function, for two classes, by Laplace's approximation (Rasmussen and Williams, algorithms 3.1 and 3.2).
#[derive(Clone, Debug)]
pub struct ProcessClassifier {
    /// Derivatives of the logarithm of the likelihood at the mode.
    slopes: Vec<f64>,
    /// Roots of the negative second derivatives.
    roots: Vec<f64>,
    factors: Llt<f64>,
}

/// Steps of Newton's method at most, and the change of the objective that ends it.
const NEWTON: (usize, f64) = (200, 1e-12);

fn logistic(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

impl ProcessClassifier {
    /// Fits to rows of which some are of the second class.
    ///
    /// # Errors
    /// When sizes do not fit, a number is not finite, or the matrix is not positive.
    pub fn fit(gram: MatRef<'_, f64>, second: &[bool]) -> Result<Self, LearnError> {
        let count = second.len();
        check_square(gram, count)?;
        let mut values = vec![0.0; count];
        let (mut before, mut next) = (f64::NEG_INFINITY, values.clone());
        let mut found = Self::at(gram, second, &values)?;
        for _ in 0..NEWTON.0 {
            // a = b - W^1/2 B^-1 W^1/2 K b with b = W f + slopes, f = K a
            let weights: Vec<f64> = found.roots.iter().map(|root| root * root).collect();
            let b: Vec<f64> = (0..count).map(|k| weights[k] * values[k] + found.slopes[k]).collect();
            let times = |list: &[f64]| -> Vec<f64> {
                (0..count).map(|row| list.iter().enumerate().map(|(k, x)| gram[(row, k)] * x).sum()).collect()
            };
            let kb: Vec<f64> = times(&b).iter().zip(&found.roots).map(|(x, root)| x * root).collect();
            let solved = found.factors.solve(column(&kb));
            let a: Vec<f64> = (0..count).map(|k| b[k] - found.roots[k] * solved[(k, 0)]).collect();
            next.copy_from_slice(&times(&a));
            let likelihood = next.iter().zip(second).map(|(f, second)| logistic(if *second { *f } else { -f }).ln());
            let objective = -0.5 * a.iter().zip(&next).map(|(a, f)| a * f).sum::<f64>() + likelihood.sum::<f64>();
            values.copy_from_slice(&next);
            found = Self::at(gram, second, &values)?;
            if (objective - before).abs() < NEWTON.1 {
                break;
            }
            before = objective;
        }
        Ok(found)
    }

    /// What is needed at some values of the latent function.
    fn at(gram: MatRef<'_, f64>, second: &[bool], values: &[f64]) -> Result<Self, LearnError> {
        let chances: Vec<f64> = values.iter().map(|f| logistic(*f)).collect();
        let slopes = chances.iter().zip(second).map(|(chance, second)| f64::from(u8::from(*second)) - chance).collect();
        let roots: Vec<f64> = chances.iter().map(|chance| (chance * (1.0 - chance)).sqrt()).collect();
        let count = values.len();
        let b = Mat::from_fn(count, count, |row, column| {
            gram[(row, column)] * roots[row] * roots[column] + f64::from(u8::from(row == column))
        });
        let factors = b.llt(Side::Lower).map_err(|_| LearnError::NoSolution { rows: count, columns: count })?;
        Ok(Self { slopes, roots, factors })
    }

    /// The chance of the second class for rows of kernels with the rows it was fitted to and their kernels with themselves; the mean of the
    /// logistic function over the latent value is MacKay's approximation (Neural Comput. 4, 720 (1992)).
    ///
    /// # Panics
    /// When sizes do not fit.
    #[track_caller]
    pub fn chances(&self, cross: MatRef<'_, f64>, diagonal: &[f64]) -> Vec<f64> {
        assert!(cross.ncols() == self.slopes.len() && cross.nrows() == diagonal.len(), "a row of kernels for each diagonal");
        let weighted = Mat::from_fn(self.roots.len(), cross.nrows(), |k, row| self.roots[k] * cross[(row, k)]);
        let solved = self.factors.solve(&weighted);
        let chance = |row: usize| {
            let mean: f64 = self.slopes.iter().enumerate().map(|(k, slope)| slope * cross[(row, k)]).sum();
            let taken: f64 = (0..self.roots.len()).map(|k| weighted[(k, row)] * solved[(k, row)]).sum();
            let variance = (diagonal[row] - taken).max(0.0);
            logistic(mean / (1.0 + std::f64::consts::PI * variance / 8.0).sqrt())
        };
        (0..cross.nrows()).map(chance).collect()
    }
}
