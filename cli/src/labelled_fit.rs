//! Fits of classifiers one after the other, without a run folder.

use std::ops::ControlFlow;

use qloom::learn::{ClassifierSettings, ClassifierTraining, accuracy};
use qloom::sim::SimulatorConfig;

use crate::failure::{Failure, OrFailure};
use crate::labelled_data::Prepared;
use crate::machine;
use crate::progress::Progress;

/// What a fitted classifier says.
pub struct Told {
    /// The share of training rows that are told right.
    pub train_accuracy: f64,
    /// The class of each test row.
    pub test: Vec<usize>,
    /// A score for each class and test row, row by row.
    pub scores: Vec<f64>,
}

/// The simulator of fits, within the memory of the machine and the threads of the process.
pub fn config() -> SimulatorConfig {
    let threads = rayon::current_num_threads();
    SimulatorConfig { memory_limit: machine::memory_limit(), threads, ..SimulatorConfig::default() }
}

/// Fits a classifier; `tick` is asked after each step whether to go on.
///
/// # Errors
/// Bad input when settings and rows do not fit, and the end that was asked for.
pub fn fit(
    settings: &ClassifierSettings,
    prepared: &Prepared,
    seed: u64,
    tick: &mut impl FnMut() -> ControlFlow<()>,
) -> Result<Told, Failure> {
    let place = "the classifier cannot be fitted";
    let mut training = ClassifierTraining::new(settings, prepared.train.clone(), config(), seed).or_input(place)?;
    while training.step().or_input(place)?.is_some() {
        if tick().is_break() {
            return Err(Progress::stopped());
        }
    }
    let place = "the rows cannot be told";
    let train = training.predict(prepared.train.features()).or_input(place)?;
    Ok(Told {
        train_accuracy: accuracy(&train, prepared.train.labels()),
        test: training.predict(prepared.test.features()).or_input(place)?,
        scores: training.scores(prepared.test.features()).or_input(place)?,
    })
}
