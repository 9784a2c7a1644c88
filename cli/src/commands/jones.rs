//! `qloom jones`: from a link to the Jones polynomial, exactly and by sampled circuits.

mod csv;
mod exact;
mod link;
mod progress;

use crate::failure::Failure;

/// Compute or estimate the Jones polynomial of a link.
///
/// Letter +i of a braid word is a positive (right-handed) crossing of strands i and i+1; the trace closure of "1 1 1" is the
/// right-handed trefoil, V = t + t^3 - t^4. The fifth root is t = e^{2 pi i/5} with t^{1/2} = -e^{i pi/5}.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Exact(exact::Arguments),
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match &self.command {
            Command::Exact(arguments) => arguments.json,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Exact(arguments) => exact::run(arguments),
    }
}
