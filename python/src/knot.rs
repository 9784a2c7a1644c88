//! Braids and Jones polynomials.

mod estimate;

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use qloom::circuits::Stream;
use qloom::knots::{self, Closure, Exact, Limits};

use crate::chemistry::choice;
use crate::circuit::Circuit;
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

/// The names of the closures.
const CLOSURES: [(&str, Closure); 2] = [("trace", Closure::Trace), ("plat", Closure::Plat)];

impl Braid {
    fn exact(&self, py: Python<'_>, closure: &str) -> PyResult<Exact> {
        let closure = choice("closure", closure, &CLOSURES)?;
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

    /// The writhe of the plat closure, which goes along it, of an even number of strands.
    fn plat_writhe(&self) -> PyResult<i64> {
        knots::plat_writhe(&self.inner).map_err(error::of)
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

    /// The Jones polynomial at `t = e^{2 pi i/k}` by walks, for up to `2^20` of them.
    ///
    /// >>> from qloom import Braid
    /// >>> round(Braid([1, 1, 1]).jones_at_root(4).real, 9)        # t + t^3 - t^4 at t = i
    /// -1.0
    #[pyo3(signature = (k, closure="trace"))]
    fn jones_at_root(&self, py: Python<'_>, k: u32, closure: &str) -> PyResult<Complex64> {
        let (closure, braid) = (choice("closure", closure, &CLOSURES)?, self.inner.clone());
        work::long(py, move |_| {
            let writhe = knots::estimate::writhe(&braid, closure).map_err(error::of)?;
            knots::path_model::jones_at_root(&braid, closure, writhe, k).map_err(error::of)
        })
    }

    /// The value of the Jones polynomial at `t = e^{2 pi i/5}` from shots of a control-free Hadamard test, as a machine gives it.
    ///
    /// `noise` is depolarizing noise such as `depolarizing2=1e-3, readout=0.01`, or a Device, whose couplings the circuits have to fit.
    /// `native` is the two-qubit gate (zz, cz, cx or ecr), `layout` line or all-to-all; with `conjugate` the mirror image runs too. Keys:
    /// `value` and `standard_error` of the stage that is asked for (raw, discard, echo or conjugate; the last but conjugate by default),
    /// `exact` (None where it would take too long), `stages`, `discarded`, the share of shots with an illegal string, `shots`, and `scale`,
    /// by which errors of a circuit grow. Source: Laakkonen et al., arXiv:2503.05625.
    #[pyo3(signature = (shots, closure="trace", noise=None, native="zz", layout="line", conjugate=false, stage=None, seed=0))]
    #[allow(clippy::too_many_arguments)]
    fn estimate<'py>(
        &self,
        py: Python<'py>,
        shots: u64,
        closure: &str,
        noise: Option<estimate::Noise>,
        native: &str,
        layout: &str,
        conjugate: bool,
        stage: Option<&str>,
        seed: u64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (closure, target) = (choice("closure", closure, &CLOSURES)?, estimate::target(native, layout)?);
        let noise = noise.unwrap_or_default().sampled()?;
        let config = knots::estimate::SampleConfig { braid: self.inner.clone(), closure, target, noise, conjugate, shots };
        estimate::estimate(py, config, stage, seed)
    }

    /// The circuit that measures the real or the imaginary part of a path string's matrix element: as many qubits as strands. The string is
    /// a bit for each strand, the first one, no two neighbours zero; without one it is drawn in the circuit, under classical control.
    #[pyo3(signature = (string=None, part="real", native="zz", layout="line"))]
    fn circuit(&self, string: Option<Vec<bool>>, part: &str, native: &str, layout: &str) -> PyResult<Circuit> {
        Ok(Circuit { inner: estimate::circuit(&self.inner, string, part, estimate::target(native, layout)?)? })
    }

    /// What the circuits cost: qubits, runs of one generator, two-qubit gates of the braid, of a whole circuit on average and at most, and
    /// their depth.
    #[pyo3(signature = (native="zz", layout="line"))]
    fn circuit_cost<'py>(&self, py: Python<'py>, native: &str, layout: &str) -> PyResult<Bound<'py, PyDict>> {
        let cost = knots::circuit::circuit_cost(&self.inner, estimate::target(native, layout)?).map_err(error::of)?;
        let dictionary = PyDict::new(py);
        dictionary.set_item("qubits", cost.qubits)?;
        dictionary.set_item("runs", cost.runs)?;
        dictionary.set_item("braid_two_qubit_gates", cost.braid_two_qubit_gates)?;
        dictionary.set_item("two_qubit_gates", cost.two_qubit_gates)?;
        dictionary.set_item("most_two_qubit_gates", cost.most_two_qubit_gates)?;
        dictionary.set_item("two_qubit_depth", cost.two_qubit_depth)?;
        Ok(dictionary)
    }

    /// A braid whose trace is known by construction, and that value, which `estimate` gives divided by the factor of its closure: a measure
    /// of processors.
    #[staticmethod]
    #[pyo3(signature = (strands, layers, seed=0))]
    fn benchmark(py: Python<'_>, strands: usize, layers: usize, seed: u64) -> PyResult<(Self, Complex64)> {
        if strands.saturating_mul(layers) > estimate::MOST_SLOTS {
            let limit = estimate::MOST_SLOTS;
            return Err(error::input(format!("{strands} strands and {layers} layers; their product is at most {limit}")));
        }
        let made = work::long(py, move |_| {
            knots::benchmark::generate(strands, layers, &mut Stream::named(seed, "braid")).map_err(error::of)
        })?;
        Ok((Self { inner: made.braid }, made.exact))
    }

    /// What simplification makes less: strands, runs that need two-qubit gates, letters.
    #[getter]
    fn cost(&self) -> (usize, usize, usize) {
        knots::cost(&self.inner)
    }

    /// The braids whose closures, side by side, are the closure of this one.
    fn split(&self) -> Vec<Self> {
        knots::split(&self.inner).into_iter().map(|inner| Self { inner }).collect()
    }

    /// A drawing in characters, in lines of at most so many.
    #[pyo3(signature = (width=100))]
    fn draw(&self, width: usize) -> String {
        knots::draw::text(&self.inner, width)
    }

    /// A drawing as SVG.
    fn svg(&self) -> String {
        knots::draw::svg(&self.inner)
    }

    fn _repr_svg_(&self) -> String {
        self.svg()
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
