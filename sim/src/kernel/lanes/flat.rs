//! Operations one after the other on many states side by side, and back with derivatives: amplitude `i` of all lanes is vector `i`.
//!
//! The kernels of single states would do the rotations and flips too, on a state whose lowest qubits are the lanes, but what they prepare for
//! each operation costs as much as a few amplitudes: at 4 qubits the way back of 64 rows took 190 to 220 instead of 174 us (40 rotations,
//! 40 cx and 40 crx, AVX-512).

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::super::run::Derivative;
use super::super::sincos;
use super::super::vector::{Vector, View, lanes, odd};
use super::{Pair, product};
use crate::kernel::Real;
use crate::op::{Dense, Masks, Op, Slot};

/// Where a dense unitary keeps what it reads.
#[derive(Debug, Default)]
pub(crate) struct DenseScratch<T> {
    offsets: Vec<usize>,
    /// `[local index][part][lane]`
    old: Vec<T>,
}

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
pub(crate) fn apply_lanes<T: Real>(
    level: Level,
    program: LaneProgram<'_, T>,
    (re, im): (&mut [T], &mut [T]),
    scratch: &mut DenseScratch<T>,
) {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    let planes = (View::new(re), View::new(im));
    dispatch!(level, simd => {
        for op in program.ops {
            step(simd, op, program, planes, false, scratch);
        }
    });
}

/// Takes both states back and adds to the derivatives: `[parameter][lane]`.
pub(crate) fn differentiate_lanes<T: Real>(
    level: Level,
    program: LaneProgram<'_, T>,
    derivatives: &[Derivative],
    [psi, lambda]: [(&mut [T], &mut [T]); 2],
    gradient: &mut [T],
    scratch: &mut DenseScratch<T>,
) {
    assert!(psi.0.len() == psi.1.len() && psi.0.len() == lambda.0.len() && psi.0.len() == lambda.1.len());
    let psi = (View::new(psi.0), View::new(psi.1));
    let lambda = (View::new(lambda.0), View::new(lambda.1));
    dispatch!(level, simd => {
        for op in program.ops.iter().rev() {
            let slot = match *op {
                Op::Rotation { slot, .. } | Op::Parity { slot, .. } | Op::Phase { slot, .. } => Some(slot),
                Op::Flip { .. } | Op::Dense(_) => None,
            };
            match slot.and_then(|slot| derivatives[slot as usize]) {
                Some((parameter, scale)) => {
                    let count = lanes_of::<_, T>(simd);
                    let total = &mut gradient[parameter * count..(parameter + 1) * count];
                    add(simd, total, T::from_f64(scale), step_back(simd, op, program, psi, lambda));
                }
                None => {
                    step(simd, op, program, psi, true, scratch);
                    step(simd, op, program, lambda, true, scratch);
                }
            }
        }
    });
}

#[inline(always)]
fn add<S: Simd, T: Real>(simd: S, total: &mut [T], scale: T, part: Vector<S, T>) {
    (part * scale + Vector::<S, T>::from_slice(simd, total)).store_slice(total);
}

/// Undoes an operation with an angle on both states, and gives the derivative by the angle.
///
/// That is `Im <lambda| C P |psi>` for a rotation with the string `P` under the controls `C`, from the amplitudes that are at hand.
#[inline(always)]
fn step_back<S: Simd, T: Real>(
    simd: S,
    op: &Op,
    program: LaneProgram<'_, T>,
    psi: (View<T>, View<T>),
    lambda: (View<T>, View<T>),
) -> Vector<S, T> {
    match *op {
        Op::Rotation { masks, slot } => {
            let numbers = number(simd, program.numbers, slot, true);
            if (masks.x & masks.z).count_ones() % 2 == 1 {
                rotate_back::<S, T, true>(simd, psi, lambda, masks, numbers)
            } else {
                rotate_back::<S, T, false>(simd, psi, lambda, masks, numbers)
            }
        }
        Op::Parity { parity, controls, slot } => {
            let (cosine, sine) = number(simd, program.numbers, slot, true);
            turn_back(simd, psi, lambda, (parity as usize, controls as usize), [(cosine, -sine), (cosine, sine)])
        }
        Op::Phase { controls, slot } => {
            let factor = number(simd, program.numbers, slot, true);
            let overlap = turn_back(simd, psi, lambda, (0, controls as usize), [factor, factor]);
            overlap * T::from_f64(-2.0)
        }
        Op::Flip { .. } | Op::Dense(_) => unreachable!("operations without an angle have no derivative"),
    }
}

#[inline(always)]
fn rotate_back<S: Simd, T: Real, const REAL: bool>(
    simd: S,
    psi: (View<T>, View<T>),
    lambda: (View<T>, View<T>),
    masks: Masks,
    (cosine, sine): Pair<S, T>,
) -> Vector<S, T> {
    simd.vectorize(
        #[inline(always)]
        || {
            let (x, z, controls) = (masks.x as usize, masks.z as usize, masks.controls as usize);
            let y = (x & z).count_ones();
            let weight = if matches!(y % 4, 0 | 1) { -sine } else { sine };
            let one = Vector::<S, T>::splat(simd, T::from_f64(1.0));
            let signed = [(weight, one), (-weight, -one)];
            let fixed = 1usize << x.ilog2() | controls;
            let mut sums = [Vector::<S, T>::splat(simd, T::default()); 2];
            let mut index = controls;
            for _ in 0..psi.0.vectors::<S>() >> fixed.count_ones() {
                let (weight, sign) = signed[usize::from(odd(index & z))];
                let far = index ^ x;
                let (own, other) = (at(simd, psi, index), at(simd, psi, far));
                let (left, right) = (at(simd, lambda, index), at(simd, lambda, far));
                // conj(left) other and conj(right) own: their real or imaginary parts.
                let parts = if REAL {
                    (left.0.mul_add(other.0, left.1 * other.1), right.0.mul_add(own.0, right.1 * own.1))
                } else {
                    (left.0.mul_sub(other.1, left.1 * other.0), right.0.mul_sub(own.1, right.1 * own.0))
                };
                sums[0] = parts.0.mul_add(sign, sums[0]);
                sums[1] = parts.1.mul_add(sign, sums[1]);
                for (planes, (own, other)) in [(psi, (own, other)), (lambda, (left, right))] {
                    let (new, new_far) = turned::<S, T, REAL>(own, other, cosine, weight);
                    put::<S, T>(planes, index, new);
                    put::<S, T>(planes, far, new_far);
                }
                index = following(index, fixed, controls);
            }
            // the sign of the partner is (-1)^y of the own one
            let sum = if REAL { sums[0] - sums[1] } else { sums[0] + sums[1] };
            if matches!(y % 4, 0 | 3) { sum } else { -sum }
        },
    )
}

/// Multiplies both states by a factor for each parity, where the controls are one.
#[inline(always)]
fn turn_back<S: Simd, T: Real>(
    simd: S,
    psi: (View<T>, View<T>),
    lambda: (View<T>, View<T>),
    (parity, controls): (usize, usize),
    factors: [Pair<S, T>; 2],
) -> Vector<S, T> {
    simd.vectorize(
        #[inline(always)]
        || {
            let one = Vector::<S, T>::splat(simd, T::from_f64(1.0));
            let signed = [(factors[0], one), (factors[1], -one)];
            let mut sum = Vector::<S, T>::splat(simd, T::default());
            let mut index = controls;
            for _ in 0..psi.0.vectors::<S>() >> controls.count_ones() {
                let (factor, sign) = signed[usize::from(odd(index & parity))];
                let (value, left) = (at(simd, psi, index), at(simd, lambda, index));
                sum = left.0.mul_sub(value.1, left.1 * value.0).mul_add(sign, sum);
                put::<S, T>(psi, index, product::<S, T>(value, factor));
                put::<S, T>(lambda, index, product::<S, T>(left, factor));
                index = following(index, controls, controls);
            }
            sum
        },
    )
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
fn step<S: Simd, T: Real>(
    simd: S,
    op: &Op,
    program: LaneProgram<'_, T>,
    planes: (View<T>, View<T>),
    inverse: bool,
    scratch: &mut DenseScratch<T>,
) {
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
                put::<S, T>(planes, index, product::<S, T>(value, (cosine, sine)));
                index = following(index, controls, controls);
            }
        }
        Op::Phase { controls, slot } => {
            let factor = number(simd, program.numbers, slot, inverse);
            let controls = controls as usize;
            let mut index = controls;
            for _ in 0..size >> controls.count_ones() {
                put::<S, T>(planes, index, product::<S, T>(at(simd, planes, index), factor));
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
        Op::Dense(index) => dense(simd, &program.dense[index as usize], planes, inverse, scratch),
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

/// Both amplitudes of a pair after a rotation; `REAL` where the string has an odd number of Ys.
#[inline(always)]
fn turned<S: Simd, T: Real, const REAL: bool>(
    own: Pair<S, T>,
    other: Pair<S, T>,
    cosine: Vector<S, T>,
    weight: Vector<S, T>,
) -> (Pair<S, T>, Pair<S, T>) {
    if REAL {
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
    }
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
            turned::<S, T, true>(own, other, cosine, weight)
        } else {
            turned::<S, T, false>(own, other, cosine, weight)
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
fn dense<S: Simd, T: Real>(
    simd: S,
    dense: &Dense,
    planes: (View<T>, View<T>),
    adjoint: bool,
    DenseScratch { offsets, old }: &mut DenseScratch<T>,
) {
    let dimension = 1usize << dense.qubits.len();
    offsets.clear();
    offsets.push(0);
    for qubit in &dense.qubits {
        for k in 0..offsets.len() {
            offsets.push(offsets[k] | 1 << qubit);
        }
    }
    let count = lanes::<S, T>();
    old.resize(2 * count * dimension, T::default());
    let controls = dense.controls as usize;
    let fixed = offsets[dimension - 1] | controls;
    let zero = Vector::<S, T>::splat(simd, T::default());
    let mut base = controls;
    for _ in 0..planes.0.vectors::<S>() >> fixed.count_ones() {
        for (old, offset) in old.chunks_exact_mut(2 * count).zip(&*offsets) {
            let value = at(simd, planes, base | offset);
            value.0.store_slice(&mut old[..count]);
            value.1.store_slice(&mut old[count..]);
        }
        for (row, offset) in offsets.iter().enumerate() {
            let mut sum = (zero, zero);
            for (column, old) in old.chunks_exact(2 * count).enumerate() {
                let entry = if adjoint {
                    dense.entries[column * dimension + row].conj()
                } else {
                    dense.entries[row * dimension + column]
                };
                let value = (Vector::<S, T>::from_slice(simd, &old[..count]), Vector::<S, T>::from_slice(simd, &old[count..]));
                let [a, b] = [entry.re, entry.im].map(|part| Vector::<S, T>::splat(simd, T::from_f64(part)));
                sum = ((-b).mul_add(value.1, a.mul_add(value.0, sum.0)), b.mul_add(value.0, a.mul_add(value.1, sum.1)));
            }
            put::<S, T>(planes, base | offset, sum);
        }
        base = following(base, fixed, controls);
    }
}
