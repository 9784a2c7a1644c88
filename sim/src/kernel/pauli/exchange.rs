//! Digits of the lanes exchanged with higher digits: transpositions of blocks in registers.

use fearless_simd::{Simd, SimdBase, f64x4};

use super::two::GROUP;
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

/// Every index whose digits at these strides (ascending, above the lanes) and lanes are zero.
#[inline(always)]
fn blocks(length: usize, [small, large]: [usize; 2], mut body: impl FnMut(usize)) {
    for outer in (0..length).step_by(4 * large) {
        for middle in (outer..outer + large).step_by(4 * small) {
            for inner in (middle..middle + small).step_by(GROUP) {
                body(inner);
            }
        }
    }
}

/// Both digits: a transposition of sixteen groups by blocks of the width of a vector.
#[inline(always)]
fn transpose<S: Simd>(simd: S, tile: &mut [f64], with: [u8; 2]) {
    let strides = with.map(|position| 1usize << (2 * position));
    let [small, large] = if strides[0] < strides[1] { strides } else { [strides[1], strides[0]] };
    let length = tile.len();
    assert!(small >= GROUP && small != large && length.is_multiple_of(4 * large));
    let width = lanes::<S, f64>();
    let view = View::new(tile);
    let offsets: [usize; 16] = std::array::from_fn(|row| (row & 3) * strides[0] + (row >> 2) * strides[1]);
    blocks(length, [small, large], |base| {
        for i in (0..GROUP).step_by(width) {
            for j in (i..GROUP).step_by(width) {
                let at = |row: usize, block: usize| 8 * (base + offsets[row] + block);
                // SAFETY: `base` has zeros in the lanes and both digits, the offsets set the digits, `block` counts whole
                // vectors of a group: all inside the tile.
                let load = |rows: usize, block: usize| unsafe {
                    let mut list = [Vector::<S, f64>::splat(simd, 0.0); 8];
                    for k in 0..width {
                        list[k] = view.load_at::<S>(simd, at(rows + k, block));
                    }
                    turned(list)
                };
                let upper = load(i, j);
                if i != j {
                    let lower = load(j, i);
                    for k in 0..width {
                        // SAFETY: as above.
                        unsafe { view.store_at::<S>(at(i + k, j), lower[k]) };
                    }
                }
                for k in 0..width {
                    // SAFETY: as above.
                    unsafe { view.store_at::<S>(at(j + k, i), upper[k]) };
                }
            }
        }
    });
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
    for outer in tile.chunks_exact_mut(4 * stride) {
        let (i, rest) = outer.split_at_mut(stride);
        let (x, rest) = rest.split_at_mut(stride);
        let (y, z) = rest.split_at_mut(stride);
        let rows = i.chunks_exact_mut(4).zip(x.chunks_exact_mut(4));
        for ((i, x), (y, z)) in rows.zip(y.chunks_exact_mut(4).zip(z.chunks_exact_mut(4))) {
            let list: [f64x4<S>; 8] = [
                f64x4::from_slice(simd, i),
                f64x4::from_slice(simd, x),
                f64x4::from_slice(simd, y),
                f64x4::from_slice(simd, z),
                f64x4::splat(simd, 0.0),
                f64x4::splat(simd, 0.0),
                f64x4::splat(simd, 0.0),
                f64x4::splat(simd, 0.0),
            ];
            let [a, b, c, d, ..] = turned(list);
            a.store_slice(i);
            b.store_slice(x);
            c.store_slice(y);
            d.store_slice(z);
        }
    }
}

/// Digit 1 alone: quarters of groups change places.
#[inline(always)]
fn second_lowest<S: Simd>(simd: S, tile: &mut [f64], with: u8) {
    let stride = 1usize << (2 * with);
    assert!(stride >= GROUP);
    for outer in tile.chunks_exact_mut(4 * stride) {
        for base in (0..stride).step_by(GROUP) {
            for (high, low) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
                let (a, b) = (base + high * stride + 4 * low, base + low * stride + 4 * high);
                let (left, right) = (f64x4::from_slice(simd, &outer[a..a + 4]), f64x4::from_slice(simd, &outer[b..b + 4]));
                right.store_slice(&mut outer[a..a + 4]);
                left.store_slice(&mut outer[b..b + 4]);
            }
        }
    }
}
