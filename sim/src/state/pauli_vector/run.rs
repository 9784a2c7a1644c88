//! Programs on Pauli vectors.

use super::PauliVector;
use crate::error::SimError;
use crate::kernel::{self, PassBuffers, PauliPass};
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
    /// It is [`PauliVector::reset`] and [`PauliVector::apply`] with fewer passes: what comes first on each qubit is a product
    /// state, which the first pass writes.
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
        self.do_passes(program, program.passes(tile), Some(&states), workspace);
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
        product: Option<&[[f64; 4]]>,
        workspace: &mut PauliWorkspace,
    ) {
        let PauliWorkspace { bound, buffers } = workspace;
        let Self { plane, config, num_qubits } = self;
        let (level, threads) = (config.instruction_set.level(), config.threads.max(1));
        let mut work = || {
            let mut product = product;
            for pass in passes {
                kernel::run_pass(level, pass, program.numbers(bound), product.take(), plane, buffers, threads);
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
