//! Phases by parity, on the amplitudes that satisfy the controls.

use super::real::Real;
use super::vector::{Split, Vector, View, odd, selected, signs};
use fearless_simd::{Simd, SimdBase, SimdFloat};

/// Multiplies by the complex number `factors[0]` where `index & parity` has even parity and by `factors[1]` elsewhere, only where all controls are one.
#[inline(always)]
pub(crate) fn multiply<S: Simd, T: Real>(simd: S, re: View<T>, im: View<T>, parity: u64, controls: u64, factors: [[T; 2]; 2]) {
    let sign = Split::new::<S, T>(parity as usize);
    let control = Split::new::<S, T>(controls as usize);
    let signs = signs::<S, T>(simd, sign.low);
    let inside = selected::<S, T>(simd, control.low);
    let half = T::from_f64(0.5);
    let [even, uneven] = factors;
    let mean = [(even[0] + uneven[0]) * half, (even[1] + uneven[1]) * half];
    let difference = [(even[0] - uneven[0]) * half, (even[1] - uneven[1]) * half];
    let even_factor = table::<S, T>(simd, signs, inside, mean, difference);
    let odd_factor = table::<S, T>(simd, signs, inside, mean, [-difference[0], -difference[1]]);
    for v in 0..re.vectors::<S>() {
        if v & control.high != control.high {
            continue;
        }
        let factor = if odd(v & sign.high) { odd_factor } else { even_factor };
        // SAFETY: v is below the number of vectors of both planes, which are equally long.
        unsafe {
            let (a, b) = (re.load(simd, v), im.load(simd, v));
            re.store::<S>(v, a * factor.0 - b * factor.1);
            im.store::<S>(v, a * factor.1 + b * factor.0);
        }
    }
}

/// `inside * (mean + signs * difference) + (1 - inside)`.
#[inline(always)]
fn table<S: Simd, T: Real>(
    simd: S,
    signs: Vector<S, T>,
    inside: Vector<S, T>,
    mean: [T; 2],
    difference: [T; 2],
) -> (Vector<S, T>, Vector<S, T>) {
    let one = T::from_f64(1.0);
    let real = signs.mul_add(Vector::<S, T>::splat(simd, difference[0]), Vector::<S, T>::splat(simd, mean[0] - one));
    let imaginary = signs.mul_add(Vector::<S, T>::splat(simd, difference[1]), Vector::<S, T>::splat(simd, mean[1]));
    (inside.mul_add(real, Vector::<S, T>::splat(simd, one)), imaginary * inside)
}
