//! What a circuit does to a state.
//!
//! A [`Program`] is a circuit compiled once; a [`StateVector`] holds `2^n` amplitudes in either precision; an
//! [`Observable`] is a Pauli sum compiled once; [`Energy`] joins the three for variational methods. Basis index bit
//! `q` is qubit `q`. Nothing here reads files, the clock or the environment.

mod batch;
mod config;
mod counts;
mod energy;
mod error;
mod estimate;
mod execute;
mod ground;
mod kernel;
mod memory;
mod observable;
mod op;
mod plan;
mod program;
mod real;
mod state;
mod team;
mod walsh;

pub use batch::Batch;
pub use config::{InstructionSet, SimulatorConfig};
pub use counts::{Counts, multinomial};
pub use energy::{Energy, NoisyEnergy};
pub use error::SimError;
pub use estimate::Estimate;
pub use execute::{Branch, Trajectories, TrajectoryResult, before_last_measurements, branches, split_last_measurements};
pub use ground::ground_energy;
pub use memory::state_bytes;
pub use observable::Observable;
pub use program::{Explanation, PassExplanation, PauliProgram, Program};
pub use real::Real;
pub use state::{PauliVector, StateVector};
pub use walsh::walsh;
