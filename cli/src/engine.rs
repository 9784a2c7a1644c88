//! How simulations run: threads, precision, instruction set.

use qloom::circuits::{Circuit, Operation, PauliString};
use qloom::sim::{
    Executable, FactoredProgram, InstructionSet, SimError, SimulatorConfig, Tableau, split_last_measurements, state_bytes,
};

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
    /// Qubits of a tile, the piece of a large state that stays in cache for a pass; by default half of a core's second-level cache, as
    /// the system tells its size. Density operators have tiles of 4^7 coefficients, or of 4^8 with 16 and more.
    #[arg(long, value_name = "QUBITS", value_parser = clap::value_parser!(u64).range(5..=28))]
    tile: Option<u64>,
}

/// What a circuit is simulated with whose amplitudes do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wide {
    /// It is made of Clifford gates, measurements and Pauli errors.
    Tableau,
    /// The amplitudes of the parts that never meet fit.
    Factored,
    /// Nothing but expectation values can be had.
    Propagation,
}

impl Wide {
    /// The way for a circuit, if it is too large for amplitudes and there is one; `shots` are wanted of it or not.
    pub fn of(circuit: &Circuit, noisy: bool, shots: bool, config: &SimulatorConfig) -> Option<Self> {
        let (n, limit) = (circuit.num_qubits(), u128::from(config.memory_limit));
        if state_bytes::<f64>(n) <= limit {
            return None;
        }
        if Executable::<Tableau>::new(circuit).is_ok() {
            return Some(Wide::Tableau);
        }
        let parts = || FactoredProgram::new(&split_last_measurements(circuit).0);
        if !noisy && parts().is_ok_and(|program| program.bytes() <= limit) {
            return Some(Wide::Factored);
        }
        let conditions = circuit.operations().iter().any(|operation| matches!(operation, Operation::Conditional(_)));
        (!shots && n <= PauliString::MAX_QUBITS && !conditions).then_some(Wide::Propagation)
    }
}

/// The most qubits that noise alone puts on a Pauli vector, 128 MiB.
pub const PAULI_QUBITS: usize = 12;

/// Circuits of more qubits than this are simulated without those that nothing is done to, as most qubits of a large machine are.
pub const MANY_QUBITS: usize = 12;

/// Pauli strings that propagation keeps where nothing is said.
pub const STRINGS: u64 = 1 << 18;

/// Bytes that propagation takes at most with so many strings, those that are being merged included.
pub fn propagation_bytes(strings: u64) -> u128 {
    3 * u128::from(strings) * size_of::<(PauliString, f64)>() as u128
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
        Ok(SimulatorConfig {
            memory_limit: machine::memory_limit(),
            threads,
            instruction_set,
            tile_qubits: self.tile.map(|tile| tile as usize),
            cache: machine::cache(2).unwrap_or(SimulatorConfig::DEFAULT_CACHE),
            first_cache: machine::cache(1).unwrap_or(SimulatorConfig::DEFAULT_FIRST_CACHE),
            ..SimulatorConfig::default()
        })
    }
}
