//! A search and its control side by side, as a job.

use std::collections::VecDeque;
use std::time::Duration;

use qloom::qas::{Ending, EpisodeReport, Event, Problem, Search, SearchConfig, SimulatorChoice, StopReason};

use super::beside::Beside;
use super::classifier::Classifier;
use super::report::{self, Outcome, SearchReport};
use crate::checkpoint;
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{Job, Step};
use crate::run_folder::{Meta, NamedFile, RunFolder};

const PLACE: &str = "the experiment cannot be run";
const OTHER: &str = "the checkpoint does not fit the experiment";

/// Episodes over which the success rate is taken.
const WINDOW: usize = 100;

/// A search, and a random agent in the same environment that is given as many evaluations.
///
/// The two know nothing of each other; the control is kept level with the search so that both can be stopped at any time.
pub struct Session {
    pub search: Search,
    pub control: Search,
    /// The classifier whose circuit is sought, if it is one.
    pub classifier: Option<Classifier>,
    /// Whether the last episodes were successful, and the last of them.
    recent: VecDeque<bool>,
    last: Option<EpisodeReport>,
    /// Evaluations and episodes of processes before this one.
    before: (u64, u64),
}

impl Session {
    pub fn new(config: SearchConfig, problem: Problem, seed: u64) -> Result<Self, Failure> {
        let control = Search::new(config.control(u64::MAX), problem.clone(), seed).or_input(PLACE)?;
        let search = Search::new(config, problem, seed).or_input(PLACE)?;
        Ok(Self::of(search, control, None))
    }

    /// The search for the circuit of a classifier.
    pub fn of_classifier(config: SearchConfig, classifier: Classifier, beside: &Beside, seed: u64) -> Result<Self, Failure> {
        let problem = beside.given_to(classifier.problem()?)?;
        let control = config.control(u64::MAX);
        let control = Search::with_cost(control, problem.clone(), seed, classifier.cost()?).or_input(PLACE)?;
        let search = Search::with_cost(config, problem, seed, classifier.cost()?).or_input(PLACE)?;
        Ok(Self::of(search, control, Some(classifier)))
    }

    fn of(search: Search, control: Search, classifier: Option<Classifier>) -> Self {
        Self { search, control, classifier, recent: VecDeque::with_capacity(WINDOW), last: None, before: (0, 0) }
    }

    /// A search of these settings from its saved state.
    fn resumed(&self, settings: &Search, state: &[u8]) -> Result<Search, Failure> {
        let (config, problem) = (settings.config().clone(), settings.problem().clone());
        let search = match &self.classifier {
            None => Search::resume(config, problem, state),
            Some(classifier) => Search::resume_with_cost(config, problem, state, classifier.cost()?),
        };
        search.or_input(OTHER)
    }

    /// Whether energies are measured under noise or from finitely many shots.
    pub fn is_noisy(&self) -> bool {
        match self.search.config().simulator {
            SimulatorChoice::StateVector(_) => false,
            SimulatorChoice::PauliVector(_) => true,
        }
    }
}

impl Job for Session {
    const UNIT: &'static str = "episodes";
    type Event = EpisodeReport;
    type Report = SearchReport;

    /// One episode of the search; meanwhile the control catches up with the evaluations made before.
    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<EpisodeReport>, Failure> {
        let level = self.search.evaluations();
        let (search, control) = (&mut self.search, &mut self.control);
        let (event, caught_up) = rayon::join(|| search.step(), || catch_up(control, level));
        caught_up.or_work("the random agent failed")?;
        match event.or_work("the search failed; the last checkpoint is unharmed")? {
            Event::Finished(reason) => Ok(Step::Finished(stop_name(reason))),
            Event::Episode(report) => {
                if self.recent.len() == WINDOW {
                    self.recent.pop_front();
                }
                self.recent.push_back(report.ending == Some(Ending::Success));
                self.last = Some(report.clone());
                Ok(Step::Event(report))
            }
        }
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        Ok(checkpoint::joined(&self.search.state(), &self.control.state()))
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        let (first, second) = checkpoint::parts(state)?;
        self.control = self.resumed(&self.control, second)?;
        self.search = self.resumed(&self.search, first)?;
        self.before = (self.search.evaluations(), self.search.episodes());
        Ok(())
    }

    fn progress(&self, elapsed: Duration) -> (u64, u64, String) {
        let (done, total) = (self.search.episodes(), self.search.config().episodes);
        let Some(report) = &self.last else { return (done, total, String::new()) };
        let seconds = elapsed.as_secs_f64().max(1e-9);
        let rate = (report.evaluations - self.before.0) as f64 / seconds;
        let successes = self.recent.iter().filter(|&&success| success).count();
        let unit = self.search.problem().unit();
        let error = match report.best_error {
            Some(error) => format!("best error {error:.2e} {unit}"),
            None if self.classifier.is_some() => format!("best {unit} {:.6}", report.best_energy),
            None => format!("best energy {:.6} {unit}", report.best_energy),
        };
        let noiseless = match report.best_noiseless_error {
            Some(error) if self.is_noisy() => format!(" (noiseless {error:.2e})"),
            Some(_) | None => String::new(),
        };
        let by_episodes = total.saturating_sub(done) as f64 * seconds / (done - self.before.1).max(1) as f64;
        let by_evaluations = |limit: u64| limit.saturating_sub(report.evaluations) as f64 / rate.max(1e-9);
        let left = self.search.config().evaluations.map_or(by_episodes, |limit| by_episodes.min(by_evaluations(limit)));
        let message = format!(
            "{error}{noiseless}  success {:.0} %  {rate:.0} evaluations/s  at most {} left",
            100.0 * successes as f64 / self.recent.len().max(1) as f64,
            indicatif::HumanDuration(Duration::from_secs_f64(left.min(1e9)))
        );
        (done, total, message)
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        report::best_files(self)
    }

    /// Gives the control the evaluations it still lacks.
    fn close(&mut self, interrupt: &Interrupt) -> Result<(), Failure> {
        while self.control.evaluations() < self.search.evaluations() && !interrupt.requested() {
            self.control.step().or_work("the random agent failed")?;
        }
        Ok(())
    }

    fn report(&self, meta: &Meta, folder: Option<&mut RunFolder>) -> Result<SearchReport, Failure> {
        let outcome = Outcome::new(self, meta.stop_reason.as_deref())?;
        let path = folder.as_ref().map(|folder| folder.path().to_owned());
        if let Some(folder) = folder {
            report::write(folder, self, &outcome)?;
        }
        Ok(SearchReport::new(outcome, meta, path.as_deref()))
    }
}

fn stop_name(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Episodes => "episodes",
        StopReason::Evaluations => "evaluations",
        StopReason::TargetError => "target-error",
        StopReason::Converged => "converged",
    }
}

fn catch_up(control: &mut Search, level: u64) -> Result<(), qloom::qas::QasError> {
    while control.evaluations() < level {
        control.step()?;
    }
    Ok(())
}
