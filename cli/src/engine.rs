//! How simulations run: threads, precision, instruction set.

use qloom::circuits::Circuit;
use qloom::sim::{Executable, InstructionSet, SimError, SimulatorConfig, Tableau, state_bytes};

use crate::failure::{Failure, OrFailure};
use crate::machine;

/// How simulations run.
#[derive(clap::Args)]
pub struct Engine {
    /// Number of threads; by default one for each processor.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,
    /// Double (f64) or single (f32) precision.
    #[arg(long, default_value = "f64")]
    pub precision: Precision,
    /// The instruction set: scalar, avx2, avx512 or neon; by default the fastest that the processor has.
    #[arg(long, value_name = "SET")]
    simd: Option<String>,
}

/// Whether a circuit is too large for amplitudes, and made of Clifford gates, measurements and Pauli errors.
pub fn needs_tableau(circuit: &Circuit, config: &SimulatorConfig) -> bool {
    state_bytes::<f64>(circuit.num_qubits()) > config.memory_limit.into() && Executable::<Tableau>::new(circuit).is_ok()
}

/// What a simulation refused: of its size, failed work; of what it was given, bad input.
pub fn refused(place: &str, error: SimError) -> Failure {
    match error {
        SimError::MemoryLimit { .. }
        | SimError::Allocation { .. }
        | SimError::TooManyQubits { .. }
        | SimError::TooManyBranches { .. } => Failure::Work(anyhow::Error::new(error).context(place.to_owned())),
        error => Failure::Input(anyhow::Error::new(error).context(place.to_owned())),
    }
}

/// Precision of amplitudes.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Precision {
    F64,
    F32,
}

impl Engine {
    /// The number of threads asked for.
    pub fn threads(&self) -> Option<usize> {
        self.threads.map(|threads| threads as usize)
    }

    /// The configuration, with the threads that the process has.
    ///
    /// # Errors
    /// Bad input when the processor does not have the instruction set.
    pub fn config(&self) -> Result<SimulatorConfig, Failure> {
        let threads = rayon::current_num_threads();
        let instruction_set = match &self.simd {
            Some(name) => InstructionSet::from_name(name).or_input("--simd")?,
            None => InstructionSet::best(),
        };
        Ok(SimulatorConfig { memory_limit: machine::memory_limit(), threads, instruction_set, ..SimulatorConfig::default() })
    }
}
