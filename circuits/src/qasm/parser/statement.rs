//! Statements of both versions.

use smallvec::SmallVec;

use super::{Parsed, Parser};
use crate::qasm::Version;
use crate::qasm::error::{Finding, Span};
use crate::qasm::lexer::Token;
use crate::qasm::syntax::{Binary, Call, Expr, ExprKind, Form, Index, Modifier, Name, Statement, StatementKind, TypeExpr};

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
            StatementKind::Gate(_)
                | StatementKind::If { .. }
                | StatementKind::For { .. }
                | StatementKind::While { .. }
                | StatementKind::Switch { .. }
                | StatementKind::Box { .. }
                | StatementKind::Subroutine(_)
                | StatementKind::Calibration(_)
                | StatementKind::Note(_)
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
        Ok(match word {
            "qubit" => {
                self.advance();
                let size = self.size()?;
                StatementKind::Qubits { name: self.new_name("a name for the qubits")?, size }
            }
            "bit" => self.bits()?,
            "input" | "output" | "const" => {
                self.advance();
                let kind = self.declared_type()?;
                let form = match word {
                    "input" => Form::Input,
                    "output" => Form::Output,
                    _ => Form::Constant,
                };
                self.declaration(kind, form)?
            }
            "int" | "uint" | "float" | "angle" | "bool" | "duration" | "complex" | "array" | "stretch" => {
                let kind = self.declared_type()?;
                self.declaration(kind, Form::Plain)?
            }
            "while" | "switch" | "break" | "continue" | "end" | "return" | "box" | "def" | "extern" | "cal" | "defcal"
            | "defcalgrammar" => return self.control(word),
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
                let kind = Box::new(self.declared_type()?);
                let name = self.new_name("a name for the counter")?;
                if !self.is_word("in") {
                    return self.expected("\"in\"");
                }
                self.advance();
                let range = match self.token {
                    Token::Symbol("{") => Index::Set(self.set()?),
                    Token::Symbol("[") => self.index()?.0,
                    _ => Index::One(self.expression()?),
                };
                let body = self.block_or_statement()?;
                StatementKind::For { name, kind, range, body }
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
            "durationof" => StatementKind::Expression(self.expression()?),
            _ => return self.assignment_or_call(),
        })
    }

    /// `[n]`, or nothing.
    pub(super) fn size(&mut self) -> Parsed<Option<Expr<'a>>> {
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
        if !self.accept("=") {
            return Ok(StatementKind::Bits { name, size, measured: None });
        }
        if self.is_word("measure") {
            self.advance();
            return Ok(StatementKind::Bits { name, size, measured: Some(self.operand()?) });
        }
        let value = Some(self.expression()?);
        Ok(StatementKind::Declare { name, kind: Box::new(TypeExpr::Bit(size)), value, form: Form::Plain })
    }

    /// What follows the type of a variable.
    fn declaration(&mut self, kind: TypeExpr<'a>, form: Form) -> Parsed<StatementKind<'a>> {
        let name = self.new_name("a name")?;
        let value = if form == Form::Constant || (form != Form::Input && self.is("=")) {
            self.expect("=")?;
            Some(if self.is("{") { self.list()? } else { self.expression()? })
        } else {
            None
        };
        Ok(StatementKind::Declare { name, kind: Box::new(kind), value, form })
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

    pub(super) fn block_or_statement(&mut self) -> Parsed<Vec<Statement<'a>>> {
        if self.accept("{") { self.block() } else { Ok(vec![self.statement()?]) }
    }

    /// `x = 1`, `c = measure q`, or a call of a gate or a subroutine.
    fn assignment_or_call(&mut self) -> Parsed<StatementKind<'a>> {
        let name = self.name("a statement")?;
        let is_index = self.is("[");
        if !is_index && self.assignment_operator().is_none() {
            return self.call_or_expression(name);
        }
        let target = self.indexed(name)?;
        let Some(operator) = self.assignment_operator() else {
            return self.expected("an assignment");
        };
        self.advance();
        if operator.is_none() && self.is_word("measure") {
            self.advance();
            return Ok(StatementKind::Measure { source: self.operand()?, target: Some(target) });
        }
        let value = if self.is("{") { self.list()? } else { self.expression()? };
        Ok(StatementKind::Assign { target, operator, value })
    }

    /// The operator of an assignment: none where the token is no assignment.
    fn assignment_operator(&self) -> Option<Option<Binary>> {
        let Token::Symbol(symbol) = self.token else { return None };
        Some(Some(match symbol {
            "=" => return Some(None),
            "+=" => Binary::Add,
            "-=" => Binary::Subtract,
            "*=" => Binary::Multiply,
            "/=" => Binary::Divide,
            "%=" => Binary::Remainder,
            "**=" => Binary::Power,
            "&=" => Binary::BitAnd,
            "|=" => Binary::BitOr,
            "^=" => Binary::BitXor,
            "<<=" => Binary::ShiftLeft,
            ">>=" => Binary::ShiftRight,
            _ => return None,
        }))
    }

    fn call_or_expression(&mut self, name: Name<'a>) -> Parsed<StatementKind<'a>> {
        let call = self.call_of(Vec::new(), name)?;
        if call.operands.is_empty() && name.text != "gphase" {
            let span = Span { start: name.span.start, end: self.end };
            let kind = ExprKind::Call(name.text, call.arguments.into_vec());
            return Ok(StatementKind::Expression(Expr { kind, span, depth: 0 }));
        }
        Ok(StatementKind::Call(call))
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
        let bare = self.version == Version::V3 && self.is(";") && self.end > name.span.end;
        let operands = if bare { SmallVec::new() } else { self.operands()? };
        Ok(Call { modifiers, name, arguments, operands })
    }
}
