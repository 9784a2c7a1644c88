//! Quantum kernels.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::learn::{self, Encoding, MapSettings};

use crate::array::Reals;
use crate::error;
use crate::state::config;
use crate::work;

/// The fidelity kernel `|<phi(x)|phi(y)>|^2` of a feature map.
///
/// The map is a name (z, zz, angle, amplitude, iqp) or a dictionary of one with its settings, such as
/// `{"zz": {"reps": 1, "entanglement": "linear"}}`; `noise` is depolarizing noise such as `depolarizing1=1e-4, depolarizing2=1e-3`.
///
/// >>> from qloom import Kernel
/// >>> Kernel("angle", 1).gram([[0.0], [1.0]]).round(6).tolist()
/// [[1.0, 0.770151], [0.770151, 1.0]]
#[pyclass(frozen, module = "qloom")]
pub struct Kernel {
    inner: Arc<Mutex<learn::FidelityKernel>>,
    num_features: usize,
    map: String,
    noise: Option<String>,
}

/// Settings from a dictionary, a name, or JSON.
pub fn json(settings: &Bound<'_, PyAny>) -> PyResult<String> {
    match settings.extract::<String>() {
        Ok(text) if text.trim_start().starts_with('{') => Ok(text),
        Ok(name) => Ok(serde_json::json!({ name: {} }).to_string()),
        Err(_) => settings.py().import("json")?.call_method1("dumps", (settings,))?.extract(),
    }
}

/// What JSON says, as Python's dictionaries and lists.
pub fn dictionary(py: Python<'_>, text: String) -> PyResult<Bound<'_, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}

/// A matrix of faer as an array.
fn table<'py>(py: Python<'py>, matrix: &faer::Mat<f64>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (height, width) = (matrix.nrows(), matrix.ncols());
    let values: Vec<f64> = (0..height * width).map(|k| matrix[(k / width, k % width)]).collect();
    values.into_pyarray(py).reshape([height, width])
}

impl Kernel {
    fn table(&self, rows: &Reals<'_>) -> PyResult<Vec<f64>> {
        if rows.rows("rows", self.num_features)? == 0 {
            return Err(error::input("there are no rows; give at least one"));
        }
        Ok(rows.values()?.to_vec())
    }
}

#[pymethods]
impl Kernel {
    #[new]
    #[pyo3(signature = (map, num_features, noise=None))]
    fn new(map: &Bound<'_, PyAny>, num_features: usize, noise: Option<&str>) -> PyResult<Self> {
        let text = json(map)?;
        let settings: MapSettings =
            serde_json::from_str(&text).map_err(|error| error::learn(format!("the map {text}: {error}")))?;
        let mut encoding = Encoding::from(&settings);
        encoding.noise = noise.map(str::parse).transpose().map_err(|error: qloom::hardware::HardwareError| error::of(error))?;
        if num_features == 0 || num_features > 64 {
            return Err(error::input(format!("{num_features} features; a kernel takes 1 to 64")));
        }
        let inner = learn::FidelityKernel::new(encoding, num_features, config()).map_err(error::of)?;
        Ok(Self { inner: Arc::new(Mutex::new(inner)), num_features, map: text, noise: noise.map(str::to_owned) })
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).num_qubits()
    }

    /// Number of features of a row.
    #[getter]
    fn num_features(&self) -> usize {
        self.num_features
    }

    /// The kernel of all rows with each other.
    fn gram<'py>(&self, py: Python<'py>, rows: Reals<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (values, inner) = (self.table(&rows)?, Arc::clone(&self.inner));
        let gram =
            work::long(py, move |_| inner.lock().unwrap_or_else(PoisonError::into_inner).gram(&values).map_err(error::of))?;
        table(py, &gram)
    }

    /// The kernel of rows, down, with others, across.
    fn overlaps<'py>(&self, py: Python<'py>, rows: Reals<'py>, others: Reals<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (one, two, inner) = (self.table(&rows)?, self.table(&others)?, Arc::clone(&self.inner));
        let matrix = work::long(py, move |_| {
            let mut kernel = inner.lock().unwrap_or_else(PoisonError::into_inner);
            let (one, two) = (kernel.encode(&one).map_err(error::of)?, kernel.encode(&two).map_err(error::of)?);
            Ok(one.overlaps(&two, config().threads))
        })?;
        table(py, &matrix)
    }

    fn __repr__(&self) -> String {
        format!("<Kernel {} of {} features>", self.map, self.num_features)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let parts = (this.map.clone(), this.num_features, this.noise.clone()).into_pyobject(slf.py())?;
        Ok((slf.get_type().into_any(), parts))
    }
}
