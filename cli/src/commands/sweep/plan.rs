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
/// The grid is a TOML file: `command` (search, search family, train, reservoir, sweep) and `experiment`, the file or list of files that the runs take. `[axes]`
/// gives keys of the experiment lists of values, such as seed = [1, 2, 3], `[files]` keys a pattern of file names, such as
/// "data/molecules/LiH*.json", and `[variants.NAME]` several keys at once their values under one name. Every combination is a run, its folder named by
/// its content, so that the same run of two plans has the same name. `[set]` has keys of all runs, before which a variant's own go; {experiment} and
/// {variant} within its words stand for the names of the run's experiment and variant. Paths are as they are where the runs will be started.
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
    /// The experiment's file, or several.
    experiment: OneOrMore,
    /// Keys of all runs.
    #[serde(default)]
    set: BTreeMap<String, toml::Value>,
    /// Keys of the experiment with their values.
    #[serde(default)]
    axes: BTreeMap<String, Vec<toml::Value>>,
    /// Keys that are set together, by the name of what they make.
    #[serde(default)]
    variants: BTreeMap<String, BTreeMap<String, toml::Value>>,
    /// Keys of the experiment with patterns of file names.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

/// Files of experiments.
#[derive(Deserialize)]
#[serde(untagged, expecting = "it has to be the name of a file in quotes, or a list of such")]
enum OneOrMore {
    One(PathBuf),
    More(Vec<PathBuf>),
}

/// Commands that make run folders of an experiment.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum GridCommand {
    Search,
    #[serde(rename = "search family")]
    Family,
    Train,
    Reservoir,
    Sweep,
}

impl GridCommand {
    fn name(self) -> &'static str {
        match self {
            GridCommand::Search => "search",
            GridCommand::Family => "search family",
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
        let axes = if axes.is_empty() { String::new() } else { format!(" ({})", axes.join(", ")) };
        format!("{} runs{axes} in {plan}; begin with: qloom sweep run {plan}", self.runs)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = files::read_text(&arguments.grid)?;
    let grid: Grid = toml::from_str(&text).or_input(format!("{} is not a grid of runs", arguments.grid.display()))?;
    let combinations = Combinations::new(grid)?;
    let runs = (0..combinations.count).map(|index| combinations.planned(index)).collect::<Result<Vec<_>, _>>()?;
    let mut lines = Vec::new();
    for run in &runs {
        lines.extend(serde_json::to_vec(run).or_work("cannot write the plan")?);
        lines.push(b'\n');
    }
    let place = format!("cannot make {}", arguments.out.display());
    std::fs::create_dir_all(&arguments.out).or_work(place)?;
    let plan = arguments.out.join(FILE);
    files::write_whole(&plan, &lines)?;
    output::report(arguments.json, &PlanReport { plan, runs: runs.len(), axes: combinations.sizes() })
}

/// Names of what is no key of an experiment.
const EXPERIMENT: &str = "experiment";
const VARIANT: &str = "variant";

/// Every choice of an experiment, a variant and a value on each axis.
struct Combinations {
    command: &'static str,
    /// Name, file and content.
    experiments: Vec<(String, PathBuf, toml::Table)>,
    /// Without any there is one without a name.
    variants: Vec<(Option<String>, BTreeMap<String, toml::Value>)>,
    set: BTreeMap<String, toml::Value>,
    axes: BTreeMap<String, Vec<toml::Value>>,
    count: usize,
}

impl Combinations {
    /// # Errors
    /// Bad input for files that cannot be read, keys that are set twice, axes without values and more runs than a plan has.
    fn new(grid: Grid) -> Result<Self, Failure> {
        let Grid { command, experiment, set, mut axes, variants, files } = grid;
        let twice = |place: &str, key: &str| {
            Err(Failure::input(format!("{place}.{key}: the key stands among the axes too; leave it there or here")))
        };
        for (key, pattern) in &files {
            if axes.contains_key(key) {
                return twice("files", key);
            }
            axes.insert(key.clone(), matching(key, pattern)?.into_iter().map(toml::Value::String).collect());
        }
        if let Some(key) = set.keys().find(|key| axes.contains_key(*key)) {
            return twice("set", key);
        }
        for (name, keys) in &variants {
            if let Some(key) = keys.keys().find(|key| axes.contains_key(*key)) {
                return twice(&format!("variants.{name}"), key);
            }
        }
        let paths = match experiment {
            OneOrMore::One(path) => vec![path],
            OneOrMore::More(paths) => paths,
        };
        let mut experiments: Vec<(String, PathBuf, toml::Table)> = Vec::new();
        for path in paths {
            let place = path.display();
            let table = toml::from_str(&files::read_text(&path)?).or_input(format!("{place} is not an experiment file"))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if experiments.iter().any(|(other, _, _)| *other == name) {
                return Err(Failure::input(format!("experiment: two files are called {name}; results could not be told apart")));
            }
            experiments.push((name, path, table));
        }
        let variants = match variants.is_empty() {
            true => vec![(None, BTreeMap::new())],
            false => variants.into_iter().map(|(name, keys)| (Some(name), keys)).collect(),
        };
        if let Some((key, _)) = axes.iter().find(|(_, values)| values.is_empty()) {
            return Err(Failure::input(format!("axes.{key} is empty; an axis needs a value at least")));
        }
        if experiments.is_empty() {
            return Err(Failure::input("experiment is an empty list; a grid needs a file at least"));
        }
        let lengths = [experiments.len(), variants.len()].into_iter().chain(axes.values().map(Vec::len));
        let count = lengths.fold(1, usize::saturating_mul);
        if count > MOST_RUNS {
            return Err(Failure::input(format!("the grid has {count} runs; at most {MOST_RUNS} are planned, leave some out")));
        }
        Ok(Self { command: command.name(), experiments, variants, set, axes, count })
    }

    /// How many values there are of each thing that differs.
    fn sizes(&self) -> BTreeMap<String, usize> {
        let others = [(EXPERIMENT, self.experiments.len()), (VARIANT, self.variants.len())];
        let others = others.into_iter().filter(|(_, count)| *count > 1).map(|(name, count)| (name.to_owned(), count));
        others.chain(self.axes.iter().map(|(key, values)| (key.clone(), values.len()))).collect()
    }

    /// One of them: experiments change slowest, then variants, the last axis fastest.
    fn planned(&self, index: usize) -> Result<Planned, Failure> {
        let mut rest = index;
        let mut next = |count: usize| {
            let place = rest % count;
            rest /= count;
            place
        };
        let mut chosen: Vec<(&String, &toml::Value)> =
            self.axes.iter().rev().map(|(key, values)| (key, &values[next(values.len())])).collect();
        chosen.reverse();
        let (variant, keys) = &self.variants[next(self.variants.len())];
        let (experiment, path, table) = &self.experiments[next(self.experiments.len())];
        let named = |value: &toml::Value| match value {
            toml::Value::String(words) => {
                let words = words.replace("{experiment}", experiment);
                toml::Value::String(words.replace("{variant}", variant.as_deref().unwrap_or_default()))
            }
            other => other.clone(),
        };
        let common =
            self.set.iter().filter(|(key, _)| !keys.contains_key(*key)).map(|(key, value)| format!("{key}={}", named(value)));
        let own = keys.iter().chain(chosen.iter().copied()).map(|(key, value)| format!("{key}={value}"));
        let set: Vec<String> = common.chain(own).collect();
        let mut table = table.clone();
        set.iter().try_for_each(|assignment| experiment::set(&mut table, assignment))?;
        let resolved = toml::to_string(&table).or_work("cannot write the resolved experiment")?;
        let folder = name(&format!("{}\n{resolved}", self.command));
        let mut settings: BTreeMap<String, serde_json::Value> = chosen
            .into_iter()
            .map(|(key, value)| Ok((key.clone(), serde_json::to_value(value).or_work("cannot write the plan")?)))
            .collect::<Result<_, Failure>>()?;
        if let Some(variant) = variant {
            settings.insert(VARIANT.to_owned(), variant.as_str().into());
        }
        if self.experiments.len() > 1 {
            settings.insert(EXPERIMENT.to_owned(), experiment.as_str().into());
        }
        Ok(Planned { index, folder, command: self.command.to_owned(), experiment: path.clone(), settings, set })
    }
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
