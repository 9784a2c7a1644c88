//! Classifiers of labelled rows: variational circuits and machines on quantum kernels.

use std::sync::{Arc, Mutex};

use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use qloom::learn::{ClassifierSettings, ClassifierTraining, Examples};

use crate::array::Reals;
use crate::circuit::Circuit;
use crate::error;
use crate::kernel::dictionary;
use crate::state::config;
use crate::training::{self, Steps, lock, told};
use crate::work;

/// A classifier of rows, fitted in steps: epochs of a circuit, or of a kernel with trained angles; one step of other kernel machines.
///
/// The settings are a name (variational, kernel-svm, gaussian-process, pegasos, nystroem) or a dictionary of one with its settings, as
/// `train.model` of `qloom train` has them.
///
/// >>> from qloom import Classifier
/// >>> rows, labels = [[0.1, 0.2], [0.2, 0.1], [2.9, 3.0], [3.0, 2.8]], ["low", "low", "high", "high"]
/// >>> classifier = Classifier({"kernel-svm": {"map": {"angle": {}}}}, rows, labels)
/// >>> classifier.fit()
/// >>> classifier.predict([[0.0, 0.0], [3.1, 3.1]])
/// ['low', 'high']
#[pyclass(frozen, module = "qloom")]
pub struct Classifier {
    training: Arc<Mutex<ClassifierTraining>>,
    settings: String,
    examples: Examples,
    seed: u64,
}

impl Steps for ClassifierTraining {
    fn next(&mut self) -> PyResult<Option<String>> {
        self.step().map_err(error::of)?.as_ref().map(told).transpose()
    }
}

impl Classifier {
    fn table(&self, rows: &Reals<'_>) -> PyResult<Vec<f64>> {
        rows.rows("rows", self.examples.width())?;
        Ok(rows.values()?.to_vec())
    }
}

#[pymethods]
impl Classifier {
    #[new]
    #[pyo3(signature = (settings, rows, labels, seed=0, state=None))]
    fn new(
        py: Python<'_>,
        settings: &Bound<'_, PyAny>,
        rows: Reals<'_>,
        labels: Vec<String>,
        seed: u64,
        state: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        let text = crate::kernel::json(settings)?;
        let read: ClassifierSettings =
            serde_json::from_str(&text).map_err(|error| error::learn(format!("the classifier {text}: {error}")))?;
        let [count, width] = *rows.shape() else {
            return Err(error::input(format!("rows have the shape {:?}; it must be (rows, features)", rows.shape())));
        };
        if labels.len() != count {
            let given = labels.len();
            return Err(error::input(format!("there are {given} labels for {count} rows; give each row one")));
        }
        let examples = Examples::new(rows.values()?.to_vec(), width, &labels).map_err(error::of)?;
        let kept = examples.clone();
        let training = work::long(py, move |_| {
            let mut training = ClassifierTraining::new(&read, examples, config(), seed).map_err(error::of)?;
            if let Some(state) = state {
                let state = serde_json::from_slice(&state).map_err(|error| error::learn(format!("the state: {error}")))?;
                training.resume(&state).map_err(error::of)?;
            }
            Ok(training)
        })?;
        Ok(Self { training: Arc::new(Mutex::new(training)), settings: text, examples: kept, seed })
    }

    /// The classes, in the order of scores.
    #[getter]
    fn classes(&self) -> Vec<String> {
        self.examples.classes().to_vec()
    }

    /// Number of steps in all.
    #[getter]
    fn epochs(&self, py: Python<'_>) -> usize {
        py.detach(|| lock(&self.training).epochs())
    }

    /// What the steps so far gave: dictionaries of epoch, loss and accuracy.
    #[getter]
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let events: Vec<String> = py.detach(|| lock(&self.training).events().iter().map(told).collect::<PyResult<_>>())?;
        events.into_iter().map(|event| dictionary(py, event)).collect()
    }

    /// One step more, as a dictionary; none when all are done.
    fn step<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        training::step(py, &self.training)
    }

    /// All steps that are left; `on_event` is called with each. After Ctrl-C the steps done are kept.
    #[pyo3(signature = (on_event=None))]
    fn fit(&self, py: Python<'_>, on_event: Option<Py<PyAny>>) -> PyResult<()> {
        training::fit(py, &self.training, on_event)
    }

    /// The class of each row.
    fn predict(&self, py: Python<'_>, rows: Reals<'_>) -> PyResult<Vec<String>> {
        let (values, training) = (self.table(&rows)?, Arc::clone(&self.training));
        let told = work::long(py, move |_| lock(&training).predict(&values).map_err(error::of))?;
        Ok(told.into_iter().map(|class| self.examples.classes()[class].clone()).collect())
    }

    /// A score for each row, down, and class, across: larger for the class that is told.
    fn scores<'py>(&self, py: Python<'py>, rows: Reals<'_>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (values, training) = (self.table(&rows)?, Arc::clone(&self.training));
        let (count, classes) = (values.len() / self.examples.width(), self.examples.classes().len());
        let scores = work::long(py, move |_| lock(&training).scores(&values).map_err(error::of))?;
        scores.into_pyarray(py).reshape([count, classes])
    }

    /// The trained circuit and its weights, which are its first parameters, the angles of a row behind them; none of a kernel machine.
    fn circuit(&self, py: Python<'_>) -> Option<(Circuit, Vec<f64>)> {
        py.detach(|| {
            let training = lock(&self.training);
            training.circuit().map(|(circuit, weights)| (Circuit { inner: circuit.clone() }, weights.to_vec()))
        })
    }

    /// The state as bytes; `Classifier(..., state=...)` goes on from it, to the same result.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = py.detach(|| serde_json::to_vec(&lock(&self.training).state())).map_err(error::learn)?;
        Ok(PyBytes::new(py, &state))
    }

    fn __repr__(&self) -> String {
        let (rows, classes) = (self.examples.len(), self.examples.classes().len());
        format!("<Classifier of {rows} rows, {classes} classes>")
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, this) = (slf.py(), slf.get());
        let (rows, width) = (this.examples.len(), this.examples.width());
        let table = this.examples.features().to_vec().into_pyarray(py).reshape([rows, width])?;
        let labels: Vec<&str> = this.examples.labels().iter().map(|&label| this.examples.classes()[label].as_str()).collect();
        let parts = (this.settings.clone(), table, labels, this.seed, this.state(py)?).into_pyobject(py)?;
        Ok((slf.get_type().into_any(), parts))
    }
}
