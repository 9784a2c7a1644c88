//! Maps of two digits with what comes before them: sixteen vectors loaded, worked on in registers, stored where they go.

use fearless_simd::{Simd, SimdBase, SimdFloat};

use super::{Four, Many, Pair};
use crate::kernel::vector::{Vector, View, lanes};

type V<S> = Vector<S, f64>;

/// Components that a turn about `Z Z` mixes, the first towards the second.
pub(super) const TURNED: [[usize; 2]; 4] = [[1, 14], [13, 2], [4, 11], [7, 8]];

/// Numbers in a group.
pub(super) const GROUP: usize = 16;

/// What `two` does.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) before: [Option<&'a Four>; 2],
    pub(super) turn: Option<[f64; 2]>,
    pub(super) then: &'a Pair,
}

/// Applies a map of two digits at these positions, both above the lanes.
#[inline(always)]
pub(super) fn two<S: Simd>(simd: S, tile: &mut [f64], positions: [u8; 2], work: Work<'_>) {
    let strides = positions.map(|position| 1usize << (2 * position));
    let [small, large] = if strides[0] < strides[1] { strides } else { [strides[1], strides[0]] };
    assert!(small >= GROUP && 4 * large <= tile.len() && tile.len().is_multiple_of(4 * large) && small != large);
    let length = tile.len();
    let view = View::new(tile);
    let offsets: [usize; 16] = std::array::from_fn(|row| 8 * ((row & 3) * strides[0] + (row >> 2) * strides[1]));
    let affine = work.before.map(|map| map.is_some_and(affine));
    match work.then {
        Pair::Signed(signed) => {
            let to: [usize; 16] = std::array::from_fn(|row| offsets[usize::from(signed.image[row] & 15)]);
            for outer in (0..length).step_by(4 * large) {
                for middle in (outer..outer + large).step_by(4 * small) {
                    for inner in (middle..middle + small).step_by(lanes::<S, f64>()) {
                        // SAFETY: `inner` counts indices whose two digits are zero, the offsets put every value there: all
                        // are whole vectors inside the tile, whose length is a multiple of `4 large`.
                        let mut rows: [V<S>; 16] =
                            std::array::from_fn(|row| unsafe { view.load_at::<S>(simd, 8 * inner + offsets[row]) });
                        before(simd, &mut rows, work, affine);
                        for (row, value) in rows.into_iter().enumerate() {
                            let value = value * V::<S>::splat(simd, signed.factor[row]);
                            // SAFETY: as above.
                            unsafe { view.store_at::<S>(8 * inner + to[row], value) };
                        }
                    }
                }
            }
        }
        Pair::Dense(matrix) => {
            for outer in (0..length).step_by(4 * large) {
                for middle in (outer..outer + large).step_by(4 * small) {
                    for inner in (middle..middle + small).step_by(lanes::<S, f64>()) {
                        // SAFETY: as above.
                        let mut rows: [V<S>; 16] =
                            std::array::from_fn(|row| unsafe { view.load_at::<S>(simd, 8 * inner + offsets[row]) });
                        before(simd, &mut rows, work, affine);
                        for (row, entries) in matrix.chunks_exact(16).enumerate() {
                            let mut sum = rows[0] * V::<S>::splat(simd, entries[0]);
                            for column in 1..16 {
                                sum = rows[column].mul_add(V::<S>::splat(simd, entries[column]), sum);
                            }
                            // SAFETY: as above.
                            unsafe { view.store_at::<S>(8 * inner + offsets[row], sum) };
                        }
                    }
                }
            }
        }
    }
}

/// Whether a map moves the centre.
pub(super) fn affine(map: &Four) -> bool {
    map[4] != 0.0 || map[8] != 0.0 || map[12] != 0.0
}

/// The maps of each digit and the turn.
#[inline(always)]
fn before<S: Simd>(simd: S, rows: &mut [V<S>; 16], work: Work<'_>, affine: [bool; 2]) {
    if let Some(map) = work.before[0] {
        for high in 0..4 {
            let at = |digit: usize| 4 * high + digit;
            one(simd, rows, [at(0), at(1), at(2), at(3)], map, affine[0]);
        }
    }
    if let Some(map) = work.before[1] {
        for low in 0..4 {
            let at = |digit: usize| 4 * digit + low;
            one(simd, rows, [at(0), at(1), at(2), at(3)], map, affine[1]);
        }
    }
    if let Some([cosine, sine]) = work.turn {
        let (cosine, sine) = (V::<S>::splat(simd, cosine), V::<S>::splat(simd, sine));
        for [from, to] in TURNED {
            let (a, b) = (rows[from], rows[to]);
            rows[from] = (a * cosine) - (b * sine);
            rows[to] = a.mul_add(sine, b * cosine);
        }
    }
}

/// A map of one digit on four rows.
#[inline(always)]
fn one<S: Simd>(simd: S, rows: &mut [V<S>; 16], [i, x, y, z]: [usize; 4], map: &Four, affine: bool) {
    let entry = |at: usize| V::<S>::splat(simd, map[at]);
    let old = [rows[x], rows[y], rows[z]];
    let row = |row: usize| {
        let sum = old[0] * entry(4 * row + 1);
        let sum = old[1].mul_add(entry(4 * row + 2), sum);
        old[2].mul_add(entry(4 * row + 3), sum)
    };
    let mut new = [row(1), row(2), row(3)];
    if affine {
        for (value, at) in new.iter_mut().zip([4, 8, 12]) {
            *value = rows[i].mul_add(entry(at), *value);
        }
    }
    [rows[x], rows[y], rows[z]] = new;
}

/// Applies a dense map to digits at any positions; plain, for the few maps of three digits and more.
pub(super) fn many(tile: &mut [f64], positions: &[usize], map: &Many) {
    let size = 1 << (2 * positions.len());
    let mask: usize = positions.iter().map(|q| 3 << (2 * q)).sum();
    let offsets: Vec<usize> =
        (0..size).map(|local| positions.iter().enumerate().map(|(k, q)| (local >> (2 * k) & 3) << (2 * q)).sum()).collect();
    let mut old = vec![0.0; size];
    for rest in (0..tile.len()).filter(|index| index & mask == 0) {
        for (old, offset) in old.iter_mut().zip(&offsets) {
            *old = tile[rest | offset];
        }
        for (row, offset) in map.matrix.chunks_exact(size).zip(&offsets) {
            tile[rest | offset] = row.iter().zip(&old).map(|(a, b)| a * b).sum();
        }
    }
}
