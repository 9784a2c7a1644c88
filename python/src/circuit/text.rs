//! Circuits as OpenQASM and as drawings.

use pyo3::prelude::*;
use qloom::circuits::draw;
use qloom::circuits::qasm::{self, Dialect, Version};

use super::Circuit;
use crate::error;

/// Width of drawings in characters.
const WIDTH: usize = 120;

#[pymethods]
impl Circuit {
    /// Reads OpenQASM 2 or 3; what a circuit cannot hold (loops, classical values) is refused by name.
    ///
    /// >>> from qloom import Circuit
    /// >>> Circuit.from_qasm("OPENQASM 3.0; include 'stdgates.inc'; qubit[2] q; h q[0]; cx q[0], q[1];")
    /// <Circuit: 2 qubits, 2 operations>
    #[staticmethod]
    fn from_qasm(text: &str) -> PyResult<Self> {
        Ok(Self { inner: qasm::read(text).map_err(error::of)? })
    }

    /// The circuit as OpenQASM of version 2 or 3, in a dialect: plain, ibm, braket, quantinuum, ionq or rigetti.
    #[pyo3(signature = (version=3, dialect="plain"))]
    fn qasm(&self, version: u8, dialect: &str) -> PyResult<String> {
        let version = match version {
            2 => Version::V2,
            3 => Version::V3,
            other => return Err(error::input(format!("OpenQASM has no version {other} here; take 2 or 3"))),
        };
        let Some(dialect) = Dialect::from_name(dialect) else {
            let names: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
            return Err(error::input(format!("no dialect is named {dialect:?}; there are {}", names.join(", "))));
        };
        qasm::write(&self.inner, version, dialect).map_err(error::of)
    }

    /// A drawing in characters.
    #[pyo3(signature = (width=WIDTH))]
    fn draw(&self, width: usize) -> String {
        draw::text(&self.inner, width)
    }

    /// A drawing as SVG; `width` is that of a line in characters.
    #[pyo3(signature = (width=WIDTH))]
    fn svg(&self, width: usize) -> String {
        draw::svg(&self.inner, width)
    }

    /// A drawing for LaTeX's package quantikz.
    fn quantikz(&self) -> String {
        draw::quantikz(&self.inner)
    }

    fn _repr_svg_(&self) -> String {
        self.svg(WIDTH)
    }

    fn __str__(&self) -> String {
        self.draw(WIDTH)
    }
}
