//! Passes over tiles: fill, operate, empty, in parallel over tiles.

mod flips;
mod interaction;
mod pairs;
mod pass;
mod phases;
mod prepared;
mod reck;
mod transfer;
mod turns;

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};

use super::entry::Whole;
use super::plane::Plane;
use super::real::Real;
use super::vector::{View, lane_bits};
use crate::error::SimError;
use crate::op::Op;
use crate::team::{self, Portions};
pub(crate) use pass::{Addresses, Diagonal, Group, Member, Pair, PairStep, Pass, Places, Plan, Shape, TileOp, TilePass, Turn};
pub(crate) use prepared::PlanNumbers;
use prepared::Prepared;
use transfer::Route;

/// Lane bits of an instruction set for numbers of so many bytes, and whether it has 32 registers.
pub(crate) fn width(level: Level, bytes: usize) -> (usize, bool) {
    let bits = dispatch!(level, simd => if bytes == 8 { bits_of::<_, f64>(simd) } else { bits_of::<_, f32>(simd) });
    (bits, (bytes << bits) == 64)
}

#[inline(always)]
fn bits_of<S: Simd, T: Real>(_: S) -> usize {
    lane_bits::<S, T>()
}

/// A tile's buffers, one set for each thread.
#[derive(Debug)]
pub(crate) struct Buffers<T> {
    re: Plane<T>,
    im: Plane<T>,
    scratch: phases::Scratch<T>,
}

impl<T: Real> Buffers<T> {
    pub(crate) fn new(tile_qubits: usize) -> Result<Self, SimError> {
        let length = Plane::<T>::length_for(tile_qubits);
        Ok(Self { re: Plane::zeroed(length)?, im: Plane::zeroed(length)?, scratch: phases::Scratch::default() })
    }

    pub(crate) fn fits(&self, tile_qubits: usize) -> bool {
        self.re.len() >= Plane::<T>::length_for(tile_qubits)
    }
}

/// Where the qubits of a state are: index bits of this part of it, and bits that all of this part has in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    /// The index bit of each qubit; from `local` on, none of this part's.
    pub(crate) places: &'a [usize],
    /// Index bits of this part.
    pub(crate) local: usize,
    /// The qubits that are one in all of this part.
    pub(crate) ones: u64,
}

/// The numbers of a plan for these angles of the program's slots.
pub(crate) fn prepare<T: Real>(level: Level, plan: &Plan, angles: &[f64]) -> PlanNumbers<T> {
    PlanNumbers::new(level, plan, angles)
}

/// Runs the passes on the planes; `angles` are the angles of the program's slots, `whole` does single operations.
///
/// The threads stay together from the first pass to the last: between passes they wait only for one another's tiles.
pub(crate) fn run<T: Real>(
    level: Level,
    plan: &Plan,
    angles: &[f64],
    buffers: &mut [Buffers<T>],
    planes: (&mut [T], &mut [T]),
    whole: Whole<'_, T>,
) {
    let places: Vec<usize> = (0..plan.num_qubits).collect();
    let part = Part { places: &places, local: plan.num_qubits, ones: 0 };
    let numbers = prepare(level, plan, angles);
    run_part(level, (plan, &numbers), 0..plan.passes.len(), part, buffers, planes, whole);
}

/// As [`run`], some passes on a part of a state.
pub(crate) fn run_part<T: Real>(
    level: Level,
    (plan, numbers): (&Plan, &PlanNumbers<T>),
    passes: Range<usize>,
    part: Part<'_>,
    buffers: &mut [Buffers<T>],
    (re, im): (&mut [T], &mut [T]),
    whole: Whole<'_, T>,
) {
    let threads = buffers.len();
    let steps: Vec<(Work<'_, T>, Portions)> = passes
        .map(|index| match &plan.passes[index] {
            Pass::Whole(op) => (Work::Whole(op), Portions::new(1, 1)),
            Pass::Tiled(pass) => {
                let route = Route::new(pass, part, plan.shape.lanes);
                let portions = Portions::new(route.tiles(), threads);
                let prepared = numbers.passes[index].as_ref().expect("numbers are made for every pass over tiles");
                (Work::Tiles(Box::new(Tiles { pass, prepared, route })), portions)
            }
        })
        .collect();
    let planes = (View::new(re), View::new(im));
    team::run(buffers, |buffers| {
        for (work, portions) in &steps {
            let finished = match work {
                Work::Whole(op) => portions.finish(|_| {
                    // SAFETY: the one portion is taken by one thread, after all tiles of the passes before it are
                    // done; others touch the planes only when it is done too.
                    unsafe { whole(op, planes.0.whole(), planes.1.whole()) }
                }),
                Work::Tiles(tiles) => dispatch!(level, simd => {
                    portions.finish(
                        #[inline(always)]
                        |tile| one(simd, tiles, tile, buffers, planes),
                    )
                }),
            };
            if !finished {
                return;
            }
        }
    });
}

/// A pass with its numbers and addresses.
enum Work<'a, T> {
    Whole(&'a Op),
    Tiles(Box<Tiles<'a, T>>),
}

struct Tiles<'a, T> {
    pass: &'a TilePass,
    prepared: &'a Prepared<T>,
    route: Route,
}

/// One tile. Different tiles are different parts of the planes.
#[inline(always)]
fn one<S: Simd, T: Real>(
    simd: S,
    Tiles { pass, prepared, route }: &Tiles<'_, T>,
    tile: usize,
    buffers: &mut Buffers<T>,
    planes: (View<T>, View<T>),
) {
    let (re, im) = (View::new(&mut buffers.re), View::new(&mut buffers.im));
    let outside = route.outside(tile);
    let filled = route.fill(simd, outside, planes.0, re) | route.fill(simd, outside, planes.1, im);
    if !filled {
        return;
    }
    prepared.operate(simd, pass, route.qubits_outside(tile), (re, im), &mut buffers.scratch);
    route.empty(simd, outside, planes.0, re);
    route.empty(simd, outside, planes.1, im);
}
