//! Searches for circuits.

mod agent;
mod cost;
mod fitted;
mod given;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use qloom::qas::{self, Agent, Event, OwnParts, QasError, SearchConfig};

use self::agent::PythonAgent;
pub use self::agent::{Pending, taken};
pub use self::cost::PythonCost;
pub use self::fitted::refit;
pub use self::given::{Given, mine_gadgets};
use crate::circuit::Circuit;
use crate::error;
use crate::work;

/// A search, and the state it had before a step that takes long or may fail.
struct Shared {
    search: Mutex<qas::Search>,
    saved: Mutex<Vec<u8>>,
    /// An exception of an agent.
    pending: Pending,
    /// Which thread makes a step: what it calls in Python cannot ask the search.
    stepping: Mutex<Option<ThreadId>>,
    /// Whether a step has failed, behind which there is no state to go on from.
    failed: AtomicBool,
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
    /// The search, unless this thread is in the midst of a step of it.
    fn search(&self) -> PyResult<MutexGuard<'_, qas::Search>> {
        if *lock(&self.stepping) == Some(thread::current().id()) {
            return Err(error::search(
                "the search is making a step, which an agent or a cost cannot interrupt; ask it afterwards",
            ));
        }
        Ok(lock(&self.search))
    }

    fn step(&self) -> PyResult<Told> {
        let mut search = self.search()?;
        if self.failed.load(Ordering::Relaxed) {
            return Err(error::search("a step of the search has failed; go on from a state that was saved before"));
        }
        *lock(&self.stepping) = Some(thread::current().id());
        let event = search.step().map_err(raised).and_then(|event| taken(&self.pending).map(|()| event));
        *lock(&self.stepping) = None;
        self.failed.store(event.is_err(), Ordering::Relaxed);
        match event? {
            Event::Episode(report) => Ok((false, serde_json::to_string(&report).map_err(error::search)?)),
            Event::Finished(reason) => Ok((true, serde_json::to_string(&reason).map_err(error::search)?)),
        }
    }

    /// The state, of which an agent in Python is a part.
    fn state(&self, search: &qas::Search) -> PyResult<Vec<u8>> {
        let state = search.state();
        taken(&self.pending).map(|()| state)
    }

    fn save(&self) -> PyResult<()> {
        let state = self.state(&*self.search()?)?;
        *lock(&self.saved) = state;
        Ok(())
    }

    /// The state now, or that before the step that is still running or has failed.
    fn last_state(&self) -> PyResult<Vec<u8>> {
        let end = Instant::now() + GRACE;
        while Instant::now() <= end && !self.failed.load(Ordering::Relaxed) {
            if let Ok(search) = self.search.try_lock()
                && !self.failed.load(Ordering::Relaxed)
            {
                return self.state(&search);
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(lock(&self.saved).clone())
    }
}

/// An exception; one that was raised by an agent or a cost in Python passes through.
pub fn raised(error: QasError) -> PyErr {
    match error {
        QasError::Cost(own) | QasError::Agent(own) => match own.downcast::<PyErr>() {
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
/// `agent` plays in place of that of the settings: an object with `act(observation, legal)`, which returns the number of an action. It may
/// also have `start(num_inputs, actions, seed)`, called first, `observe(before, action, reward, after, legal, done)` and `learn()`, called
/// after each step (`learn` returns a loss or None, and is not called after the last of an episode), `act_greedily(observation, legal)` and
/// `tested(fall)` for tests of its policy, `exploration()` for reports, and `save()` and `load(state)`, which turn all that it draws and
/// learns from into bytes and back. Without these two its attributes are pickled: a state is then to be loaded only from where it is trusted.
///
/// `start` is a circuit of gates that circuits begin with (`environment.start.qasm.fixed` says whether they stay as they are), `gadgets` a
/// list of circuits, or what `mine_gadgets` returns, each of which an agent can append as a whole.
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
    #[pyo3(signature = (hamiltonian, settings=None, seed=0, exact_energy=None, cost=None, state=None, agent=None, start=None, gadgets=None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        hamiltonian: &Bound<'_, PyAny>,
        settings: Option<Bound<'_, PyAny>>,
        seed: u64,
        exact_energy: Option<f64>,
        cost: Option<Py<PyAny>>,
        state: Option<Vec<u8>>,
        agent: Option<Py<PyAny>>,
        start: Option<Circuit>,
        gadgets: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut config = settings.as_ref().map(config).transpose()?.unwrap_or_default();
        let (is_cost, circuit) = (cost.is_some(), start.clone());
        let given = Given { hamiltonian, exact_energy, is_cost, start: circuit, gadgets: gadgets.as_ref() };
        let problem = given.problem(&mut config.environment)?;
        let own = cost.as_ref().map(|cost| PythonCost::new(cost.clone_ref(py)));
        let player = agent.as_ref().map(|agent| agent.clone_ref(py));
        let pending = Pending::default();
        let later = Arc::clone(&pending);
        let search = work::long(py, move |_| {
            let mut parts = OwnParts::default();
            if let Some(cost) = own {
                parts.cost = Some(Box::new(cost));
            }
            if let Some(object) = player {
                parts.agent = Some(Box::new(move |environment| {
                    PythonAgent::new(object, environment, seed, later).map(|agent| Box::new(agent) as Box<dyn Agent>)
                }));
            }
            match state {
                None => qas::Search::with_own(config, problem, seed, parts),
                Some(state) => qas::Search::resume_with_own(config, problem, &state, parts),
            }
            .map_err(raised)
        })?;
        let shared = Shared {
            search: Mutex::new(search),
            saved: Mutex::default(),
            pending,
            stepping: Mutex::default(),
            failed: AtomicBool::default(),
        };
        let arguments = (hamiltonian, settings, seed, exact_energy, cost, agent, start, gadgets).into_pyobject(py)?.unbind();
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
    /// After Ctrl-C, or an exception of `on_event`, an agent or a cost, the state is in the file `checkpoint`, where one is named (that
    /// before the episode in which an agent or a cost failed); `Search(..., state=...)` goes on from its bytes, to the same result.
    #[pyo3(signature = (on_event=None, checkpoint=None))]
    fn run(&self, py: Python<'_>, on_event: Option<Py<PyAny>>, checkpoint: Option<PathBuf>) -> PyResult<String> {
        let shared = Arc::clone(&self.shared);
        let told = on_event.is_some();
        let (keeps, always) = (checkpoint.is_some(), self.has_own_parts(py));
        let ended = work::watched(
            py,
            move |stop, teller| {
                let mut last = LONG_STEP;
                loop {
                    if stop.load(Ordering::Relaxed) {
                        return Err(error::search("stopped"));
                    }
                    if keeps && (always || last >= LONG_STEP) {
                        shared.save()?;
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
            let state = py.detach(|| self.shared.last_state())?;
            std::fs::write(&path, state).map_err(|error| error::search(format!("{}: {error}", path.display())))?;
        }
        ended
    }

    /// The best circuit so far and its numbers; none before the first episode.
    fn best<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let shared = Arc::clone(&self.shared);
        let Some(found) = work::long(py, move |_| shared.search()?.best().map_err(raised))? else { return Ok(None) };
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
    fn evaluations(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| Ok(self.shared.search()?.evaluations()))
    }

    /// Episodes so far.
    #[getter]
    fn episodes(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| Ok(self.shared.search()?.episodes()))
    }

    /// The state as bytes; `Search(..., state=...)` goes on from it, to the same result.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = py.detach(|| {
            let search = self.shared.search()?;
            match self.shared.failed.load(Ordering::Relaxed) {
                true => Err(error::search("a step of the search has failed; go on from a state that was saved before")),
                false => self.shared.state(&search),
            }
        })?;
        Ok(PyBytes::new(py, &state))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<Search: {} episodes, {} evaluations>", self.episodes(py)?, self.evaluations(py)?))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let list = slf.get().arguments.bind(py).to_list();
        list.insert(5, slf.get().state(py)?)?;
        Ok((slf.get_type().into_any(), list.to_tuple()))
    }
}

impl Search {
    /// Whether a cost or an agent is written in Python, so that a step can fail.
    fn has_own_parts(&self, py: Python<'_>) -> bool {
        let arguments = self.arguments.bind(py);
        arguments.iter().skip(4).take(2).any(|part| !part.is_none())
    }
}
