//! What kernels and circuits are worth before anything is trained.

use pyo3::prelude::*;
use qloom::circuits::Stream;
use qloom::learn::{self, VariationalSettings};
use serde_json::Value;

use crate::array::Reals;
use crate::circuit::Circuit;
use crate::error;
use crate::kernel::{dictionary, json};
use crate::state::config;
use crate::work;

/// The most rows and columns of a kernel that is diagnosed.
const MOST_ROWS: usize = 10_000;

/// A square matrix of Python.
fn square(what: &str, matrix: &Reals<'_>) -> PyResult<faer::Mat<f64>> {
    let [rows, columns] = *matrix.shape() else {
        return Err(error::input(format!("{what} has the shape {:?}; it must be (rows, rows)", matrix.shape())));
    };
    if rows != columns || rows == 0 || rows > MOST_ROWS {
        return Err(error::input(format!(
            "{what} has the shape ({rows}, {columns}); it must be square of 1 to {MOST_ROWS} rows"
        )));
    }
    let values = matrix.values()?;
    if let Some(value) = values.iter().find(|value| !value.is_finite()) {
        return Err(error::input(format!("{what} has an entry {value}; entries are finite numbers")));
    }
    Ok(faer::Mat::from_fn(rows, rows, |row, column| values[row * rows + column]))
}

/// Reaches, slopes and entanglement of a circuit at angles drawn uniformly, up to 16 qubits: `expressibility` (the Kullback-Leibler
/// divergence of fidelities from those of random states, 75 bins), `entangling_capability` (the mean Meyer-Wallach measure),
/// `gradient_variance` of Z on qubit 0 and `global_gradient_variance` of Z on all.
///
/// Source: S. Sim, P. D. Johnson, A. Aspuru-Guzik, Adv. Quantum Technol. 2, 1900070 (2019); McClean et al., Nat. Commun. 9, 4812 (2018).
///
/// >>> from qloom import diagnose_circuit, library
/// >>> found = diagnose_circuit(library.strongly_entangling(3, 4), samples=500)
/// >>> found["parameters"], bool(0.5 < found["entangling_capability"] < 1.0)
/// (36, True)
#[pyfunction]
#[pyo3(signature = (circuit, samples=1000, seed=0))]
pub fn diagnose_circuit<'py>(py: Python<'py>, circuit: &Circuit, samples: usize, seed: u64) -> PyResult<Bound<'py, PyAny>> {
    let circuit = circuit.inner.clone();
    let found = work::long(py, move |_| {
        let mut stream = Stream::named(seed, "angles");
        learn::diagnose_circuit(&circuit, samples, config(), &mut stream).map_err(error::of)
    })?;
    dictionary(py, serde_json::to_string(&found).map_err(error::learn)?)
}

/// Whether a kernel can tell two classes better than classical ones: `concentration` (mean and variance of the entries off the diagonal),
/// `smallest_eigenvalue`, `effective_dimension`, `alignment` with the labels, `complexity` of the labels, `root_of_rows`, and for each of a
/// linear and five Gaussian kernels in `classical` the geometric difference, what it leaves unfitted, and its complexity.
///
/// `gram` has the kernel of all rows with each other, `rows` their features, `labels` whether each is of the second class. Source: H.-Y. Huang
/// et al., Nat. Commun. 12, 2631 (2021).
#[pyfunction]
#[pyo3(signature = (gram, rows, labels, regularization=1e-3))]
pub fn diagnose_kernel<'py>(
    py: Python<'py>,
    gram: Reals<'py>,
    rows: Reals<'py>,
    labels: Vec<bool>,
    regularization: f64,
) -> PyResult<Bound<'py, PyAny>> {
    let (matrix, features) = (square("the kernel", &gram)?, rows.values()?.to_vec());
    let [count, width] = *rows.shape() else {
        return Err(error::input(format!("rows have the shape {:?}; it must be (rows, features)", rows.shape())));
    };
    if count != matrix.nrows() || labels.len() != count || width == 0 {
        let (kernel, labels) = (matrix.nrows(), labels.len());
        return Err(error::input(format!(
            "a kernel of {kernel} rows, {count} rows of {width} features and {labels} labels; give as many"
        )));
    }
    let found =
        work::long(py, move |_| learn::diagnose_kernel(matrix.as_ref(), &features, &labels, regularization).map_err(error::of))?;
    dictionary(py, serde_json::to_string(&found).map_err(error::learn)?)
}

/// How much a kernel can tell that another cannot, at most: the geometric difference of the second from the first, both scaled to a trace
/// of as many rows, and the part that the first leaves unfitted. Source: H.-Y. Huang et al., Nat. Commun. 12, 2631 (2021).
///
/// >>> from qloom import geometric_difference
/// >>> [round(value, 6) for value in geometric_difference([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.5], [0.5, 1.0]], 1e-12)]
/// [1.224745, 0.0]
#[pyfunction]
#[pyo3(signature = (classical, quantum, regularization=1e-3))]
pub fn geometric_difference<'py>(
    py: Python<'py>,
    classical: Reals<'py>,
    quantum: Reals<'py>,
    regularization: f64,
) -> PyResult<(f64, f64)> {
    let (classical, quantum) = (square("the classical kernel", &classical)?, square("the quantum kernel", &quantum)?);
    work::long(py, move |_| learn::geometric_difference(classical.as_ref(), quantum.as_ref(), regularization).map_err(error::of))
}

/// The Fisher information of a variational classifier at angles drawn uniformly: `parameters`, `trace`, `rank_share`, and in `dimensions`
/// the effective dimension for each number of data, at least 100, and its share of the parameters.
///
/// `settings` are those of a variational `Classifier`, whose readout has to be of probabilities, mod or parity; `rows` are features as the
/// circuit takes them. Source: A. Abbas et al., Nat. Comput. Sci. 1, 403 (2021).
#[pyfunction]
#[pyo3(signature = (settings, rows, classes=2, data=vec![1000, 1_000_000], draws=100, seed=0), text_signature = "(settings, rows, classes=2, data=..., draws=100, seed=0)")]
pub fn effective_dimension<'py>(
    py: Python<'py>,
    settings: &Bound<'py, PyAny>,
    rows: Reals<'py>,
    classes: usize,
    data: Vec<u64>,
    draws: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyAny>> {
    let text = json(settings)?;
    let inner = |text: &str| serde_json::from_str::<Value>(text).map(|value| value.get("variational").cloned().unwrap_or(value));
    let read: Result<VariationalSettings, _> = inner(&text).and_then(serde_json::from_value);
    let read = read.map_err(|error| error::learn(format!("the settings {text}: {error}")))?;
    let features = rows.values()?.to_vec();
    let [count, width] = *rows.shape() else {
        return Err(error::input(format!("rows have the shape {:?}; it must be (rows, features)", rows.shape())));
    };
    if count == 0 || width == 0 || !(2..=64).contains(&classes) {
        return Err(error::input(format!(
            "{count} rows of {width} features and {classes} classes; there are 2 to 64 classes of some rows"
        )));
    }
    let found = work::long(py, move |_| {
        let how = (config(), &mut Stream::named(seed, "angles"));
        learn::effective_dimension(&read, (&features, classes), width, (&data, draws), how).map_err(error::of)
    })?;
    dictionary(py, serde_json::to_string(&found).map_err(error::learn)?)
}
