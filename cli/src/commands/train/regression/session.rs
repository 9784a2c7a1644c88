//! A regression's training as a job of one step.

use std::time::Duration;

use qloom::circuits::Stream;
use qloom::learn::{Preparation, RegressionFile, RegressionSettings, r_squared};
use serde::{Deserialize, Serialize};

use super::super::tuning::{Part, Validated};
use super::report::{self, RegressionReport};
use super::{RegressionData, RegressionExperiment, TargetTable};
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::labelled_data::Texts;
use crate::labelled_fit;
use crate::run_folder::{Meta, NamedFile, RunFolder};
use crate::table::Table;

/// Rows of features, one after the other, with their targets.
#[derive(Clone, Default)]
pub struct TargetRows {
    pub rows: Vec<f64>,
    pub targets: Vec<f64>,
}

/// What is fitted to what, and the fit once it is there.
pub struct Session {
    pub name: String,
    pub seed: u64,
    pub columns: Vec<String>,
    pub target: String,
    pub train: TargetRows,
    pub test: TargetRows,
    pub preparation: Preparation,
    settings: RegressionSettings,
    pub model: Option<RegressionFile>,
    /// Whether the fit is judged by the rows that were held out.
    judged: bool,
}

/// What the one step gives.
#[derive(Serialize, Deserialize)]
pub struct FitEvent {
    /// The share of the variance of the training targets that is told.
    pub train_r2: Option<f64>,
    /// The mean square error of the validation rows, in a search for settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validation_error: Option<f64>,
}

impl Validated for FitEvent {
    fn held_out_loss(&self) -> f64 {
        self.validation_error.unwrap_or(f64::INFINITY)
    }
}

/// The share of rows for testing, where nothing else is said.
const TEST_FRACTION: f64 = 0.3;

impl TargetRows {
    /// The rows of a table; columns that are named or, where none are, all but the target.
    fn read((text, file): &(String, String), target: &str, columns: Option<&[String]>) -> Result<(Vec<String>, Self), Failure> {
        let table = Table::read(text, file)?;
        let columns = match columns {
            Some(columns) => columns.to_vec(),
            None => table.names().filter(|name| *name != target).map(str::to_owned).collect(),
        };
        if columns.is_empty() {
            return Err(Failure::input(format!("{file} has no column of features beside \"{target}\"")));
        }
        let targets = table.numbers(target, file)?;
        let rows = table.features(&columns, file)?;
        Ok((columns, Self { rows, targets }))
    }

    fn part(&self, kept: &[usize]) -> Self {
        let width = self.rows.len() / self.targets.len();
        let rows = kept.iter().flat_map(|&row| self.rows[row * width..(row + 1) * width].iter().copied()).collect();
        Self { rows, targets: kept.iter().map(|&row| self.targets[row]).collect() }
    }

    /// Divided at random.
    fn divided(&self, fraction: f64, stream: &mut Stream, file: &str) -> Result<(Self, Self), Failure> {
        let count = self.targets.len();
        if count < 3 {
            return Err(Failure::input(format!("{file} has {count} rows; three at least are divided for training and testing")));
        }
        let mut order: Vec<usize> = (0..count).collect();
        stream.shuffle(&mut order);
        let tested = ((count as f64 * fraction).round() as usize).clamp(1, count - 2);
        let (test, train) = order.split_at_mut(tested);
        test.sort_unstable();
        train.sort_unstable();
        Ok((self.part(train), self.part(test)))
    }
}

impl Session {
    /// Reads, divides and prepares the rows.
    pub fn new(experiment: &RegressionExperiment, texts: &Texts, part: Part) -> Result<Self, Failure> {
        let (train, seed) = (&texts.train, experiment.seed);
        let RegressionData::Table(TargetTable { test_fraction, target, scale, components, .. }) = &experiment.train.data;
        let (columns, whole) = TargetRows::read(train, target, None)?;
        let (mut train_rows, mut test_rows) = match (&texts.test, test_fraction) {
            (Some(_), Some(_)) => return Err(Failure::input("test_file and test_fraction are both given; leave one out")),
            (Some(test), None) => (whole, TargetRows::read(test, target, Some(&columns))?.1),
            (None, fraction) => {
                let fraction = fraction.unwrap_or(TEST_FRACTION);
                if !(fraction > 0.0 && fraction < 1.0) {
                    return Err(Failure::input(format!("test_fraction is {fraction}; it must be between 0 and 1")));
                }
                whole.divided(fraction, &mut Stream::named(seed, "split"), &train.1)?
            }
        };
        let judged = match part {
            Part::Whole => false,
            Part::Training { validation } => {
                // what is tested on is dropped here, and a part of the rest takes its place
                (train_rows, test_rows) = train_rows.divided(validation, &mut Stream::named(seed, "validation"), &train.1)?;
                true
            }
        };
        let preparation = Preparation::fit(&train_rows.rows, columns.len(), *scale, *components).or_input(&train.1)?;
        Ok(Self {
            name: experiment.name.clone(),
            seed: experiment.seed,
            columns,
            target: target.clone(),
            train: train_rows,
            test: test_rows,
            preparation,
            settings: experiment.train.model.clone(),
            model: None,
            judged,
        })
    }
}

impl Job for Session {
    const UNIT: &'static str = "fits";
    type Event = FitEvent;
    type Report = RegressionReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<FitEvent>, Failure> {
        if self.model.is_some() {
            return Ok(Step::Finished("fits"));
        }
        let place = "the experiment cannot be trained";
        let (names, rows) = ((self.columns.clone(), self.target.clone()), (&self.train.rows[..], &self.train.targets[..]));
        let config = labelled_fit::config();
        let model = RegressionFile::fit(&self.settings, names, self.preparation.clone(), rows, config).or_input(place)?;
        let told = model.predict(&self.train.rows, config).or_input(place)?;
        let train_r2 = r_squared(&told.mean, &self.train.targets);
        let validation_error = match self.judged {
            false => None,
            true => {
                let told = model.predict(&self.test.rows, config).or_input("the validation rows cannot be told")?.mean;
                let errors = told.iter().zip(&self.test.targets).map(|(told, target)| (told - target).powi(2));
                Some(errors.sum::<f64>() / told.len() as f64)
            }
        };
        self.model = Some(model);
        Ok(Step::Event(FitEvent { train_r2, validation_error }))
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(&self.model).or_work("cannot write the fit")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        self.model = serde_json::from_slice(state).or_input("the checkpoint does not fit the experiment")?;
        Ok(())
    }

    fn progress(&self, _elapsed: Duration) -> (u64, u64, String) {
        (u64::from(self.model.is_some()), 1, String::new())
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        let Some(model) = &self.model else { return Ok(Vec::new()) };
        Ok(vec![("model.json".to_owned(), model.to_json().or_work("cannot write the model")?.into_bytes())])
    }

    fn report(&self, meta: &Meta, folder: Option<&mut RunFolder>) -> Result<RegressionReport, Failure> {
        let path = folder.as_ref().map(|folder| folder.path().to_owned());
        let (report, files) = report::all(self, meta.seconds, path.as_deref())?;
        if let Some(folder) = folder {
            folder.write(files)?;
        }
        Ok(report)
    }
}
