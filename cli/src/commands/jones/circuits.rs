//! `qloom jones circuits`: a job for a machine elsewhere.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use qloom::circuits::Stream;
use qloom::circuits::qasm::{self, Dialect};
use qloom::hardware::{CompileOptions, Device, compile};
use qloom::knots::circuit::{CircuitCost, Target, circuit_cost};
use qloom::knots::estimate::{self, JobConfig, factor};
use serde::{Deserialize, Serialize};

use crate::device_file;
use crate::experiment::Limit;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Limited, Run, RunArguments, Step};
use crate::knots::estimate::TargetArguments;
use crate::knots::failure;
use crate::knots::link::{self, BraidConfig, LinkArguments, nothing_new};
use crate::output::{self, Report};
use crate::run_folder::{Meta, NamedFile, RunFolder};

/// Write the circuits of a job for a machine elsewhere, with a manifest.
///
/// One OpenQASM file a circuit and manifest.json, in the run folder of --out. Run every circuit for the shots that the manifest names,
/// write the counts as one JSON object, circuit name -> {bitstring -> count} with qubit 0 rightmost, and give both to qloom jones
/// estimate. Interrupted, it goes on with --resume.
///
/// For example: qloom jones circuits "1 -2 1 -2" --out job --shots 4000 --native cx
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    link: LinkArguments,
    /// Shots in all.
    #[arg(long, value_name = "N", conflicts_with = "resume", required_unless_present = "resume", value_parser = crate::number::single_shots)]
    shots: Option<u64>,
    /// The version of OpenQASM.
    #[arg(long, conflicts_with = "resume", default_value = "qasm2")]
    format: Version,
    /// Compile the circuits for a device, a machine's name or a file (.toml, .json, .csv).
    #[arg(long, conflicts_with = "resume", value_name = "NAME|FILE")]
    device: Option<String>,
    #[command(flatten)]
    target: TargetArguments,
    /// Path strings drawn, with equal shots each; by default one a shot, but at most 250.
    #[arg(long, conflicts_with = "resume", value_name = "K", value_parser = clap::value_parser!(u64).range(2..=100_000))]
    strings: Option<u64>,
    /// Draw the strings in the circuits by measurement and classical control: four circuits in all.
    #[arg(long, conflicts_with_all = ["strings", "resume"])]
    control: bool,
    /// Leave out the mirror image, which the conjugate trick needs.
    #[arg(long, conflicts_with = "resume")]
    no_conjugate: bool,
    /// Simplify the braid first.
    #[arg(long, conflicts_with = "resume")]
    simplify: bool,
    /// Seed of the random path strings.
    #[arg(long, conflicts_with = "resume", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    pub run: RunArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Version {
    Qasm2,
    Qasm3,
}

const COMMAND: &str = "jones circuits";

/// A job for a machine elsewhere as its folder holds it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Experiment {
    seed: u64,
    circuits: Settings,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    shots: u64,
    strings: Option<u64>,
    control: bool,
    conjugate: bool,
    format: Version,
    braid: BraidConfig,
    target: Target,
    device: Option<Box<Device>>,
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] = &[];
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let run = match &arguments.run.resume {
        Some(path) => {
            nothing_new(&[("the link", arguments.link.given()), ("--native and --layout", arguments.target.given())])?;
            Run::resume(path, COMMAND, &[], |experiment: Experiment, folder: &RunFolder| {
                let there = folder.names().collect();
                Ok(Circuits { there, ..Circuits::new(experiment)? })
            })?
        }
        None => {
            let Some(out) = &arguments.run.out else { return Err(Failure::input("--out names the folder for the circuits")) };
            let experiment = arguments.experiment()?;
            let meta = Meta::new(COMMAND, experiment.seed);
            Run::begin(Circuits::new(experiment.clone())?, Some(out), &experiment, &[], meta)?
        }
    };
    run.finish(&arguments.run, &interrupt)
}

impl Arguments {
    fn experiment(&self) -> Result<Experiment, Failure> {
        let closure = self.link.closure();
        let braid = link::simplified(self.link.read_braid()?, self.simplify, closure, self.seed);
        // also refuses a plat closure of an odd number of strands
        factor(&braid, closure).map_err(failure)?;
        let device = self.device.as_deref().map(device_file::read_argument).transpose()?;
        let settings = Settings {
            shots: self.shots.unwrap_or_default(),
            strings: self.strings,
            control: self.control,
            conjugate: !self.no_conjugate,
            format: self.format,
            braid: BraidConfig::new(&braid, closure),
            target: self.target.target(),
            device: device.map(Box::new),
        };
        Ok(Experiment { seed: self.seed, circuits: settings })
    }
}

/// The writing of circuits as a job: a step is a circuit.
struct Circuits {
    experiment: Experiment,
    job: estimate::Job,
    cost: CircuitCost,
    /// Files that are in the folder as they were written, where a run goes on.
    there: BTreeSet<String>,
    /// Files that no checkpoint has yet.
    waiting: Vec<NamedFile>,
    next: usize,
}

impl Circuits {
    fn new(experiment: Experiment) -> Result<Self, Failure> {
        let Settings { shots, strings, control, conjugate, braid, target, .. } = experiment.circuits.clone();
        let (braid, closure) = (braid.braid()?, braid.closure);
        let cost = circuit_cost(&braid, target).or_input("circuit")?;
        let config = JobConfig { braid, closure, target, conjugate, shots, strings, control };
        let job = estimate::Job::new(&config, &mut Stream::named(experiment.seed, "strings")).map_err(failure)?;
        Ok(Self { experiment, job, cost, there: BTreeSet::new(), waiting: Vec::new(), next: 0 })
    }

    /// One circuit's file.
    fn file(&self, entry: &estimate::Entry) -> Result<NamedFile, Failure> {
        Ok((file_name(entry), self.text(entry)?.into_bytes()))
    }

    /// One circuit as a program.
    fn text(&self, entry: &estimate::Entry) -> Result<String, Failure> {
        let Settings { format, device, .. } = &self.experiment.circuits;
        let mut circuit = self.job.circuit(entry).map_err(failure)?;
        if let Some(device) = device {
            circuit = compile(&circuit, device, &CompileOptions::default()).or_input(&entry.name)?.circuit;
        }
        let version = match format {
            Version::Qasm2 => qasm::Version::V2,
            Version::Qasm3 => qasm::Version::V3,
        };
        qasm::write(&circuit, version, Dialect::Plain).or_work(&entry.name)
    }
}

fn file_name(entry: &estimate::Entry) -> String {
    format!("{}.qasm", entry.name)
}

/// A circuit that was written.
#[derive(Serialize)]
struct File {
    file: String,
}

impl Job for Circuits {
    const UNIT: &'static str = "circuits";
    type Event = File;
    type Report = Written;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<File>, Failure> {
        let Some(entry) = self.job.circuits.get(self.next) else { return Ok(Step::Finished("circuits")) };
        let (file, text) = self.file(entry)?;
        self.next += 1;
        self.waiting.push((file.clone(), text));
        Ok(Step::Event(File { file }))
    }

    /// How many circuits are done.
    fn state(&self) -> Result<Vec<u8>, Failure> {
        Ok((self.next as u64).to_le_bytes().to_vec())
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let done = state.try_into().map(u64::from_le_bytes).or_input("the checkpoint is not that of circuits")?;
        self.next = self.job.circuits.len().min(done as usize);
        // what was done and is no longer there is made again
        let lost = self.job.circuits[..self.next].iter().filter(|entry| !self.there.contains(&file_name(entry)));
        self.waiting = lost.map(|entry| self.file(entry)).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn progress(&self, elapsed: Duration) -> (u64, u64, String) {
        (self.next as u64, self.job.circuits.len() as u64, format!("{:.0} s", elapsed.as_secs_f64()))
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        Ok(std::mem::take(&mut self.waiting))
    }

    fn report(&self, _meta: &Meta, folder: Option<&mut RunFolder>) -> Result<Written, Failure> {
        let (mut manifest, whole) = (None, self.next == self.job.circuits.len());
        // the manifest comes last: a folder without it is no job
        if let Some(folder) = folder.filter(|_| whole) {
            let text = serde_json::to_string_pretty(&self.job).or_work("manifest")?;
            folder.write(vec![(MANIFEST.to_owned(), text.into_bytes())])?;
            manifest = Some(Path::new(folder.path()).join(MANIFEST).display().to_string());
        }
        Ok(Written {
            manifest,
            circuits: self.next,
            circuits_in_all: self.job.circuits.len(),
            shots: self.job.circuits.iter().map(|entry| entry.shots).sum(),
            shots_per_draw: self.job.shots_per_draw,
            circuit: self.cost,
        })
    }
}

const MANIFEST: &str = "manifest.json";

/// What was written.
#[derive(Serialize)]
struct Written {
    manifest: Option<String>,
    circuits: usize,
    circuits_in_all: usize,
    shots: u64,
    shots_per_draw: Option<u64>,
    circuit: CircuitCost,
}

impl Report for Written {
    fn text(&self) -> String {
        let cost = &self.circuit;
        output::pairs(&[
            ("manifest", self.manifest.clone().unwrap_or_else(|| "not written yet".to_owned())),
            ("circuits", format!("{} of {}", self.circuits, self.circuits_in_all)),
            ("shots", self.shots.to_string()),
            ("qubits", cost.qubits.to_string()),
            ("two-qubit gates", format!("{:.1} on average, {} at most", cost.two_qubit_gates, cost.most_two_qubit_gates)),
        ])
    }
}
