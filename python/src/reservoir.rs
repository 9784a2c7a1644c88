//! Reservoirs: systems with a memory, driven by series and never trained.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use qloom::circuits::Stream;
use qloom::learn::measure::{self, AssessmentSettings};
use qloom::learn::{self, ReservoirSettings};

use crate::array::Reals;
use crate::error;
use crate::work;

/// A system with a memory that a series drives; what is read of it at each step are features for a linear read-out.
///
/// The settings are a name (quantum-reservoir, spin-network, echo-state) or a dictionary of one with its settings, as the TOML of
/// experiments has them; `ranges` has the lowest and highest value of each input.
///
/// >>> import numpy as np
/// >>> from qloom import Reservoir
/// >>> Reservoir("echo-state", [(0.0, 1.0)], seed=1).run(np.zeros((5, 1))).shape[0]
/// 5
#[pyclass(frozen, module = "qloom")]
pub struct Reservoir {
    inner: Arc<Mutex<learn::Reservoir>>,
    settings: String,
    ranges: Vec<[f64; 2]>,
    seed: u64,
}

#[pymethods]
impl Reservoir {
    #[new]
    #[pyo3(signature = (settings, ranges, seed=0))]
    fn new(settings: &Bound<'_, PyAny>, ranges: Vec<[f64; 2]>, seed: u64) -> PyResult<Self> {
        let text = crate::kernel::json(settings)?;
        let read: ReservoirSettings =
            serde_json::from_str(&text).map_err(|error| error::learn(format!("the reservoir {text}: {error}")))?;
        if ranges.is_empty() {
            return Err(error::input("there are no ranges; give one for each input"));
        }
        let inner = learn::Reservoir::new(&read, &ranges, &mut Stream::named(seed, "reservoir")).map_err(error::of)?;
        Ok(Self { inner: Arc::new(Mutex::new(inner)), settings: text, ranges, seed })
    }

    /// Number of features a step.
    #[getter]
    fn num_features(&self) -> usize {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).features()
    }

    /// Drives the reservoir from its start by a series, `[time, input]`: its features, `[time, feature]`.
    fn run<'py>(&self, py: Python<'py>, series: Reals<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let inputs = self.ranges.len();
        let rows = match *series.shape() {
            [rows] if inputs == 1 => rows,
            [rows, columns] if columns == inputs => rows,
            ref shape => {
                let needed = format!("it must be (steps, {inputs}), a column for each of the ranges of the reservoir");
                return Err(error::input(format!("the series has the shape {shape:?}; {needed}")));
            }
        };
        let values = series.values()?;
        let columns: Vec<Vec<f64>> =
            (0..inputs).map(|input| (0..rows).map(|row| values[row * inputs + input]).collect()).collect();
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(error::input(format!("a value of the series is {value}; every value must be a finite number")));
        }
        let inner = Arc::clone(&self.inner);
        let (features, width) = work::long(py, move |_| {
            let mut reservoir = inner.lock().unwrap_or_else(PoisonError::into_inner);
            reservoir.start(false).map_err(error::of)?;
            Ok((reservoir.run(&columns).map_err(error::of)?, reservoir.features()))
        })?;
        features.into_pyarray(py).reshape([rows, width])
    }

    /// Measures a reservoir of one input whose range is from 0 to 1, under inputs drawn by the seed: `features`, capacities of `memory` and
    /// `parity` by delay and in total, `processing` (the information-processing capacity by degree, its total and the rank), `narma`, the
    /// error of NARMA-n on steps that were not fitted, and `fading`, how the state at the start is forgotten.
    ///
    /// `settings` is a dictionary of capacity, processing, narma (n, 10) and fading (steps, 300), as those of `qloom reservoir`.
    #[pyo3(signature = (settings=None, seed=0))]
    fn assess<'py>(&self, py: Python<'py>, settings: Option<&Bound<'py, PyAny>>, seed: u64) -> PyResult<Bound<'py, PyAny>> {
        let read: AssessmentSettings = match settings {
            Some(settings) => serde_json::from_str(&crate::kernel::json(settings)?)
                .map_err(|error| error::learn(format!("what is measured: {error}")))?,
            None => AssessmentSettings::default(),
        };
        if self.ranges != [[0.0, 1.0]] {
            let ranges = &self.ranges;
            return Err(error::input(format!(
                "the inputs have the ranges {ranges:?}; a reservoir is measured with one from 0 to 1"
            )));
        }
        let inner = Arc::clone(&self.inner);
        let found = work::long(py, move |_| {
            let mut reservoir = inner.lock().unwrap_or_else(PoisonError::into_inner);
            reservoir.start(false).map_err(error::of)?;
            measure::assess(&mut reservoir, &read, &mut Stream::named(seed, "inputs")).map_err(error::of)
        })?;
        crate::kernel::dictionary(py, serde_json::to_string(&found).map_err(error::learn)?)
    }

    fn __repr__(&self) -> String {
        format!("<Reservoir {}>", self.settings)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        let parts = (this.settings.clone(), this.ranges.clone(), this.seed).into_pyobject(slf.py())?;
        Ok((slf.get_type().into_any(), parts))
    }
}
