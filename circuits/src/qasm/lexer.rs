//! Text to tokens, one at a time.

use super::error::{Finding, Span};

/// A piece of text that is not divided further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Identifier,
    /// Decimal, or with a prefix `0x`, `0o`, `0b`.
    Integer,
    Real,
    /// A number with a unit of time, or an imaginary one.
    Timing,
    /// In double quotes, or single ones.
    String,
    /// `$0`.
    HardwareQubit,
    /// One to three characters of punctuation.
    Symbol(&'static str),
    End,
}

/// The punctuation that these bytes begin with, the longest that there is.
fn symbol(first: u8, second: u8, third: u8) -> Option<&'static str> {
    Some(match (first, second, third) {
        (b'*', b'*', b'=') => "**=",
        (b'<', b'<', b'=') => "<<=",
        (b'>', b'>', b'=') => ">>=",
        (b'*', b'*', _) => "**",
        (b'<', b'<', _) => "<<",
        (b'>', b'>', _) => ">>",
        (b'-', b'>', _) => "->",
        (b'&', b'&', _) => "&&",
        (b'|', b'|', _) => "||",
        (b'+', b'+', _) => "++",
        (b'=', b'=', _) => "==",
        (b'!', b'=', _) => "!=",
        (b'<', b'=', _) => "<=",
        (b'>', b'=', _) => ">=",
        (b'+', b'=', _) => "+=",
        (b'-', b'=', _) => "-=",
        (b'*', b'=', _) => "*=",
        (b'/', b'=', _) => "/=",
        (b'%', b'=', _) => "%=",
        (b'&', b'=', _) => "&=",
        (b'|', b'=', _) => "|=",
        (b'^', b'=', _) => "^=",
        (b'-', ..) => "-",
        (b'/', ..) => "/",
        (b'*', ..) => "*",
        (b'+', ..) => "+",
        (b'=', ..) => "=",
        (b'<', ..) => "<",
        (b'>', ..) => ">",
        (b':', ..) => ":",
        (b'!', ..) => "!",
        (b'~', ..) => "~",
        (b'@', ..) => "@",
        (b'%', ..) => "%",
        (b'^', ..) => "^",
        (b'&', ..) => "&",
        (b'|', ..) => "|",
        (b'.', ..) => ".",
        (b'#', ..) => "#",
        _ => return None,
    })
}

pub(super) struct Lexer<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(source: &'a str) -> Self {
        Self { source, at: if source.starts_with('\u{feff}') { 3 } else { 0 } }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.source.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Behind an opening bracket: the number of `12]`, its place, and the end; skipped if it is there.
    pub fn literal_index(&mut self) -> Option<(u64, Span, usize)> {
        let bytes = &self.source.as_bytes()[self.at..];
        let mut value = 0u64;
        for (length, byte) in bytes.iter().enumerate().take(18) {
            match byte {
                b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
                b']' if length > 0 => {
                    let span = Span { start: self.at, end: self.at + length };
                    self.at += length + 1;
                    return Some((value, span, self.at));
                }
                _ => return None,
            }
        }
        None
    }

    /// The rest of the line that reading is in, which is skipped.
    pub fn rest_of_line(&mut self) -> Span {
        let start = self.at;
        self.at = self.source[start..].find('\n').map_or(self.source.len(), |length| start + length);
        Span { start, end: self.at }
    }

    /// Behind the braces that open at or after this place, which are skipped with all between them; none where they are not closed.
    pub fn skip_braces(&mut self, from: usize) -> Option<usize> {
        let mut inner = Lexer { source: self.source, at: from };
        let mut open = 0usize;
        loop {
            match inner.next() {
                Ok((Token::End, _)) => return None,
                Ok((Token::Symbol("{"), _)) => open += 1,
                Ok((Token::Symbol("}"), _)) if open <= 1 => break,
                Ok((Token::Symbol("}"), _)) => open -= 1,
                // what stands there is no part of the language
                Ok(_) | Err(_) => {}
            }
        }
        self.at = inner.at;
        Some(self.at)
    }

    fn skip_blank(&mut self) -> Result<(), Finding> {
        loop {
            match self.byte(0) {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c => self.at += 1,
                b'/' if self.byte(1) == b'/' => {
                    self.rest_of_line();
                }
                b'/' if self.byte(1) == b'*' => match self.source[self.at + 2..].find("*/") {
                    Some(length) => self.at += length + 4,
                    None => {
                        let span = Span { start: self.at, end: self.at + 2 };
                        self.at = self.source.len();
                        return Err(Finding::new(span, "a comment that is never closed").help("close it with */"));
                    }
                },
                _ => return Ok(()),
            }
        }
    }

    /// The next token; after an error, reading goes on behind it.
    pub fn next(&mut self) -> Result<(Token, Span), Finding> {
        self.skip_blank()?;
        let start = self.at;
        let first = self.byte(0);
        let token = match first {
            _ if start >= self.source.len() => Token::End,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.identifier();
                Token::Identifier
            }
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_ascii_digit() => self.number(),
            b'"' | b'\'' => return self.string(first),
            b'$' if self.byte(1).is_ascii_digit() => {
                self.at += 1;
                self.digits();
                Token::HardwareQubit
            }
            0x80.. => {
                let letter = self.source[start..].chars().next().expect("within the text");
                if !letter.is_alphabetic() {
                    self.at += letter.len_utf8();
                    let span = Span { start, end: self.at };
                    return Err(Finding::new(span, format!("unexpected character '{letter}'")));
                }
                self.identifier();
                Token::Identifier
            }
            b'[' => self.single("["),
            b']' => self.single("]"),
            b',' => self.single(","),
            b';' => self.single(";"),
            b'(' => self.single("("),
            b')' => self.single(")"),
            b'{' => self.single("{"),
            b'}' => self.single("}"),
            _ => match symbol(first, self.byte(1), self.byte(2)) {
                Some(symbol) => {
                    self.at += symbol.len();
                    Token::Symbol(symbol)
                }
                None => {
                    self.at += 1;
                    let shown = char::from(first).escape_debug();
                    return Err(Finding::new(Span { start, end: self.at }, format!("unexpected character '{shown}'")));
                }
            },
        };
        Ok((token, Span { start, end: self.at }))
    }

    fn single(&mut self, symbol: &'static str) -> Token {
        self.at += 1;
        Token::Symbol(symbol)
    }

    fn identifier(&mut self) {
        loop {
            match self.byte(0) {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' => self.at += 1,
                0x80.. => match self.source[self.at..].chars().next().filter(|letter| letter.is_alphanumeric()) {
                    Some(letter) => self.at += letter.len_utf8(),
                    None => return,
                },
                _ => return,
            }
        }
    }

    fn digits(&mut self) {
        while self.byte(0).is_ascii_digit() || self.byte(0) == b'_' && self.byte(1).is_ascii_digit() {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Token {
        if self.byte(0) == b'0' && matches!(self.byte(1), b'x' | b'X' | b'o' | b'O' | b'b' | b'B') {
            self.at += 2;
            while self.byte(0).is_ascii_alphanumeric() || self.byte(0) == b'_' {
                self.at += 1;
            }
            return Token::Integer;
        }
        self.digits();
        let mut token = Token::Integer;
        if self.byte(0) == b'.' {
            token = Token::Real;
            self.at += 1;
            self.digits();
        }
        if matches!(self.byte(0), b'e' | b'E') {
            let signed = usize::from(matches!(self.byte(1), b'+' | b'-'));
            if self.byte(1 + signed).is_ascii_digit() {
                token = Token::Real;
                self.at += 1 + signed;
                self.digits();
            }
        }
        if !matches!(self.byte(0), b'a'..=b'z' | 0x80..) {
            return token;
        }
        for unit in ["ns", "us", "µs", "ms", "s", "dt", "im"] {
            let rest = &self.source[self.at..];
            if rest.starts_with(unit) && !rest[unit.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                self.at += unit.len();
                return Token::Timing;
            }
        }
        token
    }

    fn string(&mut self, quote: u8) -> Result<(Token, Span), Finding> {
        let start = self.at;
        let rest = &self.source[start + 1..];
        match rest.bytes().position(|byte| byte == quote || byte == b'\n') {
            Some(length) if rest.as_bytes()[length] == quote => {
                self.at += length + 2;
                Ok((Token::String, Span { start, end: self.at }))
            }
            other => {
                self.at = other.map_or(self.source.len(), |length| start + 1 + length);
                Err(Finding::new(Span { start, end: self.at }, "a quotation that is not closed on its line"))
            }
        }
    }
}

/// The physical qubits that a text names, each as often as it does; pragmas and annotations hold none.
pub(super) fn hardware_qubits(text: &str) -> impl Iterator<Item = &str> {
    let mut lexer = Lexer::new(text);
    let mut begins = true;
    std::iter::from_fn(move || {
        loop {
            // reading goes on behind an error
            let Ok((token, span)) = lexer.next() else { continue };
            let word = &text[span.start..span.end];
            match token {
                Token::End => return None,
                Token::HardwareQubit => return Some(word),
                _ if begins && matches!(word, "@" | "#" | "pragma") => drop(lexer.rest_of_line()),
                _ => begins = matches!(word, ";" | "{" | "}"),
            }
        }
    })
}

#[cfg(test)]
mod tests;
