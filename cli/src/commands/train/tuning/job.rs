//! The search as a job.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::report::TunedReport;
use super::{Part, Trial, Tunable, TuneEvent, Tuning};
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::run_folder::{Meta, NamedFile, RunFolder};

/// What a search is resumed from.
#[derive(Serialize, Deserialize)]
struct State {
    trials: Vec<Trial>,
    losses: Vec<f64>,
    /// State of the trial that runs, and of the last training.
    current: Option<String>,
    last: Option<String>,
}

impl<E: Tunable> Job for Tuning<E> {
    const UNIT: &'static str = "trials";
    type Event = TuneEvent<<E::Session as Job>::Event>;
    type Report = TunedReport<<E::Session as Job>::Report>;

    fn step(&mut self, interrupt: &Interrupt) -> Result<Step<Self::Event>, Failure> {
        if self.trials.len() < self.settings.trials {
            return self.try_on(interrupt);
        }
        let mut session = match self.last.take() {
            Some(session) => session,
            None => self.chosen()?,
        };
        let step = session.step(interrupt);
        self.last = Some(session);
        Ok(match step? {
            Step::Event(event) => Step::Event(TuneEvent::Chosen(event)),
            Step::Finished(reason) => Step::Finished(reason),
            Step::Interrupted => Step::Interrupted,
        })
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        let place = "cannot write the state of the search";
        let text = |session: &Option<E::Session>| -> Result<Option<String>, Failure> {
            let state = session.as_ref().map(Job::state).transpose()?;
            state.map(|bytes| String::from_utf8(bytes).or_work(place)).transpose()
        };
        let (current, last) = (text(&self.current)?, text(&self.last)?);
        serde_json::to_vec(&State { trials: self.trials.clone(), losses: self.losses.clone(), current, last }).or_work(place)
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let place = "the checkpoint does not fit the experiment";
        let State { trials, losses, current, last } = serde_json::from_slice(state).or_input(place)?;
        (self.trials, self.losses) = (trials, losses);
        if let Some(state) = current {
            let validation = self.settings.validation;
            let mut session = self.with(self.trials.len())?.session(&self.data, Part::Training { validation })?;
            session.resume(state.as_bytes())?;
            self.current = Some(session);
        }
        // where the number of trials was raised, the choice is made anew
        if let Some(state) = last.filter(|_| self.trials.len() >= self.settings.trials) {
            let mut session = self.chosen()?;
            session.resume(state.as_bytes())?;
            self.last = Some(session);
        }
        Ok(())
    }

    fn progress(&self, elapsed: Duration) -> (u64, u64, String) {
        let (done, total) = (self.trials.len() as u64, self.settings.trials as u64);
        let message = match (&self.last, self.best()) {
            (Some(session), _) => {
                let (epochs, all, message) = session.progress(elapsed);
                format!("chosen settings: epoch {epochs} of {all}, {message}")
            }
            (None, Some((trial, loss))) => {
                let left = elapsed.as_secs_f64() / done.max(1) as f64 * (total - done) as f64;
                let left = indicatif::HumanDuration(Duration::from_secs_f64(left.min(1e9)));
                format!("least validation loss {loss:.3e} (trial {trial}), about {left} left")
            }
            (None, None) => String::new(),
        };
        (done, total, message)
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        let mut files = match &mut self.last {
            Some(session) => session.files()?,
            None => Vec::new(),
        };
        files.push(("trials.csv".to_owned(), self.table()?));
        if self.trials.len() >= self.settings.trials
            && let Some((trial, _)) = self.best()
        {
            let text = toml::to_string(&self.with(trial)?).or_work("cannot write the chosen experiment")?;
            files.push(("chosen.toml".to_owned(), text.into_bytes()));
        }
        Ok(files)
    }

    fn report(&self, meta: &Meta, folder: Option<&mut RunFolder>) -> Result<Self::Report, Failure> {
        let chosen = self.last.as_ref().map(|session| session.report(meta, folder)).transpose()?;
        Ok(TunedReport { chosen, tune: self.summary() })
    }
}
