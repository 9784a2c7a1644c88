//! Angles: numbers, or a free parameter scaled and shifted.

use pyo3::prelude::*;
use qloom::circuits;

/// A free parameter of a circuit, scaled and shifted: `scale * theta[index] + offset`, in radians.
///
/// >>> from qloom import Angle
/// >>> 2 * Angle(0) + 0.5
/// Angle(0, scale=2.0, offset=0.5)
#[pyclass(frozen, eq, module = "qloom", from_py_object)]
#[derive(Clone, PartialEq)]
pub struct Angle {
    /// Which free parameter of the circuit.
    #[pyo3(get)]
    index: usize,
    /// Factor.
    #[pyo3(get)]
    scale: f64,
    /// Constant added.
    #[pyo3(get)]
    offset: f64,
}

#[pymethods]
impl Angle {
    #[new]
    #[pyo3(signature = (index, scale=1.0, offset=0.0))]
    fn new(index: usize, scale: f64, offset: f64) -> Self {
        Self { index, scale, offset }
    }

    fn __add__(&self, constant: f64) -> Self {
        Self { offset: self.offset + constant, ..self.clone() }
    }

    fn __radd__(&self, constant: f64) -> Self {
        self.__add__(constant)
    }

    fn __sub__(&self, constant: f64) -> Self {
        self.__add__(-constant)
    }

    fn __rsub__(&self, constant: f64) -> Self {
        self.__mul__(-1.0).__add__(constant)
    }

    fn __mul__(&self, factor: f64) -> Self {
        Self { index: self.index, scale: self.scale * factor, offset: self.offset * factor }
    }

    fn __rmul__(&self, factor: f64) -> Self {
        self.__mul__(factor)
    }

    fn __truediv__(&self, divisor: f64) -> Self {
        self.__mul__(1.0 / divisor)
    }

    fn __neg__(&self) -> Self {
        self.__mul__(-1.0)
    }

    fn __hash__(&self) -> u64 {
        (self.index as u64).wrapping_mul(31) ^ self.scale.to_bits().rotate_left(7) ^ self.offset.to_bits()
    }

    fn __repr__(&self) -> String {
        match (self.scale, self.offset) {
            (1.0, 0.0) => format!("Angle({})", self.index),
            (scale, offset) => format!("Angle({}, scale={scale:?}, offset={offset:?})", self.index),
        }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (usize, f64, f64)) {
        let this = slf.get();
        (slf.get_type().into_any(), (this.index, this.scale, this.offset))
    }
}

impl Angle {
    /// The parameter itself.
    pub fn free(index: usize) -> Self {
        Self { index, scale: 1.0, offset: 0.0 }
    }
}

/// Parameters that a circuit may have; more would only be memory.
const MOST_PARAMETERS: usize = 1 << 20;

/// An angle as an argument: an [`Angle`] or a number.
#[derive(FromPyObject)]
pub enum AnyAngle {
    /// A free parameter.
    Free(Angle),
    /// A number.
    Fixed(f64),
}

impl AnyAngle {
    /// As the facade has it.
    pub fn get(&self) -> PyResult<circuits::Angle> {
        match self {
            AnyAngle::Free(angle) if angle.index >= MOST_PARAMETERS => Err(crate::error::input(format!(
                "parameter {} is beyond the {MOST_PARAMETERS} that a circuit can have; number them from 0",
                angle.index
            ))),
            AnyAngle::Free(angle) => Ok(circuits::Angle::Free { index: angle.index, scale: angle.scale, offset: angle.offset }),
            AnyAngle::Fixed(value) => Ok(circuits::Angle::Fixed(*value)),
        }
    }
}

/// An angle as a result.
pub fn to_python<'py>(py: Python<'py>, angle: circuits::Angle) -> PyResult<Bound<'py, PyAny>> {
    match angle {
        circuits::Angle::Fixed(value) => Ok(value.into_pyobject(py)?.into_any()),
        circuits::Angle::Free { index, scale, offset } => Ok(Bound::new(py, Angle { index, scale, offset })?.into_any()),
    }
}
