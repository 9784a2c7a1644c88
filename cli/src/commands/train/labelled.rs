//! Training on labelled data: tables and questions.

mod report;
mod session;

use std::path::Path;

use self::session::Session;
use super::COMMAND;
use crate::experiment;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Run};
use crate::labelled_data::{LabelledExperiment, LabelledSettings, Texts};
use crate::labelled_file;
use crate::run_folder::{Meta, RunFolder};

/// Whether an experiment's text is about labelled data.
pub fn is_labelled(text: &str) -> bool {
    let data = |table: &toml::Table| -> Option<bool> {
        let data = table.get("train")?.get("data")?.as_table()?;
        Some(data.contains_key("table") || data.contains_key("questions"))
    };
    toml::from_str(text).ok().as_ref().and_then(data).unwrap_or(false)
}

/// Begins an experiment and runs it to its end.
pub fn begin(text: &str, file: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let experiment: LabelledExperiment = experiment::parse(text, file, &arguments.overrides)?;
    let texts = Texts::find(&experiment.train.data, file)?;
    let session = Session::new(&experiment, &texts)?;
    let (train, test) = experiment.train.data.copies();
    let mut inputs = vec![(train, texts.train.0.as_str())];
    inputs.extend(texts.test.as_ref().map(|(text, _)| (test, text.as_str())));
    let data = experiment.train.data.copied();
    let copied = LabelledExperiment { train: LabelledSettings { data, ..experiment.train.clone() }, ..experiment.clone() };
    let meta = Meta::new(COMMAND, experiment.seed);
    Run::begin(session, arguments.run.out.as_deref(), &copied, &inputs, meta)?.finish(&arguments.run, interrupt)
}

/// Goes on with a run.
pub fn resume(path: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let new = |experiment: LabelledExperiment, folder: &RunFolder| {
        let (train, test) = experiment.train.data.files();
        let read = |name: &str| labelled_file::read(&folder.path().join(name));
        Session::new(&experiment, &Texts { train: read(train)?, test: test.map(read).transpose()? })
    };
    Run::resume(path, COMMAND, &arguments.overrides, new)?.finish(&arguments.run, interrupt)
}
