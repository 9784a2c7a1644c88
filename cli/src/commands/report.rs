//! `qloom report`: finished and unfinished searches side by side.

mod course;
mod runs;

use std::path::PathBuf;

use qloom::qas::EpisodeReport;
use serde::Serialize;

use self::runs::{Run, read};
use crate::failure::Failure;
use crate::figure::{Figure, Mark, Scale, Series};
use crate::output::{self, Report};
use crate::page::{self, Page};
use crate::spread::Spread;
use crate::{files, table};

/// Compare searches: one page for many run folders.
///
/// Runs of one experiment and one kind of agent that differ only by their seeds are a group, of which the table gives the median and the
/// range. The page has the course of every run, and the smallest circuits for an error beside each other. Nothing outside the page is
/// needed to look at it.
///
/// For example: qloom report runs/lih6-1 runs/lih6-2 runs/lih6-annealing-1 --out lih6.html --csv lih6.csv --tensorboard lih6-events
#[derive(clap::Args)]
pub struct Arguments {
    /// Run folders of `qloom search`.
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// The page to write.
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
    /// Also write one row for each run as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Also write the course of each run as an event file of TensorBoard, in a folder of its own below this one.
    #[arg(long, value_name = "FOLDER")]
    tensorboard: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Runs that differ by their seeds.
#[derive(Debug, Serialize)]
struct Group {
    experiment: String,
    agent: String,
    seeds: Vec<u64>,
    error: Option<Spread>,
    two_qubit_gates: Option<Spread>,
    gates: Option<Spread>,
    depth: Option<Spread>,
    evaluations: Option<Spread>,
    seconds: Option<Spread>,
    random_agent_error: Option<Spread>,
    hartree_fock_error: Option<f64>,
}

impl Group {
    fn new(runs: &[&Run]) -> Self {
        let number = |of: fn(&Run) -> Option<f64>| Spread::of(runs.iter().filter_map(|run| of(run)));
        Self {
            experiment: runs[0].row.experiment.clone(),
            agent: runs[0].row.agent.clone(),
            seeds: runs.iter().map(|run| run.row.seed).collect(),
            error: number(|run| run.row.error),
            two_qubit_gates: number(|run| run.row.two_qubit_gates.map(f64::from)),
            gates: number(|run| run.row.gates.map(f64::from)),
            depth: number(|run| run.row.depth.map(f64::from)),
            evaluations: number(|run| Some(run.row.evaluations as f64)),
            seconds: number(|run| Some(run.row.seconds)),
            random_agent_error: number(|run| run.row.random_agent_error),
            hartree_fock_error: runs[0].row.hartree_fock_error,
        }
    }

    fn cells(&self) -> Vec<String> {
        let error = |spread: Option<Spread>| spread.map_or_else(|| "not known".to_owned(), |s| s.text(|x| format!("{x:.1e}")));
        let count = |spread: Option<Spread>| spread.map_or_else(|| "none".to_owned(), |s| s.text(rounded));
        vec![
            self.experiment.clone(),
            self.agent.clone(),
            self.seeds.len().to_string(),
            error(self.error),
            count(self.two_qubit_gates),
            count(self.gates),
            count(self.depth),
            count(self.evaluations),
            count(self.seconds),
            error(self.random_agent_error),
            self.hartree_fock_error.map_or_else(|| "not known".to_owned(), |error| format!("{error:.1e}")),
        ]
    }
}

/// A whole number as such, another with one decimal.
fn rounded(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}

/// Above the columns of [`Group::cells`].
const HEADINGS: [&str; 11] = [
    "experiment",
    "agent",
    "seeds",
    "error",
    "two-qubit gates",
    "gates",
    "depth",
    "evaluations",
    "seconds",
    "random agent's error",
    "Hartree-Fock error",
];

/// What the command prints.
#[derive(Debug, Serialize)]
struct Comparison {
    groups: Vec<Group>,
    page: String,
    csv: Option<String>,
    tensorboard: Vec<String>,
}

impl Report for Comparison {
    fn text(&self) -> String {
        let mut rows = vec![HEADINGS.map(str::to_owned).to_vec()];
        rows.extend(self.groups.iter().map(Group::cells));
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        let mut lines: Vec<String> = rows.iter().map(line).collect();
        lines.push(format!("page  {}", self.page));
        lines.extend(self.csv.iter().map(|path| format!("table {path}")));
        lines.extend(self.tensorboard.iter().map(|path| format!("events {path}")));
        lines.join("\n")
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runs = arguments.runs.iter().map(|path| read(path)).collect::<Result<Vec<Run>, Failure>>()?;
    let groups = grouped(&runs);
    let comparison: Vec<Group> = groups.iter().map(|group| Group::new(group)).collect();
    let cells: Vec<Vec<String>> = comparison.iter().map(Group::cells).collect();
    let pictures = [
        ("Runs by experiment and agent: median (range)", page::table(&HEADINGS, &cells)),
        ("Error against evaluations", course(&groups)),
        ("The smallest circuits for an error", front(&groups)),
    ];
    let count = [("runs", runs.len().to_string()), ("groups", comparison.len().to_string())];
    let html = Page { title: "Searches", rows: &count, pictures: &pictures }.html();
    files::write_whole(&arguments.out, html.as_bytes())?;
    if let Some(path) = &arguments.csv {
        let rows: Vec<_> = runs.iter().map(|run| &run.row).collect();
        files::write_whole(path, &table::write(&rows)?)?;
    }
    let tensorboard = match &arguments.tensorboard {
        Some(folder) => course::write(folder, &runs)?,
        None => Vec::new(),
    };
    let comparison = Comparison {
        groups: comparison,
        page: arguments.out.display().to_string(),
        csv: arguments.csv.as_ref().map(|path| path.display().to_string()),
        tensorboard: tensorboard.iter().map(|path| path.display().to_string()).collect(),
    };
    output::report(arguments.json, &comparison)
}

/// Runs of one experiment and agent together, in the order in which the first of each was given.
fn grouped(runs: &[Run]) -> Vec<Vec<&Run>> {
    let mut groups: Vec<Vec<&Run>> = Vec::new();
    for run in runs {
        let same = |group: &&mut Vec<&Run>| group[0].row.experiment == run.row.experiment && group[0].row.agent == run.row.agent;
        match groups.iter_mut().find(same) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups
}

/// Colours of groups, in turn.
const COLORS: [&str; 7] = ["#1f5fa8", "#b03a2e", "#2e8b57", "#7d3c98", "#b9770e", "#117a8b", "#555555"];

/// What lies below is drawn there: a logarithmic axis has no zero.
const FLOOR: f64 = 1e-14;

fn series(groups: &[Vec<&Run>], mark: Mark, points: impl Fn(&Run) -> Vec<(f64, f64)>) -> Vec<Series> {
    let of_run = |index: usize, group: &[&Run], run: &Run| {
        let first = std::ptr::eq(run, group[0]);
        let name = if first { format!("{}, {}", run.row.experiment, run.row.agent) } else { String::new() };
        Series { name, color: COLORS[index % COLORS.len()], mark, points: points(run) }
    };
    groups.iter().enumerate().flat_map(|(index, group)| group.iter().map(move |run| of_run(index, group, run))).collect()
}

/// The best error of each run against the evaluations made.
fn course(groups: &[Vec<&Run>]) -> String {
    let point = |event: &EpisodeReport| Some((event.evaluations.max(1) as f64, event.best_error?.max(FLOOR)));
    let points = |run: &Run| {
        let step = run.events.len().div_ceil(1000).max(1);
        run.events.iter().step_by(step).filter_map(point).collect()
    };
    Figure {
        title: "Error of the best circuit so far",
        x_label: "evaluations of an energy",
        y_label: "error",
        scale: Scale::LogLog,
        series: series(groups, Mark::Line, points),
    }
    .svg()
}

/// The front of each run.
fn front(groups: &[Vec<&Run>]) -> String {
    let points = |run: &Run| run.front.iter().map(|&(gates, error)| (f64::from(gates), error.max(FLOOR))).collect();
    Figure {
        title: "Circuits that none of their run surpasses",
        x_label: "gates on two qubits",
        y_label: "error",
        scale: Scale::LogY,
        series: series(groups, Mark::Dots(3.0), points),
    }
    .svg()
}
