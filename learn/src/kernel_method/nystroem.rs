//! Features whose products approximate a kernel.

use faer::{Mat, MatRef, Side};

use super::check_square;
use crate::error::LearnError;

/// Features of rows by their kernels with some rows, the landmarks: `K_nm K_mm^-1/2`, whose products are the kernel on the landmarks and near
/// it elsewhere (Williams and Seeger, Adv. Neural Inf. Process. Syst. 13 (2000)).
///
/// ```
/// use faer::Mat;
/// use qloom_learn::Nystroem;
/// let gram = Mat::from_fn(3, 3, |row, column| if row == column { 1.0 } else { 0.2 });
/// let features = Nystroem::fit(gram.as_ref())?.transform(gram.as_ref());
/// assert!(((&features * features.transpose())[(0, 2)] - 0.2).abs() < 1e-14);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Nystroem {
    root: Mat<f64>,
}

/// Eigenvalues below this share of the largest are left out.
const LEAST: f64 = 1e-12;

impl Nystroem {
    /// The inverse root of the kernel matrix of the landmarks.
    ///
    /// # Errors
    /// When the matrix is not square or not finite, or its eigenvalues are not found.
    pub fn fit(landmarks: MatRef<'_, f64>) -> Result<Self, LearnError> {
        let count = landmarks.nrows();
        check_square(landmarks, count)?;
        let parts = landmarks.self_adjoint_eigen(Side::Lower);
        let parts = parts.map_err(|_| LearnError::NoSolution { rows: count, columns: count })?;
        let values: Vec<f64> = (0..count).map(|k| parts.S().column_vector()[k]).collect();
        let least = LEAST * values.last().copied().unwrap_or(0.0);
        let scaled =
            Mat::from_fn(count, count, |row, k| if values[k] > least { parts.U()[(row, k)] / values[k].sqrt() } else { 0.0 });
        Ok(Self { root: &scaled * parts.U().transpose() })
    }

    /// Features, across, of rows of kernels with the landmarks.
    ///
    /// # Panics
    /// When the matrix has another number of columns.
    #[track_caller]
    pub fn transform(&self, cross: MatRef<'_, f64>) -> Mat<f64> {
        assert_eq!(cross.ncols(), self.root.nrows(), "kernels with each landmark");
        cross * &self.root
    }
}
