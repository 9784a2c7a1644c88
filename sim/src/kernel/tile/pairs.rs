//! Dense 4 x 4 matrices on two qubits of a tile.
//!
//! With 32 registers the product of `c + i d` with `x + i y` takes three multiplications: `t = c (x + y)`, then `t - (c + d) y` and
//! `t + (d - c) x`; `t` and the sums `x + y` are shared by what they go into. With 16 the sums find no room, and reading more
//! numbers of the matrix costs what the multiplications save: there it takes four.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};
use num_complex::Complex64;
use qloom_circuits::synthesis::magic::{One, Two};

use super::pass::{Addresses, Pair, PairStep};
use crate::kernel::Real;
use crate::kernel::vector::{Vector, View, align_frame, lanes, opaque};

/// By row and column: of `c + i d`, the numbers `c`, `d`, `c + d` and `d - c`.
type Entries<T> = [[[T; 4]; 4]; 4];

/// A matrix on a pair.
#[derive(Debug)]
pub(super) struct Matrix<T>(Entries<T>);

/// What pairs leave to later ones.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) of_qubits: Vec<Alone>,
    /// A factor of the whole state that is real.
    pub(super) size: f64,
}

/// What is left of one qubit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alone {
    pub(super) gate: One,
    /// What amplitudes are to be multiplied by where the qubit is one, before the gate.
    pub(super) size: f64,
}

const NOTHING: Alone = Alone { gate: [[Complex64::ONE, Complex64::ZERO], [Complex64::ZERO, Complex64::ONE]], size: 1.0 };

impl Left {
    pub(super) fn new(num_qubits: usize) -> Self {
        Self { of_qubits: vec![NOTHING; num_qubits], size: 1.0 }
    }
}

/// The angles whose cosines and sines a matrix is made of, in the order in which [`product`] takes them.
pub(super) fn needed(pair: &Pair, angles: &[f64], out: &mut Vec<f64>) {
    out.push(pair.constant.value(angles));
    out.extend(pair.steps.iter().filter_map(|step| match step {
        PairStep::Turn(_, angle) => Some(0.5 * angle.value(angles)),
        PairStep::Phase(_, angle) => Some(angle.value(angles)),
        PairStep::Not(_) | PairStep::Cnot(_) => None,
    }));
}

/// The product of the steps of a pair and the gates left to it, without sizes; `next` gives cosine and sine of the next angle.
pub(super) fn product(level: Level, pair: &Pair, next: impl FnMut() -> Complex64, left: &Left) -> Two {
    dispatch!(level, simd => simd.vectorize(
        #[inline(always)]
        || multiplied(pair, next, left),
    ))
}

#[inline(always)]
fn multiplied(pair: &Pair, mut next: impl FnMut() -> Complex64, left: &Left) -> Two {
    let mut rows = [[Complex64::ZERO; 4]; 4];
    let all = next();
    let [a, b] = pair.qubits.map(|qubit| left.of_qubits[qubit].gate);
    for (row, entries) in rows.iter_mut().enumerate() {
        for (column, entry) in entries.iter_mut().enumerate() {
            *entry = all * a[row & 1][column & 1] * b[row >> 1][column >> 1];
        }
    }
    for step in &pair.steps {
        match step {
            PairStep::Turn(qubit, _) => {
                let Complex64 { re: cosine, im: sine } = next();
                for low in (0..4).filter(|k| k >> qubit & 1 == 0) {
                    let high = low | 1 << qubit;
                    for column in 0..4 {
                        let (a, b) = (rows[low][column], rows[high][column]);
                        rows[low][column] = a * cosine - b * sine;
                        rows[high][column] = a * sine + b * cosine;
                    }
                }
            }
            PairStep::Phase(mask, _) => {
                let factor = next();
                for row in (0usize..4).filter(|k| (k & mask).count_ones() == 1) {
                    rows[row].iter_mut().for_each(|entry| *entry *= factor);
                }
            }
            PairStep::Not(qubit) => {
                for low in (0..4).filter(|k| k >> qubit & 1 == 0) {
                    rows.swap(low, low | 1 << qubit);
                }
            }
            PairStep::Cnot(control) => rows.swap(1 << control, 3),
        }
    }
    rows
}

/// The matrix of a pair from its product, with the sizes left to it.
pub(super) fn matrix<T: Real>(mut rows: Two, pair: &Pair, left: &mut Left) -> Matrix<T> {
    let [a, b] = pair.qubits.map(|qubit| std::mem::replace(&mut left.of_qubits[qubit], NOTHING).size);
    let all = std::mem::replace(&mut left.size, 1.0);
    for row in &mut rows {
        row.iter_mut().zip([all, all * a, all * b, all * a * b]).for_each(|(entry, size)| *entry *= size);
    }
    let numbers = |entry: Complex64| [entry.re, entry.im, entry.re + entry.im, entry.im - entry.re].map(T::from_f64);
    Matrix(rows.map(|row| row.map(numbers)))
}

/// Applies the matrix to one of so many equal pieces of a tile.
#[inline(always)]
pub(super) fn multiply<S: Simd, T: Real>(
    simd: S,
    planes: (View<T>, View<T>),
    addresses: &Addresses,
    matrix: &Matrix<T>,
    piece: (usize, usize),
) {
    everywhere(simd, planes, (&addresses.offsets, addresses.piece(piece)), &matrix.0);
}

#[inline(always)]
fn everywhere<S: Simd, T: Real>(simd: S, planes: (View<T>, View<T>), (offsets, bases): (&[u32], &[u32]), entries: &Entries<T>) {
    simd.vectorize(
        #[inline(always)]
        || {
            align_frame();
            // The matrix stays in memory: its numbers are read with the instructions that use them.
            let (planes, entries) = (planes, entries);
            let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
            assert_eq!(offsets.len(), 4);
            let from = offsets;
            let mut offsets = [0usize; 4];
            offsets.iter_mut().zip(from).for_each(|(to, from)| *to = opaque((*from as usize) << shift));
            if shift < 6 {
                for &base in bases {
                    by_four(simd, planes, (base as usize) << shift, &offsets, entries);
                }
                return;
            }
            let (twos, rest) = bases.as_chunks::<2>();
            for &[first, second] in twos {
                let bases = [(first as usize) << shift, (second as usize) << shift];
                by_three::<S, T, 2>(simd, planes, bases, &offsets, entries);
            }
            for &base in rest {
                by_three::<S, T, 1>(simd, planes, [(base as usize) << shift], &offsets, entries);
            }
        },
    );
}

/// Applies the matrix to four vectors.
#[inline(always)]
fn by_four<S: Simd, T: Real>(simd: S, (re, im): (View<T>, View<T>), base: usize, offsets: &[usize; 4], entries: &Entries<T>) {
    let zero = Vector::<S, T>::splat(simd, T::default());
    let mut old = [(zero, zero); 4];
    for k in 0..4 {
        let place = opaque(base ^ offsets[k]);
        // SAFETY: addresses of a tile are below its number of vectors.
        old[k] = unsafe { (re.load_at(simd, place), im.load_at(simd, place)) };
    }
    for row in 0..4 {
        let mut sum = (zero, zero);
        for column in 0..4 {
            let (x, y) = old[column];
            let [c, d, ..] = entries[row][column];
            let (c, d) = (Vector::<S, T>::splat(simd, c), Vector::<S, T>::splat(simd, d));
            sum = match column {
                0 => ((-y).mul_add(d, x * c), y.mul_add(c, x * d)),
                _ => ((-y).mul_add(d, x.mul_add(c, sum.0)), y.mul_add(c, x.mul_add(d, sum.1))),
            };
        }
        let place = opaque(base ^ offsets[row]);
        // SAFETY: as above.
        unsafe {
            re.store_at::<S>(place, sum.0);
            im.store_at::<S>(place, sum.1);
        }
    }
}

/// Applies the matrix to several groups of four vectors: a number of the matrix read once serves all.
#[inline(always)]
fn by_three<S: Simd, T: Real, const N: usize>(
    simd: S,
    (re, im): (View<T>, View<T>),
    bases: [usize; N],
    offsets: &[usize; 4],
    entries: &Entries<T>,
) {
    let zero = Vector::<S, T>::splat(simd, T::default());
    let mut old = [[(zero, zero, zero); 4]; N];
    for n in 0..N {
        for k in 0..4 {
            let place = opaque(bases[n] ^ offsets[k]);
            // SAFETY: addresses of a tile are below its number of vectors.
            let (x, y) = unsafe { (re.load_at(simd, place), im.load_at(simd, place)) };
            old[n][k] = (x, y, x + y);
        }
    }
    for row in 0..4 {
        // Of the real part, of the imaginary part, and what both share.
        let mut sums = [(zero, zero, zero); N];
        for column in 0..4 {
            let [c, _, plus, minus] = entries[row][column];
            let c = Vector::<S, T>::splat(simd, c);
            let (plus, minus) = (Vector::<S, T>::splat(simd, plus), Vector::<S, T>::splat(simd, minus));
            for n in 0..N {
                let (x, y, both) = old[n][column];
                let sum = sums[n];
                sums[n] = match column {
                    0 => (y * plus, x * minus, both * c),
                    _ => (y.mul_add(plus, sum.0), x.mul_add(minus, sum.1), both.mul_add(c, sum.2)),
                };
            }
        }
        for n in 0..N {
            let (first, second, both) = sums[n];
            let place = opaque(bases[n] ^ offsets[row]);
            // SAFETY: as above.
            unsafe {
                re.store_at::<S>(place, both - first);
                im.store_at::<S>(place, both + second);
            }
        }
    }
}
