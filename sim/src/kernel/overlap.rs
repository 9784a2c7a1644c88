//! Inner products with a Pauli string in between: what derivatives are made of.

use fearless_simd::{Simd, SimdBase, SimdFloat};

use super::real::Real;
use super::vector::{Split, Vector, View, exchange, odd, selected, signs, with_bits};
use crate::op::Masks;

/// `Im <left| C P |right>` with `C` the projector on the controls and `P` the Pauli string.
#[inline(always)]
pub(crate) fn imaginary_overlap<S: Simd, T: Real>(
    simd: S,
    left: (View<T>, View<T>),
    right: (View<T>, View<T>),
    masks: Masks,
) -> T {
    let flip = Split::new::<S, T>(masks.x as usize);
    let sign = Split::new::<S, T>(masks.z as usize);
    let control = Split::new::<S, T>(masks.controls as usize);
    let indices = exchange::<S, T>(simd, flip.low);
    let lane_weight = signs::<S, T>(simd, sign.low) * selected::<S, T>(simd, control.low);
    let y = (masks.x & masks.z).count_ones();
    let zero = Vector::<S, T>::splat(simd, T::from_f64(0.0));
    let mut sum = zero;
    for v in with_bits(control.high, 0, left.0.vectors::<S>()) {
        let partner = v ^ flip.high;
        // SAFETY: flips touch only qubits of the state, so v and its partner are below the number of vectors.
        let (a, b, mut c, mut d) =
            unsafe { (left.0.load(simd, v), left.1.load(simd, v), right.0.load(simd, partner), right.1.load(simd, partner)) };
        if flip.low != 0 {
            (c, d) = (c.swizzle_dyn(indices), d.swizzle_dyn(indices));
        }
        // conj(a + ib) (c + id): real part ac + bd, imaginary part ad - bc; times i^y.
        let part = if y.is_multiple_of(2) { a * d - b * c } else { a.mul_add(c, b * d) };
        let weight = if odd(v & sign.high) { -lane_weight } else { lane_weight };
        sum = part.mul_add(weight, sum);
    }
    let total = sum.reduce_sum();
    // i^y: Im(i w) = Re w, Im(-w) = -Im w, Im(-i w) = -Re w; and (-1)^{|(i^x) & z|} = (-1)^{|i & z| + y}.
    if matches!(y % 4, 0 | 3) { total } else { -total }
}
