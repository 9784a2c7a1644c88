//! Statements of both versions.

use smallvec::SmallVec;

use super::{Parsed, Parser};
use crate::qasm::Version;
use crate::qasm::error::{Finding, Span};
use crate::qasm::lexer::Token;
use crate::qasm::syntax::{Binary, Call, Index, Modifier, Name, Operand, Statement, StatementKind, Type};

/// Constructs of OpenQASM 3 that are not read, with what to do instead.
const REFUSED: [(&str, &str); 21] = [
    ("def", "write the operations where they are called, or as a gate"),
    ("return", "write the operations where they are called, or as a gate"),
    ("extern", "only operations on qubits are read"),
    ("while", "a for loop with constant bounds is read"),
    ("switch", "write it with if and else"),
    ("case", "write it with if and else"),
    ("default", "write it with if and else"),
    ("break", "only loops with constant bounds are read"),
    ("continue", "only loops with constant bounds are read"),
    ("end", "leave out what would not run"),
    ("cal", "pulses are not read"),
    ("defcal", "pulses are not read"),
    ("defcalgrammar", "pulses are not read"),
    ("box", "write the operations without the box, between barriers"),
    ("stretch", "give delays a length in ns, us, ms or s"),
    ("durationof", "give delays a length in ns, us, ms or s"),
    ("array", "write each value by itself"),
    ("complex", "use float"),
    ("mutable", "write each value by itself"),
    ("readonly", "write each value by itself"),
    ("port", "pulses are not read"),
];

impl<'a> Parser<'a> {
    pub(super) fn statement(&mut self) -> Parsed<Statement<'a>> {
        let start = self.span;
        let kind = match self.token {
            Token::Identifier => self.kind(self.text())?,
            Token::Symbol("@" | "#") if self.version == Version::V3 => return Ok(self.note(start)),
            Token::HardwareQubit if self.version == Version::V3 => return self.expected("a statement"),
            _ => return self.expected("a statement"),
        };
        let open = matches!(
            kind,
            StatementKind::Gate(_) | StatementKind::If { .. } | StatementKind::For { .. } | StatementKind::Note(_)
        );
        let end = if open { Span { start: start.start, end: self.end } } else { self.expect(";")? };
        Ok(Statement { kind, span: start.to(end) })
    }

    fn note(&mut self, start: Span) -> Statement<'a> {
        let rest = self.lexer.rest_of_line();
        let span = start.to(rest);
        self.advance();
        Statement { kind: StatementKind::Note(self.source[span.start..span.end].trim_end()), span }
    }

    /// A statement that begins with this word, without the closing `;`.
    fn kind(&mut self, word: &str) -> Parsed<StatementKind<'a>> {
        let start = self.span;
        Ok(match word {
            "OPENQASM" => return Err(Finding::new(start, "the version belongs on the first line, once")),
            "include" => {
                self.advance();
                if self.token != Token::String {
                    return self.expected("a file name in quotes");
                }
                let file = Name { text: &self.source[self.span.start + 1..self.span.end - 1], span: self.span };
                self.advance();
                StatementKind::Include(file)
            }
            "qreg" | "creg" => {
                self.advance();
                let name = self.new_name("a name for the register")?;
                let size = if self.version == Version::V2 || self.is("[") {
                    self.expect("[")?;
                    let size = self.expression()?;
                    self.expect("]")?;
                    Some(size)
                } else {
                    None
                };
                if word == "qreg" {
                    StatementKind::Qubits { name, size }
                } else {
                    StatementKind::Bits { name, size, measured: None }
                }
            }
            "gate" => {
                let definition = self.gate_header()?;
                self.expect("{")?;
                let body = self.block()?;
                StatementKind::Gate(crate::qasm::syntax::GateDefinition { body, ..definition })
            }
            "opaque" if self.version == Version::V2 => StatementKind::Opaque(self.gate_header()?),
            "if" => self.branch()?,
            "measure" => {
                self.advance();
                let source = self.operand()?;
                let target = if self.version == Version::V2 || self.is("->") {
                    self.expect("->")?;
                    Some(self.operand()?)
                } else {
                    None
                };
                StatementKind::Measure { source, target }
            }
            "reset" => {
                self.advance();
                StatementKind::Reset(self.operand()?)
            }
            "barrier" => {
                self.advance();
                let operands = if self.is(";") { Vec::new() } else { self.operands()?.into_vec() };
                StatementKind::Barrier(operands)
            }
            _ if self.version == Version::V2 => StatementKind::Call(self.call()?),
            _ => return self.kind_v3(word),
        })
    }

    fn kind_v3(&mut self, word: &str) -> Parsed<StatementKind<'a>> {
        let start = self.span;
        if let Some((_, remedy)) = REFUSED.iter().find(|(refused, _)| *refused == word) {
            return Err(Finding::new(start, format!("{word} is not read")).help(*remedy));
        }
        Ok(match word {
            "qubit" => {
                self.advance();
                let size = self.size()?;
                StatementKind::Qubits { name: self.new_name("a name for the qubits")?, size }
            }
            "bit" => self.bits()?,
            "output" => {
                self.advance();
                if !self.is_word("bit") {
                    return Err(Finding::new(self.span, "only bits can be an output here").help("declare output bit[n] c;"));
                }
                self.bits()?
            }
            "input" => {
                self.advance();
                let (kind, _) = self.value_type()?;
                StatementKind::Input { name: self.new_name("a name for the input")?, kind }
            }
            "const" => {
                self.advance();
                let (kind, size) = self.value_type()?;
                self.value(kind, size, true)?
            }
            "int" | "uint" | "float" | "angle" | "bool" | "duration" => {
                let (kind, size) = self.value_type()?;
                self.value(kind, size, false)?
            }
            "let" => {
                self.advance();
                let name = self.new_name("a name")?;
                self.expect("=")?;
                let mut parts = vec![self.operand()?];
                while self.accept("++") {
                    parts.push(self.operand()?);
                }
                StatementKind::Alias { name, parts }
            }
            "for" => {
                self.advance();
                self.value_type()?;
                let name = self.new_name("a name for the counter")?;
                if !self.is_word("in") {
                    return self.expected("\"in\"");
                }
                self.advance();
                let range = match self.is("{") {
                    true => Index::Set(self.set()?),
                    false => self.index()?.0,
                };
                let body = self.block_or_statement()?;
                StatementKind::For { name, range, body }
            }
            "delay" => {
                self.advance();
                self.expect("[")?;
                let duration = self.expression()?;
                self.expect("]")?;
                let operands = if self.is(";") { Vec::new() } else { self.operands()?.into_vec() };
                StatementKind::Delay { duration, operands }
            }
            "pragma" => {
                let Statement { kind, .. } = self.note(start);
                kind
            }
            "ctrl" | "negctrl" | "inv" | "pow" | "gphase" => StatementKind::Call(self.call()?),
            _ => return self.assignment_or_call(),
        })
    }

    /// `[n]`, or nothing.
    fn size(&mut self) -> Parsed<Option<crate::qasm::syntax::Expr<'a>>> {
        if !self.accept("[") {
            return Ok(None);
        }
        let size = self.expression()?;
        self.expect("]")?;
        Ok(Some(size))
    }

    fn bits(&mut self) -> Parsed<StatementKind<'a>> {
        self.advance();
        let size = self.size()?;
        let name = self.new_name("a name for the bits")?;
        let mut measured = None;
        if self.accept("=") {
            if !self.is_word("measure") {
                return Err(Finding::new(self.span, "bits can only be given the result of a measurement")
                    .help("bits begin as zero; measure into them"));
            }
            self.advance();
            measured = Some(self.operand()?);
        }
        Ok(StatementKind::Bits { name, size, measured })
    }

    /// A type and its size.
    fn value_type(&mut self) -> Parsed<(Type, Option<crate::qasm::syntax::Expr<'a>>)> {
        let word = self.text();
        let Some(kind) = Type::of(word) else {
            if let Some((_, remedy)) = REFUSED.iter().find(|(refused, _)| *refused == word) {
                return Err(Finding::new(self.span, format!("{word} is not read")).help(*remedy));
            }
            return self.expected("a type: int, uint, float, angle, bool or duration");
        };
        self.advance();
        Ok((kind, self.size()?))
    }

    fn value(&mut self, kind: Type, size: Option<crate::qasm::syntax::Expr<'a>>, constant: bool) -> Parsed<StatementKind<'a>> {
        let name = self.new_name("a name")?;
        let value = if constant || self.is("=") {
            self.expect("=")?;
            Some(self.expression()?)
        } else {
            None
        };
        Ok(StatementKind::Value { name, kind, size, value, constant })
    }

    fn branch(&mut self) -> Parsed<StatementKind<'a>> {
        self.advance();
        self.expect("(")?;
        let condition = self.expression()?;
        self.expect(")")?;
        self.enter()?;
        let (then, otherwise) = if self.version == Version::V2 {
            (vec![self.statement()?], Vec::new())
        } else {
            let then = self.block_or_statement()?;
            let otherwise = if self.is_word("else") {
                self.advance();
                self.block_or_statement()?
            } else {
                Vec::new()
            };
            (then, otherwise)
        };
        self.depth -= 1;
        Ok(StatementKind::If { condition, then, otherwise })
    }

    fn block_or_statement(&mut self) -> Parsed<Vec<Statement<'a>>> {
        if self.accept("{") { self.block() } else { Ok(vec![self.statement()?]) }
    }

    /// `x = 1`, `c = measure q`, or a call of a gate.
    fn assignment_or_call(&mut self) -> Parsed<StatementKind<'a>> {
        let start = self.span;
        let name = self.name("a statement")?;
        let operator = match self.token {
            Token::Symbol("=") => None,
            Token::Symbol("+=") => Some(Binary::Add),
            Token::Symbol("-=") => Some(Binary::Subtract),
            Token::Symbol("*=") => Some(Binary::Multiply),
            Token::Symbol("/=") => Some(Binary::Divide),
            Token::Symbol("[") => {
                let (index, end) = self.index()?;
                let target = Operand { name, literal: None, index: Some(Box::new(index)), span: start.to(end) };
                self.expect("=")?;
                if !self.is_word("measure") {
                    return Err(Finding::new(self.span, "bits can only be given the result of a measurement"));
                }
                self.advance();
                return Ok(StatementKind::Measure { source: self.operand()?, target: Some(target) });
            }
            _ => return Ok(StatementKind::Call(self.call_of(Vec::new(), name)?)),
        };
        self.advance();
        if operator.is_none() && self.is_word("measure") {
            self.advance();
            let target = Operand { name, literal: None, index: None, span: name.span };
            return Ok(StatementKind::Measure { source: self.operand()?, target: Some(target) });
        }
        Ok(StatementKind::Assign { name, operator, value: self.expression()? })
    }

    fn call(&mut self) -> Parsed<Call<'a>> {
        let mut modifiers = Vec::new();
        if self.version == Version::V3 {
            while let word @ ("ctrl" | "negctrl" | "inv" | "pow") = self.text() {
                self.advance();
                let argument = if self.accept("(") {
                    let argument = self.expression()?;
                    self.expect(")")?;
                    Some(argument)
                } else {
                    None
                };
                modifiers.push(match (word, argument) {
                    ("inv", None) => Modifier::Inverse,
                    ("pow", Some(exponent)) => Modifier::Power(exponent),
                    ("ctrl" | "negctrl", count) => Modifier::Control(count, word == "ctrl"),
                    _ => return self.expected(if word == "pow" { "an exponent, as in pow(2)" } else { "\"@\"" }),
                });
                self.expect("@")?;
                if modifiers.len() > 64 {
                    return Err(Finding::new(self.span, "more than 64 modifiers"));
                }
            }
        }
        let name = self.name("a gate")?;
        self.call_of(modifiers, name)
    }

    fn call_of(&mut self, modifiers: Vec<Modifier<'a>>, name: Name<'a>) -> Parsed<Call<'a>> {
        let mut arguments = SmallVec::new();
        if self.accept("(") {
            while !self.accept(")") {
                arguments.push(self.expression()?);
                if !self.is(")") {
                    self.expect(",")?;
                }
            }
        }
        if self.version == Version::V3 && self.is("[") {
            return Err(Finding::new(self.span, "gate durations are not read").help("remove the brackets"));
        }
        let operands = if name.text == "gphase" && self.is(";") { SmallVec::new() } else { self.operands()? };
        Ok(Call { modifiers, name, arguments, operands })
    }
}
