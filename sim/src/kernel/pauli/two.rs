//! Maps of two digits with what comes before them: sixteen vectors loaded, worked on in registers, stored where they go.

use fearless_simd::{Simd, SimdBase, SimdFloat};

use super::signed::{LARGE, permuted};
use super::{Four, Many, Numbers, Pair};
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

impl<'a> Work<'a> {
    pub(super) fn new(numbers: &Numbers<'a>, index: u32) -> Self {
        let map = &numbers.twos[index as usize];
        Self { before: numbers.before(map), turn: numbers.turn(map), then: &numbers.thens[index as usize] }
    }
}

/// Where an index lies in a tile. Lines whose high digits alone differ would share one set of the cache; here high bits are
/// added to lower ones, without carry: the place of a sum of disjoint indices is the exclusive or of their places.
#[inline(always)]
pub(crate) const fn place(index: usize) -> usize {
    index ^ (index >> 6 & 0x1f0) ^ (index >> 3 & 0x40) ^ (index >> 10 & 0x20)
}

/// Places of the sixteen combinations of two digits.
#[inline(always)]
pub(super) fn corners(strides: [usize; 2]) -> [usize; 16] {
    // places of disjoint indices are added without carry
    let [low, high] = strides.map(|stride| {
        let (one, two) = (place(stride), place(2 * stride));
        [0, one, two, one ^ two]
    });
    std::array::from_fn(|row| low[row & 3] ^ high[row >> 2])
}

/// The strides of two different positions above the lanes, and the same in order.
#[inline(always)]
pub(super) fn strides(positions: [u8; 2], length: usize) -> ([usize; 2], [usize; 2]) {
    let strides = positions.map(|position| 1usize << (2 * position));
    let [small, large] = if strides[0] < strides[1] { strides } else { [strides[1], strides[0]] };
    assert!(small >= GROUP && small != large && length.is_multiple_of(4 * large));
    (strides, [small, large])
}

/// Runs a body for every group whose digits at two strides are zero; the name is the place of the group.
macro_rules! each_group {
    ($length:expr, [$small:expr, $large:expr], $group:ident => $body:block) => {
        for outer in (0..$length).step_by(4 * $large) {
            for middle in (outer..outer + $large).step_by(4 * $small) {
                for index in (middle..middle + $small).step_by(GROUP) {
                    let $group = place(index);
                    $body
                }
            }
        }
    };
}
pub(super) use each_group;

/// Applies a map of two digits at these positions, both above the lanes, from a tile to the same or another of this length.
#[inline(always)]
pub(super) fn two<S: Simd>(simd: S, input: View<f64>, output: View<f64>, length: usize, positions: [u8; 2], work: Work<'_>) {
    if let Pair::Signed(signed) = work.then
        && length >= LARGE
    {
        return permuted(simd, [input, output], length, positions, work, signed);
    }
    let (strides, [small, large]) = strides(positions, length);
    let from = corners(strides);
    let affine = work.before.map(|map| map.is_some_and(affine));
    match work.then {
        Pair::Signed(signed) => {
            let mut to = [0; 16];
            for (place, image) in to.iter_mut().zip(signed.image) {
                *place = from[usize::from(image & 15)];
            }
            each_group!(length, [small, large], group => {
                for lane in (0..GROUP).step_by(lanes::<S, f64>()) {
                    // SAFETY: the places of a group whose two digits are zero and of every value of these digits together
                    // are places of groups in the tile, whose length is a multiple of `4 large`.
                    unsafe {
                        let mut rows = load(simd, input, group, lane, &from);
                        before(simd, &mut rows, work, affine);
                        for row in 0..16 {
                            let value = rows[row] * V::<S>::splat(simd, signed.factor[row]);
                            output.store_at::<S>(8 * ((group ^ to[row]) + lane), value);
                        }
                    }
                }
            });
        }
        Pair::Dense(matrix) => {
            each_group!(length, [small, large], group => {
                for lane in (0..GROUP).step_by(lanes::<S, f64>()) {
                    // SAFETY: as above.
                    unsafe {
                        let mut rows = load(simd, input, group, lane, &from);
                        before(simd, &mut rows, work, affine);
                        for row in 0..16 {
                            let entries = &matrix[16 * row..16 * row + 16];
                            let mut sum = rows[0] * V::<S>::splat(simd, entries[0]);
                            for column in 1..16 {
                                sum = rows[column].mul_add(V::<S>::splat(simd, entries[column]), sum);
                            }
                            output.store_at::<S>(8 * ((group ^ from[row]) + lane), sum);
                        }
                    }
                }
            });
        }
    }
}

/// Sixteen vectors.
///
/// # Safety
/// The group at each corner is inside the tile, the lane inside a group.
#[inline(always)]
pub(super) unsafe fn load<S: Simd>(simd: S, tile: View<f64>, group: usize, lane: usize, corners: &[usize; 16]) -> [V<S>; 16] {
    let mut rows = [V::<S>::splat(simd, 0.0); 16];
    for (row, corner) in rows.iter_mut().zip(corners) {
        // SAFETY: as the caller says.
        *row = unsafe { tile.load_at::<S>(simd, 8 * ((group ^ corner) + lane)) };
    }
    rows
}

/// Whether a map moves the centre.
pub(super) fn affine(map: &Four) -> bool {
    map[4] != 0.0 || map[8] != 0.0 || map[12] != 0.0
}

/// The maps of each digit and the turn.
#[inline(always)]
pub(super) fn before<S: Simd>(simd: S, rows: &mut [V<S>; 16], work: Work<'_>, affine: [bool; 2]) {
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
pub(super) fn one<S: Simd>(simd: S, rows: &mut [V<S>; 16], [i, x, y, z]: [usize; 4], map: &Four, affine: bool) {
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

/// Applies a dense map, or its transpose, to digits at any positions; plain, for the few maps of three digits and more.
pub(super) fn many(tile: &mut [f64], positions: &[usize], map: &Many, transposed: bool) {
    let size = 1 << (2 * positions.len());
    let mask: usize = positions.iter().map(|q| 3 << (2 * q)).sum();
    let offsets: Vec<usize> =
        (0..size).map(|local| positions.iter().enumerate().map(|(k, q)| (local >> (2 * k) & 3) << (2 * q)).sum()).collect();
    let mut old = vec![0.0; size];
    for rest in (0..tile.len()).filter(|index| index & mask == 0) {
        for (old, offset) in old.iter_mut().zip(&offsets) {
            *old = tile[place(rest | offset)];
        }
        for (row, offset) in offsets.iter().enumerate() {
            let entry = |column: usize| map.matrix[if transposed { column * size + row } else { row * size + column }];
            tile[place(rest | offset)] = old.iter().enumerate().map(|(column, value)| entry(column) * value).sum();
        }
    }
}
