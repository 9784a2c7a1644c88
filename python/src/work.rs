//! Work that other Python threads can run beside, and that Ctrl-C ends.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use pyo3::prelude::*;

use crate::error;

/// How long signals wait before they are looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Runs something of at most a few milliseconds in place; a panic becomes a `qloom.InternalError`.
pub fn quick<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(error::internal(panic.as_ref())))
}

/// What a thread tells the one that waits for it.
enum Told<E, T> {
    Event(E),
    Done(PyResult<T>),
}

/// Hands events to the thread that waits.
pub struct Teller<E, T>(Sender<Told<E, T>>);

impl<E, T> Teller<E, T> {
    /// Tells of an event; nobody listens after a signal.
    pub fn tell(&self, event: E) {
        let _ = self.0.send(Told::Event(event));
    }
}

/// Runs something long on a thread of its own while this one waits without the interpreter and looks at signals.
///
/// After a signal, or an error of `on_event`, the flag is set and the exception raised at once. The thread ends at its next look at the
/// flag, and what it works on lives until then.
pub fn watched<E: Send + 'static, T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool, &Teller<E, T>) -> PyResult<T> + Send + 'static,
    mut on_event: impl FnMut(E) -> PyResult<()> + Send,
) -> PyResult<T> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel();
    let flag = Arc::clone(&stop);
    std::thread::spawn(move || {
        let teller = Teller(sender);
        let done = catch_unwind(AssertUnwindSafe(|| work(&flag, &teller)));
        let done = done.unwrap_or_else(|panic| Err(error::internal(panic.as_ref())));
        let _ = teller.0.send(Told::Done(done));
    });
    py.detach(move || {
        let ended = loop {
            match receiver.recv_timeout(BETWEEN_LOOKS) {
                Ok(Told::Done(done)) => return done,
                Ok(Told::Event(event)) => {
                    if let Err(error) = on_event(event) {
                        break error;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break error::internal(&"a worker ended without a result"),
            }
            if let Err(signal) = Python::attach(|py| py.check_signals()) {
                break signal;
            }
        };
        stop.store(true, Ordering::Relaxed);
        Err(ended)
    })
}

/// [`watched`] without events.
pub fn long<T: Send + 'static>(py: Python<'_>, work: impl FnOnce(&AtomicBool) -> PyResult<T> + Send + 'static) -> PyResult<T> {
    watched::<Infallible, T>(py, |stop, _| work(stop), |never| match never {})
}
