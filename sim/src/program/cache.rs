//! The plans of a program, made when they are needed.

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use super::Program;
use crate::kernel::{Plan, Shape};

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
        let plan = Arc::new(Plan::new(program.stretch(range.clone()), shape));
        self.0.write().unwrap_or_else(PoisonError::into_inner).push((shape, range, plan.clone()));
        plan
    }
}
