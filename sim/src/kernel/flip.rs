//! Bit flips under controls: X, CX, CCX and their products.

use fearless_simd::{Select, Simd, SimdBase};

use super::real::Real;
use super::vector::{Split, Vector, View, exchange, selected, selected_odd, with_bits};

/// Exchanges the amplitudes `i` and `i ^ x` where all controls are one; `x` and the controls share no qubit.
#[inline(always)]
pub(crate) fn flip<S: Simd, T: Real>(simd: S, re: View<T>, im: View<T>, x: u64, controls: u64) {
    let flip = Split::new::<S, T>(x as usize);
    let control = Split::new::<S, T>(controls as usize);
    match (flip.low != 0, control.low != 0) {
        (false, false) => sweep::<S, T, false, false>(simd, (re, im), flip, control),
        (false, true) => sweep::<S, T, false, true>(simd, (re, im), flip, control),
        (true, false) => sweep::<S, T, true, false>(simd, (re, im), flip, control),
        (true, true) => sweep::<S, T, true, true>(simd, (re, im), flip, control),
    }
}

/// With lanes that are exchanged, and with lanes that are controls.
#[inline(always)]
fn sweep<S: Simd, T: Real, const LANES: bool, const CONTROLS: bool>(
    simd: S,
    (re, im): (View<T>, View<T>),
    flip: Split,
    control: Split,
) {
    let indices = exchange::<S, T>(simd, flip.low);
    let inside = selected::<S, T>(simd, control.low).simd_gt(Vector::<S, T>::splat(simd, T::from_f64(0.5)));
    let new = |from: Vector<S, T>, own: Vector<S, T>| {
        let moved = if LANES { from.swizzle_dyn(indices) } else { from };
        if CONTROLS { inside.select(moved, own) } else { moved }
    };
    let vectors = re.vectors::<S>();
    if flip.high == 0 {
        for v in with_bits(control.high, 0, vectors) {
            // SAFETY: v is below the number of vectors of both planes, which are equally long.
            unsafe {
                let (a, b) = (re.load(simd, v), im.load(simd, v));
                re.store::<S>(v, new(a, a));
                im.store::<S>(v, new(b, b));
            }
        }
        return;
    }
    for v in with_bits(control.high, 1 << flip.high.ilog2(), vectors) {
        let partner = v ^ flip.high;
        // SAFETY: flips touch only qubits of the state, so v and its partner are below the number of vectors.
        unsafe {
            let (a, b) = (re.load(simd, v), im.load(simd, v));
            let (c, d) = (re.load(simd, partner), im.load(simd, partner));
            re.store::<S>(v, new(c, a));
            im.store::<S>(v, new(d, b));
            re.store::<S>(partner, new(a, c));
            im.store::<S>(partner, new(b, d));
        }
    }
}

/// Exchanges two qubits, given as masks: a third of the work of the three CX.
#[inline(always)]
pub(crate) fn swap<S: Simd, T: Real>(simd: S, (re, im): (View<T>, View<T>), [first, second]: [u64; 2]) {
    let (first, second) = (Split::new::<S, T>(first as usize), Split::new::<S, T>(second as usize));
    let (low, high) = (first.low | second.low, first.high | second.high);
    let indices = exchange::<S, T>(simd, low);
    let vectors = re.vectors::<S>();
    if high == 0 {
        let apart = selected_odd::<S, T>(simd, low, false).simd_gt(Vector::<S, T>::splat(simd, T::from_f64(0.5)));
        for v in 0..vectors {
            for plane in [re, im] {
                // SAFETY: v is below the number of vectors of both planes, which are equally long.
                unsafe {
                    let value = plane.load(simd, v);
                    plane.store::<S>(v, apart.select(value.swizzle_dyn(indices), value));
                }
            }
        }
        return;
    }
    let ones = selected::<S, T>(simd, low).simd_gt(Vector::<S, T>::splat(simd, T::from_f64(0.5)));
    let (set, clear) = if low == 0 { (first.high, second.high) } else { (0, high) };
    for v in with_bits(set, clear, vectors) {
        for plane in [re, im] {
            // SAFETY: the qubits are of the state, so v and its partner are below the number of vectors.
            unsafe {
                let (a, b) = (plane.load(simd, v), plane.load(simd, v ^ high));
                let [new, partner] = if low == 0 {
                    [b, a]
                } else {
                    [ones.select(b.swizzle_dyn(indices), a), ones.select(b, a.swizzle_dyn(indices))]
                };
                plane.store::<S>(v, new);
                plane.store::<S>(v ^ high, partner);
            }
        }
    }
}
