//! Bit flips under controls: X, CX, CCX and their products.

use fearless_simd::{Select, Simd, SimdBase};

use super::real::Real;
use super::vector::{ByteVector, Split, Vector, View, exchange, selected};

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
        for v in 0..vectors {
            if v & control.high != control.high {
                continue;
            }
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
    for block in (0..vectors).step_by(2 * top) {
        for v in block..block + top {
            if v & control.high != control.high {
                continue;
            }
            let partner = v ^ flip.high;
            for plane in [re, im] {
                // SAFETY: flips touch only qubits of the state, so v and its partner are below the number of vectors.
                unsafe {
                    let (own, other) = (plane.load(simd, v), plane.load(simd, partner));
                    plane.store::<S>(v, inside.select(across::<S, T>(other, indices, lanes), own));
                    plane.store::<S>(partner, inside.select(across::<S, T>(own, indices, lanes), other));
                }
            }
        }
    }
}

#[inline(always)]
fn across<S: Simd, T: Real>(value: Vector<S, T>, indices: ByteVector<S, T>, lanes: bool) -> Vector<S, T> {
    if lanes { value.swizzle_dyn(indices) } else { value }
}
