//! A layer of phases on a tile: factors built row by row from small tables.
//!
//! A logical vector index is a row and an offset. The phase of a parity over (lanes and offsets) x (row) x
//! (outside) is, on a row, a phase of the inner parity whose angle has the sign of the others, and a constant; the
//! angles of all rows come from one Walsh-Hadamard transform.

use std::ops::{Add, Sub};

use fearless_simd::{Level, Simd, SimdBase, SimdFloat};

use super::pass::{Diagonal, Member};
use crate::kernel::Real;
use crate::kernel::sincos::cosines_and_sines;
use crate::kernel::vector::{Vector, View, align_frame, lanes, odd, opaque, selected_odd};

/// Most offset bits.
const OFFSETS: usize = 4;

/// Factors `scale e^{i angle}` for every row, some known only with the tile.
#[derive(Debug, Default)]
struct Table<T> {
    /// Angles that do not depend on the tile.
    angles: Vec<f64>,
    /// Rows and outside qubits of signs, and coefficients, where both are there.
    mixed: Vec<(usize, u64, f64)>,
    /// Outside qubits of signs and coefficients of angles that all rows share.
    shifts: Vec<(u64, f64)>,
    scale: f64,
    values: Vec<[T; 2]>,
}

impl<T: Real> Table<T> {
    fn new(row_bits: usize, scale: f64) -> Self {
        Self { angles: vec![0.0; 1 << row_bits], mixed: Vec::new(), shifts: Vec::new(), scale, values: Vec::new() }
    }

    /// Adds `coefficient * sigma_row * sigma_outside`.
    fn add(&mut self, row: usize, outside: u64, coefficient: f64) {
        match (row, outside) {
            (row, 0) => self.angles[row] += coefficient,
            (0, outside) => self.shifts.push((outside, coefficient)),
            (row, outside) => self.mixed.push((row, outside, coefficient)),
        }
    }

    /// The transform, and the values where they do not depend on the tile.
    fn finish(&mut self, level: Level) {
        transform(&mut self.angles);
        if self.mixed.is_empty() {
            let mut pairs: Vec<[f64; 2]> = self.angles.iter().map(|&angle| [angle, 0.0]).collect();
            cosines_and_sines(level, &mut pairs);
            self.values = pairs.iter().map(|pair| pair.map(|part| T::from_f64(self.scale * part))).collect();
        }
    }

    /// The factor that all rows share on this tile.
    fn shift(&self, outside: u64) -> [T; 2] {
        let angle: f64 = self.shifts.iter().map(|&(mask, c)| if odd((mask & outside) as usize) { -c } else { c }).sum();
        let (sine, cosine) = angle.sin_cos();
        [T::from_f64(cosine), T::from_f64(sine)]
    }

    /// The values on this tile, made in `scratch` where they depend on it.
    #[inline(always)]
    fn values<'a, S: Simd>(
        &'a self,
        simd: S,
        outside: u64,
        scratch: &mut Vec<[f64; 2]>,
        out: &'a mut Vec<[T; 2]>,
    ) -> &'a [[T; 2]] {
        if self.mixed.is_empty() {
            return &self.values;
        }
        let mut angles = vec![0.0; self.angles.len()];
        for &(row, mask, coefficient) in &self.mixed {
            angles[row] += if odd((mask & outside) as usize) { -coefficient } else { coefficient };
        }
        transform(&mut angles);
        scratch.clear();
        scratch.extend(angles.iter().zip(&self.angles).map(|(a, b)| [a + b, 0.0]));
        crate::kernel::sincos::in_place(simd, scratch);
        out.clear();
        out.extend(scratch.iter().map(|pair| pair.map(|part| T::from_f64(self.scale * part))));
        out
    }
}

/// `out[h] = sum_r (-1)^{|h & r|} in[r]`, in place.
fn transform(values: &mut [f64]) {
    let mut half = 1;
    while half < values.len() {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

/// The numbers of a layer of phases.
#[derive(Debug)]
pub(super) struct Phases<T> {
    rows: Table<T>,
    /// Tables of the groups that are not the same on all rows and tiles.
    groups: Vec<Table<T>>,
    /// Where they are among the groups: the first on lanes alone, then those on single offset bits, then others.
    varying: Vec<usize>,
    lane_groups: usize,
    singles: [Option<usize>; OFFSETS],
    others: std::ops::Range<usize>,
    /// Factors of the other groups, by offset: three numbers ([`by_three`]) for each lane; none where all are one.
    constant: Vec<T>,
}

impl<T: Real> Phases<T> {
    pub(super) fn new(level: Level, diagonal: &Diagonal, angles: &[f64], scale: f64, angle: f64) -> Self {
        let mut rows = Table::new(diagonal.row_bits, scale);
        rows.angles[0] += angle;
        let mut constant = |member: &Member| {
            // phi where odd: phi/2 (1 - sigma)
            let phi = member.angle.value(angles);
            rows.angles[0] += 0.5 * phi;
            rows.add(member.row, member.outside, -0.5 * phi);
            phi
        };
        diagonal.rows.iter().for_each(|member| {
            constant(member);
        });
        let lanes = 1usize << diagonal.lane_bits;
        let mut inner = vec![0.0; lanes << diagonal.inner_bits];
        let (mut groups, mut varying) = (Vec::new(), Vec::new());
        for (index, group) in diagonal.groups.iter().enumerate() {
            if group.members.iter().all(|member| member.row == 0 && member.outside == 0) {
                for member in &group.members {
                    let phi = member.angle.value(angles);
                    inner[0] += 0.5 * phi;
                    inner[group.lanes | group.offsets << diagonal.lane_bits] -= 0.5 * phi;
                }
                continue;
            }
            let mut table = Table::new(diagonal.row_bits, 1.0);
            for member in &group.members {
                let phi = constant(member);
                table.add(member.row, member.outside, phi);
            }
            table.finish(level);
            groups.push(table);
            varying.push(index);
        }
        rows.finish(level);
        let kind = |index: &usize| {
            let group = &diagonal.groups[*index];
            (group.offsets == 0, group.lanes == 0 && group.offsets.is_power_of_two())
        };
        let lane_groups = varying.iter().filter(|index| kind(index).0).count();
        let mut singles = [None; OFFSETS];
        let mut others = groups.len()..groups.len();
        for (position, index) in varying.iter().enumerate().skip(lane_groups) {
            if kind(index).1 {
                singles[diagonal.groups[*index].offsets.trailing_zeros() as usize] = Some(position);
            } else {
                others.start = others.start.min(position);
            }
        }
        Self { rows, groups, varying, lane_groups, singles, others, constant: constant_factors(level, inner, lanes) }
    }
}

/// `e^{i angle}` by lane and offset, or nothing where no angle is there.
fn constant_factors<T: Real>(level: Level, mut angles: Vec<f64>, lanes: usize) -> Vec<T> {
    if angles.iter().all(|angle| *angle == 0.0) {
        return Vec::new();
    }
    transform(&mut angles);
    let mut pairs: Vec<[f64; 2]> = angles.iter().map(|&angle| [angle, 0.0]).collect();
    cosines_and_sines(level, &mut pairs);
    let mut factors = Vec::with_capacity(3 * pairs.len());
    for offset in pairs.chunks_exact(lanes) {
        for part in 0..3 {
            factors.extend(offset.iter().map(|&pair| T::from_f64(by_three(pair)[part])));
        }
    }
    factors
}

/// Of `c + i d` the numbers `c`, `c + d` and `d - c`, by which a product takes three multiplications.
#[inline(always)]
fn by_three<N: Copy + Add<Output = N> + Sub<Output = N>>([c, d]: [N; 2]) -> [N; 3] {
    [c, c + d, d - c]
}

/// Buffers for values that depend on the tile.
#[derive(Debug, Default)]
pub(crate) struct Scratch<T> {
    pairs: Vec<[f64; 2]>,
    rows: Vec<[T; 2]>,
    groups: Vec<Vec<[T; 2]>>,
    shifts: Vec<[T; 2]>,
}

type Pair<S, T> = (Vector<S, T>, Vector<S, T>);

#[inline(always)]
fn product<S: Simd, T: Real>(a: Pair<S, T>, b: Pair<S, T>) -> Pair<S, T> {
    ((-a.1).mul_add(b.1, a.0 * b.0), a.0.mul_add(b.1, a.1 * b.0))
}

/// The product with the number of these three.
#[inline(always)]
fn product_by_three<S: Simd, T: Real>((x, y): Pair<S, T>, [c, plus, minus]: [Vector<S, T>; 3]) -> Pair<S, T> {
    let both = (x + y) * c;
    ((-y).mul_add(plus, both), x.mul_add(minus, both))
}

#[inline(always)]
fn times<T: Real>(a: [T; 2], b: [T; 2]) -> [T; 2] {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

/// Multiplies the tile by the phases.
#[inline(always)]
pub(super) fn multiply<S: Simd, T: Real>(
    simd: S,
    planes: (View<T>, View<T>),
    diagonal: &Diagonal,
    numbers: &Phases<T>,
    outside: u64,
    scratch: &mut Scratch<T>,
) {
    simd.vectorize(
        #[inline(always)]
        || {
            align_frame();
            let planes = planes;
            let Scratch { pairs, rows, groups, shifts } = scratch;
            if groups.len() < numbers.groups.len() {
                groups.resize(numbers.groups.len(), Vec::new());
            }
            shifts.clear();
            let rows = numbers.rows.values(simd, outside, pairs, rows);
            for (table, buffer) in numbers.groups.iter().zip(groups.iter_mut()) {
                shifts.push(table.shift(outside));
                let _ = table.values(simd, outside, pairs, buffer);
            }
            let tables = Tables { numbers, groups, shifts };
            by_rows(simd, planes, diagonal, rows, numbers.rows.shift(outside), &tables);
        },
    );
}

/// The values of all groups on one tile.
struct Tables<'a, T> {
    numbers: &'a Phases<T>,
    groups: &'a [Vec<[T; 2]>],
    shifts: &'a [[T; 2]],
}

impl<T: Real> Tables<'_, T> {
    #[inline(always)]
    fn value(&self, group: usize, row: usize) -> [T; 2] {
        let table = &self.numbers.groups[group];
        let values = if table.mixed.is_empty() { &table.values } else { &self.groups[group] };
        if table.shifts.is_empty() { values[row] } else { times(values[row], self.shifts[group]) }
    }
}

#[inline(always)]
fn splat<S: Simd, T: Real>(simd: S, [a, b]: [T; 2]) -> Pair<S, T> {
    (Vector::<S, T>::splat(simd, a), Vector::<S, T>::splat(simd, b))
}

#[inline(always)]
fn by_rows<S: Simd, T: Real>(
    simd: S,
    (re, im): (View<T>, View<T>),
    diagonal: &Diagonal,
    rows: &[[T; 2]],
    row_shift: [T; 2],
    tables: &Tables<'_, T>,
) {
    match diagonal.inner_bits {
        4 => rows_of::<S, T, 16>(simd, (re, im), diagonal, rows, row_shift, tables),
        3 => rows_of::<S, T, 8>(simd, (re, im), diagonal, rows, row_shift, tables),
        2 => rows_of::<S, T, 4>(simd, (re, im), diagonal, rows, row_shift, tables),
        1 => rows_of::<S, T, 2>(simd, (re, im), diagonal, rows, row_shift, tables),
        bits => unreachable!("a layer has one to four offset bits, not {bits}"),
    }
}

#[inline(always)]
fn rows_of<S: Simd, T: Real, const N: usize>(
    simd: S,
    (re, im): (View<T>, View<T>),
    diagonal: &Diagonal,
    rows: &[[T; 2]],
    row_shift: [T; 2],
    tables: &Tables<'_, T>,
) {
    let numbers = tables.numbers;
    let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
    let mut offsets = [0usize; N];
    for (to, from) in offsets.iter_mut().zip(&diagonal.addresses.offsets) {
        *to = (*from as usize) << shift;
    }
    let one = splat::<S, T>(simd, [T::from_f64(1.0), T::default()]);
    let mut constant = [by_three([one.0, one.1]); N];
    let lanes = lanes::<S, T>();
    for (numbers, parts) in constant.iter_mut().zip(numbers.constant.chunks_exact(3 * lanes)) {
        *numbers = std::array::from_fn(|part| Vector::<S, T>::from_slice(simd, &parts[part * lanes..(part + 1) * lanes]));
    }
    let has_constant = !numbers.constant.is_empty();
    let three = |number: [T; 2]| by_three(number).map(|part| Vector::<S, T>::splat(simd, part));
    if numbers.groups.is_empty() {
        for (row, &base) in diagonal.addresses.bases.iter().enumerate() {
            let factor = three(times(rows[row], row_shift));
            for k in 0..N {
                let place = opaque(((base as usize) << shift) ^ offsets[k]);
                let value = load_at(simd, (re, im), place);
                let value = if has_constant { product_by_three::<S, T>(value, constant[k]) } else { value };
                store_at::<S, T>((re, im), place, product_by_three::<S, T>(value, factor));
            }
        }
        return;
    }
    for (row, &base) in diagonal.addresses.bases.iter().enumerate() {
        let mut factors = [one; N];
        factors[0] = splat::<S, T>(simd, times(rows[row], row_shift));
        for position in 0..numbers.lane_groups {
            let lanes = diagonal.groups[numbers.varying[position]].lanes;
            factors[0] = product::<S, T>(factors[0], on_odd::<S, T>(simd, lanes, false, tables.value(position, row)));
        }
        let mut half = 1;
        let mut bit = 0;
        while half < N {
            match numbers.singles[bit] {
                Some(position) => {
                    let factor = three(tables.value(position, row));
                    for k in 0..half {
                        factors[half + k] = product_by_three::<S, T>(factors[k], factor);
                    }
                }
                None => {
                    for k in 0..half {
                        factors[half + k] = factors[k];
                    }
                }
            }
            bit += 1;
            half *= 2;
        }
        for position in numbers.others.clone() {
            let group = &diagonal.groups[numbers.varying[position]];
            let number = tables.value(position, row);
            let [even, uneven] = [false, true].map(|flipped| {
                let (x, y) = on_odd::<S, T>(simd, group.lanes, flipped, number);
                by_three([x, y])
            });
            for k in 0..N {
                factors[k] = product_by_three::<S, T>(factors[k], if odd(k & group.offsets) { uneven } else { even });
            }
        }
        for k in 0..N {
            let place = opaque(((base as usize) << shift) ^ offsets[k]);
            let value = load_at(simd, (re, im), place);
            let value = if has_constant { product_by_three::<S, T>(value, constant[k]) } else { value };
            store_at::<S, T>((re, im), place, product::<S, T>(value, factors[k]));
        }
    }
}

/// The vectors at a place of the tile.
#[inline(always)]
fn load_at<S: Simd, T: Real>(simd: S, (re, im): (View<T>, View<T>), place: usize) -> Pair<S, T> {
    // SAFETY: addresses of a tile are below its number of vectors.
    unsafe { (re.load_at(simd, place), im.load_at(simd, place)) }
}

/// Writes the vectors at a place of the tile.
#[inline(always)]
fn store_at<S: Simd, T: Real>((re, im): (View<T>, View<T>), place: usize, value: Pair<S, T>) {
    // SAFETY: as in `load_at`.
    unsafe {
        re.store_at::<S>(place, value.0);
        im.store_at::<S>(place, value.1);
    }
}

/// The number in lanes of odd parity (even where flipped), one in the others.
#[inline(always)]
fn on_odd<S: Simd, T: Real>(simd: S, lanes: usize, flipped: bool, number: [T; 2]) -> Pair<S, T> {
    let one = T::from_f64(1.0);
    let chosen = selected_odd::<S, T>(simd, lanes, flipped);
    (chosen.mul_add(Vector::<S, T>::splat(simd, number[0] - one), Vector::<S, T>::splat(simd, one)), chosen * number[1])
}
