//! Mixtures of Gaussians of a few dimensions, by expectation and maximisation.

use faer::{Mat, Side};
use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

/// A Gaussian by its weight, its mean and the lower factor of its covariance.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Gaussian {
    weight: f64,
    mean: Vec<f64>,
    /// Rows of the Cholesky factor.
    factor: Vec<Vec<f64>>,
}

/// A mixture, and the likelihood of what it was fitted to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Mixture {
    gaussians: Vec<Gaussian>,
    log_likelihood: f64,
}

/// Steps of a fit.
const STEPS: usize = 50;
/// Added to variances, so that points in a plane have a covariance.
const FLOOR: f64 = 1e-6;
/// A step that raises the mean log-likelihood by less is the last.
const SETTLED: f64 = 1e-4;

impl Gaussian {
    fn new(weight: f64, mean: Vec<f64>, covariance: &[Vec<f64>]) -> Option<Self> {
        let size = mean.len();
        let matrix = Mat::from_fn(size, size, |row, column| covariance[row][column]);
        let cholesky = matrix.llt(Side::Lower).ok()?;
        let factor = (0..size).map(|row| (0..size).map(|column| cholesky.L()[(row, column)]).collect()).collect();
        Some(Self { weight, mean, factor })
    }

    /// Logarithm of weight times density.
    fn log_density(&self, point: &[f64]) -> f64 {
        let mut whitened: Vec<f64> = Vec::with_capacity(point.len());
        let mut log = self.weight.ln();
        for (row, factors) in self.factor.iter().enumerate() {
            let known: f64 = factors.iter().zip(&whitened).map(|(factor, number)| factor * number).sum();
            let number = (point[row] - self.mean[row] - known) / factors[row];
            log -= 0.5 * number * number + factors[row].ln() + 0.5 * std::f64::consts::TAU.ln();
            whitened.push(number);
        }
        log
    }
}

impl Mixture {
    /// A mixture of so many Gaussians, begun at points far from each other; `None` where one of them collapses.
    pub(super) fn fit(points: &[Vec<f64>], count: usize, stream: &mut Stream) -> Option<Self> {
        let begun = centres(points, count, stream)?;
        let nearest = |point: &[f64]| {
            (0..count).min_by(|&a, &b| square(&begun[a], point).total_cmp(&square(&begun[b], point))).unwrap_or(0)
        };
        let mut shares: Vec<Vec<f64>> =
            points.iter().map(|point| (0..count).map(|k| f64::from(u8::from(nearest(point) == k))).collect()).collect();
        let mut last = f64::NEG_INFINITY;
        let mut mixture = None;
        for _ in 0..STEPS {
            let gaussians: Option<Vec<Gaussian>> = (0..count).map(|k| gaussian(points, &shares, k)).collect();
            let gaussians = gaussians?;
            let mut log_likelihood = 0.0;
            for (point, shares) in points.iter().zip(&mut shares) {
                let logs: Vec<f64> = gaussians.iter().map(|gaussian| gaussian.log_density(point)).collect();
                let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = logs.iter().map(|log| (log - most).exp()).sum();
                log_likelihood += most + sum.ln();
                shares.iter_mut().zip(&logs).for_each(|(share, log)| *share = (log - most).exp() / sum);
            }
            if !log_likelihood.is_finite() {
                return None;
            }
            mixture = Some(Self { gaussians, log_likelihood });
            if log_likelihood - last < SETTLED * points.len() as f64 {
                break;
            }
            last = log_likelihood;
        }
        mixture
    }

    /// Akaike's criterion: the lower, the better.
    pub(super) fn criterion(&self) -> f64 {
        let size = self.gaussians.first().map_or(0, |gaussian| gaussian.mean.len());
        let parameters = self.gaussians.len() * (1 + size + size * (size + 1) / 2) - 1;
        2.0 * parameters as f64 - 2.0 * self.log_likelihood
    }

    pub(super) fn means(&self) -> impl Iterator<Item = &[f64]> {
        self.gaussians.iter().map(|gaussian| gaussian.mean.as_slice())
    }

    /// A point of one of the Gaussians.
    pub(super) fn draw(&self, chosen: usize, stream: &mut Stream) -> Vec<f64> {
        let Gaussian { mean, factor, .. } = &self.gaussians[chosen];
        let white: Vec<f64> = mean.iter().map(|_| stream.normal()).collect();
        let moved = |(mean, factors): (&f64, &Vec<f64>)| mean + factors.iter().zip(&white).map(|(f, w)| f * w).sum::<f64>();
        mean.iter().zip(factor).map(moved).collect()
    }
}

fn square(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Points drawn with probabilities that grow with the squared distance from those drawn before (k-means++); `None` where there are not so
/// many different ones.
fn centres(points: &[Vec<f64>], count: usize, stream: &mut Stream) -> Option<Vec<Vec<f64>>> {
    let mut centres = vec![points.get(stream.below(points.len().max(1)))?.clone()];
    while centres.len() < count {
        let distance = |point: &Vec<f64>| centres.iter().map(|centre| square(centre, point)).fold(f64::INFINITY, f64::min);
        let distances: Vec<f64> = points.iter().map(distance).collect();
        let mut left = stream.unit() * distances.iter().sum::<f64>();
        let next = distances.iter().position(|part| {
            left -= part;
            left < 0.0
        })?;
        centres.push(points[next].clone());
    }
    Some(centres)
}

/// The Gaussian of the points by their shares in it; `None` where it has fewer points than dimensions.
fn gaussian(points: &[Vec<f64>], shares: &[Vec<f64>], k: usize) -> Option<Gaussian> {
    let size = points.first()?.len();
    let total: f64 = shares.iter().map(|share| share[k]).sum();
    if total < 1.0 {
        return None;
    }
    let weighted = |of: &dyn Fn(&[f64]) -> f64| points.iter().zip(shares).map(|(p, s)| s[k] * of(p)).sum::<f64>() / total;
    let mean: Vec<f64> = (0..size).map(|row| weighted(&|point| point[row])).collect();
    let covariance: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            let entry = |column: usize| {
                let floor = if row == column { FLOOR } else { 0.0 };
                floor + weighted(&|point| (point[row] - mean[row]) * (point[column] - mean[column]))
            };
            (0..size).map(entry).collect()
        })
        .collect();
    Gaussian::new(total / points.len() as f64, mean, &covariance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clouds_are_told_apart_and_drawn_again() {
        let mut stream = Stream::named(5, "test");
        let cloud = |stream: &mut Stream, x: f64, y: f64| {
            let (a, b) = (stream.normal(), stream.normal());
            vec![x + 0.1 * a, y + 0.05 * a + 0.02 * b]
        };
        let mut points: Vec<Vec<f64>> = (0..300).map(|_| cloud(&mut stream, 0.0, 0.0)).collect();
        points.extend((0..100).map(|_| cloud(&mut stream, 1.0, 2.0)));
        let fits: Vec<Mixture> = (1..=4).filter_map(|count| Mixture::fit(&points, count, &mut stream)).collect();
        let best = fits.iter().min_by(|a, b| a.criterion().total_cmp(&b.criterion())).expect("fitted");
        assert_eq!(best.gaussians.len(), 2);
        let far = best.gaussians.iter().position(|gaussian| gaussian.mean[0] > 0.5).expect("there");
        assert!((best.gaussians[far].weight - 0.25).abs() < 1e-6);
        let drawn: Vec<Vec<f64>> = (0..20_000).map(|_| best.draw(far, &mut stream)).collect();
        let mean = |of: &dyn Fn(&[f64]) -> f64| drawn.iter().map(|p| of(p)).sum::<f64>() / drawn.len() as f64;
        let (x, y) = (mean(&|p| p[0]), mean(&|p| p[1]));
        let (mean_x, mean_y) = (best.gaussians[far].mean[0], best.gaussians[far].mean[1]);
        assert!((x - mean_x).abs() < 3e-3 && (y - mean_y).abs() < 3e-3);
        // the covariance of the cloud: 0.01, 0.005, 0.0029
        let covariance = mean(&|p| (p[0] - x) * (p[1] - y));
        assert!((covariance - 5e-3).abs() < 2e-3, "{covariance}");
    }

    #[test]
    fn densities_are_those_of_the_formula() {
        let gaussian = Gaussian::new(0.5, vec![1.0, -1.0], &[vec![2.0, 0.6], vec![0.6, 1.0]]).expect("positive");
        // inverse of the covariance by hand: 1/1.64 [[1, -0.6], [-0.6, 2]]
        let (a, b) = (0.3, 0.7);
        let form = (a * a - 2.0 * 0.6 * a * b + 2.0 * b * b) / 1.64;
        let expected = 0.5f64.ln() - 0.5 * form - std::f64::consts::TAU.ln() - 0.5 * 1.64f64.ln();
        assert!((gaussian.log_density(&[1.3, -0.3]) - expected).abs() < 1e-12);
    }

    #[test]
    fn equal_points_have_no_mixture() {
        let mut stream = Stream::named(5, "test");
        assert!(Mixture::fit(&vec![vec![0.5, 0.5]; 30], 2, &mut stream).is_none());
        assert!(Mixture::fit(&[], 2, &mut stream).is_none());
    }
}
