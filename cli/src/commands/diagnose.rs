//! `qloom diagnose`: what kernels and circuits are worth before anything is trained.

mod circuit;
mod kernel;

use crate::failure::Failure;

/// Say what a quantum kernel or a trained circuit is worth before it is trained.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Kernel(kernel::Arguments),
    Circuit(circuit::Arguments),
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match &self.command {
            Command::Kernel(arguments) => arguments.json,
            Command::Circuit(arguments) => arguments.json,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Kernel(arguments) => kernel::run(arguments),
        Command::Circuit(arguments) => circuit::run(arguments),
    }
}
