//! Programs on Pauli vectors.

use super::PauliVector;
use crate::error::SimError;
use crate::kernel::{self, PassBuffers, PauliOrigin, PauliPass};
use crate::plan::pauli::{self as plan, TILES};
use crate::program::{PauliBound, PauliProgram};

/// Scratch memory of programs on Pauli vectors: numbers of the program, and a tile for each thread.
///
/// It holds nothing of a state, and serves any state and any program; reused, a run allocates nothing.
#[derive(Debug, Default)]
pub struct PauliWorkspace {
    pub(crate) bound: PauliBound,
    buffers: PassBuffers,
}

impl PauliVector {
    /// Applies a program at these parameter values to the state as it is.
    ///
    /// # Errors
    /// When it has another number of qubits, the number of values is wrong or one is not finite.
    pub fn apply(&mut self, program: &PauliProgram, parameters: &[f64], workspace: &mut PauliWorkspace) -> Result<(), SimError> {
        self.bind(program, parameters, workspace)?;
        let tile = plan::tile(self.num_qubits, &self.config);
        if program.leads() {
            self.do_passes(program, program.opening_passes(tile), None, workspace);
        }
        self.do_passes(program, program.passes(tile), None, workspace);
        Ok(())
    }

    /// As [`PauliVector::apply`], with scratch memory for this once.
    ///
    /// # Errors
    /// As [`PauliVector::apply`].
    pub fn run(&mut self, program: &PauliProgram, parameters: &[f64]) -> Result<(), SimError> {
        self.apply(program, parameters, &mut PauliWorkspace::default())
    }

    /// Makes the state what a program makes of `|0...0>` at these parameter values.
    ///
    /// It is [`PauliVector::reset`] and [`PauliVector::apply`] with less work: the state is at first a product of parts, whose
    /// maps are done on few qubits, and which the first pass multiplies.
    ///
    /// # Errors
    /// As [`PauliVector::apply`].
    pub fn prepare(
        &mut self,
        program: &PauliProgram,
        parameters: &[f64],
        workspace: &mut PauliWorkspace,
    ) -> Result<(), SimError> {
        self.bind(program, parameters, workspace)?;
        let states = program.product(&workspace.bound);
        let tile = plan::tile(self.num_qubits, &self.config);
        let start = program.start(tile);
        let origin = if start.parts.is_empty() {
            PauliOrigin::Product(&states)
        } else {
            let PauliWorkspace { bound, buffers } = workspace;
            buffers.prepare(self.config.instruction_set.level(), &start.parts, program.numbers(bound), &states)?;
            PauliOrigin::Parts(&start.parts)
        };
        self.do_passes(program, &start.passes, Some(origin), workspace);
        Ok(())
    }

    pub(crate) fn bind(
        &self,
        program: &PauliProgram,
        parameters: &[f64],
        workspace: &mut PauliWorkspace,
    ) -> Result<(), SimError> {
        self.check_size("qubits of the program", program.num_qubits())?;
        let digits = TILES[plan::tile(self.num_qubits, &self.config)].min(plan::digits(self.num_qubits));
        workspace.buffers.reserve(self.config.threads.max(1), digits)?;
        program.bind(self.config.instruction_set.level(), parameters, &mut workspace.bound)
    }

    fn do_passes(
        &mut self,
        program: &PauliProgram,
        passes: &[PauliPass],
        origin: Option<PauliOrigin<'_>>,
        workspace: &mut PauliWorkspace,
    ) {
        let PauliWorkspace { bound, buffers } = workspace;
        let Self { plane, config, num_qubits } = self;
        let (level, threads) = (config.instruction_set.level(), config.threads.max(1));
        let mut work = || {
            let mut origin = origin;
            for pass in passes {
                kernel::run_pass(level, pass, program.numbers(bound), origin.take(), plane, buffers, threads);
            }
        };
        if threads > 1 && *num_qubits > TILES[plan::tile(*num_qubits, config)] {
            // into the pool once, not once a pass
            rayon::scope(|_| work());
        } else {
            work();
        }
    }
}
