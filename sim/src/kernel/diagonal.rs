//! Phases by parity, on the amplitudes that satisfy the controls.

use super::real::Real;
use super::vector::{Split, Vector, View, odd, runs_with_bits, selected, signs};
use fearless_simd::{Simd, SimdBase, SimdFloat};

/// Multiplies by `c - i s` where `index & parity` has even parity and by `c + i s` elsewhere, only where all controls are one.
#[inline(always)]
pub(crate) fn multiply<S: Simd, T: Real>(simd: S, re: View<T>, im: View<T>, parity: u64, controls: u64, [c, s]: [T; 2]) {
    let sign = Split::new::<S, T>(parity as usize);
    let control = Split::new::<S, T>(controls as usize);
    let inside = selected::<S, T>(simd, control.low);
    let one = Vector::<S, T>::splat(simd, T::from_f64(1.0));
    let c = inside.mul_add(Vector::<S, T>::splat(simd, c) - one, one);
    let d = signs::<S, T>(simd, sign.low) * inside * s;
    for v in 0..re.vectors::<S>() {
        if v & control.high != control.high {
            continue;
        }
        let d = if odd(v & sign.high) { d } else { -d };
        // SAFETY: v is below the number of vectors of both planes, which are equally long.
        unsafe {
            let (a, b) = (re.load(simd, v), im.load(simd, v));
            re.store::<S>(v, a * c - b * d);
            im.store::<S>(v, a * d + b * c);
        }
    }
}

/// Multiplies by a complex number where all controls are one.
#[inline(always)]
pub(crate) fn phase<S: Simd, T: Real>(simd: S, re: View<T>, im: View<T>, controls: u64, [c, d]: [T; 2]) {
    let control = Split::new::<S, T>(controls as usize);
    let inside = selected::<S, T>(simd, control.low);
    let one = Vector::<S, T>::splat(simd, T::from_f64(1.0));
    let (c, d) = (inside.mul_add(Vector::<S, T>::splat(simd, c) - one, one), inside * d);
    for run in runs_with_bits(control.high, 0, re.vectors::<S>()) {
        for v in run {
            // SAFETY: v is below the number of vectors of both planes, which are equally long.
            unsafe {
                let (a, b) = (re.load(simd, v), im.load(simd, v));
                re.store::<S>(v, a * c - b * d);
                im.store::<S>(v, a * d + b * c);
            }
        }
    }
}
