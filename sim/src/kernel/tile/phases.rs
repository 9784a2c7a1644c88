//! A layer of phases on a tile: factors built row by row from small tables.
//!
//! A logical vector index is a row and an offset. The phase of a parity over (lanes and offsets) x (row) x
//! (outside) is, on a row, a phase of the inner parity whose angle has the sign of the others, and a constant; the
//! angles of all rows come from one Walsh-Hadamard transform.

use std::ops::{Add, Sub};

use fearless_simd::{Level, Simd, SimdBase, SimdFloat};

use super::pass::{Diagonal, Member};
use crate::kernel::Real;
use crate::kernel::sincos;
use crate::kernel::vector::{Vector, View, align_frame, lanes, odd, opaque, selected_odd};

/// What the angles of a table depend on besides the row.
#[derive(Clone, Debug, Default)]
struct Signs {
    /// Rows and outside qubits of signs, and coefficients, where both are there.
    mixed: Vec<(usize, u64, f64)>,
    /// Outside qubits of signs and coefficients of angles that all rows share.
    shifts: Vec<(u64, f64)>,
}

impl Signs {
    /// The factor that all rows share on this tile.
    fn shift<T: Real>(&self, outside: u64) -> [T; 2] {
        let angle: f64 = self.shifts.iter().map(|&(mask, c)| if odd((mask & outside) as usize) { -c } else { c }).sum();
        let (sine, cosine) = angle.sin_cos();
        [T::from_f64(cosine), T::from_f64(sine)]
    }
}

/// `out[h] = sum_r (-1)^{|h & r|} in[r]`, in place.
#[inline(always)]
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

/// Numbers of the layers of phases of a pass.
#[derive(Debug)]
pub(super) struct Numbers<T> {
    /// Factors `e^{i angle}` by layer, table and row: a table that all of a layer shares, times its scale, and one for each group.
    values: Vec<[T; 2]>,
    /// By layer and table; none of a layer where nothing depends on the tile.
    signs: Vec<Signs>,
    /// Angles of these layers by table and row, without what depends on the tile.
    angles: Vec<f64>,
    /// Factors of lanes and offsets, by layer and offset: three numbers ([`by_three`]) for each lane; none of a layer where all are one.
    constants: Vec<T>,
}

/// Where the numbers of a layer begin.
#[derive(Debug)]
pub(super) struct Phases {
    values: usize,
    /// Rows of a table.
    rows: usize,
    scale: f64,
    /// Of signs and of angles.
    varying: Option<(usize, usize)>,
    constants: std::ops::Range<usize>,
}

/// Angles, which become cosines, and sines.
#[derive(Debug, Default)]
pub(super) struct Angles {
    pub(super) cosines: Vec<f64>,
    pub(super) sines: Vec<f64>,
}

impl<T: Real> Numbers<T> {
    /// No numbers, and room for those of these layers.
    pub(super) fn with_room<'a>(layers: impl Iterator<Item = &'a Diagonal>) -> Self {
        let (mut values, mut constants) = (0, 0);
        for layer in layers {
            values += (1 + layer.groups.len()) << layer.row_bits;
            constants += if layer.inner.is_empty() { 0 } else { 3 << (layer.lane_bits + layer.inner_bits) };
        }
        Self {
            values: Vec::with_capacity(values),
            constants: Vec::with_capacity(constants),
            signs: Vec::new(),
            angles: Vec::new(),
        }
    }

    /// Adds the numbers of a layer, whose whole is multiplied by a scale and `e^{i angle}`.
    pub(super) fn push(
        &mut self,
        level: Level,
        diagonal: &Diagonal,
        angles: &[f64],
        (scale, angle): (f64, f64),
        buffers: &mut Angles,
    ) -> Phases {
        let (tables, rows) = (1 + diagonal.groups.len(), 1 << diagonal.row_bits);
        let Angles { cosines: sums, sines } = buffers;
        sums.clear();
        sums.resize(tables * rows, 0.0);
        let first = self.signs.len();
        if diagonal.varies {
            self.signs.resize(first + tables, Signs::default());
        }
        sums[0] = angle;
        // Adds `coefficient * sigma_row * sigma_outside`.
        let mut add = |table: usize, member: &Member, coefficient: f64| match (member.row, member.outside) {
            (row, 0) => sums[table * rows + row] += coefficient,
            (0, outside) => self.signs[first + table].shifts.push((outside, coefficient)),
            (row, outside) => self.signs[first + table].mixed.push((row, outside, coefficient)),
        };
        let whole = Member::default();
        let groups = diagonal.groups.iter().enumerate().map(|(index, group)| (1 + index, &group.members));
        for (table, members) in [(0, &diagonal.rows)].into_iter().chain(groups) {
            for member in members {
                // phi where odd: phi/2 (1 - sigma)
                let phi = member.angle.value(angles);
                add(0, &whole, 0.5 * phi);
                add(0, member, -0.5 * phi);
                if table > 0 {
                    add(table, member, phi);
                }
            }
        }
        sums.chunks_exact_mut(rows).for_each(transform);
        let varying = diagonal.varies.then_some((first, self.angles.len()));
        if varying.is_some() {
            self.angles.extend_from_slice(sums);
        }
        sincos::cosines_in_place(level, sums, sines);
        let values = self.values.len();
        let mut pairs = sums.iter().zip(&*sines);
        self.values.extend(pairs.by_ref().take(rows).map(|(&c, &s)| [scale * c, scale * s].map(T::from_f64)));
        self.values.extend(pairs.map(|(&c, &s)| [c, s].map(T::from_f64)));
        Phases { values, rows, scale, varying, constants: self.push_constants(level, diagonal, angles, buffers) }
    }

    /// Adds `e^{i angle}` by lane and offset of the terms on them alone, or nothing where no angle is there.
    fn push_constants(
        &mut self,
        level: Level,
        diagonal: &Diagonal,
        angles: &[f64],
        Angles { cosines: sums, sines }: &mut Angles,
    ) -> std::ops::Range<usize> {
        let first = self.constants.len();
        if diagonal.inner.is_empty() {
            return first..first;
        }
        let lanes = 1usize << diagonal.lane_bits;
        sums.clear();
        sums.resize(lanes << diagonal.inner_bits, 0.0);
        for group in &diagonal.inner {
            for member in &group.members {
                let phi = member.angle.value(angles);
                sums[0] += 0.5 * phi;
                sums[group.lanes | group.offsets << diagonal.lane_bits] -= 0.5 * phi;
            }
        }
        if sums.iter().any(|angle| *angle != 0.0) {
            transform(sums);
            sincos::cosines_in_place(level, sums, sines);
            for (cosines, sines) in sums.chunks_exact(lanes).zip(sines.chunks_exact(lanes)) {
                for part in 0..3 {
                    self.constants.extend(cosines.iter().zip(sines).map(|(&c, &s)| T::from_f64(by_three([c, s])[part])));
                }
            }
        }
        first..self.constants.len()
    }

    /// The signs of a table of a layer.
    fn signs(&self, phases: &Phases, table: usize) -> Option<&Signs> {
        phases.varying.map(|(signs, _)| &self.signs[signs + table])
    }

    /// The factor that all rows of a table share on this tile, where there is one.
    fn shift(&self, phases: &Phases, table: usize, outside: u64) -> Option<[T; 2]> {
        self.signs(phases, table).filter(|signs| !signs.shifts.is_empty()).map(|signs| signs.shift(outside))
    }

    /// The values of a table on this tile, made in `out` where they depend on it.
    #[inline(always)]
    fn values<'a, S: Simd>(
        &'a self,
        simd: S,
        (phases, table): (&Phases, usize),
        outside: u64,
        buffers: &mut Angles,
        out: &'a mut Vec<[T; 2]>,
    ) -> &'a [[T; 2]] {
        let range = |start: usize| start + table * phases.rows..start + (table + 1) * phases.rows;
        let varying = phases.varying.map(|(signs, angles)| (&self.signs[signs + table].mixed, angles));
        let Some((mixed, angles)) = varying.filter(|(mixed, _)| !mixed.is_empty()) else {
            return &self.values[range(phases.values)];
        };
        let Angles { cosines, sines } = buffers;
        cosines.clear();
        cosines.resize(phases.rows, 0.0);
        for &(row, mask, coefficient) in mixed {
            cosines[row] += if odd((mask & outside) as usize) { -coefficient } else { coefficient };
        }
        transform(cosines);
        cosines.iter_mut().zip(&self.angles[range(angles)]).for_each(|(sum, angle)| *sum += angle);
        sines.resize(phases.rows, 0.0);
        sincos::in_place(simd, cosines, sines);
        let scale = if table == 0 { phases.scale } else { 1.0 };
        out.clear();
        out.extend(cosines.iter().zip(&*sines).map(|(&c, &s)| [c * scale, s * scale].map(T::from_f64)));
        out
    }
}

/// Of `c + i d` the numbers `c`, `c + d` and `d - c`, by which a product takes three multiplications.
#[inline(always)]
fn by_three<N: Copy + Add<Output = N> + Sub<Output = N>>([c, d]: [N; 2]) -> [N; 3] {
    [c, c + d, d - c]
}

/// Buffers for values that depend on the tile.
#[derive(Debug, Default)]
pub(crate) struct Scratch<T> {
    angles: Angles,
    rows: Vec<[T; 2]>,
    groups: Vec<Vec<[T; 2]>>,
    shifts: Vec<Option<[T; 2]>>,
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
    (diagonal, phases): (&Diagonal, &Phases),
    numbers: &Numbers<T>,
    outside: u64,
    scratch: &mut Scratch<T>,
) {
    simd.vectorize(
        #[inline(always)]
        || {
            align_frame();
            let planes = planes;
            let Scratch { angles, rows, groups, shifts } = scratch;
            let count = diagonal.groups.len();
            if groups.len() < count {
                groups.resize(count, Vec::new());
            }
            let rows = numbers.values(simd, (phases, 0), outside, angles, rows);
            shifts.clear();
            shifts.extend((0..=count).map(|table| numbers.shift(phases, table, outside)));
            for (index, buffer) in groups[..count].iter_mut().enumerate() {
                let _ = numbers.values(simd, (phases, 1 + index), outside, angles, buffer);
            }
            by_rows(simd, planes, diagonal, rows, &Tables { numbers, phases, groups, shifts });
        },
    );
}

/// The values of all groups on one tile.
struct Tables<'a, T> {
    numbers: &'a Numbers<T>,
    phases: &'a Phases,
    groups: &'a [Vec<[T; 2]>],
    shifts: &'a [Option<[T; 2]>],
}

impl<T: Real> Tables<'_, T> {
    #[inline(always)]
    fn value(&self, group: usize, row: usize) -> [T; 2] {
        let Self { numbers, phases, .. } = self;
        let value = match numbers.signs(phases, 1 + group) {
            Some(signs) if !signs.mixed.is_empty() => self.groups[group][row],
            _ => numbers.values[phases.values + (1 + group) * phases.rows + row],
        };
        self.shifted(1 + group, value)
    }

    /// The value times the factor that all rows of a table share.
    #[inline(always)]
    fn shifted(&self, table: usize, value: [T; 2]) -> [T; 2] {
        self.shifts[table].map_or(value, |shift| times(value, shift))
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
    tables: &Tables<'_, T>,
) {
    match diagonal.inner_bits {
        4 => rows_of::<S, T, 16>(simd, (re, im), diagonal, rows, tables),
        3 => rows_of::<S, T, 8>(simd, (re, im), diagonal, rows, tables),
        2 => rows_of::<S, T, 4>(simd, (re, im), diagonal, rows, tables),
        1 => rows_of::<S, T, 2>(simd, (re, im), diagonal, rows, tables),
        bits => unreachable!("a layer has one to four offset bits, not {bits}"),
    }
}

#[inline(always)]
fn rows_of<S: Simd, T: Real, const N: usize>(
    simd: S,
    (re, im): (View<T>, View<T>),
    diagonal: &Diagonal,
    rows: &[[T; 2]],
    tables: &Tables<'_, T>,
) {
    let constants = &tables.numbers.constants[tables.phases.constants.clone()];
    let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
    let mut offsets = [0usize; N];
    for (to, from) in offsets.iter_mut().zip(&diagonal.addresses.offsets) {
        *to = opaque((*from as usize) << shift);
    }
    let one = splat::<S, T>(simd, [T::from_f64(1.0), T::default()]);
    let mut constant = [by_three([one.0, one.1]); N];
    let lanes = lanes::<S, T>();
    for (numbers, parts) in constant.iter_mut().zip(constants.chunks_exact(3 * lanes)) {
        *numbers = std::array::from_fn(|part| Vector::<S, T>::from_slice(simd, &parts[part * lanes..(part + 1) * lanes]));
    }
    let has_constant = !constants.is_empty();
    let three = |number: [T; 2]| by_three(number).map(|part| Vector::<S, T>::splat(simd, part));
    if diagonal.groups.is_empty() {
        for (row, &base) in diagonal.addresses.bases.iter().enumerate() {
            let factor = three(tables.shifted(0, rows[row]));
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
        factors[0] = splat::<S, T>(simd, tables.shifted(0, rows[row]));
        for index in 0..diagonal.lane_groups {
            let lanes = diagonal.groups[index].lanes;
            factors[0] = product::<S, T>(factors[0], on_odd::<S, T>(simd, lanes, false, tables.value(index, row)));
        }
        let mut half = 1;
        let mut bit = 0;
        while half < N {
            match diagonal.singles[bit] {
                Some(index) => {
                    let factor = three(tables.value(index, row));
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
        for index in diagonal.several..diagonal.groups.len() {
            let group = &diagonal.groups[index];
            let number = tables.value(index, row);
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
