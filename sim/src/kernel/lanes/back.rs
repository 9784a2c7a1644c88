//! Back through a plan with two states, and derivatives by its angles.

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::plan::{Grow, LaneOp, LanePlan, Phases, Turns};
use super::{Pair, number, offset_factors, phase, product, row_factors, with_mixed};
use crate::kernel::Real;
use crate::kernel::vector::{Vector, View, odd};

/// Takes `psi`, as a plan has left it, and `lambda` back, and writes derivatives: `slopes[angle][lane]`.
///
/// Amplitudes that the plan had not reached are dropped on the way: nothing before depends on them.
pub(crate) fn back_lanes<T: Real>(
    level: Level,
    plan: &LanePlan,
    numbers: &[T],
    rows: &mut Vec<T>,
    [psi, lambda]: [(&mut [T], &mut [T]); 2],
    slopes: &mut [T],
) {
    let lanes = super::batch_lanes::<T>(level);
    let held = lanes << plan.bits;
    assert!(psi.0.len() >= held && psi.1.len() >= held && lambda.0.len() >= held && lambda.1.len() >= held);
    assert!(numbers.len() >= plan.numbers() * lanes && slopes.len() == plan.angles.len() * lanes, "buffers fit the plan");
    rows.resize(3 * lanes * plan.most_rows(), T::default());
    slopes.fill(T::default());
    let states = [(View::new(psi.0), View::new(psi.1)), (View::new(lambda.0), View::new(lambda.1))];
    let back = Back { numbers: View::read_only(numbers), rows: View::new(rows), states, slopes: View::new(slopes) };
    dispatch!(level, simd => run::<_, T>(simd, plan, back));
}

/// What the way back reads and writes.
#[derive(Clone, Copy)]
struct Back<T> {
    numbers: View<T>,
    /// Two vectors of factors for each row, then one sum for each.
    rows: View<T>,
    /// `psi` and `lambda`.
    states: [(View<T>, View<T>); 2],
    slopes: View<T>,
}

impl<T: Real> Back<T> {
    #[inline(always)]
    fn get<S: Simd>(self, simd: S, state: usize, place: usize) -> Pair<S, T> {
        let (re, im) = self.states[state];
        // SAFETY: addresses of a plan are places held, which fit the planes.
        unsafe { (re.load(simd, place), im.load(simd, place)) }
    }

    #[inline(always)]
    fn put<S: Simd>(self, state: usize, place: usize, value: Pair<S, T>) {
        let (re, im) = self.states[state];
        // SAFETY: as in `get`.
        unsafe {
            re.store::<S>(place, value.0);
            im.store::<S>(place, value.1);
        }
    }

    /// Adds to the derivative by an angle.
    #[inline(always)]
    fn add<S: Simd>(self, simd: S, angle: usize, factor: f64, sum: Vector<S, T>) {
        // SAFETY: there is a vector for each angle.
        unsafe { self.slopes.store::<S>(angle, sum * T::from_f64(factor) + self.slopes.load(simd, angle)) };
    }

    /// Cosine, sign aside, and sine of a rotation from its tangent: a sign of both is one of the whole state.
    #[inline(always)]
    fn turn<S: Simd>(self, simd: S, turn: usize) -> Pair<S, T> {
        let tangent = number::<S, T>(simd, self.numbers, 2 * turn);
        let one = Vector::<S, T>::splat(simd, T::from_f64(1.0));
        let cosine = one / tangent.mul_add(tangent, one).sqrt();
        (cosine, tangent * cosine)
    }
}

/// `Im conj(left) right`.
#[inline(always)]
fn imaginary<S: Simd, T: Real>(left: Pair<S, T>, right: Pair<S, T>) -> Vector<S, T> {
    left.0.mul_sub(right.1, left.1 * right.0)
}

/// `Re conj(left) right`.
#[inline(always)]
fn real<S: Simd, T: Real>(left: Pair<S, T>, right: Pair<S, T>) -> Vector<S, T> {
    left.0.mul_add(right.0, left.1 * right.1)
}

#[inline(always)]
fn conjugate<S: Simd, T: Real>(value: Pair<S, T>) -> Pair<S, T> {
    (value.0, -value.1)
}

#[inline(always)]
fn run<S: Simd, T: Real>(simd: S, plan: &LanePlan, back: Back<T>) {
    for op in plan.ops.iter().rev() {
        match op {
            LaneOp::Grow(grow) => shrink(simd, grow, back),
            LaneOp::Turns(turns) => {
                for stage in (0..turns.turns.len()).step_by(2) {
                    if stage + 1 < turns.turns.len() {
                        turn_back::<S, T, 4>(simd, turns, stage, back);
                    } else {
                        turn_back::<S, T, 2>(simd, turns, stage, back);
                    }
                }
            }
            LaneOp::Phases(phases) => match phases.offset_bits.len() {
                0 => phases_back::<S, T, 1>(simd, phases, back),
                1 => phases_back::<S, T, 2>(simd, phases, back),
                2 => phases_back::<S, T, 4>(simd, phases, back),
                3 => phases_back::<S, T, 8>(simd, phases, back),
                bits => unreachable!("a layer has up to three offset bits, not {bits}"),
            },
        }
    }
}

/// Undoes a rotation to new places, and the phase on them.
#[inline(always)]
fn shrink<S: Simd, T: Real>(simd: S, grow: &Grow, back: Back<T>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let zero = Vector::<S, T>::splat(simd, T::default());
            let one = Vector::<S, T>::splat(simd, T::from_f64(1.0));
            let (cosine, sine) = back.turn(simd, grow.turn);
            let signed = if grow.flipped { [(-sine, -one), (sine, one)] } else { [(sine, one), (-sine, -one)] };
            let factor = grow.phase.map_or((one, zero), |index| conjugate::<S, T>(phase::<S, T>(simd, back.numbers, index)));
            let (mut of_turn, mut of_phase) = (zero, zero);
            let size = 1usize << grow.bit;
            for place in 0..size {
                let (sine, sign) = signed[usize::from(odd(place & grow.sign))];
                let [own, left] = [0, 1].map(|state| back.get(simd, state, place));
                let [far, right] = [0, 1].map(|state| back.get(simd, state, place | size));
                of_phase += imaginary::<S, T>(right, far);
                let [far, right] = [far, right].map(|value| product::<S, T>(value, factor));
                of_turn = (real::<S, T>(right, own) - real::<S, T>(left, far)).mul_add(sign, of_turn);
                for (state, (own, far)) in [(own, far), (left, right)].into_iter().enumerate() {
                    back.put::<S>(state, place, (sine.mul_add(far.0, own.0 * cosine), sine.mul_add(far.1, own.1 * cosine)));
                }
            }
            back.add(simd, grow.turn, 2.0, of_turn);
            if let Some(index) = grow.phase {
                back.add(simd, index, -2.0, of_phase);
            }
        },
    );
}

/// Undoes one or two rotations of a block, from number `stage` on.
#[inline(always)]
fn turn_back<S: Simd, T: Real, const N: usize>(simd: S, turns: &Turns, stage: usize, back: Back<T>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let zero = Vector::<S, T>::splat(simd, T::default());
            let count = N.ilog2() as usize;
            let mut numbers = [(zero, zero); 2];
            for k in 0..count {
                numbers[k] = back.turn(simd, turns.turns[stage + k]);
            }
            let mut sums = [zero; 2];
            let all = &turns.addresses.offsets;
            for rest in (0..all.len()).filter(|k| k >> stage & (N - 1) == 0) {
                let mut offsets = [0usize; N];
                for k in 0..N {
                    offsets[k] = all[rest | k << stage] as usize;
                }
                for &base in &turns.addresses.bases {
                    let mut r = [[(zero, zero); N]; 2];
                    for state in 0..2 {
                        for k in 0..N {
                            r[state][k] = back.get(simd, state, base as usize ^ offsets[k]);
                        }
                    }
                    for j in 0..count {
                        let (bit, (cosine, sine)) = (1 << j, numbers[j]);
                        for k in 0..N {
                            if k & bit == 0 {
                                let parts = real::<S, T>(r[1][k | bit], r[0][k]) - real::<S, T>(r[1][k], r[0][k | bit]);
                                sums[j] += parts;
                                for state in 0..2 {
                                    let (a, b) = (r[state][k], r[state][k | bit]);
                                    r[state][k] = (sine.mul_add(b.0, a.0 * cosine), sine.mul_add(b.1, a.1 * cosine));
                                    r[state][k | bit] = ((-sine).mul_add(a.0, b.0 * cosine), (-sine).mul_add(a.1, b.1 * cosine));
                                }
                            }
                        }
                    }
                    for state in 0..2 {
                        for k in 0..N {
                            back.put::<S>(state, base as usize ^ offsets[k], r[state][k]);
                        }
                    }
                }
            }
            for k in 0..count {
                back.add(simd, turns.turns[stage + k], 2.0, sums[k]);
            }
        },
    );
}

/// Undoes a layer of phases: derivatives are sums of one product over the places where a parity is odd.
#[inline(always)]
fn phases_back<S: Simd, T: Real, const N: usize>(simd: S, phases: &Phases, back: Back<T>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let zero = Vector::<S, T>::splat(simd, T::default());
            let one = (Vector::<S, T>::splat(simd, T::from_f64(1.0)), zero);
            row_factors::<S, T>(simd, phases, back.numbers, back.rows, one);
            let inner = offset_factors::<S, T, N>(simd, phases, back.numbers);
            let count = phases.addresses.bases.len();
            let mut offsets = [0usize; N];
            assert_eq!(phases.addresses.offsets.len(), N);
            offsets.iter_mut().zip(&phases.addresses.offsets).for_each(|(to, from)| *to = *from as usize);
            let mut sums = [zero; N];
            for (row, &base) in phases.addresses.bases.iter().enumerate() {
                // SAFETY: there are two vectors for each row.
                let outer = unsafe { (back.rows.load(simd, 2 * row), back.rows.load(simd, 2 * row + 1)) };
                let factors = with_mixed::<S, T, N>(simd, phases, back.numbers, row, inner);
                let mut parts = [zero; N];
                for k in 0..N {
                    let place = base as usize ^ offsets[k];
                    let factor = conjugate::<S, T>(product::<S, T>(factors[k], outer));
                    let [value, left] = [0, 1].map(|state| back.get(simd, state, place));
                    parts[k] = imaginary::<S, T>(left, value);
                    back.put::<S>(0, place, product::<S, T>(value, factor));
                    back.put::<S>(1, place, product::<S, T>(left, factor));
                }
                let mut total = zero;
                for k in 0..N {
                    sums[k] += parts[k];
                    total += parts[k];
                }
                // SAFETY: there is a vector for the sum of each row.
                unsafe { back.rows.store::<S>(2 * count + row, total) };
                for &(uneven, mask, index) in &phases.mixed {
                    let uneven = if odd(row & mask) { !uneven } else { uneven };
                    let mut sum = zero;
                    for k in 0..N {
                        if uneven >> k & 1 == 1 {
                            sum += parts[k];
                        }
                    }
                    back.add(simd, index, -2.0, sum);
                }
            }
            let singles = |bits: &[Option<usize>], bit: usize| bits[bit].map(|index| (1usize << bit, index));
            let of_offsets = (0..phases.offset_bits.len()).filter_map(|bit| singles(&phases.offset_bits, bit));
            for (mask, index) in of_offsets.chain(phases.offset_parities.iter().copied()) {
                let mut sum = zero;
                for k in 0..N {
                    if odd(k & mask) {
                        sum += sums[k];
                    }
                }
                back.add(simd, index, -2.0, sum);
            }
            let of_rows = (0..phases.row_bits.len()).filter_map(|bit| singles(&phases.row_bits, bit));
            for (mask, index) in of_rows.chain(phases.row_parities.iter().copied()) {
                let mut sum = zero;
                for row in (0..count).filter(|row| odd(row & mask)) {
                    // SAFETY: there is a vector for the sum of each row.
                    sum += unsafe { back.rows.load(simd, 2 * count + row) };
                }
                back.add(simd, index, -2.0, sum);
            }
        },
    );
}

/// Derivatives by parameters from those by angles: `gradient[parameter][lane]`.
pub(crate) fn chain_lanes<T: Real>(plan: &LanePlan, lanes: usize, slopes: &[T], gradient: &mut [T]) {
    gradient.fill(T::default());
    for (angle, slopes) in plan.angles.iter().zip(slopes.chunks_exact(lanes)) {
        for &(parameter, factor) in &angle.terms {
            let gradient = &mut gradient[parameter * lanes..(parameter + 1) * lanes];
            gradient.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += T::from_f64(factor) * *slope);
        }
    }
}
