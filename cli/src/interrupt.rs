//! Ctrl-C and SIGTERM as a flag that long work looks at, and the end of work that does not look.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::failure::{Failure, OrFailure};

/// The exit code of a process that a signal has ended.
const STOPPED: i32 = 130;

/// Work that has not looked at the flag for so long is ended: everything on the disk is whole at every moment.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How often the flag is looked at on behalf of work that does not.
const INTERVAL: Duration = Duration::from_millis(100);

#[derive(Default)]
struct Flags {
    /// A signal came.
    requested: Arc<AtomicBool>,
    /// The work has seen it.
    heard: AtomicBool,
}

/// Set once the user asked the program to end.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Flags>);

impl Interrupt {
    /// Listens for Ctrl-C and SIGTERM from now on. Work that looks at the flag ends in its own way; work that does not is ended after a
    /// second and a half; a second signal ends the process at once.
    ///
    /// # Errors
    /// When the system refuses the handlers or a thread.
    pub fn listen() -> Result<Self, Failure> {
        let flags = Self::default();
        let place = "cannot listen for signals";
        for signal in [SIGINT, SIGTERM] {
            let flag = &flags.0.requested;
            signal_hook::flag::register_conditional_shutdown(signal, STOPPED, Arc::clone(flag)).or_work(place)?;
            signal_hook::flag::register(signal, Arc::clone(flag)).or_work(place)?;
        }
        let watched = flags.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || watched.watch()).or_work(place)?;
        Ok(flags)
    }

    /// Whether the user asked the program to end; who asks has to end soon.
    pub fn requested(&self) -> bool {
        let requested = self.0.requested.load(Ordering::Relaxed);
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
            if self.0.requested.load(Ordering::Relaxed) {
                let since = since.get_or_insert_with(Instant::now);
                if since.elapsed() > PATIENCE && !self.0.heard.load(Ordering::Relaxed) {
                    eprintln!("stopped on request; what is on the disk is as the last checkpoint left it");
                    std::process::exit(STOPPED);
                }
            }
        }
    }
}
