//! Passes over tiles: fill, operate, empty, in parallel over tiles.

mod flips;
mod pairs;
mod pass;
mod phases;
mod prepared;
mod transfer;
mod turns;

use fearless_simd::{Level, Simd, dispatch};

use super::plane::Plane;
use super::vector::{View, lane_bits};
use crate::error::SimError;
use crate::op::Op;
use crate::real::Real;
use crate::team::{self, Portions};
pub(crate) use pass::{Addresses, Diagonal, Group, Member, Pair, PairStep, Pass, Places, Plan, Shape, TileOp, TilePass, Turn};
use prepared::{Left, Prepared};
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

/// Runs the passes on the planes; `angles` are the angles of the program's slots, `whole` does single operations.
///
/// The threads stay together from the first pass to the last: between passes they wait only for one another's tiles.
pub(crate) fn run<T: Real>(
    level: Level,
    plan: &Plan,
    angles: &[f64],
    buffers: &mut [Buffers<T>],
    (re, im): (&mut [T], &mut [T]),
    whole: impl Fn(&Op, &mut [T], &mut [T]) + Sync,
) {
    let threads = buffers.len();
    let mut left = Left::new(plan.num_qubits);
    let steps: Vec<(Work<'_, T>, Portions)> = plan
        .passes
        .iter()
        .map(|pass| match pass {
            Pass::Whole(op) => (Work::Whole(op), Portions::new(1, 1)),
            Pass::Tiled(pass) => {
                let prepared = Prepared::new(level, pass, angles, &mut left);
                let route = Route::new(pass, plan.num_qubits, plan.shape.lanes);
                let portions = Portions::new(route.tiles(), threads);
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
    prepared: Prepared<T>,
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
