//! What a circuit does to a state.
//!
//! A [`Program`] is a circuit compiled once; a [`StateVector`] holds `2^n` amplitudes in either precision; an
//! [`Observable`] is a Pauli sum compiled once; [`Energy`] joins the three for variational methods. Basis index bit
//! `q` is qubit `q`. Nothing here reads files, the clock or the environment.

mod batch;
mod branch;
mod config;
mod energy;
mod error;
mod estimate;
mod ground;
mod kernel;
mod memory;
mod observable;
mod pauli_vector;
mod plan;
mod program;
mod real;
mod sampling;
mod state_vector;
mod team;
mod trajectory;
mod walsh;

pub use batch::Batch;
pub use branch::{Branch, before_last_measurements, branches, split_last_measurements};
pub use config::{InstructionSet, SimulatorConfig};
pub use energy::Energy;
pub use error::SimError;
pub use estimate::Estimate;
pub use ground::ground_energy;
pub use memory::state_bytes;
pub use observable::Observable;
pub use pauli_vector::{NoisyEnergy, PauliProgram, PauliVector};
pub use program::{Explanation, PassExplanation, Program};
pub use real::Real;
pub use sampling::{Counts, multinomial};
pub use state_vector::StateVector;
pub use trajectory::{Trajectories, TrajectoryResult};
pub use walsh::walsh;
