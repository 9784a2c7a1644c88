//! Compilation as commands do it.

use qloom::circuits::Circuit;
use qloom::hardware::{self, CompileOptions, Compiled, Device};

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
        self.compile_for(circuit, &device_file::read_argument(target)?, target)
    }

    /// [`Effort::compile`] for a device that was read, under the name it was given.
    ///
    /// # Errors
    /// Bad input where the circuit does not fit the device.
    pub fn compile_for(&self, circuit: &Circuit, device: &Device, target: &str) -> Result<Compiled, Failure> {
        let compiled = hardware::compile(circuit, device, &self.options()).or_input("cannot compile")?;
        device.assumptions.iter().chain(&compiled.assumptions).for_each(|assumption| eprintln!("{target}: {assumption}"));
        Ok(compiled)
    }

    /// Expected errors on a calibrated device: of the compiled circuit, and of the one that is compiled without looking at the data.
    ///
    /// # Errors
    /// As [`Effort::compile_for`].
    pub fn expected_errors(&self, circuit: &Circuit, device: &Device, compiled: &Compiled) -> Result<Option<[f64; 2]>, Failure> {
        let Some(error) = device.expected_error(&compiled.circuit) else { return Ok(None) };
        let blind = Device { gate: Vec::new(), one_qubit: None, two_qubit: None, qubit: None, ..device.clone() };
        let other = hardware::compile(circuit, &blind, &self.options()).or_input("cannot compile")?;
        Ok(device.expected_error(&other.circuit).map(|blind| [error, blind]))
    }

    fn options(&self) -> CompileOptions {
        CompileOptions { level: self.optimize, seed: self.seed }
    }
}
