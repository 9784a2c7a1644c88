//! Dense 4 x 4 matrices on two qubits of a tile.

use fearless_simd::{Simd, SimdBase, SimdFloat};
use num_complex::Complex64;

use crate::kernel::vector::{Vector, View, lanes, opaque};
use crate::plan::{Addresses, Pair, PairStep};
use crate::real::Real;

/// Real and imaginary parts by row and column.
pub(super) type Matrix<T> = [[[T; 2]; 4]; 4];

/// The product of the steps of a pair.
pub(super) fn matrix<T: Real>(pair: &Pair, angles: &[f64]) -> Matrix<T> {
    let mut rows = [[Complex64::ZERO; 4]; 4];
    for (k, row) in rows.iter_mut().enumerate() {
        row[k] = Complex64::cis(pair.constant.value(angles));
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
    rows.map(|row| row.map(|entry| [T::from_f64(entry.re), T::from_f64(entry.im)]))
}

/// Applies the matrix to a tile.
#[inline(always)]
pub(super) fn multiply<S: Simd, T: Real>(simd: S, planes: (View<T>, View<T>), addresses: &Addresses, matrix: &Matrix<T>) {
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
                at::<S, T, 2>(simd, planes, [(first as usize) << shift, (second as usize) << shift], &offsets, &matrix);
            }
            for &base in rest {
                at::<S, T, 1>(simd, planes, [(base as usize) << shift], &offsets, &matrix);
            }
        },
    );
}

/// Applies the matrix to several groups of four vectors: an entry read once serves all.
#[inline(always)]
fn at<S: Simd, T: Real, const N: usize>(
    simd: S,
    (re, im): (View<T>, View<T>),
    bases: [usize; N],
    offsets: &[usize; 4],
    matrix: &Matrix<T>,
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
                sums[n] = if column == 0 {
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
