//! Sparse text such as `0.5 * X0 Y3 - Z1 + 2`, terms separated by signs or line ends.

use std::fmt;
use std::str::FromStr;

use super::{Pauli, PauliString, PauliSum};
use crate::error::CircuitError;

impl PauliSum {
    /// Reads sparse text on a register of `num_qubits` qubits.
    ///
    /// A term is a number, a product of letters with qubits (`X0 Y3`; `I` is the identity), or both with an optional
    /// `*` between. Terms are separated by `+`, `-` or a line end; `#` starts a comment.
    ///
    /// # Errors
    /// For anything else, a qubit outside the register or twice in a term, or a number that is not finite, with line and column.
    ///
    /// ```
    /// use qloom_circuits::PauliSum;
    /// let sum = PauliSum::from_text("1.5 * X0 Y1 - Z0\n0.25", 2).unwrap();
    /// assert_eq!((sum.terms().len(), sum.constant(), sum.one_norm()), (3, 0.25, 2.5));
    /// ```
    pub fn from_text(text: &str, num_qubits: usize) -> Result<Self, CircuitError> {
        Self::new(num_qubits, Reader::new(text, Some(num_qubits)).terms()?)
    }
}

impl FromStr for PauliSum {
    type Err = CircuitError;

    /// Reads sparse text on as many qubits as it names; see [`PauliSum::from_text`].
    fn from_str(text: &str) -> Result<Self, CircuitError> {
        let terms = Reader::new(text, None).terms()?;
        let num_qubits = terms.iter().filter_map(|(string, _)| string.support().last()).max().map_or(0, |qubit| qubit + 1);
        Self::new(num_qubits, terms)
    }
}

impl fmt::Display for PauliSum {
    /// Sparse text, one term a line; an empty sum is `0`. Numbers read back bit for bit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms().is_empty() {
            return f.write_str("0");
        }
        for (position, (string, coefficient)) in self.terms().iter().enumerate() {
            let separator = if position == 0 { "" } else { "\n" };
            match *string == PauliString::IDENTITY {
                true => write!(f, "{separator}{coefficient:?}")?,
                false => write!(f, "{separator}{coefficient:?} * {string}")?,
            }
        }
        Ok(())
    }
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes read so far.
    at: usize,
    num_qubits: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, num_qubits: Option<usize>) -> Self {
        Self { text, at: 0, num_qubits }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn error<T>(&self, at: usize, message: impl Into<String>) -> Result<T, CircuitError> {
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Err(CircuitError::Text {
            message: message.into(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        })
    }

    /// Skips blanks and comments, and says whether a line end was among them.
    fn skip_blank(&mut self) -> bool {
        let mut line_end = false;
        while let Some(next) = self.peek() {
            if next == '#' {
                self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |length| self.at + length);
            } else if next.is_whitespace() {
                line_end |= next == '\n';
                self.at += next.len_utf8();
            } else {
                break;
            }
        }
        line_end
    }

    fn take_while(&mut self, accept: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(|byte| !accept(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn terms(mut self) -> Result<Vec<(PauliString, f64)>, CircuitError> {
        let mut terms = Vec::new();
        self.skip_blank();
        let mut separated = true;
        while let Some(next) = self.peek() {
            let sign = match next {
                '+' | '-' => {
                    self.at += 1;
                    self.skip_blank();
                    if next == '-' { -1.0 } else { 1.0 }
                }
                _ if separated => 1.0,
                _ => return self.error(self.at, format!("expected +, - or a line end before the next term, found '{next}'")),
            };
            let (string, coefficient) = self.term()?;
            terms.push((string, sign * coefficient));
            separated = self.skip_blank();
        }
        if terms.is_empty() {
            return self.error(0, "no term; write a sum such as 0.5 * X0 Y3 - Z1, or 0");
        }
        Ok(terms)
    }

    fn term(&mut self) -> Result<(PauliString, f64), CircuitError> {
        let start = self.at;
        let mut coefficient = None;
        if self.peek().is_some_and(|next| next.is_ascii_digit() || next == '.') {
            coefficient = Some(self.number()?);
            self.blanks();
            if self.peek() == Some('*') {
                self.at += 1;
                self.blanks();
                if self.peek().is_none_or(|next| Pauli::from_letter(next).is_none()) {
                    return self.error(self.at, "expected a Pauli letter with its qubit, such as X0, after *");
                }
            }
        }
        let mut letters: Vec<(usize, Pauli)> = Vec::new();
        let mut any = false;
        while let Some(next) = self.peek().filter(|next| next.is_alphabetic()) {
            any = true;
            let at = self.at;
            let Some(pauli) = Pauli::from_letter(next) else {
                return self.error(at, format!("'{next}' is no Pauli; use I, X, Y and Z with a qubit, such as X0"));
            };
            self.at += 1;
            let digits = self.take_while(|byte| byte.is_ascii_digit());
            if digits.is_empty() && pauli != Pauli::I {
                return self.error(self.at, format!("expected the qubit that {next} acts on, such as {next}0"));
            }
            if !digits.is_empty() {
                let limit = self.num_qubits.unwrap_or(PauliString::MAX_QUBITS).min(PauliString::MAX_QUBITS);
                let qubit = match digits.parse::<usize>() {
                    Ok(qubit) if qubit < limit => qubit,
                    _ => return self.error(at, format!("qubit {digits} is outside a register of {limit}")),
                };
                if letters.iter().any(|(other, _)| *other == qubit) {
                    return self.error(at, format!("qubit {qubit} appears twice in one term"));
                }
                letters.push((qubit, pauli));
            }
            self.blanks();
            if self.peek() == Some('*') {
                self.at += 1;
                self.blanks();
            }
        }
        if coefficient.is_none() && !any {
            let found = self.peek().map_or("the end".into(), |next| format!("'{next}'"));
            return self.error(start, format!("expected a term such as 0.5 * X0 Y3, found {found}"));
        }
        Ok((PauliString::from_letters(letters), coefficient.unwrap_or(1.0)))
    }

    fn blanks(&mut self) {
        self.take_while(|byte| byte == b' ' || byte == b'\t');
    }

    fn number(&mut self) -> Result<f64, CircuitError> {
        let start = self.at;
        self.take_while(|byte| byte.is_ascii_digit() || byte == b'.');
        let exponent = &self.text.as_bytes()[self.at..];
        if exponent.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'e')) {
            let signed = usize::from(exponent.get(1).is_some_and(|byte| matches!(byte, b'+' | b'-')));
            if exponent.get(1 + signed).is_some_and(u8::is_ascii_digit) {
                self.at += 1 + signed;
                self.take_while(|byte| byte.is_ascii_digit());
            }
        }
        let digits = &self.text[start..self.at];
        match digits.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => self.error(start, format!("{digits} is no finite number")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_round_trip() {
        let sum = PauliSum::from_text("0.1 * X0 Y3 - 2e-3 Z1 # comment\n+ I\n X2\n- 0.5", 4).expect("a good sum");
        let word = |word: &str| PauliString::from_word(word).expect("a word");
        let expected = [(word("XIIY"), 0.1), (word("IZII"), -2e-3), (word("IIII"), 0.5), (word("IIXI"), 1.0)];
        assert_eq!(sum, PauliSum::new(4, expected).expect("terms"));
        assert_eq!(sum.to_string().parse::<PauliSum>().expect("what was written"), sum);
        assert!(PauliSum::default().one_norm().is_sign_positive());
        assert_eq!(PauliSum::default().to_string().parse::<PauliSum>().expect("zero"), PauliSum::default());
    }

    #[test]
    fn errors_have_a_place() {
        let cases = [
            ("X0\nY1 +\n Q2", 3, 2, "no Pauli"),
            ("X", 1, 2, "expected the qubit"),
            ("X0 X0", 1, 4, "twice"),
            ("1.2.3 X0", 1, 1, "finite"),
            ("1e999", 1, 1, "finite"),
            ("X7", 1, 1, "outside"),
            ("", 1, 1, "no term"),
            ("X0 2", 1, 4, "before the next term"),
            ("2 * 3", 1, 5, "letter"),
            ("é", 1, 1, "no Pauli"),
        ];
        for (text, line, column, part) in cases {
            match PauliSum::from_text(text, 4) {
                Err(CircuitError::Text { message, line: l, column: c }) => {
                    assert!(message.contains(part) && (l, c) == (line, column), "{text:?}: {message} {l}:{c}");
                }
                other => panic!("{text:?}: {other:?}"),
            }
        }
    }
}
