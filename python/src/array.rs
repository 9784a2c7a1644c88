//! Numbers that come from Python: arrays without a copy, or lists.

use num_complex::Complex64;
use numpy::{PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::error;

/// Real numbers: a C-contiguous array of float64, which is not copied, or nested lists of one length.
pub enum Reals<'py> {
    /// An array.
    Array(PyReadonlyArrayDyn<'py, f64>),
    /// Numbers and their shape.
    List(Vec<f64>, Vec<usize>),
}

impl<'py> Reals<'py> {
    /// The numbers in C order.
    pub fn values(&self) -> PyResult<&[f64]> {
        match self {
            // a slice would also be had of columns one after the other
            Reals::Array(array) => match array.as_slice() {
                Ok(values) if array.is_c_contiguous() => Ok(values),
                Ok(_) | Err(_) => {
                    Err(error::input("the array is not C-contiguous; pass numpy.ascontiguousarray(array), which copies it once"))
                }
            },
            Reals::List(values, _) => Ok(values),
        }
    }

    /// The shape.
    pub fn shape(&self) -> &[usize] {
        match self {
            Reals::Array(array) => array.shape(),
            Reals::List(_, shape) => shape,
        }
    }

    /// The numbers of a table: rows and columns; a single row has one dimension.
    pub fn rows(&self, what: &str, columns: usize) -> PyResult<usize> {
        match *self.shape() {
            [given] if given == columns => Ok(1),
            [rows, given] if given == columns => Ok(rows),
            ref shape => {
                Err(error::input(format!("{what} have the shape {shape:?}; it must be (rows, {columns}) or ({columns},)")))
            }
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Reals<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(array) = object.cast::<PyArrayDyn<f64>>() {
            return Ok(Reals::Array(
                array
                    .to_owned()
                    .try_readonly()
                    .map_err(|_| error::input("the array is being written to elsewhere; pass a copy"))?,
            ));
        }
        if let Ok(array) = object.cast::<PyUntypedArray>() {
            let dtype = array.dtype().to_string();
            return Err(error::kind(format!("the array has dtype {dtype}; it must be float64: pass array.astype(float)")));
        }
        if let Ok(values) = object.extract::<Vec<f64>>() {
            let shape = vec![values.len()];
            return Ok(Reals::List(values, shape));
        }
        let rows: Vec<Vec<f64>> = object.extract().map_err(|_| {
            let name = object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            error::kind(format!("a {name} is no array of numbers; pass a numpy array of float64 or a list of floats"))
        })?;
        let width = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|row| row.len() != width) {
            return Err(error::input("the rows have different lengths; give each as many numbers"));
        }
        let shape = vec![rows.len(), width];
        Ok(Reals::List(rows.into_iter().flatten().collect(), shape))
    }
}

/// Complex numbers: a C-contiguous array of complex128, or whatever NumPy makes one of.
pub struct Complexes {
    /// The numbers in C order.
    pub values: Vec<Complex64>,
    /// Their shape.
    pub shape: Vec<usize>,
}

impl<'py> FromPyObject<'_, 'py> for Complexes {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let numpy = object.py().import("numpy")?;
        let array = numpy
            .call_method1("ascontiguousarray", (object, "complex128"))
            .map_err(|_| error::kind("this is no array of complex numbers; pass a numpy array of complex128"))?;
        let array = array.cast_into::<PyArrayDyn<Complex64>>().map_err(PyErr::from)?;
        let readonly = array.readonly();
        Ok(Self { values: readonly.as_slice().map_err(error::input)?.to_vec(), shape: readonly.shape().to_vec() })
    }
}

impl Complexes {
    /// A matrix on qubits.
    pub fn matrix(&self) -> PyResult<qloom::circuits::Matrix> {
        match self.shape[..] {
            [rows, columns] if rows == columns && rows.is_power_of_two() => Ok(qloom::circuits::Matrix::from_slice(&self.values)),
            ref shape => Err(error::input(format!("a matrix of shape {shape:?}; it must be square with 2^n rows"))),
        }
    }
}
