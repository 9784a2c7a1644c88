//! `qloom sweep run`: the runs of a plan, or a part of them.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use super::planned::{Plan, Planned, Standing};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{self, Report};

/// Run what a plan lists: all of it, one run, or one share, those that are done left out and those that were cut gone on with.
///
/// In a job array of Slurm the run of this task is found by itself. Asked to end by SIGTERM or SIGUSR1, or at --time-limit, the run is saved
/// and the exit code is 75: start the same command again. Several processes may run one plan: each run's folder is one process's at a time.
///
/// For example: qloom sweep run runs/rates --index 3
///
/// For example: qloom sweep run runs/rates --shard 1/4 --time-limit 3500
#[derive(clap::Args)]
pub struct Arguments {
    /// The plan's file, or its folder.
    plan: PathBuf,
    /// Only the run of this index.
    #[arg(long, value_name = "I", conflicts_with = "shard")]
    index: Option<usize>,
    /// Only the I-th of N shares, I from 1: every N-th run.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Save and end after so many seconds, with exit code 75.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    time_limit: Option<u64>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// One share of many.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shard {
    /// From 0.
    share: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write I/N with I from 1 to N, such as 1/4".to_owned();
        let (share, of) = text.split_once('/').ok_or_else(wrong)?;
        let (share, of): (usize, usize) = (share.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
        if (1..=of).contains(&share) { Ok(Self { share: share - 1, of }) } else { Err(wrong()) }
    }
}

/// What was done.
#[derive(Default, Serialize)]
struct RunReport {
    done: usize,
    /// Done before.
    skipped: usize,
    /// Saved before their end.
    unfinished: usize,
    /// Of other processes.
    elsewhere: usize,
    failed: Vec<FailedReport>,
}

#[derive(Serialize)]
struct FailedReport {
    index: usize,
    error: String,
}

impl Report for RunReport {
    fn text(&self) -> String {
        let mut lines = vec![format!(
            "{} done, {} done before, {} to go on with, {} at work elsewhere, {} failed",
            self.done,
            self.skipped,
            self.unfinished,
            self.elsewhere,
            self.failed.len()
        )];
        lines.extend(self.failed.iter().map(|failed| format!("run {}: {}", failed.index, failed.error)));
        lines.join("\n")
    }
}

/// The variable with which Slurm tells a task which one it is.
const TASK: &str = "SLURM_ARRAY_TASK_ID";

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    if let Some(limit) = arguments.time_limit {
        Interrupt::limit(Duration::from_secs(limit));
    }
    let plan = Plan::read(&arguments.plan)?;
    let mut report = RunReport::default();
    for run in chosen(arguments, &plan)? {
        if interrupt.requested() {
            break;
        }
        let standing = plan.standing(run);
        if standing == Standing::Done {
            report.skipped += 1;
            continue;
        }
        eprintln!("run {} of {}: {} {}", run.index, plan.runs.len(), run.command, run.set.join(" "));
        match output::silently(|| crate::run_words(&words(&plan, run, standing))) {
            Ok(()) if plan.standing(run) == Standing::Done => report.done += 1,
            Ok(()) | Err(Failure::Unfinished) => report.unfinished += 1,
            Err(Failure::Busy(_)) => report.elsewhere += 1,
            Err(failure) => report.failed.push(FailedReport { index: run.index, error: failure.message() }),
        }
    }
    let (unfinished, failed) = (report.unfinished > 0 || interrupt.requested(), !report.failed.is_empty());
    output::report(arguments.json, &report)?;
    match (unfinished, failed) {
        (true, _) => Err(Failure::Unfinished),
        (false, true) => Err(Failure::Reported),
        (false, false) => Ok(()),
    }
}

/// The runs that this process is to do.
fn chosen<'a>(arguments: &Arguments, plan: &'a Plan) -> Result<Vec<&'a Planned>, Failure> {
    let one = |index: usize, what: &str| {
        let most = plan.runs.len() - 1;
        plan.runs
            .get(index)
            .map(|run| vec![run])
            .ok_or_else(|| Failure::input(format!("{what} {index}: the plan has runs 0 to {most}")))
    };
    match (arguments.index, arguments.shard, std::env::var(TASK).ok()) {
        (Some(index), _, _) => one(index, "--index"),
        (None, Some(Shard { share, of }), _) => Ok(plan.runs.iter().skip(share).step_by(of).collect()),
        (None, None, Some(task)) => {
            let index = task.parse().map_err(|_| Failure::input(format!("{TASK}={task} is no number")))?;
            one(index, TASK)
        }
        (None, None, None) => Ok(plan.runs.iter().collect()),
    }
}

/// The command line of a run.
fn words(plan: &Plan, run: &Planned, standing: Standing) -> Vec<String> {
    let folder = plan.place(run).display().to_string();
    let mut words = vec!["qloom".to_owned()];
    words.extend(run.command.split_whitespace().map(str::to_owned));
    match standing {
        Standing::Begun => words.extend(["--resume".to_owned(), folder]),
        Standing::Waiting | Standing::Done => {
            words.push(run.experiment.display().to_string());
            words.extend(["--out".to_owned(), folder]);
            words.extend(run.set.iter().flat_map(|assignment| ["--set".to_owned(), assignment.clone()]));
        }
    }
    words.push("--json".to_owned());
    words
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn shares_are_counted_from_one() {
        assert_eq!("2/4".parse(), Ok(Shard { share: 1, of: 4 }));
        for wrong in ["0/4", "5/4", "4", "a/4", "1/", "1/0", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
