//! Compilation as commands do it.

use qloom::circuits::Circuit;
use qloom::hardware::{self, CompileOptions, Compiled};

use crate::device_file;
use crate::failure::{Failure, OrFailure};

/// For which device a circuit is compiled, and how.
#[derive(clap::Args)]
pub struct Effort {
    /// Effort, from 0 to 3: 0 only translates and routes, 3 tries many layouts.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=3))]
    optimize: u8,
    /// Seed of every random choice: the same seed gives the same program.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl Effort {
    /// Compiles for a device file or a machine's name; what was assumed about the device is said on standard error.
    ///
    /// # Errors
    /// Bad input where there is no such device or the circuit does not fit it.
    pub fn compile(&self, circuit: &Circuit, target: &str) -> Result<Compiled, Failure> {
        let device = device_file::read_argument(target)?;
        let options = CompileOptions { level: self.optimize, seed: self.seed };
        let compiled = hardware::compile(circuit, &device, &options).or_input("cannot compile")?;
        device.assumptions.iter().chain(&compiled.assumptions).for_each(|assumption| eprintln!("{target}: {assumption}"));
        Ok(compiled)
    }
}
