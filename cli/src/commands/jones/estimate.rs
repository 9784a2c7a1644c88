//! `qloom jones estimate`: the counts of a job run elsewhere, read back.

use std::collections::BTreeMap;
use std::path::PathBuf;

use qloom::knots::estimate::Job;

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::knots::estimate::{Sampled, Stages};
use crate::output;
use crate::progress::Progress;

/// Estimate V(e^{2 pi i/5}) from the counts of a job.
///
/// The counts are one JSON object: circuit name -> {bitstring -> count}, with or without ".qasm", qubit 0 rightmost.
///
/// For example: qloom jones estimate job/manifest.json counts.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The manifest that qloom jones circuits wrote.
    manifest: PathBuf,
    /// The counts; - is standard input.
    counts: PathBuf,
    #[command(flatten)]
    stages: Stages,
    /// Seed of the random vectors of the classical estimate.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let name = arguments.manifest.display();
    let job: Job = serde_json::from_str(&files::read_text(&arguments.manifest)?).or_input(format!("{name} is not a manifest"))?;
    let braid = job.read_braid().or_input(&name)?;
    let place = arguments.counts.display();
    let counts: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&files::read_text(&arguments.counts)?)
        .or_input(format!("{place} is not an object of circuit name -> {{bitstring -> count}}"))?;
    let records = job.records(&counts).or_input(format!("{place} does not belong to {name}"))?;
    let (closure, target, shots_per_draw, seed) = (job.closure, job.target, job.shots_per_draw, arguments.seed);
    let sampled = Sampled { braid: &braid, closure, target, records: &records, shots_per_draw, seed };
    let report = arguments.stages.read()?.report(&sampled, &mut Progress::new("letters")?)?;
    output::report(arguments.json, &report)
}
