//! Plans for states larger than a cache: passes over tiles.
//!
//! The operations of a program are rewritten into few kinds of item: real rotations about Y, phases of parities, X, CX,
//! X under several controls, and runs of the others on one pair of qubits as dense blocks where that is less work. A *pass* picks the qubits of a *tile*, a piece of the state that fits half the second-level cache,
//! and takes every item that commutes to its front. Inside a tile X and CX move nothing: they change the linear
//! map between logical indices and places, which is folded into address tables. Phases are gathered and
//! multiplied once a layer. Rotations leave out the cosine; the product of the cosines is carried as one number.

mod cost;
mod items;
mod lanes;
mod layer;
mod pairs;
pub(crate) mod pauli;
mod schedule;

use crate::config::SimulatorConfig;
use crate::kernel::{self, Pass, Plan, Shape, WayBack};
use crate::op::Stretch;

pub(crate) use lanes::LaneConfig;

/// Qubits from which plans always pay.
const SMALLEST: usize = 13;
/// Bits of the number of vectors from which a plan can pay for a smaller state.
const VECTORS: usize = 7;

impl Plan {
    pub(crate) fn new(stretch: Stretch<'_>, shape: Shape) -> Self {
        let num_qubits = stretch.num_qubits;
        let list = items::decompose(stretch, shape.freely());
        let (mut best, mut seen): (Option<Self>, _) = (None, None);
        for apart in pairs::APART {
            let (items, blocks) = pairs::join(&list.items, num_qubits, apart);
            // the blocks of a lower bound are the same or more
            if seen.replace(blocks) == Some(blocks) {
                continue;
            }
            let plan = Self::of_passes(schedule::passes(&items, list.global.clone(), num_qubits, shape), num_qubits, shape);
            if best.as_ref().is_none_or(|best| cost::clearly_less(plan.cost, best.cost)) {
                best = Some(plan);
            }
        }
        best.expect("there is a bound")
    }

    /// These passes, whoever made them.
    pub(crate) fn of_passes(passes: Vec<Pass>, num_qubits: usize, shape: Shape) -> Self {
        let cost = cost::of(&passes);
        Self { num_qubits, shape, passes, cost }
    }
}

impl Shape {
    /// Most qubits that can be made to number vectors of one tile, whichever they are.
    fn freely(self) -> usize {
        (self.tile - 2 * self.lanes).min(self.tile - self.run)
    }

    /// The shape for this many qubits; none where plain operations are as good.
    pub(crate) fn choose(config: &SimulatorConfig, bytes: usize, num_qubits: usize) -> Option<Self> {
        let (lanes, _) = kernel::width(config.instruction_set.level(), bytes);
        if num_qubits < 2 * lanes + 1 || (config.tile_qubits.is_none() && num_qubits < SMALLEST) {
            return None;
        }
        // Half of the second-level cache for two planes; less where the state itself is to stay there.
        let half = (config.cache / (4 * bytes as u64)).max(1 << 8).ilog2() as usize;
        let chosen = if num_qubits <= half + 2 { half - 1 } else { half };
        Some(Self::with_tile(config, bytes, num_qubits, config.tile_qubits.unwrap_or(chosen)))
    }

    /// The shape for fewer qubits, all of them one tile, where that can be less work than plain operations.
    pub(crate) fn whole(config: &SimulatorConfig, bytes: usize, num_qubits: usize) -> Option<Self> {
        let (lanes, _) = kernel::width(config.instruction_set.level(), bytes);
        let enough = (lanes + VECTORS).max(2 * lanes + 1);
        (config.tile_qubits.is_none() && (enough..SMALLEST).contains(&num_qubits))
            .then(|| Self::with_tile(config, bytes, num_qubits, num_qubits))
    }

    fn with_tile(config: &SimulatorConfig, bytes: usize, num_qubits: usize, tile: usize) -> Self {
        let (lanes, wide) = kernel::width(config.instruction_set.level(), bytes);
        let tile = tile.clamp(2 * lanes + 1, num_qubits);
        let run = if num_qubits > tile { (lanes + 4).min(tile - 2) } else { lanes };
        // Half of the first-level cache for a plane; with 32 registers blocks are so large that passes over a tile are few.
        let vectors = config.first_cache / 2 / (bytes << lanes) as u64;
        let vectors = vectors.max(2).ilog2() as usize;
        let (block, piece) = if wide { (4, tile) } else { (3, vectors) };
        Self { tile, lanes, run, block, piece, both: vectors - 1 }
    }
}

impl WayBack {
    /// Qubits of a tile of two states.
    pub(crate) const TILE: usize = 14;

    pub(crate) fn new(stretch: Stretch<'_>) -> Self {
        let num_qubits = stretch.num_qubits;
        let shape = Shape { tile: Self::TILE.min(num_qubits), lanes: 0, run: 6.min(num_qubits), block: 1, piece: 0, both: 0 };
        Self { passes: schedule::plain_passes(&items::reversed(stretch), num_qubits, shape) }
    }
}
