//! Progress of long work on standard error, and Ctrl-C.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows how far work is and how fast it goes.
pub struct Progress {
    interrupt: Interrupt,
    unit: &'static str,
    start: Instant,
    shown: Option<Instant>,
}

impl Progress {
    /// Listens for Ctrl-C from now on; `unit` is what is counted.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub fn new(unit: &'static str) -> Result<Self, Failure> {
        Ok(Self { interrupt: Interrupt::listen()?, unit, start: Instant::now(), shown: None })
    }

    /// Starts the clock anew.
    pub fn begin(&mut self) {
        self.start = Instant::now();
    }

    /// Tells how far the work is; a break means the user wants it to end.
    pub fn tick(&mut self, done: usize, total: usize) -> ControlFlow<()> {
        if self.interrupt.requested() {
            return ControlFlow::Break(());
        }
        let elapsed = self.start.elapsed();
        let every = if std::io::stderr().is_terminal() { Duration::from_millis(200) } else { Duration::from_secs(10) };
        if elapsed > PATIENCE && self.shown.is_none_or(|shown| shown.elapsed() > every) {
            let rate = done as f64 / elapsed.as_secs_f64();
            let end = if std::io::stderr().is_terminal() { "\r" } else { "\n" };
            let left = (total.saturating_sub(done)) as f64 / rate;
            let left = if left.is_finite() { format!(", at most {} left", duration(left)) } else { String::new() };
            output::note_raw(format_args!("{done} of {total} {}, {rate:.1} a second{left}   {end}", self.unit));
            self.shown = Some(Instant::now());
        }
        ControlFlow::Continue(())
    }

    /// Ends the line, if there is one.
    pub fn finish(&self) {
        if self.shown.is_some() && std::io::stderr().is_terminal() {
            eprintln!("");
        }
    }

    /// The failure that stands for the user's wish.
    pub fn stopped() -> Failure {
        Failure::Work(anyhow::anyhow!("stopped on request; nothing was written"))
    }
}

/// Seconds in the unit that reads well.
fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} days", s / 86_400.0),
    }
}

/// How far a job is: a bar on a terminal, a line now and then elsewhere; both on standard error.
pub struct Bar {
    bar: ProgressBar,
    terminal: bool,
    unit: &'static str,
    last: Instant,
}

impl Bar {
    /// `unit` is what is counted.
    pub fn new(unit: &'static str) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr_with_hz(5) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self { bar, terminal, unit, last: Instant::now() }
    }

    /// Shows how far the work is, when it is time to: steps done, steps in all, and what else there is to say.
    pub fn update(&mut self, progress: impl FnOnce() -> (u64, u64, String)) {
        let due = if self.terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
        if self.last.elapsed() < due {
            return;
        }
        self.last = Instant::now();
        let (done, total, message) = progress();
        if self.terminal {
            self.bar.set_length(total);
            self.bar.set_position(done);
            self.bar.set_message(message);
        } else {
            eprintln!("{done} of {total} {}  {message}", self.unit);
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
