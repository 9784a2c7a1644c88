//! Rotations about Y on up to four bits in one block of registers, without one of their factors.

use fearless_simd::{Simd, SimdBase, SimdFloat};

use super::tile::Addresses;
use super::vector::{Vector, View, lanes, opaque};
use crate::real::Real;

/// Rotations over their larger factors: with `J = [[0, -1], [1, 0]]` number `k` is `1 + values[k] J`, or `values[k] + J` where
/// `cotangents[k]`.
#[derive(Clone, Copy)]
pub(super) struct Turned<S: Simd, T: Real> {
    pub(super) values: [Vector<S, T>; 4],
    pub(super) cotangents: [bool; 4],
    /// What everything is multiplied by before, where the block is scaled.
    pub(super) scale: Vector<S, T>,
}

/// Turns the vectors of a plane at these addresses, `N` to a block of `log2 N` rotations.
#[inline(always)]
pub(super) fn turn<S: Simd, T: Real, const N: usize, const SCALED: bool, const COTANGENTS: bool>(
    simd: S,
    plane: View<T>,
    addresses: &Addresses,
    Turned { values, cotangents, scale }: Turned<S, T>,
) {
    let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
    assert_eq!(addresses.offsets.len(), N);
    let mut offsets = [0usize; N];
    offsets.iter_mut().zip(&addresses.offsets).for_each(|(to, from)| *to = opaque((*from as usize) << shift));
    for &base in &addresses.bases {
        let base = (base as usize) << shift;
        let mut places = [0; N];
        let mut r = [Vector::<S, T>::splat(simd, T::default()); N];
        for k in 0..N {
            places[k] = opaque(base ^ offsets[k]);
            // SAFETY: addresses are below the number of vectors of the plane.
            r[k] = unsafe { plane.load_at(simd, places[k]) };
            if SCALED {
                r[k] *= scale;
            }
        }
        let mut stage = 0;
        while (1 << stage) < N {
            let (bit, value) = (1 << stage, values[stage]);
            if COTANGENTS && cotangents[stage] {
                for k in 0..N {
                    if k & bit == 0 {
                        let (a, b) = (r[k], r[k | bit]);
                        r[k] = value.mul_sub(a, b);
                        r[k | bit] = value.mul_add(b, a);
                    }
                }
            } else {
                for k in 0..N {
                    if k & bit == 0 {
                        let (a, b) = (r[k], r[k | bit]);
                        // The minus on what changes, so that it becomes part of the instruction.
                        r[k] = (-b).mul_add(value, a);
                        r[k | bit] = value.mul_add(a, b);
                    }
                }
            }
            stage += 1;
        }
        for k in 0..N {
            // SAFETY: as above.
            unsafe { plane.store_at::<S>(places[k], r[k]) };
        }
    }
}
