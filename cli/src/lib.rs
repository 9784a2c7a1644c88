//! The qloom command line: the only door to files, clock, environment and terminal.

/// In every module of this crate: standard error that is full or gone ends no work.
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::output::note(format_args!($($text)*)) };
}

mod array_file;
mod checkpoint;
mod circuit_file;
mod commands;
mod compilation;
mod device_file;
mod distribution;
mod engine;
mod experiment;
mod failure;
mod figure;
mod files;
mod hamiltonian_file;
mod hdf5;
mod interrupt;
mod job;
mod knots;
mod labelled_data;
mod labelled_file;
mod labelled_fit;
mod lock;
mod machine;
mod manifest;
mod map_arguments;
mod molecule;
mod noise;
mod number;
mod output;
mod page;
mod progress;
mod ranks;
mod run_folder;
mod series_file;
mod spread;
mod table;
mod tensorboard;
mod tune_settings;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;
use crate::failure::Failure;
pub use crate::ranks::Ranks;

/// Simulate quantum circuits, search for them, learn with them, and compute knot polynomials.
///
/// Circuits are OpenQASM files, observables JSON files of Pauli words, experiments TOML files. Qubit 0 is the least
/// significant bit and stands rightmost in every printed bitstring; in a Pauli word the leftmost letter acts on qubit 0.
/// Exit codes: 0 done, 1 the work failed, 2 something given is wrong, 75 saved before its end because its time was up.
#[derive(Parser)]
#[command(name = "qloom", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// A failure as JSON.
#[derive(serde::Serialize)]
struct ErrorReport {
    error: String,
}

/// Runs one command line and gives the exit code of the process: 0 done, 1 failed, 2 bad input.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(code(arguments))
}

/// Runs one command line on several ranks together, each of which calls this once. The first alone prints and writes. Gives the exit code,
/// and of the others what they would have said last.
pub fn main_on(ranks: Ranks, arguments: impl IntoIterator<Item = OsString>) -> (u8, String) {
    ranks::set(ranks);
    (code(arguments), output::unsaid())
}

fn code(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let words: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => arguments,
        Err(error) => {
            // help and version are no errors, but results
            let text = error.render();
            if error.use_stderr() {
                let terminal = std::io::stderr().is_terminal();
                let text = if terminal { text.ansi().to_string() } else { text.to_string() };
                output::note_raw(format_args!("{text}"));
                if words.iter().any(|word| word == "--json") {
                    let _ = output::json_line(&ErrorReport { error: mistake(&error.render().to_string()) });
                }
                return 2;
            }
            let terminal = std::io::stdout().is_terminal();
            output::raw(&if terminal { text.ansi().to_string() } else { text.to_string() });
            return ended(output::nothing_lost(), false);
        }
    };
    let json = arguments.command.json();
    let threads = arguments.command.threads();
    if ranks::fabric().is_some() && !arguments.command.works_on_ranks() {
        let message = "several ranks work together on simulate, gradient, evolve and explain; start this with one, or many runs by qloom sweep";
        return ended(Err(Failure::input(message)), json);
    }
    // what was printed on the way may have been lost, whatever the command thinks
    ended(machine::with_threads(threads, || arguments.command.run()).and_then(|()| output::nothing_lost()), json)
}

/// Runs another command line within this process, for a command that runs others.
///
/// # Errors
/// What the command ends with; bad input for a command line that is none.
fn run_words(words: &[String]) -> Result<(), Failure> {
    let arguments = Arguments::try_parse_from(words).map_err(|error| Failure::input(mistake(&error.render().to_string())))?;
    arguments.command.run()
}

/// What is wrong with a command line, in one line, without how it is used.
fn mistake(text: &str) -> String {
    let first = text.split("\n\n").next().unwrap_or_default();
    first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The exit code of a result, its message told.
fn ended(result: Result<(), Failure>, json: bool) -> u8 {
    match result {
        Ok(()) => 0,
        Err(failure @ (Failure::Reported | Failure::Unfinished)) => failure.exit_code(),
        Err(failure) => {
            eprintln!("error: {}", failure.message());
            if json {
                // a message is always JSON; the exit code tells the failure in any case
                let _ = output::json_line(&ErrorReport { error: failure.message() });
            }
            failure.exit_code()
        }
    }
}
