//! `qloom sweep`: classifiers along a setting, such as their depth; and any experiments over grids of settings, as many runs.

mod collect;
mod plan;
mod planned;
mod report;
mod run;
mod slurm;
mod status;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use qloom::learn::{ClassifierSettings, accuracy, classical};
use serde::{Deserialize, Serialize};

use self::report::SweepReport;
use crate::experiment::{self, Limit};
use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Job, Limited, Run, Step};
use crate::labelled_data::{self, LabelledData, Texts};
use crate::labelled_file;
use crate::labelled_fit;
use crate::run_folder::{Meta, NamedFile, RunFolder};

/// Fit classifiers to the same labelled data along a setting, such as the depth of their circuits, with several seeds.
///
/// The experiment is a TOML file: `values` are given in turn to the `keys` of each curve's model, and every value is fitted once with each of
/// `seeds`, which also divides the data anew where they have no test file. The run folder has every fit as runs.csv, means, deviations and
/// intervals as points.csv, and the curves as accuracy.svg. After Ctrl-C it goes on with --resume.
///
/// The commands below run any experiment over a grid of settings, each run with a folder of its own, on one machine or as an array of jobs.
///
/// For example: qloom sweep experiments/question_depth.toml --set data.questions.file=questions.tsv --out runs/depth
///
/// For example: qloom sweep plan experiments/sweeps/rates.toml --out runs/rates
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    experiment: ExperimentArguments,
}

#[derive(clap::Subcommand)]
enum Command {
    Plan(plan::Arguments),
    Run(run::Arguments),
    Status(status::Arguments),
    Collect(collect::Arguments),
    Slurm(slurm::Arguments),
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match &self.command {
            None => self.experiment.run.json,
            Some(Command::Plan(arguments)) => arguments.json,
            Some(Command::Run(arguments)) => arguments.json,
            Some(Command::Status(arguments)) => arguments.json,
            Some(Command::Collect(arguments)) => arguments.json,
            Some(Command::Slurm(arguments)) => arguments.json,
        }
    }
}

/// An experiment of this command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SweepExperiment {
    /// What it is called.
    name: String,
    /// What the values are, for the horizontal axis. Default depth.
    #[serde(default = "depth")]
    what: String,
    /// What the keys of each curve are set to, in turn.
    values: Vec<f64>,
    /// Seeds that each value is fitted with. Default 0.
    #[serde(default = "seeds")]
    seeds: Vec<u64>,
    /// What is learned from.
    data: LabelledData,
    /// The classifiers, by the names of their curves.
    curves: BTreeMap<String, Curve>,
}

fn depth() -> String {
    "depth".to_owned()
}

fn seeds() -> Vec<u64> {
    vec![0]
}

/// A classifier and what of it is varied.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Curve {
    /// Keys of the model that get the values, such as variational.layers.
    keys: Vec<String>,
    /// The model, as in an experiment of qloom train.
    model: toml::Table,
}

impl Limited for SweepExperiment {
    const LIMITS: &'static [Limit] = &[];
}

impl Curve {
    /// The model at a value.
    fn at(&self, name: &str, value: f64) -> Result<ClassifierSettings, Failure> {
        let mut model = self.model.clone();
        for key in &self.keys {
            experiment::set(&mut model, &format!("{key}={value}"))?;
        }
        // through text, so that a message points at the value
        let text = toml::to_string(&model).or_input("the model is not written")?;
        toml::from_str(&text).or_input(format!("curves.{name}.model with {} = {value}", self.keys.join(", ")))
    }
}

/// The largest number of fits.
const MOST_FITS: usize = 100_000;

impl SweepExperiment {
    /// # Errors
    /// Bad input when nothing is varied, or a value does not fit a key.
    fn check(&self) -> Result<(), Failure> {
        for (what, none) in
            [("values", self.values.is_empty()), ("seeds", self.seeds.is_empty()), ("curves", self.curves.is_empty())]
        {
            if none {
                return Err(Failure::input(format!("{what} is empty; a sweep needs one at least")));
            }
        }
        let fits = self.values.len().saturating_mul(self.seeds.len()).saturating_mul(self.curves.len());
        if fits > MOST_FITS {
            return Err(Failure::input(format!("the sweep has {fits} fits; at most {MOST_FITS} are done, leave some out")));
        }
        for (name, curve) in &self.curves {
            if curve.keys.is_empty() {
                return Err(Failure::input(format!("curves.{name}.keys is empty; name a key of the model")));
            }
            self.values.iter().try_for_each(|value| curve.at(name, *value).map(|_| ()))?;
        }
        Ok(())
    }
}

/// One fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitRow {
    pub curve: String,
    pub value: f64,
    pub seed: u64,
    pub train_accuracy: f64,
    pub test_accuracy: f64,
    pub test_rows: usize,
    /// Test rows that are told right.
    pub right: usize,
}

/// The fits done so far, curve by curve, value by value, seed by seed.
pub struct Session {
    experiment: SweepExperiment,
    texts: Texts,
    rows: Vec<FitRow>,
}

impl Session {
    fn new(experiment: &SweepExperiment, texts: Texts) -> Result<Self, Failure> {
        experiment.check()?;
        Ok(Self { experiment: experiment.clone(), texts, rows: Vec::new() })
    }

    /// Test accuracies of classifiers without circuits on the same features, averaged over the seeds.
    fn rivals(&self) -> Result<BTreeMap<&'static str, f64>, Failure> {
        let SweepExperiment { seeds, data, .. } = &self.experiment;
        let mut all = BTreeMap::new();
        for seed in seeds {
            let (train, test) = labelled_data::divide(data, &self.texts, *seed)?;
            let prepared = labelled_data::prepare(data, &train, &test, *seed)?;
            let told = classical::classify(&prepared.train, prepared.test.features()).or_work("the rivals cannot be fitted")?;
            let all_terms = prepared.all_terms.map(|told| ("linear_svm_all_terms", told));
            for (name, told) in told.into_iter().chain(all_terms) {
                *all.entry(name).or_default() += accuracy(&told, prepared.test.labels()) / seeds.len() as f64;
            }
        }
        Ok(all)
    }

    /// Number of fits in all.
    fn total(&self) -> usize {
        self.experiment.curves.len() * self.experiment.values.len() * self.experiment.seeds.len()
    }
}

impl Job for Session {
    const UNIT: &'static str = "fits";
    type Event = FitRow;
    type Report = SweepReport;

    fn step(&mut self, interrupt: &Interrupt) -> Result<Step<FitRow>, Failure> {
        let done = self.rows.len();
        if done >= self.total() {
            return Ok(Step::Finished("fits"));
        }
        let SweepExperiment { values, seeds, data, curves, .. } = &self.experiment;
        let (value, seed) = (values[done / seeds.len() % values.len()], seeds[done % seeds.len()]);
        let (name, curve) = curves.iter().nth(done / (seeds.len() * values.len())).expect("below the total");
        let (train, test) = labelled_data::divide(data, &self.texts, seed)?;
        let prepared = labelled_data::prepare(data, &train, &test, seed)?;
        let mut stopped = false;
        let told = labelled_fit::fit(&curve.at(name, value)?, &prepared, seed, &mut || {
            stopped = interrupt.requested();
            if stopped { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        });
        if stopped {
            return Ok(Step::Interrupted);
        }
        let told = told?;
        let labels = prepared.test.labels();
        let row = FitRow {
            curve: name.clone(),
            value,
            seed,
            train_accuracy: told.train_accuracy,
            test_accuracy: accuracy(&told.test, labels),
            test_rows: labels.len(),
            right: told.test.iter().zip(labels).filter(|(told, label)| told == label).count(),
        };
        self.rows.push(row.clone());
        Ok(Step::Event(row))
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(&self.rows).or_work("cannot write the fits")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let place = "the checkpoint does not fit the experiment";
        let rows: Vec<FitRow> = serde_json::from_slice(state).or_input(place)?;
        if rows.len() > self.total() || rows.iter().any(|row| !self.experiment.curves.contains_key(&row.curve)) {
            return Err(Failure::input(place));
        }
        self.rows = rows;
        Ok(())
    }

    fn progress(&self, _elapsed: Duration) -> (u64, u64, String) {
        let message = self.rows.last().map_or_else(String::new, |row| {
            format!("{} at {} {}: test accuracy {:.3}", row.curve, self.experiment.what, row.value, row.test_accuracy)
        });
        (self.rows.len() as u64, self.total() as u64, message)
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        Ok(Vec::new())
    }

    fn report(&self, meta: &Meta, folder: Option<&mut RunFolder>) -> Result<SweepReport, Failure> {
        let SweepExperiment { name, what, .. } = &self.experiment;
        let report = SweepReport::new((name, what), &self.rows, self.rivals()?, meta.seconds);
        if let Some(folder) = folder {
            folder.write(report.files(&self.rows)?)?;
        }
        Ok(report)
    }
}

const COMMAND: &str = "sweep";

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Some(Command::Plan(arguments)) => return plan::run(arguments),
        Some(Command::Run(arguments)) => return run::run(arguments),
        Some(Command::Status(arguments)) => return status::run(arguments),
        Some(Command::Collect(arguments)) => return collect::run(arguments),
        Some(Command::Slurm(arguments)) => return slurm::run(arguments),
        None => {}
    }
    let arguments = &arguments.experiment;
    let interrupt = Interrupt::listen()?;
    let run = match (&arguments.run.resume, &arguments.file) {
        (Some(path), _) => {
            Run::resume(path, COMMAND, &arguments.overrides, |experiment: SweepExperiment, folder: &RunFolder| {
                let (train, test) = experiment.data.files();
                let read = |name: &str| labelled_file::read(&folder.path().join(name));
                let texts = Texts { train: read(train)?, test: test.map(read).transpose()? };
                Session::new(&experiment, texts)
            })?
        }
        (None, Some(file)) => begin(file, arguments)?,
        (None, None) => return Err(Failure::input("give an experiment's file, or --resume DIR")),
    };
    run.finish(&arguments.run, &interrupt)
}

fn begin(file: &Path, arguments: &ExperimentArguments) -> Result<Run<Session>, Failure> {
    let experiment: SweepExperiment = experiment::parse(&files::read_text(file)?, file, &arguments.overrides)?;
    let texts = Texts::find(&experiment.data, file)?;
    let (train, test) = experiment.data.copies();
    let copies = (texts.train.0.clone(), texts.test.as_ref().map(|(text, _)| text.clone()));
    let session = Session::new(&experiment, texts)?;
    let mut inputs = vec![(train, copies.0.as_str())];
    inputs.extend(copies.1.as_deref().map(|text| (test, text)));
    let copied = SweepExperiment { data: experiment.data.copied(), ..experiment.clone() };
    let meta = Meta::new(COMMAND, experiment.seeds[0]);
    Run::begin(session, arguments.run.out.as_deref(), &copied, &inputs, meta)
}
