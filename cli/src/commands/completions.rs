//! `qloom completions`: scripts that complete commands in a shell.

use clap::CommandFactory;

use crate::failure::Failure;
use crate::output::{self, Report};

/// Print a completion script for a shell.
///
/// For example: qloom completions bash > ~/.local/share/bash-completion/completions/qloom
#[derive(clap::Args)]
pub struct Arguments {
    /// The shell.
    shell: clap_complete::Shell,
    /// Print {"shell": ..., "script": ...}.
    #[arg(long)]
    pub json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut crate::Arguments::command(), "qloom", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    output::report(arguments.json, &Completions { shell: arguments.shell.to_string(), script })
}

/// A script and its shell.
#[derive(serde::Serialize)]
struct Completions {
    shell: String,
    script: String,
}

impl Report for Completions {
    fn text(&self) -> String {
        self.script.clone()
    }
}
