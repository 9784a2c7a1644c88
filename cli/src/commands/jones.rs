//! `qloom jones`: from a link to the Jones polynomial, exactly and by sampled circuits.

mod benchmark;
mod circuits;
mod draw;
mod estimate;
mod estimate_local;
mod exact;
mod resources;

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
    EstimateLocal(estimate_local::Arguments),
    Circuits(circuits::Arguments),
    Estimate(estimate::Arguments),
    Draw(draw::Arguments),
    Resources(resources::Arguments),
    Benchmark(benchmark::Arguments),
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match &self.command {
            Command::Exact(arguments) => arguments.json,
            Command::EstimateLocal(arguments) => arguments.run.json,
            Command::Circuits(arguments) => arguments.run.json,
            Command::Estimate(arguments) => arguments.json,
            Command::Draw(arguments) => arguments.json,
            Command::Resources(arguments) => arguments.json,
            Command::Benchmark(arguments) => arguments.run.json,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Exact(arguments) => exact::run(arguments),
        Command::EstimateLocal(arguments) => estimate_local::run(arguments),
        Command::Circuits(arguments) => circuits::run(arguments),
        Command::Estimate(arguments) => estimate::run(arguments),
        Command::Draw(arguments) => draw::run(arguments),
        Command::Resources(arguments) => resources::run(arguments),
        Command::Benchmark(arguments) => benchmark::run(arguments),
    }
}
