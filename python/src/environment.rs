//! The environment of a search, for agents of any library.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits::Stream;
use qloom::optim::MinimizerConfig;
use qloom::qas::{self, Dimensions, EnvironmentConfig, Objective, ObjectiveConfig, Observation, SimulatorChoice, Task};

use crate::circuit::Circuit;
use crate::error;
use crate::search::{Given, PythonCost, raised};
use crate::work;

/// The environment, what values its circuits, and what it draws.
struct Game {
    environment: qas::Environment,
    objective: Objective,
    halting: Stream,
    ended: bool,
}

/// A circuit that grows gate by gate, all angles fitted after each gate: what the agents of a search play with.
///
/// `settings` has the keys of `[search.environment]`. An episode succeeds when the energy is closer to the target than the threshold.
/// `cost`, `start` and `gadgets` are those of `Search`.
///
/// >>> from qloom import Environment, PauliSum
/// >>> environment = Environment(PauliSum({"XX": 1.0, "YY": 1.0, "ZZ": 1.0}), {"max_gates": 4}, exact_energy=-3.0)
/// >>> observation, legal = environment.reset(1e-3)
/// >>> observation.shape == (environment.num_inputs,), bool(legal.all())
/// (True, True)
#[pyclass(frozen, module = "qloom")]
pub struct Environment {
    game: Arc<Mutex<Game>>,
    arguments: Py<PyTuple>,
}

/// What is seen, and which actions are legal.
pub type Seen<'py> = (Bound<'py, PyArray1<f32>>, Bound<'py, PyArray1<bool>>);

/// What a step did, as plain numbers.
type Done<'py> = (Bound<'py, PyArray1<f32>>, Bound<'py, PyArray1<bool>>, f64, f64, Option<String>);

impl Environment {
    fn game(&self) -> MutexGuard<'_, Game> {
        self.game.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An observation as the input of a network, and which actions are legal.
pub fn seen<'py>(py: Python<'py>, sizes: Dimensions, observation: &Observation) -> Seen<'py> {
    let mut input = vec![0.0f32; sizes.inputs];
    for &entry in &observation.entries {
        input[entry as usize] = 1.0;
    }
    if let Some(last) = input.last_mut() {
        *last = observation.energy;
    }
    input.extend_from_slice(&observation.features);
    let legal: Vec<bool> = (0..sizes.actions).map(|action| observation.is_legal(action)).collect();
    (input.into_pyarray(py), legal.into_pyarray(py))
}

#[pymethods]
impl Environment {
    #[new]
    #[pyo3(signature = (hamiltonian, settings=None, seed=0, exact_energy=None, cost=None, start=None, gadgets=None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        hamiltonian: &Bound<'_, PyAny>,
        settings: Option<Bound<'_, PyAny>>,
        seed: u64,
        exact_energy: Option<f64>,
        cost: Option<Py<PyAny>>,
        start: Option<Circuit>,
        gadgets: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut config: EnvironmentConfig = match &settings {
            Some(settings) => serde_json::from_str(&crate::kernel::json(settings)?)
                .map_err(|error| error::search(format!("settings: {error}")))?,
            None => EnvironmentConfig::default(),
        };
        let (is_cost, given) = (cost.is_some(), start.clone());
        let problem =
            Given { hamiltonian, exact_energy, is_cost, start: given, gadgets: gadgets.as_ref() }.problem(&mut config)?;
        let own = cost.as_ref().map(|cost| Box::new(PythonCost::new(cost.clone_ref(py))));
        let game = work::long(py, move |_| {
            let (simulator, minimizer) = (SimulatorChoice::default(), MinimizerConfig::default());
            let mut objective = match own {
                None => Objective::new(ObjectiveConfig::default(), &simulator, &minimizer, &problem, seed),
                Some(cost) => Objective::of_cost(ObjectiveConfig::default(), &minimizer, cost, seed),
            }
            .map_err(raised)?;
            let environment = qas::Environment::new(config, &problem, &mut objective).map_err(raised)?;
            Ok(Game { environment, objective, halting: Stream::named(seed, "halting"), ended: true })
        })?;
        let arguments = (hamiltonian, settings, seed, exact_energy, cost, start, gadgets).into_pyobject(py)?.unbind();
        Ok(Self { game: Arc::new(Mutex::new(game)), arguments })
    }

    /// Length of an observation.
    #[getter]
    fn num_inputs(&self) -> usize {
        let sizes = self.game().environment.dimensions();
        sizes.inputs + sizes.features
    }

    /// Number of actions.
    #[getter]
    fn num_actions(&self) -> usize {
        self.game().environment.dimensions().actions
    }

    /// The actions by number: the name of a gate and its qubits; behind the gates, where the settings ask for them, the steepest rotations
    /// about strings as "steepest", gadgets as "gadget" with their qubits, and edits by their names.
    #[getter]
    fn actions(&self) -> Vec<(&'static str, Vec<usize>)> {
        let game = self.game();
        (0..game.environment.dimensions().actions).map(|action| game.environment.describe(action)).collect()
    }

    /// Starts an episode: the observation, and which actions are legal.
    fn reset<'py>(&self, py: Python<'py>, threshold: f64) -> PyResult<Seen<'py>> {
        if !(threshold.is_finite() && threshold > 0.0) {
            return Err(error::input(format!("the threshold is {threshold}; it must be finite and above 0")));
        }
        let mut game = self.game();
        let Game { environment, objective, halting, ended } = &mut *game;
        let observation =
            environment.reset(Task { threshold, max_gates: None, noise: None }, halting, objective).map_err(raised)?;
        *ended = false;
        let sizes = game.environment.dimensions();
        Ok(seen(py, sizes, &observation))
    }

    /// Appends a gate: the observation, the legal actions, the reward, the energy, and why the episode ended, if it did
    /// (success, exhausted or halted).
    fn step<'py>(&self, py: Python<'py>, action: usize) -> PyResult<Done<'py>> {
        let game = Arc::clone(&self.game);
        let step = work::long(py, move |_| {
            let mut game = game.lock().unwrap_or_else(PoisonError::into_inner);
            let count = game.environment.dimensions().actions;
            if action >= count {
                return Err(error::input(format!("action {action} of {count}; they are numbered from 0")));
            }
            if game.ended {
                return Err(error::input("the episode has ended, or none has begun; call reset first"));
            }
            let Game { environment, objective, ended, .. } = &mut *game;
            let step = environment.step(action, objective).map_err(raised)?;
            *ended = step.ending.is_some();
            Ok(step)
        })?;
        let sizes = self.game().environment.dimensions();
        let (input, legal) = seen(py, sizes, &step.observation);
        let ending = step.ending.map(|ending| serde_json::to_string(&ending)).transpose().map_err(error::search)?;
        Ok((input, legal, step.reward, step.energy, ending.map(|text| text.trim_matches('"').to_owned())))
    }

    /// The circuit of the episode and its fitted angles.
    fn circuit(&self) -> (Circuit, Vec<f64>) {
        let game = self.game();
        (Circuit { inner: game.environment.circuit().clone() }, game.environment.angles().to_vec())
    }

    fn __repr__(&self) -> String {
        let sizes = self.game().environment.dimensions();
        format!("<Environment: {} inputs, {} actions>", sizes.inputs + sizes.features, sizes.actions)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, Bound<'py, PyTuple>) {
        (slf.get_type().into_any(), slf.get().arguments.bind(slf.py()).clone())
    }
}
