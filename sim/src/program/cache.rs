//! The plans of a program, made when they are needed.

use std::sync::{Arc, PoisonError, RwLock};

use super::Program;
use crate::config::SimulatorConfig;
use crate::kernel::{Plan, Shape};
use crate::op::Op;

/// Operations up to which even a large state is run without a plan.
const FEW: usize = 2;
/// Times that the operations go over a state of one tile from which a plan pays.
const SWEEPS: u64 = 64;
/// Parts of a state in which operations under controls are counted.
const PARTS: u64 = 256;

impl Program {
    /// The shape of its plan for numbers of so many bytes; none where its operations are done one by one.
    pub(crate) fn shape(&self, config: &SimulatorConfig, bytes: usize) -> Option<Shape> {
        let large = Shape::choose(config, bytes, self.num_qubits).filter(|_| self.ops.len() > FEW);
        large.or_else(|| Shape::whole(config, bytes, self.num_qubits).filter(|_| self.many_runs && self.sweeps >= SWEEPS))
    }

    pub(super) fn count_sweeps(&mut self) {
        let parts = |op: &Op| PARTS >> op.controls(&self.dense).count_ones().min(PARTS.ilog2());
        self.sweeps = self.ops.iter().map(parts).sum::<u64>() / PARTS;
    }
}

/// Plans made so far, by shape.
#[derive(Debug, Default)]
pub(crate) struct PlanCache(RwLock<Vec<(Shape, Arc<Plan>)>>);

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

    /// The plan of the program, made at the first call.
    pub(crate) fn get(&self, program: &Program, shape: Shape) -> Arc<Plan> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = known.iter().find(|(known, _)| *known == shape) {
            return plan.clone();
        }
        drop(known);
        let plan = Arc::new(Plan::new(program.stretch(), shape));
        self.0.write().unwrap_or_else(PoisonError::into_inner).push((shape, plan.clone()));
        plan
    }
}
