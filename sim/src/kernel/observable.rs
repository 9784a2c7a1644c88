//! Expectation values and products of Pauli sums, one pass for all terms with the same X mask.

use std::ops::Range;

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::vector::{Split, Vector, View, exchange, odd, signs};
use crate::observable::{Group, Observable};
use crate::real::Real;
use crate::team::{self, Portions};

/// Vectors taken together for all groups: what they read and write stays in cache.
const PIECE: usize = 2048;

/// `<psi|H|psi>`, summed in the same order whatever the number of threads.
pub(crate) fn expectation<T: Real>(level: Level, observable: &Observable, re: &[T], im: &[T], threads: usize) -> f64 {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    let planes = (View::read_only(re), View::read_only(im));
    let vectors = vectors_of::<T>(level, re.len());
    let of_piece = |piece: usize| {
        let piece = piece * PIECE..((piece + 1) * PIECE).min(vectors);
        dispatch!(level, simd => {
            let mut sum = 0.0;
            for group in &observable.groups {
                sum += group_expectation(simd, observable, group, planes, piece.clone());
            }
            sum
        })
    };
    if vectors <= PIECE {
        return of_piece(0);
    }
    team::in_order(threads, vectors.div_ceil(PIECE), of_piece).iter().sum()
}

/// Whole vectors in so many numbers.
fn vectors_of<T: Real>(level: Level, numbers: usize) -> usize {
    numbers / super::batch_lanes::<T>(level)
}

/// `out = H psi`.
pub(crate) fn multiply_observable<T: Real>(
    level: Level,
    observable: &Observable,
    psi: (&[T], &[T]),
    out: (&mut [T], &mut [T]),
    threads: usize,
) {
    assert!(psi.0.len() == psi.1.len() && out.0.len() == psi.0.len() && out.1.len() == psi.0.len());
    let vectors = vectors_of::<T>(level, psi.0.len());
    let numbers = PIECE * super::batch_lanes::<T>(level);
    let psi = (View::read_only(psi.0), View::read_only(psi.1));
    let out = (View::new(out.0), View::new(out.1));
    let portions = Portions::new(vectors.div_ceil(PIECE), threads);
    team::run(&mut vec![(); threads.max(1)], |()| {
        while let Some(pieces) = portions.take() {
            for piece in pieces {
                // SAFETY: every piece is taken once, and pieces are different parts of the planes.
                let (re, im) = unsafe { (out.0.part(piece * numbers, numbers), out.1.part(piece * numbers, numbers)) };
                re.fill(T::default());
                im.fill(T::default());
                let piece = piece * PIECE..((piece + 1) * PIECE).min(vectors);
                dispatch!(level, simd => {
                    for group in &observable.groups {
                        group_product(simd, observable, group, psi, out, piece.clone());
                    }
                });
            }
        }
    });
}

/// `sum_t c_t (-1)^{|i & z_t|}` over the lanes of vector `v`.
#[inline(always)]
fn weights<S: Simd, T: Real>(simd: S, terms: &[(u64, f64)], v: usize) -> Vector<S, T> {
    let mut sum = Vector::<S, T>::splat(simd, T::default());
    for &(z, coefficient) in terms {
        let z = Split::new::<S, T>(z as usize);
        let coefficient = T::from_f64(coefficient);
        let coefficient = if odd(v & z.high) { -coefficient } else { coefficient };
        sum = signs::<S, T>(simd, z.low).mul_add(Vector::<S, T>::splat(simd, coefficient), sum);
    }
    sum
}

/// Reads both parts of `psi[i ^ x]` in vector `v`.
#[inline(always)]
fn partner<S: Simd, T: Real>(simd: S, planes: (View<T>, View<T>), flip: Split, v: usize) -> (Vector<S, T>, Vector<S, T>) {
    // SAFETY: observables act on qubits of the state, so v ^ flip.high is below the number of vectors.
    let (a, b) = unsafe { (planes.0.load(simd, v ^ flip.high), planes.1.load(simd, v ^ flip.high)) };
    if flip.low == 0 {
        return (a, b);
    }
    let indices = exchange::<S, T>(simd, flip.low);
    (a.swizzle_dyn(indices), b.swizzle_dyn(indices))
}

#[inline(always)]
fn group_expectation<S: Simd, T: Real>(
    simd: S,
    observable: &Observable,
    group: &Group,
    planes: (View<T>, View<T>),
    vectors: Range<usize>,
) -> f64 {
    let flip = Split::new::<S, T>(group.x as usize);
    let even = &observable.terms[group.even.clone()];
    let uneven = &observable.terms[group.odd.clone()];
    let mut sum = Vector::<S, T>::splat(simd, T::default());
    for v in vectors {
        // SAFETY: v is below the number of vectors.
        let (a, b) = unsafe { (planes.0.load(simd, v), planes.1.load(simd, v)) };
        let (c, d) = if group.x == 0 { (a, b) } else { partner(simd, planes, flip, v) };
        if !even.is_empty() {
            sum = a.mul_add(c, b * d).mul_add(weights::<S, T>(simd, even, v), sum);
        }
        if !uneven.is_empty() {
            sum = (a * d - b * c).mul_add(weights::<S, T>(simd, uneven, v), sum);
        }
    }
    sum.reduce_sum().to_f64()
}

#[inline(always)]
fn group_product<S: Simd, T: Real>(
    simd: S,
    observable: &Observable,
    group: &Group,
    psi: (View<T>, View<T>),
    out: (View<T>, View<T>),
    vectors: Range<usize>,
) {
    let flip = Split::new::<S, T>(group.x as usize);
    let even = &observable.terms[group.even.clone()];
    let uneven = &observable.terms[group.odd.clone()];
    for v in vectors {
        let (c, d) = partner(simd, psi, flip, v);
        // SAFETY: v is below the number of vectors.
        let (mut a, mut b) = unsafe { (out.0.load(simd, v), out.1.load(simd, v)) };
        if !even.is_empty() {
            let weight = weights::<S, T>(simd, even, v);
            a = weight.mul_add(c, a);
            b = weight.mul_add(d, b);
        }
        if !uneven.is_empty() {
            // times -i
            let weight = weights::<S, T>(simd, uneven, v);
            a = weight.mul_add(d, a);
            b = (-weight).mul_add(c, b);
        }
        // SAFETY: v is below the number of vectors.
        unsafe {
            out.0.store::<S>(v, a);
            out.1.store::<S>(v, b);
        }
    }
}
