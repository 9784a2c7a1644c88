//! Plans for states larger than a cache: passes over tiles.
//!
//! The operations of a program are rewritten into few kinds of item: real rotations about Y, phases of parities, X, CX,
//! X under several controls, and runs of the others on one pair of qubits as dense blocks where that is less work. A *pass* picks the qubits of a *tile*, a piece of the state that fits half the second-level cache,
//! and takes every item that commutes to its front. Inside a tile X and CX move nothing: they change the linear
//! map between logical indices and places, which is folded into address tables. Phases are gathered and
//! multiplied once a layer. Rotations leave out the cosine; the product of the cosines is carried as one number.

mod items;
mod lanes;
mod layer;
mod pairs;
pub(crate) mod pauli;
mod schedule;

use crate::config::SimulatorConfig;
use crate::kernel::{self, Plan, Shape, WayBack};
use crate::op::Stretch;

pub(crate) use lanes::LaneConfig;

/// Qubits from which plans pay.
const SMALLEST: usize = 13;

impl Plan {
    pub(crate) fn new(stretch: Stretch<'_>, shape: Shape) -> Self {
        let num_qubits = stretch.num_qubits;
        let list = items::decompose(stretch, shape.freely());
        let items = pairs::join(list.items, num_qubits);
        let passes = schedule::passes(items, list.global, num_qubits, shape);
        Self { num_qubits, shape, passes }
    }
}

impl Shape {
    /// Most qubits that can be made to number vectors of one tile, whichever they are.
    fn freely(self) -> usize {
        (self.tile - 2 * self.lanes).min(self.tile - self.run)
    }

    /// The shape for this many qubits; none where plain operations are as good.
    pub(crate) fn choose(config: &SimulatorConfig, bytes: usize, num_qubits: usize) -> Option<Self> {
        let (level, tile) = (config.instruction_set.level(), config.tile_qubits);
        let (lanes, wide) = kernel::width(level, bytes);
        if num_qubits < 2 * lanes + 1 || (tile.is_none() && num_qubits < SMALLEST) {
            return None;
        }
        // Half of the second-level cache for two planes; less where the state itself is to stay there.
        let half = (config.cache / (4 * bytes as u64)).max(1 << 8).ilog2() as usize;
        let tile = tile.unwrap_or(if num_qubits <= half + 2 { half - 1 } else { half }).clamp(2 * lanes + 1, num_qubits);
        let run = if num_qubits > tile { (lanes + 4).min(tile - 2) } else { lanes };
        // Half of the first-level cache for a plane; with 32 registers blocks are so large that passes over a tile are few.
        let vectors = config.first_cache / 2 / (bytes << lanes) as u64;
        let (block, piece) = if wide { (4, tile) } else { (3, vectors.max(1).ilog2() as usize) };
        Some(Self { tile, lanes, run, block, piece })
    }
}

impl WayBack {
    /// Qubits of a tile of two states.
    pub(crate) const TILE: usize = 14;

    pub(crate) fn new(stretch: Stretch<'_>) -> Self {
        let num_qubits = stretch.num_qubits;
        let shape = Shape { tile: Self::TILE.min(num_qubits), lanes: 0, run: 6.min(num_qubits), block: 1, piece: 0 };
        Self { passes: schedule::plain_passes(items::reversed(stretch), num_qubits, shape) }
    }
}
