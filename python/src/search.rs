//! Searches for circuits.

mod cost;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use qloom::qas::{self, Event, Problem, QasError, SearchConfig};

use self::cost::PythonCost;
use crate::circuit::Circuit;
use crate::error;
use crate::pauli::PauliSum;
use crate::work;

/// A search, and the state it had before its last long step.
struct Shared {
    search: Mutex<qas::Search>,
    saved: Mutex<Vec<u8>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A step that takes longer is begun with its state saved, so that an interrupt need not wait for it.
const LONG_STEP: Duration = Duration::from_millis(10);

/// How long a stopped search may take to end its step before the saved state is written instead.
const GRACE: Duration = Duration::from_millis(20);

/// What was done: the report of an episode as JSON, or why the search has ended.
type Told = (bool, String);

impl Shared {
    fn step(&self) -> PyResult<Told> {
        match lock(&self.search).step().map_err(raised)? {
            Event::Episode(report) => Ok((false, serde_json::to_string(&report).map_err(error::search)?)),
            Event::Finished(reason) => Ok((true, serde_json::to_string(&reason).map_err(error::search)?)),
        }
    }

    fn save(&self) {
        *lock(&self.saved) = lock(&self.search).state();
    }

    /// The state now, or that before the step that is still running.
    fn last_state(&self) -> Vec<u8> {
        let end = Instant::now() + GRACE;
        loop {
            if let Ok(search) = self.search.try_lock() {
                return search.state();
            }
            if Instant::now() > end {
                return lock(&self.saved).clone();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// An exception; one that was raised by a cost in Python passes through.
fn raised(error: QasError) -> PyErr {
    match error {
        QasError::Cost(cost) => match cost.downcast::<PyErr>() {
            Ok(error) => *error,
            Err(other) => error::search(other),
        },
        other => error::of(other),
    }
}

/// A search for a circuit with a low energy, built gate by gate; an iterator over its episodes, each a dictionary.
///
/// `settings` is a dictionary or TOML with the keys of `[search]` in experiments (`qloom search --explain-keys` lists them). In place of
/// a Hamiltonian, `cost` can be an object with `value_and_gradient(circuit, angles)`, which returns a float and as many derivatives as
/// there are angles; `hamiltonian` is then the number of qubits.
///
/// >>> from qloom import PauliSum, Search
/// >>> search = Search(PauliSum({"XX": 1.0, "YY": 1.0, "ZZ": 1.0}), {"target_error": 1e-9}, exact_energy=-3.0, seed=7)
/// >>> reason = search.run()
/// >>> round(search.best()["energy"], 6)
/// -3.0
#[pyclass(frozen, module = "qloom")]
pub struct Search {
    shared: Arc<Shared>,
    arguments: Py<PyTuple>,
}

fn config(settings: &Bound<'_, PyAny>) -> PyResult<SearchConfig> {
    match settings.extract::<String>() {
        Ok(text) => toml::from_str(&text).map_err(error::search),
        Err(_) => {
            serde_json::from_str(&crate::kernel::json(settings)?).map_err(|error| error::search(format!("settings: {error}")))
        }
    }
}

#[pymethods]
impl Search {
    #[new]
    #[pyo3(signature = (hamiltonian, settings=None, seed=0, exact_energy=None, cost=None, state=None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        hamiltonian: &Bound<'_, PyAny>,
        settings: Option<Bound<'_, PyAny>>,
        seed: u64,
        exact_energy: Option<f64>,
        cost: Option<Py<PyAny>>,
        state: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        let config = settings.as_ref().map(config).transpose()?.unwrap_or_default();
        let mut problem = match &cost {
            Some(_) => {
                let lowest = exact_energy.unwrap_or(0.0);
                Problem::of_cost("a cost of one's own", hamiltonian.extract()?, lowest).map_err(raised)?
            }
            None => Problem::new("a Hamiltonian", hamiltonian.extract::<PauliSum>()?.inner).map_err(raised)?,
        };
        if let Some(energy) = exact_energy {
            problem = problem.with_exact_energy(energy).map_err(raised)?;
        }
        let own = cost.as_ref().map(|cost| Box::new(PythonCost::new(cost.clone_ref(py))));
        let from = state.clone();
        let search = work::long(py, move |_| {
            match (own, from) {
                (None, None) => qas::Search::new(config, problem, seed),
                (None, Some(state)) => qas::Search::resume(config, problem, &state),
                (Some(cost), None) => qas::Search::with_cost(config, problem, seed, cost),
                (Some(cost), Some(state)) => qas::Search::resume_with_cost(config, problem, &state, cost),
            }
            .map_err(raised)
        })?;
        let shared = Shared { saved: Mutex::new(search.state()), search: Mutex::new(search) };
        let arguments = (hamiltonian, settings, seed, exact_energy, cost).into_pyobject(py)?.unbind();
        Ok(Self { shared: Arc::new(shared), arguments })
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let shared = Arc::clone(&self.shared);
        let (ended, text) = work::long(py, move |_| shared.step())?;
        match ended {
            true => Ok(None),
            false => Ok(Some(py.import("json")?.call_method1("loads", (text,))?.unbind())),
        }
    }

    /// Runs to the end and returns why it ended; `on_event` is called with every episode.
    ///
    /// After Ctrl-C, or an exception of `on_event`, the state is in the file `checkpoint`, where one is named; `Search(..., state=...)`
    /// goes on from its bytes, to the same result.
    #[pyo3(signature = (on_event=None, checkpoint=None))]
    fn run(&self, py: Python<'_>, on_event: Option<Py<PyAny>>, checkpoint: Option<PathBuf>) -> PyResult<String> {
        let shared = Arc::clone(&self.shared);
        let told = on_event.is_some();
        let ended = work::watched(
            py,
            move |stop, teller| {
                let mut last = LONG_STEP;
                loop {
                    if stop.load(Ordering::Relaxed) {
                        return Err(error::search("stopped"));
                    }
                    if last >= LONG_STEP {
                        shared.save();
                    }
                    let start = Instant::now();
                    let (ended, text) = shared.step()?;
                    last = start.elapsed();
                    if ended {
                        return Ok(text.trim_matches('"').to_owned());
                    }
                    if told {
                        teller.tell(text);
                    }
                }
            },
            |text: String| {
                Python::attach(|py| {
                    let Some(call) = &on_event else { return Ok(()) };
                    let event = py.import("json")?.call_method1("loads", (text,))?;
                    call.call1(py, (event,)).map(drop)
                })
            },
        );
        if let Some(path) = checkpoint {
            let state = py.detach(|| self.shared.last_state());
            std::fs::write(&path, state).map_err(|error| error::search(format!("{}: {error}", path.display())))?;
        }
        ended
    }

    /// The best circuit so far and its numbers; none before the first episode.
    fn best<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let shared = Arc::clone(&self.shared);
        let Some(found) = work::long(py, move |_| lock(&shared.search).best().map_err(raised))? else { return Ok(None) };
        let best = PyDict::new(py);
        best.set_item("circuit", Circuit { inner: found.circuit.clone() })?;
        best.set_item("angles", found.angles.clone())?;
        best.set_item("energy", found.energy)?;
        best.set_item("depth", found.depth)?;
        best.set_item("gates", found.gates)?;
        best.set_item("two_qubit_gates", found.two_qubit_gates)?;
        best.set_item("evaluations", found.evaluations)?;
        Ok(Some(best))
    }

    /// Evaluations of an energy so far.
    #[getter]
    fn evaluations(&self, py: Python<'_>) -> u64 {
        py.detach(|| lock(&self.shared.search).evaluations())
    }

    /// Episodes so far.
    #[getter]
    fn episodes(&self, py: Python<'_>) -> u64 {
        py.detach(|| lock(&self.shared.search).episodes())
    }

    /// The state as bytes; `Search(..., state=...)` goes on from it, to the same result.
    fn state<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let state = py.detach(|| lock(&self.shared.search).state());
        PyBytes::new(py, &state)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<Search: {} episodes, {} evaluations>", self.episodes(py), self.evaluations(py))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let list = slf.get().arguments.bind(py).to_list();
        list.append(slf.get().state(py))?;
        Ok((slf.get_type().into_any(), list.to_tuple()))
    }
}
