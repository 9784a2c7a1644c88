//! Dense 4 x 4 matrices on two qubits of a tile.
//!
//! With 32 registers the product of `c + i d` with `x + i y` takes three multiplications: `t = c (x + y)`, then `t - (c + d) y` and
//! `t + (d - c) x`; `t` and the sums `x + y` are shared by what they go into. With 16 the sums find no room, and reading more
//! numbers of the matrix costs what the multiplications save: there it takes four.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};
use num_complex::Complex64;
use qloom_circuits::synthesis::magic::{One, Two};

use super::interaction::phase;
use super::pass::{Addresses, Leaves, Pair, PairStep};
use crate::kernel::Real;
use crate::kernel::vector::{Vector, View, align_frame, lanes, opaque};

/// By row and column: of `c + i d`, the numbers `c`, `d`, `c + d` and `d - c`.
type Entries<T> = [[[T; 4]; 4]; 4];

/// A matrix on a pair.
#[derive(Debug)]
pub(super) struct Matrix<T> {
    entries: Entries<T>,
    /// Whether the first three entries of the first column are real.
    real: bool,
}

/// What pairs leave to later ones.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) of_qubits: Vec<Alone>,
    /// A phase of the whole state, as a factor.
    pub(super) of_all: Complex64,
    /// A factor of the whole state that is positive.
    pub(super) size: f64,
}

/// What is left of one qubit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alone {
    pub(super) gate: One,
    /// The number of the [`Interaction`](super::interaction::Interaction) that left it, and the qubit's bit there.
    pub(super) from: Option<(usize, usize)>,
}

const NOTHING: Alone = Alone { gate: [[Complex64::ONE, Complex64::ZERO], [Complex64::ZERO, Complex64::ONE]], from: None };

impl Left {
    pub(super) fn new(num_qubits: usize) -> Self {
        Self { of_qubits: vec![NOTHING; num_qubits], of_all: Complex64::ONE, size: 1.0 }
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

/// The product of the steps of a pair and what is left to it, but for the size; `next` gives cosine and sine of the next angle.
pub(super) fn product(level: Level, pair: &Pair, next: impl FnMut() -> Complex64, left: &Left) -> Two {
    dispatch!(level, simd => simd.vectorize(
        #[inline(always)]
        || multiplied(pair, next, left),
    ))
}

#[inline(always)]
fn multiplied(pair: &Pair, mut next: impl FnMut() -> Complex64, left: &Left) -> Two {
    let mut rows = [[Complex64::ZERO; 4]; 4];
    let all = next() * left.of_all;
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

/// The matrix of a pair from its product. Where later pairs take them, three phases are left that make entries real.
pub(super) fn matrix<T: Real>(mut rows: Two, pair: &Pair, left: &mut Left) -> Matrix<T> {
    left.of_all = Complex64::ONE;
    pair.qubits.iter().for_each(|qubit| left.of_qubits[*qubit] = NOTHING);
    let real = pair.leaves == Leaves::Phases;
    if real {
        let [all, a, b] = [0, 1, 2].map(|row| phase(rows[row][0]));
        let [a, b] = [a, b].map(|phase| phase * all.conj());
        left.of_all = all;
        pair.qubits.iter().zip([a, b]).for_each(|(qubit, phase)| left.of_qubits[*qubit].gate[1][1] = phase);
        for (row, factor) in [all, all * a, all * b, all * a * b].into_iter().enumerate() {
            rows[row].iter_mut().for_each(|entry| *entry *= factor.conj());
        }
    }
    let size = std::mem::replace(&mut left.size, 1.0);
    let numbers =
        |entry: Complex64| [entry.re, entry.im, entry.re + entry.im, entry.im - entry.re].map(|part| T::from_f64(size * part));
    Matrix { entries: rows.map(|row| row.map(numbers)), real }
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
    let addresses = (&addresses.offsets[..], addresses.piece(piece));
    if matrix.real {
        everywhere::<S, T, true>(simd, planes, addresses, &matrix.entries);
    } else {
        everywhere::<S, T, false>(simd, planes, addresses, &matrix.entries);
    }
}

#[inline(always)]
fn everywhere<S: Simd, T: Real, const REAL: bool>(
    simd: S,
    planes: (View<T>, View<T>),
    (offsets, bases): (&[u32], &[u32]),
    entries: &Entries<T>,
) {
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
            offsets.iter_mut().zip(from).for_each(|(to, from)| *to = (*from as usize) << shift);
            if shift < 6 {
                for &base in bases {
                    by_four::<S, T, REAL>(simd, planes, (base as usize) << shift, &offsets, entries);
                }
                return;
            }
            let (twos, rest) = bases.as_chunks::<2>();
            for &[first, second] in twos {
                let bases = [(first as usize) << shift, (second as usize) << shift];
                by_three::<S, T, 2, REAL>(simd, planes, bases, &offsets, entries);
            }
            for &base in rest {
                by_three::<S, T, 1, REAL>(simd, planes, [(base as usize) << shift], &offsets, entries);
            }
        },
    );
}

/// Applies the matrix to four vectors.
#[inline(always)]
fn by_four<S: Simd, T: Real, const REAL: bool>(
    simd: S,
    (re, im): (View<T>, View<T>),
    base: usize,
    offsets: &[usize; 4],
    entries: &Entries<T>,
) {
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
                0 if REAL && row < 3 => (x * c, y * c),
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
fn by_three<S: Simd, T: Real, const N: usize, const REAL: bool>(
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
        let real = REAL && row < 3;
        for column in 0..4 {
            let [c, _, plus, minus] = entries[row][column];
            let c = Vector::<S, T>::splat(simd, c);
            let (plus, minus) = (Vector::<S, T>::splat(simd, plus), Vector::<S, T>::splat(simd, minus));
            for n in 0..N {
                let (x, y, both) = old[n][column];
                let sum = sums[n];
                // Where the first entry is real, the first sum is added to what is shared; else it is taken from it.
                sums[n] = match (column, real) {
                    (0, true) => (x * c, y * c, zero),
                    (1, true) => ((-y).mul_add(plus, sum.0), x.mul_add(minus, sum.1), both * c),
                    (_, true) => ((-y).mul_add(plus, sum.0), x.mul_add(minus, sum.1), both.mul_add(c, sum.2)),
                    (0, false) => (y * plus, x * minus, both * c),
                    (_, false) => (y.mul_add(plus, sum.0), x.mul_add(minus, sum.1), both.mul_add(c, sum.2)),
                };
            }
        }
        for n in 0..N {
            let (first, second, both) = sums[n];
            let place = opaque(bases[n] ^ offsets[row]);
            // SAFETY: as above.
            unsafe {
                re.store_at::<S>(place, if real { both + first } else { both - first });
                im.store_at::<S>(place, both + second);
            }
        }
    }
}
