//! What is handed to a search or an environment beside its settings: the problem, a circuit to start from, gadgets.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use pyo3::prelude::*;
use qloom::circuits::Operation;
use qloom::qas::{self, EnvironmentConfig, Gadget, GadgetConfig, GadgetGate, Problem, QasmStart, Start};

use super::raised;
use crate::circuit::Circuit;
use crate::error;
use crate::pauli::PauliSum;

/// What a circuit is sought for, as it comes from Python.
pub struct Given<'a, 'py> {
    /// A Hamiltonian; with a cost the number of qubits.
    pub hamiltonian: &'a Bound<'py, PyAny>,
    /// The lowest energy, or a bound of the cost.
    pub exact_energy: Option<f64>,
    /// Whether a cost stands in place of the Hamiltonian.
    pub is_cost: bool,
    /// A circuit to start from.
    pub start: Option<Circuit>,
    /// Parts of circuits that are appended as a whole.
    pub gadgets: Option<&'a Bound<'py, PyAny>>,
}

impl Given<'_, '_> {
    /// The problem; the settings are told of what was handed over.
    pub fn problem(self, config: &mut EnvironmentConfig) -> PyResult<Problem> {
        let mut problem = if self.is_cost {
            let lowest = self.exact_energy.unwrap_or(0.0);
            Problem::of_cost("a cost of one's own", self.hamiltonian.extract()?, lowest).map_err(raised)?
        } else {
            Problem::new("a Hamiltonian", self.hamiltonian.extract::<PauliSum>()?.inner).map_err(raised)?
        };
        if let Some(energy) = self.exact_energy {
            problem = problem.with_exact_energy(energy).map_err(raised)?;
        }
        match (self.start, &config.start) {
            (None, Start::Empty | Start::BasisState | Start::MatrixProduct(_)) => {}
            (None, Start::Qasm(start)) => {
                let file = &start.file;
                return Err(error::search(format!(
                    "environment.start names {file:?}; read it and pass start=Circuit.from_qasm(text)"
                )));
            }
            (Some(circuit), Start::Empty | Start::Qasm(_)) => {
                if config.start == Start::Empty {
                    config.start = Start::Qasm(QasmStart { file: "start".to_owned(), fixed: false });
                }
                problem = problem.with_start(circuit.inner).map_err(raised)?;
            }
            (Some(_), Start::BasisState | Start::MatrixProduct(_)) => {
                return Err(error::search("there are two starts, a circuit and that of environment.start; leave one out"));
            }
        }
        match (self.gadgets, &config.actions.gadgets) {
            (None, None) => {}
            (None, Some(named)) => {
                let file = &named.file;
                let need = "read it and pass gadgets=text";
                return Err(error::search(format!("environment.actions.gadgets names {file:?}; {need}")));
            }
            (Some(gadgets), named) => {
                let gadgets = read(gadgets)?;
                if named.is_none() {
                    let most = gadgets.len().clamp(1, 256);
                    config.actions.gadgets = Some(GadgetConfig { file: "gadgets".to_owned(), most });
                }
                problem = problem.with_gadgets(gadgets);
            }
        }
        Ok(problem)
    }
}

/// Gadgets: circuits, dictionaries as `mine_gadgets` returns them, or the text of a file that `qloom search gadgets` has written.
fn read(gadgets: &Bound<'_, PyAny>) -> PyResult<Vec<Gadget>> {
    let wrong = |error| error::search(format!("gadgets: {error}"));
    if let Ok(text) = gadgets.extract::<String>() {
        let mut value: serde_json::Value = serde_json::from_str(&text).map_err(wrong)?;
        let list = value.get_mut("gadgets").map(serde_json::Value::take).unwrap_or(value);
        return serde_json::from_value(list).map_err(wrong);
    }
    gadgets
        .try_iter()?
        .map(|gadget| {
            let gadget = gadget?;
            if let Ok(circuit) = gadget.extract::<Circuit>() {
                return of_circuit(&circuit);
            }
            let text: String = gadget.py().import("json")?.call_method1("dumps", (gadget,))?.extract()?;
            serde_json::from_str(&text).map_err(wrong)
        })
        .collect()
}

/// The gates of a circuit as a gadget.
fn of_circuit(circuit: &Circuit) -> PyResult<Gadget> {
    let circuit = circuit.inner.bind(&[]).map_err(error::of)?;
    let lowest = circuit.operations().iter().flat_map(|operation| operation.qubits().to_vec()).min().unwrap_or(0);
    let gate = |operation: &Operation| match operation {
        Operation::Gate { gate, qubits, .. } => Ok(GadgetGate {
            gate: gate.name().to_owned(),
            qubits: qubits.iter().map(|qubit| qubit - lowest).collect(),
            angle: operation.angles().first().map(|angle| angle.value(&[])),
        }),
        other => Err(error::search(format!("{} in a gadget; it is made of gates with names", other.name()))),
    };
    Gadget::new(circuit.operations().iter().map(gate).collect::<PyResult<_>>()?).map_err(raised)
}

/// The parts that recur in good circuits, the best first: dictionaries, which the `gadgets` of `Search` and `Environment` take.
///
/// `runs` is a list of Hamiltonians with circuits that have a low energy of it, their angles put in; `settings` has the keys of
/// `[gadgets]` (`qloom search gadgets --help`): least_gates, most_gates, most_qubits, circuits, most.
///
/// >>> from qloom import Circuit, PauliSum, mine_gadgets
/// >>> pair = PauliSum({"ZZ": 1.0, "XX": 1.0})
/// >>> circuits = [Circuit(2).ry(3.1416, 0).ry(angle, 1).cx(1, 0) for angle in (-1.5708, -1.57)]
/// >>> [gadget["circuits"] for gadget in mine_gadgets([(pair, circuits)], {"least_gates": 2, "most": 1})]
/// [2]
#[pyfunction]
#[pyo3(signature = (runs, settings=None))]
pub fn mine_gadgets<'py>(
    py: Python<'py>,
    runs: Vec<(PauliSum, Vec<Circuit>)>,
    settings: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let config: qas::MiningConfig = match settings {
        Some(settings) => {
            serde_json::from_str(&crate::kernel::json(settings)?).map_err(|error| error::search(format!("settings: {error}")))?
        }
        None => qas::MiningConfig::default(),
    };
    let runs = runs.into_iter().map(|(hamiltonian, circuits)| {
        let size = hamiltonian.inner.num_qubits();
        let problem = Problem::new("a Hamiltonian", hamiltonian.inner).map_err(raised)?;
        let circuits = circuits.into_iter().map(|circuit| {
            if circuit.inner.num_qubits() != size {
                let given = circuit.inner.num_qubits();
                return Err(error::search(format!("a circuit has {given} qubits, its Hamiltonian {size}; give both as many")));
            }
            circuit.inner.bind(&[]).map_err(error::of)
        });
        Ok(qas::MinedRun { problem, circuits: circuits.collect::<PyResult<_>>()? })
    });
    let runs: Vec<qas::MinedRun> = runs.collect::<PyResult<_>>()?;
    let text = crate::work::long(py, move |stop| {
        let mut watch = |_, _| match stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let gadgets = qas::mine_gadgets(&runs, &config, &mut watch).map_err(raised)?;
        serde_json::to_string(&gadgets).map_err(error::search)
    })?;
    py.import("json")?.call_method1("loads", (text,))
}
