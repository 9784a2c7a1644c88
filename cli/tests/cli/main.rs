//! The commands as a user types them: one module a promise.

/// Arrays that are written, against a reader of their own.
mod arrays;
/// Files that are checked: versions, mistakes, warnings.
mod checks;
/// Molecules and lattices: built, reduced, converted and diagonalised; bad input.
mod chemistry;
/// Circuits: simulated, drawn, with their mistakes reported at their place.
mod circuit;
/// Programs for machines: on their pairs, in their gates, with the same outcomes.
mod compiled;
/// Searches with scores, prices and teachers that draw tasks.
mod curriculum;
/// Devices: every form for every command, their mistakes and what is assumed about them.
mod device;
/// Evolution in time.
mod evolve;
/// What help shows is understood.
mod examples;
/// One agent for several problems.
mod family;
/// Hamiltonians: described, with their mistakes reported at their place.
mod hamiltonian;
/// How far ahead of random play a search has to look.
mod horizon;
/// Every key of an experiment is explained.
mod kernels;
mod keys;
/// Labelled tables and questions: trained, told, their mistakes reported at their place.
mod labelled;
/// Which module may import which.
mod layers;
/// Models of series and reservoirs: trained, resumed, predicted, measured; bad input.
mod learning;
/// What a search measures beside the best circuit.
mod measured;
/// Circuits under noise: exactly, by trajectories, mitigated; devices and their mistakes.
mod noise;
/// What options say they do, against numbers worked out by hand.
mod options;
/// What cannot be written or read: full disks, links, devices, pipes.
mod output;
/// Environments played from outside.
mod play;
mod program;
/// Values without a state.
mod propagation;
/// Several ranks, planned.
mod ranks;
/// What is counted without running it.
mod readings;
mod refits;
/// A search killed at any moment and resumed ends like one that was not.
mod resume;
/// Searches: results, bad input, interruptions.
mod search;
mod searched;
/// Several series, labelled and not: trained, told, their mistakes reported at their place.
mod sequences;
/// Keys of what is printed as JSON.
mod shapes;
/// Gradients against differences.
mod slopes;
/// Texts from anywhere, in any dress, run in any way.
mod sources;
/// States: their parts, arrays, courses too many to follow, limits of memory and threads.
mod state;
/// States that are not one list of amplitudes.
mod structured;
/// Grids of settings as many runs.
mod sweeps;
/// Circuits made anew by learned search.
mod synthesize;
/// Clifford circuits on tableaus.
mod tableau;
/// Searches for states, unitaries and excited states.
mod targets;
/// Settings of trainings searched for.
mod tuning;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// The command line of a user in the folder of the repository.
fn qloom(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("qloom").expect("the binary is built with the tests");
    command.current_dir(root()).args(arguments);
    command
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The one JSON object that a successful command prints.
fn json(arguments: &[&str]) -> Value {
    let output = qloom(arguments).arg("--json").output().expect("it runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    serde_json::from_slice(&output.stdout).expect("one JSON object and nothing else")
}

/// What a command that must fail with this exit code says.
fn refusal(arguments: &[&str], code: i32) -> String {
    let output = qloom(arguments).output().expect("it runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    assert!(!error.contains("panicked"), "{error}");
    error
}

/// A folder of its own with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("room");
    }
    folder
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// What a run says that is asked to end a moment after its events have grown, and does; a run that ends by itself is fine too.
#[cfg(unix)]
fn interrupted(arguments: &[&str], run: &str) -> String {
    let events = || std::fs::metadata(Path::new(run).join("events.jsonl")).map_or(0, |metadata| metadata.len());
    let before = events();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("qloom"))
        .current_dir(root())
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    let start = std::time::Instant::now();
    while events() <= before && child.try_wait().expect("a child").is_none() && start.elapsed().as_secs() < 1 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let id = child.id().to_string();
    // it may have ended meanwhile
    let _ = std::process::Command::new("kill").args(["-TERM", &id]).stderr(std::process::Stdio::null()).status();
    let output = child.wait_with_output().expect("it ends");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    // done, or saved because a scheduler could have asked
    assert!(matches!(output.status.code(), Some(0 | 75)), "{arguments:?}: {error}");
    error
}
