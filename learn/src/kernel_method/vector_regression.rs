//! Support-vector regression on a kernel.

use faer::MatRef;
use serde::{Deserialize, Serialize};

use super::check_square;
use crate::error::{LearnError, check};
use crate::svm::{PairMachine, Problem};

/// How a regression is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VectorRegressionSettings {
    /// What an error costs beyond epsilon. Default 1.
    pub c: f64,
    /// Errors up to it cost nothing. Default 0.1.
    pub epsilon: f64,
    /// How far the conditions of optimality may be missed. Default 1e-3.
    pub tolerance: f64,
}

impl Default for VectorRegressionSettings {
    fn default() -> Self {
        Self { c: 1.0, epsilon: 0.1, tolerance: 1e-3 }
    }
}

/// A regression that keeps some of its rows (Smola and Schölkopf, Stat. Comput. 14, 199 (2004)).
///
/// ```
/// use faer::Mat;
/// use qloom_learn::{VectorRegression, VectorRegressionSettings};
/// let points = [0.0, 1.0, 2.0];
/// let gram = Mat::from_fn(3, 3, |row, column| points[row] * points[column]);
/// let settings = VectorRegressionSettings { c: 100.0, epsilon: 0.0, tolerance: 1e-9 };
/// let fitted = VectorRegression::fit(gram.as_ref(), &[1.0, 3.0, 5.0], &settings)?;
/// let told = fitted.predict(Mat::from_fn(1, 3, |_, column| 4.0 * points[column]).as_ref());
/// assert!((told[0] - 9.0).abs() < 1e-6);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorRegression {
    rows: usize,
    machine: PairMachine,
}

impl VectorRegression {
    /// Fits to the kernel matrix of rows and their targets, by sequential minimal optimisation.
    ///
    /// # Errors
    /// When sizes do not fit, a number is not finite, a setting is outside its range, or the steps do not end.
    pub fn fit(gram: MatRef<'_, f64>, targets: &[f64], settings: &VectorRegressionSettings) -> Result<Self, LearnError> {
        let VectorRegressionSettings { c, epsilon, tolerance } = *settings;
        check("c", c, c.is_finite() && c > 0.0, "a positive number")?;
        check("epsilon", epsilon, epsilon.is_finite() && epsilon >= 0.0, "a number of at least 0")?;
        check("tolerance", tolerance, tolerance.is_finite() && tolerance > 0.0, "a positive number")?;
        check_square(gram, targets.len())?;
        let rows = targets.len();
        // errors above and errors below have an unknown each
        let problem = Problem {
            gram,
            members: (0..rows).chain(0..rows).collect(),
            signs: [1.0, -1.0].into_iter().flat_map(|sign| std::iter::repeat_n(sign, rows)).collect(),
            costs: vec![c; 2 * rows],
        };
        let slopes = targets.iter().map(|y| epsilon - y).chain(targets.iter().map(|y| epsilon + y)).collect();
        Ok(Self { rows, machine: problem.solve(tolerance, (vec![0.0; 2 * rows], slopes))? })
    }

    /// Number of rows that are kept.
    pub fn support(&self) -> usize {
        let mut kept = self.machine.support.clone();
        kept.sort_unstable();
        kept.dedup();
        kept.len()
    }

    /// Number of rows it was fitted to.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What is told for rows of kernels with the rows it was fitted to.
    ///
    /// # Panics
    /// When the matrix has another number of columns.
    #[track_caller]
    pub fn predict(&self, cross: MatRef<'_, f64>) -> Vec<f64> {
        assert_eq!(cross.ncols(), self.rows, "kernels with each row of the fit");
        self.machine.values(cross)
    }
}
