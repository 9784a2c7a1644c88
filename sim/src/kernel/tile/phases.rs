//! A layer of phases on a tile: factors built row by row from small tables.
//!
//! A logical vector index is a row and an offset. The phase of a parity over (lanes and offsets) x (row) x
//! (outside) is, on a row, a phase of the inner parity whose angle has the sign of the others, and a constant; the
//! angles of all rows come from one Walsh-Hadamard transform.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat};

use crate::kernel::sincos::cosines_and_sines;
use crate::kernel::vector::{Vector, View, odd, selected_odd};
use crate::plan::{Diagonal, Member};
use crate::real::Real;

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
    groups: Vec<Table<T>>,
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
        let groups = diagonal.groups.iter().map(|group| {
            let mut table = Table::new(diagonal.row_bits, 1.0);
            for member in &group.members {
                let phi = constant(member);
                table.add(member.row, member.outside, phi);
            }
            table.finish(level);
            table
        });
        let groups = groups.collect();
        rows.finish(level);
        Self { rows, groups }
    }
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

#[inline(always)]
fn times<T: Real>(a: [T; 2], b: [T; 2]) -> [T; 2] {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

/// Multiplies the tile by the phases.
#[inline(always)]
pub(super) fn multiply<S: Simd, T: Real>(
    simd: S,
    (re, im): (View<T>, View<T>),
    diagonal: &Diagonal,
    numbers: &Phases<T>,
    outside: u64,
    scratch: &mut Scratch<T>,
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let Scratch { pairs, rows, groups, shifts } = scratch;
            groups.resize(numbers.groups.len(), Vec::new());
            shifts.clear();
            shifts.extend(numbers.groups.iter().map(|table| table.shift(outside)));
            let row_shift = numbers.rows.shift(outside);
            let rows = numbers.rows.values(simd, outside, pairs, rows);
            for (table, buffer) in numbers.groups.iter().zip(groups.iter_mut()) {
                let _ = table.values(simd, outside, pairs, buffer);
            }
            let value = |group: usize, row: usize| {
                let table = &numbers.groups[group];
                let values = if table.mixed.is_empty() { &table.values } else { &groups[group] };
                times(values[row], shifts[group])
            };
            let splat = |[a, b]: [T; 2]| (Vector::<S, T>::splat(simd, a), Vector::<S, T>::splat(simd, b));
            let one = splat([T::from_f64(1.0), T::default()]);
            let count = 1 << diagonal.inner_bits;
            for (row, &base) in diagonal.addresses.bases.iter().enumerate() {
                let mut factors = [one; 1 << OFFSETS];
                factors[0] = splat(times(rows[row], row_shift));
                for (index, group) in diagonal.groups.iter().enumerate().filter(|(_, group)| group.offsets == 0) {
                    factors[0] = product::<S, T>(factors[0], on_odd(simd, group.lanes, false, value(index, row)));
                }
                for bit in 0..diagonal.inner_bits {
                    let half = 1 << bit;
                    let single = diagonal.groups.iter().position(|group| group.lanes == 0 && group.offsets == half);
                    match single {
                        Some(index) => {
                            let factor = splat(value(index, row));
                            for k in 0..half {
                                factors[half + k] = product::<S, T>(factors[k], factor);
                            }
                        }
                        None => {
                            for k in 0..half {
                                factors[half + k] = factors[k];
                            }
                        }
                    }
                }
                for (index, group) in diagonal.groups.iter().enumerate() {
                    if group.offsets == 0 || (group.lanes == 0 && group.offsets.is_power_of_two()) {
                        continue;
                    }
                    let number = value(index, row);
                    let [even, uneven] = [false, true].map(|flipped| on_odd::<S, T>(simd, group.lanes, flipped, number));
                    for (k, factor) in factors.iter_mut().enumerate().take(count) {
                        *factor = product::<S, T>(*factor, if odd(k & group.offsets) { uneven } else { even });
                    }
                }
                for (factor, &offset) in factors.iter().zip(&diagonal.addresses.offsets) {
                    let place = (base ^ offset) as usize;
                    // SAFETY: addresses of a tile are below its number of vectors.
                    unsafe {
                        let new = product::<S, T>((re.load(simd, place), im.load(simd, place)), *factor);
                        re.store::<S>(place, new.0);
                        im.store::<S>(place, new.1);
                    }
                }
            }
        },
    );
}

/// The number in lanes of odd parity (even where flipped), one in the others.
#[inline(always)]
fn on_odd<S: Simd, T: Real>(simd: S, lanes: usize, flipped: bool, number: [T; 2]) -> Pair<S, T> {
    let one = T::from_f64(1.0);
    let chosen = selected_odd::<S, T>(simd, lanes, flipped);
    (chosen.mul_add(Vector::<S, T>::splat(simd, number[0] - one), Vector::<S, T>::splat(simd, one)), chosen * number[1])
}
