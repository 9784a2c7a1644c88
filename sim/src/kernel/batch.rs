//! Many states side by side, one in each lane: no permutation inside vectors is ever needed.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::run::Derivative;
use super::sincos;
use super::vector::{Vector, View, lanes, odd};
use crate::observable::{Group, Observable};
use crate::op::{Dense, Masks, Op, Slot};
use crate::real::Real;

/// Z masks and coefficients.
type Terms<'a> = &'a [(u64, f64)];

type Pair<S, T> = (Vector<S, T>, Vector<S, T>);

/// Lanes of vectors of this instruction set.
pub(crate) fn batch_lanes<T: Real>(level: Level) -> usize {
    dispatch!(level, simd => lanes_of::<_, T>(simd))
}

#[inline(always)]
fn lanes_of<S: Simd, T: Real>(_: S) -> usize {
    lanes::<S, T>()
}

/// Cosines and sines of every slot and lane: `[slot][cosine or sine][lane]`.
///
/// `parameters` has one row for each lane that is used.
pub(crate) fn bind_lanes<T: Real>(level: Level, slots: &[Slot], parameters: &[&[f64]], numbers: &mut [T]) {
    dispatch!(level, simd => bind(simd, slots, parameters, numbers));
}

#[inline(always)]
fn bind<S: Simd, T: Real>(simd: S, slots: &[Slot], parameters: &[&[f64]], numbers: &mut [T]) {
    let count = lanes::<S, T>();
    let width = <S::f64s as SimdBase<S>>::LEN;
    for (slot, numbers) in slots.iter().zip(numbers.chunks_exact_mut(2 * count)) {
        let mut angles = [0.0f64; 16];
        let mut small = true;
        for (angle, values) in angles.iter_mut().zip(parameters) {
            *angle = slot.angle.value(values) * slot.factor;
            small &= angle.abs() <= sincos::LARGEST;
        }
        for start in (0..count).step_by(width) {
            if small {
                let (cosine, sine) = sincos::vector(simd, S::f64s::from_slice(simd, &angles[start..start + width]));
                for lane in 0..width {
                    numbers[start + lane] = T::from_f64(cosine[lane]);
                    numbers[count + start + lane] = T::from_f64(sine[lane]);
                }
            } else {
                for lane in start..start + width {
                    let (sine, cosine) = angles[lane].sin_cos();
                    numbers[lane] = T::from_f64(cosine);
                    numbers[count + lane] = T::from_f64(sine);
                }
            }
        }
    }
}

/// A program on lanes: its operations and numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneProgram<'a, T> {
    pub(crate) ops: &'a [Op],
    pub(crate) dense: &'a [Dense],
    pub(crate) numbers: &'a [T],
}

/// Applies the operations to every lane.
pub(crate) fn apply_lanes<T: Real>(level: Level, program: LaneProgram<'_, T>, (re, im): (&mut [T], &mut [T])) {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    let planes = (View::new(re), View::new(im));
    dispatch!(level, simd => {
        for op in program.ops {
            step(simd, op, program, planes, false);
        }
    });
}

/// `<psi|H|psi>` of every lane.
pub(crate) fn expectation_lanes<T: Real>(level: Level, observable: &Observable, re: &[T], im: &[T], values: &mut [T]) {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    let planes = (View::read_only(re), View::read_only(im));
    dispatch!(level, simd => expectation(simd, observable, planes, values));
}

/// `out = H psi` in every lane.
pub(crate) fn multiply_lanes<T: Real>(level: Level, observable: &Observable, psi: (&[T], &[T]), out: (&mut [T], &mut [T])) {
    assert!(psi.0.len() == psi.1.len() && out.0.len() == psi.0.len() && out.1.len() == psi.0.len());
    let psi = (View::read_only(psi.0), View::read_only(psi.1));
    let out = (View::new(out.0), View::new(out.1));
    dispatch!(level, simd => multiply(simd, observable, psi, out));
}

/// Takes both states back and adds to the derivatives: `[parameter][lane]`.
pub(crate) fn differentiate_lanes<T: Real>(
    level: Level,
    program: LaneProgram<'_, T>,
    derivatives: &[Derivative],
    psi: (&mut [T], &mut [T]),
    lambda: (&mut [T], &mut [T]),
    gradient: &mut [T],
) {
    assert!(psi.0.len() == psi.1.len() && psi.0.len() == lambda.0.len() && psi.0.len() == lambda.1.len());
    let psi = (View::new(psi.0), View::new(psi.1));
    let lambda = (View::new(lambda.0), View::new(lambda.1));
    dispatch!(level, simd => {
        for op in program.ops.iter().rev() {
            differentiate(simd, op, program, derivatives, psi, lambda, gradient);
        }
    });
}

#[inline(always)]
fn differentiate<S: Simd, T: Real>(
    simd: S,
    op: &Op,
    program: LaneProgram<'_, T>,
    derivatives: &[Derivative],
    psi: (View<T>, View<T>),
    lambda: (View<T>, View<T>),
    gradient: &mut [T],
) {
    let (slot, masks, factor) = match *op {
        Op::Rotation { masks, slot } => (Some(slot), masks, 1.0),
        Op::Parity { parity, controls, slot } => (Some(slot), Masks { x: 0, z: parity, controls }, 1.0),
        Op::Phase { controls, slot } => (Some(slot), Masks { x: 0, z: 0, controls }, -2.0),
        Op::Flip { .. } | Op::Dense(_) => (None, Masks { x: 0, z: 0, controls: 0 }, 0.0),
    };
    if let Some((parameter, scale)) = slot.and_then(|slot| derivatives[slot as usize]) {
        let count = lanes::<S, T>();
        let sum = overlap(simd, lambda, psi, masks);
        let total = &mut gradient[parameter * count..(parameter + 1) * count];
        let new = sum * T::from_f64(factor * scale) + Vector::<S, T>::from_slice(simd, total);
        new.store_slice(total);
    }
    step(simd, op, program, psi, true);
    step(simd, op, program, lambda, true);
}

/// Reads amplitude `index` of every lane.
#[inline(always)]
fn at<S: Simd, T: Real>(simd: S, planes: (View<T>, View<T>), index: usize) -> Pair<S, T> {
    // SAFETY: indices are made of the qubits of the state, which has one vector for each amplitude.
    unsafe { (planes.0.load(simd, index), planes.1.load(simd, index)) }
}

#[inline(always)]
fn put<S: Simd, T: Real>(planes: (View<T>, View<T>), index: usize, value: Pair<S, T>) {
    // SAFETY: as in `at`.
    unsafe {
        planes.0.store::<S>(index, value.0);
        planes.1.store::<S>(index, value.1);
    }
}

#[inline(always)]
fn step<S: Simd, T: Real>(simd: S, op: &Op, program: LaneProgram<'_, T>, planes: (View<T>, View<T>), inverse: bool) {
    let size = planes.0.vectors::<S>();
    match *op {
        Op::Rotation { masks, slot } => {
            let (cosine, sine) = number(simd, program.numbers, slot, inverse);
            rotate(simd, planes, masks, cosine, sine);
        }
        Op::Parity { parity, controls, slot } => {
            let (cosine, sine) = number(simd, program.numbers, slot, inverse);
            let mask = parity as usize;
            let controls = controls as usize;
            let mut index = controls;
            for _ in 0..size >> controls.count_ones() {
                let value = at(simd, planes, index);
                let sine = if odd(index & mask) { sine } else { -sine };
                put::<S, T>(planes, index, times::<S, T>(value, (cosine, sine)));
                index = following(index, controls, controls);
            }
        }
        Op::Phase { controls, slot } => {
            let factor = number(simd, program.numbers, slot, inverse);
            let controls = controls as usize;
            let mut index = controls;
            for _ in 0..size >> controls.count_ones() {
                put::<S, T>(planes, index, times::<S, T>(at(simd, planes, index), factor));
                index = following(index, controls, controls);
            }
        }
        Op::Flip { x, controls } => {
            let (x, controls) = (x as usize, controls as usize);
            let fixed = 1 << x.ilog2() | controls;
            let mut index = controls;
            for _ in 0..size >> fixed.count_ones() {
                let (low, high) = (at(simd, planes, index), at(simd, planes, index ^ x));
                put::<S, T>(planes, index, high);
                put::<S, T>(planes, index ^ x, low);
                index = following(index, fixed, controls);
            }
        }
        Op::Dense(index) => dense(simd, &program.dense[index as usize], planes, inverse),
    }
}

#[inline(always)]
fn number<S: Simd, T: Real>(simd: S, numbers: &[T], slot: u32, inverse: bool) -> Pair<S, T> {
    let count = lanes::<S, T>();
    let start = 2 * count * slot as usize;
    let cosine = Vector::<S, T>::from_slice(simd, &numbers[start..start + count]);
    let sine = Vector::<S, T>::from_slice(simd, &numbers[start + count..start + 2 * count]);
    (cosine, if inverse { -sine } else { sine })
}

#[inline(always)]
fn times<S: Simd, T: Real>(a: Pair<S, T>, b: Pair<S, T>) -> Pair<S, T> {
    ((-a.1).mul_add(b.1, a.0 * b.0), a.0.mul_add(b.1, a.1 * b.0))
}

#[inline(always)]
fn rotate<S: Simd, T: Real>(simd: S, planes: (View<T>, View<T>), masks: Masks, cosine: Vector<S, T>, sine: Vector<S, T>) {
    let (x, z, controls) = (masks.x as usize, masks.z as usize, masks.controls as usize);
    let y = (x & z).count_ones();
    let weight = if matches!(y % 4, 0 | 1) { -sine } else { sine };
    let real = y % 2 == 1;
    let top = 1usize << x.ilog2();
    let size = planes.0.vectors::<S>();
    let fixed = top | controls;
    let mut index = controls;
    for _ in 0..size >> fixed.count_ones() {
        let weight = if odd(index & z) { -weight } else { weight };
        let (own, other) = (at(simd, planes, index), at(simd, planes, index ^ x));
        let (new, far) = if real {
            // the partner's sign is the opposite one
            (
                (weight.mul_add(other.0, own.0 * cosine), weight.mul_add(other.1, own.1 * cosine)),
                ((-weight).mul_add(own.0, other.0 * cosine), (-weight).mul_add(own.1, other.1 * cosine)),
            )
        } else {
            (
                ((-weight).mul_add(other.1, own.0 * cosine), weight.mul_add(other.0, own.1 * cosine)),
                ((-weight).mul_add(own.1, other.0 * cosine), weight.mul_add(own.0, other.1 * cosine)),
            )
        };
        put::<S, T>(planes, index, new);
        put::<S, T>(planes, index ^ x, far);
        index = following(index, fixed, controls);
    }
}

/// The next index whose bits in `fixed` are `ones`.
#[inline(always)]
fn following(index: usize, fixed: usize, ones: usize) -> usize {
    ((index | fixed) + 1) & !fixed | ones
}

#[inline(always)]
fn dense<S: Simd, T: Real>(simd: S, dense: &Dense, planes: (View<T>, View<T>), adjoint: bool) {
    let dimension = 1usize << dense.qubits.len();
    let mut offsets = vec![0usize];
    for qubit in &dense.qubits {
        for k in 0..offsets.len() {
            offsets.push(offsets[k] | 1 << qubit);
        }
    }
    let targets = offsets[dimension - 1];
    let controls = dense.controls as usize;
    let zero = Vector::<S, T>::splat(simd, T::default());
    let mut old = vec![(zero, zero); dimension];
    for base in 0..planes.0.vectors::<S>() {
        if base & targets != 0 || base & controls != controls {
            continue;
        }
        for (value, offset) in old.iter_mut().zip(&offsets) {
            *value = at(simd, planes, base | offset);
        }
        for (row, offset) in offsets.iter().enumerate() {
            let mut sum = (zero, zero);
            for (column, value) in old.iter().enumerate() {
                let entry = if adjoint {
                    dense.entries[column * dimension + row].conj()
                } else {
                    dense.entries[row * dimension + column]
                };
                let (a, b) = (T::from_f64(entry.re), T::from_f64(entry.im));
                sum = (sum.0 + value.0 * a - value.1 * b, sum.1 + value.1 * a + value.0 * b);
            }
            put::<S, T>(planes, base | offset, sum);
        }
    }
}

/// `Im <left| C P |right>`.
#[inline(always)]
fn overlap<S: Simd, T: Real>(simd: S, left: (View<T>, View<T>), right: (View<T>, View<T>), masks: Masks) -> Vector<S, T> {
    let (x, z, controls) = (masks.x as usize, masks.z as usize, masks.controls as usize);
    let y = (x & z).count_ones();
    let mut sum = Vector::<S, T>::splat(simd, T::default());
    for index in 0..left.0.vectors::<S>() {
        if index & controls != controls {
            continue;
        }
        let ((a, b), (c, d)) = (at(simd, left, index), at(simd, right, index ^ x));
        let part = if y.is_multiple_of(2) { a * d - b * c } else { a.mul_add(c, b * d) };
        sum = if odd(index & z) { sum - part } else { sum + part };
    }
    if matches!(y % 4, 0 | 3) { sum } else { -sum }
}

/// `sum_t c_t (-1)^{|i & z_t|}`.
#[inline(always)]
fn weight<T: Real>(terms: Terms<'_>, index: usize) -> T {
    let mut sum = 0.0;
    for &(z, coefficient) in terms {
        sum += if odd(index & z as usize) { -coefficient } else { coefficient };
    }
    T::from_f64(sum)
}

#[inline(always)]
fn terms<'a>(observable: &'a Observable, group: &Group) -> (Terms<'a>, Terms<'a>) {
    (&observable.terms[group.even.clone()], &observable.terms[group.odd.clone()])
}

#[inline(always)]
fn expectation<S: Simd, T: Real>(simd: S, observable: &Observable, planes: (View<T>, View<T>), values: &mut [T]) {
    let size = planes.0.vectors::<S>();
    let mut total = Vector::<S, T>::splat(simd, T::default());
    for group in &observable.groups {
        let x = group.x as usize;
        let (even, uneven) = terms(observable, group);
        // An index and its partner give the same: only one of them is visited.
        let top = if x == 0 { size } else { 1 << x.ilog2() };
        let mut sum = Vector::<S, T>::splat(simd, T::default());
        for block in (0..size).step_by(2 * top) {
            for index in block..(block + top).min(size) {
                let ((a, b), (c, d)) = (at(simd, planes, index), at(simd, planes, index ^ x));
                if !even.is_empty() {
                    sum = a.mul_add(c, b * d).mul_add(Vector::<S, T>::splat(simd, weight::<T>(even, index)), sum);
                }
                if !uneven.is_empty() {
                    sum = (a * d - b * c).mul_add(Vector::<S, T>::splat(simd, weight::<T>(uneven, index)), sum);
                }
            }
        }
        total = if x == 0 { total + sum } else { total + sum + sum };
    }
    total.store_slice(&mut values[..lanes::<S, T>()]);
}

#[inline(always)]
fn multiply<S: Simd, T: Real>(simd: S, observable: &Observable, psi: (View<T>, View<T>), out: (View<T>, View<T>)) {
    for index in 0..psi.0.vectors::<S>() {
        let zero = Vector::<S, T>::splat(simd, T::default());
        let (mut a, mut b) = (zero, zero);
        for group in &observable.groups {
            let (even, uneven) = terms(observable, group);
            let (c, d) = at(simd, psi, index ^ group.x as usize);
            if !even.is_empty() {
                let weight = Vector::<S, T>::splat(simd, weight::<T>(even, index));
                a = weight.mul_add(c, a);
                b = weight.mul_add(d, b);
            }
            if !uneven.is_empty() {
                let weight = Vector::<S, T>::splat(simd, weight::<T>(uneven, index));
                a = weight.mul_add(d, a);
                b = (-weight).mul_add(c, b);
            }
        }
        put::<S, T>(out, index, (a, b));
    }
}
