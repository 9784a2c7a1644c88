//! Passes: tiles filled from the state or from a product state, worked on, emptied; in parallel over tiles.

use std::sync::atomic::{AtomicUsize, Ordering};

use fearless_simd::{Level, Simd, dispatch};
use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};

use super::Numbers;
use super::exchange::exchange;
use super::two::{self, GROUP, Work};
use crate::error::SimError;
use crate::kernel::plane::Plane;
use crate::kernel::vector::View;
use crate::pauli_vector::{Pass, Step};

/// A tile for each thread.
#[derive(Debug, Default)]
pub(crate) struct PassBuffers {
    tiles: Vec<Plane<f64>>,
}

impl PassBuffers {
    /// At least this many tiles of this many digits.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub(crate) fn reserve(&mut self, threads: usize, digits: usize) -> Result<(), SimError> {
        let length = 1usize << (2 * digits);
        if self.tiles.first().is_some_and(|tile| tile.len() < length) {
            self.tiles.clear();
        }
        while self.tiles.len() < threads {
            self.tiles.push(Plane::zeroed(length)?);
        }
        Ok(())
    }
}

/// Does a pass on the values. Where a product of one-qubit states is given, by digit, the state is that product before, and
/// what the values were does not matter.
pub(crate) fn run_pass(
    level: Level,
    pass: &Pass,
    numbers: Numbers<'_>,
    product: Option<&[[f64; 4]]>,
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
    let work = |buffer: &mut Plane<f64>| {
        let tile = &mut buffer[..length];
        dispatch!(level, simd => loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            let outside = pass.outside.iter().enumerate().fold(0, |sum, (k, &digit)| sum | (index >> (2 * k) & 3) << (2 * digit));
            match product {
                None => fill(pass, view, outside, tile),
                Some(states) => {
                    let scale = pass.outside.iter().enumerate().fold(1.0, |product, (k, &digit)| {
                        product * states[usize::from(digit)][index >> (2 * k) & 3]
                    });
                    fill_product(pass, states, scale, tile);
                }
            }
            steps(simd, &pass.steps, numbers, tile);
            empty(pass, view, outside, tile);
        });
    };
    let threads = threads.min(count).min(buffers.tiles.len());
    match &mut buffers.tiles[..threads] {
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
                let map = &numbers.twos[*index as usize];
                let then = &numbers.thens[*index as usize];
                two::two(simd, tile, *positions, Work { before: numbers.before(map), turn: numbers.turn(map), then });
            }
            Step::Many { positions, index } => two::many(tile, positions, &numbers.many[*index as usize]),
            Step::Exchange { with } => exchange(simd, tile, *with),
        }
    }
}

/// Copies a tile in.
#[inline(always)]
fn fill(pass: &Pass, values: View<f64>, outside: usize, tile: &mut [f64]) {
    for (group, &from) in tile.chunks_exact_mut(GROUP).zip(&pass.source) {
        // SAFETY: the digits outside and those of the group are disjoint and number groups of the state.
        unsafe { values.read(outside + GROUP * from as usize, group) };
    }
}

/// Copies a tile out.
#[inline(always)]
fn empty(pass: &Pass, values: View<f64>, outside: usize, tile: &[f64]) {
    for (group, &to) in tile.chunks_exact(GROUP).zip(&pass.target) {
        // SAFETY: as in `fill`; tiles of other threads have other digits outside.
        unsafe { values.write(outside + GROUP * to as usize, group) };
    }
}

/// Fills a tile with a product of one-qubit states times a factor.
#[inline(always)]
fn fill_product(pass: &Pass, states: &[[f64; 4]], scale: f64, tile: &mut [f64]) {
    tile[0] = scale;
    let mut length = 1;
    for &digit in &pass.digits {
        let state = states[usize::from(digit)];
        let (low, high) = tile[..4 * length].split_at_mut(length);
        for (part, factor) in high.chunks_exact_mut(length).zip(&state[1..]) {
            for (to, from) in part.iter_mut().zip(&*low) {
                *to = from * factor;
            }
        }
        // the first component of a state is its trace, 1
        length *= 4;
    }
}
