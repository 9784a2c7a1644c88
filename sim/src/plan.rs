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
mod schedule;

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use fearless_simd::Level;

use crate::program::{Op, PassExplanation, Program};

pub(crate) use lanes::{Grow, LaneConfig, LaneOp, LanePlan, Phases, Reading, Turns};
pub(crate) use layer::{Addresses, Diagonal, Member, TileOp};
pub(crate) use pairs::{Pair, PairStep};

/// What the plan depends on besides the program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    /// Qubits of a tile.
    pub(crate) tile: usize,
    /// Qubits that number the lanes of a vector.
    pub(crate) lanes: usize,
    /// Lowest qubits that are in every tile, so that memory is read in runs.
    pub(crate) run: usize,
    /// Most rotations in one block of registers.
    pub(crate) block: usize,
}

/// Qubits from which plans pay.
const SMALLEST: usize = 13;

/// One pass over the state.
#[derive(Clone, Debug)]
pub(crate) enum Pass {
    /// Tiles, each with the same list of operations.
    Tiled(TilePass),
    /// One operation by itself over the whole state.
    Whole(Op),
}

/// A pass over tiles.
#[derive(Clone, Debug)]
pub(crate) struct TilePass {
    /// Qubits of the tile that number vectors in memory, ascending.
    pub(crate) memory_qubits: Vec<usize>,
    /// Positions in `memory_qubits` whose bits change places with the lanes while in the tile; none or one for each lane bit.
    pub(crate) exchanged: Vec<usize>,
    /// Where the logical vector indices are when the tile is filled.
    pub(crate) entry: Places,
    /// Where they are when it is emptied.
    pub(crate) exit: Places,
    pub(crate) ops: Vec<TileOp>,
    /// Items taken.
    pub(crate) items: usize,
}

/// A linear map from logical vector indices to places in the tile.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Places {
    pub(crate) columns: Vec<u32>,
    pub(crate) constant: u32,
}

/// A stretch of a program as passes.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) num_qubits: usize,
    pub(crate) shape: Shape,
    pub(crate) passes: Vec<Pass>,
}

impl Plan {
    pub(crate) fn new(program: &Program, ops: &[Op], shape: Shape) -> Self {
        let list = items::decompose(program, ops, shape.freely());
        let items = pairs::join(list.items, program.num_qubits());
        let passes = schedule::passes(items, list.global, program.num_qubits(), shape);
        Self { num_qubits: program.num_qubits(), shape, passes }
    }
}

impl Shape {
    /// Most qubits that can be made to number vectors of one tile, whichever they are.
    fn freely(self) -> usize {
        (self.tile - 2 * self.lanes).min(self.tile - self.run)
    }

    /// The shape for this many qubits; none where plain operations are as good.
    pub(crate) fn choose(level: Level, bytes: usize, num_qubits: usize, tile: Option<usize>) -> Option<Self> {
        let (lanes, wide) = crate::kernel::width(level, bytes);
        if num_qubits < 2 * lanes + 1 || (tile.is_none() && num_qubits < SMALLEST) {
            return None;
        }
        // Half of a second-level cache of 1 MiB; less where the state itself is to stay there.
        let half = if bytes == 8 { 15 } else { 16 };
        let tile = tile.unwrap_or(if num_qubits <= half + 2 { half - 1 } else { half }).clamp(2 * lanes + 1, num_qubits);
        let run = if num_qubits > tile { (lanes + 4).min(tile - 2) } else { lanes };
        Some(Self { tile, lanes, run, block: if wide { 4 } else { 3 } })
    }
}

/// The way back through a stretch of a program, in passes over tiles that hold two states.
#[derive(Clone, Debug)]
pub(crate) struct WayBack {
    /// Tile qubits, none for single operations over whole states; operations, last first.
    pub(crate) passes: Vec<(u64, Vec<Op>)>,
}

impl WayBack {
    /// Qubits of a tile of two states.
    pub(crate) const TILE: usize = 14;

    pub(crate) fn new(program: &Program, ops: &[Op]) -> Self {
        let num_qubits = program.num_qubits();
        let shape = Shape { tile: Self::TILE.min(num_qubits), lanes: 0, run: 6.min(num_qubits), block: 1 };
        Self { passes: schedule::plain_passes(items::reversed(program, ops), num_qubits, shape) }
    }
}

/// A plan, its shape and its operations.
type Known = (Shape, Range<usize>, Arc<Plan>);

/// Plans made so far, by shape and operations.
#[derive(Debug, Default)]
pub(crate) struct PlanCache(RwLock<Vec<Known>>);

impl Clone for PlanCache {
    /// Starts empty: plans are made again when needed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PlanCache {
    pub(crate) fn clear(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The plan for these operations, made at the first call.
    pub(crate) fn get(&self, program: &Program, range: Range<usize>, shape: Shape) -> Arc<Plan> {
        let find = |plans: &[Known]| {
            plans.iter().find(|(known, ops, _)| *known == shape && *ops == range).map(|(_, _, plan)| plan.clone())
        };
        if let Some(plan) = find(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return plan;
        }
        let plan = Arc::new(Plan::new(program, &program.ops[range.clone()], shape));
        self.0.write().unwrap_or_else(PoisonError::into_inner).push((shape, range, plan.clone()));
        plan
    }
}

impl Pass {
    pub(crate) fn explain(&self) -> PassExplanation {
        let Pass::Tiled(pass) = self else { return PassExplanation { items: 1, ..PassExplanation::default() } };
        let mut explanation =
            PassExplanation { items: pass.items, lanes_exchanged: !pass.exchanged.is_empty(), ..PassExplanation::default() };
        for op in &pass.ops {
            match op {
                TileOp::Turns { turns, .. } => {
                    explanation.rotations += turns.len();
                    explanation.blocks += 1;
                }
                TileOp::Pair { pair, .. } => {
                    explanation.rotations += pair.steps.iter().filter(|step| matches!(step, PairStep::Turn(..))).count();
                    explanation.blocks += 1;
                }
                TileOp::Flip { .. } => explanation.blocks += 1,
                TileOp::Diagonal(_) => explanation.phase_layers += 1,
            }
        }
        explanation
    }
}
