//! Operators in the text forms of other programs.

mod literal;
mod openfermion;
mod qiskit;

use num_complex::Complex64;
use qloom_circuits::{Pauli, PauliOperator, PauliString};

use crate::error::ChemistryError;
use crate::fermion::FermionOperator;

pub use openfermion::{openfermion_text, read_openfermion};
pub use qiskit::{qiskit_list, read_qiskit};

/// An operator on qubits or on fermionic modes, as a file may hold either.
#[derive(Clone, Debug, PartialEq)]
pub enum ForeignOperator {
    /// On qubits.
    Qubits(PauliOperator),
    /// On modes.
    Modes(FermionOperator),
}

/// An error at a byte of a text.
fn error_at<T>(text: &str, at: usize, message: impl Into<String>) -> Result<T, ChemistryError> {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Err(ChemistryError::Text {
        message: message.into(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    })
}

/// A number as Python prints it: `1.5`, `-2j`, `(0.5-1e-3j)`, `1.+0.j`; blanks do not matter.
fn complex(text: &str) -> Option<Complex64> {
    let text: String = text.chars().filter(|found| !found.is_whitespace()).collect();
    let mut text = text.as_str();
    let mut sign = 1.0;
    if let Some(inner) = text.strip_prefix("-(") {
        (sign, text) = (-1.0, inner.strip_suffix(')')?);
    } else if let Some(inner) = text.strip_prefix('(') {
        text = inner.strip_suffix(')')?;
    }
    let number = |text: &str| {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
        text.parse::<f64>().ok().filter(|value| plain && value.is_finite())
    };
    let Some(imaginary) = text.strip_suffix(['j', 'J']) else {
        return number(text).map(|re| Complex64::new(sign * re, 0.0));
    };
    let bytes = imaginary.as_bytes();
    let split = (1..bytes.len()).rev().find(|&at| b"+-".contains(&bytes[at]) && !b"eE".contains(&bytes[at - 1])).unwrap_or(0);
    let (re, im) = imaginary.split_at(split);
    let re = if re.is_empty() { 0.0 } else { number(re)? };
    let im = match im {
        "" | "+" => 1.0,
        "-" => -1.0,
        _ => number(im)?,
    };
    Some(Complex64::new(sign * re, sign * im))
}

/// The product of letters on qubits, where a qubit may be named again; `None` for a qubit that cannot be held.
fn product(letters: &[(usize, Pauli)]) -> Option<(PauliString, Complex64)> {
    let mut result = (PauliString::IDENTITY, Complex64::ONE);
    for &(qubit, pauli) in letters {
        if qubit >= PauliString::MAX_QUBITS {
            return None;
        }
        let (string, phase) = result.0.times(PauliString::from_letters([(qubit, pauli)]));
        result = (string, result.1 * phase);
    }
    Some(result)
}

/// The operator of these terms, on as many qubits as it needs or as are asked for.
fn on_qubits(terms: Vec<(PauliString, Complex64)>, num_qubits: Option<usize>) -> Result<PauliOperator, ChemistryError> {
    let needed = terms.iter().filter_map(|(string, _)| string.support().last()).max().map_or(0, |qubit| qubit + 1);
    Ok(PauliOperator::new(num_qubits.unwrap_or(needed), terms)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_python_prints_them() {
        let cases = [
            ("1.5", 1.5, 0.0),
            ("-2j", 0.0, -2.0),
            ("(0.5-1e-3j)", 0.5, -1e-3),
            ("1.+0.j", 1.0, 0.0),
            (" 1e-05+2E+1j", 1e-5, 20.0),
            ("-(1+1j)", -1.0, -1.0),
            ("j", 0.0, 1.0),
            ("(-0-1j)", 0.0, -1.0),
        ];
        for (text, re, im) in cases {
            assert_eq!(complex(text), Some(Complex64::new(re, im)), "{text}");
        }
        for text in ["", "nan", "inf", "1e999", "(1", "1+1", "jj", "0x1"] {
            assert_eq!(complex(text), None, "{text}");
        }
    }
}
