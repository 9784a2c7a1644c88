//! A classifier's training as a job.

use std::time::{Duration, Instant};

use qloom::circuits::Stream;
use qloom::learn::{
    ClassifierEpoch, ClassifierState, ClassifierTraining, Examples, FeatureSource, Preparation, accuracy, stratified_split,
};
use serde::Serialize;

use super::super::tuning::{Part, Validated};
use super::report::{self, LabelledReport};
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::labelled_data::{self, LabelledExperiment, Texts};
use crate::labelled_fit;
use crate::run_folder::{Meta, NamedFile, RunFolder};

const PLACE: &str = "the experiment cannot be trained";

/// A training with what its model is saved with.
pub struct Session {
    pub training: ClassifierTraining,
    pub test: Examples,
    pub name: String,
    pub seed: u64,
    pub all_terms: Option<Vec<usize>>,
    source: FeatureSource,
    preparation: Preparation,
    /// Whether each epoch is judged by the rows that were held out.
    judged: bool,
    started: Instant,
}

/// What an epoch gives.
#[derive(Serialize)]
pub struct LabelledEvent {
    #[serde(flatten)]
    epoch: ClassifierEpoch,
    /// The share of the validation rows that are told wrong, in a search for settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_error: Option<f64>,
}

impl Validated for LabelledEvent {
    fn held_out_loss(&self) -> f64 {
        self.validation_error.unwrap_or(f64::INFINITY)
    }
}

impl Session {
    /// Reads and prepares the data and draws the model.
    pub fn new(experiment: &LabelledExperiment, texts: &Texts, part: Part) -> Result<Self, Failure> {
        let (data, seed) = (&experiment.train.data, experiment.seed);
        let (mut train, mut test) = labelled_data::divide(data, texts, seed)?;
        let judged = match part {
            Part::Whole => false,
            Part::Training { validation } => {
                // what is tested on is dropped here, and a part of the rest takes its place
                let mut stream = Stream::named(seed, "validation");
                let parts = stratified_split(&train.labels, train.classes.len(), validation, &mut stream);
                let (seen, left) = parts.or_input("tune.validation")?;
                (train, test) = (train.part(&seen), train.part(&left));
                true
            }
        };
        let prepared = labelled_data::prepare(data, &train, &test, seed)?;
        let training = ClassifierTraining::new(&experiment.train.model, prepared.train, labelled_fit::config(), seed);
        let training = training.or_input(PLACE)?;
        Ok(Self {
            training,
            test: prepared.test,
            name: experiment.name.clone(),
            seed: experiment.seed,
            all_terms: prepared.all_terms,
            source: prepared.source,
            preparation: prepared.preparation,
            judged,
            started: Instant::now(),
        })
    }
}

impl Job for Session {
    const UNIT: &'static str = "epochs";
    type Event = LabelledEvent;
    type Report = LabelledReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<LabelledEvent>, Failure> {
        // what features and settings refuse shows at the first step
        let first = self.training.events().is_empty();
        match self.training.step() {
            Ok(Some(epoch)) => {
                let validation_error = match self.judged {
                    false => None,
                    true => {
                        let told = self.training.predict(self.test.features()).or_input("the validation rows cannot be told")?;
                        Some(1.0 - accuracy(&told, self.test.labels()))
                    }
                };
                Ok(Step::Event(LabelledEvent { epoch, validation_error }))
            }
            Ok(None) => Ok(Step::Finished("epochs")),
            Err(error) if first => Err(error).or_input(PLACE),
            Err(error) => Err(error).or_work("the training failed; the last checkpoint is unharmed"),
        }
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(&self.training.state()).or_work("cannot write the state of the training")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let place = "the checkpoint does not fit the experiment";
        let state: ClassifierState = serde_json::from_slice(state).or_input(place)?;
        self.training.resume(&state).or_input(place)
    }

    fn progress(&self, _elapsed: Duration) -> (u64, u64, String) {
        let (done, total) = (self.training.events().len(), self.training.epochs());
        let message = self.training.events().last().map_or_else(String::new, |event| {
            let left = self.started.elapsed().as_secs_f64() / done.max(1) as f64 * (total - done) as f64;
            let left = indicatif::HumanDuration(Duration::from_secs_f64(left.min(1e9)));
            let accuracy = event.accuracy.map_or_else(String::new, |share| format!("accuracy {share:.3}, "));
            format!("loss {:.4}, {accuracy}about {left} left", event.loss)
        });
        (done as u64, total as u64, message)
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        if self.training.events().is_empty() {
            return Ok(Vec::new());
        }
        let file = self.training.model_file(self.source.clone(), self.preparation.clone());
        let text = file.and_then(|file| file.to_json()).or_work("cannot write the model")?;
        Ok(vec![("model.json".to_owned(), text.into_bytes())])
    }

    fn report(&self, meta: &Meta, folder: Option<&mut RunFolder>) -> Result<LabelledReport, Failure> {
        let path = folder.as_ref().map(|folder| folder.path().to_owned());
        let (report, files) = report::all(self, meta.seconds, path.as_deref())?;
        if let Some(folder) = folder {
            folder.write(files)?;
        }
        Ok(report)
    }
}
