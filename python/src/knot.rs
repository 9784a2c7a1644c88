//! Braids and Jones polynomials.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use qloom::circuits::Stream;
use qloom::knots::{self, Closure, Exact, Limits};

use crate::error;
use crate::work;

/// A word in the braid group: letter `+i` is the positive crossing of strands `i` and `i+1`.
///
/// >>> from qloom import Braid
/// >>> str(Braid([1, 1, 1]).jones_text())
/// 't + t^3 - t^4'
#[pyclass(frozen, eq, hash, module = "qloom", from_py_object)]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Braid {
    inner: knots::Braid,
}

/// The most slides of a simplification.
const MOST_SLIDES: usize = 100_000;

/// Memory that a polynomial may take.
const MEMORY: u64 = 8 << 30;

impl Braid {
    fn exact(&self, py: Python<'_>, closure: &str) -> PyResult<Exact> {
        let closure = match closure {
            "trace" => Closure::Trace,
            "plat" => Closure::Plat,
            other => return Err(error::input(format!("no closure is named {other:?}; there are trace and plat"))),
        };
        let braid = self.inner.clone();
        work::long(py, move |stop| {
            let mut progress = |_, _| match stop.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
            let mut limits = Limits { memory_bytes: MEMORY, progress: &mut progress };
            knots::jones_of_braid(&braid, closure, None, &mut limits).map_err(error::of)
        })
    }
}

#[pymethods]
impl Braid {
    #[new]
    #[pyo3(signature = (letters, strands=None))]
    fn new(letters: Vec<i32>, strands: Option<usize>) -> PyResult<Self> {
        let inner = match strands {
            Some(strands) => knots::Braid::new(strands, letters),
            None => knots::Braid::from_letters(letters),
        };
        Ok(Self { inner: inner.map_err(error::of)? })
    }

    /// The braid of a knot or link of the table by its name, such as `3_1` or `L6a4`.
    ///
    /// >>> from qloom import Braid
    /// >>> Braid.named("4_1").jones_text()
    /// 't^{-2} - t^{-1} + 1 - t + t^2'
    #[staticmethod]
    fn named(name: &str) -> PyResult<Self> {
        Ok(Self { inner: knots::table::find(name).map_err(error::of)?.braid.clone() })
    }

    /// A braid with the same trace closure, of fewer strands or letters where `budget` slides drawn by the seed find one.
    #[pyo3(signature = (seed=0, budget=200))]
    fn simplified(&self, py: Python<'_>, seed: u64, budget: usize) -> PyResult<Self> {
        if budget > MOST_SLIDES {
            return Err(error::input(format!("a budget of {budget} slides; it is at most {MOST_SLIDES}")));
        }
        let braid = self.inner.clone();
        let config = knots::SimplifyConfig { budget, closed: true };
        let inner = work::long(py, move |_| Ok(knots::simplify(&braid, config, &mut Stream::named(seed, "slides"))))?;
        Ok(Self { inner })
    }

    /// The letters.
    #[getter]
    fn letters(&self) -> Vec<i32> {
        self.inner.letters().to_vec()
    }

    /// Number of strands.
    #[getter]
    fn strands(&self) -> usize {
        self.inner.strands()
    }

    /// Sum of the signs of the letters.
    #[getter]
    fn writhe(&self) -> i64 {
        self.inner.writhe()
    }

    /// Components of the trace closure.
    #[getter]
    fn components(&self) -> usize {
        self.inner.components()
    }

    /// The Jones polynomial of the closure (trace or plat), exactly: from twice the power of t to the integer coefficient.
    #[pyo3(signature = (closure="trace"))]
    fn jones<'py>(&self, py: Python<'py>, closure: &str) -> PyResult<Bound<'py, PyDict>> {
        terms(py, &self.exact(py, closure)?)
    }

    /// The Jones polynomial as text.
    #[pyo3(signature = (closure="trace"))]
    fn jones_text(&self, py: Python<'_>, closure: &str) -> PyResult<String> {
        Ok(self.exact(py, closure)?.jones.to_string())
    }

    /// The Jones polynomial at `t = e^{2 pi i/5}`.
    #[pyo3(signature = (closure="trace"))]
    fn jones_at_fifth_root(&self, py: Python<'_>, closure: &str) -> PyResult<Complex64> {
        Ok(self.exact(py, closure)?.jones.at_fifth_root())
    }

    /// The mirror image.
    fn mirror(&self) -> Self {
        Self { inner: self.inner.mirror() }
    }

    /// The inverse word.
    fn inverse(&self) -> Self {
        Self { inner: self.inner.inverse() }
    }

    fn __len__(&self) -> usize {
        self.inner.len()
    }

    fn __repr__(&self) -> String {
        format!("Braid({:?}, strands={})", self.inner.letters(), self.inner.strands())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let this = slf.get();
        Ok((slf.get_type().into_any(), (this.letters(), this.strands()).into_pyobject(slf.py())?))
    }
}

/// The Jones polynomial of a planar diagram, given by its PD code: from twice the power of t to the integer coefficient.
///
/// >>> from qloom import jones_of_diagram
/// >>> jones_of_diagram([[1, 5, 2, 4], [3, 1, 4, 6], [5, 3, 6, 2]])
/// {2: 1, 6: 1, 8: -1}
#[pyfunction]
pub fn jones_of_diagram<'py>(py: Python<'py>, code: Vec<[i64; 4]>) -> PyResult<Bound<'py, PyDict>> {
    let diagram = knots::Diagram::from_labels(&code).map_err(error::of)?;
    let exact = work::long(py, move |stop| {
        let mut progress = |_, _| match stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let mut limits = Limits { memory_bytes: MEMORY, progress: &mut progress };
        knots::jones_of_diagram(&diagram, None, &mut limits).map_err(error::of)
    })?;
    terms(py, &exact)
}

/// Coefficients by twice the power of t.
fn terms<'py>(py: Python<'py>, exact: &Exact) -> PyResult<Bound<'py, PyDict>> {
    let terms = PyDict::new(py);
    let int = py.get_type::<pyo3::types::PyInt>();
    for (twice, coefficient) in exact.jones.terms() {
        terms.set_item(twice, int.call1((coefficient.to_string(),))?)?;
    }
    Ok(terms)
}
