//! Agents that are written in Python.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use qloom::qas::{Agent, Dimensions, Environment, Observation, QasError, Transition};

use crate::environment::seen;
use crate::error;

/// An exception from where nothing can be raised; it is raised as soon as the search has ended its step.
pub type Pending = Arc<Mutex<Option<PyErr>>>;

/// The exception that waits, if one does.
pub fn taken(pending: &Pending) -> PyResult<()> {
    match pending.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// An object with `act(observation, legal)`, and whatever else of an agent it has.
pub struct PythonAgent {
    object: Py<PyAny>,
    sizes: Dimensions,
    pending: Pending,
}

fn failed(error: PyErr) -> QasError {
    QasError::Agent(Box::new(error))
}

impl PythonAgent {
    /// The agent of this object, which is told what it plays if it has `start(num_inputs, actions, seed)`.
    pub fn new(object: Py<PyAny>, environment: &Environment, seed: u64, pending: Pending) -> Result<Self, QasError> {
        let sizes = environment.dimensions();
        let actions: Vec<_> = (0..sizes.actions).map(|action| environment.describe(action)).collect();
        let agent = Self { object, sizes, pending };
        let told = Python::attach(|py| {
            let object = agent.object.bind(py);
            if !object.hasattr("act")? {
                let name = object.get_type().name()?.to_string();
                return Err(error::kind(format!("a {name} is no agent; it needs a method act(observation, legal)")));
            }
            match object.getattr_opt("start")? {
                Some(start) => start.call1((sizes.inputs + sizes.features, actions, seed)).map(drop),
                None => Ok(()),
            }
        });
        told.map_err(failed)?;
        Ok(agent)
    }

    /// Calls the method, which chooses an action.
    fn choose(&self, py: Python<'_>, method: &Bound<'_, PyAny>, observation: &Observation) -> PyResult<usize> {
        let answer = method.call1(seen(py, self.sizes, observation))?;
        let count = self.sizes.actions;
        let Some(action) = answer.extract::<usize>().ok().filter(|&action| action < count) else {
            return Err(error::search(format!(
                "the agent chose {answer}; it has to choose the number of an action, below {count}"
            )));
        };
        let is_stuck = (0..count).all(|action| !observation.is_legal(action));
        if !observation.is_legal(action) && !is_stuck {
            return Err(error::search(format!(
                "the agent chose action {action}, which is illegal here; choose one that is true in legal"
            )));
        }
        Ok(action)
    }

    /// Calls a method that the object need not have.
    fn call<'py, A>(&self, py: Python<'py>, name: &str, arguments: impl FnOnce() -> A) -> PyResult<Option<Bound<'py, PyAny>>>
    where
        A: pyo3::call::PyCallArgs<'py>,
    {
        self.object.bind(py).getattr_opt(name)?.map(|method| method.call1(arguments())).transpose()
    }

    /// Keeps an exception until it can be raised.
    fn keep<T: Default>(&self, done: PyResult<T>) -> T {
        done.unwrap_or_else(|error| {
            self.pending.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            T::default()
        })
    }

    /// The attributes of an object without methods of its own to save itself.
    fn attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let object = self.object.bind(py);
        object.getattr_opt("__dict__")?.ok_or_else(|| {
            let name = object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            error::kind(format!("a {name} has no attributes that could be saved; give it methods save() and load(state)"))
        })
    }
}

impl Agent for PythonAgent {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        taken(&self.pending).map_err(failed)?;
        Python::attach(|py| self.choose(py, &self.object.bind(py).getattr("act")?, observation)).map_err(failed)
    }

    fn act_greedily(&mut self, observation: &Observation) -> Result<usize, QasError> {
        taken(&self.pending).map_err(failed)?;
        Python::attach(|py| {
            let object = self.object.bind(py);
            let method = object.getattr_opt("act_greedily")?.map_or_else(|| object.getattr("act"), Ok)?;
            self.choose(py, &method, observation)
        })
        .map_err(failed)
    }

    fn tested(&mut self, fall: f64) -> Result<bool, QasError> {
        Python::attach(|py| self.call(py, "tested", || (fall,))?.map_or(Ok(false), |back| back.is_truthy())).map_err(failed)
    }

    fn observe(&mut self, transition: Transition) {
        let told = Python::attach(|py| {
            let arguments = || {
                let before = seen(py, self.sizes, &transition.before).0;
                let (after, legal) = seen(py, self.sizes, &transition.after);
                (before, transition.action, transition.reward, after, legal, transition.done)
            };
            self.call(py, "observe", arguments).map(drop)
        });
        self.keep(told);
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        taken(&self.pending).map_err(failed)?;
        Python::attach(|py| self.call(py, "learn", || ())?.map_or(Ok(None), |loss| loss.extract())).map_err(failed)
    }

    fn exploration(&self) -> f64 {
        self.keep(Python::attach(|py| self.call(py, "exploration", || ())?.map_or(Ok(0.0), |share| share.extract())))
    }

    fn save(&self) -> Vec<u8> {
        let saved = Python::attach(|py| match self.call(py, "save", || ())? {
            Some(state) => Ok(state.cast_into::<PyBytes>()?.as_bytes().to_vec()),
            None => py.import("pickle")?.call_method1("dumps", (self.attributes(py)?,))?.extract(),
        });
        self.keep(saved)
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let loaded = Python::attach(|py| {
            let state = PyBytes::new(py, bytes);
            if self.call(py, "load", || (&state,))?.is_some() {
                return Ok(());
            }
            let attributes = self.attributes(py)?.cast_into::<PyDict>()?;
            let saved = py.import("pickle")?.call_method1("loads", (state,))?;
            attributes.clear();
            attributes.update(saved.cast::<PyDict>()?.as_mapping())
        });
        loaded.map_err(failed)
    }
}
