//! The course of a run as numbers by episode.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use qloom::qas::EpisodeReport;

use super::runs::Run;
use crate::failure::Failure;
use crate::tensorboard::{self, Scalar};

/// Writes the course of every run into a folder of its own below this one, which has the run's name; returns the files.
///
/// # Errors
/// Failure when a file cannot be written.
pub fn write(folder: &Path, runs: &[Run]) -> Result<Vec<PathBuf>, Failure> {
    let mut taken = BTreeSet::new();
    let mut files = Vec::new();
    for run in runs {
        let path = Path::new(&run.row.run);
        let own = path.file_name().map_or_else(|| "run".to_owned(), |name| name.to_string_lossy().into_owned());
        // runs of one name lie in different folders
        let name = (1..).map(|k| if k == 1 { own.clone() } else { format!("{own}-{k}") }).find(|name| taken.insert(name.clone()));
        files.push(tensorboard::write(&folder.join(name.expect("some name is free")), scalars(run))?);
    }
    Ok(files)
}

/// What is known of each episode; seconds are those of the run, shared out by evaluations.
fn scalars(run: &Run) -> impl Iterator<Item = Scalar> {
    let each = run.row.seconds / run.row.evaluations.max(1) as f64;
    run.events.iter().flat_map(move |event| {
        let seconds = each * event.evaluations as f64;
        let of =
            move |(tag, value): (&'static str, Option<f64>)| Some(Scalar { step: event.episode, seconds, tag, value: value? });
        numbers(event).into_iter().filter_map(of)
    })
}

fn numbers(event: &EpisodeReport) -> [(&'static str, Option<f64>); 14] {
    [
        ("best/error", event.best_error),
        ("best/energy", Some(event.best_energy)),
        ("best/noiseless_error", event.best_noiseless_error),
        ("episode/energy", Some(event.energy)),
        ("episode/gates", Some(event.gates as f64)),
        ("episode/depth", Some(event.depth as f64)),
        ("episode/reward", Some(event.reward)),
        ("curriculum/threshold", Some(event.threshold)),
        ("curriculum/max_gates", event.max_gates.map(|gates| gates as f64)),
        ("curriculum/noise", event.noise.map(f64::from)),
        ("curriculum/smallest_gap", Some(event.smallest_gap)),
        ("agent/exploration", Some(event.exploration)),
        ("agent/loss", event.loss),
        ("agent/greedy_energy", event.greedy_energy),
    ]
}
