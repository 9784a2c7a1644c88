//! Ridge regression on a kernel.

use faer::MatRef;
use faer::prelude::Solve;
use serde::{Deserialize, Serialize};

use super::{check_square, column, factors};
use crate::error::{LearnError, check};

/// The least of the squared errors plus `regularization` times the squared length in the kernel's space; there is no intercept.
///
/// ```
/// use faer::Mat;
/// use qloom_learn::KernelRidge;
/// let points = [1.0, 2.0, 3.0];
/// let gram = Mat::from_fn(3, 3, |row, column| points[row] * points[column]);
/// let fitted = KernelRidge::fit(gram.as_ref(), &[2.0, 4.0, 6.0], 1e-9)?;
/// let told = fitted.predict(Mat::from_fn(1, 3, |_, column| 5.0 * points[column]).as_ref());
/// assert!((told[0] - 10.0).abs() < 1e-6);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelRidge {
    coefficients: Vec<f64>,
}

impl KernelRidge {
    /// Fits to the kernel matrix of rows and their targets. Costs the cube of the rows.
    ///
    /// # Errors
    /// When sizes do not fit, a number is not finite, the regularization is not positive, or the system has no solution.
    pub fn fit(gram: MatRef<'_, f64>, targets: &[f64], regularization: f64) -> Result<Self, LearnError> {
        check("regularization", regularization, regularization.is_finite() && regularization > 0.0, "a positive number")?;
        check_square(gram, targets.len())?;
        let solved = factors(gram, regularization)?.solve(column(targets));
        Ok(Self { coefficients: (0..targets.len()).map(|row| solved[(row, 0)]).collect() })
    }

    /// Number of rows it was fitted to.
    pub fn rows(&self) -> usize {
        self.coefficients.len()
    }

    /// What is told for rows of kernels with the rows it was fitted to.
    ///
    /// # Panics
    /// When the matrix has another number of columns.
    #[track_caller]
    pub fn predict(&self, cross: MatRef<'_, f64>) -> Vec<f64> {
        assert_eq!(cross.ncols(), self.coefficients.len(), "kernels with each row of the fit");
        let told = |row: usize| self.coefficients.iter().enumerate().map(|(k, weight)| weight * cross[(row, k)]).sum();
        (0..cross.nrows()).map(told).collect()
    }
}
