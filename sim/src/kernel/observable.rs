//! Expectation values and products of Pauli sums, one pass for all terms with the same X mask.

use std::ops::Range;

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::vector::{Split, Vector, View, exchange, odd, signs};
use crate::observable::{Group, Observable};
use crate::real::Real;

/// Vectors taken together for all groups: what they read and write stays in cache.
const PIECE: usize = 2048;

/// `<psi|H|psi>`.
pub(crate) fn expectation<T: Real>(level: Level, observable: &Observable, re: &[T], im: &[T]) -> f64 {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    let planes = (View::read_only(re), View::read_only(im));
    dispatch!(level, simd => expectation_by_pieces(simd, observable, planes))
}

#[inline(always)]
fn expectation_by_pieces<S: Simd, T: Real>(simd: S, observable: &Observable, planes: (View<T>, View<T>)) -> f64 {
    let vectors = planes.0.vectors::<S>();
    let mut total = 0.0;
    for piece in (0..vectors).step_by(PIECE) {
        for group in &observable.groups {
            total += group_expectation(simd, observable, group, planes, piece..(piece + PIECE).min(vectors));
        }
    }
    total
}

/// `out = H psi`.
pub(crate) fn multiply_observable<T: Real>(level: Level, observable: &Observable, psi: (&[T], &[T]), out: (&mut [T], &mut [T])) {
    assert!(psi.0.len() == psi.1.len() && out.0.len() == psi.0.len() && out.1.len() == psi.0.len());
    out.0.fill(T::default());
    out.1.fill(T::default());
    let psi = (View::read_only(psi.0), View::read_only(psi.1));
    let out = (View::new(out.0), View::new(out.1));
    dispatch!(level, simd => product_by_pieces(simd, observable, psi, out));
}

#[inline(always)]
fn product_by_pieces<S: Simd, T: Real>(simd: S, observable: &Observable, psi: (View<T>, View<T>), out: (View<T>, View<T>)) {
    let vectors = psi.0.vectors::<S>();
    for piece in (0..vectors).step_by(PIECE) {
        for group in &observable.groups {
            group_product(simd, observable, group, psi, out, piece..(piece + PIECE).min(vectors));
        }
    }
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
