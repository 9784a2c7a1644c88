//! `exp(-i theta/2 P)` for Pauli strings that flip bits, with controls.

use fearless_simd::{Simd, SimdBase, SimdFloat};

use super::real::Real;
use super::vector::{ByteVector, Split, Vector, View, exchange, odd, runs_with_bits, selected, signs, with_bits};
use crate::op::Masks;

/// A rotation ready to apply: `cos psi + weight * sigma(i) * [1 or i] * psi[i ^ x]`.
struct Ready<S: Simd, T: Real> {
    flip: Split,
    sign: Split,
    control: Split,
    cosine: Vector<S, T>,
    weight: Vector<S, T>,
}

/// Applies the rotation to both planes; `masks.x` is not zero.
#[inline(always)]
pub(crate) fn rotate<S: Simd, T: Real>(simd: S, re: View<T>, im: View<T>, masks: Masks, cosine: T, sine: T) {
    let flip = Split::new::<S, T>(masks.x as usize);
    let sign = Split::new::<S, T>(masks.z as usize);
    let control = Split::new::<S, T>(masks.controls as usize);
    // (P psi)[i] = i^y (-1)^{|(i^x) & z|} psi[i^x], and |x & z| = y.
    let y = (masks.x & masks.z).count_ones();
    let weight = if matches!(y % 4, 0 | 1) { -sine } else { sine };
    let mut weights = signs::<S, T>(simd, sign.low) * weight;
    let mut cosines = Vector::<S, T>::splat(simd, cosine);
    if control.low != 0 {
        let inside = selected::<S, T>(simd, control.low);
        weights *= inside;
        cosines = inside.mul_add(Vector::<S, T>::splat(simd, cosine - T::from_f64(1.0)), T::from_f64(1.0));
    }
    let ready = Ready { flip, sign, control, cosine: cosines, weight: weights };
    match (y % 2 == 1, flip.low != 0) {
        (true, true) => sweep::<S, T, true, true>(simd, re, im, &ready),
        (true, false) => sweep::<S, T, true, false>(simd, re, im, &ready),
        (false, true) => sweep::<S, T, false, true>(simd, re, im, &ready),
        (false, false) => sweep::<S, T, false, false>(simd, re, im, &ready),
    }
}

/// One new pair of vectors from itself and its partner.
#[inline(always)]
fn turn<S: Simd, T: Real, const REAL: bool>(
    own: (Vector<S, T>, Vector<S, T>),
    other: (Vector<S, T>, Vector<S, T>),
    cosine: Vector<S, T>,
    weight: Vector<S, T>,
) -> (Vector<S, T>, Vector<S, T>) {
    if REAL {
        (weight.mul_add(other.0, own.0 * cosine), weight.mul_add(other.1, own.1 * cosine))
    } else {
        ((-weight).mul_add(other.1, own.0 * cosine), weight.mul_add(other.0, own.1 * cosine))
    }
}

/// Both parts with lanes exchanged.
#[inline(always)]
fn across<S: Simd, T: Real, const LANES: bool>(
    value: (Vector<S, T>, Vector<S, T>),
    indices: ByteVector<S, T>,
) -> (Vector<S, T>, Vector<S, T>) {
    if LANES { (value.0.swizzle_dyn(indices), value.1.swizzle_dyn(indices)) } else { value }
}

#[inline(always)]
fn sweep<S: Simd, T: Real, const REAL: bool, const LANES: bool>(simd: S, re: View<T>, im: View<T>, ready: &Ready<S, T>) {
    let indices = exchange::<S, T>(simd, ready.flip.low);
    let vectors = re.vectors::<S>();
    let (cosine, weight) = (ready.cosine, ready.weight);
    if ready.flip.high == 0 {
        for v in with_bits(ready.control.high, 0, vectors) {
            let weight = if odd(v & ready.sign.high) { -weight } else { weight };
            // SAFETY: v is below the number of vectors of both planes, which are equally long.
            unsafe {
                let own = (re.load(simd, v), im.load(simd, v));
                let new = turn::<S, T, REAL>(own, across::<S, T, LANES>(own, indices), cosine, weight);
                re.store::<S>(v, new.0);
                im.store::<S>(v, new.1);
            }
        }
        return;
    }
    let top = 1 << ready.flip.high.ilog2();
    let signs_differ = ready.sign.high & !top != 0;
    for run in runs_with_bits(ready.control.high, top, vectors) {
        for v in run {
            let weight = if signs_differ && odd(v & ready.sign.high) { -weight } else { weight };
            both::<S, T, REAL, LANES>(simd, (re, im), v, ready, (indices, weight));
        }
    }
}

/// The vectors `v` and its partner.
#[inline(always)]
fn both<S: Simd, T: Real, const REAL: bool, const LANES: bool>(
    simd: S,
    (re, im): (View<T>, View<T>),
    v: usize,
    ready: &Ready<S, T>,
    (indices, weight): (ByteVector<S, T>, Vector<S, T>),
) {
    let partner = v ^ ready.flip.high;
    let far_weight = if odd(ready.flip.high & ready.sign.high) { -weight } else { weight };
    // SAFETY: flips touch only qubits of the state, so v and its partner are below the number of vectors.
    unsafe {
        let own = (re.load(simd, v), im.load(simd, v));
        let other = (re.load(simd, partner), im.load(simd, partner));
        let new = turn::<S, T, REAL>(own, across::<S, T, LANES>(other, indices), ready.cosine, weight);
        let far = turn::<S, T, REAL>(other, across::<S, T, LANES>(own, indices), ready.cosine, far_weight);
        re.store::<S>(v, new.0);
        im.store::<S>(v, new.1);
        re.store::<S>(partner, far.0);
        im.store::<S>(partner, far.1);
    }
}
