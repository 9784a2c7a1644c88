//! Ctrl-C and SIGTERM as a flag that long work looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::failure::{Failure, OrFailure};

/// Set once the user asked the program to end.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for Ctrl-C and SIGTERM from now on; a second signal ends the process at once.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub fn listen() -> Result<Self, Failure> {
        let flag = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let place = "cannot listen for signals";
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag.0)).or_work(place)?;
            signal_hook::flag::register(signal, Arc::clone(&flag.0)).or_work(place)?;
        }
        Ok(flag)
    }

    /// Whether the user asked the program to end.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
