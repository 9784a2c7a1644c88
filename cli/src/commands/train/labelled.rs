//! Training on labelled data: tables and questions.

mod report;
mod session;

use std::path::Path;

use self::session::Session;
use super::tuning::{Part, Tunable};
use crate::experiment;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::job::ExperimentArguments;
use crate::labelled_data::{LabelledExperiment, LabelledSettings, Texts};
use crate::labelled_file;
use crate::tune_settings::TuneSettings;

/// Whether an experiment's text is about labelled data.
pub fn is_labelled(text: &str) -> bool {
    let data = |table: &toml::Table| -> Option<bool> {
        let data = table.get("train")?.get("data")?.as_table()?;
        Some(data.contains_key("table") || data.contains_key("questions"))
    };
    toml::from_str(text).ok().as_ref().and_then(data).unwrap_or(false)
}

impl Tunable for LabelledExperiment {
    type Data = Texts;
    type Session = Session;

    fn tune(&self) -> Option<&TuneSettings> {
        self.tune.as_ref()
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn session(&self, data: &Texts, part: Part) -> Result<Session, Failure> {
        Session::new(self, data, part)
    }
}

/// Begins an experiment and runs it to its end.
pub fn begin(text: &str, file: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let experiment: LabelledExperiment = experiment::parse(text, file, &arguments.overrides)?;
    let data = &experiment.train.data;
    let texts = Texts::find(data, file)?;
    let (train, test) = data.copies();
    let mut inputs = vec![(train.to_owned(), texts.train.0.clone())];
    inputs.extend(texts.test.as_ref().map(|(text, _)| (test.to_owned(), text.clone())));
    let copied = LabelledSettings { data: data.copied(), ..experiment.train.clone() };
    super::begin(LabelledExperiment { train: copied, ..experiment }, texts, &inputs, arguments, interrupt)
}

/// Goes on with a run, whose experiment has this text.
pub fn resume(path: &Path, text: &str, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    super::resume(path, text, arguments, interrupt, |experiment: &LabelledExperiment, folder| {
        let (train, test) = experiment.train.data.files();
        let read = |name: &str| labelled_file::read(&folder.path().join(name));
        Ok(Texts { train: read(train)?, test: test.map(read).transpose()? })
    })
}
