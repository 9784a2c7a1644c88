//! `qloom sweep slurm`: a batch script for an array of jobs.

use std::path::PathBuf;

use serde::Serialize;

use super::planned::Plan;
use crate::failure::Failure;
use crate::output::{self, Report};

/// Print a batch script for Slurm: one task a run of a plan, saved before the time is up and queued again until it is done.
///
/// Send it with sbatch, from the folder where the runs are to be started. Options of the cluster (partition, account, modules) go in by
/// --option, or by hand.
///
/// For example: qloom sweep slurm runs/rates --time 01:00:00 --at-once 20 --option account=physics > rates.sh
#[derive(clap::Args)]
pub struct Arguments {
    /// The plan's file, or its folder.
    plan: PathBuf,
    /// The time of one job, as Slurm takes it: minutes, or [days-]hours:minutes:seconds.
    #[arg(long, value_name = "TIME", default_value = "01:00:00")]
    time: String,
    /// Seconds before the end of the time at which a run is saved.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=65_535))]
    before: u64,
    /// Tasks that run at once, at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    at_once: Option<u64>,
    /// Processors of a task.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1024))]
    processors: u64,
    /// Another option of sbatch, such as partition=long; can be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    option: Vec<String>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct ScriptReport {
    script: String,
}

impl Report for ScriptReport {
    fn text(&self) -> String {
        self.script.trim_end().to_owned()
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let plan = Plan::read(&arguments.plan)?;
    let is_time =
        |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ':' | '-'));
    if !is_time(&arguments.time) {
        let time = &arguments.time;
        return Err(Failure::input(format!("--time {time}: write minutes or [days-]hours:minutes:seconds, such as 01:00:00")));
    }
    if let Some(option) = arguments.option.iter().find(|option| option.contains(['\n', '\r']) || option.trim().is_empty()) {
        return Err(Failure::input(format!("--option {option:?}: write NAME=VALUE on one line")));
    }
    let path = arguments.plan.display().to_string();
    let quoted = format!("'{}'", path.replace('\'', "'\\''"));
    let last = plan.runs.len() - 1;
    let at_once = arguments.at_once.map_or_else(String::new, |most| format!("%{most}"));
    let options: String = arguments.option.iter().map(|option| format!("#SBATCH --{option}\n")).collect();
    let Arguments { time, before, processors, .. } = arguments;
    let script = format!(
        "#!/bin/bash
#SBATCH --job-name=qloom
#SBATCH --array=0-{last}{at_once}
#SBATCH --time={time}
#SBATCH --cpus-per-task={processors}
#SBATCH --signal=B:USR1@{before}
#SBATCH --requeue
#SBATCH --open-mode=append
{options}
# the run is asked to save itself before the time is up; 75 means that it is to be gone on with
qloom sweep run {quoted} &
run=$!
trap 'kill -USR1 \"$run\" 2>/dev/null' USR1 TERM
wait \"$run\"
code=$?
while kill -0 \"$run\" 2>/dev/null; do
    wait \"$run\"
    code=$?
done
if [ \"$code\" -eq 75 ]; then
    scontrol requeue \"${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}\"
fi
exit \"$code\"
"
    );
    output::report(arguments.json, &ScriptReport { script })
}
