//! `qloom hamiltonian`: observables shown, made from integrals and lattices, reduced, converted and diagonalised.

mod ansatz;
mod build;
mod convert;
mod exact;
mod model;
mod scan;
mod show;
mod taper;

use crate::failure::Failure;

/// Show a Hamiltonian, or make, reduce, convert and diagonalise one.
///
/// Without a command: the terms, bounds and exact ground energy of a file. The file is JSON: {"n_qubits": 2, "constant": 0.5, "terms":
/// [["XZ", 0.25], ...]}; the leftmost letter of a word acts on qubit 0. The ground energy is computed by a Krylov method up to 14 qubits;
/// `qloom hamiltonian exact` goes further.
///
/// For example: qloom hamiltonian data/molecules/H2_0.7414_4q_jw.json
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    show: show::Arguments,
}

#[derive(clap::Subcommand)]
enum Command {
    Build(build::Arguments),
    Model(model::Arguments),
    Exact(exact::Arguments),
    Taper(taper::Arguments),
    Convert(convert::Arguments),
    Scan(scan::Arguments),
    Ansatz(ansatz::Arguments),
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match &self.command {
            None => self.show.json,
            Some(Command::Build(arguments)) => arguments.json,
            Some(Command::Model(arguments)) => arguments.json(),
            Some(Command::Exact(arguments)) => arguments.json,
            Some(Command::Taper(arguments)) => arguments.json,
            Some(Command::Convert(arguments)) => arguments.json,
            Some(Command::Scan(arguments)) => arguments.json,
            Some(Command::Ansatz(arguments)) => arguments.json,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        None => show::run(&arguments.show),
        Some(Command::Build(arguments)) => build::run(arguments),
        Some(Command::Model(arguments)) => model::run(arguments),
        Some(Command::Exact(arguments)) => exact::run(arguments),
        Some(Command::Taper(arguments)) => taper::run(arguments),
        Some(Command::Convert(arguments)) => convert::run(arguments),
        Some(Command::Scan(arguments)) => scan::run(arguments),
        Some(Command::Ansatz(arguments)) => ansatz::run(arguments),
    }
}
