//! Expectation values and products of Pauli sums, one pass for all terms with the same X mask.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::real::Real;
use super::vector::{Split, Vector, View, exchange, lane_bits, odd, signs};
use crate::observable::{Group, Observable};
use crate::team::{self, Portions};

/// Amplitudes taken together: sums over such blocks are what larger sums are made of, and what blocks read and write stays in cache.
pub(super) const BLOCK: usize = 1 << 10;

/// Amplitudes from which a state is taken by blocks.
const BY_BLOCKS: usize = 1 << 12;

/// A stretch of a state whose length is a power of two that divides where it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a, T> {
    /// Basis index of its first amplitude.
    pub(crate) first: usize,
    pub(crate) re: &'a [T],
    pub(crate) im: &'a [T],
}

impl<'a, T: Real> Block<'a, T> {
    /// Block number `number` of this length of a whole state.
    fn of((re, im): (&'a [T], &'a [T]), number: usize, length: usize) -> Self {
        let first = number * length;
        Self { first, re: &re[first..first + length], im: &im[first..first + length] }
    }
}

/// `<psi|H|psi>`, summed exactly over blocks and groups, so that neither threads nor ranks change a bit.
pub(crate) fn expectation<T: Real>(level: Level, observable: &Observable, re: &[T], im: &[T], threads: usize) -> f64 {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    let length = if re.len() <= BY_BLOCKS { re.len() } else { BLOCK };
    let of_block = |number: usize, add: &mut dyn FnMut(f64)| {
        let own = Block::of((re, im), number, length);
        for group in &observable.groups {
            let partner = Block::of((re, im), number ^ (group.x as usize / length), length);
            add(block_expectation(level, observable, group, own, partner));
        }
    };
    if re.len() <= BY_BLOCKS {
        let mut sum = 0.0;
        of_block(0, &mut |value| sum += value);
        return sum;
    }
    team::exact_sums(threads, re.len() / length, 1, |number, sums| of_block(number, &mut |value| sums[0].add(value)))[0].value()
}

/// A group's part of an expectation value on a block; the partner is the block that the group's flips lead to.
pub(crate) fn block_expectation<T: Real>(
    level: Level,
    observable: &Observable,
    group: &Group,
    own: Block<'_, T>,
    partner: Block<'_, T>,
) -> f64 {
    let views = |block: Block<'_, T>| (View::read_only(block.re), View::read_only(block.im));
    dispatch!(level, simd => group_expectation(simd, observable, group, own.first, views(own), views(partner)))
}

/// `out = H psi`.
pub(crate) fn multiply_observable<T: Real>(
    level: Level,
    observable: &Observable,
    psi: (&[T], &[T]),
    out: (&mut [T], &mut [T]),
    threads: usize,
) {
    assert!(psi.0.len() == psi.1.len() && out.0.len() == psi.0.len() && out.1.len() == psi.0.len());
    let length = if psi.0.len() <= BY_BLOCKS { psi.0.len() } else { BLOCK };
    let planes = (View::new(out.0), View::new(out.1));
    let portions = Portions::new(psi.0.len() / length, threads);
    team::run(&mut vec![(); threads.max(1)], |()| {
        while let Some(numbers) = portions.take() {
            for number in numbers {
                // SAFETY: every block is taken once, and blocks are different parts of the planes.
                let (re, im) = unsafe { (planes.0.part(number * length, length), planes.1.part(number * length, length)) };
                re.fill(T::default());
                im.fill(T::default());
                for group in &observable.groups {
                    let partner = Block::of(psi, number ^ (group.x as usize / length), length);
                    add_block_product(level, observable, group, partner, number * length, (re, im));
                }
            }
        }
    });
}

/// Adds a group's part of `H psi` to the block that begins at basis index `first`; the partner is the block of psi that flips lead to.
pub(crate) fn add_block_product<T: Real>(
    level: Level,
    observable: &Observable,
    group: &Group,
    partner: Block<'_, T>,
    first: usize,
    out: (&mut [T], &mut [T]),
) {
    let psi = (View::read_only(partner.re), View::read_only(partner.im));
    let out = (View::new(out.0), View::new(out.1));
    dispatch!(level, simd => group_product(simd, observable, group, first, psi, out));
}

/// `sum_t c_t (-1)^{|i & z_t|}` over the lanes of vector `v`.
#[inline(always)]
fn weights<S: Simd, T: Real>(simd: S, terms: &[(u64, f64)], v: usize) -> Vector<S, T> {
    let mut sum = Vector::<S, T>::splat(simd, T::default());
    for &(z, coefficient) in terms {
        let z = Split::new::<S, T>(z as usize);
        let coefficient = T::from_f64(coefficient);
        let coefficient = if odd(v & z.high) { -coefficient } else { coefficient };
        sum = signs::<S, T>(simd, z.low).mul_add(Vector::<S, T>::splat(simd, coefficient), sum);
    }
    sum
}

/// Reads both parts of `psi[i ^ x]` for vector `v` of a block.
#[inline(always)]
fn partner<S: Simd, T: Real>(simd: S, planes: (View<T>, View<T>), flip: Split, v: usize) -> (Vector<S, T>, Vector<S, T>) {
    let v = v ^ flip.high & (planes.0.vectors::<S>() - 1);
    // SAFETY: the number of vectors of a block is a power of two, so v is below it.
    let (a, b) = unsafe { (planes.0.load(simd, v), planes.1.load(simd, v)) };
    if flip.low == 0 {
        return (a, b);
    }
    let indices = exchange::<S, T>(simd, flip.low);
    (a.swizzle_dyn(indices), b.swizzle_dyn(indices))
}

#[inline(always)]
fn group_expectation<S: Simd, T: Real>(
    simd: S,
    observable: &Observable,
    group: &Group,
    first: usize,
    own: (View<T>, View<T>),
    other: (View<T>, View<T>),
) -> f64 {
    let flip = Split::new::<S, T>(group.x as usize);
    let first = first >> lane_bits::<S, T>();
    let even = &observable.terms[group.even.clone()];
    let uneven = &observable.terms[group.odd.clone()];
    let mut sum = Vector::<S, T>::splat(simd, T::default());
    for v in 0..own.0.vectors::<S>() {
        // SAFETY: v is below the number of vectors.
        let (a, b) = unsafe { (own.0.load(simd, v), own.1.load(simd, v)) };
        let (c, d) = if group.x == 0 { (a, b) } else { partner(simd, other, flip, v) };
        if !even.is_empty() {
            sum = a.mul_add(c, b * d).mul_add(weights::<S, T>(simd, even, first + v), sum);
        }
        if !uneven.is_empty() {
            sum = (a * d - b * c).mul_add(weights::<S, T>(simd, uneven, first + v), sum);
        }
    }
    sum.reduce_sum().to_f64()
}

#[inline(always)]
fn group_product<S: Simd, T: Real>(
    simd: S,
    observable: &Observable,
    group: &Group,
    first: usize,
    psi: (View<T>, View<T>),
    out: (View<T>, View<T>),
) {
    let flip = Split::new::<S, T>(group.x as usize);
    let first = first >> lane_bits::<S, T>();
    let even = &observable.terms[group.even.clone()];
    let uneven = &observable.terms[group.odd.clone()];
    for v in 0..out.0.vectors::<S>() {
        let (c, d) = partner(simd, psi, flip, v);
        // SAFETY: v is below the number of vectors.
        let (mut a, mut b) = unsafe { (out.0.load(simd, v), out.1.load(simd, v)) };
        if !even.is_empty() {
            let weight = weights::<S, T>(simd, even, first + v);
            a = weight.mul_add(c, a);
            b = weight.mul_add(d, b);
        }
        if !uneven.is_empty() {
            // times -i
            let weight = weights::<S, T>(simd, uneven, first + v);
            a = weight.mul_add(d, a);
            b = (-weight).mul_add(c, b);
        }
        // SAFETY: v is below the number of vectors.
        unsafe {
            out.0.store::<S>(v, a);
            out.1.store::<S>(v, b);
        }
    }
}
