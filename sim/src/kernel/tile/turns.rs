//! Rotations about Y on up to four qubits in one block of registers, without their cosines.

use fearless_simd::{Simd, SimdBase, SimdFloat};
use num_complex::Complex64;

use super::pass::Addresses;
use crate::kernel::Real;
use crate::kernel::vector::{Vector, View, lanes, opaque};

/// A rotation over its larger factor: `1 + t J` or `t + J` with `J = [[0, -1], [1, 0]]` and `|t| <= 1`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio<T> {
    pub(super) cotangent: bool,
    pub(super) value: T,
}

impl<T: Real> Ratio<T> {
    /// The ratio for this angle, and the factor left out.
    pub(super) fn new(Complex64 { re: cosine, im: sine }: Complex64) -> (Self, f64) {
        if sine.abs() <= cosine.abs() {
            (Self { cotangent: false, value: T::from_f64(sine / cosine) }, cosine)
        } else {
            (Self { cotangent: true, value: T::from_f64(cosine / sine) }, sine)
        }
    }
}

/// Applies the rotations of a block to one of so many equal pieces of a plane of a tile.
#[inline(always)]
pub(super) fn turn<S: Simd, T: Real>(simd: S, plane: View<T>, addresses: &Addresses, ratios: &[Ratio<T>], piece: (usize, usize)) {
    let addresses = (&addresses.offsets[..], addresses.piece(piece));
    match ratios.len() {
        1 => block::<S, T, 2>(simd, plane, addresses, ratios),
        2 => block::<S, T, 4>(simd, plane, addresses, ratios),
        3 => block::<S, T, 8>(simd, plane, addresses, ratios),
        4 => block::<S, T, 16>(simd, plane, addresses, ratios),
        count => unreachable!("a block has one to four rotations, not {count}"),
    }
}

#[inline(always)]
fn block<S: Simd, T: Real, const N: usize>(simd: S, plane: View<T>, (offsets, bases): (&[u32], &[u32]), ratios: &[Ratio<T>]) {
    simd.vectorize(
        #[inline(always)]
        || {
            let plane = plane;
            let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
            assert_eq!(offsets.len(), N);
            let from = offsets;
            let mut offsets = [0usize; N];
            offsets.iter_mut().zip(from).for_each(|(to, from)| *to = opaque((*from as usize) << shift));
            let mut values = [Vector::<S, T>::splat(simd, T::default()); 4];
            let mut cotangents = [false; 4];
            for (k, ratio) in ratios.iter().enumerate() {
                values[k] = Vector::<S, T>::splat(simd, ratio.value);
                cotangents[k] = ratio.cotangent;
            }
            for &base in bases {
                let base = (base as usize) << shift;
                let mut places = [0; N];
                let mut r = [Vector::<S, T>::splat(simd, T::default()); N];
                for k in 0..N {
                    places[k] = opaque(base ^ offsets[k]);
                    // SAFETY: addresses of a tile are below its number of vectors.
                    r[k] = unsafe { plane.load_at(simd, places[k]) };
                }
                let mut stage = 0;
                while (1 << stage) < N {
                    let bit = 1 << stage;
                    let value = values[stage];
                    if cotangents[stage] {
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
                                r[k] = (-value).mul_add(b, a);
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
        },
    );
}
