//! Slices beside what flips of qubits lead to, which may be with another rank.

use super::exchange::{Buffers, CHUNK};
use super::layout::{Blocks, Layout};
use crate::error::SimError;
use crate::fabric::{Fabric, Traffic};
use crate::kernel::block::BLOCK;
use crate::kernel::{Block, Real};

/// A stretch of a slice, and the amplitudes that flips of qubits lead to from there.
#[derive(Debug)]
pub(super) struct Beside<'a, T> {
    blocks: &'a Blocks,
    /// Number of its first block.
    pub(super) first: usize,
    own: (&'a [T], &'a [T]),
    other: (&'a [T], &'a [T]),
    /// Which block of the other is a block's partner: bits of their number that differ.
    flip: usize,
}

impl<T: Real> Beside<'_, T> {
    /// Blocks of the stretch.
    pub(super) fn count(&self) -> usize {
        self.own.0.len() / BLOCK
    }

    /// Basis index of the first amplitude of a block.
    pub(super) fn index(&self, block: usize) -> usize {
        self.blocks.first(self.first + block)
    }

    pub(super) fn own(&self, block: usize) -> Block<'_, T> {
        self.block(self.own, block, self.index(block))
    }

    pub(super) fn partner(&self, block: usize) -> Block<'_, T> {
        self.block(self.other, block ^ self.flip, 0)
    }

    fn block<'b>(&'b self, (re, im): (&'b [T], &'b [T]), number: usize, first: usize) -> Block<'b, T> {
        let range = number * BLOCK..(number + 1) * BLOCK;
        Block { first, re: &re[range.clone()], im: &im[range] }
    }
}

/// What a rank sends for flips of these qubits: nothing where none is global, else its slice.
pub(super) fn traffic(layout: &Layout, x: u64) -> Traffic {
    if x & layout.global() == 0 {
        return Traffic::default();
    }
    let slice = 1usize << layout.local;
    Traffic { messages: 2 * slice.div_ceil(CHUNK) as u64, amplitudes: slice as u64 }
}

/// Goes over a slice in stretches, each beside what flips of the qubits `x` lead to; gives what was sent for it.
pub(super) fn each<T: Real>(
    fabric: &dyn Fabric,
    layout: &Layout,
    x: u64,
    planes: (&[T], &[T]),
    buffers: &mut Buffers<T>,
    work: &mut dyn FnMut(&Beside<'_, T>),
) -> Result<Traffic, SimError> {
    let blocks = layout.blocks(fabric.rank());
    let physical = layout.physical(x) as usize;
    let slice = 1usize << layout.local;
    let chunk = CHUNK.min(slice);
    let (partner, flips) = (fabric.rank() ^ (physical >> layout.local), physical & (slice - 1));
    for number in 0..slice / chunk {
        let own = number * chunk..(number + 1) * chunk;
        let away = number ^ (flips / chunk);
        let away = away * chunk..(away + 1) * chunk;
        let there = (&planes.0[away.clone()], &planes.1[away]);
        let other = if partner == fabric.rank() { there } else { buffers.swap_planes(fabric, partner, there)? };
        work(&Beside {
            blocks: &blocks,
            first: number * (chunk / BLOCK),
            own: (&planes.0[own.clone()], &planes.1[own]),
            other,
            flip: flips % chunk / BLOCK,
        });
    }
    Ok(traffic(layout, x))
}
