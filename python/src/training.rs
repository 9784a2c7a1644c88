//! Models that are fitted in steps, each of which says what it gave.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;

use crate::error;
use crate::kernel::dictionary;
use crate::work;

/// What is fitted in steps.
pub trait Steps: Send + 'static {
    /// One step more, as JSON; none when all are done.
    fn next(&mut self) -> PyResult<Option<String>>;
}

/// The training, whatever became of who held it.
pub fn lock<T>(training: &Mutex<T>) -> MutexGuard<'_, T> {
    training.lock().unwrap_or_else(PoisonError::into_inner)
}

/// JSON of an event.
pub fn told(event: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(event).map_err(error::learn)
}

/// One step more, as a dictionary; none when all are done.
pub fn step<'py, T: Steps>(py: Python<'py>, training: &Arc<Mutex<T>>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let training = Arc::clone(training);
    let event = work::long(py, move |_| lock(&training).next())?;
    event.map(|event| dictionary(py, event)).transpose()
}

/// All steps that are left; `on_event` is called with each.
pub fn fit<T: Steps>(py: Python<'_>, training: &Arc<Mutex<T>>, on_event: Option<Py<PyAny>>) -> PyResult<()> {
    let training = Arc::clone(training);
    let listens = on_event.is_some();
    work::watched(
        py,
        move |stop, teller| {
            while !stop.load(Ordering::Relaxed) {
                let Some(event) = lock(&training).next()? else { break };
                if listens {
                    teller.tell(event);
                }
            }
            Ok(())
        },
        |text: String| {
            Python::attach(|py| match &on_event {
                Some(call) => call.call1(py, (dictionary(py, text)?,)).map(drop),
                None => Ok(()),
            })
        },
    )
}
