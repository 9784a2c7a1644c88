//! Planned programs on many states side by side: amplitude `p` of all lanes is vector `p` of each plane.

mod back;
mod flat;
mod numbers;
mod observables;
mod plan;
mod read;

use fearless_simd::{Level, Simd, SimdBase, SimdFloat, dispatch};

use super::real::Real;
use super::vector::{Vector, View, odd, opaque};
pub(crate) use plan::{BLOCK, Grow, LaneAngle, LaneOp, LanePlan, Phases, Reading, Turns};

pub(crate) use back::{back_lanes, chain_lanes};
pub(crate) use flat::{DenseScratch, LaneProgram, apply_lanes, batch_lanes, bind_lanes, differentiate_lanes};
pub(crate) use numbers::{LaneScratch, bind_plan};
pub(crate) use observables::{LaneObservables, LanePart, pull_lanes, values_lanes};
pub(crate) use read::read_lanes;

type Pair<S, T> = (Vector<S, T>, Vector<S, T>);

/// Runs a plan on planes that hold the first amplitudes: one for `|0...0>` in place 0, before scaling.
pub(crate) fn run_lanes<T: Real>(
    level: Level,
    plan: &LanePlan,
    numbers: &[T],
    rows: &mut Vec<T>,
    (re, im): (&mut [T], &mut [T]),
) {
    assert_eq!(re.len(), im.len(), "the planes of a state are equally long");
    let lanes = batch_lanes::<T>(level);
    assert!(numbers.len() >= plan.numbers() * lanes && re.len() >= lanes << plan.bits, "buffers hold the plan's vectors");
    rows.resize(2 * lanes * plan.most_rows(), T::default());
    let planes = (View::new(re), View::new(im));
    let numbers = View::read_only(numbers);
    dispatch!(level, simd => run(simd, plan, numbers, View::new(rows), planes));
}

#[inline(always)]
fn run<S: Simd, T: Real>(simd: S, plan: &LanePlan, numbers: View<T>, rows: View<T>, planes: (View<T>, View<T>)) {
    let first = number::<S, T>(simd, numbers, plan.scale(0));
    if plan.inputs {
        for place in 0..1 << plan.bits {
            for plane in [planes.0, planes.1] {
                // SAFETY: a plan with inputs holds all places.
                unsafe { plane.store::<S>(place, plane.load(simd, place) * first) };
            }
        }
    } else {
        // SAFETY: there is a place.
        unsafe { planes.0.store::<S>(0, first) };
    }
    for op in &plan.ops {
        match op {
            LaneOp::Grow(grow) => match grow.phase {
                Some(index) => grow_complex::<S, T>(simd, plan, grow, index, numbers, planes),
                None => {
                    grow_plane::<S, T>(simd, plan, grow, numbers, planes.0);
                    if grow.complex {
                        grow_plane::<S, T>(simd, plan, grow, numbers, planes.1);
                    }
                }
            },
            LaneOp::Turns(turns) => {
                turn_plane::<S, T>(simd, plan, turns, numbers, planes.0);
                if turns.complex {
                    turn_plane::<S, T>(simd, plan, turns, numbers, planes.1);
                }
            }
            LaneOp::Phases(phases) => multiply::<S, T>(simd, plan, phases, numbers, rows, planes),
        }
    }
}

#[inline(always)]
fn number<S: Simd, T: Real>(simd: S, numbers: View<T>, index: usize) -> Vector<S, T> {
    // SAFETY: a plan's numbers are below the number of vectors it asks for.
    unsafe { numbers.load(simd, index) }
}

/// `[cosine, sine]` of a phase.
#[inline(always)]
fn phase<S: Simd, T: Real>(simd: S, numbers: View<T>, index: usize) -> Pair<S, T> {
    (number::<S, T>(simd, numbers, 2 * index), number::<S, T>(simd, numbers, 2 * index + 1))
}

#[inline(always)]
fn product<S: Simd, T: Real>(a: Pair<S, T>, b: Pair<S, T>) -> Pair<S, T> {
    ((-a.1).mul_add(b.1, a.0 * b.0), a.0.mul_add(b.1, a.1 * b.0))
}

#[inline(always)]
fn grow_plane<S: Simd, T: Real>(simd: S, plan: &LanePlan, grow: &Grow, numbers: View<T>, plane: View<T>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let plane = plane;
            let tangent = number::<S, T>(simd, numbers, 2 * grow.turn);
            let signed = if grow.flipped { [-tangent, tangent] } else { [tangent, -tangent] };
            let size = 1usize << grow.bit;
            for place in 0..size {
                // SAFETY: a rotation doubles the places held, which fit the planes in the end.
                unsafe {
                    let mut own = plane.load(simd, place);
                    if let Some(scale) = grow.scale {
                        own *= number::<S, T>(simd, numbers, plan.scale(scale));
                        plane.store::<S>(place, own);
                    }
                    plane.store::<S>(place | size, own * signed[usize::from(odd(place & grow.sign))]);
                }
            }
        },
    );
}

/// A rotation to new places and a phase on them.
#[inline(always)]
fn grow_complex<S: Simd, T: Real>(
    simd: S,
    plan: &LanePlan,
    grow: &Grow,
    index: usize,
    numbers: View<T>,
    (re, im): (View<T>, View<T>),
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let (re, im) = (re, im);
            let tangent = number::<S, T>(simd, numbers, 2 * grow.turn);
            let (cosine, sine) = phase::<S, T>(simd, numbers, index);
            let factor = (tangent * cosine, tangent * sine);
            let minus = (-factor.0, -factor.1);
            let signed = if grow.flipped { [minus, factor] } else { [factor, minus] };
            let zero = Vector::<S, T>::splat(simd, T::default());
            let size = 1usize << grow.bit;
            for place in 0..size {
                let factor = signed[usize::from(odd(place & grow.sign))];
                // SAFETY: a rotation doubles the places held, which fit the planes in the end.
                unsafe {
                    let mut own = (re.load(simd, place), if grow.complex { im.load(simd, place) } else { zero });
                    if let Some(scale) = grow.scale {
                        let scale = number::<S, T>(simd, numbers, plan.scale(scale));
                        own = (own.0 * scale, own.1 * scale);
                        re.store::<S>(place, own.0);
                    }
                    if grow.scale.is_some() || !grow.complex {
                        im.store::<S>(place, own.1);
                    }
                    let new = product::<S, T>(own, factor);
                    re.store::<S>(place | size, new.0);
                    im.store::<S>(place | size, new.1);
                }
            }
        },
    );
}

#[inline(always)]
fn turn_plane<S: Simd, T: Real>(simd: S, plan: &LanePlan, turns: &Turns, numbers: View<T>, plane: View<T>) {
    match (turns.turns.len(), turns.scale.is_some()) {
        (1, false) => block::<S, T, 2, false>(simd, plan, turns, numbers, plane),
        (2, false) => block::<S, T, 4, false>(simd, plan, turns, numbers, plane),
        (3, false) => block::<S, T, 8, false>(simd, plan, turns, numbers, plane),
        (4, false) => block::<S, T, 16, false>(simd, plan, turns, numbers, plane),
        (1, true) => block::<S, T, 2, true>(simd, plan, turns, numbers, plane),
        (2, true) => block::<S, T, 4, true>(simd, plan, turns, numbers, plane),
        (3, true) => block::<S, T, 8, true>(simd, plan, turns, numbers, plane),
        (4, true) => block::<S, T, 16, true>(simd, plan, turns, numbers, plane),
        (count, _) => unreachable!("a block has one to four rotations, not {count}"),
    }
}

#[inline(always)]
fn block<S: Simd, T: Real, const N: usize, const SCALED: bool>(
    simd: S,
    plan: &LanePlan,
    turns: &Turns,
    numbers: View<T>,
    plane: View<T>,
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let plane = plane;
            let shift = (super::vector::lanes::<S, T>() * T::BYTES).trailing_zeros();
            assert_eq!(turns.addresses.offsets.len(), N);
            let mut offsets = [0usize; N];
            offsets.iter_mut().zip(&turns.addresses.offsets).for_each(|(to, from)| *to = opaque((*from as usize) << shift));
            let mut tangents = [Vector::<S, T>::splat(simd, T::default()); 4];
            for (tangent, turn) in tangents.iter_mut().zip(&turns.turns) {
                *tangent = number::<S, T>(simd, numbers, 2 * turn);
            }
            let scale = match turns.scale {
                Some(scale) => number::<S, T>(simd, numbers, plan.scale(scale)),
                None => Vector::<S, T>::splat(simd, T::from_f64(1.0)),
            };
            for &base in &turns.addresses.bases {
                let base = (base as usize) << shift;
                let mut places = [0; N];
                let mut r = [Vector::<S, T>::splat(simd, T::default()); N];
                for k in 0..N {
                    places[k] = opaque(base ^ offsets[k]);
                    // SAFETY: addresses are places held, which fit the planes.
                    r[k] = unsafe { plane.load_at(simd, places[k]) };
                    if SCALED {
                        r[k] *= scale;
                    }
                }
                let mut stage = 0;
                while (1 << stage) < N {
                    let (bit, tangent) = (1 << stage, tangents[stage]);
                    for k in 0..N {
                        if k & bit == 0 {
                            let (a, b) = (r[k], r[k | bit]);
                            // The minus on what changes, so that it becomes part of the instruction.
                            r[k] = (-b).mul_add(tangent, a);
                            r[k | bit] = tangent.mul_add(a, b);
                        }
                    }
                    stage += 1;
                }
                for k in 0..N {
                    // SAFETY: as above.
                    unsafe { plane.store_at::<S>(places[k], r[k]) };
                }
            }
        },
    );
}

/// Multiplies by the phases and the scale.
#[inline(always)]
fn multiply<S: Simd, T: Real>(
    simd: S,
    plan: &LanePlan,
    phases: &Phases,
    numbers: View<T>,
    rows: View<T>,
    planes: (View<T>, View<T>),
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let scale = number::<S, T>(simd, numbers, plan.scale(phases.scale));
            row_factors::<S, T>(simd, phases, numbers, rows, (scale, Vector::<S, T>::splat(simd, T::default())));
            match (phases.offset_bits.len(), phases.complex, !phases.mixed.is_empty()) {
                (0, false, false) => by_rows::<S, T, 1, false, false>(simd, phases, numbers, rows, planes),
                (0, false, true) => by_rows::<S, T, 1, false, true>(simd, phases, numbers, rows, planes),
                (1, false, false) => by_rows::<S, T, 2, false, false>(simd, phases, numbers, rows, planes),
                (1, false, true) => by_rows::<S, T, 2, false, true>(simd, phases, numbers, rows, planes),
                (2, false, false) => by_rows::<S, T, 4, false, false>(simd, phases, numbers, rows, planes),
                (2, false, true) => by_rows::<S, T, 4, false, true>(simd, phases, numbers, rows, planes),
                (3, false, false) => by_rows::<S, T, 8, false, false>(simd, phases, numbers, rows, planes),
                (3, false, true) => by_rows::<S, T, 8, false, true>(simd, phases, numbers, rows, planes),
                (0, true, false) => by_rows::<S, T, 1, true, false>(simd, phases, numbers, rows, planes),
                (0, true, true) => by_rows::<S, T, 1, true, true>(simd, phases, numbers, rows, planes),
                (1, true, false) => by_rows::<S, T, 2, true, false>(simd, phases, numbers, rows, planes),
                (1, true, true) => by_rows::<S, T, 2, true, true>(simd, phases, numbers, rows, planes),
                (2, true, false) => by_rows::<S, T, 4, true, false>(simd, phases, numbers, rows, planes),
                (2, true, true) => by_rows::<S, T, 4, true, true>(simd, phases, numbers, rows, planes),
                (3, true, false) => by_rows::<S, T, 8, true, false>(simd, phases, numbers, rows, planes),
                (3, true, true) => by_rows::<S, T, 8, true, true>(simd, phases, numbers, rows, planes),
                (bits, _, _) => unreachable!("a layer has up to three offset bits, not {bits}"),
            }
        },
    );
}

/// The first factor times the phases of rows alone, two vectors a row.
#[inline(always)]
fn row_factors<S: Simd, T: Real>(simd: S, phases: &Phases, numbers: View<T>, rows: View<T>, first: Pair<S, T>) {
    // SAFETY (all blocks): there are two vectors for each row.
    let get = |row: usize| unsafe { (rows.load(simd, 2 * row), rows.load(simd, 2 * row + 1)) };
    let put = |row: usize, value: Pair<S, T>| {
        // SAFETY: as above.
        unsafe {
            rows.store::<S>(2 * row, value.0);
            rows.store::<S>(2 * row + 1, value.1);
        }
    };
    put(0, first);
    for (bit, single) in phases.row_bits.iter().enumerate() {
        let half = 1 << bit;
        match single {
            Some(index) => {
                let factor = phase::<S, T>(simd, numbers, *index);
                for row in 0..half {
                    put(half | row, product::<S, T>(get(row), factor));
                }
            }
            None => (0..half).for_each(|row| put(half | row, get(row))),
        }
    }
    for &(mask, index) in &phases.row_parities {
        let factor = phase::<S, T>(simd, numbers, index);
        for row in (0..phases.addresses.bases.len()).filter(|row| odd(row & mask)) {
            put(row, product::<S, T>(get(row), factor));
        }
    }
}

/// The phases of offsets alone.
#[inline(always)]
fn offset_factors<S: Simd, T: Real, const N: usize>(simd: S, phases: &Phases, numbers: View<T>) -> [Pair<S, T>; N] {
    let one = (Vector::<S, T>::splat(simd, T::from_f64(1.0)), Vector::<S, T>::splat(simd, T::default()));
    let mut inner = [one; N];
    let mut bit = 0;
    while (1 << bit) < N {
        if let Some(index) = phases.offset_bits[bit] {
            let factor = phase::<S, T>(simd, numbers, index);
            for k in 0..N {
                if k >> bit & 1 == 1 {
                    inner[k] = product::<S, T>(inner[k], factor);
                }
            }
        }
        bit += 1;
    }
    for &(mask, index) in &phases.offset_parities {
        let factor = phase::<S, T>(simd, numbers, index);
        for k in 0..N {
            if odd(k & mask) {
                inner[k] = product::<S, T>(inner[k], factor);
            }
        }
    }
    inner
}

/// Factors of offsets times the phases of parities over offsets and this row.
#[inline(always)]
fn with_mixed<S: Simd, T: Real, const N: usize>(
    simd: S,
    phases: &Phases,
    numbers: View<T>,
    row: usize,
    mut factors: [Pair<S, T>; N],
) -> [Pair<S, T>; N] {
    for &(uneven, mask, index) in &phases.mixed {
        let uneven = if odd(row & mask) { !uneven } else { uneven };
        let factor = phase::<S, T>(simd, numbers, index);
        for k in 0..N {
            if uneven >> k & 1 == 1 {
                factors[k] = product::<S, T>(factors[k], factor);
            }
        }
    }
    factors
}

#[inline(always)]
fn by_rows<S: Simd, T: Real, const N: usize, const COMPLEX: bool, const MIXED: bool>(
    simd: S,
    phases: &Phases,
    numbers: View<T>,
    rows: View<T>,
    (re, im): (View<T>, View<T>),
) {
    let inner = offset_factors::<S, T, N>(simd, phases, numbers);
    let mut offsets = [0usize; N];
    assert_eq!(phases.addresses.offsets.len(), N);
    offsets.iter_mut().zip(&phases.addresses.offsets).for_each(|(to, from)| *to = *from as usize);
    for (row, &base) in phases.addresses.bases.iter().enumerate() {
        // SAFETY: there are two vectors for each row.
        let outer = unsafe { (rows.load(simd, 2 * row), rows.load(simd, 2 * row + 1)) };
        let factors = if MIXED { with_mixed::<S, T, N>(simd, phases, numbers, row, inner) } else { inner };
        for k in 0..N {
            let place = opaque(base as usize ^ offsets[k]);
            let factor = product::<S, T>(factors[k], outer);
            // SAFETY: addresses are places held, which fit the planes.
            unsafe {
                let a = re.load(simd, place);
                let new = if COMPLEX { product::<S, T>((a, im.load(simd, place)), factor) } else { (a * factor.0, a * factor.1) };
                re.store::<S>(place, new.0);
                im.store::<S>(place, new.1);
            }
        }
    }
}
