//! OpenQASM: programs as text.
//!
//! [`read`] takes OpenQASM 2 as its paper defines it (arXiv:1707.03429): both forms of `qelib1.inc`, registers and
//! broadcasting, user gates, `opaque`, `if`, `measure`, `reset`, `barrier` and expressions. A definition that says the
//! same as a row of the gate table becomes that row, others are expanded. [`write()`] prints every circuit without
//! noise in version 2 or 3.

mod error;
mod expression;
mod lexer;
mod lower;
mod parser;
mod syntax;
mod writer;

pub use error::{Diagnostic, QasmError, QasmErrors};

use crate::circuit::Circuit;

/// A version of OpenQASM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// OpenQASM 2.0.
    V2,
    /// OpenQASM 3.0.
    V3,
}

/// For whom a program is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Dialect {
    /// The language and its standard header, nothing else.
    #[default]
    Plain,
}

/// Bounds that keep a hostile program from using all memory or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most qubits, and the most classical bits.
    pub bits: usize,
    /// The most operations after all gates are expanded.
    pub operations: usize,
}

impl Default for Limits {
    /// A million qubits, ten million operations.
    fn default() -> Self {
        Self { bits: 1_000_000, operations: 10_000_000 }
    }
}

/// Reads a program.
///
/// Registers keep their names and order, so bit 0 of the first register is qubit 0.
///
/// # Errors
/// Every error found in one run, each with line, column, the source line and what would mend it.
///
/// ```
/// use qloom_circuits::qasm;
/// let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; h q[0]; cx q[0], q[1];";
/// assert_eq!(qasm::read(text).unwrap().operations().len(), 2);
/// let errors = qasm::read("OPENQASM 2.0; qreg q[2];\nCX q[0], q[2];").unwrap_err().errors;
/// assert_eq!((errors[0].line, errors[0].column), (2, 12));
/// ```
pub fn read(text: &str) -> Result<Circuit, QasmErrors> {
    read_within(text, Limits::default())
}

/// Reads a program within bounds; see [`read`].
///
/// # Errors
/// As [`read`], and when a bound is passed.
pub fn read_within(text: &str, limits: Limits) -> Result<Circuit, QasmErrors> {
    lower::lower(text, limits)
}

/// Writes a circuit; the same circuit gives the same bytes, and numbers read back bit for bit.
///
/// Gates that the version's header lacks (the first `qelib1.inc`; `stdgates.inc`) get a definition. Dense unitaries are
/// written as an exact sequence of gates. Version 2 has no global phase: there it is left out. Free parameter `k` is the
/// input `theta_k` of version 3, padded with zeros to one width.
///
/// # Errors
/// For a noise channel, and in version 2 for free parameters, delays, and conditions that it cannot say.
///
/// ```
/// use qloom_circuits::{Circuit, qasm};
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).cx(0, 1);
/// let text = qasm::write(&circuit, qasm::Version::V3, qasm::Dialect::Plain).unwrap();
/// assert!(text.ends_with("qubit[2] q;\nh q[0];\ncx q[0], q[1];\n"));
/// ```
pub fn write(circuit: &Circuit, version: Version, dialect: Dialect) -> Result<String, QasmError> {
    writer::write(circuit, version, dialect)
}

#[cfg(test)]
mod tests;
