//! Circuits.

mod fold;
mod list;
pub use list::array;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use qloom::circuits::{self, Gate, Operation, PauliString};
use qloom::sim;

use crate::angle::{Angle, AnyAngle};
use crate::array::{Complexes, Reals};
use crate::channel::Channel;
use crate::error;
use crate::state::{PauliVector, StateVector, config};
use crate::work;

/// A list of operations on qubits and classical bits, checked as it grows.
///
/// Every gate has a method of its name: angles first, then qubits. An angle is a number or an `Angle`, which stands for a free
/// parameter. Qubit 0 is the least significant bit of a basis index.
///
/// >>> from qloom import Circuit
/// >>> circuit = Circuit(2)
/// >>> theta = circuit.parameter("theta")
/// >>> circuit.ry(theta, 0).cx(0, 1)
/// <Circuit: 2 qubits, 2 operations, 1 parameter>
/// >>> circuit.bind([0.3]).num_parameters
/// 0
#[pyclass(eq, module = "qloom", from_py_object)]
#[derive(Clone, PartialEq)]
pub struct Circuit {
    /// The facade's circuit.
    pub inner: circuits::Circuit,
}

/// The most qubits or bits that a circuit is made with here.
const MOST_QUBITS: usize = 1_000_000;

pub(crate) fn check_count(what: &str, count: usize) -> PyResult<()> {
    match count > MOST_QUBITS {
        true => Err(error::input(format!("{count} {what} are more than the {MOST_QUBITS} that a circuit can have"))),
        false => Ok(()),
    }
}

type SelfMut<'py> = PyRefMut<'py, Circuit>;

impl Circuit {
    fn push(&mut self, operation: Operation) -> PyResult<()> {
        self.inner.push(operation).map(drop).map_err(error::of)
    }

    /// The circuit with numbers for its parameters, where it has any.
    pub fn bound(&self, values: Option<&Reals<'_>>) -> PyResult<circuits::Circuit> {
        let values = values.map(Reals::values).transpose()?.unwrap_or_default();
        self.inner.bind(values).map_err(error::of)
    }
}

#[pymethods]
impl Circuit {
    #[new]
    #[pyo3(signature = (num_qubits=0, num_bits=0))]
    fn new(num_qubits: usize, num_bits: usize) -> PyResult<Self> {
        check_count("qubits", num_qubits)?;
        check_count("bits", num_bits)?;
        let mut inner = circuits::Circuit::new(num_qubits);
        if num_bits > 0 {
            inner.add_bits("c", num_bits);
        }
        Ok(Self { inner })
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Number of classical bits.
    #[getter]
    fn num_bits(&self) -> usize {
        self.inner.num_bits()
    }

    /// Number of free parameters.
    #[getter]
    fn num_parameters(&self) -> usize {
        self.inner.num_parameters()
    }

    /// Names of the free parameters, in order.
    #[getter]
    fn parameter_names(&self) -> Vec<String> {
        (0..self.inner.num_parameters()).map(|index| self.inner.parameter_name(index)).collect()
    }

    /// Registers of qubits: name and size.
    #[getter]
    fn qubit_registers(&self) -> Vec<(String, usize)> {
        self.inner.qubit_registers().iter().map(|register| (register.name.clone(), register.size)).collect()
    }

    /// Registers of classical bits: name and size.
    #[getter]
    fn bit_registers(&self) -> Vec<(String, usize)> {
        self.inner.bit_registers().iter().map(|register| (register.name.clone(), register.size)).collect()
    }

    /// Number of moments of the circuit.
    #[getter]
    fn depth(&self) -> usize {
        self.inner.depth()
    }

    /// How often each operation occurs.
    #[getter]
    fn operation_counts(&self) -> BTreeMap<String, usize> {
        self.inner.metrics().counts
    }

    fn __len__(&self) -> usize {
        self.inner.operations().len()
    }

    /// Adds a register of qubits and returns its first index.
    fn add_qubits(&mut self, name: String, size: usize) -> PyResult<usize> {
        check_count("qubits", self.inner.num_qubits().saturating_add(size))?;
        Ok(self.inner.add_qubits(name, size))
    }

    /// Adds a register of classical bits and returns its first index.
    fn add_bits(&mut self, name: String, size: usize) -> PyResult<usize> {
        check_count("bits", self.inner.num_bits().saturating_add(size))?;
        Ok(self.inner.add_bits(name, size))
    }

    /// The free parameter of this name, added where there is none.
    fn parameter(&mut self, name: String) -> Angle {
        let known = (0..self.inner.num_parameters()).find(|&index| self.inner.given_name(index) == Some(&name));
        Angle::free(known.unwrap_or_else(|| self.inner.add_parameter(name)))
    }

    /// Appends a gate of the table by its name, or one of its other names.
    fn gate<'py>(mut slf: SelfMut<'py>, name: &str, angles: Vec<AnyAngle>, qubits: Vec<usize>) -> PyResult<SelfMut<'py>> {
        let Some(gate) = Gate::from_name(name) else {
            return Err(error::circuit(format!("no gate is named {name:?}; qloom.gates() lists those there are")));
        };
        let angles: Vec<circuits::Angle> = angles.iter().map(AnyAngle::get).collect::<PyResult<_>>()?;
        slf.push(Operation::gate(gate, &angles, &qubits))?;
        Ok(slf)
    }

    /// Appends `exp(-i angle/2 P)`; letter k of the word acts on `qubits[k]`, or on qubit k.
    #[pyo3(signature = (word, angle, qubits=None))]
    fn pauli_rotation<'py>(
        mut slf: SelfMut<'py>,
        word: &str,
        angle: AnyAngle,
        qubits: Option<Vec<usize>>,
    ) -> PyResult<SelfMut<'py>> {
        let pauli = crate::pauli::string(word, qubits.as_deref())?;
        slf.push(Operation::PauliRotation { pauli, angle: angle.get()? })?;
        Ok(slf)
    }

    /// Appends a unitary matrix on qubits, the first the least significant, where all controls are one.
    #[pyo3(signature = (matrix, qubits, controls=Vec::new()))]
    fn unitary<'py>(
        mut slf: SelfMut<'py>,
        matrix: Complexes,
        qubits: Vec<usize>,
        controls: Vec<usize>,
    ) -> PyResult<SelfMut<'py>> {
        let matrix = matrix.matrix()?;
        slf.push(Operation::Unitary { matrix, controls: controls.into(), qubits: qubits.into() })?;
        Ok(slf)
    }

    /// Multiplies the state by `e^{i angle}`.
    fn global_phase<'py>(mut slf: SelfMut<'py>, angle: AnyAngle) -> PyResult<SelfMut<'py>> {
        slf.push(Operation::GlobalPhase(angle.get()?))?;
        Ok(slf)
    }

    /// Appends a noise channel.
    fn channel<'py>(mut slf: SelfMut<'py>, channel: Channel, qubits: Vec<usize>) -> PyResult<SelfMut<'py>> {
        slf.push(Operation::Channel { channel: channel.inner, qubits: qubits.into() })?;
        Ok(slf)
    }

    /// Measures a qubit into a classical bit; a register `c` of as many bits as qubits is added where there is none.
    fn measure<'py>(mut slf: SelfMut<'py>, qubit: usize, bit: usize) -> PyResult<SelfMut<'py>> {
        if slf.inner.num_bits() == 0 {
            let size = slf.inner.num_qubits();
            slf.inner.add_bits("c", size);
        }
        slf.push(Operation::Measure { qubit, bit })?;
        Ok(slf)
    }

    /// Measures every qubit into the bit of the same index.
    fn measure_all<'py>(mut slf: SelfMut<'py>) -> PyResult<SelfMut<'py>> {
        for qubit in 0..slf.inner.num_qubits() {
            slf = Self::measure(slf, qubit, qubit)?;
        }
        Ok(slf)
    }

    /// Puts a qubit into `|0>`.
    fn reset<'py>(mut slf: SelfMut<'py>, qubit: usize) -> PyResult<SelfMut<'py>> {
        slf.push(Operation::Reset { qubit })?;
        Ok(slf)
    }

    /// Keeps operations on these qubits from moving across; none means all.
    #[pyo3(signature = (qubits=Vec::new()))]
    fn barrier<'py>(mut slf: SelfMut<'py>, qubits: Vec<usize>) -> PyResult<SelfMut<'py>> {
        slf.push(Operation::Barrier { qubits })?;
        Ok(slf)
    }

    /// Lets qubits wait.
    fn delay<'py>(mut slf: SelfMut<'py>, duration_ns: f64, qubits: Vec<usize>) -> PyResult<SelfMut<'py>> {
        slf.push(Operation::Delay { duration_ns, qubits })?;
        Ok(slf)
    }

    /// Appends the operations of one circuit where classical bits have a value, those of another where they have not.
    ///
    /// The circuits use the qubits, bits and parameters of this one.
    #[pyo3(signature = (bits, value, then, otherwise=None))]
    fn conditional<'py>(
        mut slf: SelfMut<'py>,
        bits: Vec<usize>,
        value: u64,
        then: Circuit,
        otherwise: Option<Circuit>,
    ) -> PyResult<SelfMut<'py>> {
        let otherwise = otherwise.map_or(Vec::new(), |circuit| circuit.inner.operations().to_vec());
        let condition = circuits::Condition { bits, value };
        let block = circuits::Conditional { condition, then: then.inner.operations().to_vec(), otherwise };
        slf.push(Operation::Conditional(Box::new(block)))?;
        Ok(slf)
    }

    /// Appends the operations of another circuit, its parameters behind those of this one.
    fn append<'py>(mut slf: SelfMut<'py>, other: Circuit) -> PyResult<SelfMut<'py>> {
        slf.inner.append(&other.inner).map_err(error::of)?;
        Ok(slf)
    }

    /// The circuit with numbers in place of free parameters: a list of all in order, or some by name.
    fn bind(&self, values: &Bound<'_, PyAny>) -> PyResult<Self> {
        let inner = match values.cast::<PyDict>() {
            Ok(named) => self.inner.bind_named(&named.extract()?),
            Err(_) => self.inner.bind(values.extract::<Reals<'_>>()?.values()?),
        };
        Ok(Self { inner: inner.map_err(error::of)? })
    }

    /// The circuit without the measurements that nothing depends on afterwards, and their qubits and bits.
    fn split_measurements(&self) -> (Self, Vec<(usize, usize)>) {
        let (inner, last) = sim::split_last_measurements(&self.inner);
        (Self { inner }, last)
    }

    /// The qubits that an operation acts on.
    fn busy_qubits(&self) -> Vec<usize> {
        self.inner.busy_qubits()
    }

    /// The circuit on these qubits alone, an ascending list, numbered in their order; they must be all that operations act on.
    fn restricted(&self, qubits: Vec<usize>) -> PyResult<Self> {
        if !qubits.is_sorted_by(|one, two| one < two) {
            return Err(error::circuit(format!("the qubits {qubits:?} are not ascending; sort them, each once")));
        }
        if let Some(qubit) = self.inner.busy_qubits().iter().find(|qubit| !qubits.contains(qubit)) {
            return Err(error::circuit(format!("an operation acts on qubit {qubit}, which is not among those kept")));
        }
        if let Some(qubit) = qubits.iter().find(|&&qubit| qubit >= self.inner.num_qubits()) {
            return Err(error::missing(format!("qubit {qubit} is outside a circuit of {} qubits", self.inner.num_qubits())));
        }
        Ok(Self { inner: self.inner.restricted(&qubits) })
    }

    /// Whether a density operator is needed: there are channels, measurements or resets.
    #[getter]
    fn is_mixed(&self) -> bool {
        crate::energy::is_mixed(&self.inner)
    }

    /// The circuit that undoes this one.
    fn inverse(&self) -> PyResult<Self> {
        Ok(Self { inner: self.inner.inverse().map_err(error::of)? })
    }

    /// The unitary matrix, qubit 0 the least significant bit of an index.
    #[pyo3(signature = (parameters=None))]
    fn matrix<'py>(
        &self,
        py: Python<'py>,
        parameters: Option<Reals<'_>>,
    ) -> PyResult<Bound<'py, PyArray2<num_complex::Complex64>>> {
        let circuit = self.bound(parameters.as_ref())?;
        let matrix = work::long(py, move |_| sim::unitary(&circuit, config()).map_err(error::of))?;
        let dimension = matrix.dimension();
        matrix.entries().to_vec().into_pyarray(py).reshape([dimension, dimension])
    }

    /// The state vector after the circuit, which must be made of gates, from `initial` or from zeros.
    #[pyo3(signature = (parameters=None, initial=None))]
    fn state(
        &self,
        py: Python<'_>,
        parameters: Option<Reals<'_>>,
        initial: Option<PyRef<'_, StateVector>>,
    ) -> PyResult<StateVector> {
        let circuit = self.bound(parameters.as_ref())?;
        StateVector::of(py, circuit, initial.map(|state| Arc::clone(&state.inner)))
    }

    /// The density operator after the circuit, which may have channels, measurements and resets, from `initial` or from zeros.
    #[pyo3(signature = (parameters=None, initial=None))]
    fn density(
        &self,
        py: Python<'_>,
        parameters: Option<Reals<'_>>,
        initial: Option<PyRef<'_, PauliVector>>,
    ) -> PyResult<PauliVector> {
        let circuit = self.bound(parameters.as_ref())?;
        PauliVector::of(py, circuit, initial.map(|state| Arc::clone(&state.inner)))
    }

    fn __repr__(&self) -> String {
        let number = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let mut parts = vec![number(self.inner.num_qubits(), "qubit"), number(self.inner.operations().len(), "operation")];
        if self.inner.num_parameters() > 0 {
            parts.push(number(self.inner.num_parameters(), "parameter"));
        }
        format!("<Circuit: {}>", parts.join(", "))
    }

    /// A copy.
    fn copy(&self) -> Self {
        self.clone()
    }

    fn __copy__(&self) -> Self {
        self.clone()
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Self {
        self.clone()
    }
}

/// The rows of the gate table: name, other names, names of the angles, names of the qubits, and what the gate does.
///
/// >>> import qloom
/// >>> [row[2] for row in qloom.gates() if row[0] == "rx"]
/// [['theta']]
#[pyo3::pyfunction]
#[allow(clippy::type_complexity)]
pub fn gates() -> Vec<(&'static str, Vec<&'static str>, Vec<&'static str>, Vec<&'static str>, &'static str)> {
    let rows = Gate::all().map(Gate::spec);
    rows.map(|row| (row.name, row.aliases.to_vec(), row.parameters.to_vec(), row.qubits.to_vec(), row.documentation.trim()))
        .collect()
}

/// A Pauli string on a register.
pub(crate) fn letters(string: PauliString) -> (String, Vec<usize>) {
    let qubits: Vec<usize> = string.support().collect();
    (qubits.iter().map(|&qubit| string.letter(qubit).letter()).collect(), qubits)
}
