//! Passes over tiles: fill, operate, empty, in parallel over tiles.

mod pairs;
mod phases;
mod prepared;
mod transfer;
mod turns;

use std::sync::atomic::{AtomicUsize, Ordering};

use fearless_simd::{Level, Simd, dispatch};
use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};

use super::plane::Plane;
use super::vector::{View, lane_bits};
use crate::error::SimError;
use crate::plan::{Pass, Plan, TilePass};
use crate::program::Op;
use crate::real::Real;
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

/// Runs the passes on the planes; `angles` are the angles of the program's slots, `whole` does single operations.
pub(crate) fn run<T: Real>(
    level: Level,
    plan: &Plan,
    angles: &[f64],
    buffers: &mut [Buffers<T>],
    (re, im): (&mut [T], &mut [T]),
    mut whole: impl FnMut(&Op, &mut [T], &mut [T]),
) {
    let mut prepared = Prepared::new();
    for pass in &plan.passes {
        match pass {
            Pass::Whole(op) => whole(op, re, im),
            Pass::Tiled(pass) => {
                prepared.pass(level, pass, angles);
                let planes = (View::new(re), View::new(im));
                tiles(level, pass, plan, &prepared, buffers, planes);
            }
        }
    }
}

fn tiles<T: Real>(
    level: Level,
    pass: &TilePass,
    plan: &Plan,
    prepared: &Prepared<T>,
    buffers: &mut [Buffers<T>],
    planes: (View<T>, View<T>),
) {
    let route = Route::new(pass, plan.num_qubits, plan.shape.lanes);
    let count = route.tiles();
    let next = AtomicUsize::new(0);
    let chunk = (count / (8 * buffers.len())).max(1);
    let work = |buffers: &mut Buffers<T>| {
        loop {
            let start = next.fetch_add(chunk, Ordering::Relaxed);
            if start >= count {
                break;
            }
            dispatch!(level, simd => {
                for tile in start..(start + chunk).min(count) {
                    one(simd, pass, prepared, &route, tile, buffers, planes);
                }
            });
        }
    };
    match buffers {
        [single] => work(single),
        many => many.par_iter_mut().for_each(work),
    }
}

/// One tile. Different tiles are different parts of the planes.
#[inline(always)]
fn one<S: Simd, T: Real>(
    simd: S,
    pass: &TilePass,
    prepared: &Prepared<T>,
    route: &Route,
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
