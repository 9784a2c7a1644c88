//! The plans of a program, made when they are needed.

use std::sync::{Arc, PoisonError, RwLock};

use super::Program;
use crate::config::SimulatorConfig;
use crate::kernel::{Plan, Shape};
use crate::op::Op;

/// Operations up to which even a large state is run without a plan.
const FEW: usize = 2;
/// Parts of a state in which operations under controls are counted.
const PARTS: u64 = 256;

impl Program {
    /// The plan for numbers of so many bytes, made at the first call; none where its operations are done one by one.
    pub(crate) fn plan(&self, config: &SimulatorConfig, bytes: usize) -> Option<Arc<Plan>> {
        if let Some(shape) = Shape::choose(config, bytes, self.num_qubits) {
            return (self.ops.len() > FEW).then(|| self.plans.get(self, shape));
        }
        let shape = Shape::whole(config, bytes, self.num_qubits).filter(|_| self.many_runs)?;
        let most = shape.most_cost(self.sweeps);
        (most > Plan::LEAST_COST).then(|| self.plans.get(self, shape)).filter(|plan| plan.cost <= most)
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

    fn get(&self, program: &Program, shape: Shape) -> Arc<Plan> {
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
