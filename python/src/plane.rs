//! Numbers of a state as NumPy sees them, without a copy.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use qloom::sim;

/// The state that numbers belong to.
pub enum Owner {
    /// Real or imaginary parts of amplitudes.
    Amplitudes(Arc<sim::StateVector<f64>>, bool),
    /// Pauli coefficients.
    Coefficients(Arc<sim::PauliVector>),
}

/// Numbers of a state, read-only, in NumPy's array interface: `numpy.asarray` makes a view that keeps the state alive.
///
/// >>> import numpy, qloom
/// >>> plane = qloom.Circuit(1).state().real.base
/// >>> numpy.asarray(plane)
/// array([1., 0.])
#[pyclass(frozen, module = "qloom")]
pub struct Plane(pub Owner);

impl Plane {
    fn values(&self) -> &[f64] {
        match &self.0 {
            Owner::Amplitudes(state, false) => state.planes().0,
            Owner::Amplitudes(state, true) => state.planes().1,
            Owner::Coefficients(state) => state.values(),
        }
    }

    /// The view.
    pub fn view<'py>(py: Python<'py>, owner: Owner) -> PyResult<Bound<'py, PyAny>> {
        py.import("numpy")?.call_method1("asarray", (Bound::new(py, Plane(owner))?,))
    }
}

#[pymethods]
impl Plane {
    /// NumPy's description of the memory.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let values = self.values();
        let interface = PyDict::new(py);
        interface.set_item("version", 3)?;
        interface.set_item("shape", (values.len(),))?;
        interface.set_item("typestr", if cfg!(target_endian = "little") { "<f8" } else { ">f8" })?;
        interface.set_item("data", (values.as_ptr().addr(), true))?;
        Ok(interface)
    }

    fn __len__(&self) -> usize {
        self.values().len()
    }
}
