//! How long the epochs of a training take.

use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::job::Step;

/// Epochs of this process, and the time in them.
#[derive(Default)]
pub struct Epochs {
    count: usize,
    time: Duration,
}

impl Epochs {
    /// One epoch more, or the end where there is none.
    pub fn step<E>(&mut self, epoch: impl FnOnce() -> Result<Option<E>, Failure>) -> Result<Step<E>, Failure> {
        let start = Instant::now();
        Ok(match epoch()? {
            Some(event) => {
                self.count += 1;
                self.time += start.elapsed();
                Step::Event(event)
            }
            None => Step::Finished("epochs"),
        })
    }

    /// Mean seconds of an epoch; nothing where there was none.
    pub fn seconds_each(&self) -> Option<f64> {
        (self.count > 0).then(|| self.time.as_secs_f64() / self.count as f64)
    }

    /// The time that so many epochs more take, after so much time for those that were.
    pub fn left(&self, elapsed: Duration, remaining: usize) -> indicatif::HumanDuration {
        let seconds = elapsed.as_secs_f64() / self.count.max(1) as f64 * remaining as f64;
        indicatif::HumanDuration(Duration::from_secs_f64(seconds.min(1e9)))
    }
}
