//! `qloom device`: what a device is like.

mod show;

/// Show quantum computers: native gates, couplings and calibration data.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Show(show::Arguments),
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match &self.command {
            Command::Show(arguments) => arguments.json,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), crate::failure::Failure> {
    match &arguments.command {
        Command::Show(arguments) => show::run(arguments),
    }
}
