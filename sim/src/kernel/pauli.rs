//! Maps of Pauli coefficients: one digit, two digits, products of Paulis.
//!
//! Index digit `q` (base 4, order I X Y Z) belongs to qubit `q`; the digit's stride is `4^q`. Rows of a map are runs of one stride: whole
//! vectors from digit 2 on, four lanes for digit 1; for digit 0 four groups are transposed on the way.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch, f64x4};

/// A map of two digits that sends every product of Paulis to one product.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signed {
    /// Where entry `low + 4 high` goes.
    pub(crate) image: [u8; 16],
    /// What it is multiplied by.
    pub(crate) factor: [f64; 16],
}

/// Applies a row-major 4 by 4 matrix to a digit.
pub(crate) fn one(level: Level, values: &mut [f64], qubit: usize, matrix: &[f64; 16]) {
    dispatch!(level, simd => one_in(simd, values, qubit, matrix));
}

/// Applies a signed permutation to two digits, `low < high`.
pub(crate) fn signed(level: Level, values: &mut [f64], low: usize, high: usize, map: &Signed) {
    dispatch!(level, simd => two_in(simd, values, low, high, &Permute(map)));
}

/// Applies a row-major 16 by 16 matrix to two digits, `low < high`.
pub(crate) fn two(level: Level, values: &mut [f64], low: usize, high: usize, matrix: &[f64; 256]) {
    dispatch!(level, simd => two_in(simd, values, low, high, &Dense(matrix)));
}

#[inline(always)]
fn one_in<S: Simd>(simd: S, values: &mut [f64], qubit: usize, matrix: &[f64; 16]) {
    match qubit {
        0 if values.len() >= 16 => {
            for block in values.chunks_exact_mut(16) {
                let rows = load_four(simd, block);
                store_four(turn(simd, rows, matrix), block);
            }
        }
        0 => {
            let old = [values[0], values[1], values[2], values[3]];
            for (row, value) in values.iter_mut().enumerate() {
                *value = (0..4).map(|k| matrix[4 * row + k] * old[k]).sum();
            }
        }
        1 => sweep::<S, f64x4<S>>(simd, values, 4, matrix),
        _ => sweep::<S, S::f64s>(simd, values, 1 << (2 * qubit), matrix),
    }
}

/// Four groups of four numbers, transposed: the first vector holds the first number of each group.
#[inline(always)]
fn load_four<S: Simd>(simd: S, from: &[f64]) -> [f64x4<S>; 4] {
    let group = |k: usize| f64x4::from_slice(simd, &from[4 * k..4 * k + 4]);
    let (even, odd) = group(0).deinterleave(group(1));
    let (even_behind, odd_behind) = group(2).deinterleave(group(3));
    let ((i, y), (x, z)) = (even.deinterleave(even_behind), odd.deinterleave(odd_behind));
    [i, x, y, z]
}

/// The inverse of [`load_four`].
#[inline(always)]
fn store_four<S: Simd>([i, x, y, z]: [f64x4<S>; 4], to: &mut [f64]) {
    let ((even, even_behind), (odd, odd_behind)) = (i.interleave(y), x.interleave(z));
    let ((first, second), (third, fourth)) = (even.interleave(odd), even_behind.interleave(odd_behind));
    for (group, chunk) in [first, second, third, fourth].into_iter().zip(to.chunks_exact_mut(4)) {
        group.store_slice(chunk);
    }
}

#[inline(always)]
fn sweep<S: Simd, V: SimdFloat<S, Element = f64>>(simd: S, values: &mut [f64], stride: usize, matrix: &[f64; 16]) {
    for block in values.chunks_exact_mut(4 * stride) {
        let (i, rest) = block.split_at_mut(stride);
        let (x, rest) = rest.split_at_mut(stride);
        let (y, z) = rest.split_at_mut(stride);
        let rows = i.chunks_exact_mut(V::LEN).zip(x.chunks_exact_mut(V::LEN));
        for ((i, x), (y, z)) in rows.zip(y.chunks_exact_mut(V::LEN).zip(z.chunks_exact_mut(V::LEN))) {
            let old = [V::from_slice(simd, i), V::from_slice(simd, x), V::from_slice(simd, y), V::from_slice(simd, z)];
            let new = turn(simd, old, matrix);
            for (row, to) in new.into_iter().zip([i, x, y, z]) {
                row.store_slice(to);
            }
        }
    }
}

#[inline(always)]
fn turn<S: Simd, V: SimdFloat<S, Element = f64>>(simd: S, old: [V; 4], matrix: &[f64; 16]) -> [V; 4] {
    let entry = |row: usize, column: usize| V::splat(simd, matrix[4 * row + column]);
    let row = |row: usize| {
        let sum = old[1] * entry(row, 1);
        let sum = old[2].mul_add(entry(row, 2), sum);
        old[3].mul_add(entry(row, 3), sum)
    };
    // a channel keeps the first row 1, 0, 0, 0
    let affine = matrix[4] != 0.0 || matrix[8] != 0.0 || matrix[12] != 0.0;
    if affine {
        [old[0], old[0].mul_add(entry(1, 0), row(1)), old[0].mul_add(entry(2, 0), row(2)), old[0].mul_add(entry(3, 0), row(3))]
    } else {
        [old[0], row(1), row(2), row(3)]
    }
}

/// What happens to sixteen rows.
trait Two {
    fn apply<S: Simd, V: SimdFloat<S, Element = f64>>(&self, simd: S, rows: &mut [V; 16]);
}

struct Permute<'a>(&'a Signed);

impl Two for Permute<'_> {
    #[inline(always)]
    fn apply<S: Simd, V: SimdFloat<S, Element = f64>>(&self, simd: S, rows: &mut [V; 16]) {
        let old = *rows;
        for (from, row) in old.into_iter().enumerate() {
            rows[usize::from(self.0.image[from] & 15)] = row * V::splat(simd, self.0.factor[from]);
        }
    }
}

struct Dense<'a>(&'a [f64; 256]);

impl Two for Dense<'_> {
    #[inline(always)]
    fn apply<S: Simd, V: SimdFloat<S, Element = f64>>(&self, simd: S, rows: &mut [V; 16]) {
        let old = *rows;
        for (row, entries) in rows.iter_mut().zip(self.0.chunks_exact(16)) {
            let mut sum = old[0] * V::splat(simd, entries[0]);
            for (value, &entry) in old[1..].iter().zip(&entries[1..]) {
                sum = value.mul_add(V::splat(simd, entry), sum);
            }
            *row = sum;
        }
    }
}

#[inline(always)]
fn two_in<S: Simd, M: Two>(simd: S, values: &mut [f64], low: usize, high: usize, map: &M) {
    let (small, large) = (1usize << (2 * low), 1usize << (2 * high));
    match low {
        0 if values.len() >= 64 => lowest(simd, values, large, map),
        0 => {
            // two qubits in all: sixteen numbers, each a row of one lane repeated
            let mut rows: [f64x4<S>; 16] = std::array::from_fn(|k| f64x4::splat(simd, values[k]));
            map.apply(simd, &mut rows);
            let mut lanes = [0.0; 4];
            for (value, row) in values.iter_mut().zip(rows) {
                row.store_slice(&mut lanes);
                *value = lanes[0];
            }
        }
        1 => pairs::<S, f64x4<S>, M>(simd, values, small, large, map),
        _ => pairs::<S, S::f64s, M>(simd, values, small, large, map),
    }
}

#[inline(always)]
fn pairs<S: Simd, V: SimdFloat<S, Element = f64>, M: Two>(simd: S, values: &mut [f64], small: usize, large: usize, map: &M) {
    for outer in values.chunks_exact_mut(4 * large) {
        for middle in (0..large).step_by(4 * small) {
            for inner in (0..small).step_by(V::LEN) {
                let at = |row: usize| (row >> 2) * large + middle + (row & 3) * small + inner;
                let mut rows: [V; 16] = std::array::from_fn(|row| V::from_slice(simd, &outer[at(row)..at(row) + V::LEN]));
                map.apply(simd, &mut rows);
                for (row, vector) in rows.into_iter().enumerate() {
                    vector.store_slice(&mut outer[at(row)..at(row) + V::LEN]);
                }
            }
        }
    }
}

/// The low digit is 0: four groups of four are transposed for every value of the high digit.
#[inline(always)]
fn lowest<S: Simd, M: Two>(simd: S, values: &mut [f64], large: usize, map: &M) {
    // groups lie behind one another; with the high digit right above, they are sixteen apart
    let groups = if large == 4 { 16 } else { 4 };
    let (step, length) = if large == 4 { (64, 64) } else { (16, large) };
    let outer_length = if large == 4 { 64 } else { 4 * large };
    for outer in values.chunks_exact_mut(outer_length) {
        for middle in (0..length).step_by(step) {
            let mut buffer = [0.0; 16];
            let mut rows = [f64x4::splat(simd, 0.0); 16];
            for h in 0..4 {
                for group in 0..4 {
                    let at = h * large + middle + group * groups;
                    buffer[4 * group..4 * group + 4].copy_from_slice(&outer[at..at + 4]);
                }
                rows[4 * h..4 * h + 4].copy_from_slice(&load_four(simd, &buffer));
            }
            map.apply(simd, &mut rows);
            for h in 0..4 {
                let four = [rows[4 * h], rows[4 * h + 1], rows[4 * h + 2], rows[4 * h + 3]];
                store_four(four, &mut buffer);
                for group in 0..4 {
                    let at = h * large + middle + group * groups;
                    outer[at..at + 4].copy_from_slice(&buffer[4 * group..4 * group + 4]);
                }
            }
        }
    }
}

/// Applies a dense row-major matrix to any digits, the first least significant; plain, for the few maps of three digits and more.
pub(crate) fn many(values: &mut [f64], qubits: &[usize], matrix: &[f64]) {
    let size = 1 << (2 * qubits.len());
    let mask: usize = qubits.iter().map(|q| 3 << (2 * q)).sum();
    let offsets: Vec<usize> =
        (0..size).map(|local| qubits.iter().enumerate().map(|(k, q)| (local >> (2 * k) & 3) << (2 * q)).sum()).collect();
    let mut old = vec![0.0; size];
    for rest in (0..values.len()).filter(|index| index & mask == 0) {
        for (old, offset) in old.iter_mut().zip(&offsets) {
            *old = values[rest | offset];
        }
        for (row, offset) in matrix.chunks_exact(size).zip(&offsets) {
            values[rest | offset] = row.iter().zip(&old).map(|(a, b)| a * b).sum();
        }
    }
}
