//! Programs of OpenQASM 3 with classical values and control flow.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};
use qloom::circuits::program::{ExternFunction, HybridProgram, RunOptions, Value};
use qloom::circuits::{Stream, qasm};
use qloom::sim::{Branching, Course, HybridExecutable, PauliVector, ProgramNoise, SimError, StateVector};

use crate::circuit::Circuit;
use crate::device::Device;
use crate::error;
use crate::noise::NoiseModel;
use crate::search::Pending;
use crate::state::config;
use crate::work;

/// A program of OpenQASM 3 with classical values, loops, subroutines and timing.
///
/// Values come as int, float, bool or complex, bits as text with bit 0 rightmost, arrays as lists, durations as text.
///
/// >>> from qloom import Program
/// >>> text = 'OPENQASM 3.0; include "stdgates.inc"; qubit q; output int n; bit c = 1; while (c) { h q; c = measure q; n += 1; }'
/// >>> program = Program(text)
/// >>> program.outputs
/// [('n', 'int')]
/// >>> [(round(share, 4), values["n"]) for share, values in program.courses()[:3]]
/// [(0.5, 1), (0.25, 2), (0.125, 3)]
#[pyclass(frozen, module = "qloom")]
pub struct Program {
    inner: Arc<HybridProgram>,
    text: String,
}

/// What a course of a program gave, and its share.
type Ends = Vec<(f64, Vec<Value>)>;

/// A value as Python has it.
fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        Value::Int(whole) => whole.value().into_pyobject(py)?.into_any(),
        Value::Float(..) | Value::Angle { .. } => value.real().into_pyobject(py)?.into_any(),
        Value::Complex(number, _) => number.into_pyobject(py)?.into_any(),
        Value::Array(array) => {
            let mut items = array.items.iter().map(|item| to_python(py, item)).collect::<PyResult<Vec<_>>>()?;
            for dimension in array.dimensions.iter().skip(1).rev() {
                let rows = items.chunks((*dimension).max(1)).map(|row| Ok(PyList::new(py, row)?.into_any()));
                items = rows.collect::<PyResult<_>>()?;
            }
            PyList::new(py, items)?.into_any()
        }
        other => other.to_string().into_pyobject(py)?.into_any(),
    })
}

/// A value of Python: a number, a truth value, or bits as text.
fn to_value(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_string();
        return match !text.is_empty() && text.chars().all(|digit| "01".contains(digit)) {
            true => Ok(Value::bit_string(&text)),
            false => Err(error::input(format!("{text:?} is no value of a program; text is of the bits 0 and 1"))),
        };
    }
    if let Ok(whole) = value.extract::<i64>() {
        return Ok(Value::int(whole));
    }
    if let Ok(real) = value.extract::<f64>() {
        return Ok(Value::float(real));
    }
    match value.extract::<Complex64>() {
        Ok(number) => Ok(Value::Complex(number, 64)),
        Err(_) => {
            let name = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            Err(error::kind(format!("a {name} is no value of a program; pass a number, a truth value, or bits as text")))
        }
    }
}

/// A function of Python for what a program declares as extern; its exception waits for the end of the work.
fn function(call: Py<PyAny>, pending: Pending) -> Arc<ExternFunction> {
    Arc::new(move |arguments: &[Value]| {
        Python::attach(|py| {
            let arguments = arguments.iter().map(|value| to_python(py, value)).collect::<PyResult<Vec<_>>>();
            let answer = arguments.and_then(|list| to_value(&call.bind(py).call1(PyTuple::new(py, list)?)?));
            answer.map_err(|error| {
                let text = error.to_string();
                pending.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
                text
            })
        })
    })
}

/// What a program is run with.
struct Job {
    program: Arc<HybridProgram>,
    options: RunOptions,
    noise: Option<NoiseModel>,
    pending: Pending,
    /// Shots and their seed; all courses with their probabilities otherwise.
    shots: Option<(u64, u64)>,
    limit: usize,
}

impl Job {
    fn run(&self, stop: &AtomicBool) -> PyResult<Ends> {
        let done = match &self.noise {
            None => self.on::<StateVector<f64>>(None, stop),
            Some(noise) => {
                let (model, flips) = (noise.inner.clone(), noise.inner.readout.clone());
                let gates = move |circuit: &_| model.apply(circuit).map_err(|error| error.to_string());
                self.on::<PauliVector>(Some(ProgramNoise { gates: Box::new(gates), flips }), stop)
            }
        };
        crate::search::taken(&self.pending)?;
        done.map_err(error::of)
    }

    fn on<S: Branching>(&self, noise: Option<ProgramNoise<'_>>, stop: &AtomicBool) -> Result<Ends, SimError> {
        let executable = match noise {
            None => HybridExecutable::<S>::new(&self.program, &self.options)?,
            Some(noise) => HybridExecutable::<S>::noisy(&self.program, &self.options, noise)?,
        };
        let mut ends = Ends::new();
        let mut end = |course: Course<S>| {
            match ends.iter_mut().find(|(_, outputs)| *outputs == course.outputs) {
                Some((share, _)) => *share += course.share,
                None => ends.push((course.share, course.outputs)),
            }
            match stop.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        match self.shots {
            Some((shots, seed)) => executable.shots(shots, config(), &mut Stream::named(seed, "shots"), &mut end)?,
            None => executable.courses(self.limit, config(), &mut end).map(drop)?,
        }
        ends.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        Ok(ends)
    }
}

/// Inputs and functions of a run, by name.
type Given<'py> = Option<BTreeMap<String, Bound<'py, PyAny>>>;

impl Program {
    fn job(&self, inputs: Given<'_>, externs: Given<'_>, noise: Option<NoiseModel>) -> PyResult<Job> {
        let (mut options, pending) = (RunOptions::default(), Pending::default());
        let known = self.inner.inputs();
        for (name, value) in inputs.unwrap_or_default() {
            if !known.iter().any(|(input, _)| *input == name) {
                let names: Vec<&str> = known.iter().map(|(input, _)| *input).collect();
                return Err(error::missing(format!("the program has no input {name:?}; it has {names:?}")));
            }
            options.inputs.insert(name, to_value(&value)?);
        }
        for (name, call) in externs.unwrap_or_default() {
            options.externs.insert(name, function(call.unbind(), Arc::clone(&pending)));
        }
        Ok(Job { program: Arc::clone(&self.inner), options, noise, pending, shots: None, limit: 0 })
    }

    /// Runs it; pairs of a share and the outputs by name.
    fn run<'py>(&self, py: Python<'py>, job: Job) -> PyResult<Vec<(f64, Bound<'py, PyDict>)>> {
        let names: Vec<String> = self.inner.outputs().into_iter().map(|(name, _)| name.to_owned()).collect();
        let ends = work::long(py, move |stop| job.run(stop))?;
        let named = |(share, values): (f64, Vec<Value>)| {
            let outputs = PyDict::new(py);
            for (name, value) in names.iter().zip(&values) {
                outputs.set_item(name, to_python(py, value)?)?;
            }
            Ok((share, outputs))
        };
        ends.into_iter().map(named).collect()
    }
}

#[pymethods]
impl Program {
    /// Reads a program of OpenQASM 3.
    #[new]
    fn new(py: Python<'_>, text: String) -> PyResult<Self> {
        let read = text.clone();
        let inner = work::long(py, move |_| qasm::read_program(&read).map_err(error::of))?;
        Ok(Self { inner: Arc::new(inner), text })
    }

    /// The program as it was read.
    #[getter]
    fn text(&self) -> &str {
        &self.text
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.num_qubits()
    }

    /// Names and types of the values that have to be given.
    #[getter]
    fn inputs(&self) -> Vec<(String, String)> {
        self.inner.inputs().into_iter().map(|(name, kind)| (name.to_owned(), kind.to_string())).collect()
    }

    /// Names and types of the values that a run gives: those declared as output, or all outside of blocks where there is none.
    #[getter]
    fn outputs(&self) -> Vec<(String, String)> {
        self.inner.outputs().into_iter().map(|(name, kind)| (name.to_owned(), kind.to_string())).collect()
    }

    /// What is doubtful, though it runs: line, column and message.
    #[getter]
    fn warnings(&self) -> Vec<(usize, usize, String)> {
        self.inner.warnings().iter().map(|warning| (warning.line, warning.column, warning.message.clone())).collect()
    }

    /// All that can come out, the likeliest first: probability and outputs by name; courses below 1e-15 are left out.
    ///
    /// `externs` are functions by name for what the program declares as extern; they have to depend on their arguments alone. Under noise
    /// the state is a Pauli vector.
    #[pyo3(signature = (inputs=None, externs=None, noise=None, limit=4096))]
    fn courses<'py>(
        &self,
        py: Python<'py>,
        inputs: Given<'py>,
        externs: Given<'py>,
        noise: Option<NoiseModel>,
        limit: usize,
    ) -> PyResult<Vec<(f64, Bound<'py, PyDict>)>> {
        let job = Job { limit, ..self.job(inputs, externs, noise)? };
        self.run(py, job)
    }

    /// Runs shots: outputs by name and how often they came, the most frequent first.
    #[pyo3(signature = (shots, inputs=None, externs=None, noise=None, seed=0))]
    fn counts<'py>(
        &self,
        py: Python<'py>,
        shots: u64,
        inputs: Given<'py>,
        externs: Given<'py>,
        noise: Option<NoiseModel>,
        seed: u64,
    ) -> PyResult<Vec<(u64, Bound<'py, PyDict>)>> {
        let job = Job { shots: Some((shots, seed)), ..self.job(inputs, externs, noise)? };
        Ok(self.run(py, job)?.into_iter().map(|(count, outputs)| (count as u64, outputs)).collect())
    }

    /// The program as a circuit of at most `limit` operations, loops unrolled and subroutines written out. With a device what it times is
    /// worked out: `dt`, `durationof`, boxes and stretches become delays.
    #[pyo3(signature = (device=None, limit=1_000_000))]
    fn circuit(&self, py: Python<'_>, device: Option<Device>, limit: usize) -> PyResult<Circuit> {
        let program = Arc::clone(&self.inner);
        let durations = device.map(|device| device.inner.durations()).transpose().map_err(error::of)?;
        let inner = work::long(py, move |_| match &durations {
            None => program.circuit(limit).map_err(error::of),
            Some(durations) => program.scheduled(limit, durations).map_err(error::of),
        })?;
        Ok(Circuit { inner })
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.text == other.text
    }

    fn __repr__(&self) -> String {
        let names: Vec<&str> = self.inner.outputs().into_iter().map(|(name, _)| name).collect();
        format!("<Program: {} qubits, outputs {}>", self.inner.num_qubits(), names.join(", "))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (String,)) {
        (slf.get_type().into_any(), (slf.get().text.clone(),))
    }
}
