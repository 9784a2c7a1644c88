//! What else kernel matrices are good for: regression, processes, components, outliers, clusters, and matrices that are too large.

mod clustering;
mod component;
mod nystroem;
mod one_class;
mod pegasos;
mod process;
mod ridge;
#[cfg(test)]
mod tests;
mod vector_regression;

pub use clustering::spectral_clustering;
pub use component::KernelComponents;
pub use nystroem::Nystroem;
pub use one_class::OneClassMachine;
pub use pegasos::{Pegasos, PegasosSettings};
pub use process::{GaussianProcess, ProcessClassifier};
pub use ridge::KernelRidge;
pub use vector_regression::{VectorRegression, VectorRegressionSettings};

use faer::linalg::solvers::Llt;
use faer::{Mat, MatRef, Side};

use crate::error::LearnError;

/// Refuses a matrix that is not square, of this many rows and finite.
fn check_square(gram: MatRef<'_, f64>, rows: usize) -> Result<(), LearnError> {
    for (expected, given) in [(rows, gram.nrows()), (rows, gram.ncols())] {
        if expected != given {
            return Err(LearnError::SizeMismatch { what: "rows and columns of the kernel matrix", expected, given });
        }
    }
    check_finite(gram)
}

/// Refuses a matrix with an entry that is no finite number.
fn check_finite(matrix: MatRef<'_, f64>) -> Result<(), LearnError> {
    for column in 0..matrix.ncols() {
        if let Some(row) = (0..matrix.nrows()).find(|&row| !matrix[(row, column)].is_finite()) {
            let value = matrix[(row, column)];
            return Err(LearnError::OutsideDomain { row: row + 1, column: column + 1, value, requirement: "finite" });
        }
    }
    Ok(())
}

/// The Cholesky factors of a matrix with `diagonal` added to it.
fn factors(gram: MatRef<'_, f64>, diagonal: f64) -> Result<Llt<f64>, LearnError> {
    let count = gram.nrows();
    let matrix = Mat::from_fn(count, count, |row, column| gram[(row, column)] + if row == column { diagonal } else { 0.0 });
    matrix.llt(Side::Lower).map_err(|_| LearnError::NoSolution { rows: count, columns: count })
}

/// Numbers as one column.
fn column(values: &[f64]) -> Mat<f64> {
    Mat::from_fn(values.len(), 1, |row, _| values[row])
}
