//! What a circuit does to a state.
//!
//! A [`State`] holds a register: a [`StateVector`] `2^n` amplitudes in either precision, a [`PauliVector`] the `4^n` Pauli coefficients of
//! a density operator, a [`Tableau`] the strings that leave a stabilizer state as it is. A [`Program`] or [`PauliProgram`] is a circuit compiled once for one of them, an [`Executable`] a circuit that
//! measures, resets or decides on the way; an [`Observable`] is a Pauli sum compiled once; [`Energy`] joins the three for variational
//! methods, a [`Batch`] or [`PauliBatch`] for many parameter vectors and observables at a time. Basis index bit `q` is qubit `q`. Nothing here reads files, the clock or the environment, and nothing seeds itself.

mod batch;
mod config;
mod counts;
mod distributed;
mod energy;
mod error;
mod evolution;
mod execute;
mod fabric;
mod frame;
mod ground;
mod kernel;
mod memory;
mod observable;
mod op;
mod phase_layers;
mod plan;
mod program;
mod propagation;
mod record;
mod state;
mod sum;
mod tangent;
mod team;
mod unitary;
mod walsh;

pub use batch::{Batch, BatchGradients, BatchParameters, PauliBatch};
pub use config::{InstructionSet, SimulatorConfig};
pub use counts::{Counts, binomial, multinomial};
pub use distributed::{DistributedPlan, DistributedState};
pub use energy::{Energy, NoisyEnergy};
pub use error::SimError;
pub use evolution::{Evolution, evolve, evolve_watched};
pub use execute::{
    Accumulate, Branch, Branching, Course, CourseEnd, Executable, HybridExecutable, KrausMap, ProgramNoise, Progress, Shots,
    before_last_measurements, mixture, split_last_measurements,
};
pub use fabric::{Alone, Fabric, ThreadRank, Traffic, on_threads};
pub use frame::{PauliFrames, ShotTable};
pub use ground::{Eigenstate, Subspace, ground_energy, low_states};
pub use kernel::Real;
pub use memory::state_bytes;
pub use observable::Observable;
pub use phase_layers::{PhaseLayers, PhaseWorkspace};
pub use program::{Explanation, PassExplanation, PauliProgram, Program};
pub use propagation::{Propagated, Propagation, propagate};
pub use record::Record;
pub use state::{
    AnyState, CliffordProgram, Factored, FactoredProgram, MatrixProduct, MatrixProductProgram, PauliVector, PauliWorkspace,
    Representation, State, StateVector, Tableau, Workspace,
};
pub use tangent::{MetricKind, MetricTensor, metric_tensor};
pub use unitary::unitary;
pub use walsh::walsh;
