//! One Kraus operator on one qubit of a state, and the qubit's density matrix, which tells how likely each is.

use fearless_simd::{Level, Simd, dispatch};
use num_complex::Complex64;

use super::real::Real;

/// Numbers taken side by side, so that sums fill vectors.
const WIDTH: usize = 16;

/// Multiplies the amplitudes of a qubit by a 2x2 matrix, row-major.
pub(crate) fn multiply_one<T: Real>(level: Level, re: &mut [T], im: &mut [T], qubit: usize, matrix: &[Complex64; 4]) {
    assert!(re.len() == im.len() && re.len().is_multiple_of(2 << qubit), "the qubit is inside the state");
    let entries = matrix.map(|entry| [T::from_f64(entry.re), T::from_f64(entry.im)]);
    dispatch!(level, simd => by_blocks(simd, re, im, qubit, entries));
}

#[inline(always)]
fn by_blocks<S: Simd, T: Real>(_: S, re: &mut [T], im: &mut [T], qubit: usize, m: [[T; 2]; 4]) {
    let stride = 1 << qubit;
    for (re, im) in re.chunks_exact_mut(2 * stride).zip(im.chunks_exact_mut(2 * stride)) {
        let ((re0, re1), (im0, im1)) = (re.split_at_mut(stride), im.split_at_mut(stride));
        for (((re0, re1), im0), im1) in re0.iter_mut().zip(re1).zip(im0).zip(im1) {
            let (a, b, c, d) = (*re0, *im0, *re1, *im1);
            *re0 = m[0][0] * a - m[0][1] * b + m[1][0] * c - m[1][1] * d;
            *im0 = m[0][0] * b + m[0][1] * a + m[1][0] * d + m[1][1] * c;
            *re1 = m[2][0] * a - m[2][1] * b + m[3][0] * c - m[3][1] * d;
            *im1 = m[2][0] * b + m[2][1] * a + m[3][0] * d + m[3][1] * c;
        }
    }
}

/// `<0|rho|0>`, `<1|rho|1>`, and real and imaginary part of `<0|rho|1>` of a qubit.
pub(crate) fn density_one<T: Real>(level: Level, re: &[T], im: &[T], qubit: usize) -> [f64; 4] {
    assert!(re.len() == im.len() && re.len().is_multiple_of(2 << qubit), "the qubit is inside the state");
    dispatch!(level, simd => sums(simd, re, im, qubit))
}

#[inline(always)]
fn sums<S: Simd, T: Real>(_: S, re: &[T], im: &[T], qubit: usize) -> [f64; 4] {
    let stride = 1 << qubit;
    let mut total = [0.0; 4];
    for (re, im) in re.chunks_exact(2 * stride).zip(im.chunks_exact(2 * stride)) {
        let ((re0, re1), (im0, im1)) = (re.split_at(stride), im.split_at(stride));
        let mut add = |a: &[T], b: &[T], c: &[T], d: &[T]| {
            let mut part = [[T::default(); WIDTH]; 4];
            for k in 0..a.len() {
                part[0][k] = a[k] * a[k] + b[k] * b[k];
                part[1][k] = c[k] * c[k] + d[k] * d[k];
                part[2][k] = a[k] * c[k] + b[k] * d[k];
                part[3][k] = b[k] * c[k] - a[k] * d[k];
            }
            for (total, part) in total.iter_mut().zip(part) {
                *total += part[..a.len()].iter().map(|value| value.to_f64()).sum::<f64>();
            }
        };
        let pieces = re0.chunks(WIDTH).zip(im0.chunks(WIDTH)).zip(re1.chunks(WIDTH).zip(im1.chunks(WIDTH)));
        for ((a, b), (c, d)) in pieces {
            add(a, b, c, d);
        }
    }
    total
}
