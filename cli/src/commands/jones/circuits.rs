//! `qloom jones circuits` and `qloom jones estimate`: a job for a machine elsewhere, and its counts read back.

use std::collections::BTreeMap;
use std::path::PathBuf;

use qloom::circuits::Stream;
use qloom::circuits::qasm::{self, Dialect, Version};
use qloom::knots::circuit::CircuitCost;
use qloom::knots::estimate::{Job, JobConfig, evaluate, factor};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::knots::estimate::{EstimateReport, Stages, TargetArguments};
use crate::knots::link::{self, LinkArguments};
use crate::knots::{failure, within_limits};
use crate::output::{self, Report};
use crate::progress::Progress;

/// Write the circuits of a job for a machine elsewhere, with a manifest.
///
/// One OpenQASM file a circuit and manifest.json. Run every circuit for the shots that the manifest names, write the counts as one
/// JSON object, circuit name -> {bitstring -> count} with qubit 0 rightmost, and give both to qloom jones estimate.
///
/// For example: qloom jones circuits "1 -2 1 -2" --out job --shots 4000 --native cx
#[derive(clap::Args)]
pub struct CircuitsArguments {
    #[command(flatten)]
    link: LinkArguments,
    /// The folder to write; made if it is not there, otherwise it must be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Shots in all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    shots: u64,
    /// The version of OpenQASM.
    #[arg(long, default_value = "qasm2")]
    format: FormatArgument,
    #[command(flatten)]
    target: TargetArguments,
    /// Path strings drawn, with equal shots each; by default one a shot, but at most 250.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(2..=100_000))]
    strings: Option<u64>,
    /// Draw the strings in the circuits by measurement and classical control: four circuits in all.
    #[arg(long, conflicts_with = "strings")]
    control: bool,
    /// Leave out the mirror image, which the conjugate trick needs.
    #[arg(long)]
    no_conjugate: bool,
    /// Simplify the braid first.
    #[arg(long)]
    simplify: bool,
    /// Fixes the strings.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FormatArgument {
    Qasm2,
    Qasm3,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    manifest: String,
    circuits: usize,
    shots: u64,
    shots_per_draw: Option<u64>,
    circuit: CircuitCost,
}

impl Report for Written {
    fn text(&self) -> String {
        let cost = &self.circuit;
        output::pairs(&[
            ("manifest", self.manifest.clone()),
            ("circuits", self.circuits.to_string()),
            ("shots", self.shots.to_string()),
            ("qubits", cost.qubits.to_string()),
            ("two-qubit gates", format!("{:.1} on average, {} at most", cost.two_qubit_gates, cost.most_two_qubit_gates)),
        ])
    }
}

pub fn write(arguments: &CircuitsArguments) -> Result<(), Failure> {
    let closure = arguments.link.closure();
    let braid = link::simplified(arguments.link.read_braid()?, arguments.simplify, closure, arguments.seed);
    // also refuses a plat closure of an odd number of strands
    factor(&braid, closure).map_err(failure)?;
    let target = arguments.target.target();
    let config = JobConfig {
        braid,
        closure,
        target,
        conjugate: !arguments.no_conjugate,
        shots: arguments.shots,
        strings: arguments.strings,
        control: arguments.control,
    };
    let mut progress = Progress::new("strings")?;
    let mut strings = Stream::named(arguments.seed, "strings");
    let (job, circuits) =
        within_limits(&mut |done, total| progress.tick(done, total), |limits| Job::new(&config, &mut strings, limits))?;
    let out = &arguments.out;
    let place = format!("cannot write to {}", out.display());
    std::fs::create_dir_all(out).or_work(&place)?;
    if std::fs::read_dir(out).or_work(&place)?.next().is_some() {
        return Err(Failure::input(format!("{} is not empty; choose another folder", out.display())));
    }
    let version = match arguments.format {
        FormatArgument::Qasm2 => Version::V2,
        FormatArgument::Qasm3 => Version::V3,
    };
    // the manifest comes last: a folder without it is no job
    let mut written = Vec::new();
    for (done, (entry, circuit)) in job.circuits.iter().zip(&circuits).enumerate() {
        let path = out.join(format!("{}.qasm", entry.name));
        let text = qasm::write(circuit, version, Dialect::Plain).or_work(&entry.name)?;
        let result = if progress.tick(done, circuits.len()).is_break() {
            Err(Progress::stopped())
        } else {
            files::write_whole(&path, text.as_bytes())
        };
        written.push(path);
        if let Err(failure) = result {
            // nothing half-written stays; what cannot be removed is the disk's affair
            written.iter().for_each(|path| _ = std::fs::remove_file(path));
            return Err(failure);
        }
    }
    progress.finish();
    let manifest = out.join("manifest.json");
    let text = serde_json::to_string_pretty(&job).or_work("manifest")?;
    files::write_whole(&manifest, text.as_bytes())?;
    let cost = qloom::knots::circuit::circuit_cost(&config.braid, target).or_input("circuit")?;
    let report = Written {
        manifest: manifest.display().to_string(),
        circuits: job.circuits.len(),
        shots: job.circuits.iter().map(|entry| entry.shots).sum(),
        shots_per_draw: job.shots_per_draw,
        circuit: cost,
    };
    output::report(arguments.json, &report)
}

/// Estimate V(e^{2 pi i/5}) from the counts of a job.
///
/// The counts are one JSON object: circuit name -> {bitstring -> count}, with or without ".qasm", qubit 0 rightmost.
///
/// For example: qloom jones estimate job/manifest.json counts.json
#[derive(clap::Args)]
pub struct EstimateArguments {
    /// The manifest that qloom jones circuits wrote.
    manifest: PathBuf,
    /// The counts; - is standard input.
    counts: PathBuf,
    #[command(flatten)]
    stages: Stages,
    /// Fixes the baseline's vectors.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

pub fn read(arguments: &EstimateArguments) -> Result<(), Failure> {
    let name = arguments.manifest.display();
    let job: Job = serde_json::from_str(&files::read_text(&arguments.manifest)?).or_input(format!("{name} is not a manifest"))?;
    let braid = job.read_braid().or_input(&name)?;
    let place = arguments.counts.display();
    let counts: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&files::read_text(&arguments.counts)?)
        .or_input(format!("{place} is not an object of circuit name -> {{bitstring -> count}}"))?;
    let records = job.records(&counts).or_input(format!("{place} does not belong to {name}"))?;
    let prior = arguments.stages.prior(factor(&braid, job.closure).map_err(failure)?)?;
    let mitigation = arguments.stages.mitigation();
    let evaluation = evaluate(&records, job.target.layout, job.shots_per_draw, mitigation, prior);
    let report = EstimateReport::new(&braid, job.closure, job.target, &evaluation, &arguments.stages, arguments.seed)?;
    output::report(arguments.json, &report)
}
