//! Steps on a tape of tiles, and backwards with derivatives by the entries of maps and the angles of turns.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::exchange::exchange;
use super::pass::fill_product;
use super::two::{self, GROUP, TURNED, Work, corners, each_group, one, place, strides};
use super::{Four, NONE, Numbers, Pair, Pass, Step, Two};
use crate::kernel::plane::Plane;
use crate::kernel::vector::{Vector, View, lanes};

type V<S> = Vector<S, f64>;

/// Derivatives of a value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slopes {
    /// By the entries of each map of one digit.
    pub(crate) maps: Vec<Four>,
    /// By the angle of each turn.
    pub(crate) turns: Vec<f64>,
}

/// Whose derivatives of a map of two digits are wanted: of the map of its first digit, of its second, of its turn.
pub(crate) type Wanted = [bool; 3];

/// Fills a tile of all digits with a product of one-qubit states.
pub(crate) fn start(level: Level, pass: &Pass, states: &[[f64; 4]], tile: &mut [f64], factors: &mut [f64]) {
    dispatch!(level, simd => fill_product(simd, pass, states, 1.0, tile, factors));
}

/// Does steps from the first tile on; a map with derivatives wanted leaves its input and writes the next tile. Returns the
/// number of the last tile.
pub(crate) fn record(level: Level, steps: &[Step], numbers: Numbers<'_>, wanted: &[Wanted], tape: &mut [Plane<f64>]) -> usize {
    let mut at = 0;
    dispatch!(level, simd => for step in steps {
        match step {
            Step::Two { positions, index } if wanted[*index as usize] != [false; 3] => {
                let (before, behind) = tape.split_at_mut(at + 1);
                let (from, to) = (&before[at], &mut behind[0]);
                assert_eq!(from.len(), to.len(), "tiles of a tape are alike");
                let (length, from) = (to.len(), View::read_only(from));
                two::two(simd, from, View::new(to), length, *positions, Work::new(&numbers, *index));
                at += 1;
            }
            Step::Two { .. } | Step::Many { .. } | Step::Exchange { .. } => {
                super::pass::steps(simd, std::slice::from_ref(step), numbers, &mut tape[at]);
            }
        }
    });
    at
}

/// Takes the adjoint, which lies as the last tile, back through the steps; adds to the derivatives.
pub(crate) fn go_back(
    level: Level,
    steps: &[Step],
    numbers: Numbers<'_>,
    wanted: &[Wanted],
    tape: &[Plane<f64>],
    adjoint: &mut [f64],
    slopes: &mut Slopes,
) {
    let mut rest = tape;
    dispatch!(level, simd => for step in steps.iter().rev() {
        match step {
            Step::Two { positions, index } => {
                let wanted = wanted[*index as usize];
                let input = if wanted == [false; 3] {
                    None
                } else {
                    let (last, before) = rest.split_last().expect("a tile for every map whose derivatives are wanted");
                    rest = before;
                    Some(&**last)
                };
                back_two(simd, adjoint, input, *positions, *index, &numbers, wanted, slopes);
            }
            Step::Many { positions, index } => two::many(adjoint, positions, &numbers.many[*index as usize], true),
            Step::Exchange { with } => exchange(simd, adjoint, *with),
        }
    });
}

/// One map of two digits backwards.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "a map, its numbers and two tiles")]
fn back_two<S: Simd>(
    simd: S,
    adjoint: &mut [f64],
    input: Option<&[f64]>,
    positions: [u8; 2],
    index: u32,
    numbers: &Numbers<'_>,
    wanted: Wanted,
    slopes: &mut Slopes,
) {
    let length = adjoint.len();
    assert!(input.is_none_or(|input| input.len() == length));
    let (strides, [small, large]) = strides(positions, length);
    let map: &Two = &numbers.twos[index as usize];
    let work = Work::new(numbers, index);
    let affine = work.before.map(|map| map.is_some_and(two::affine));
    let input = input.map(View::read_only);
    let lambda = View::new(adjoint);
    let corners = corners(strides);
    let zero = V::<S>::splat(simd, 0.0);
    let mut sums = [[zero; 12]; 2];
    let mut slope = zero;
    each_group!(length, [small, large], group => {
        for lane in (0..GROUP).step_by(lanes::<S, f64>()) {
            // SAFETY: as in `two`: places of groups in the tiles, which are equally long.
            unsafe {
                let mut back = two::load(simd, lambda, group, lane, &corners);
                match work.then {
                    Pair::Signed(signed) => {
                        for row in 0..16 {
                            let image = corners[usize::from(signed.image[row] & 15)];
                            let value = lambda.load_at::<S>(simd, 8 * ((group ^ image) + lane));
                            back[row] = value * V::<S>::splat(simd, signed.factor[row]);
                        }
                    }
                    Pair::Dense(matrix) => {
                        let old = back;
                        for column in 0..16 {
                            let mut sum = old[0] * V::<S>::splat(simd, matrix[column]);
                            for row in 1..16 {
                                sum = old[row].mul_add(V::<S>::splat(simd, matrix[16 * row + column]), sum);
                            }
                            back[column] = sum;
                        }
                    }
                }
                if let Some([cosine, sine]) = work.turn {
                    let (cosine, sine) = (V::<S>::splat(simd, cosine), V::<S>::splat(simd, sine));
                    if wanted[2] && let Some(input) = input {
                        let mut rows = two::load(simd, input, group, lane, &corners);
                        two::before(simd, &mut rows, Work { turn: None, ..work }, affine);
                        for [from, to] in TURNED {
                            let (a, b) = (rows[from], rows[to]);
                            // the derivatives of the turned components are minus the other, and the one
                            let (turned_a, turned_b) = ((a * cosine) - (b * sine), a.mul_add(sine, b * cosine));
                            slope = back[to].mul_add(turned_a, slope) - (back[from] * turned_b);
                        }
                    }
                    for [from, to] in TURNED {
                        let (a, b) = (back[from], back[to]);
                        back[from] = a.mul_add(cosine, b * sine);
                        back[to] = (b * cosine) - (a * sine);
                    }
                }
                if let Some(map) = work.before[1] {
                    if wanted[1] && let Some(input) = input {
                        let mut rows = two::load(simd, input, group, lane, &corners);
                        two::before(simd, &mut rows, Work { turn: None, before: [work.before[0], None], ..work }, affine);
                        for low in 0..4 {
                            correlate::<S>(&back, &rows, [low, 4 + low, 8 + low, 12 + low], &mut sums[1]);
                        }
                    }
                    for low in 0..4 {
                        transposed(simd, &mut back, [low, 4 + low, 8 + low, 12 + low], map, affine[1]);
                    }
                }
                if let Some(map) = work.before[0] {
                    if wanted[0] && let Some(input) = input {
                        let rows = two::load(simd, input, group, lane, &corners);
                        for high in 0..4 {
                            correlate::<S>(&back, &rows, [4 * high, 4 * high + 1, 4 * high + 2, 4 * high + 3], &mut sums[0]);
                        }
                    }
                    for high in 0..4 {
                        transposed(simd, &mut back, [4 * high, 4 * high + 1, 4 * high + 2, 4 * high + 3], map, affine[0]);
                    }
                }
                for row in 0..16 {
                    lambda.store_at::<S>(8 * ((group ^ corners[row]) + lane), back[row]);
                }
            }
        }
    });
    for digit in 0..2 {
        if wanted[digit] && map.before[digit] != NONE {
            for (entry, sum) in slopes.maps[map.before[digit] as usize][4..].iter_mut().zip(sums[digit]) {
                *entry += total(sum);
            }
        }
    }
    if wanted[2] {
        slopes.turns[map.turn as usize] += total(slope);
    }
}

/// The sum of the lanes, in order.
#[inline(always)]
fn total<S: Simd, W: SimdBase<S, Element = f64>>(sum: W) -> f64 {
    let mut lanes = [0.0; 8];
    sum.store_slice(&mut lanes[..W::LEN]);
    lanes[..W::LEN].iter().sum()
}

/// Adds products of the adjoint's rows 1 to 3 with all four rows of the input.
#[inline(always)]
fn correlate<S: Simd>(back: &[V<S>; 16], rows: &[V<S>; 16], at: [usize; 4], sums: &mut [V<S>; 12]) {
    for row in 1..4 {
        for column in 0..4 {
            let sum = &mut sums[4 * (row - 1) + column];
            *sum = back[at[row]].mul_add(rows[at[column]], *sum);
        }
    }
}

/// The transpose of a map of one digit on four rows.
#[inline(always)]
fn transposed<S: Simd>(simd: S, rows: &mut [V<S>; 16], [i, x, y, z]: [usize; 4], map: &Four, affine: bool) {
    let mut turned = *map;
    for row in 1..4 {
        for column in 1..4 {
            turned[4 * row + column] = map[4 * column + row];
        }
    }
    (turned[4], turned[8], turned[12]) = (0.0, 0.0, 0.0);
    if affine {
        let old = [rows[x], rows[y], rows[z]];
        for (value, at) in old.into_iter().zip([4, 8, 12]) {
            rows[i] = value.mul_add(V::<S>::splat(simd, map[at]), rows[i]);
        }
    }
    one(simd, rows, [i, x, y, z], &turned, false);
}

/// The product of one-qubit states differentiated by each of them, highest digit first: contracts an adjoint that lies as
/// before the steps with the product itself, and destroys it.
pub(crate) fn product_slopes(
    level: Level,
    states: &[[f64; 4]],
    product: &[f64],
    adjoint: &mut [f64],
    mut each: impl FnMut(usize, [f64; 4]),
) {
    assert!(product.len() == adjoint.len() && adjoint.len() == 1 << (2 * states.len()));
    // traces are 1: the start of the product is the product of the lower states
    for (digit, state) in states.iter().enumerate().skip(2).rev() {
        each(digit, dispatch!(level, simd => contract(simd, 1 << (2 * digit), state, product, adjoint)));
    }
    for (digit, state) in states.iter().enumerate().take(2).rev() {
        let stride = 1 << (2 * digit);
        let mut slope = [0.0; 4];
        for (row, slope) in slope.iter_mut().enumerate() {
            *slope = (0..stride).map(|index| adjoint[row * stride + index] * product[index]).sum();
        }
        each(digit, slope);
        for index in 0..stride {
            adjoint[index] = (0..4).map(|row| state[row] * adjoint[row * stride + index]).sum();
        }
    }
}

/// Contracts the highest digit of an adjoint with its state; what the lower digits make of each of its values is returned.
#[inline(always)]
fn contract<S: Simd>(simd: S, stride: usize, state: &[f64; 4], product: &[f64], adjoint: &mut [f64]) -> [f64; 4] {
    let mut sums = [V::<S>::splat(simd, 0.0); 4];
    let width = lanes::<S, f64>();
    for index in (0..stride).step_by(GROUP) {
        for lane in (0..GROUP).step_by(width) {
            let start = place(index) + lane;
            let low = V::<S>::from_slice(simd, &product[start..start + width]);
            let mut new = V::<S>::splat(simd, 0.0);
            for row in 0..4 {
                let at = place(index + row * stride) + lane;
                let value = V::<S>::from_slice(simd, &adjoint[at..at + width]);
                sums[row] = value.mul_add(low, sums[row]);
                new = value.mul_add(V::<S>::splat(simd, state[row]), new);
            }
            new.store_slice(&mut adjoint[start..start + width]);
        }
    }
    let mut slope = [0.0; 4];
    for row in 0..4 {
        slope[row] = total(sums[row]);
    }
    slope
}
