//! Random search over the keys of an experiment, with early stopping; the chosen settings are then trained and judged once.

mod job;
mod report;
mod space;

use std::collections::BTreeMap;
use std::time::Duration;

use qloom::circuits::Stream;
use serde::{Deserialize, Serialize};

use self::space::Space;
use crate::experiment::put;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Limited, Step};
use crate::tune_settings::{Stop, TuneSettings};

/// The trials before that a median is taken of, at least.
const MEDIAN_OF: usize = 3;

/// Which part of the data a session is about.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Trained on the training part, judged on the test part.
    Whole,
    /// Trained on the training part but for this share of it, which it is judged on; the test part is left out.
    Training {
        /// The share.
        validation: f64,
    },
}

/// An experiment whose settings can be searched for.
pub trait Tunable: Limited + Clone {
    /// What it reads.
    type Data;
    /// Its training.
    type Session: Job<Event: Validated>;

    /// How its settings are searched for, if they are.
    fn tune(&self) -> Option<&TuneSettings>;

    /// Its seed.
    fn seed(&self) -> u64;

    /// The training on a part of the data.
    ///
    /// # Errors
    /// Bad input when data or settings do not fit.
    fn session(&self, data: &Self::Data, part: Part) -> Result<Self::Session, Failure>;
}

/// What an epoch gives.
pub trait Validated {
    /// The loss of what was not trained on.
    fn held_out_loss(&self) -> f64;
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Done,
    Stopped,
    Failed,
}

/// A trial that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Trial {
    outcome: Outcome,
    /// The validation loss after each epoch.
    losses: Vec<f64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A line of events.jsonl.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TuneEvent<E> {
    /// An epoch of a trial.
    Epoch { trial: usize, epoch: usize, validation_loss: f64 },
    /// A trial is over.
    Trial {
        trial: usize,
        outcome: &'static str,
        epochs: usize,
        validation_loss: Option<f64>,
        settings: BTreeMap<String, toml::Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// An epoch of the chosen settings on the whole training part.
    Chosen(E),
}

/// A search as a job.
pub struct Tuning<E: Tunable> {
    experiment: E,
    data: E::Data,
    settings: TuneSettings,
    space: Space,
    trials: Vec<Trial>,
    /// The trial that runs, with its losses.
    current: Option<E::Session>,
    losses: Vec<f64>,
    /// The training of the chosen settings.
    last: Option<E::Session>,
}

impl<E: Tunable> Tuning<E> {
    /// A search that has not begun.
    ///
    /// # Errors
    /// Bad input for settings outside their ranges, and keys that the experiment does not have.
    pub fn new(experiment: E, data: E::Data) -> Result<Self, Failure> {
        let settings = experiment.tune().cloned().unwrap_or_default();
        let TuneSettings { trials, validation, .. } = settings;
        if !(1..=100_000).contains(&trials) {
            return Err(Failure::input(format!("tune.trials is {trials}; it must be from 1 to 100000")));
        }
        if !(validation > 0.0 && validation < 1.0) {
            return Err(Failure::input(format!("tune.validation is {validation}; it must be between 0 and 1")));
        }
        let space = Space::new(&settings.keys)?;
        let (current, last) = (None, None);
        let tuning = Self { experiment, data, settings, space, trials: Vec::new(), current, losses: Vec::new(), last };
        // a key that is unknown shows at once
        tuning.with(0)?;
        Ok(tuning)
    }

    /// What is drawn for a trial.
    fn drawn(&self, trial: usize) -> BTreeMap<String, toml::Value> {
        let seed = self.settings.seed.unwrap_or_else(|| self.experiment.seed());
        self.space.draw(&mut Stream::named(seed, &format!("trial {trial}")))
    }

    /// The experiment with the settings of a trial, without a search.
    fn with(&self, trial: usize) -> Result<E, Failure> {
        let place = "cannot write the experiment";
        let mut table = toml::Table::try_from(&self.experiment).or_work(place)?;
        table.remove("tune");
        for (key, value) in self.drawn(trial) {
            put(&mut table, &key, value).map_err(|message| Failure::input(format!("tune.keys, {key}: {message}")))?;
        }
        let text = toml::to_string(&table).or_work(place)?;
        toml::from_str(&text).or_input(format!("the keys of [tune.keys] make no experiment with the values of trial {trial}"))
    }

    /// The trial with the least validation loss among those that were not stopped.
    fn best(&self) -> Option<(usize, f64)> {
        let done = self.trials.iter().enumerate().filter(|(_, trial)| trial.outcome == Outcome::Done);
        let losses = done.filter_map(|(number, trial)| Some((number, *trial.losses.last()?)));
        losses.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Whether the trial that runs is to be given up.
    fn hopeless(&self) -> bool {
        let epochs = self.losses.len();
        if self.settings.stop == Stop::Never || epochs < self.settings.grace.max(1) {
            return false;
        }
        let mean = |losses: &[f64]| losses[..epochs].iter().sum::<f64>() / epochs as f64;
        let mut before: Vec<f64> =
            self.trials.iter().filter(|trial| trial.losses.len() >= epochs).map(|trial| mean(&trial.losses)).collect();
        if before.len() < MEDIAN_OF {
            return false;
        }
        before.sort_by(f64::total_cmp);
        let (low, high) = (before[(before.len() - 1) / 2], before[before.len() / 2]);
        let least = self.losses.iter().copied().fold(f64::INFINITY, f64::min);
        least > 0.5 * (low + high)
    }

    /// The trial that runs is over.
    fn over<V>(&mut self, outcome: Outcome, reason: Option<String>) -> TuneEvent<V> {
        let (trial, losses) = (self.trials.len(), std::mem::take(&mut self.losses));
        self.current = None;
        let event = TuneEvent::Trial {
            trial,
            outcome: outcome.name(),
            epochs: losses.len(),
            validation_loss: losses.last().copied(),
            settings: self.drawn(trial),
            reason: reason.clone(),
        };
        self.trials.push(Trial { outcome, losses, reason });
        event
    }

    /// One epoch of a trial.
    fn try_on(&mut self, interrupt: &Interrupt) -> Result<Step<TuneEvent<<E::Session as Job>::Event>>, Failure> {
        let trial = self.trials.len();
        let mut session = match self.current.take() {
            Some(session) => session,
            None => {
                let validation = self.settings.validation;
                match self.with(trial)?.session(&self.data, Part::Training { validation }) {
                    Ok(session) => session,
                    Err(failure) => return Ok(Step::Event(self.over(Outcome::Failed, Some(failure.message())))),
                }
            }
        };
        let step = session.step(interrupt);
        self.current = Some(session);
        Ok(match step {
            Ok(Step::Event(event)) => {
                let validation_loss = event.held_out_loss();
                self.losses.push(validation_loss);
                let last = self.current.as_ref().map(|session| session.progress(Duration::ZERO));
                let ended = last.is_some_and(|(done, total, _)| done >= total);
                match ended {
                    true => Step::Event(self.over(Outcome::Done, None)),
                    false if self.hopeless() => Step::Event(self.over(Outcome::Stopped, None)),
                    false => Step::Event(TuneEvent::Epoch { trial, epoch: self.losses.len(), validation_loss }),
                }
            }
            Ok(Step::Finished(_)) => Step::Event(self.over(Outcome::Done, None)),
            Ok(Step::Interrupted) => Step::Interrupted,
            Err(failure) => Step::Event(self.over(Outcome::Failed, Some(failure.message()))),
        })
    }

    /// The training of the chosen settings on the whole training part.
    fn chosen(&self) -> Result<E::Session, Failure> {
        let Some((trial, _)) = self.best() else {
            let reason = self.trials.iter().find_map(|trial| trial.reason.as_deref()).unwrap_or("none was trained to its end");
            return Err(Failure::input(format!("all {} trials failed; the first: {reason}", self.trials.len())));
        };
        self.with(trial)?.session(&self.data, Part::Whole)
    }
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Stopped => "stopped",
            Outcome::Failed => "failed",
        }
    }
}
