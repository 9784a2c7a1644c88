//! What quantum kernels tell of rows: numbers, components, outliers, clusters.

use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use qloom::learn::{FeatureScale, Found, Preparation, RegressionFile, RegressionSettings, UnlabelledFile, UnlabelledSettings};
use serde::de::DeserializeOwned;

use crate::array::Reals;
use crate::error;
use crate::kernel::json;
use crate::state::config;
use crate::work;

/// Rows, and how many features each has.
fn table(rows: &Reals<'_>) -> PyResult<(Vec<f64>, usize)> {
    match *rows.shape() {
        [count, width] if count > 0 && width > 0 => Ok((rows.values()?.to_vec(), width)),
        ref shape => {
            Err(error::input(format!("rows have the shape {shape:?}; it must be (rows, features), at least one of each")))
        }
    }
}

/// Settings, and what is done to columns before.
fn read<T: DeserializeOwned>(settings: &Bound<'_, PyAny>, scale: &str) -> PyResult<(T, FeatureScale)> {
    let text = json(settings)?;
    let read = serde_json::from_str(&text).map_err(|error| error::learn(format!("the settings {text}: {error}")))?;
    let scale = serde_json::from_value(scale.into()).map_err(|error| error::input(format!("scale: {error}")))?;
    Ok((read, scale))
}

fn names(width: usize) -> Vec<String> {
    (0..width).map(|column| format!("x{column}")).collect()
}

/// A regression on a quantum kernel, fitted to rows and numbers.
///
/// The settings are kernel-ridge, kernel-svr or gaussian-process, or a dictionary of one with its settings, as `train.model` of `qloom train`
/// has them. `scale` is done to the columns, by the rows given here: none, min-max, angle or standard; targets are scaled in any case.
///
/// >>> import numpy as np
/// >>> from qloom import Regression
/// >>> x = np.linspace(0.0, 3.0, 12)[:, None]
/// >>> model = Regression({"gaussian-process": {"map": {"angle": {}}, "noise": 1e-6}}, x, np.cos(x[:, 0]))
/// >>> mean, deviation = model.predict_with_deviation([[1.0]])
/// >>> bool(abs(mean[0] - np.cos(1.0)) < 1e-3), bool(deviation[0] < 1e-3)
/// (True, True)
#[pyclass(frozen, module = "qloom")]
pub struct Regression(Arc<RegressionFile>);

/// Means, and deviations where there are some.
type Told<'py> = (Bound<'py, PyArray1<f64>>, Option<Bound<'py, PyArray1<f64>>>);

#[pymethods]
impl Regression {
    #[new]
    #[pyo3(signature = (settings, rows, targets, scale="none"))]
    fn new(py: Python<'_>, settings: &Bound<'_, PyAny>, rows: Reals<'_>, targets: Reals<'_>, scale: &str) -> PyResult<Self> {
        let (settings, scale): (RegressionSettings, _) = read(settings, scale)?;
        let ((rows, width), targets) = (table(&rows)?, targets.values()?.to_vec());
        let fitted = work::long(py, move |_| {
            let preparation = Preparation::fit(&rows, width, scale, None).map_err(error::of)?;
            let names = (names(width), "y".to_owned());
            RegressionFile::fit(&settings, names, preparation, (&rows, &targets), config()).map_err(error::of)
        })?;
        Ok(Self(Arc::new(fitted)))
    }

    /// The number told of each row.
    fn predict<'py>(&self, py: Python<'py>, rows: Reals<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(self.predict_with_deviation(py, rows)?.0)
    }

    /// The number told of each row, and of a Gaussian process its standard deviation, without the noise.
    fn predict_with_deviation<'py>(&self, py: Python<'py>, rows: Reals<'py>) -> PyResult<Told<'py>> {
        let (model, width, rows) = (Arc::clone(&self.0), self.0.columns.len(), rows);
        rows.rows("rows", width)?;
        let values = rows.values()?.to_vec();
        let told = work::long(py, move |_| model.predict(&values, config()).map_err(error::of))?;
        Ok((told.mean.into_pyarray(py), told.deviation.map(|deviation| deviation.into_pyarray(py))))
    }

    /// The model as JSON.
    fn to_json(&self) -> PyResult<String> {
        self.0.to_json().map_err(error::of)
    }

    /// A model of JSON, of `to_json` or of `qloom train`.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        Ok(Self(Arc::new(RegressionFile::from_json(text).map_err(error::of)?)))
    }

    fn __repr__(&self) -> String {
        format!("<Regression of {} features>", self.0.columns.len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// What a quantum kernel finds in rows without labels.
///
/// The settings are kernel-pca, one-class or spectral-clustering, or a dictionary of one with its settings, as `train.model` of `qloom train`
/// has them; `scale` as of `Regression`. The seed is for the starts of clusters.
///
/// >>> from qloom import Unlabelled
/// >>> rows = [[0.0], [0.1], [0.2], [3.0], [3.1]]
/// >>> found = Unlabelled({"spectral-clustering": {"map": {"angle": {}}}}, rows).tell(rows)
/// >>> bool(found[0] == found[1] == found[2] != found[3] == found[4])
/// True
#[pyclass(frozen, module = "qloom")]
pub struct Unlabelled(Arc<UnlabelledFile>);

#[pymethods]
impl Unlabelled {
    #[new]
    #[pyo3(signature = (settings, rows, scale="none", seed=0))]
    fn new(py: Python<'_>, settings: &Bound<'_, PyAny>, rows: Reals<'_>, scale: &str, seed: u64) -> PyResult<Self> {
        let (settings, scale): (UnlabelledSettings, _) = read(settings, scale)?;
        let (rows, width) = table(&rows)?;
        let fitted = work::long(py, move |_| {
            let preparation = Preparation::fit(&rows, width, scale, None).map_err(error::of)?;
            UnlabelledFile::fit(&settings, names(width), preparation, &rows, (config(), seed)).map_err(error::of)
        })?;
        Ok(Self(Arc::new(fitted)))
    }

    /// The share of the variance along each component; None of another kind.
    #[getter]
    fn variance_shares(&self) -> Option<Vec<f64>> {
        self.0.variance_shares().map(<[f64]>::to_vec)
    }

    /// The clusters of the rows it was fitted to; None of another kind.
    #[getter]
    fn clusters(&self) -> Option<Vec<usize>> {
        self.0.clusters().map(<[usize]>::to_vec)
    }

    /// What is told of rows: components `(rows, components)`, decisions `(rows,)`, positive inside, or clusters `(rows,)`, numbered from 0.
    fn tell<'py>(&self, py: Python<'py>, rows: Reals<'py>) -> PyResult<Bound<'py, PyAny>> {
        rows.rows("rows", self.0.columns.len())?;
        let (model, values) = (Arc::clone(&self.0), rows.values()?.to_vec());
        match work::long(py, move |_| model.tell(&values, config()).map_err(error::of))? {
            Found::Components(rows) => {
                let (count, width) = (rows.len(), rows.first().map_or(0, Vec::len));
                Ok(rows.concat().into_pyarray(py).reshape([count, width])?.into_any())
            }
            Found::Decisions(decisions) => Ok(decisions.into_pyarray(py).into_any()),
            Found::Clusters(clusters) => {
                Ok(clusters.into_iter().map(|cluster| cluster as i64).collect::<Vec<_>>().into_pyarray(py).into_any())
            }
        }
    }

    /// The model as JSON.
    fn to_json(&self) -> PyResult<String> {
        self.0.to_json().map_err(error::of)
    }

    /// A model of JSON, of `to_json` or of `qloom train`.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        Ok(Self(Arc::new(UnlabelledFile::from_json(text).map_err(error::of)?)))
    }

    fn __repr__(&self) -> String {
        format!("<Unlabelled, {} features>", self.0.columns.len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}
