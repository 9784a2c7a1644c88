//! The commands, one file each.

mod completions;
mod draw;
mod hamiltonian;
mod jones;
mod search;
mod simulate;

use crate::failure::Failure;

#[derive(clap::Subcommand)]
pub enum Command {
    Search(search::Arguments),
    Simulate(simulate::Arguments),
    Draw(draw::Arguments),
    Hamiltonian(hamiltonian::Arguments),
    Jones(jones::Arguments),
    Completions(completions::Arguments),
}

impl Command {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match self {
            Command::Search(arguments) => arguments.json,
            Command::Simulate(arguments) => arguments.json,
            Command::Draw(arguments) => arguments.json,
            Command::Hamiltonian(arguments) => arguments.json,
            Command::Jones(arguments) => arguments.json(),
            Command::Completions(arguments) => arguments.json,
        }
    }

    /// Does what the command says.
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Command::Search(arguments) => search::run(&arguments),
            Command::Simulate(arguments) => simulate::run(&arguments),
            Command::Draw(arguments) => draw::run(&arguments),
            Command::Hamiltonian(arguments) => hamiltonian::run(&arguments),
            Command::Jones(arguments) => jones::run(&arguments),
            Command::Completions(arguments) => completions::run(&arguments),
        }
    }
}
