//! Circuits at many parameter vectors at a time.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::{IntoPyArray, PyArray2, PyArray3, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use qloom::circuits;
use qloom::sim::{self, BatchGradients, BatchParameters};

use crate::array::Reals;
use crate::circuit::Circuit;
use crate::energy::is_mixed;
use crate::error;
use crate::pauli::PauliSum;
use crate::state::{PauliVector, StateVector, config};
use crate::work;

/// A circuit in states of one kind.
enum Compiled {
    Pure(Box<sim::Batch<f64>>),
    Mixed(Box<sim::PauliBatch>),
}

/// A circuit and observables, evaluated for many parameter vectors at a time: one row each.
///
/// Parameters that all rows share come first in the circuit and are given once, as `shared`. Up to 16 qubits every lane of a vector
/// register carries a row; the threads of the machine share the rows, and the results do not depend on their number.
///
/// >>> import numpy as np
/// >>> from qloom import Angle, Batch, Circuit, PauliSum
/// >>> batch = Batch(Circuit(1).ry(Angle(0), 0), [PauliSum({"Z": 1.0})])
/// >>> batch.values(np.array([[0.0], [0.5]])).round(6).tolist()
/// [[1.0], [0.877583]]
#[pyclass(frozen, module = "qloom")]
pub struct Batch {
    circuit: circuits::Circuit,
    observables: Vec<circuits::PauliSum>,
    compiled: Arc<Mutex<Compiled>>,
    threads: Option<usize>,
    inputs: Option<Vec<Arc<sim::StateVector<f64>>>>,
}

/// Parameters of a call, as many rows as there are.
struct Call {
    shared: Vec<f64>,
    rows: Vec<f64>,
    count: usize,
}

impl Batch {
    fn call(&self, parameters: &Reals<'_>, shared: Option<&Reals<'_>>) -> PyResult<Call> {
        let shared = shared.map(Reals::values).transpose()?.unwrap_or_default().to_vec();
        let Some(width) = self.circuit.num_parameters().checked_sub(shared.len()) else {
            let (given, most) = (shared.len(), self.circuit.num_parameters());
            return Err(error::input(format!("{given} shared parameters; the circuit has {most}")));
        };
        let count = match *parameters.shape() {
            [rows, 0] if width == 0 => rows,
            _ => parameters.rows("parameters", width)?,
        };
        if count == 0 {
            return Err(error::input("there are no rows; give at least one"));
        }
        Ok(Call { shared, rows: parameters.values()?.to_vec(), count })
    }

    fn run<T: Send + 'static>(
        &self,
        py: Python<'_>,
        call: Call,
        work: impl FnOnce(&mut Compiled, &Call) -> Result<T, sim::SimError> + Send + 'static,
    ) -> PyResult<T> {
        let (compiled, rows) = (Arc::clone(&self.compiled), call.count);
        let work = move || work(&mut compiled.lock().unwrap_or_else(PoisonError::into_inner), &call).map_err(error::of);
        // a few rows of a small circuit take less time than a thread takes to start
        match self.circuit.num_qubits() < 8 && rows * self.circuit.operations().len() < 1000 {
            true => work::quick(work),
            false => work::long(py, move |_| work()),
        }
    }
}

impl Call {
    fn parameters(&self) -> BatchParameters<'_> {
        BatchParameters { shared: &self.shared, rows: &self.rows }
    }
}

#[pymethods]
impl Batch {
    /// Compiles the circuit; `threads` is by default the machine's; row k starts from `inputs[k]`, if there are any.
    #[new]
    #[pyo3(signature = (circuit, observables, threads=None, inputs=None))]
    fn new(
        circuit: &Circuit,
        observables: Vec<PauliSum>,
        threads: Option<usize>,
        inputs: Option<Vec<PyRef<'_, StateVector>>>,
    ) -> PyResult<Self> {
        let circuit = circuit.inner.clone();
        let observables: Vec<circuits::PauliSum> = observables.into_iter().map(|observable| observable.inner).collect();
        let config = sim::SimulatorConfig { threads: threads.unwrap_or(config().threads).max(1), ..config() };
        let states: Option<Vec<_>> = inputs.map(|inputs| inputs.iter().map(|state| Arc::clone(&state.inner)).collect());
        let mut compiled = match is_mixed(&circuit) {
            true => Compiled::Mixed(Box::new(sim::PauliBatch::new(&circuit, &observables, config).map_err(error::of)?)),
            false => Compiled::Pure(Box::new(sim::Batch::new(&circuit, &observables, config).map_err(error::of)?)),
        };
        if let Some(states) = &states {
            let copies = states.iter().map(|state| state.try_clone()).collect::<Result<Vec<_>, _>>().map_err(error::of)?;
            match &mut compiled {
                Compiled::Pure(batch) => batch.set_inputs(Some(copies)).map_err(error::of)?,
                Compiled::Mixed(_) => return Err(error::unsupported("inputs are of circuits of gates; put their gates first")),
            }
        }
        Ok(Self { circuit, observables, compiled: Arc::new(Mutex::new(compiled)), threads, inputs: states })
    }

    /// Number of parameters of the circuit.
    #[getter]
    fn num_parameters(&self) -> usize {
        self.circuit.num_parameters()
    }

    /// Number of observables.
    #[getter]
    fn num_observables(&self) -> usize {
        self.observables.len()
    }

    /// Expectation values, `[row, observable]`.
    #[pyo3(signature = (parameters, shared=None))]
    fn values<'py>(
        &self,
        py: Python<'py>,
        parameters: Reals<'py>,
        shared: Option<Reals<'py>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let call = self.call(&parameters, shared.as_ref())?;
        let (rows, observables) = (call.count, self.observables.len());
        let values = self.run(py, call, move |compiled, call| {
            let mut values = vec![0.0; rows * observables];
            match compiled {
                Compiled::Pure(batch) => batch.values(call.parameters(), &mut values)?,
                Compiled::Mixed(batch) => batch.values(call.parameters(), &mut values)?,
            }
            Ok(values)
        })?;
        values.into_pyarray(py).reshape([rows, observables])
    }

    /// Expectation values, `[row, observable]`, and the derivative of each by each parameter, `[row, observable, parameter]`.
    #[pyo3(signature = (parameters, shared=None))]
    #[allow(clippy::type_complexity)]
    fn values_and_gradients<'py>(
        &self,
        py: Python<'py>,
        parameters: Reals<'py>,
        shared: Option<Reals<'py>>,
    ) -> PyResult<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray3<f64>>)> {
        let call = self.call(&parameters, shared.as_ref())?;
        let (rows, observables, count) = (call.count, self.observables.len(), self.circuit.num_parameters());
        let (values, gradients) = self.run(py, call, move |compiled, call| {
            let (mut values, mut gradients) = (vec![0.0; rows * observables], vec![0.0; rows * observables * count]);
            match compiled {
                Compiled::Pure(batch) => batch.values_and_gradients(call.parameters(), &mut values, &mut gradients)?,
                Compiled::Mixed(batch) => batch.values_and_gradients(call.parameters(), &mut values, &mut gradients)?,
            }
            Ok((values, gradients))
        })?;
        let gradients = gradients.into_pyarray(py).reshape([rows, observables, count])?;
        Ok((values.into_pyarray(py).reshape([rows, observables])?, gradients))
    }

    /// Expectation values, and the product of cotangents, `[row, observable]`, with the Jacobian: by the parameters of each row, and by
    /// the shared ones, summed over the rows. However many observables there are, it takes one pass forward and one back.
    #[pyo3(signature = (parameters, cotangents, shared=None))]
    #[allow(clippy::type_complexity)]
    fn vjp<'py>(
        &self,
        py: Python<'py>,
        parameters: Reals<'py>,
        cotangents: Reals<'py>,
        shared: Option<Reals<'py>>,
    ) -> PyResult<(Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<f64>>, Bound<'py, numpy::PyArray1<f64>>)> {
        let call = self.call(&parameters, shared.as_ref())?;
        let (rows, observables) = (call.count, self.observables.len());
        let given = cotangents.rows("cotangents", observables)?;
        if given != rows {
            return Err(error::input(format!("cotangents of {given} rows for {rows} rows of parameters")));
        }
        let cotangents = cotangents.values()?.to_vec();
        let width = self.circuit.num_parameters() - call.shared.len();
        let (values, by_row, by_shared) = self.run(py, call, move |compiled, call| {
            let (mut values, mut by_row) = (vec![0.0; rows * observables], vec![0.0; call.rows.len()]);
            let mut by_shared = vec![0.0; call.shared.len()];
            let gradients = BatchGradients { shared: &mut by_shared, rows: &mut by_row };
            match compiled {
                Compiled::Pure(batch) => batch.vjp(call.parameters(), &cotangents, &mut values, gradients)?,
                Compiled::Mixed(batch) => batch.vjp(call.parameters(), &cotangents, &mut values, gradients)?,
            }
            Ok((values, by_row, by_shared))
        })?;
        let by_row = by_row.into_pyarray(py).reshape([rows, width])?;
        Ok((values.into_pyarray(py).reshape([rows, observables])?, by_row, by_shared.into_pyarray(py)))
    }

    /// The state after the circuit, one a row.
    #[pyo3(signature = (parameters, shared=None))]
    fn states<'py>(&self, py: Python<'py>, parameters: Reals<'py>, shared: Option<Reals<'py>>) -> PyResult<Bound<'py, PyList>> {
        let call = self.call(&parameters, shared.as_ref())?;
        let states = self.run(py, call, |compiled, call| match compiled {
            Compiled::Pure(batch) => Ok((batch.states(call.parameters())?, Vec::new())),
            Compiled::Mixed(batch) => Ok((Vec::new(), batch.states(call.parameters())?)),
        })?;
        let list = PyList::empty(py);
        for state in states.0 {
            list.append(StateVector { inner: Arc::new(state) })?;
        }
        for state in states.1 {
            list.append(PauliVector { inner: Arc::new(state) })?;
        }
        Ok(list)
    }

    fn __repr__(&self) -> String {
        let (qubits, parameters) = (self.circuit.num_qubits(), self.circuit.num_parameters());
        format!("<Batch: {qubits} qubits, {parameters} parameters, {} observables>", self.observables.len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let observables: Vec<PauliSum> = this.observables.iter().map(|inner| PauliSum { inner: inner.clone() }).collect();
        let inputs: Option<Vec<StateVector>> =
            this.inputs.as_ref().map(|list| list.iter().map(|inner| StateVector { inner: Arc::clone(inner) }).collect());
        let parts = (Circuit { inner: this.circuit.clone() }, observables, this.threads, inputs);
        Ok((slf.get_type().into_any(), parts.into_pyobject(slf.py())?))
    }
}
