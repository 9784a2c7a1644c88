//! Errors of the facade as exceptions of `qloom.errors`, with their fields as attributes.

use std::any::Any;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use qloom::circuits::CircuitError;
use qloom::circuits::qasm::QasmErrors;
use qloom::sim::SimError;

/// A class of `qloom.errors`.
fn class<'py>(py: Python<'py>, cell: &'static PyOnceLock<Py<PyType>>, name: &str) -> PyResult<Bound<'py, PyType>> {
    Ok(cell.import(py, "qloom.errors", name)?.clone())
}

macro_rules! classes {
    ($($(#[doc = $doc:literal])+ $function:ident => $name:literal;)*) => {
        $(
            $(#[doc = $doc])+
            pub fn $function(message: impl std::fmt::Display) -> PyErr {
                static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
                Python::attach(|py| match class(py, &CLASS, $name) {
                    Ok(class) => PyErr::from_type(class, message.to_string()),
                    Err(error) => error,
                })
            }
        )*
    };
}

classes! {
    /// A value that cannot be used.
    input => "InputError";
    /// An argument of a wrong type.
    kind => "InputTypeError";
    /// A circuit, observable or channel that cannot be.
    circuit => "CircuitError";
    /// A qubit, bit or parameter that does not exist.
    missing => "NotThereError";
    /// An OpenQASM program that cannot be read or written.
    qasm => "QasmError";
    /// A device, a noise model or a circuit for it.
    hardware => "HardwareError";
    /// A simulation.
    simulation => "SimulationError";
    /// Something a simulation cannot do.
    unsupported => "UnsupportedError";
    /// More memory than is allowed or there.
    memory => "OutOfMemoryError";
    /// A search.
    search => "SearchError";
    /// Learning from data.
    learn => "LearnError";
    /// Integrals and operators of fermions.
    chemistry => "ChemistryError";
    /// A link or its polynomial.
    knot => "KnotError";
    /// A mistake in qloom itself.
    mistake => "InternalError";
}

/// A panic, as an exception.
pub fn internal(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".to_owned());
    mistake(format!("a mistake in qloom: {text}; please report it"))
}

/// Sets attributes of an exception.
fn with_fields(error: PyErr, set: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<()>) -> PyErr {
    Python::attach(|py| match set(error.value(py).as_any()) {
        Ok(()) => error.clone_ref(py),
        Err(other) => other,
    })
}

/// An exception for an error of the facade.
pub fn of(error: impl Into<qloom::Error>) -> PyErr {
    use qloom::Error;
    match error.into() {
        Error::Circuit(error) => of_circuit(&error),
        Error::Read(errors) => of_qasm(&errors),
        Error::Write(error) => qasm(error),
        Error::Hardware(error) => hardware(error),
        Error::Simulation(error) => of_simulation(&error),
        Error::Estimate(error) => simulation(error),
        Error::Network(error) => learn(error),
        Error::Optimisation(error) => search(error),
        Error::Search(error) => search(error),
        Error::Learn(error) => learn(error),
        Error::Chemistry(error) => chemistry(error),
        Error::Knot(error) => knot(error),
        other => simulation(other),
    }
}

fn of_circuit(error: &CircuitError) -> PyErr {
    let raised = match error {
        CircuitError::QubitOutOfRange { .. } | CircuitError::BitOutOfRange { .. } | CircuitError::UnknownParameter { .. } => {
            missing(error)
        }
        _ => circuit(error),
    };
    with_fields(raised, |raised| match error {
        CircuitError::QubitOutOfRange { qubit, num_qubits } => {
            raised.setattr("qubit", qubit)?;
            raised.setattr("num_qubits", num_qubits)
        }
        CircuitError::BitOutOfRange { bit, num_bits } => {
            raised.setattr("bit", bit)?;
            raised.setattr("num_bits", num_bits)
        }
        CircuitError::UnknownParameter { name, known } => {
            raised.setattr("parameter", name)?;
            raised.setattr("known", known.clone())
        }
        CircuitError::SizeMismatch { what, expected, given } => sizes(raised, what, *expected, *given),
        CircuitError::WrongParameterCount { expected, given } => sizes(raised, "parameter values", *expected, *given),
        CircuitError::WrongQubitCount { expected, given, .. } => sizes(raised, "qubits of a gate", *expected, *given),
        CircuitError::WrongAngleCount { expected, given, .. } => sizes(raised, "angles of a gate", *expected, *given),
        _ => Ok(()),
    })
}

fn sizes(raised: &Bound<'_, PyAny>, what: &str, expected: usize, given: usize) -> PyResult<()> {
    raised.setattr("what", what)?;
    raised.setattr("expected", expected)?;
    raised.setattr("given", given)
}

fn of_qasm(errors: &QasmErrors) -> PyErr {
    with_fields(qasm(errors), |raised| {
        let places = errors.errors.iter().map(|error| (error.line, error.column, error.message.clone()));
        raised.setattr("places", places.collect::<Vec<_>>())
    })
}

fn of_simulation(error: &SimError) -> PyErr {
    let raised = match error {
        SimError::Circuit(error) => return of_circuit(error),
        SimError::Program(errors) => return of_qasm(errors),
        SimError::MemoryLimit { .. } | SimError::Allocation { .. } => memory(error),
        SimError::Unsupported { .. } => unsupported(error),
        SimError::QubitOutOfRange { .. } => missing(error),
        _ => simulation(error),
    };
    with_fields(raised, |raised| match error {
        SimError::MemoryLimit { num_qubits, needed, limit } => {
            raised.setattr("num_qubits", num_qubits)?;
            raised.setattr("needed", needed)?;
            raised.setattr("limit", limit)
        }
        SimError::QubitOutOfRange { qubit, num_qubits } => {
            raised.setattr("qubit", qubit)?;
            raised.setattr("num_qubits", num_qubits)
        }
        SimError::SizeMismatch { what, expected, given } => sizes(raised, what, *expected, *given),
        _ => Ok(()),
    })
}
