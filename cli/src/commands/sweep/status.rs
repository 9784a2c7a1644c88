//! `qloom sweep status`: where the runs of a plan stand.

use std::path::PathBuf;

use serde::Serialize;

use super::planned::{Plan, Standing};
use crate::failure::Failure;
use crate::output::{self, Report};

/// Say which runs of a plan are done, begun and waiting, and how long they took.
///
/// A run that has begun may be at work in another process, or wait to be gone on with.
///
/// For example: qloom sweep status runs/rates
#[derive(clap::Args)]
pub struct Arguments {
    /// The plan's file, or its folder.
    plan: PathBuf,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct StatusReport {
    waiting: usize,
    begun: usize,
    done: usize,
    /// Seconds of all runs together.
    seconds: f64,
    runs: Vec<RunStatus>,
}

#[derive(Serialize)]
struct RunStatus {
    index: usize,
    folder: PathBuf,
    standing: Standing,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_reason: Option<String>,
    seconds: f64,
    set: Vec<String>,
}

impl Report for StatusReport {
    fn text(&self) -> String {
        let mut lines =
            vec![format!("{} done, {} begun, {} waiting; {:.1} s so far", self.done, self.begun, self.waiting, self.seconds)];
        lines.extend(self.runs.iter().map(|run| {
            let what = match (run.standing, &run.stop_reason) {
                (Standing::Waiting, _) => "waiting".to_owned(),
                (Standing::Begun, None) => "begun".to_owned(),
                (Standing::Begun | Standing::Done, Some(reason)) => reason.clone(),
                (Standing::Done, None) => "done".to_owned(),
            };
            format!("{:>5}  {:<16}  {:>9.1} s  {}", run.index, what, run.seconds, run.set.join(" "))
        }));
        lines.join("\n")
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let plan = Plan::read(&arguments.plan)?;
    let runs: Vec<RunStatus> = plan
        .runs
        .iter()
        .map(|run| {
            let meta = plan.meta(run);
            RunStatus {
                index: run.index,
                folder: plan.place(run),
                standing: plan.standing(run),
                seconds: meta.as_ref().map_or(0.0, |meta| meta.seconds),
                stop_reason: meta.and_then(|meta| meta.stop_reason),
                set: run.set.clone(),
            }
        })
        .collect();
    let count = |standing| runs.iter().filter(|run| run.standing == standing).count();
    let report = StatusReport {
        waiting: count(Standing::Waiting),
        begun: count(Standing::Begun),
        done: count(Standing::Done),
        seconds: runs.iter().map(|run| run.seconds).sum(),
        runs,
    };
    output::report(arguments.json, &report)
}
