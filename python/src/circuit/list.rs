//! Circuits as plain lists, for looking at them and for pickling.

use numpy::{IntoPyArray, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use qloom::circuits::{self, Matrix, Operation};

use super::{Circuit, letters};
use crate::angle::to_python;
use crate::channel::Channel;

/// A matrix as an array.
pub fn array<'py>(py: Python<'py>, matrix: &Matrix) -> PyResult<Bound<'py, PyAny>> {
    let dimension = matrix.dimension();
    Ok(matrix.entries().to_vec().into_pyarray(py).reshape([dimension, dimension])?.into_any())
}

fn angles<'py>(py: Python<'py>, operation: &Operation) -> PyResult<Bound<'py, PyList>> {
    let angles: Vec<_> = operation.angles().iter().map(|&angle| to_python(py, angle)).collect::<PyResult<_>>()?;
    PyList::new(py, angles)
}

/// The method of `Circuit` that appends an operation, and its arguments.
fn call<'py>(py: Python<'py>, operation: &Operation, empty: &circuits::Circuit) -> PyResult<Bound<'py, PyTuple>> {
    let angle = |angle| to_python(py, angle);
    match operation {
        Operation::Gate { gate, qubits, .. } => {
            ("gate", (gate.name(), angles(py, operation)?, qubits.to_vec())).into_pyobject(py)
        }
        Operation::PauliRotation { pauli, angle: theta } => {
            let (word, qubits) = letters(*pauli);
            ("pauli_rotation", (word, angle(*theta)?, qubits)).into_pyobject(py)
        }
        Operation::Unitary { matrix, controls, qubits } => {
            ("unitary", (array(py, matrix)?, qubits.to_vec(), controls.to_vec())).into_pyobject(py)
        }
        Operation::GlobalPhase(theta) => ("global_phase", (angle(*theta)?,)).into_pyobject(py),
        Operation::Channel { channel, qubits } => {
            ("channel", (Bound::new(py, Channel { inner: channel.clone() })?, qubits.to_vec())).into_pyobject(py)
        }
        Operation::Measure { qubit, bit } => ("measure", (*qubit, *bit)).into_pyobject(py),
        Operation::Reset { qubit } => ("reset", (*qubit,)).into_pyobject(py),
        Operation::Barrier { qubits } => ("barrier", (qubits.clone(),)).into_pyobject(py),
        Operation::Delay { duration_ns, qubits } => ("delay", (*duration_ns, qubits.clone())).into_pyobject(py),
        Operation::Conditional(block) => {
            let part = |operations: &[Operation]| -> PyResult<Bound<'py, Circuit>> {
                let mut inner = empty.clone();
                for operation in operations {
                    inner.push(operation.clone()).map_err(crate::error::of)?;
                }
                Bound::new(py, Circuit { inner })
            };
            let arguments = (block.condition.bits.clone(), block.condition.value, part(&block.then)?, part(&block.otherwise)?);
            ("conditional", arguments).into_pyobject(py)
        }
    }
}

#[pymethods]
impl Circuit {
    /// The operations: for each the name of the method that appends it, and its arguments.
    ///
    /// >>> from qloom import Circuit
    /// >>> Circuit(2).ry(0.5, 0).cx(0, 1).operations()
    /// [('gate', ('ry', [0.5], [0])), ('gate', ('cx', [], [0, 1]))]
    fn operations<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let empty = self.inner.without_operations();
        self.inner.operations().iter().map(|operation| call(py, operation, &empty)).collect()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let this = slf.borrow();
        let names: Vec<Option<&str>> = (0..this.inner.num_parameters()).map(|index| this.inner.given_name(index)).collect();
        let notes: Vec<(usize, &str)> = this.inner.notes().iter().map(|note| (note.position, &note.text[..])).collect();
        let arguments = (this.qubit_registers(), this.bit_registers(), names, this.operations(py)?, notes).into_pyobject(py)?;
        Ok((slf.get_type().getattr("_rebuilt")?, arguments))
    }

    /// A circuit from its parts, as pickles hold it.
    #[staticmethod]
    fn _rebuilt<'py>(
        py: Python<'py>,
        qubit_registers: Vec<(String, usize)>,
        bit_registers: Vec<(String, usize)>,
        names: Vec<Option<String>>,
        operations: Vec<(String, Bound<'py, PyTuple>)>,
        notes: Vec<(usize, String)>,
    ) -> PyResult<Bound<'py, Self>> {
        let circuit = Bound::new(py, Circuit { inner: circuits::Circuit::default() })?;
        {
            let mut this = circuit.borrow_mut();
            for (name, size) in qubit_registers {
                this.add_qubits(name, size)?;
            }
            for (name, size) in bit_registers {
                this.add_bits(name, size)?;
            }
            for (index, name) in names.into_iter().enumerate() {
                match name {
                    Some(name) => {
                        this.inner.add_parameter(name);
                    }
                    None => {
                        this.inner.reserve_parameters(index + 1);
                    }
                }
            }
        }
        let mut notes = notes.into_iter().peekable();
        for (position, (method, arguments)) in operations.into_iter().enumerate() {
            while let Some((_, text)) = notes.next_if(|(before, _)| *before <= position) {
                circuit.borrow_mut().inner.add_note(text);
            }
            circuit.call_method1(method.as_str(), arguments)?;
        }
        for (_, text) in notes {
            circuit.borrow_mut().inner.add_note(text);
        }
        Ok(circuit)
    }
}
