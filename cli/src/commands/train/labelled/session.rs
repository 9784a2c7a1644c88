//! A classifier's training as a job.

use std::time::{Duration, Instant};

use qloom::learn::{ClassifierEpoch, ClassifierState, ClassifierTraining, Examples, FeatureSource, Preparation};

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
    started: Instant,
}

impl Session {
    /// Reads and prepares the data and draws the model.
    pub fn new(experiment: &LabelledExperiment, texts: &Texts) -> Result<Self, Failure> {
        let (data, seed) = (&experiment.train.data, experiment.seed);
        let (train, test) = labelled_data::divide(data, texts, seed)?;
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
            started: Instant::now(),
        })
    }
}

impl Job for Session {
    const UNIT: &'static str = "epochs";
    type Event = ClassifierEpoch;
    type Report = LabelledReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<ClassifierEpoch>, Failure> {
        // what features and settings refuse shows at the first step
        let first = self.training.events().is_empty();
        match self.training.step() {
            Ok(Some(event)) => Ok(Step::Event(event)),
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
            format!("loss {:.4}, accuracy {:.3}, about {left} left", event.loss, event.accuracy)
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
