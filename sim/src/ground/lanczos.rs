//! Lanczos iteration over the real numbers.

use qloom_circuits::Stream;
use rayon::prelude::*;

use super::operator::Operator;
use super::tridiagonal;
use crate::error::SimError;
use crate::kernel::Plane;

/// Krylov vectors kept at a time.
pub(super) const KRYLOV: usize = 64;
/// Restarts before giving up.
const RESTARTS: usize = 200;
/// Numbers of a vector that are worked on together; sums over pieces are added in order, whatever the number of threads.
const PIECE: usize = 1 << 13;

/// The best approximation to the lowest state.
pub(super) struct Ritz {
    pub(super) energy: f64,
    pub(super) residual: f64,
    pub(super) vector: Plane<f64>,
}

/// The lowest state that is orthogonal to those found before.
pub(super) fn lowest(operator: &mut Operator, found: &[Plane<f64>]) -> Result<Ritz, SimError> {
    let (length, scale) = (operator.length(), operator.scale());
    let steps = KRYLOV.min(operator.real_dimension() - found.len());
    let wanted = 1e-8 * scale;
    let mut start = Plane::zeroed(length)?;
    // a start of its own: what is left of an earlier one has no part along further copies of a degenerate state
    let mut stream = Stream::numbered(0, "start of the Lanczos iteration", found.len() as u64);
    operator.fill(&mut start, || stream.unit() - 0.5);
    let mut image = Plane::zeroed(length)?;
    let mut basis: Vec<Plane<f64>> = Vec::new();
    let mut residual = f64::INFINITY;
    for _ in 0..RESTARTS {
        for _ in 0..2 {
            orthogonalise(&mut start, &[found]);
            normalise(&mut start);
        }
        let (mut diagonal, mut off): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        while diagonal.len() < steps {
            let step = diagonal.len();
            if basis.len() == step {
                basis.push(Plane::zeroed(length)?);
            }
            if step == 0 {
                basis[0].copy_from_slice(&start);
            } else {
                let size = norm(&image);
                if size <= 1e-13 * scale {
                    break;
                }
                off.push(size);
                basis[step].copy_from_slice(&image);
                basis[step].iter_mut().for_each(|x| *x /= size);
            }
            operator.apply(&basis[step], &mut image);
            diagonal.push(dot(&basis[step], &image));
            add(&mut image, &[&basis[step]], &[-diagonal[step]]);
            if step > 0 {
                add(&mut image, &[&basis[step - 1]], &[-off[step - 1]]);
            }
            let before = norm(&image);
            orthogonalise(&mut image, &[found, &basis[..=step]]);
            if norm(&image) < 0.5 * before {
                orthogonalise(&mut image, &[found, &basis[..=step]]);
            }
        }
        let (value, weights) = tridiagonal::lowest(&diagonal, &off);
        start.fill(0.0);
        add(&mut start, &basis[..weights.len()].iter().collect::<Vec<_>>(), &weights);
        normalise(&mut start);
        operator.apply(&start, &mut image);
        let energy = dot(&start, &image);
        add(&mut image, &[&start], &[-energy]);
        orthogonalise(&mut image, &[found]);
        residual = norm(&image);
        if !value.is_finite() {
            return Err(SimError::NotFinite { what: "the ground energy", value });
        }
        if residual <= wanted {
            return Ok(Ritz { energy, residual, vector: start });
        }
    }
    Err(SimError::NoConvergence { iterations: RESTARTS * steps, residual, wanted })
}

/// Takes the parts along these orthonormal vectors out of a vector.
fn orthogonalise(vector: &mut [f64], lists: &[&[Plane<f64>]]) {
    let basis: Vec<&Plane<f64>> = lists.iter().copied().flatten().collect();
    if basis.is_empty() {
        return;
    }
    let of_piece = |piece: usize| {
        let range = piece * PIECE..((piece + 1) * PIECE).min(vector.len());
        basis.iter().map(|other| short_dot(&vector[range.clone()], &other[range.clone()])).collect::<Vec<f64>>()
    };
    let pieces = vector.len().div_ceil(PIECE);
    let sums: Vec<Vec<f64>> = if pieces == 1 { vec![of_piece(0)] } else { (0..pieces).into_par_iter().map(of_piece).collect() };
    let overlaps: Vec<f64> = (0..basis.len()).map(|place| -sums.iter().map(|sum| sum[place]).sum::<f64>()).collect();
    add(vector, &basis, &overlaps);
}

/// `vector += sum_k weights[k] basis[k]`.
fn add(vector: &mut [f64], basis: &[&Plane<f64>], weights: &[f64]) {
    let to_piece = |(piece, part): (usize, &mut [f64])| {
        let start = piece * PIECE;
        for (other, &weight) in basis.iter().zip(weights) {
            part.iter_mut().zip(&other[start..]).for_each(|(x, y)| *x += weight * y);
        }
    };
    if vector.len() <= PIECE {
        return to_piece((0, vector));
    }
    vector.par_chunks_mut(PIECE).enumerate().for_each(to_piece);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.chunks(PIECE).zip(b.chunks(PIECE)).map(|(a, b)| short_dot(a, b)).sum()
}

/// A sum in eight parts, so that the compiler can add several at a time.
fn short_dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a, rest_a) = a.as_chunks::<8>();
    let (b, rest_b) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        for (sum, (x, y)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f64>() + rest_a.iter().zip(rest_b).map(|(x, y)| x * y).sum::<f64>()
}

fn norm(vector: &[f64]) -> f64 {
    dot(vector, vector).sqrt()
}

fn normalise(vector: &mut [f64]) {
    let norm = norm(vector);
    vector.iter_mut().for_each(|x| *x /= norm);
}
