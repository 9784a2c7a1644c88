//! Passes: tiles filled from the state or from a product state, worked on, emptied; in parallel over tiles.

use std::sync::atomic::{AtomicUsize, Ordering};

use fearless_simd::{Level, Simd, SimdBase, dispatch};
use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};

use super::exchange::exchange;
use super::parts::{Part, fill_parts};
use super::two::{self, GROUP, Work, place};
use super::{Numbers, Pass, Step};
use crate::error::SimError;
use crate::kernel::plane::Plane;
use crate::kernel::vector::{View, align_frame};

/// A tile for each thread.
#[derive(Debug, Default)]
pub(crate) struct PassBuffers {
    tiles: Vec<Buffer>,
    /// The values of each part of the state at the start.
    pub(super) parts: Vec<Plane<f64>>,
}

/// What the state is before a pass, where it does not lie in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// A product of one-qubit states, by digit.
    Product(&'a [[f64; 4]]),
    /// A product of parts, whose values are in the buffers.
    Parts(&'a [Part]),
}

#[derive(Debug)]
struct Buffer {
    tile: Plane<f64>,
    /// One factor a group.
    factors: Plane<f64>,
}

impl PassBuffers {
    /// At least this many tiles of this many digits.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub(crate) fn reserve(&mut self, threads: usize, digits: usize) -> Result<(), SimError> {
        let length = 1usize << (2 * digits);
        if self.tiles.first().is_some_and(|buffer| buffer.tile.len() < length) {
            self.tiles.clear();
        }
        while self.tiles.len() < threads {
            self.tiles.push(Buffer { tile: Plane::zeroed(length)?, factors: Plane::zeroed(length / GROUP)? });
        }
        Ok(())
    }
}

/// Does a pass on the values; where an origin is given, what the values were does not matter.
pub(crate) fn run_pass(
    level: Level,
    pass: &Pass,
    numbers: Numbers<'_>,
    origin: Option<Origin<'_>>,
    values: &mut [f64],
    buffers: &mut PassBuffers,
    threads: usize,
) {
    let length = 1usize << (2 * pass.digits.len());
    let count = values.len() / length;
    assert_eq!(values.len(), length << (2 * pass.outside.len()), "a pass covers the state");
    assert!(pass.source.len() == length / GROUP && pass.target.len() == length / GROUP);
    let next = AtomicUsize::new(0);
    let view = View::new(values);
    let PassBuffers { tiles, parts: values_of_parts } = buffers;
    let values_of_parts = &*values_of_parts;
    let work = |buffer: &mut Buffer| {
        let (tile, factors) = (&mut buffer.tile[..length], &mut buffer.factors[..length / GROUP]);
        dispatch!(level, simd => loop {
            align_frame();
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            let outside = pass.outside.iter().enumerate().fold(0, |sum, (k, &digit)| sum | (index >> (2 * k) & 3) << (2 * digit));
            match origin {
                None => fill(simd, &pass.source, view, outside, tile),
                Some(Origin::Product(states)) => {
                    let scale = pass.outside.iter().enumerate().fold(1.0, |product, (k, &digit)| {
                        product * states[usize::from(digit)][index >> (2 * k) & 3]
                    });
                    fill_product(simd, pass, states, scale, tile, factors);
                }
                Some(Origin::Parts(parts)) => fill_parts(simd, (parts, values_of_parts), index, tile, factors),
            }
            steps(simd, &pass.steps, numbers, tile);
            empty(simd, &pass.target, view, outside, tile);
        });
    };
    let threads = threads.min(count).min(tiles.len());
    match &mut tiles[..threads] {
        [single] => work(single),
        several => several.par_iter_mut().for_each(work),
    }
}

/// Does steps on a tile.
#[inline(always)]
pub(super) fn steps<S: Simd>(simd: S, steps: &[Step], numbers: Numbers<'_>, tile: &mut [f64]) {
    for step in steps {
        match step {
            Step::Two { positions, index } => {
                let (length, view) = (tile.len(), View::new(tile));
                two::two(simd, view, view, length, *positions, Work::new(&numbers, *index));
            }
            Step::Many { positions, index } => two::many(tile, positions, &numbers.many[*index as usize], false),
            Step::Exchange { with } => exchange(simd, tile, *with),
        }
    }
}

/// Groups ahead of the one that is copied whose lines are asked for; smaller tiles are in the cache.
const AHEAD: usize = 16;

/// Copies a tile in.
#[inline(always)]
fn fill<S: Simd>(simd: S, groups: &[u32], values: View<f64>, outside: usize, tile: &mut [f64]) {
    for (index, &from) in groups.iter().enumerate() {
        ask(simd, groups, index, values, outside);
        let start = place(GROUP * index);
        let group = &mut tile[start..start + GROUP];
        // SAFETY: the digits outside and those of the group are disjoint and number groups of the state.
        unsafe { values.read(outside + GROUP * from as usize, group) };
    }
}

/// Copies a tile out.
#[inline(always)]
fn empty<S: Simd>(simd: S, groups: &[u32], values: View<f64>, outside: usize, tile: &[f64]) {
    for (index, &to) in groups.iter().enumerate() {
        ask(simd, groups, index, values, outside);
        let start = place(GROUP * index);
        let group = &tile[start..start + GROUP];
        // SAFETY: as in `fill`; tiles of other threads have other digits outside.
        unsafe { values.write(outside + GROUP * to as usize, group) };
    }
}

/// Asks for the lines of a group to come.
#[inline(always)]
fn ask<S: Simd>(_: S, groups: &[u32], index: usize, values: View<f64>, outside: usize) {
    if let Some(&next) = groups.get(index + AHEAD) {
        let start = (outside + GROUP * next as usize) / S::f64s::LEN;
        values.prefetch::<S>(start);
        values.prefetch::<S>(start + 8 / S::f64s::LEN);
    }
}

/// Fills a tile with a product of one-qubit states times a factor.
#[inline(always)]
pub(super) fn fill_product<S: Simd>(
    simd: S,
    pass: &Pass,
    states: &[[f64; 4]],
    scale: f64,
    tile: &mut [f64],
    factors: &mut [f64],
) {
    let state = |position: usize| states[usize::from(pass.digits[position])];
    // the first component of a state is its trace, 1
    factors[0] = scale;
    for position in 2..pass.digits.len() {
        let (low, high) = factors[..1 << (2 * (position - 1))].split_at_mut(1 << (2 * (position - 2)));
        for (part, factor) in high.chunks_exact_mut(low.len()).zip(&state(position)[1..]) {
            for (to, from) in part.iter_mut().zip(&*low) {
                *to = from * factor;
            }
        }
    }
    let mut lanes = [0.0; GROUP];
    for (lane, value) in lanes.iter_mut().enumerate() {
        *value = state(0)[lane & 3] * state(1)[lane >> 2];
    }
    for (index, &factor) in factors[..tile.len() / GROUP].iter().enumerate() {
        let start = place(GROUP * index);
        for (from, to) in lanes.chunks_exact(S::f64s::LEN).zip(tile[start..start + GROUP].chunks_exact_mut(S::f64s::LEN)) {
            (S::f64s::from_slice(simd, from) * S::f64s::splat(simd, factor)).store_slice(to);
        }
    }
}
