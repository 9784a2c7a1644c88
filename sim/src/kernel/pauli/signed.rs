//! Maps of two digits that end in a permutation: the two digits one after the other, through a buffer that stays in the
//! first-level cache, so that few registers are enough.

use fearless_simd::{Simd, SimdBase, SimdFloat};

use super::two::{GROUP, TURNED, Work, affine, corners, each_group, place, strides};
use super::{Four, Signed};
use crate::kernel::vector::{Vector, View, align_frame, lanes};

type V<S> = Vector<S, f64>;

/// Numbers of a tile from which it pays to bring a map to fewer multiplications first, or to go through a buffer.
pub(super) const LARGE: usize = 1 << 12;

/// Smallest ratio of an entry to the largest of its row that a row is divided by.
const SMALLEST: f64 = 0.25;

/// One group of sixteen for each value of two digits.
#[repr(align(64))]
struct Groups(#[allow(dead_code, reason = "only its room and place matter")] [f64; 16 * GROUP]);

/// A map of one digit.
#[derive(Clone, Copy, Debug)]
enum Stage<'a> {
    Nothing,
    /// The map, and whether it moves the centre.
    Whole(&'a Four, bool),
    Divided(Divided),
}

/// A map whose rows are in an order, and divided by numbers, with which the entries on the diagonal are 1.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Divided {
    /// The entries beside the diagonal, row by row.
    beside: [[f64; 2]; 3],
    /// The row that stands here, and what it was divided by.
    rows: [(usize, f64); 3],
}

impl Divided {
    /// None where the centre moves or an entry of each row and column would be small.
    fn new(map: &Four) -> Option<Self> {
        if affine(map) {
            return None;
        }
        let entry = |row: usize, column: usize| map[4 * row + column + 5];
        let ratio = |row: usize, column: usize| {
            let largest = (0..3).fold(0.0f64, |largest, other| largest.max(entry(row, other).abs()));
            if largest == 0.0 { 0.0 } else { entry(row, column).abs() / largest }
        };
        let ratios: [[f64; 3]; 3] = std::array::from_fn(|row| std::array::from_fn(|column| ratio(row, column)));
        const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];
        let worth = |order: &[usize; 3]| (0..3).fold(1.0f64, |least, column| least.min(ratios[order[column]][column]));
        let mut best = (SMALLEST, None);
        for order in ORDERS {
            let worth = worth(&order);
            if worth >= best.0 {
                best = (worth, Some(order));
            }
        }
        best.1.map(|order| Self {
            beside: std::array::from_fn(|at| {
                let row = order[at];
                let [first, second] = [[1, 2], [0, 2], [0, 1]][at];
                [entry(row, first) / entry(row, at), entry(row, second) / entry(row, at)]
            }),
            rows: std::array::from_fn(|at| (order[at], entry(order[at], at))),
        })
    }
}

impl<'a> Stage<'a> {
    fn new(map: Option<&'a Four>, divides: bool) -> Self {
        match map {
            None => Stage::Nothing,
            Some(map) => match divides.then(|| Divided::new(map)).flatten() {
                Some(divided) => Stage::Divided(divided),
                None => Stage::Whole(map, affine(map)),
            },
        }
    }

    /// The value of the digit that stands at this one, and what it is still to be multiplied by.
    fn standing(&self, digit: usize) -> (usize, f64) {
        match self {
            Stage::Divided(divided) if digit > 0 => {
                let (row, factor) = divided.rows[digit - 1];
                (row + 1, factor)
            }
            Stage::Divided(_) | Stage::Nothing | Stage::Whole(..) => (digit, 1.0),
        }
    }

    /// X, Y and Z after the map, in the order in which they stand.
    #[inline(always)]
    fn apply<S: Simd>(&self, simd: S, one: V<S>, [x, y, z]: [V<S>; 3]) -> [V<S>; 3] {
        match self {
            Stage::Nothing => [x, y, z],
            Stage::Whole(map, moves) => {
                let mut new = [one; 3];
                for (row, new) in new.iter_mut().enumerate() {
                    let at = 4 * row + 4;
                    let sum = y.mul_add(V::<S>::splat(simd, map[at + 2]), x * V::<S>::splat(simd, map[at + 1]));
                    *new = z.mul_add(V::<S>::splat(simd, map[at + 3]), sum);
                    if *moves {
                        *new = one.mul_add(V::<S>::splat(simd, map[at]), *new);
                    }
                }
                new
            }
            Stage::Divided(Divided { beside: [a, b, c], .. }) => {
                let pair = |row: &[f64; 2]| [V::<S>::splat(simd, row[0]), V::<S>::splat(simd, row[1])];
                apply_divided::<S>(&[pair(a), pair(b), pair(c)], [x, y, z])
            }
        }
    }
}

/// X, Y and Z after the map with these entries beside a diagonal of ones.
#[inline(always)]
fn apply_divided<S: Simd>([a, b, c]: &[[V<S>; 2]; 3], [x, y, z]: [V<S>; 3]) -> [V<S>; 3] {
    [z.mul_add(a[1], y.mul_add(a[0], x)), z.mul_add(b[1], x.mul_add(b[0], y)), y.mul_add(c[1], x.mul_add(c[0], z))]
}

/// Applies what comes before a permutation, and the permutation, from a tile to the same or another of this length.
#[inline(always)]
pub(super) fn permuted<S: Simd>(
    simd: S,
    views: [View<f64>; 2],
    length: usize,
    positions: [u8; 2],
    work: Work<'_>,
    signed: &Signed,
) {
    simd.vectorize(
        #[inline(always)]
        || everywhere(simd, views, length, positions, work, signed),
    );
}

#[inline(always)]
fn everywhere<S: Simd>(
    simd: S,
    [input, output]: [View<f64>; 2],
    length: usize,
    positions: [u8; 2],
    work: Work<'_>,
    signed: &Signed,
) {
    align_frame();
    let (strides, [small, large]) = strides(positions, length);
    let from = corners(strides);
    let divides = work.turn.is_none();
    let stages = work.before.map(|map| Stage::new(map, divides));
    let (mut to, mut factors) = ([0; 16], signed.factor);
    for row in 0..16 {
        to[row] = from[usize::from(signed.image[row] & 15)];
    }
    if divides {
        let stays = to;
        for row in 0..16 {
            let (low, high) = (stages[0].standing(row & 3), stages[1].standing(row >> 2));
            to[row] = stays[low.0 + 4 * high.0];
            factors[row] = signed.factor[low.0 + 4 * high.0] * low.1 * high.1;
        }
    }
    let steps = Steps { from, to, stages, turn: work.turn, factors };
    let mut buffer = std::mem::MaybeUninit::<Groups>::uninit();
    // SAFETY: the buffer is there until the end, and has room for so many numbers.
    let buffer = unsafe { View::of_buffer(buffer.as_mut_ptr().cast::<f64>(), 16 * GROUP) };
    if lanes::<S, f64>() < 8
        && let [Stage::Divided(first), Stage::Divided(second)] = &steps.stages
    {
        let mut numbers = [[[V::<S>::splat(simd, 0.0); 2]; 3]; 2];
        for (numbers, map) in numbers.iter_mut().zip([first, second]) {
            for row in 0..3 {
                numbers[row] = [V::<S>::splat(simd, map.beside[row][0]), V::<S>::splat(simd, map.beside[row][1])];
            }
        }
        each_group!(length, [small, large], group => {
            both_divided(simd, [input, output, buffer], group, &steps, &numbers);
        });
        return;
    }
    each_group!(length, [small, large], group => {
        if lanes::<S, f64>() == 8 {
            in_registers(simd, input, output, group, &steps);
        } else {
            by_buffer(simd, [input, output, buffer], group, &steps);
        }
    });
}

/// What is done to a group of sixteen for each value of the two digits.
struct Steps<'a> {
    /// Where they are in a tile, and where they go.
    from: [usize; 16],
    to: [usize; 16],
    stages: [Stage<'a>; 2],
    turn: Option<[f64; 2]>,
    factors: [f64; 16],
}

/// With registers for all sixteen; the group is one of a tile whose two digits are zero.
#[inline(always)]
fn in_registers<S: Simd>(simd: S, input: View<f64>, output: View<f64>, group: usize, steps: &Steps<'_>) {
    let zero = V::<S>::splat(simd, 0.0);
    for lane in (0..GROUP).step_by(lanes::<S, f64>()) {
        let mut rows = [zero; 16];
        for row in 0..16 {
            // SAFETY: such a group, with every value of its two digits, is inside the tile.
            rows[row] = unsafe { input.load_at::<S>(simd, 8 * ((group ^ steps.from[row]) + lane)) };
        }
        for start in [0, 4, 8, 12] {
            let (one, old) = (rows[start], [rows[start + 1], rows[start + 2], rows[start + 3]]);
            [rows[start + 1], rows[start + 2], rows[start + 3]] = steps.stages[0].apply(simd, one, old);
        }
        for start in 0..4 {
            let (one, old) = (rows[start], [rows[start + 4], rows[start + 8], rows[start + 12]]);
            [rows[start + 4], rows[start + 8], rows[start + 12]] = steps.stages[1].apply(simd, one, old);
        }
        if let Some([cosine, sine]) = steps.turn {
            let (cosine, sine) = (V::<S>::splat(simd, cosine), V::<S>::splat(simd, sine));
            for [first, second] in TURNED {
                let (a, b) = (rows[first], rows[second]);
                (rows[first], rows[second]) = (a * cosine - b * sine, a.mul_add(sine, b * cosine));
            }
        }
        for row in 0..16 {
            let value = rows[row] * V::<S>::splat(simd, steps.factors[row]);
            // SAFETY: as above.
            unsafe { output.store_at::<S>(8 * ((group ^ steps.to[row]) + lane), value) };
        }
    }
}

/// With few registers and two divided maps, whose numbers stay in registers: the same as [`by_buffer`].
#[inline(always)]
fn both_divided<S: Simd>(
    simd: S,
    [input, output, buffer]: [View<f64>; 3],
    group: usize,
    steps: &Steps<'_>,
    [first, second]: &[[[V<S>; 2]; 3]; 2],
) {
    let kept = |row: usize, lane: usize| 8 * (GROUP * row + lane);
    for start in [0, 4, 8, 12] {
        let from = [1, 2, 3].map(|k| 8 * (group ^ steps.from[start + k]));
        for lane in (0..GROUP).step_by(lanes::<S, f64>()) {
            // SAFETY (both blocks): such a group, with every value of its two digits, is inside the tile; rows count groups of the buffer.
            unsafe {
                let mut old = [V::<S>::splat(simd, 0.0); 3];
                for k in 0..3 {
                    old[k] = input.load_at::<S>(simd, from[k] + 8 * lane);
                }
                let new = apply_divided::<S>(first, old);
                for k in 0..3 {
                    buffer.store_at::<S>(kept(start + 1 + k, lane), new[k]);
                }
            }
        }
    }
    for start in 0..4 {
        let rows = [0, 1, 2, 3].map(|k| start + 4 * k);
        let from = rows.map(|row| 8 * (group ^ steps.from[row]));
        let to = rows.map(|row| 8 * (group ^ steps.to[row]));
        let mut factors = [V::<S>::splat(simd, 0.0); 4];
        for k in 0..4 {
            factors[k] = V::<S>::splat(simd, steps.factors[rows[k]]);
        }
        for lane in (0..GROUP).step_by(lanes::<S, f64>()) {
            // What the first digit left alone is still where it was: it is read before anything is written to these lanes.
            unsafe {
                let mut old = [V::<S>::splat(simd, 0.0); 4];
                for k in 0..4 {
                    old[k] = if start == 0 {
                        input.load_at::<S>(simd, from[k] + 8 * lane)
                    } else {
                        buffer.load_at::<S>(simd, kept(rows[k], lane))
                    };
                }
                let new = apply_divided::<S>(second, [old[1], old[2], old[3]]);
                output.store_at::<S>(to[0] + 8 * lane, old[0] * factors[0]);
                for k in 0..3 {
                    output.store_at::<S>(to[k + 1] + 8 * lane, new[k] * factors[k + 1]);
                }
            }
        }
    }
}

/// With few registers: what the first digit changes goes through a buffer of sixteen groups.
#[inline(always)]
fn by_buffer<S: Simd>(simd: S, [input, output, buffer]: [View<f64>; 3], group: usize, steps: &Steps<'_>) {
    // SAFETY (all blocks): such a group, with every value of its two digits, is inside the tile; rows count groups of the buffer.
    let read = |row: usize, lane: usize| unsafe { input.load_at::<S>(simd, 8 * ((group ^ steps.from[row]) + lane)) };
    let kept = |row: usize, lane: usize| unsafe { buffer.load_at::<S>(simd, 8 * (GROUP * row + lane)) };
    let keep = |row: usize, lane: usize, value| unsafe { buffer.store_at::<S>(8 * (GROUP * row + lane), value) };
    let finish = |row: usize, lane: usize, value: V<S>| unsafe {
        let value = value * V::<S>::splat(simd, steps.factors[row]);
        output.store_at::<S>(8 * ((group ^ steps.to[row]) + lane), value);
    };
    for lane in (0..GROUP).step_by(lanes::<S, f64>()) {
        for start in [0, 4, 8, 12] {
            let old = [read(start + 1, lane), read(start + 2, lane), read(start + 3, lane)];
            let new = steps.stages[0].apply(simd, read(start, lane), old);
            for k in 0..3 {
                keep(start + 1 + k, lane, new[k]);
            }
        }
    }
    for lane in (0..GROUP).step_by(lanes::<S, f64>()) {
        for start in 0..4 {
            // What the first digit left alone is still where it was: it is read before anything is written to these lanes.
            let get = |row: usize| if start == 0 { read(row, lane) } else { kept(row, lane) };
            let (one, old) = (get(start), [get(start + 4), get(start + 8), get(start + 12)]);
            let new = steps.stages[1].apply(simd, one, old);
            if steps.turn.is_some() {
                keep(start, lane, one);
                for k in 0..3 {
                    keep(start + 4 + 4 * k, lane, new[k]);
                }
            } else {
                finish(start, lane, one);
                for k in 0..3 {
                    finish(start + 4 + 4 * k, lane, new[k]);
                }
            }
        }
        if let Some([cosine, sine]) = steps.turn {
            let (cosine, sine) = (V::<S>::splat(simd, cosine), V::<S>::splat(simd, sine));
            for [first, second] in TURNED {
                let (a, b) = (kept(first, lane), kept(second, lane));
                finish(first, lane, a * cosine - b * sine);
                finish(second, lane, a.mul_add(sine, b * cosine));
            }
            for row in [0, 3, 5, 6, 9, 10, 12, 15] {
                finish(row, lane, kept(row, lane));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Divided, affine};

    #[test]
    fn a_divided_map_is_the_map() {
        let (c, s) = (0.4f64.cos(), 0.4f64.sin());
        let maps = [
            // A turn of 90 degrees about X, smaller by a tenth: its diagonal is not what rows are divided by.
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, -0.9, 0.0, 0.0, 0.9, 0.0],
            // A turn about Z, then one about X.
            [1.0, 0.0, 0.0, 0.0, 0.0, c, -s, 0.0, 0.0, s * c, c * c, -s, 0.0, s * s, s * c, c],
        ];
        for map in maps {
            let divided = Divided::new(&map).expect("a turn has large entries in each row and column");
            let mut seen = 0;
            for (at, (row, factor)) in divided.rows.into_iter().enumerate() {
                let mut entries = divided.beside[at].to_vec();
                entries.insert(at, 1.0);
                for (column, entry) in entries.into_iter().enumerate() {
                    assert!((entry * factor - map[4 * row + column + 5]).abs() < 1e-15, "row {row}, column {column}");
                }
                seen |= 1 << row;
            }
            assert_eq!(seen, 7, "each row stands once");
        }
    }

    #[test]
    fn what_moves_the_centre_or_forgets_is_left_as_it_is() {
        let mut damping = [1.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.81];
        assert!(Divided::new(&damping).is_some());
        damping[12] = 0.19;
        assert!(affine(&damping) && Divided::new(&damping).is_none());
        let mut dephased = [0.0; 16];
        (dephased[0], dephased[15]) = (1.0, 1.0);
        assert_eq!(Divided::new(&dephased), None);
    }
}
