//! Ctrl-C, SIGTERM and SIGUSR1 as a flag that long work looks at, a limit of time, and the end of work that does not look.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

#[cfg(unix)]
const OF_SYSTEMS: [i32; 2] = [SIGTERM, signal_hook::consts::SIGUSR1];
#[cfg(not(unix))]
const OF_SYSTEMS: [i32; 1] = [SIGTERM];

use crate::failure::{Failure, OrFailure};

/// The exit code of a process that a signal has ended.
const STOPPED: i32 = 130;

/// Work that has not looked at the flag for so long is ended: everything on the disk is whole at every moment.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How often the flag is looked at on behalf of work that does not.
const INTERVAL: Duration = Duration::from_millis(100);

/// When the process has to end by itself.
static DEADLINE: OnceLock<Instant> = OnceLock::new();

#[derive(Default)]
struct Flags {
    /// A signal came.
    requested: Arc<AtomicBool>,
    /// One came that a scheduler sends, not a person.
    by_system: Arc<AtomicBool>,
    /// The work has seen it.
    heard: AtomicBool,
}

/// Whether the limit of time is reached.
fn is_late() -> bool {
    DEADLINE.get().is_some_and(|end| Instant::now() >= *end)
}

/// Set once the user asked the program to end.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Flags>);

impl Interrupt {
    /// Ends all work of the process after so much time, once for all: a second limit is not listened to.
    pub fn limit(time: Duration) {
        if let Some(end) = Instant::now().checked_add(time) {
            // the first limit holds
            let _ = DEADLINE.set(end);
        }
    }

    /// Listens for Ctrl-C, SIGTERM and SIGUSR1 from now on. Work that looks at the flag ends in its own way; work that does not is ended after a
    /// second and a half; a second signal ends the process at once.
    ///
    /// # Errors
    /// When the system refuses the handlers or a thread.
    pub fn listen() -> Result<Self, Failure> {
        let flags = Self::default();
        let place = "cannot listen for signals";
        for signal in OF_SYSTEMS {
            signal_hook::flag::register(signal, Arc::clone(&flags.0.by_system)).or_work(place)?;
        }
        for signal in [SIGINT].into_iter().chain(OF_SYSTEMS) {
            let flag = &flags.0.requested;
            signal_hook::flag::register_conditional_shutdown(signal, STOPPED, Arc::clone(flag)).or_work(place)?;
            signal_hook::flag::register(signal, Arc::clone(flag)).or_work(place)?;
        }
        let watched = flags.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || watched.watch()).or_work(place)?;
        Ok(flags)
    }

    /// Whether a scheduler asked for the end, or the time is up: work that is to be gone on with.
    pub fn is_of_system(&self) -> bool {
        self.0.by_system.load(Ordering::Relaxed) || is_late()
    }

    /// Whether the program is to end; who asks has to end soon.
    pub fn requested(&self) -> bool {
        let requested = self.0.requested.load(Ordering::Relaxed) || is_late();
        if requested {
            self.0.heard.store(true, Ordering::Relaxed);
        }
        requested
    }

    /// Ends the process where nobody looks at the flag.
    fn watch(&self) {
        let mut since = None;
        while !self.0.heard.load(Ordering::Relaxed) {
            std::thread::sleep(INTERVAL);
            if self.0.requested.load(Ordering::Relaxed) || is_late() {
                let since = since.get_or_insert_with(Instant::now);
                if since.elapsed() > PATIENCE && !self.0.heard.load(Ordering::Relaxed) {
                    eprintln!("stopped on request; what is on the disk is as the last checkpoint left it");
                    std::process::exit(STOPPED);
                }
            }
        }
    }
}
