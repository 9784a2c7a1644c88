//! The plans of a program, made when they are needed.

use std::sync::{Arc, PoisonError, RwLock};

use super::Program;
use crate::kernel::{Plan, Shape};

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
