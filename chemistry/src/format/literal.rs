//! Values as JSON and Python write them: numbers, strings, lists, tuples, dictionaries, and calls such as `SparsePauliOp([...])`.

use num_complex::Complex64;

use super::{complex, error_at};
use crate::error::ChemistryError;

/// How deep lists may be nested.
const DEPTH: usize = 32;

/// A value and the byte it begins at.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) at: usize,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Number(Complex64),
    Text(String),
    List(Vec<Literal>),
    Map(Vec<(Literal, Literal)>),
    /// Arguments with their keywords.
    Call(String, Vec<(Option<String>, Literal)>),
}

/// Reads one value, which must be all of the text.
pub(super) fn read(text: &str) -> Result<Literal, ChemistryError> {
    let mut reader = Reader { text, at: 0 };
    let literal = reader.value(0)?;
    match reader.peek() {
        None => Ok(literal),
        Some(found) => error_at(text, reader.at, format!("found '{found}' after the end of the value")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Literal, ChemistryError> {
        let Some(first) = self.peek() else { return error_at(self.text, self.at, "a value is missing") };
        let at = self.at;
        if depth > DEPTH {
            return error_at(self.text, at, format!("lists are nested more than {DEPTH} deep"));
        }
        let value = match first {
            '[' => Value::List(self.items(']', depth)?.0),
            '(' => {
                let (mut items, comma) = self.items(')', depth)?;
                match items.len() {
                    // parentheses around one value are no tuple
                    1 if !comma => items.remove(0).value,
                    _ => Value::List(items),
                }
            }
            '{' => Value::Map(self.entries(depth)?),
            '"' | '\'' => Value::Text(self.string(first)?),
            '0'..='9' | '.' | '+' | '-' => Value::Number(self.number()?),
            found if found.is_alphabetic() || found == '_' => self.call(depth)?,
            found => return error_at(self.text, at, format!("'{found}' begins no value")),
        };
        Ok(Literal { at, value })
    }

    /// Items up to the closing bracket, and whether a comma stands before it.
    fn items(&mut self, close: char, depth: usize) -> Result<(Vec<Literal>, bool), ChemistryError> {
        self.at += 1;
        let (mut items, mut comma) = (Vec::new(), false);
        while !self.take(close) {
            if !items.is_empty() && !comma {
                return error_at(self.text, self.at, format!("expected a comma or {close}"));
            }
            items.push(self.value(depth + 1)?);
            comma = self.take(',');
        }
        Ok((items, comma))
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<(Literal, Literal)>, ChemistryError> {
        self.at += 1;
        let (mut entries, mut comma) = (Vec::new(), true);
        while !self.take('}') {
            if !comma {
                return error_at(self.text, self.at, "expected a comma or }");
            }
            let key = self.value(depth + 1)?;
            if !self.take(':') {
                return error_at(self.text, self.at, "expected : after a key");
            }
            entries.push((key, self.value(depth + 1)?));
            comma = self.take(',');
        }
        Ok(entries)
    }

    fn string(&mut self, quote: char) -> Result<String, ChemistryError> {
        let start = self.at + 1;
        let Some(length) = self.text[start..].find(quote) else {
            return error_at(self.text, self.at, "the string does not end");
        };
        self.at = start + length + 1;
        Ok(self.text[start..start + length].to_owned())
    }

    fn number(&mut self) -> Result<Complex64, ChemistryError> {
        let start = self.at;
        self.digits();
        // numpy leaves blanks before the imaginary part
        let real = self.at;
        if matches!(self.peek(), Some('+' | '-')) {
            self.digits();
        } else {
            self.at = real;
        }
        let text = &self.text[start..self.at];
        match complex(text) {
            Some(value) => Ok(value),
            None => error_at(self.text, start, format!("{:?} is no finite number", text.chars().take(40).collect::<String>())),
        }
    }

    fn digits(&mut self) {
        let rest = &self.text[self.at..];
        let part = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
        self.at += rest.bytes().position(|byte| !part(byte)).unwrap_or(rest.len());
    }

    fn call(&mut self, depth: usize) -> Result<Value, ChemistryError> {
        let name = self.word();
        if !self.take('(') {
            return error_at(self.text, self.at, format!("{name} is no value"));
        }
        let (mut arguments, mut comma) = (Vec::new(), true);
        while !self.take(')') {
            if !comma {
                return error_at(self.text, self.at, "expected a comma or )");
            }
            self.peek();
            let start = self.at;
            let word = self.word();
            let keyword = if !word.is_empty() && self.take('=') { Some(word) } else { None };
            if keyword.is_none() {
                self.at = start;
            }
            arguments.push((keyword, self.value(depth + 1)?));
            comma = self.take(',');
        }
        Ok(Value::Call(name, arguments))
    }

    fn word(&mut self) -> String {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
        self.at += length;
        rest[..length].to_owned()
    }
}

impl Literal {
    pub(super) fn list(&self) -> Option<&[Literal]> {
        match &self.value {
            Value::List(items) => Some(items),
            Value::Number(_) | Value::Text(_) | Value::Map(_) | Value::Call(..) => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::List(_) | Value::Map(_) | Value::Call(..) => None,
        }
    }

    /// A number; also a pair `[re, im]`, `{"real": re, "imag": im}`, or a string with a number.
    pub(super) fn coefficient(&self) -> Option<Complex64> {
        let real = |literal: &Literal| literal.coefficient().filter(|value| value.im == 0.0).map(|value| value.re);
        match &self.value {
            Value::Number(value) => Some(*value),
            Value::Text(text) => complex(text),
            Value::List(items) => match items.as_slice() {
                [re, im] => Some(Complex64::new(real(re)?, real(im)?)),
                _ => None,
            },
            Value::Map(entries) => {
                let part = |names: [&str; 2]| {
                    let entry = entries.iter().find(|(key, _)| key.text().is_some_and(|key| names.contains(&key)));
                    entry.map_or(Some(0.0), |(_, value)| real(value))
                };
                Some(Complex64::new(part(["real", "re"])?, part(["imag", "im"])?))
            }
            Value::Call(..) => None,
        }
    }

    /// A whole number that is not negative.
    pub(super) fn index(&self) -> Option<usize> {
        match self.value {
            Value::Number(value) if value.im == 0.0 && value.re >= 0.0 && value.re.fract() == 0.0 && value.re < 1e9 => {
                Some(value.re as usize)
            }
            _ => None,
        }
    }
}
