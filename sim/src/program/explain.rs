//! How a program runs: passes, and what each of them takes.

use super::Program;
use crate::config::SimulatorConfig;
use crate::kernel::{PairStep, Pass, Real, TileOp};

impl Program {
    /// What the program does under this configuration: passes over memory, and what each of them takes.
    ///
    /// Makes the plan, which the first run would else make.
    pub fn explain<T: Real>(&self, config: &SimulatorConfig) -> Explanation {
        let plan = self.plan(config, T::BYTES);
        let mut passes = Vec::new();
        match &plan {
            Some(plan) => passes.extend(plan.passes.iter().map(explain)),
            None => passes.extend(self.ops.iter().map(|_| PassExplanation { items: 1, ..PassExplanation::default() })),
        }
        Explanation {
            instruction_set: config.instruction_set.name(),
            operations: self.ops.len(),
            tile: plan.map(|plan| plan.shape.tile),
            passes,
        }
    }
}

fn explain(pass: &Pass) -> PassExplanation {
    let Pass::Tiled(pass) = pass else { return PassExplanation { items: 1, ..PassExplanation::default() } };
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

/// How a program runs; see [`Program::explain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Name of the instruction set.
    pub instruction_set: &'static str,
    /// Operations after lowering.
    pub operations: usize,
    /// Qubits of a tile, the piece of the state that stays in cache for a pass; none where operations run one by one.
    pub tile: Option<usize>,
    /// The passes over the state, in order.
    pub passes: Vec<PassExplanation>,
}

/// One pass over the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassExplanation {
    /// Rotations, phases, X and CX taken.
    pub items: usize,
    /// Rotations among them.
    pub rotations: usize,
    /// Blocks of registers they were put into.
    pub blocks: usize,
    /// Layers all phases were merged into.
    pub phase_layers: usize,
    /// Whether lanes were exchanged with other qubits on the way.
    pub lanes_exchanged: bool,
}
