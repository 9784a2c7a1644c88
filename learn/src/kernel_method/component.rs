//! Principal components in the space of a kernel.

use faer::{Mat, MatRef, Side};

use super::check_square;
use crate::error::{LearnError, check};
use crate::preparation::point_along;

/// Principal components in the space of a kernel (Schölkopf, Smola and Müller, Neural Comput. 10, 1299 (1998)).
#[derive(Clone, Debug)]
pub struct KernelComponents {
    /// Eigenvalues of the centred matrix, the largest first.
    values: Vec<f64>,
    /// Coefficients of the rows, one column for each component.
    directions: Mat<f64>,
    /// Means of the columns of the kernel matrix, and of all of it.
    means: Vec<f64>,
    mean: f64,
}

impl KernelComponents {
    /// The first components of rows by their kernel matrix; each has the sign that makes its largest coefficient positive.
    ///
    /// # Errors
    /// When the matrix is not square or not finite, or has fewer positive eigenvalues than components.
    pub fn fit(gram: MatRef<'_, f64>, components: usize) -> Result<Self, LearnError> {
        let rows = gram.nrows();
        check_square(gram, rows)?;
        check("components", components as f64, (1..=rows).contains(&components), "at least 1, and at most the rows")?;
        let means: Vec<f64> = (0..rows).map(|column| gram.col(column).iter().sum::<f64>() / rows as f64).collect();
        let mean = means.iter().sum::<f64>() / rows as f64;
        let centred = Mat::from_fn(rows, rows, |row, column| gram[(row, column)] - means[row] - means[column] + mean);
        let parts = centred.self_adjoint_eigen(Side::Lower).map_err(|_| LearnError::NoSolution { rows, columns: rows })?;
        // eigenvalues ascend
        let values: Vec<f64> = (0..components).map(|k| parts.S().column_vector()[rows - 1 - k]).collect();
        let least = 1e-12 * values[0].max(f64::MIN_POSITIVE);
        if let Some(place) = values.iter().position(|value| *value <= least) {
            return Err(LearnError::InvalidSetting {
                setting: "components",
                value: components as f64,
                requirement: if place == 0 {
                    "of a kernel that is not constant"
                } else {
                    "at most the rank of the centred kernel"
                },
            });
        }
        let mut directions = Mat::zeros(rows, components);
        for (k, value) in values.iter().enumerate() {
            let mut vector: Vec<f64> = (0..rows).map(|row| parts.U()[(row, rows - 1 - k)]).collect();
            point_along(&mut vector);
            vector.iter().enumerate().for_each(|(row, x)| directions[(row, k)] = x / value.sqrt());
        }
        Ok(Self { values, directions, means, mean })
    }

    /// Eigenvalues of the centred kernel matrix, the largest first: rows times variances along the components.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.values
    }

    /// The components, across, of rows of kernels with the rows they were found for.
    ///
    /// # Panics
    /// When the matrix has another number of columns.
    #[track_caller]
    pub fn transform(&self, cross: MatRef<'_, f64>) -> Mat<f64> {
        assert_eq!(cross.ncols(), self.means.len(), "kernels with each row of the fit");
        let of_row = |row: usize| (0..cross.ncols()).map(|k| cross[(row, k)]).sum::<f64>() / cross.ncols() as f64;
        let averages: Vec<f64> = (0..cross.nrows()).map(of_row).collect();
        let centred = Mat::from_fn(cross.nrows(), cross.ncols(), |row, column| {
            cross[(row, column)] - averages[row] - self.means[column] + self.mean
        });
        &centred * &self.directions
    }
}
