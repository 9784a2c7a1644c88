//! `qloom validate`: cross-validation, choices of settings within it, and permutation tests.

mod folds;
mod report;

use std::path::PathBuf;

use qloom::circuits::Stream;
use qloom::learn::accuracy;

use self::folds::{Choice, Combination, Folds, cross_validated};
use self::report::ValidateReport;
use crate::failure::Failure;
use crate::labelled_data::{self, LabelledExperiment, Texts};
use crate::progress::Progress;
use crate::{experiment, files, output};

/// Cross-validate an experiment of qloom train on labelled data.
///
/// The rows of its file are divided into folds with as many of each class; each fold is told by a model that was fitted, features and all, to
/// the others. A test file is left alone. With --grid each key takes each of its values; the best combination is chosen within the rows that
/// a fold's model is fitted to, by folds of these, so that the accuracy is not that of a choice (nested cross-validation). With --permutations
/// the labels are shuffled as often and validated the same way: the p-value is the share of accuracies as high, the true one counted among them.
///
/// For example: qloom validate iris.toml --folds 5 --grid "train.model.kernel-svm.c=[1, 10, 100]" --permutations 20
#[derive(clap::Args)]
pub struct Arguments {
    /// The experiment's TOML file.
    file: PathBuf,
    /// Override a key of the experiment; can be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Folds.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..=1000))]
    folds: u16,
    /// A key with a list of values to choose from; can be given several times.
    #[arg(long, value_name = "KEY=[VALUES]")]
    grid: Vec<String>,
    /// Folds that a choice is made by.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(2..=1000))]
    inner_folds: u16,
    /// Shuffled sets of labels that are validated too.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    permutations: u32,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// The most combinations of a grid.
const MOST_COMBINATIONS: usize = 1000;

/// The combinations of a grid, the last key changing fastest; one without changes of no grid.
fn combinations(arguments: &Arguments, text: &str) -> Result<Vec<Combination>, Failure> {
    let mut all = vec![Vec::new()];
    for assignment in &arguments.grid {
        let wrong = || Failure::input(format!("--grid {assignment}: write path.to.key=[value, value, ...]"));
        let (key, list) = assignment.split_once('=').ok_or_else(wrong)?;
        let table: toml::Table = toml::from_str(&format!("list = {list}")).map_err(|_| wrong())?;
        let values = table.get("list").and_then(toml::Value::as_array).filter(|values| !values.is_empty()).ok_or_else(wrong)?;
        all = all
            .iter()
            .flat_map(|before: &Vec<String>| {
                values.iter().map(move |value| before.iter().cloned().chain([format!("{key}={value}")]).collect())
            })
            .collect();
        if all.len() > MOST_COMBINATIONS {
            return Err(Failure::input(format!("the grid has more than {MOST_COMBINATIONS} combinations; leave some out")));
        }
    }
    let read = |changes: Vec<String>| {
        let overrides = [arguments.overrides.clone(), changes.clone()].concat();
        let experiment: LabelledExperiment = experiment::parse(text, &arguments.file, &overrides)?;
        Ok(Combination { changes, train: experiment.train })
    };
    all.into_iter().map(read).collect()
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = files::read_text(&arguments.file)?;
    let experiment: LabelledExperiment = experiment::parse(&text, &arguments.file, &arguments.overrides)?;
    if experiment.tune.is_some() {
        return Err(Failure::input(
            "the experiment has a table [tune], which qloom train follows; leave it out and name what is tried by --grid",
        ));
    }
    let combinations = combinations(arguments, &text)?;
    let texts = Texts::find(&experiment.train.data, &arguments.file)?;
    let (rows, _) = labelled_data::read(&experiment.train.data, &texts)?;
    let seed = experiment.seed;
    let choice = Choice { combinations: &combinations, inner_folds: usize::from(arguments.inner_folds), seed };
    let folds = Folds::new(&rows, usize::from(arguments.folds), seed)?;
    let mut progress = Progress::new("validations")?;
    let total = 1 + arguments.permutations as usize;
    let mut step = |done: usize| progress.tick(done, total);
    let found = cross_validated(&rows, &folds, &choice, &mut || step(0))?;
    let told = accuracy(&found.told, &rows.labels);
    let mut as_high = 0;
    let mut stream = Stream::named(seed, "permutations");
    for number in 0..arguments.permutations {
        let mut labels = rows.labels.clone();
        stream.shuffle(&mut labels);
        let shuffled = rows.with_labels(labels);
        let folds = Folds::new(&shuffled, usize::from(arguments.folds), seed)?;
        let other = cross_validated(&shuffled, &folds, &choice, &mut || step(1 + number as usize))?;
        as_high += u32::from(accuracy(&other.told, &shuffled.labels) >= told);
    }
    progress.finish();
    let p_value = (arguments.permutations > 0).then(|| f64::from(1 + as_high) / f64::from(1 + arguments.permutations));
    output::report(arguments.json, &ValidateReport::new(&experiment.name, &rows, &folds, found, p_value))
}
