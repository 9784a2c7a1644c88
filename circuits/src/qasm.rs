//! OpenQASM: programs as text.
//!
//! [`read`] takes all of OpenQASM 2 (arXiv:1707.03429) with both forms of `qelib1.inc`, and the part of OpenQASM 3 that
//! circuits need:
//!
//! - qubit and bit registers, `qreg` and `creg`, physical qubits `$n` (a register named `$`), slices, sets and negative
//!   indices, aliases by `let` and `++`;
//! - `stdgates.inc`, `gate` definitions, `gphase`, broadcasting, and the modifiers `ctrl`, `negctrl`, `inv`, `pow`
//!   (fractional powers of one-qubit gates, controlled or not);
//! - `const` and other values of type `int`, `uint`, `float`, `angle`, `bool` and `duration` with all operators, as far
//!   as they are known when the program is read; `input float` and `input angle` become free parameters, which may be
//!   scaled and shifted by numbers;
//! - `for` over ranges and sets with known bounds; `if` and `else` on measured bits, combined by `!`, `&&`, `||`;
//! - `measure` in both forms, `reset`, `barrier`, `delay` with a unit of seconds, pragmas and annotations (kept as notes).
//!
//! All else of OpenQASM 3 is read as a [`HybridProgram`]: `def`, `extern`, `while`, `switch`, `break`, `continue`, `end`, arrays,
//! complex numbers, values of measured bits, `box`, `stretch`, `durationof`; `cal` and `defcal` are kept as they stand. Of these a
//! circuit is made where their values are known when the program is read: [`read`] does, or names what is no part of a circuit;
//! [`read_any`] gives the program. With the times of a device `dt`, `durationof`, boxes and stretches become delays
//! ([`HybridProgram::scheduled`]).
//!
//! A definition that says the same as a row of the gate table becomes that row, others are expanded. By the definition
//! of OpenQASM 3 the gate `U(theta, phi, lambda)` carries the global phase `theta/2`; it shows under `ctrl` only, and is
//! kept there. [`write()`] prints every circuit without noise in version 2 or 3.

mod build;
mod construct;
mod dialect;
mod error;
mod expression;
mod guess;
mod lexer;
mod lower;
mod parser;
mod strict;
mod syntax;
mod word;
mod writer;

pub use construct::{Construct, Form};
pub use error::{Diagnostic, QasmError, QasmErrors};

use std::collections::HashMap;

use crate::circuit::Circuit;
pub use crate::gate::Dialect;
use crate::program::HybridProgram;

/// Files may include files so many levels deep.
const MAX_INCLUDES: usize = 16;
/// The most errors reported in one run.
const MAX_ERRORS: usize = 20;

/// A version of OpenQASM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// OpenQASM 2.0.
    V2,
    /// OpenQASM 3.0.
    V3,
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

/// Reads a program of version 2 or 3; without a version line, the words it uses decide.
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
    read_with(text, &HashMap::new(), Limits::default())
}

/// Reads a program that may include these files, each by the name it has between the quotes, within bounds; see [`read`].
///
/// The standard headers need not be given. Whoever has a file system decides which names to fill in: [`includes`] tells
/// what a text asks for.
///
/// # Errors
/// As [`read`], and when a bound is passed.
pub fn read_with(text: &str, files: &HashMap<String, String>, limits: Limits) -> Result<Circuit, QasmErrors> {
    let refused = match lower::lower(text, files, limits) {
        Ok(circuit) => return Ok(circuit),
        Err(refused) => refused,
    };
    match beyond(text, files, limits, &refused)?.circuit(limits.operations) {
        // what a circuit could have is told as of a circuit
        Err(_) if !refused.beyond => Err(refused.errors),
        made => made,
    }
}

/// The program of a text that is no circuit.
fn beyond(
    text: &str,
    files: &HashMap<String, String>,
    limits: Limits,
    refused: &lower::Refused,
) -> Result<HybridProgram, QasmErrors> {
    if refused.version == Version::V2 {
        return Err(refused.errors.clone());
    }
    build::build(text, files, limits).map_err(|errors| if refused.beyond { errors } else { refused.errors.clone() })
}

/// What a text says: a circuit, or a program that needs classical values and control flow.
#[derive(Clone, Debug)]
pub enum AnyProgram {
    /// Operations in order.
    Circuit(Circuit),
    /// More than that.
    Hybrid(Box<HybridProgram>),
}

/// Reads a text as a circuit where a circuit says all of it, and as a program otherwise.
///
/// # Errors
/// As [`read_with`], but not for what is more than a circuit.
pub fn read_any(text: &str, files: &HashMap<String, String>, limits: Limits) -> Result<AnyProgram, QasmErrors> {
    match lower::lower(text, files, limits) {
        Ok(circuit) => Ok(AnyProgram::Circuit(circuit)),
        Err(refused) => beyond(text, files, limits, &refused).map(|program| AnyProgram::Hybrid(Box::new(program))),
    }
}

/// The version of a text, and what tells it: its version line, or the first word that only one of the versions has.
///
/// ```
/// use qloom_circuits::qasm::{self, Version};
/// assert_eq!(qasm::version("OPENQASM 3.0; qubit q;"), (Version::V3, Some("OPENQASM 3.0".to_owned())));
/// assert_eq!(qasm::version("h q[0]; qreg q[2];"), (Version::V2, Some("qreg".to_owned())));
/// assert_eq!(qasm::version(""), (Version::V2, None));
/// ```
pub fn version(text: &str) -> (Version, Option<String>) {
    match parser::Parser::new(text).version_line() {
        Some((number, _)) => {
            let version = if number >= 3.0 { Version::V3 } else { Version::V2 };
            (version, Some(format!("OPENQASM {number:?}")))
        }
        None => {
            let (version, word) = guess::guess(text);
            (version, word.map(str::to_owned))
        }
    }
}

/// Reads a program of version 3 with classical values and control flow.
///
/// # Errors
/// As [`read`].
///
/// ```
/// use qloom_circuits::qasm;
/// let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit q; bit c = 1; while (c) { h q; c = measure q; }";
/// assert_eq!(qasm::read_program(text).unwrap().num_qubits(), 1);
/// ```
pub fn read_program(text: &str) -> Result<HybridProgram, QasmErrors> {
    read_program_with(text, &HashMap::new(), Limits::default())
}

/// Reads a program that may include these files, within bounds; see [`read_program`] and [`read_with`].
///
/// # Errors
/// As [`read_with`].
pub fn read_program_with(text: &str, files: &HashMap<String, String>, limits: Limits) -> Result<HybridProgram, QasmErrors> {
    build::build(text, files, limits)
}

/// What the definition of its version forbids of a text, though it is read, each with its place.
///
/// Of version 2: no version line, comments between `/*` and `*/`, names that begin with a capital letter, numbers that are not
/// decimal, commas behind the last of a list, functions of version 3, barriers and conditions under a condition, conditions on one
/// bit. Of version 3: no version line. What a program of version 3 does in doubt is in [`HybridProgram::warnings`].
///
/// ```
/// let found = qloom_circuits::qasm::forbidden("OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg Q[2];");
/// assert_eq!((found.len(), found[0].line, found[0].column), (1, 3, 6));
/// ```
pub fn forbidden(text: &str) -> Vec<Diagnostic> {
    let findings = strict::forbidden(text, version(text).0);
    findings.into_iter().map(|finding| finding.locate(None, text)).collect()
}

/// The value of an expression of version 3 without names of its own, such as `3*pi/4`.
///
/// # Errors
/// When it is no expression, or its value is no finite number.
///
/// ```
/// assert_eq!(qloom_circuits::qasm::number("-pi/2").unwrap(), -std::f64::consts::FRAC_PI_2);
/// assert!(qloom_circuits::qasm::number("0.3 0.4").is_err());
/// ```
pub fn number(text: &str) -> Result<f64, QasmErrors> {
    let value = parser::Parser::new(text).whole_expression().and_then(|expr| {
        let evaluator = expression::Evaluator { version: Version::V3, lookup: &|_| None };
        evaluator.angle(&expr)
    });
    match value {
        Ok(angle) => Ok(angle.value(&[])),
        Err(finding) => Err(QasmErrors { errors: vec![finding.locate(None, text)] }),
    }
}

/// The names of the files, other than the standard headers, that a text includes itself.
///
/// ```
/// use qloom_circuits::qasm;
/// assert_eq!(qasm::includes("OPENQASM 2.0; include \"qelib1.inc\"; include \"my.inc\";"), ["my.inc"]);
/// ```
pub fn includes(text: &str) -> Vec<String> {
    let mut lexer = lexer::Lexer::new(text);
    let mut names = Vec::new();
    let mut after_include = false;
    let mut errors = 0;
    loop {
        match lexer.next() {
            Ok((lexer::Token::End, _)) => return names,
            Ok((lexer::Token::String, span)) if after_include => {
                let name = &text[span.start + 1..span.end - 1];
                if !["qelib1.inc", "stdgates.inc", "hqslib1.inc"].contains(&name) {
                    names.push(name.to_string());
                }
                after_include = false;
            }
            Ok((token, span)) => {
                after_include = token == lexer::Token::Identifier && &text[span.start..span.end] == "include";
            }
            // reading stops behind so many errors
            Err(_) if errors + 1 >= parser::MAX_FINDINGS => return names,
            Err(_) => {
                errors += 1;
                after_include = false;
            }
        }
    }
}

/// Writes a circuit; the same circuit gives the same bytes, and numbers read back bit for bit.
///
/// Gates that the version's header lacks (the first `qelib1.inc`; `stdgates.inc`) get a definition. Dense unitaries are
/// written as an exact sequence of gates. Version 2 has no global phase: there it is left out. Free parameter `k` is the
/// input `theta_k` of version 3, padded with zeros to one width.
///
/// Dialects refuse what their services refuse: [`Construct`] has the table. Those of machines take native gates only;
/// `qloom_hardware::translate` makes them of any others.
///
/// # Errors
/// For a noise channel, a construct that the dialect refuses, a version that it does not have, and in version 2 for free parameters,
/// delays, and conditions that it cannot say.
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

/// Writes a circuit of IonQ's native gates as the JSON of a job (`ionq.circuit.v1`), to which the machine, shots and the like are added.
///
/// Angles are in turns: phases from -1/2 to 1/2, the angle of `ms` from 0 to 1/4. The service measures every qubit at the end;
/// `metadata.measured` is the list of the qubit that each bit reads, `null` for none, as text. Global phases and barriers are left out.
///
/// # Errors
/// For gates that are not native there (`qloom_hardware::translate` makes them so), free parameters, qubits used after their measurement,
/// resets, conditions, delays and noise channels.
///
/// ```
/// use qloom_circuits::{Circuit, qasm};
/// let mut circuit = Circuit::new(2);
/// circuit.gpi2(std::f64::consts::FRAC_PI_2, 0).ms(0.0, 0.0, std::f64::consts::FRAC_PI_2, 0, 1);
/// let job: serde_json::Value = serde_json::from_str(&qasm::write_ionq(&circuit).unwrap()).unwrap();
/// assert_eq!(job["input"]["circuit"][0], serde_json::json!({ "gate": "gpi2", "target": 0, "phase": 0.25 }));
/// ```
pub fn write_ionq(circuit: &Circuit) -> Result<String, QasmError> {
    writer::ionq::write(circuit)
}

/// Writes a program in version 3, equal in meaning to the text that it was read from; the same program gives the same bytes.
///
/// Constants stand with their values, gates on known qubits as they are applied, and every variable has a name of its own. For version
/// 2, and for dialects of machines, make a circuit of it first ([`HybridProgram::circuit`]), which names what they lack.
///
/// # Errors
/// For what has no form in the language, which nothing that was read has.
///
/// ```
/// use qloom_circuits::qasm;
/// let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit q; bit c = 1; while (c) { h q; c = measure q; }";
/// let written = qasm::write_program(&qasm::read_program(text).unwrap()).unwrap();
/// assert!(written.ends_with("bit c = bit(1);\nwhile (c) {\n  h q[0];\n  c = measure q[0];\n}\n"));
/// ```
pub fn write_program(program: &HybridProgram) -> Result<String, QasmError> {
    writer::hybrid::write(program)
}

#[cfg(test)]
mod tests;
