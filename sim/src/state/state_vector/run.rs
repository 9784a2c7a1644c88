//! Programs on state vectors.

use super::StateVector;
use crate::error::SimError;
use crate::kernel::{Buffers, Factor, Real};
use crate::op::Op;
use crate::program::Program;

/// Scratch memory of programs on state vectors: numbers of the program, and a tile for each thread.
///
/// It holds nothing of a state, and serves any state and any program; reused, a run allocates nothing.
#[derive(Debug, Default)]
pub struct Workspace<T: Real> {
    pub(crate) factors: Vec<Factor<T>>,
    /// Angles of the slots of the program bound last.
    angles: Vec<f64>,
    buffers: Vec<Buffers<T>>,
}

impl<T: Real> StateVector<T> {
    /// Applies a program at these parameter values.
    ///
    /// # Errors
    /// When sizes or the number of parameter values do not fit, a value is not finite, or the allocator refuses.
    pub fn apply(&mut self, program: &Program, parameters: &[f64], workspace: &mut Workspace<T>) -> Result<(), SimError> {
        self.check_size("qubits of the program", program.num_qubits())?;
        let config = self.config();
        let level = config.instruction_set.level();
        program.bind(level, parameters, &mut workspace.factors)?;
        let Some(plan) = program.plan(&config, T::BYTES) else {
            T::apply(level, &program.ops, &program.dense, &workspace.factors, &mut self.re, &mut self.im);
            return Ok(());
        };
        workspace.angles.clear();
        workspace.angles.extend(program.slots.iter().map(|slot| slot.angle.value(parameters)));
        let tile = plan.shape.tile;
        let threads = config.threads.clamp(1, 1 << (self.num_qubits() - tile).min(8));
        workspace.buffers.retain(|buffers| buffers.fits(tile));
        while workspace.buffers.len() < threads {
            workspace.buffers.push(Buffers::new(tile)?);
        }
        let Workspace { factors, angles, buffers } = workspace;
        let whole = |op: &Op, re: &mut [T], im: &mut [T]| T::apply(level, &[*op], &program.dense, factors, re, im);
        T::run_plan(level, &plan, angles, &mut buffers[..threads], (&mut self.re, &mut self.im), &whole);
        Ok(())
    }

    /// As [`StateVector::apply`], with scratch memory for this once.
    ///
    /// # Errors
    /// As [`StateVector::apply`].
    pub fn run(&mut self, program: &Program, parameters: &[f64]) -> Result<(), SimError> {
        self.apply(program, parameters, &mut Workspace::default())
    }
}
