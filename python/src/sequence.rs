//! Models of series that each have a label.

use std::sync::{Arc, Mutex};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use qloom::learn::{
    ModelSettings, Pooling, ReadoutSettings, Scaling, SequenceColumns, SequenceModelFile, SequenceTraining, Sequences,
};

use crate::array::Reals;
use crate::error;
use crate::kernel::json;
use crate::training::{self, Steps, lock, told};
use crate::work;

/// A model that tells the class of a series of any length, fitted in steps: epochs, or the one fit of a readout in closed form.
///
/// `model` and `readout` are as of `SeriesModel`, the readout ridge or gradient. Each series is `[time]` or `[time, input]`; `pooling` is
/// last or mean, over time. `test` has other series and their labels, of the same classes, of which events tell loss and accuracy; without,
/// they are those of training.
///
/// >>> import numpy as np
/// >>> from qloom import SequenceModel
/// >>> time = np.arange(60)
/// >>> series = [np.sin(0.3 * time + phase) for phase in range(6)] + [np.sin(0.9 * time + phase) for phase in range(6)]
/// >>> model = SequenceModel("echo-state", series, 6 * ["slow"] + 6 * ["fast"], readout="ridge", pooling="mean")
/// >>> model.fit()
/// >>> model.predict([np.sin(0.3 * time + 0.5), np.sin(0.9 * time + 0.5)])
/// ['slow', 'fast']
#[pyclass(frozen, module = "qloom")]
pub struct SequenceModel {
    training: Arc<Mutex<SequenceTraining>>,
    arguments: Py<PyTuple>,
    seed: u64,
}

impl Steps for SequenceTraining {
    fn next(&mut self) -> PyResult<Option<String>> {
        self.step().map_err(error::of)?.as_ref().map(told).transpose()
    }
}

/// Series row by row, and numbers of a row.
fn rows(series: &[Reals<'_>]) -> PyResult<(usize, Vec<Vec<f64>>)> {
    let width = |one: &Reals<'_>| match *one.shape() {
        [_] => Ok(1),
        [_, width] => Ok(width),
        ref shape => Err(error::input(format!("a series has the shape {shape:?}; it must be (steps,) or (steps, inputs)"))),
    };
    let inputs = series.first().map_or(Ok(1), width)?;
    for (number, one) in series.iter().enumerate() {
        let given = width(one)?;
        if given != inputs {
            return Err(error::input(format!("series {number} has {given} inputs, the first {inputs}; give each as many")));
        }
    }
    Ok((inputs, series.iter().map(|one| one.values().map(<[f64]>::to_vec)).collect::<PyResult<_>>()?))
}

/// Other series of classes that are known.
fn others(train: &Sequences, series: &[Reals<'_>], labels: &[String]) -> PyResult<Sequences> {
    let (inputs, rows) = rows(series)?;
    if inputs != train.inputs() {
        let expected = train.inputs();
        return Err(error::input(format!("test series have {inputs} inputs, those of training {expected}; give as many")));
    }
    let class = |label: &String| {
        let place = train.classes().iter().position(|class| class == label);
        place.ok_or_else(|| {
            error::input(format!("the label {label:?} is of no class of training: {}", train.classes().join(", ")))
        })
    };
    train.others(rows, labels.iter().map(class).collect::<PyResult<_>>()?).map_err(error::of)
}

#[pymethods]
impl SequenceModel {
    #[new]
    #[pyo3(signature = (model, series, labels, test=None, readout=None, pooling="last", seed=0, state=None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        model: Bound<'_, PyAny>,
        series: Bound<'_, PyAny>,
        labels: Vec<String>,
        test: Option<Bound<'_, PyAny>>,
        readout: Option<Bound<'_, PyAny>>,
        pooling: &str,
        seed: u64,
        state: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        let wrong = |what: &str, error: serde_json::Error| error::learn(format!("{what}: {error}"));
        let settings: ModelSettings = serde_json::from_str(&json(&model)?).map_err(|error| wrong("the model", error))?;
        let fit: ReadoutSettings = match &readout {
            Some(readout) => serde_json::from_str(&json(readout)?).map_err(|error| wrong("the readout", error))?,
            None => ReadoutSettings::Gradient(Default::default()),
        };
        let pooled: Pooling = serde_json::from_value(pooling.into()).map_err(|error| wrong("pooling", error))?;
        let (inputs, table) = rows(&series.extract::<Vec<Reals<'_>>>()?)?;
        let train = Sequences::new(inputs, table, &labels).map_err(error::of)?;
        let judged = match &test {
            Some(test) => {
                let (series, labels): (Vec<Reals<'_>>, Vec<String>) = test.extract()?;
                others(&train, &series, &labels)?
            }
            None => train.clone(),
        };
        let arguments = (model, series, labels, test, readout, pooling, seed).into_pyobject(py)?.unbind();
        let training = work::long(py, move |_| {
            let mut training = SequenceTraining::new(&settings, pooled, &fit, (train, judged), seed).map_err(error::of)?;
            if let Some(state) = state {
                let state = serde_json::from_slice(&state).map_err(|error| error::learn(format!("the state: {error}")))?;
                training.resume(&state).map_err(error::of)?;
            }
            Ok(training)
        })?;
        Ok(Self { training: Arc::new(Mutex::new(training)), arguments, seed })
    }

    /// The classes.
    #[getter]
    fn classes(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| lock(&self.training).train().classes().to_vec())
    }

    /// Number of steps in all.
    #[getter]
    fn epochs(&self, py: Python<'_>) -> usize {
        py.detach(|| lock(&self.training).epochs())
    }

    /// What the steps so far gave: dictionaries of epoch, train_loss, test_loss, train_accuracy and test_accuracy.
    #[getter]
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let text = py.detach(|| told(&lock(&self.training).events()))?;
        crate::kernel::dictionary(py, text)?.extract()
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

    /// The class of each series.
    fn predict(&self, py: Python<'_>, series: Vec<Reals<'_>>) -> PyResult<Vec<String>> {
        let (inputs, table) = rows(&series)?;
        let (training, seed) = (Arc::clone(&self.training), self.seed);
        work::long(py, move |_| {
            let training = lock(&training);
            let (train, model) = (training.train(), training.model());
            if inputs != train.inputs() {
                let expected = train.inputs();
                return Err(error::input(format!("the series have {inputs} inputs, those of training {expected}; give as many")));
            }
            // a copy, as reservoirs keep a state along a series
            let plain = vec![Scaling::NONE; inputs];
            let (id, label) = ("series".to_owned(), "label".to_owned());
            let columns = SequenceColumns { id, inputs: vec![String::new(); inputs], label, time: None };
            let file = SequenceModelFile::new(model, columns, plain, train.classes().to_vec(), seed);
            let slices: Vec<&[f64]> = table.iter().map(Vec::as_slice).collect();
            let told = file.model().and_then(|mut model| model.predict(&slices)).map_err(error::of)?;
            Ok(told.into_iter().map(|class| train.classes()[class].clone()).collect())
        })
    }

    /// The state as bytes; `SequenceModel(..., state=...)` goes on from it, to the same result.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = py.detach(|| serde_json::to_vec(&lock(&self.training).state())).map_err(error::learn)?;
        Ok(PyBytes::new(py, &state))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let (series, done) = py.detach(|| {
            let training = lock(&self.training);
            (training.train().len(), training.events().len())
        });
        format!("<SequenceModel of {series} series, {done} steps done>")
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let list = slf.get().arguments.bind(py).to_list();
        list.append(slf.get().state(py)?)?;
        Ok((slf.get_type().into_any(), list.to_tuple()))
    }
}
