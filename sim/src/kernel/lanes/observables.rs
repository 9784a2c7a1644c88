//! All observables at once, in every lane: values, and the state that derivatives start from.

use std::ops::Range;

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::super::vector::{Vector, View, lanes, odd};
use crate::kernel::Real;
use crate::observable::Observable;

/// Observables as weights of amplitudes, joined where they flip the same bits.
#[derive(Clone, Debug)]
pub(crate) struct LaneObservables<T> {
    observables: usize,
    flips: Vec<Flip>,
    /// The observable of every column of weights.
    owners: Vec<usize>,
    /// `[index][column]`
    weights: Vec<T>,
}

/// Columns of weights with one X mask: those that take real parts of products, then those that take imaginary parts.
#[derive(Clone, Debug)]
struct Flip {
    x: usize,
    real: Range<usize>,
    imaginary: Range<usize>,
}

/// The terms of an observable with one X mask whose strings all have an even, or all an odd number of Ys.
#[derive(Clone, Debug)]
pub(crate) struct LanePart {
    /// Number of the observable.
    pub(crate) owner: usize,
    /// The X mask.
    pub(crate) flip: u64,
    /// Whether it takes imaginary parts.
    pub(crate) imaginary: bool,
    /// Z masks and coefficients.
    pub(crate) terms: Vec<(u64, f64)>,
}

impl LanePart {
    /// The parts of observables on basis states as they are.
    pub(crate) fn of(observables: &[Observable]) -> Vec<Self> {
        let mut parts = Vec::new();
        for (owner, observable) in observables.iter().enumerate() {
            for group in &observable.groups {
                for (imaginary, range) in [(false, &group.even), (true, &group.odd)] {
                    if !range.is_empty() {
                        parts.push(Self { owner, flip: group.x, imaginary, terms: observable.terms[range.clone()].to_vec() });
                    }
                }
            }
        }
        parts
    }

    /// The weight of an amplitude.
    pub(crate) fn weight(&self, index: usize) -> f64 {
        self.terms.iter().map(|&(mask, c)| if odd(index & mask as usize) { -c } else { c }).sum()
    }
}

impl<T: Real> LaneObservables<T> {
    /// Most bytes of the weights.
    pub(crate) fn bytes(observables: &[Observable], num_qubits: usize) -> u128 {
        let columns: usize = observables.iter().map(|observable| 2 * observable.num_groups()).sum();
        (columns as u128 * T::BYTES as u128) << num_qubits
    }

    /// Joins the parts of so many observables, for this many bits.
    pub(crate) fn new(observables: usize, parts: &[LanePart], bits: usize) -> Self {
        let mut sorted: Vec<&LanePart> = parts.iter().collect();
        sorted.sort_by_key(|part| (part.flip, part.imaginary));
        let mut flips = Vec::new();
        let mut start = 0;
        for same in sorted.chunk_by(|a, b| a.flip == b.flip) {
            let middle = start + same.iter().filter(|part| !part.imaginary).count();
            let end = start + same.len();
            flips.push(Flip { x: same[0].flip as usize, real: start..middle, imaginary: middle..end });
            start = end;
        }
        let row = |index: usize| sorted.iter().map(move |part| T::from_f64(part.weight(index)));
        let weights = (0..1usize << bits).flat_map(row).collect();
        Self { observables, flips, owners: sorted.iter().map(|part| part.owner).collect(), weights }
    }
}

/// The value of every observable in every lane: `values[observable][lane]`.
pub(crate) fn values_lanes<T: Real>(level: Level, observables: &LaneObservables<T>, (re, im): (&[T], &[T]), values: &mut [T]) {
    let psi = (View::read_only(re), View::read_only(im));
    dispatch!(level, simd => read::<_, T, false>(simd, observables, psi, &[], psi, values));
}

/// `lambda = (sum_o c_o O_o) psi` in every lane and the value of every observable; cotangents are `[observable][lane]` as values are.
pub(crate) fn pull_lanes<T: Real>(
    level: Level,
    observables: &LaneObservables<T>,
    psi: (&[T], &[T]),
    cotangents: &[T],
    lambda: (&mut [T], &mut [T]),
    values: &mut [T],
) {
    assert!(lambda.0.len() == psi.0.len() && lambda.1.len() == psi.0.len(), "both states have one size");
    let psi = (View::read_only(psi.0), View::read_only(psi.1));
    let lambda = (View::new(lambda.0), View::new(lambda.1));
    dispatch!(level, simd => read::<_, T, true>(simd, observables, psi, cotangents, lambda, values));
}

#[inline(always)]
fn read<S: Simd, T: Real, const PULL: bool>(
    simd: S,
    observables: &LaneObservables<T>,
    psi: (View<T>, View<T>),
    cotangents: &[T],
    lambda: (View<T>, View<T>),
    values: &mut [T],
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let count = lanes::<S, T>();
            let columns = observables.owners.len();
            let size = psi.0.vectors::<S>();
            assert!(psi.1.vectors::<S>() == size && size * columns == observables.weights.len(), "weights are of this size");
            assert!(values.len() == observables.observables * count && (!PULL || cotangents.len() == values.len()));
            values.fill(T::default());
            let zero = Vector::<S, T>::splat(simd, T::default());
            // Adds weight times part to the value of a column's observable, weight times cotangent to the factor.
            let mut column = |column: usize, weight: T, part: Vector<S, T>, factor: &mut Vector<S, T>| {
                let lanes = observables.owners[column] * count..(observables.owners[column] + 1) * count;
                let weight = Vector::<S, T>::splat(simd, weight);
                let value = &mut values[lanes.clone()];
                part.mul_add(weight, Vector::<S, T>::from_slice(simd, value)).store_slice(value);
                if PULL {
                    *factor = Vector::<S, T>::from_slice(simd, &cotangents[lanes]).mul_add(weight, *factor);
                }
            };
            for index in 0..size {
                let weights = &observables.weights[index * columns..(index + 1) * columns];
                // SAFETY: flips are of qubits of the state, which has one vector for each amplitude.
                let load = |index: usize| unsafe { (psi.0.load(simd, index), psi.1.load(simd, index)) };
                let (a, b) = load(index);
                let mut sum = (zero, zero);
                for flip in &observables.flips {
                    let (c, d) = load(index ^ flip.x);
                    let (mut real, mut imaginary) = (zero, zero);
                    if !flip.real.is_empty() {
                        let part = a.mul_add(c, b * d);
                        for k in flip.real.clone() {
                            column(k, weights[k], part, &mut real);
                        }
                    }
                    if !flip.imaginary.is_empty() {
                        let part = a.mul_sub(d, b * c);
                        for k in flip.imaginary.clone() {
                            column(k, weights[k], part, &mut imaginary);
                        }
                    }
                    if PULL {
                        // The product has the factor `real - i imaginary`.
                        sum.0 = imaginary.mul_add(d, real.mul_add(c, sum.0));
                        sum.1 = (-imaginary).mul_add(c, real.mul_add(d, sum.1));
                    }
                }
                if PULL {
                    // SAFETY: as above; lambda is as long as psi.
                    unsafe {
                        lambda.0.store::<S>(index, sum.0);
                        lambda.1.store::<S>(index, sum.1);
                    }
                }
            }
        },
    );
}
