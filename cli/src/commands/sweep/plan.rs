//! `qloom sweep plan`: a grid of settings as a list of runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::planned::{FILE, Planned};
use crate::experiment;
use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::output::{self, Report};

/// Write the runs of a grid of settings into a plan, one line a run.
///
/// The grid is a TOML file: `command` (search, train, reservoir, sweep) and `experiment`, the file that all runs share; `[axes]` gives keys of the
/// experiment lists of values, such as seed = [1, 2, 3], and `[files]` keys a pattern of file names, such as "data/molecules/LiH*.json". Every
/// combination is a run, its folder named by its content, so that the same run of two plans has the same name. Paths are as they are where
/// the runs will be started.
///
/// For example: qloom sweep plan experiments/sweeps/rates.toml --out runs/rates
#[derive(clap::Args)]
pub struct Arguments {
    /// The grid's TOML file.
    grid: PathBuf,
    /// The folder of the plan and its runs.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// A grid of settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grid {
    /// What runs them, as it is typed behind qloom.
    command: GridCommand,
    /// The experiment's file.
    experiment: PathBuf,
    /// Keys of the experiment with their values.
    #[serde(default)]
    axes: BTreeMap<String, Vec<toml::Value>>,
    /// Keys of the experiment with patterns of file names.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

/// Commands that make run folders of an experiment.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum GridCommand {
    Search,
    Train,
    Reservoir,
    Sweep,
}

impl GridCommand {
    fn name(self) -> &'static str {
        match self {
            GridCommand::Search => "search",
            GridCommand::Train => "train",
            GridCommand::Reservoir => "reservoir",
            GridCommand::Sweep => "sweep",
        }
    }
}

/// The most runs of a plan.
const MOST_RUNS: usize = 100_000;

#[derive(Serialize)]
struct PlanReport {
    plan: PathBuf,
    runs: usize,
    axes: BTreeMap<String, usize>,
}

impl Report for PlanReport {
    fn text(&self) -> String {
        let axes: Vec<String> = self.axes.iter().map(|(key, values)| format!("{values} of {key}")).collect();
        let plan = self.plan.display();
        format!("{} runs ({}) in {plan}; begin with: qloom sweep run {plan}", self.runs, axes.join(", "))
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = files::read_text(&arguments.grid)?;
    let grid: Grid = toml::from_str(&text).or_input(format!("{} is not a grid of runs", arguments.grid.display()))?;
    let experiment = files::read_text(&grid.experiment)?;
    let mut axes: BTreeMap<String, Vec<toml::Value>> = grid.axes.clone();
    for (key, pattern) in &grid.files {
        if axes.contains_key(key) {
            return Err(Failure::input(format!("files.{key}: the key stands among the axes too; leave it there or here")));
        }
        axes.insert(key.clone(), matching(key, pattern)?.into_iter().map(toml::Value::String).collect());
    }
    let count = axes.values().try_fold(1usize, |count, values| count.checked_mul(values.len())).unwrap_or(usize::MAX);
    if let Some((key, _)) = axes.iter().find(|(_, values)| values.is_empty()) {
        return Err(Failure::input(format!("axes.{key} is empty; an axis needs a value at least")));
    }
    if count > MOST_RUNS {
        return Err(Failure::input(format!("the grid has {count} runs; at most {MOST_RUNS} are planned, leave some out")));
    }
    let runs = (0..count).map(|index| planned(index, &grid, &experiment, &axes)).collect::<Result<Vec<_>, _>>()?;
    let mut lines = Vec::new();
    for run in &runs {
        lines.extend(serde_json::to_vec(run).or_work("cannot write the plan")?);
        lines.push(b'\n');
    }
    let place = format!("cannot make {}", arguments.out.display());
    std::fs::create_dir_all(&arguments.out).or_work(place)?;
    let plan = arguments.out.join(FILE);
    files::write_whole(&plan, &lines)?;
    let axes = axes.into_iter().map(|(key, values)| (key, values.len())).collect();
    output::report(arguments.json, &PlanReport { plan, runs: runs.len(), axes })
}

/// One combination of values, the last axis running fastest.
fn planned(index: usize, grid: &Grid, experiment: &str, axes: &BTreeMap<String, Vec<toml::Value>>) -> Result<Planned, Failure> {
    let mut rest = index;
    let mut chosen = Vec::new();
    for (key, values) in axes.iter().rev() {
        chosen.push((key, &values[rest % values.len()]));
        rest /= values.len();
    }
    chosen.reverse();
    let set: Vec<String> = chosen.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let place = grid.experiment.display();
    let mut table: toml::Table = toml::from_str(experiment).or_input(format!("{place} is not an experiment file"))?;
    set.iter().try_for_each(|assignment| experiment::set(&mut table, assignment))?;
    let command = grid.command.name();
    let resolved = toml::to_string(&table).or_work("cannot write the resolved experiment")?;
    let folder = name(&format!("{command}\n{resolved}"));
    let settings = chosen
        .into_iter()
        .map(|(key, value)| Ok((key.clone(), serde_json::to_value(value).or_work("cannot write the plan")?)))
        .collect::<Result<_, Failure>>()?;
    Ok(Planned { index, folder, command: command.to_owned(), experiment: grid.experiment.clone(), settings, set })
}

/// A name of 16 hexadecimal digits by content: two checksums of 32 bits, one of the text behind another word.
fn name(content: &str) -> String {
    let other = crc32fast::hash(format!("qloom\n{content}").as_bytes());
    format!("{:08x}{other:08x}", crc32fast::hash(content.as_bytes()))
}

/// The files of a folder whose name fits a pattern with stars, in order.
fn matching(key: &str, pattern: &str) -> Result<Vec<String>, Failure> {
    let path = Path::new(pattern);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = format!("files.{key} = \"{pattern}\"");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).or_input(&place)? {
        let entry = entry.or_input(&place)?;
        if entry.path().is_file() && fits(entry.file_name().to_string_lossy().as_bytes(), name.as_bytes()) {
            found.push(entry.path().display().to_string());
        }
    }
    if found.is_empty() {
        return Err(Failure::input(format!("{place}: no file fits; stars stand for any letters of a name, not of a folder")));
    }
    found.sort();
    Ok(found)
}

/// Whether a name fits a pattern whose stars stand for any letters.
fn fits(name: &[u8], pattern: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|from| fits(&name[from..], rest)),
        Some((letter, rest)) => name.first() == Some(letter) && fits(&name[1..], rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_letters() {
        for (name, pattern, fit) in [
            ("LiH.json", "*.json", true),
            ("LiH.json", "LiH*", true),
            ("LiH.json", "L*H*n", true),
            ("LiH.json", "H*", false),
            ("LiH.json", "LiH.json", true),
            ("LiH.json", "LiH.jso", false),
            ("", "*", true),
        ] {
            assert_eq!(fits(name.as_bytes(), pattern.as_bytes()), fit, "{name} {pattern}");
        }
    }

    #[test]
    fn names_are_by_content() {
        assert_eq!(name("a"), name("a"));
        assert!(name("a") != name("b") && name("a").len() == 16);
    }
}
