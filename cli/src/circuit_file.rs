//! Circuits read from OpenQASM files.

use std::path::Path;

use qloom::circuits::{Circuit, qasm};

use crate::failure::Failure;
use crate::files;

/// Reads an OpenQASM file; `-` is standard input.
///
/// # Errors
/// Bad input with file, line, column and the source line of every mistake.
pub fn read(path: &Path) -> Result<Circuit, Failure> {
    let text = files::read_text(path)?;
    qasm::read(&text).map_err(|errors| Failure::input(format!("{}\n{errors}", path.display())))
}
