//! Groups of rows that are alike.

use faer::{Mat, MatRef, Side};
use qloom_circuits::Stream;

use super::check_square;
use crate::error::{LearnError, check};

/// Starts of the search for centres, and its steps at most.
const STARTS: usize = 10;
const STEPS: usize = 300;

/// The cluster of each row, numbered by their first rows: k-means on the rows of the eigenvectors of `D^-1/2 K D^-1/2` with the largest
/// eigenvalues, each to length 1, where D has the sums of the kernel (Ng, Jordan and Weiss, Adv. Neural Inf. Process. Syst. 14 (2001)).
///
/// ```
/// use faer::Mat;
/// use qloom_circuits::Stream;
/// let gram = Mat::from_fn(4, 4, |row, column| if row / 2 == column / 2 { 1.0 } else { 0.01 });
/// assert_eq!(qloom_learn::spectral_clustering(gram.as_ref(), 2, &mut Stream::named(1, "clusters"))?, [0, 0, 1, 1]);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
///
/// # Errors
/// When the matrix is not square or not finite, a row's sum is not positive, or there are fewer rows than clusters.
pub fn spectral_clustering(gram: MatRef<'_, f64>, clusters: usize, stream: &mut Stream) -> Result<Vec<usize>, LearnError> {
    let rows = gram.nrows();
    check_square(gram, rows)?;
    check("clusters", clusters as f64, (1..=rows).contains(&clusters), "at least 1, and at most the rows")?;
    let sums: Vec<f64> = (0..rows).map(|column| gram.col(column).iter().sum()).collect();
    if let Some(row) = sums.iter().position(|sum| *sum <= 0.0) {
        let (row, value) = (row + 1, sums[row]);
        return Err(LearnError::OutsideDomain { row, column: row, value, requirement: "positive as a sum of kernels" });
    }
    let normal = Mat::from_fn(rows, rows, |row, column| gram[(row, column)] / (sums[row] * sums[column]).sqrt());
    let parts = normal.self_adjoint_eigen(Side::Lower).map_err(|_| LearnError::NoSolution { rows, columns: rows })?;
    let point = |row: usize| {
        let mut point: Vec<f64> = (0..clusters).map(|k| parts.U()[(row, rows - 1 - k)]).collect();
        let length = point.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        point.iter_mut().for_each(|x| *x /= length);
        point
    };
    let points: Vec<Vec<f64>> = (0..rows).map(point).collect();
    let mut best: Option<(f64, Vec<usize>)> = None;
    for _ in 0..STARTS {
        let (cost, found) = k_means(&points, clusters, stream);
        if best.as_ref().is_none_or(|(before, _)| cost < *before) {
            best = Some((cost, found));
        }
    }
    let mut names: Vec<usize> = Vec::new();
    let found = best.map(|(_, found)| found).unwrap_or_default();
    let number = |cluster: usize| match names.iter().position(|name| *name == cluster) {
        Some(place) => place,
        None => {
            names.push(cluster);
            names.len() - 1
        }
    };
    Ok(found.into_iter().map(number).collect())
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// Lloyd's algorithm from centres drawn with chances by squared distance (Arthur and Vassilvitskii, Proc. SODA 2007): the sum of squared
/// distances, and the cluster of each point.
fn k_means(points: &[Vec<f64>], clusters: usize, stream: &mut Stream) -> (f64, Vec<usize>) {
    let mut centres = vec![points[stream.below(points.len())].clone()];
    while centres.len() < clusters {
        let nearest = |point: &Vec<f64>| centres.iter().map(|centre| distance(point, centre)).fold(f64::INFINITY, f64::min);
        let chances: Vec<f64> = points.iter().map(nearest).collect();
        let mut left = stream.unit() * chances.iter().sum::<f64>();
        let drawn = chances.iter().position(|chance| {
            left -= chance;
            left < 0.0
        });
        centres.push(points[drawn.unwrap_or(points.len() - 1)].clone());
    }
    let mut of_point = vec![0; points.len()];
    for _ in 0..STEPS {
        let nearest = |point: &Vec<f64>| {
            let order = |a: &usize, b: &usize| distance(point, &centres[*a]).total_cmp(&distance(point, &centres[*b]));
            (0..clusters).min_by(order).unwrap_or_default()
        };
        let next: Vec<usize> = points.iter().map(nearest).collect();
        let done = next == of_point;
        of_point = next;
        for (cluster, centre) in centres.iter_mut().enumerate() {
            let members: Vec<&Vec<f64>> =
                points.iter().zip(&of_point).filter(|(_, of)| **of == cluster).map(|(p, _)| p).collect();
            if !members.is_empty() {
                let mean = |k: usize| members.iter().map(|point| point[k]).sum::<f64>() / members.len() as f64;
                *centre = (0..centre.len()).map(mean).collect();
            }
        }
        if done {
            break;
        }
    }
    let cost = points.iter().zip(&of_point).map(|(point, cluster)| distance(point, &centres[*cluster])).sum();
    (cost, of_point)
}
