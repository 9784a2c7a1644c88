//! `qloom sweep collect`: the results of all runs in one table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::planned::{Plan, Planned, Standing};
use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::output::{self, Report};
use crate::spread::Spread;

/// Gather the results of the runs that are done: runs.csv has a row a run, summary.csv medians and spreads over seeds.
///
/// Columns are the settings of the axes and every number, word and truth value of the result file of a run, whatever it lies within
/// (result.json of searches, report.json of trainings). The summary groups runs that differ in nothing but `seed`.
///
/// For example: qloom sweep collect runs/rates --of error --of evaluations
#[derive(clap::Args)]
pub struct Arguments {
    /// The plan's file, or its folder.
    plan: PathBuf,
    /// Result columns to keep, all whose name begins so; can be repeated. By default all.
    #[arg(long, value_name = "NAME")]
    of: Vec<String>,
    /// Where runs.csv and summary.csv go; by default beside the plan.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Names of result files, the first that is there counts.
const RESULTS: [&str; 2] = ["result.json", "report.json"];
/// The axis over which is summed up.
const SEED: &str = "seed";
/// Numbers of lists are columns up to so many entries.
const LONGEST: usize = 16;

#[derive(Serialize)]
struct CollectReport {
    runs: usize,
    /// Not done, or without a result.
    missing: usize,
    files: [PathBuf; 2],
    summary: Vec<Summary>,
}

/// Runs that differ in nothing but their seed.
#[derive(Serialize)]
struct Summary {
    settings: BTreeMap<String, Value>,
    runs: usize,
    values: BTreeMap<String, Spread>,
}

impl Report for CollectReport {
    fn text(&self) -> String {
        let files: Vec<String> = self.files.iter().map(|file| file.display().to_string()).collect();
        let mut lines = vec![format!("{} runs in {}; {} not done", self.runs, files.join(" and "), self.missing)];
        for group in &self.summary {
            let settings: Vec<String> = group.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
            lines.push(format!("{} ({} runs)", settings.join(" "), group.runs));
            lines.extend(group.values.iter().map(|(name, spread)| {
                format!("  {name}  median {:.9e}, from {:.9e} to {:.9e}", spread.median, spread.lowest, spread.highest)
            }));
        }
        lines.join("\n")
    }
}

/// A run with its numbers and words.
struct Row<'a> {
    run: &'a Planned,
    cells: BTreeMap<String, Value>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let plan = Plan::read(&arguments.plan)?;
    let (mut rows, mut known) = (Vec::new(), BTreeSet::new());
    for run in plan.runs.iter().filter(|run| plan.standing(run) == Standing::Done) {
        let folder = plan.place(run);
        let Some(file) = RESULTS.iter().map(|name| folder.join(name)).find(|file| file.is_file()) else { continue };
        let result: Value = serde_json::from_str(&files::read_text(&file)?).or_input(file.display())?;
        let mut cells = BTreeMap::new();
        flatten("", &result, &mut cells);
        cells.insert("seconds".to_owned(), plan.meta(run).map_or(0.0, |meta| meta.seconds).into());
        known.extend(cells.keys().cloned());
        let wanted = |name: &String| arguments.of.is_empty() || arguments.of.iter().any(|start| name.starts_with(start.as_str()));
        cells.retain(|name, _| wanted(name));
        rows.push(Row { run, cells });
    }
    if rows.is_empty() {
        return Err(Failure::input("no run of the plan is done; qloom sweep status says where they stand"));
    }
    if let Some(name) = arguments.of.iter().find(|start| !known.iter().any(|name| name.starts_with(start.as_str()))) {
        let known: Vec<String> = known.into_iter().collect();
        return Err(Failure::input(format!("--of {name}: no result is called so; there are {}", known.join(", "))));
    }
    let folder = arguments.out.clone().unwrap_or_else(|| match arguments.plan.is_dir() {
        true => arguments.plan.clone(),
        false => arguments.plan.parent().map(PathBuf::from).unwrap_or_default(),
    });
    std::fs::create_dir_all(&folder).or_work(format!("cannot make {}", folder.display()))?;
    let summary = summaries(&rows);
    let files = [folder.join("runs.csv"), folder.join("summary.csv")];
    files::write_whole(&files[0], &table(&rows)?)?;
    files::write_whole(&files[1], &summary_table(&summary)?)?;
    let report = CollectReport { runs: rows.len(), missing: plan.runs.len() - rows.len(), files, summary };
    output::report(arguments.json, &report)
}

/// Numbers, words and truth values with the way to them.
fn flatten(path: &str, value: &Value, cells: &mut BTreeMap<String, Value>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(&below(key), value, cells)),
        Value::Array(list) if list.len() <= LONGEST => {
            list.iter().enumerate().for_each(|(index, value)| flatten(&below(&index.to_string()), value, cells));
        }
        Value::Number(_) | Value::String(_) | Value::Bool(_) => _ = cells.insert(path.to_owned(), value.clone()),
        Value::Array(_) | Value::Null => {}
    }
}

fn summaries(rows: &[Row<'_>]) -> Vec<Summary> {
    let mut groups: BTreeMap<String, (BTreeMap<String, Value>, Vec<&Row<'_>>)> = BTreeMap::new();
    for row in rows {
        let mut settings = row.run.settings.clone();
        settings.remove(SEED);
        let name = format!("{settings:?}");
        groups.entry(name).or_insert_with(|| (settings, Vec::new())).1.push(row);
    }
    // in the order of the plan
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|(_, rows)| rows.first().map(|row| row.run.index));
    let summed = |(settings, rows): (BTreeMap<String, Value>, Vec<&Row<'_>>)| {
        let names: BTreeSet<&String> = rows.iter().flat_map(|row| row.cells.keys()).collect();
        let spread = |name: &String| {
            let numbers: Option<Vec<f64>> = rows.iter().map(|row| row.cells.get(name)?.as_f64()).collect();
            Some((name.clone(), Spread::of(numbers?.into_iter())?))
        };
        Summary { settings, runs: rows.len(), values: names.into_iter().filter_map(spread).collect() }
    };
    groups.into_iter().map(summed).collect()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

/// A row a run: index, settings, results.
fn table(rows: &[Row<'_>]) -> Result<Vec<u8>, Failure> {
    let axes: BTreeSet<&String> = rows.iter().flat_map(|row| row.run.settings.keys()).collect();
    let columns: BTreeSet<&String> = rows.iter().flat_map(|row| row.cells.keys()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let place = "cannot write runs.csv";
    let head = ["index", "folder"].into_iter().map(str::to_owned).chain(axes.iter().map(|key| format!("set {key}")));
    writer.write_record(head.chain(columns.iter().map(|name| (*name).clone()))).or_work(place)?;
    for row in rows {
        let start = [row.run.index.to_string(), row.run.folder.clone()];
        let settings = axes.iter().map(|key| cell(row.run.settings.get(*key)));
        let results = columns.iter().map(|name| cell(row.cells.get(*name)));
        writer.write_record(start.into_iter().chain(settings).chain(results)).or_work(place)?;
    }
    writer.into_inner().map_err(|error| anyhow::anyhow!("{error}")).or_work(place)
}

/// A row a group of runs and number.
fn summary_table(summary: &[Summary]) -> Result<Vec<u8>, Failure> {
    let axes: BTreeSet<&String> = summary.iter().flat_map(|group| group.settings.keys()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let place = "cannot write summary.csv";
    let head = axes.iter().map(|key| format!("set {key}"));
    writer.write_record(head.chain(["value", "runs", "median", "lowest", "highest"].map(str::to_owned))).or_work(place)?;
    for group in summary {
        for (name, spread) in &group.values {
            let settings = axes.iter().map(|key| cell(group.settings.get(*key)));
            let numbers = [name.clone(), group.runs.to_string()];
            let spread = [spread.median, spread.lowest, spread.highest].map(|number| number.to_string());
            writer.write_record(settings.chain(numbers).chain(spread)).or_work(place)?;
        }
    }
    writer.into_inner().map_err(|error| anyhow::anyhow!("{error}")).or_work(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_flattened() {
        let value = serde_json::json!({"a": {"b": 1.5, "c": [true, "x"]}, "d": null, "e": vec![0; 40]});
        let mut cells = BTreeMap::new();
        flatten("", &value, &mut cells);
        let names: Vec<&str> = cells.keys().map(String::as_str).collect();
        assert_eq!(names, ["a.b", "a.c.0", "a.c.1"]);
    }
}
