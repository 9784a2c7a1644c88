//! Digits of the lanes exchanged with higher digits: transpositions of blocks in registers.

use fearless_simd::{Simd, SimdBase, f64x4};

use super::two::{GROUP, corners, each_group, place, strides};
use crate::kernel::vector::{Vector, View, lanes};

/// Exchanges position 0 with `with[0]` and position 1 with `with[1]`, where they differ.
#[inline(always)]
pub(super) fn exchange<S: Simd>(simd: S, tile: &mut [f64], with: [u8; 2]) {
    match with {
        [0, 1] => {}
        [first, 1] => lowest(simd, tile, first),
        [0, second] => second_lowest(simd, tile, second),
        both => transpose(simd, tile, both),
    }
}

/// Both digits: a transposition of sixteen groups by blocks of the width of a vector.
#[inline(always)]
fn transpose<S: Simd>(simd: S, tile: &mut [f64], with: [u8; 2]) {
    let length = tile.len();
    let (strides, [small, large]) = strides(with, length);
    let width = lanes::<S, f64>();
    let view = View::new(tile);
    let corners = corners(strides);
    each_group!(length, [small, large], group => {
        for i in (0..GROUP).step_by(width) {
            for j in (i..GROUP).step_by(width) {
                // SAFETY: the groups at the corners are inside the tile, `i` and `j` count whole vectors of a group.
                unsafe {
                    let upper = load(simd, view, group, &corners[i..i + width], j);
                    let lower = load(simd, view, group, &corners[j..j + width], i);
                    store::<S>(view, lower, group, &corners[i..i + width], j);
                    store::<S>(view, upper, group, &corners[j..j + width], i);
                }
            }
        }
    });
}

/// A square block of numbers, transposed.
///
/// # Safety
/// The groups at the corners are inside the tile, `block` counts whole vectors of a group.
#[inline(always)]
unsafe fn load<S: Simd>(simd: S, tile: View<f64>, group: usize, corners: &[usize], block: usize) -> [Vector<S, f64>; 8] {
    let mut list = [Vector::<S, f64>::splat(simd, 0.0); 8];
    for k in 0..lanes::<S, f64>() {
        // SAFETY: as the caller says.
        list[k] = unsafe { tile.load_at::<S>(simd, 8 * ((group ^ corners[k]) + block)) };
    }
    turned(list)
}

/// Stores what [`load`] gave.
///
/// # Safety
/// As [`load`].
#[inline(always)]
unsafe fn store<S: Simd>(tile: View<f64>, list: [Vector<S, f64>; 8], group: usize, corners: &[usize], block: usize) {
    for k in 0..lanes::<S, f64>() {
        // SAFETY: as the caller says.
        unsafe { tile.store_at::<S>(8 * ((group ^ corners[k]) + block), list[k]) };
    }
}

/// As many vectors as each has lanes, transposed.
#[inline(always)]
fn turned<S: Simd, W: SimdBase<S>>(mut list: [W; 8]) -> [W; 8] {
    let mut bit = 1;
    while bit < W::LEN {
        for low in 0..W::LEN {
            if low & bit == 0 {
                (list[low], list[low | bit]) = list[low].deinterleave(list[low | bit]);
            }
        }
        bit *= 2;
    }
    list
}

/// Digit 0 alone: transpositions of four by four.
#[inline(always)]
fn lowest<S: Simd>(simd: S, tile: &mut [f64], with: u8) {
    let stride = 1usize << (2 * with);
    assert!(stride >= GROUP);
    for outer in (0..tile.len()).step_by(4 * stride) {
        for index in (outer..outer + stride).step_by(GROUP) {
            for lane in (0..GROUP).step_by(4) {
                let mut list = [f64x4::splat(simd, 0.0); 8];
                for k in 0..4 {
                    list[k] = f64x4::from_slice(simd, quarter(tile, index + k * stride, lane));
                }
                list = turned(list);
                for k in 0..4 {
                    list[k].store_slice(quarter(tile, index + k * stride, lane));
                }
            }
        }
    }
}

/// Digit 1 alone: quarters of groups change places.
#[inline(always)]
fn second_lowest<S: Simd>(simd: S, tile: &mut [f64], with: u8) {
    let stride = 1usize << (2 * with);
    assert!(stride >= GROUP);
    for outer in (0..tile.len()).step_by(4 * stride) {
        for index in (outer..outer + stride).step_by(GROUP) {
            for (high, low) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
                let left = f64x4::from_slice(simd, quarter(tile, index + high * stride, 4 * low));
                let right = f64x4::from_slice(simd, quarter(tile, index + low * stride, 4 * high));
                right.store_slice(quarter(tile, index + high * stride, 4 * low));
                left.store_slice(quarter(tile, index + low * stride, 4 * high));
            }
        }
    }
}

/// Four lanes of a group.
#[inline(always)]
fn quarter(tile: &mut [f64], group: usize, lane: usize) -> &mut [f64] {
    let start = place(group) + lane;
    &mut tile[start..start + 4]
}
