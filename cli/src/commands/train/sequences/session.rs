//! A training on labelled series as a job.

use std::time::Duration;

use qloom::circuits::Stream;
use qloom::learn::{
    Scale, Scaling, SequenceColumns, SequenceEvent, SequenceModelFile, SequenceState, SequenceTraining, Sequences,
    stratified_split,
};

use super::super::Names;
use super::super::epochs::Epochs;
use super::super::tuning::{Part, Validated};
use super::report::{self, SequenceReport};
use super::{SequenceData, SequenceExperiment, Texts};
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::labelled_file;
use crate::run_folder::{Meta, NamedFile, RunFolder};
use crate::series_file::{self, SeriesRows};
use crate::table::Table;

const PLACE: &str = "the experiment cannot be trained";

/// The share of each class for testing, where nothing else is said.
const TEST_FRACTION: f64 = 0.3;

/// A training with what its model is saved with.
pub struct Session {
    pub training: SequenceTraining,
    pub name: String,
    pub seed: u64,
    /// What the files call the series for training and for testing.
    pub ids: [Vec<String>; 2],
    pub columns: SequenceColumns,
    pub scaling: Vec<Scaling>,
    /// Epochs of this process and their time.
    epochs: Epochs,
}

impl Session {
    /// Reads the series, divides them and draws the model.
    pub fn new(experiment: &SequenceExperiment, texts: &Texts, part: Part) -> Result<Self, Failure> {
        let data = experiment.data();
        let (mut train, mut test, columns) = divided(data, texts, experiment.seed)?;
        if let Part::Training { validation } = part {
            // what is tested on is dropped here, and a part of the rest takes its place
            let mut stream = Stream::named(experiment.seed, "validation");
            (train, test) = split(train, validation, &mut stream).or_input(&texts.train.1)?;
        }
        let scaling = scaled(data.scale, &mut train, &mut test).or_input(&texts.train.1)?;
        let build =
            |named: &Named, file: &str| Sequences::new(columns.inputs.len(), named.rows.clone(), &named.labels).or_input(file);
        // the classes are those of the training series
        let known = build(&train, &texts.train.1)?;
        let file = texts.test.as_ref().map_or(&texts.train.1, |(_, file)| file);
        let labels = labelled_file::numbered(&test.labels, known.classes(), &test.lines, (file, &data.label))?;
        let asked = known.others(test.rows.clone(), labels).or_input(file)?;
        let ids = [train.ids, test.ids];
        let (model, readout) = (&experiment.train.model, &experiment.train.readout);
        let lengths = [&known, &asked].map(|all| (0..all.len()).map(|index| all.steps(index)).collect::<Vec<usize>>());
        let training = SequenceTraining::new(model, data.pooling, readout, (known, asked), experiment.seed);
        let training = training.map_err(|error| match error {
            // by its name in the place of its number
            qloom::learn::LearnError::SequenceTooShort { shortest, .. } => {
                let all = ids.iter().zip(&lengths).flat_map(|(ids, lengths)| ids.iter().zip(lengths));
                let mut short = all.filter(|(_, length)| **length < shortest);
                let (id, length) = short.next().map_or(("", 0), |(id, length)| (id.as_str(), *length));
                Failure::input(format!(
                    "series \"{id}\" of {file} has {length} rows, and {shortest} are needed: its rows lie in the wash-out; lower \
                     wash_out or leave the series out"
                ))
            }
            error => Failure::Input(anyhow::Error::new(error).context(PLACE)),
        })?;
        let (name, seed) = (experiment.name.clone(), experiment.seed);
        Ok(Self { training, name, seed, ids, columns, scaling, epochs: Epochs::default() })
    }

    /// Mean seconds of an epoch of this process; nothing where it ran none.
    pub fn seconds_per_epoch(&self) -> Option<f64> {
        self.epochs.seconds_each()
    }
}

/// Series with their names, labels and first lines.
#[derive(Clone)]
struct Named {
    /// Numbers of a row.
    inputs: usize,
    ids: Vec<String>,
    /// Of each series its rows, one after the other.
    rows: Vec<Vec<f64>>,
    labels: Vec<String>,
    lines: Vec<u64>,
}

impl Named {
    fn read((text, file): &(String, String), columns: &SequenceColumns) -> Result<Self, Failure> {
        let table = Table::read(text, file)?;
        let series = series_file::series(&table, &columns.id, columns.time.as_deref(), file)?;
        let labels = series_file::labels(&table, &series, &columns.label, file)?;
        let rows = rows(&table, &series, &columns.inputs, file)?;
        let lines = series.iter().map(|one| table.rows[one.rows[0]].0).collect();
        Ok(Self { inputs: columns.inputs.len(), ids: series.into_iter().map(|one| one.id).collect(), rows, labels, lines })
    }

    fn part(&self, places: &[usize]) -> Self {
        Self {
            inputs: self.inputs,
            ids: places.iter().map(|&place| self.ids[place].clone()).collect(),
            rows: places.iter().map(|&place| self.rows[place].clone()).collect(),
            labels: places.iter().map(|&place| self.labels[place].clone()).collect(),
            lines: places.iter().map(|&place| self.lines[place]).collect(),
        }
    }
}

/// The rows of each series, one after the other.
///
/// # Errors
/// Bad input, at its line and column.
pub fn rows(table: &Table, series: &[SeriesRows], inputs: &[String], file: &str) -> Result<Vec<Vec<f64>>, Failure> {
    let columns: Vec<Vec<f64>> = inputs.iter().map(|name| table.numbers(name, file)).collect::<Result<_, _>>()?;
    let one = |one: &SeriesRows| one.rows.iter().flat_map(|&row| columns.iter().map(move |column| column[row])).collect();
    Ok(series.iter().map(one).collect())
}

/// The series for training and for testing, and which columns they are of.
fn divided(data: &SequenceData, texts: &Texts, seed: u64) -> Result<(Named, Named, SequenceColumns), Failure> {
    let (text, file) = &texts.train;
    let inputs = match &data.input {
        Some(names) => Names::list(names),
        None => {
            let table = Table::read(text, file)?;
            let others = [Some(&data.id), Some(&data.label), data.time.as_ref()];
            let free = |name: &&str| !others.iter().flatten().any(|other| other == name);
            table.names().filter(free).map(str::to_owned).collect()
        }
    };
    if inputs.is_empty() {
        return Err(Failure::input(format!("{file} has no column of values beside \"{}\" and \"{}\"", data.id, data.label)));
    }
    let (id, label, time) = (data.id.clone(), data.label.clone(), data.time.clone());
    let columns = SequenceColumns { id, inputs, label, time };
    let all = Named::read(&texts.train, &columns)?;
    let (train, test) = match (&texts.test, data.test_fraction) {
        (Some(_), Some(_)) => {
            return Err(Failure::input("test_file and test_fraction are both given; leave one out"));
        }
        (Some(texts), None) => (all, Named::read(texts, &columns)?),
        (None, fraction) => {
            let mut stream = Stream::named(seed, "split");
            split(all, fraction.unwrap_or(TEST_FRACTION), &mut stream).or_input(file)?
        }
    };
    Ok((train, test, columns))
}

/// Of every class the same share on the other side.
fn split(all: Named, fraction: f64, stream: &mut Stream) -> Result<(Named, Named), qloom::learn::LearnError> {
    let named = qloom::learn::Examples::new(vec![0.0; all.labels.len()], 1, &all.labels)?;
    let (left, right) = stratified_split(named.labels(), named.classes().len(), fraction, stream)?;
    Ok((all.part(&left), all.part(&right)))
}

/// Scales both by what the first holds.
fn scaled(scale: Scale, train: &mut Named, test: &mut Named) -> Result<Vec<Scaling>, qloom::learn::LearnError> {
    let inputs = train.inputs;
    let of = |input: usize| match scale {
        Scale::None => Ok(Scaling::NONE),
        Scale::MinMax | Scale::Standard => {
            let values: Vec<f64> = train.rows.iter().flat_map(|rows| rows.iter().skip(input).step_by(inputs)).copied().collect();
            Scaling::of(scale, "an input of the training series", &values)
        }
    };
    let scaling = (0..inputs).map(of).collect::<Result<Vec<Scaling>, _>>()?;
    for named in [train, test] {
        for rows in &mut named.rows {
            rows.iter_mut().enumerate().for_each(|(place, value)| *value = scaling[place % inputs].apply(*value));
        }
    }
    Ok(scaling)
}

impl Validated for SequenceEvent {
    fn held_out_loss(&self) -> f64 {
        self.test_loss
    }
}

impl Job for Session {
    const UNIT: &'static str = "epochs";
    type Event = SequenceEvent;
    type Report = SequenceReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<SequenceEvent>, Failure> {
        let training = &mut self.training;
        self.epochs.step(|| training.step().or_work("the training failed; the last checkpoint is unharmed"))
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(&self.training.state()).or_work("cannot write the state of the training")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let place = "the checkpoint does not fit the experiment";
        let state: SequenceState = serde_json::from_slice(state).or_input(place)?;
        self.training.resume(&state).or_input(place)
    }

    fn progress(&self, elapsed: Duration) -> (u64, u64, String) {
        let (done, total) = (self.training.events().len(), self.training.epochs());
        let message = self.training.events().last().map_or_else(String::new, |event| {
            let left = self.epochs.left(elapsed, total - done);
            format!("loss {:.3e}, training accuracy {:.3}, about {left} left", event.train_loss, event.train_accuracy)
        });
        (done as u64, total as u64, message)
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        let classes = self.training.train().classes().to_vec();
        let (columns, scaling) = (self.columns.clone(), self.scaling.clone());
        let file = SequenceModelFile::new(self.training.model(), columns, scaling, classes, self.seed);
        Ok(vec![("model.json".to_owned(), file.to_json().or_work("cannot write the model")?.into_bytes())])
    }

    fn report(&self, _meta: &Meta, folder: Option<&mut RunFolder>) -> Result<SequenceReport, Failure> {
        let path = folder.as_ref().map(|folder| folder.path().to_owned());
        let (report, files) = report::all(self, path.as_deref())?;
        if let Some(folder) = folder {
            folder.write(files)?;
        }
        Ok(report)
    }
}
