//! Eigenvalues of kernel matrices.

use faer::{Mat, Side};

use crate::error::LearnError;

/// The smallest eigenvalue of a symmetric matrix.
///
/// # Errors
/// When the eigenvalues are not found.
pub fn smallest_eigenvalue(matrix: &Mat<f64>) -> Result<f64, LearnError> {
    let values = matrix.self_adjoint_eigenvalues(Side::Lower);
    let values = values.map_err(|_| LearnError::NoSolution { rows: matrix.nrows(), columns: matrix.ncols() })?;
    Ok(values.first().copied().unwrap_or(0.0))
}

/// The nearest positive semidefinite matrix: eigenvalues below 0 become 0.
///
/// # Errors
/// When the eigenvalues are not found.
pub fn repaired(matrix: &Mat<f64>) -> Result<Mat<f64>, LearnError> {
    let parts = matrix.self_adjoint_eigen(Side::Lower);
    let parts = parts.map_err(|_| LearnError::NoSolution { rows: matrix.nrows(), columns: matrix.ncols() })?;
    let (vectors, values) = (parts.U(), parts.S().column_vector());
    let scaled = Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| vectors[(row, column)] * values[column].max(0.0));
    Ok(&scaled * vectors.transpose())
}
