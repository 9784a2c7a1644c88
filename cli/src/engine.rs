//! How simulations run: threads, precision, instruction set.

use qloom::sim::{InstructionSet, SimulatorConfig};

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

/// Precision of amplitudes.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Precision {
    F64,
    F32,
}

impl Engine {
    /// The configuration; also sets the number of threads of the process.
    ///
    /// # Errors
    /// Bad input when the processor does not have the instruction set.
    pub fn config(&self) -> Result<SimulatorConfig, Failure> {
        let threads = self.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), |n| n as usize);
        // only the first call of a process builds the pool; one process runs one command
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        let instruction_set = match &self.simd {
            Some(name) => InstructionSet::from_name(name).or_input("--simd")?,
            None => InstructionSet::best(),
        };
        Ok(SimulatorConfig { memory_limit: machine::memory_limit(), threads, instruction_set, ..SimulatorConfig::default() })
    }
}
