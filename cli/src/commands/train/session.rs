//! A training as a job.

use std::time::Duration;

use qloom::learn::{EpochEvent, LearnError, ModelFile, Scale, Scaling, SeriesTraining, TrainingState, WindowSettings, Windows};

use super::epochs::Epochs;
use super::report::{self, TrainReport};
use super::tuning::{Part, Validated};
use super::{DataSettings, Experiment, SeriesText};
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::run_folder::{Meta, NamedFile, RunFolder};
use crate::series_file;
use crate::table::Table;

const PLACE: &str = "the experiment cannot be trained";

/// A training with what its model is saved with.
pub struct Session {
    pub training: SeriesTraining,
    pub name: String,
    pub seed: u64,
    pub inputs: Vec<String>,
    pub target: String,
    /// The column that names the series, and their names, where there are several.
    id: Option<String>,
    pub series: Vec<String>,
    /// Of each input and of the target.
    pub scaling: Vec<Scaling>,
    /// Epochs of this process and their time.
    epochs: Epochs,
}

impl Session {
    /// Reads the series and draws the model.
    pub fn new(experiment: &Experiment, data: &SeriesText, part: Part) -> Result<Self, Failure> {
        let DataSettings::Series(series) = &experiment.train.data;
        let SeriesText { text, file } = data;
        let table = Table::read(text, file)?;
        let inputs = series.inputs();
        let columns = inputs.iter().chain([&series.column]).map(|name| table.numbers(name, file));
        let columns: Vec<Vec<f64>> = columns.collect::<Result<_, _>>()?;
        let (ids, mut parts): (Vec<Option<String>>, Vec<Vec<Vec<f64>>>) = match &series.id {
            None => (vec![None], vec![columns]),
            Some(id) => {
                let found = series_file::series(&table, id, None, file)?.into_iter();
                found.map(|one| (Some(one.id.clone()), columns.iter().map(|column| one.of(column)).collect())).unzip()
            }
        };
        let mut settings = series.windows();
        if let Part::Training { validation } = part {
            parts.iter_mut().for_each(|columns| leave_test_out(columns, &settings));
            settings.train_fraction = 1.0 - validation;
        }
        let scaling = scalings(&parts, series.scale, settings.train_fraction).or_input(file)?;
        let mut windows = Vec::new();
        for (id, columns) in ids.iter().zip(&mut parts) {
            for (column, scaling) in columns.iter_mut().zip(&scaling) {
                column.iter_mut().for_each(|value| *value = scaling.apply(*value));
            }
            let (target, seen) = columns.split_last().expect("the target is a column");
            let seen: Vec<&[f64]> = seen.iter().map(Vec::as_slice).collect();
            let place = id.as_ref().map_or_else(|| file.clone(), |id| format!("{file}, series \"{id}\""));
            windows.push(Windows::new(&seen, target, &settings).or_input(place)?);
        }
        let windows = Windows::joined(&windows).or_input(file)?;
        let (model, readout) = (&experiment.train.model, &experiment.train.readout);
        let training = SeriesTraining::of_model(model, readout, windows, experiment.seed).or_input(PLACE)?;
        Ok(Self {
            training,
            name: experiment.name.clone(),
            seed: experiment.seed,
            inputs,
            target: series.column.clone(),
            id: series.id.clone(),
            series: ids.into_iter().flatten().collect(),
            scaling,
            epochs: Epochs::default(),
        })
    }

    /// Mean seconds of an epoch of this process; nothing where it ran none.
    pub fn seconds_per_epoch(&self) -> Option<f64> {
        self.epochs.seconds_each()
    }

    /// What is saved of the model.
    pub fn model_file(&self) -> ModelFile {
        let windows = *self.training.windows().settings();
        let names = (self.inputs.clone(), self.target.clone());
        let mut file = ModelFile::new(self.training.model(), windows, names, self.scaling.clone(), self.seed);
        file.id.clone_from(&self.id);
        file
    }
}

/// Cuts the columns of a series behind the last row that a training window needs.
fn leave_test_out(columns: &mut [Vec<f64>], settings: &WindowSettings) {
    let &WindowSettings { window, horizon, train_fraction } = settings;
    for column in columns {
        let count = column.len().saturating_sub(window + horizon);
        let training = (train_fraction * count as f64) as usize;
        column.truncate(training + (window + horizon).saturating_sub(1));
    }
}

/// The scaling of each column, by the first part of each series.
fn scalings(parts: &[Vec<Vec<f64>>], scale: Scale, train_fraction: f64) -> Result<Vec<Scaling>, LearnError> {
    let columns = parts.first().map_or(0, Vec::len);
    let known = |column: usize| -> Vec<f64> {
        let first = |values: &'_ [f64]| ((train_fraction * values.len() as f64) as usize).clamp(1, values.len().max(1));
        parts.iter().flat_map(|part| part[column].iter().take(first(&part[column])).copied()).collect()
    };
    let of = |column| match scale {
        Scale::None => Ok(Scaling::NONE),
        Scale::MinMax | Scale::Standard => Scaling::of(scale, "the training part of the series", &known(column)),
    };
    (0..columns).map(of).collect()
}

impl Validated for EpochEvent {
    fn held_out_loss(&self) -> f64 {
        self.test_loss
    }
}

impl Job for Session {
    const UNIT: &'static str = "epochs";
    type Event = EpochEvent;
    type Report = TrainReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<EpochEvent>, Failure> {
        let training = &mut self.training;
        self.epochs.step(|| training.step().or_work("the training failed; the last checkpoint is unharmed"))
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
                let left = self.epochs.left(elapsed, total - done);
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
