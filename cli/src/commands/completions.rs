//! `qloom completions`: scripts that complete commands in a shell.

use clap::CommandFactory;

use crate::failure::Failure;
use crate::output;

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
    let script = String::from_utf8_lossy(&script);
    if arguments.json {
        output::json_line(&serde_json::json!({ "shell": arguments.shell.to_string(), "script": script }));
    } else {
        output::line(&script);
    }
    Ok(())
}
