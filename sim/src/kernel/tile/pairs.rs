//! Dense 4 x 4 matrices on two qubits of a tile.

use fearless_simd::{Simd, SimdBase, SimdFloat};
use num_complex::Complex64;

use super::pass::{Addresses, Pair, PairStep};
use crate::kernel::vector::{Vector, View, lanes, opaque};
use crate::real::Real;

/// A matrix on a pair.
#[derive(Debug)]
pub(super) struct Matrix<T> {
    /// Real and imaginary parts by row and column.
    entries: [[[T; 2]; 4]; 4],
    /// Whether the first three entries of the first column are real.
    real: bool,
}

/// Phases that pairs leave to later ones.
#[derive(Debug)]
pub(super) struct LeftPhases {
    /// Angles where a qubit is one.
    pub(super) of_qubits: Vec<f64>,
    /// An angle of the whole state.
    pub(super) of_all: f64,
}

/// The product of the steps of a pair and the phases left to it.
///
/// Where later pairs take them, three phases are left that make entries real.
pub(super) fn matrix<T: Real>(pair: &Pair, angles: &[f64], left: &mut LeftPhases) -> Matrix<T> {
    let mut rows = [[Complex64::ZERO; 4]; 4];
    for (k, row) in rows.iter_mut().enumerate() {
        let of_qubits = pair.qubits.iter().enumerate().filter(|(bit, _)| k >> bit & 1 == 1);
        let angle: f64 = of_qubits.map(|(_, qubit)| left.of_qubits[*qubit]).sum();
        row[k] = Complex64::cis(angle + left.of_all + pair.constant.value(angles));
    }
    for step in &pair.steps {
        match step {
            PairStep::Turn(qubit, angle) => {
                let (sine, cosine) = (0.5 * angle.value(angles)).sin_cos();
                for low in (0..4).filter(|k| k >> qubit & 1 == 0) {
                    let high = low | 1 << qubit;
                    for column in 0..4 {
                        let (a, b) = (rows[low][column], rows[high][column]);
                        rows[low][column] = a * cosine - b * sine;
                        rows[high][column] = a * sine + b * cosine;
                    }
                }
            }
            PairStep::Phase(mask, angle) => {
                let factor = Complex64::cis(angle.value(angles));
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
    left.of_all = 0.0;
    pair.qubits.iter().for_each(|qubit| left.of_qubits[*qubit] = 0.0);
    if pair.leaves {
        let phase = |row: usize| rows[row][0].arg();
        left.of_all = phase(0);
        for (bit, qubit) in pair.qubits.iter().enumerate() {
            left.of_qubits[*qubit] = phase(1 << bit) - phase(0);
        }
        let [a, b] = pair.qubits.map(|qubit| left.of_qubits[qubit]);
        for (row, angle) in [0.0, a, b, a + b].into_iter().enumerate() {
            let factor = Complex64::cis(-angle - left.of_all);
            rows[row].iter_mut().for_each(|entry| *entry *= factor);
        }
    }
    Matrix { entries: rows.map(|row| row.map(|entry| [T::from_f64(entry.re), T::from_f64(entry.im)])), real: pair.leaves }
}

/// Applies the matrix to a tile.
#[inline(always)]
pub(super) fn multiply<S: Simd, T: Real>(simd: S, planes: (View<T>, View<T>), addresses: &Addresses, matrix: &Matrix<T>) {
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
    addresses: &Addresses,
    matrix: &[[[T; 2]; 4]; 4],
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let (planes, matrix) = (planes, *matrix);
            let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
            let mut offsets = [0usize; 4];
            assert_eq!(addresses.offsets.len(), 4);
            offsets.iter_mut().zip(&addresses.offsets).for_each(|(to, from)| *to = (*from as usize) << shift);
            let (twos, rest) = addresses.bases.as_chunks::<2>();
            for &[first, second] in twos {
                at::<S, T, 2, REAL>(simd, planes, [(first as usize) << shift, (second as usize) << shift], &offsets, &matrix);
            }
            for &base in rest {
                at::<S, T, 1, REAL>(simd, planes, [(base as usize) << shift], &offsets, &matrix);
            }
        },
    );
}

/// Applies the matrix to several groups of four vectors: an entry read once serves all.
#[inline(always)]
fn at<S: Simd, T: Real, const N: usize, const REAL: bool>(
    simd: S,
    (re, im): (View<T>, View<T>),
    bases: [usize; N],
    offsets: &[usize; 4],
    matrix: &[[[T; 2]; 4]; 4],
) {
    let zero = Vector::<S, T>::splat(simd, T::default());
    let mut old = [[(zero, zero); 4]; N];
    for n in 0..N {
        for k in 0..4 {
            let place = opaque(bases[n] ^ offsets[k]);
            // SAFETY: addresses of a tile are below its number of vectors.
            old[n][k] = unsafe { (re.load_at(simd, place), im.load_at(simd, place)) };
        }
    }
    for row in 0..4 {
        let mut sums = [(zero, zero); N];
        for column in 0..4 {
            let [a, b] = matrix[row][column];
            let (a, b) = (Vector::<S, T>::splat(simd, a), Vector::<S, T>::splat(simd, b));
            for n in 0..N {
                let (x, y) = old[n][column];
                let sum = sums[n];
                sums[n] = if REAL && column == 0 && row < 3 {
                    (x * a, y * a)
                } else if column == 0 {
                    ((-y).mul_add(b, x * a), y.mul_add(a, x * b))
                } else {
                    ((-y).mul_add(b, x.mul_add(a, sum.0)), y.mul_add(a, x.mul_add(b, sum.1)))
                };
            }
        }
        for n in 0..N {
            let place = opaque(bases[n] ^ offsets[row]);
            // SAFETY: as above.
            unsafe {
                re.store_at::<S>(place, sums[n].0);
                im.store_at::<S>(place, sums[n].1);
            }
        }
    }
}
