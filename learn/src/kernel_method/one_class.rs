//! Rows that are unlike the others.

use faer::MatRef;
use serde::{Deserialize, Serialize};

use super::check_square;
use crate::error::{LearnError, check};
use crate::svm::{PairMachine, Problem};

/// A machine for one class: at most a share nu of the rows it was fitted to lie outside (Schölkopf et al., Neural Comput. 13, 1443 (2001)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneClassMachine {
    rows: usize,
    machine: PairMachine,
}

impl OneClassMachine {
    /// Fits to the kernel matrix of rows.
    ///
    /// # Errors
    /// When the matrix is not square or not finite, nu is not above 0 and at most 1, or the steps do not end.
    pub fn fit(gram: MatRef<'_, f64>, nu: f64, tolerance: f64) -> Result<Self, LearnError> {
        check("nu", nu, nu > 0.0 && nu <= 1.0, "above 0 and at most 1")?;
        check("tolerance", tolerance, tolerance.is_finite() && tolerance > 0.0, "a positive number")?;
        let rows = gram.nrows();
        check_square(gram, rows)?;
        // the unknowns have a fixed sum: the first are at their bound
        let sum = nu * rows as f64;
        let alpha: Vec<f64> = (0..rows).map(|row| (sum - row as f64).clamp(0.0, 1.0)).collect();
        let slope = |row: usize| alpha.iter().enumerate().map(|(k, a)| a * gram[(row, k)]).sum();
        let slopes = (0..rows).map(slope).collect();
        let problem = Problem { gram, members: (0..rows).collect(), signs: vec![1.0; rows], costs: vec![1.0; rows] };
        Ok(Self { rows, machine: problem.solve(tolerance, (alpha, slopes))? })
    }

    /// Number of rows it was fitted to.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// For rows of kernels with the rows it was fitted to: positive inside, negative outside.
    ///
    /// # Panics
    /// When the matrix has another number of columns.
    #[track_caller]
    pub fn decisions(&self, cross: MatRef<'_, f64>) -> Vec<f64> {
        assert_eq!(cross.ncols(), self.rows, "kernels with each row of the fit");
        self.machine.values(cross)
    }
}
