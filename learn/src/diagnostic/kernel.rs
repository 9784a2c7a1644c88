//! Kernel matrices: how concentrated they are, and whether a classical kernel would do.

use faer::linalg::solvers::SelfAdjointEigen;
use faer::{Mat, MatRef, Side};
use serde::Serialize;

use crate::error::{LearnError, check};

/// How entries off the diagonal are distributed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Concentration {
    /// Their mean.
    pub mean: f64,
    /// Their variance: that of a fidelity kernel that is concentrated falls with 4 to the number of qubits (Thanasilp et al.,
    /// Nat. Commun. 15, 5200 (2024)).
    pub variance: f64,
}

/// How far a classical kernel may fall behind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GeometricDifference {
    /// The classical kernel.
    pub kernel: String,
    /// The geometric difference: where it is far below the root of the rows, the classical kernel tells any labels as well, but for what it
    /// cannot fit.
    pub difference: f64,
    /// What it cannot fit, on the same scale: 0 of a kernel of full rank, large of one that is blind to some labels.
    pub unfitted: f64,
    /// The complexity `y K^-1 y` of the labels for this kernel; the error of its predictions is of the order of the root of it over the rows.
    pub complexity: f64,
}

/// What a kernel matrix says about labels of two kinds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KernelDiagnosis {
    /// Entries off the diagonal.
    pub concentration: Concentration,
    /// Smallest eigenvalue.
    pub smallest_eigenvalue: f64,
    /// `sum l / (l + r)` over the eigenvalues l with the regularization r.
    pub effective_dimension: f64,
    /// Alignment with the labels, each class's share made equal.
    pub alignment: f64,
    /// The complexity of the labels for the quantum kernel.
    pub complexity: f64,
    /// The root of the rows, which differences are to be compared with.
    pub root_of_rows: f64,
    /// Each classical kernel.
    pub classical: Vec<GeometricDifference>,
}

/// The mean and the variance of the entries off the diagonal; zeros of fewer than two rows.
pub fn concentration(gram: MatRef<'_, f64>) -> Concentration {
    let entries = || (0..gram.ncols()).flat_map(|column| (column + 1..gram.nrows()).map(move |row| gram[(row, column)]));
    let count = entries().count().max(1) as f64;
    let mean = entries().sum::<f64>() / count;
    Concentration { mean, variance: entries().map(|x| (x - mean).powi(2)).sum::<f64>() / count }
}

/// The alignment `<K, y y^T> / (N |K|)` of a kernel with labels of two kinds; labels of each kind count one over their number (Hubregtsen et
/// al., Phys. Rev. A 106, 042431 (2022)).
///
/// ```
/// use faer::Mat;
/// let ideal = Mat::from_fn(3, 3, |a, b| if (a == 0) == (b == 0) { 1.0 } else { -1.0 });
/// let alignment = qloom_learn::target_alignment(ideal.as_ref(), &[true, false, false]);
/// assert!((alignment - 8.0 / 9.0).abs() < 1e-15); // 1 of classes of one size
/// ```
///
/// # Panics
/// When the matrix does not have a row and a column for each label.
#[track_caller]
pub fn target_alignment(gram: MatRef<'_, f64>, second: &[bool]) -> f64 {
    assert!(gram.nrows() == second.len() && gram.ncols() == second.len(), "a row and a column for each label");
    let weights = signs(second, true);
    let (mut product, mut squares) = (0.0, 0.0);
    for column in 0..second.len() {
        for row in 0..second.len() {
            product += gram[(row, column)] * weights[row] * weights[column];
            squares += gram[(row, column)].powi(2);
        }
    }
    let length: f64 = weights.iter().map(|weight| weight * weight).sum();
    product / (length * squares.sqrt()).max(f64::MIN_POSITIVE)
}

/// 1 and -1, or these over the number of rows of the kind.
fn signs(second: &[bool], balanced: bool) -> Vec<f64> {
    let count = second.iter().filter(|second| **second).count().max(1) as f64;
    let others = (second.len() as f64 - count).max(1.0);
    let sign = |second: &bool| match (second, balanced) {
        (true, true) => 1.0 / count,
        (true, false) => 1.0,
        (false, true) => -1.0 / others,
        (false, false) => -1.0,
    };
    second.iter().map(sign).collect()
}

fn eigen(matrix: &Mat<f64>) -> Result<SelfAdjointEigen<f64>, LearnError> {
    let (rows, columns) = (matrix.nrows(), matrix.ncols());
    matrix.self_adjoint_eigen(Side::Lower).map_err(|_| LearnError::NoSolution { rows, columns })
}

/// `V f(l) V^T` of a symmetric matrix.
fn function(parts: &SelfAdjointEigen<f64>, f: impl Fn(f64) -> f64) -> Mat<f64> {
    let (vectors, values) = (parts.U(), parts.S().column_vector());
    let scaled = Mat::from_fn(vectors.nrows(), vectors.ncols(), |row, k| vectors[(row, k)] * f(values[k].max(0.0)));
    &scaled * vectors.transpose()
}

/// The kernel with the trace of its rows.
fn normalised(gram: MatRef<'_, f64>) -> Mat<f64> {
    let rows = gram.nrows();
    let trace: f64 = (0..rows).map(|k| gram[(k, k)]).sum();
    Mat::from_fn(rows, rows, |row, column| gram[(row, column)] * rows as f64 / trace.max(f64::MIN_POSITIVE))
}

/// The geometric difference `|sqrt(Q) sqrt(C) (C + r)^-2 sqrt(C) sqrt(Q)|^1/2` from a classical kernel C to a quantum kernel Q, both with the
/// trace of their rows, and `r |sqrt(Q) (C + r)^-2 sqrt(Q)|^1/2` for the labels that C does not fit (Huang et al., Nat. Commun. 12, 2631
/// (2021), supplement).
///
/// # Errors
/// When sizes do not fit, the regularization is not positive, or eigenvalues are not found.
pub fn geometric_difference(
    classical: MatRef<'_, f64>,
    quantum: MatRef<'_, f64>,
    regularization: f64,
) -> Result<(f64, f64), LearnError> {
    check("regularization", regularization, regularization.is_finite() && regularization > 0.0, "a positive number")?;
    if classical.nrows() != quantum.nrows() {
        let (expected, given) = (quantum.nrows(), classical.nrows());
        return Err(LearnError::SizeMismatch { what: "rows of the classical kernel", expected, given });
    }
    let root = function(&eigen(&normalised(quantum))?, f64::sqrt);
    let parts = eigen(&normalised(classical))?;
    let norm = |f: &dyn Fn(f64) -> f64| -> Result<f64, LearnError> {
        let product = &(&root * &function(&parts, f)) * &root;
        let values = product.self_adjoint_eigenvalues(Side::Lower);
        let values = values.map_err(|_| LearnError::NoSolution { rows: product.nrows(), columns: product.ncols() })?;
        Ok(values.last().copied().unwrap_or(0.0).max(0.0).sqrt())
    };
    let unfitted = norm(&|l| (regularization / (l + regularization)).powi(2))?;
    Ok((norm(&|l| l / (l + regularization).powi(2))?, unfitted))
}

/// `y (K + r)^-1 y` with the trace of the rows.
fn complexity(gram: MatRef<'_, f64>, labels: &[f64], regularization: f64) -> Result<f64, LearnError> {
    let inverse = function(&eigen(&normalised(gram))?, |l| 1.0 / (l + regularization));
    let row = |row: usize| labels.iter().enumerate().map(|(k, label)| inverse[(row, k)] * label).sum::<f64>();
    Ok((0..labels.len()).map(|k| labels[k] * row(k)).sum())
}

/// Everything about a kernel matrix on rows of features with labels of two kinds. Classical kernels are the linear one and radial ones of
/// widths around one over the variance of all features. Costs several times the cube of the rows.
///
/// # Errors
/// When sizes do not fit, the regularization is not positive, or eigenvalues are not found.
pub fn diagnose_kernel(
    gram: MatRef<'_, f64>,
    features: &[f64],
    second: &[bool],
    regularization: f64,
) -> Result<KernelDiagnosis, LearnError> {
    let rows = second.len();
    if gram.nrows() != rows || gram.ncols() != rows {
        let (expected, given) = (rows, gram.nrows());
        return Err(LearnError::SizeMismatch { what: "rows and columns of the kernel matrix", expected, given });
    }
    let width = features.len() / rows.max(1);
    crate::examples::check_rows(features, width, rows)?;
    let row = |k: usize| &features[k * width..(k + 1) * width];
    let matrix = |kernel: &dyn Fn(&[f64], &[f64]) -> f64| Mat::from_fn(rows, rows, |a, b| kernel(row(a), row(b)));
    let variance = crate::classical::variance(features).max(f64::MIN_POSITIVE);
    let base = 1.0 / (width as f64 * variance);
    let mut kernels = vec![("linear".to_owned(), matrix(&crate::classical::dot))];
    for factor in [0.01, 0.1, 1.0, 10.0, 100.0] {
        let gamma = factor * base;
        let radial = |a: &[f64], b: &[f64]| (-gamma * crate::classical::squared_distance(a, b)).exp();
        kernels.push((format!("rbf, gamma {gamma:.4}"), matrix(&radial)));
    }
    let labels = signs(second, false);
    let of_kernel = |(kernel, classical): (String, Mat<f64>)| {
        let (difference, unfitted) = geometric_difference(classical.as_ref(), gram, regularization)?;
        let complexity = complexity(classical.as_ref(), &labels, regularization)?;
        Ok(GeometricDifference { kernel, difference, unfitted, complexity })
    };
    let values = gram.self_adjoint_eigenvalues(Side::Lower).map_err(|_| LearnError::NoSolution { rows, columns: rows })?;
    Ok(KernelDiagnosis {
        concentration: concentration(gram),
        smallest_eigenvalue: values.first().copied().unwrap_or(0.0),
        effective_dimension: values.iter().map(|l| l.max(0.0) / (l.max(0.0) + regularization)).sum(),
        alignment: target_alignment(gram, second),
        complexity: complexity(gram, &labels, regularization)?,
        root_of_rows: (rows as f64).sqrt(),
        classical: kernels.into_iter().map(of_kernel).collect::<Result<_, LearnError>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_differs_from_itself_by_one() {
        let gram = Mat::from_fn(6, 6, |a, b| (-0.5 * (a as f64 - b as f64).powi(2)).exp());
        let (difference, unfitted) = geometric_difference(gram.as_ref(), gram.as_ref(), 1e-12).expect("positive");
        assert!((difference - 1.0).abs() < 1e-6 && unfitted < 1e-6, "{difference} {unfitted}");
        // against one number on the diagonal, the root of the largest eigenvalue
        let unit = Mat::<f64>::identity(6, 6);
        let largest = *gram.self_adjoint_eigenvalues(Side::Lower).expect("symmetric").last().expect("six");
        let (difference, _) = geometric_difference(unit.as_ref(), gram.as_ref(), 1e-12).expect("positive");
        assert!((difference - largest.sqrt()).abs() < 1e-9, "{difference} {largest}");
        // a kernel that is blind to all but one direction leaves the others unfitted
        let one = Mat::from_fn(6, 6, |_, _| 1.0);
        let (_, unfitted) = geometric_difference(one.as_ref(), unit.as_ref(), 1e-9).expect("positive");
        assert!((unfitted - 1.0).abs() < 1e-9, "{unfitted}");
        assert!(geometric_difference(unit.as_ref(), gram.as_ref(), 0.0).is_err());
    }

    #[test]
    fn entries_off_the_diagonal_are_counted() {
        let gram = Mat::from_fn(3, 3, |a, b| if a == b { 1.0 } else { 0.1 * (a + b) as f64 });
        let found = concentration(gram.as_ref());
        // 0.1, 0.2, 0.3
        assert!((found.mean - 0.2).abs() < 1e-15 && (found.variance - 0.02 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn diagnoses_hold_together() {
        let mut stream = qloom_circuits::Stream::named(3, "rows");
        let features: Vec<f64> = (0..40).map(|_| stream.unit()).collect();
        let second: Vec<bool> = features.chunks(2).map(|row| row[0] > 0.5).collect();
        let kernel = |a: &[f64], b: &[f64]| crate::classical::dot(a, b) + 1.0;
        let gram = Mat::from_fn(20, 20, |a, b| kernel(&features[2 * a..2 * a + 2], &features[2 * b..2 * b + 2]));
        let found = diagnose_kernel(gram.as_ref(), &features, &second, 1e-3).expect("a matrix");
        assert_eq!(found.classical.len(), 6);
        assert!(found.effective_dimension > 2.0 && found.effective_dimension <= 3.0, "{}", found.effective_dimension);
        assert!(found.alignment > 0.0 && found.alignment < 1.0 && found.smallest_eigenvalue.abs() < 1e-10);
        assert!(diagnose_kernel(gram.as_ref(), &features, &second[..10], 1e-3).is_err());
    }
}
