//! Expectation values of all lanes.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::Pair;
use super::plan::{LanePlan, Reading};
use crate::kernel::Real;
use crate::kernel::vector::{Vector, View, lanes, opaque};

/// The value of observable number `observable` of the plan in every lane.
pub(crate) fn read_lanes<T: Real>(level: Level, plan: &LanePlan, observable: usize, re: &[T], im: &[T], values: &mut [T]) {
    let held = crate::kernel::batch_lanes::<T>(level) << plan.bits;
    assert!(re.len() >= held && im.len() >= held, "the planes hold the plan's places");
    let planes = (View::read_only(re), View::read_only(im));
    dispatch!(level, simd => {
        let mut total = Vector::<_, T>::splat(simd, T::default());
        for reading in &plan.readings[observable] {
            total += one(simd, reading, plan.complex, planes);
        }
        total.store_slice(&mut values[..lanes_of(simd, total)]);
    });
}

#[inline(always)]
fn lanes_of<S: Simd, V: SimdBase<S>>(_: S, _: V) -> usize {
    V::LEN
}

#[inline(always)]
fn one<S: Simd, T: Real>(simd: S, reading: &Reading, complex: bool, planes: (View<T>, View<T>)) -> Vector<S, T> {
    let imaginary = reading.imaginary.iter().any(|imaginary| *imaginary);
    simd.vectorize(
        #[inline(always)]
        || match (reading.imaginary.len(), complex, imaginary) {
            (0, true, _) => alone::<S, T, true>(simd, reading, planes),
            (0, false, _) => alone::<S, T, false>(simd, reading, planes),
            (1, true, false) => pairs::<S, T, 1, 2, true, false>(simd, reading, planes),
            (2, true, false) => pairs::<S, T, 2, 4, true, false>(simd, reading, planes),
            (3, true, false) => pairs::<S, T, 3, 8, true, false>(simd, reading, planes),
            (1, true, true) => pairs::<S, T, 1, 2, true, true>(simd, reading, planes),
            (2, true, true) => pairs::<S, T, 2, 4, true, true>(simd, reading, planes),
            (3, true, true) => pairs::<S, T, 3, 8, true, true>(simd, reading, planes),
            (1, false, _) => pairs::<S, T, 1, 2, false, false>(simd, reading, planes),
            (2, false, _) => pairs::<S, T, 2, 4, false, false>(simd, reading, planes),
            (3, false, _) => pairs::<S, T, 3, 8, false, false>(simd, reading, planes),
            (groups, _, _) => unreachable!("a reading has up to three groups, not {groups}"),
        },
    )
}

/// Weighted probabilities.
#[inline(always)]
fn alone<S: Simd, T: Real, const COMPLEX: bool>(simd: S, reading: &Reading, (re, im): (View<T>, View<T>)) -> Vector<S, T> {
    let mut sums = [Vector::<S, T>::splat(simd, T::default()); 4];
    for (index, &weight) in reading.weights.iter().enumerate() {
        // SAFETY: there is one weight for each place held.
        let part = unsafe {
            let a = re.load(simd, index);
            if COMPLEX {
                let b = im.load(simd, index);
                a.mul_add(a, b * b)
            } else {
                a * a
            }
        };
        sums[index % 4] = part.mul_add(Vector::<S, T>::splat(simd, T::from_f64(weight)), sums[index % 4]);
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// Weighted products of pairs.
#[inline(always)]
fn pairs<S: Simd, T: Real, const GROUPS: usize, const N: usize, const COMPLEX: bool, const IMAGINARY: bool>(
    simd: S,
    reading: &Reading,
    (re, im): (View<T>, View<T>),
) -> Vector<S, T> {
    let zero = Vector::<S, T>::splat(simd, T::default());
    let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
    let mut offsets = [0usize; N];
    assert_eq!(reading.addresses.offsets.len(), N);
    offsets.iter_mut().zip(&reading.addresses.offsets).for_each(|(to, from)| *to = (*from as usize) << shift);
    let mut imaginary = [false; GROUPS];
    imaginary.copy_from_slice(&reading.imaginary);
    let mut sums = [zero; GROUPS];
    for (&base, weights) in reading.addresses.bases.iter().zip(reading.weights.chunks_exact(GROUPS * N / 2)) {
        let base = (base as usize) << shift;
        let mut r: [Pair<S, T>; N] = [(zero, zero); N];
        for k in 0..N {
            let place = opaque(base ^ offsets[k]);
            // SAFETY: addresses are places held.
            r[k].0 = unsafe { re.load_at(simd, place) };
            if COMPLEX {
                // SAFETY: as above.
                r[k].1 = unsafe { im.load_at(simd, place) };
            }
        }
        for group in 0..GROUPS {
            let bit = 1 << group;
            for k in 0..N {
                if k & bit == 0 {
                    let ((a, b), (c, d)) = (r[k], r[k | bit]);
                    let part = if !COMPLEX {
                        a * c
                    } else if IMAGINARY && imaginary[group] {
                        a.mul_sub(d, b * c)
                    } else {
                        a.mul_add(c, b * d)
                    };
                    let pair = (k & (bit - 1)) | (k >> 1 & !(bit - 1));
                    let weight = T::from_f64(weights[group * (N / 2) + pair]);
                    sums[group] = part.mul_add(Vector::<S, T>::splat(simd, weight), sums[group]);
                }
            }
        }
    }
    let mut total = zero;
    for sum in sums {
        total += sum;
    }
    total
}
