//! Models of series: recurrent cells and reservoirs with a readout.

use std::sync::{Arc, Mutex};

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use qloom::learn::{ModelSettings, ReadoutSettings, SeriesTraining, WindowSettings, Windows};

use crate::array::Reals;
use crate::circuit::Circuit;
use crate::error;
use crate::kernel::{dictionary, json};
use crate::training::{self, Steps, lock, told};
use crate::work;

/// A model that tells values of a series from those before, fitted in steps: epochs, or the one fit of a readout in closed form.
///
/// `model`: qrnn, qgru, qlstm, rnn, gru, lstm, quantum-reservoir, spin-network or echo-state; `readout`: ridge, rls, force or gradient;
/// each a name or a dictionary of one with its settings, as `train.model` and `train.readout` of `qloom train` have them. `series` is
/// `[time]` or `[time, input]`; without `target` its only column is told. `windows` is a dictionary of window (values seen before one is
/// told, 4), horizon (1) and train_fraction (0.67, the first of the windows).
///
/// >>> import numpy as np
/// >>> from qloom import SeriesModel
/// >>> model = SeriesModel("echo-state", np.sin(0.3 * np.arange(80)), readout="ridge", windows={"window": 8})
/// >>> model.fit()
/// >>> told, wanted = model.told(), model.targets
/// >>> bool(np.abs(told - wanted)[model.num_training:].max() < 0.01)
/// True
#[pyclass(frozen, module = "qloom")]
pub struct SeriesModel {
    training: Arc<Mutex<SeriesTraining>>,
    arguments: Py<PyTuple>,
}

impl Steps for SeriesTraining {
    fn next(&mut self) -> PyResult<Option<String>> {
        self.step().map_err(error::of)?.as_ref().map(told).transpose()
    }
}

fn columns(series: &Reals<'_>) -> PyResult<Vec<Vec<f64>>> {
    let width = match *series.shape() {
        [_] => 1,
        [_, width] => width,
        ref shape => {
            return Err(error::input(format!("the series has the shape {shape:?}; it must be (steps,) or (steps, inputs)")));
        }
    };
    let values = series.values()?;
    Ok((0..width).map(|input| values.iter().skip(input).step_by(width).copied().collect()).collect())
}

/// Windows of a series that tell its own column, or a target.
fn cut(series: &Reals<'_>, target: Option<&Reals<'_>>, settings: &WindowSettings) -> PyResult<Windows> {
    let columns = columns(series)?;
    let inputs: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    match (target, &inputs[..]) {
        (Some(target), _) => Windows::new(&inputs, target.values()?, settings).map_err(error::of),
        (None, [only]) => Windows::of_series(only, settings).map_err(error::of),
        (None, _) => Err(error::input(format!("the series has {} columns; say by target what is to be told", inputs.len()))),
    }
}

#[pymethods]
impl SeriesModel {
    #[new]
    #[pyo3(signature = (model, series, target=None, readout=None, windows=None, seed=0, state=None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        model: Bound<'_, PyAny>,
        series: Bound<'_, PyAny>,
        target: Option<Bound<'_, PyAny>>,
        readout: Option<Bound<'_, PyAny>>,
        windows: Option<Bound<'_, PyAny>>,
        seed: u64,
        state: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        let wrong = |what: &str, error: serde_json::Error| error::learn(format!("{what}: {error}"));
        let settings: ModelSettings = serde_json::from_str(&json(&model)?).map_err(|error| wrong("the model", error))?;
        let fit: ReadoutSettings = match &readout {
            Some(readout) => serde_json::from_str(&json(readout)?).map_err(|error| wrong("the readout", error))?,
            None => ReadoutSettings::Gradient(Default::default()),
        };
        let sizes: WindowSettings = match &windows {
            Some(windows) => serde_json::from_str(&json(windows)?).map_err(|error| wrong("windows", error))?,
            None => WindowSettings::default(),
        };
        let wanted = target.as_ref().map(|target| target.extract::<Reals<'_>>()).transpose()?;
        let cut = cut(&series.extract()?, wanted.as_ref(), &sizes)?;
        let arguments = (model, series, target, readout, windows, seed).into_pyobject(py)?.unbind();
        let training = work::long(py, move |_| {
            let mut training = SeriesTraining::of_model(&settings, &fit, cut, seed).map_err(error::of)?;
            if let Some(state) = state {
                let state = serde_json::from_slice(&state).map_err(|error| error::learn(format!("the state: {error}")))?;
                training.resume(&state).map_err(error::of)?;
            }
            Ok(training)
        })?;
        Ok(Self { training: Arc::new(Mutex::new(training)), arguments })
    }

    /// Number of steps in all.
    #[getter]
    fn epochs(&self, py: Python<'_>) -> usize {
        py.detach(|| lock(&self.training).epochs())
    }

    /// How many windows the model is trained on; they are the first.
    #[getter]
    fn num_training(&self, py: Python<'_>) -> usize {
        py.detach(|| lock(&self.training).windows().training())
    }

    /// The value to be told of each window.
    #[getter]
    fn targets<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        py.detach(|| lock(&self.training).windows().targets().to_vec()).into_pyarray(py)
    }

    /// What the steps so far gave: dictionaries of epoch, train_loss and test_loss, mean square errors.
    #[getter]
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let text = py.detach(|| serde_json::to_string(lock(&self.training).events())).map_err(error::learn)?;
        dictionary(py, text)?.extract()
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

    /// What the model tells of each window, those of training first.
    fn told<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let training = Arc::clone(&self.training);
        let told = work::long(py, move |_| {
            let training = lock(&training);
            training.told(0..training.windows().len()).map_err(error::of)
        })?;
        Ok(told.into_pyarray(py))
    }

    /// The circuits of the model, by name.
    fn circuits(&self, py: Python<'_>) -> PyResult<Vec<(String, Circuit)>> {
        let circuits = py.detach(|| lock(&self.training).model().circuits().map_err(error::of))?;
        Ok(circuits.into_iter().map(|(name, inner)| (name, Circuit { inner })).collect())
    }

    /// The state as bytes; `SeriesModel(..., state=...)` goes on from it, to the same result.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = py.detach(|| serde_json::to_vec(&lock(&self.training).state())).map_err(error::learn)?;
        Ok(PyBytes::new(py, &state))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let (windows, done) = py.detach(|| {
            let training = lock(&self.training);
            (training.windows().len(), training.events().len())
        });
        format!("<SeriesModel of {windows} windows, {done} steps done>")
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let list = slf.get().arguments.bind(py).to_list();
        list.append(slf.get().state(py)?)?;
        Ok((slf.get_type().into_any(), list.to_tuple()))
    }
}
