//! Bit flips under controls: X, CX, CCX and their products.

use fearless_simd::{Select, Simd, SimdBase};

use super::real::Real;
use super::vector::{ByteVector, Split, Vector, View, exchange, selected, with_bits};

/// Exchanges the amplitudes `i` and `i ^ x` where all controls are one; `x` and the controls share no qubit.
#[inline(always)]
pub(crate) fn flip<S: Simd, T: Real>(simd: S, re: View<T>, im: View<T>, x: u64, controls: u64) {
    let flip = Split::new::<S, T>(x as usize);
    let control = Split::new::<S, T>(controls as usize);
    let indices = exchange::<S, T>(simd, flip.low);
    let inside = selected::<S, T>(simd, control.low).simd_gt(Vector::<S, T>::splat(simd, T::from_f64(0.5)));
    let lanes = flip.low != 0;
    let vectors = re.vectors::<S>();
    if flip.high == 0 {
        for v in with_bits(control.high, 0, vectors) {
            for plane in [re, im] {
                // SAFETY: v is below the number of vectors.
                unsafe {
                    let own = plane.load(simd, v);
                    plane.store::<S>(v, inside.select(across::<S, T>(own, indices, lanes), own));
                }
            }
        }
        return;
    }
    let top = 1 << flip.high.ilog2();
    if !lanes && control.low == 0 {
        for v in with_bits(control.high, top, vectors) {
            for plane in [re, im] {
                // SAFETY: flips touch only qubits of the state, so v and its partner are below the number of vectors.
                unsafe {
                    let (own, other) = (plane.load(simd, v), plane.load(simd, v ^ flip.high));
                    plane.store::<S>(v, other);
                    plane.store::<S>(v ^ flip.high, own);
                }
            }
        }
        return;
    }
    for v in with_bits(control.high, top, vectors) {
        for plane in [re, im] {
            // SAFETY: as above.
            unsafe {
                let (own, other) = (plane.load(simd, v), plane.load(simd, v ^ flip.high));
                plane.store::<S>(v, inside.select(across::<S, T>(other, indices, lanes), own));
                plane.store::<S>(v ^ flip.high, inside.select(across::<S, T>(own, indices, lanes), other));
            }
        }
    }
}

#[inline(always)]
fn across<S: Simd, T: Real>(value: Vector<S, T>, indices: ByteVector<S, T>, lanes: bool) -> Vector<S, T> {
    if lanes { value.swizzle_dyn(indices) } else { value }
}
