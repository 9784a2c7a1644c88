//! A training as a job.

use std::path::Path;
use std::time::{Duration, Instant};

use qloom::learn::{EpochEvent, ModelFile, Scaling, SeriesTraining, TrainingState, Windows};

use super::report::{self, TrainReport};
use super::{DataSettings, Experiment};
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::run_folder::{Meta, NamedFile, RunFolder};
use crate::table::Table;

const PLACE: &str = "the experiment cannot be trained";

/// A training with what its model is saved with.
pub struct Session {
    pub training: SeriesTraining,
    pub name: String,
    pub seed: u64,
    pub inputs: Vec<String>,
    pub target: String,
    /// Of each input and of the target.
    pub scaling: Vec<Scaling>,
    /// Epochs of this process and their time.
    timed: (usize, Duration),
}

impl Session {
    /// Reads the series and draws the model; `path` is what messages call the series.
    pub fn new(experiment: &Experiment, text: &str, path: &Path) -> Result<Self, Failure> {
        let DataSettings::Series(series) = &experiment.train.data;
        let file = path.display().to_string();
        let table = Table::read(text, &file)?;
        let (inputs, settings) = (series.inputs(), series.windows());
        let columns = inputs.iter().chain([&series.column]).map(|name| table.numbers(name, &file));
        let mut columns: Vec<Vec<f64>> = columns.collect::<Result<_, _>>()?;
        // scaled by what the training windows hold
        let known = ((series.train_fraction * table.rows.len() as f64) as usize).clamp(1, table.rows.len().max(1));
        let scalings = columns
            .iter()
            .map(|column| Scaling::of(series.scale, "the training part of the series", &column[..known.min(column.len())]));
        let scaling: Vec<Scaling> = match series.scale {
            qloom::learn::Scale::None => vec![Scaling::NONE; columns.len()],
            qloom::learn::Scale::MinMax | qloom::learn::Scale::Standard => scalings.collect::<Result<_, _>>().or_input(&file)?,
        };
        for (column, scaling) in columns.iter_mut().zip(&scaling) {
            column.iter_mut().for_each(|value| *value = scaling.apply(*value));
        }
        let target = columns.pop().unwrap_or_default();
        let seen: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let windows = Windows::new(&seen, &target, &settings).or_input(&file)?;
        let (model, readout) = (&experiment.train.model, &experiment.train.readout);
        let training = SeriesTraining::of_model(model, readout, windows, experiment.seed).or_input(PLACE)?;
        Ok(Self {
            training,
            name: experiment.name.clone(),
            seed: experiment.seed,
            inputs,
            target: series.column.clone(),
            scaling,
            timed: (0, Duration::ZERO),
        })
    }

    /// Mean seconds of an epoch of this process; nothing where it ran none.
    pub fn seconds_per_epoch(&self) -> Option<f64> {
        let (epochs, time) = self.timed;
        (epochs > 0).then(|| time.as_secs_f64() / epochs as f64)
    }

    /// What is saved of the model.
    pub fn model_file(&self) -> ModelFile {
        let windows = *self.training.windows().settings();
        let names = (self.inputs.clone(), self.target.clone());
        ModelFile::new(self.training.model(), windows, names, self.scaling.clone(), self.seed)
    }
}

impl Job for Session {
    const UNIT: &'static str = "epochs";
    type Event = EpochEvent;
    type Report = TrainReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<EpochEvent>, Failure> {
        let start = Instant::now();
        match self.training.step().or_work("the training failed; the last checkpoint is unharmed")? {
            Some(event) => {
                self.timed = (self.timed.0 + 1, self.timed.1 + start.elapsed());
                Ok(Step::Event(event))
            }
            None => Ok(Step::Finished("epochs")),
        }
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(&self.training.state()).or_work("cannot write the state of the training")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let place = "the checkpoint does not fit the experiment";
        let state: TrainingState = serde_json::from_slice(state).or_input(place)?;
        self.training.resume(&state).or_input(place)
    }

    fn progress(&self, elapsed: Duration) -> (u64, u64, String) {
        let (done, total) = (self.training.events().len(), self.training.epochs());
        let message = match self.training.events().last() {
            Some(event) => {
                let left = elapsed.as_secs_f64() / self.timed.0.max(1) as f64 * (total - done) as f64;
                let left = indicatif::HumanDuration(Duration::from_secs_f64(left.min(1e9)));
                format!("loss {:.3e}, test {:.3e}, about {left} left", event.train_loss, event.test_loss)
            }
            None => String::new(),
        };
        (done as u64, total as u64, message)
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        Ok(vec![("model.json".to_owned(), self.model_file().to_json().or_work("cannot write the model")?.into_bytes())])
    }

    fn report(&self, _meta: &Meta, folder: Option<&mut RunFolder>) -> Result<TrainReport, Failure> {
        let path = folder.as_ref().map(|folder| folder.path().to_owned());
        let report = TrainReport::new(self, path.as_deref())?;
        if let Some(folder) = folder {
            folder.write(report::files(self, &report)?)?;
        }
        Ok(report)
    }
}
