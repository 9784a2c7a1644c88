//! Work on several threads, told to one watcher, who may end it.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::SimError;

/// Told the number of shots done from time to time, from whatever thread; may end the work.
pub type Progress<'a> = dyn FnMut(u64) -> ControlFlow<()> + Send + 'a;

/// How far all threads together are.
pub(super) struct Watch<'a, 'b> {
    done: AtomicU64,
    stopped: AtomicBool,
    progress: Mutex<&'a mut Progress<'b>>,
}

impl<'a, 'b> Watch<'a, 'b> {
    pub(super) fn new(progress: &'a mut Progress<'b>) -> Self {
        Self { done: AtomicU64::new(0), stopped: AtomicBool::new(false), progress: Mutex::new(progress) }
    }

    /// Counts shots that have ended.
    pub(super) fn add(&self, shots: u64) {
        self.done.fetch_add(shots, Ordering::Relaxed);
    }

    /// Tells the watcher, unless another thread does so just now.
    ///
    /// # Errors
    /// [`SimError::Stopped`] once the watcher has ended the work.
    pub(super) fn tell(&self) -> Result<(), SimError> {
        if let Ok(mut progress) = self.progress.try_lock()
            && progress(self.done.load(Ordering::Relaxed)).is_break()
        {
            self.stopped.store(true, Ordering::Relaxed);
        }
        match self.stopped.load(Ordering::Relaxed) {
            true => Err(SimError::Stopped),
            false => Ok(()),
        }
    }
}
