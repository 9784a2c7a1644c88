//! Rotations about Y on up to four qubits in one block of registers, without their cosines.

use fearless_simd::{Simd, SimdBase};

use super::pass::Addresses;
use crate::kernel::block::{self, Turned};
use crate::kernel::vector::{Vector, View};
use crate::real::Real;

/// A rotation over its larger factor: `1 + t J` or `t + J` with `J = [[0, -1], [1, 0]]` and `|t| <= 1`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio<T> {
    pub(super) cotangent: bool,
    pub(super) value: T,
}

impl<T: Real> Ratio<T> {
    /// The ratio for this angle, and the factor left out.
    pub(super) fn new([cosine, sine]: [f64; 2]) -> (Self, f64) {
        if sine.abs() <= cosine.abs() {
            (Self { cotangent: false, value: T::from_f64(sine / cosine) }, cosine)
        } else {
            (Self { cotangent: true, value: T::from_f64(cosine / sine) }, sine)
        }
    }
}

/// Applies the rotations of a block to a plane of a tile.
#[inline(always)]
pub(super) fn turn<S: Simd, T: Real>(simd: S, plane: View<T>, addresses: &Addresses, ratios: &[Ratio<T>]) {
    match ratios.len() {
        1 => ratios_on::<S, T, 2>(simd, plane, addresses, ratios),
        2 => ratios_on::<S, T, 4>(simd, plane, addresses, ratios),
        3 => ratios_on::<S, T, 8>(simd, plane, addresses, ratios),
        4 => ratios_on::<S, T, 16>(simd, plane, addresses, ratios),
        count => unreachable!("a block has one to four rotations, not {count}"),
    }
}

#[inline(always)]
fn ratios_on<S: Simd, T: Real, const N: usize>(simd: S, plane: View<T>, addresses: &Addresses, ratios: &[Ratio<T>]) {
    simd.vectorize(
        #[inline(always)]
        || {
            let plane = plane;
            let mut values = [Vector::<S, T>::splat(simd, T::default()); 4];
            let mut cotangents = [false; 4];
            for (k, ratio) in ratios.iter().enumerate() {
                values[k] = Vector::<S, T>::splat(simd, ratio.value);
                cotangents[k] = ratio.cotangent;
            }
            let scale = Vector::<S, T>::splat(simd, T::from_f64(1.0));
            block::turn::<S, T, N, false, true>(simd, plane, addresses, Turned { values, cotangents, scale });
        },
    );
}
