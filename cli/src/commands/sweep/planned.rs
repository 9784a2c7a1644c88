//! Plans: one line a run, and where each run stands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::run_folder::Meta;

/// The name of a plan's file, in the folder that also holds its runs.
pub const FILE: &str = "plan.jsonl";

/// One run of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Its place in the plan, from 0.
    pub index: usize,
    /// Its folder beside the plan, named by what it runs.
    pub folder: String,
    /// The command, as it is typed behind qloom.
    pub command: String,
    /// The experiment's file.
    pub experiment: PathBuf,
    /// What each axis is set to, and which experiment and variant it is where there are several.
    pub settings: BTreeMap<String, serde_json::Value>,
    /// All keys that are set, as `--set` takes them.
    pub set: Vec<String>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing is there yet.
    Waiting,
    /// Begun, and not ended by itself: running, interrupted or killed.
    Begun,
    /// At its end.
    Done,
}

/// A plan with the folder it lies in.
pub struct Plan {
    pub runs: Vec<Planned>,
    folder: PathBuf,
}

impl Plan {
    /// Reads a plan's file, or the one in a folder.
    ///
    /// # Errors
    /// Bad input with the line that is no run.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
        let text = files::read_text(&path)?;
        let mut runs = Vec::new();
        for (line, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let place = format!("{}, line {}: no run of a plan", path.display(), line + 1);
            let run: Planned = serde_json::from_str(text).or_input(&place)?;
            let plain = |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric());
            if run.index != runs.len() || !plain(&run.folder) {
                return Err(Failure::input(format!("{place}: its index has to be {}, its folder a plain name", runs.len())));
            }
            runs.push(run);
        }
        if runs.is_empty() {
            return Err(Failure::input(format!("{} has no runs", path.display())));
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { runs, folder })
    }

    /// The folder of a run.
    pub fn place(&self, run: &Planned) -> PathBuf {
        self.folder.join(&run.folder)
    }

    /// Where a run stands, by what is in its folder.
    pub fn standing(&self, run: &Planned) -> Standing {
        match self.meta(run) {
            None => Standing::Waiting,
            Some(Meta { stop_reason: Some(reason), .. }) if reason != "interrupted" => Standing::Done,
            Some(_) => Standing::Begun,
        }
    }

    /// What is known about a run that has begun.
    pub fn meta(&self, run: &Planned) -> Option<Meta> {
        let text = std::fs::read(self.place(run).join("meta.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
