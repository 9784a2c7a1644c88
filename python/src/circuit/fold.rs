//! Circuits made longer, so that they have more noise.

use pyo3::prelude::*;
use qloom::hardware::{self, Folding};

use super::Circuit;
use crate::error;

#[pymethods]
impl Circuit {
    /// A circuit that does the same with about `scale` times as many gates (1 to 99), and the scale reached.
    ///
    /// `folding` is circuit, which repeats the whole backwards and forwards, gates, which repeats each gate, or large-gates, which repeats
    /// those on two and more qubits.
    #[pyo3(signature = (scale, folding="circuit"))]
    fn folded(&self, scale: f64, folding: &str) -> PyResult<(Self, f64)> {
        let folding = match folding {
            "circuit" => Folding::Circuit,
            "gates" => Folding::Gates,
            "large-gates" => Folding::LargeGates,
            other => return Err(error::input(format!("no folding is {other:?}; there are circuit, gates and large-gates"))),
        };
        let (inner, scale) = hardware::fold(&self.inner, scale, folding).map_err(error::of)?;
        Ok((Self { inner }, scale))
    }

    /// The circuit with pairs of gates that undo each other after each gate: two X after one on one qubit, the gate and its inverse after
    /// a larger one, `scale // 2` times.
    fn with_identities(&self, scale: u32) -> PyResult<Self> {
        if scale > 99 {
            return Err(error::input(format!("the scale is {scale}; it is at most 99")));
        }
        Ok(Self { inner: hardware::insert_identities(&self.inner, scale).map_err(error::of)? })
    }
}
