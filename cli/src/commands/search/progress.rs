//! What is shown while a search runs.

use std::collections::VecDeque;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use qloom::qas::{Ending, EpisodeReport};

use super::session::Session;

/// Episodes over which the success rate is taken.
const WINDOW: usize = 100;

/// A bar on a terminal, a line now and then elsewhere; both on standard error.
pub struct Progress {
    bar: ProgressBar,
    terminal: bool,
    recent: VecDeque<bool>,
    last_line: Instant,
    evaluations_before: u64,
    episodes_before: u64,
}

impl Progress {
    pub fn new(session: &Session) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(session.search.config().episodes), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self {
            bar,
            terminal,
            recent: VecDeque::with_capacity(WINDOW),
            last_line: Instant::now(),
            evaluations_before: session.search.evaluations(),
            episodes_before: session.search.episodes(),
        }
    }

    pub fn episode(&mut self, report: &EpisodeReport, session: &Session, elapsed: Duration) {
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(report.ending == Some(Ending::Success));
        self.bar.set_position(report.episode);
        let due = if self.terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
        if self.last_line.elapsed() < due {
            return;
        }
        self.last_line = Instant::now();
        let message = self.message(report, session, elapsed);
        if self.terminal {
            self.bar.set_message(message);
        } else {
            eprintln!("episode {}/{}  {message}", report.episode, session.search.config().episodes);
        }
    }

    fn message(&self, report: &EpisodeReport, session: &Session, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(1e-9);
        let rate = (report.evaluations - self.evaluations_before) as f64 / seconds;
        let successes = self.recent.iter().filter(|&&success| success).count();
        let error = match report.best_error {
            Some(error) => format!("best error {error:.2e} hartree"),
            None => format!("best energy {:.6} hartree", report.best_energy),
        };
        let noiseless = match report.best_noiseless_error {
            Some(error) if session.is_noisy() => format!(" (noiseless {error:.2e})"),
            Some(_) | None => String::new(),
        };
        let done = (report.episode - self.episodes_before).max(1) as f64;
        let left = session.search.config().episodes.saturating_sub(report.episode) as f64 * seconds / done;
        format!(
            "{error}{noiseless}  success {:.0} %  {rate:.0} evaluations/s  at most {} left",
            100.0 * successes as f64 / self.recent.len().max(1) as f64,
            indicatif::HumanDuration(Duration::from_secs_f64(left.min(1e9)))
        )
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
