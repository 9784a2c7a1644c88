//! Statements that only programs of version 3 have: loops, subroutines, arrays, timing, calibrations.

use super::{Parsed, Parser};
use crate::qasm::error::{Finding, Span};
use crate::qasm::lexer::Token;
use crate::qasm::syntax::{Access, Expr, ExprKind, StatementKind, Subroutine, Type, TypeExpr};

impl<'a> Parser<'a> {
    /// A statement that begins with one of the words of control flow.
    pub(super) fn control(&mut self, word: &str) -> Parsed<StatementKind<'a>> {
        let start = self.span;
        self.advance();
        Ok(match word {
            "while" => {
                self.expect("(")?;
                let condition = self.expression()?;
                self.expect(")")?;
                self.enter()?;
                let body = self.block_or_statement()?;
                self.depth -= 1;
                StatementKind::While { condition, body }
            }
            "switch" => self.switch()?,
            "break" => StatementKind::Break,
            "continue" => StatementKind::Continue,
            "end" => StatementKind::End,
            "return" => StatementKind::Return(if self.is(";") { None } else { Some(self.expression()?) }),
            "box" => {
                let duration = self.size()?;
                self.expect("{")?;
                StatementKind::Box { duration, body: self.block()? }
            }
            "def" => self.subroutine()?,
            "extern" => self.external()?,
            "defcalgrammar" => {
                if self.token != Token::String {
                    return self.expected("the name of a grammar in quotes");
                }
                self.advance();
                self.expect(";")?;
                StatementKind::Calibration(&self.source[start.start..self.end])
            }
            _ => self.calibration(start)?,
        })
    }

    /// `cal { .. }` and `defcal x $0 { .. }`, whose bodies are no part of the language.
    fn calibration(&mut self, start: Span) -> Parsed<StatementKind<'a>> {
        let Some(end) = self.lexer.skip_braces(self.span.start) else {
            return Err(Finding::new(start, "a calibration whose braces are never closed").help("close it with }"));
        };
        self.span = Span { start: end - 1, end };
        self.advance();
        Ok(StatementKind::Calibration(&self.source[start.start..end]))
    }

    fn switch(&mut self) -> Parsed<StatementKind<'a>> {
        self.expect("(")?;
        let value = self.expression()?;
        self.expect(")")?;
        self.expect("{")?;
        let (mut cases, mut default) = (Vec::new(), None);
        while !self.accept("}") {
            if default.is_some() {
                return Err(Finding::new(self.span, "nothing follows the default of a switch"));
            }
            if self.is_word("case") {
                self.advance();
                let mut labels = vec![self.expression()?];
                while self.accept(",") {
                    labels.push(self.expression()?);
                }
                self.expect("{")?;
                cases.push((labels, self.block()?));
            } else if self.is_word("default") {
                self.advance();
                self.expect("{")?;
                default = Some(self.block()?);
            } else {
                return self.expected("case or default");
            }
        }
        Ok(StatementKind::Switch { value, cases, default })
    }

    fn subroutine(&mut self) -> Parsed<StatementKind<'a>> {
        let name = self.new_name("a name for the subroutine")?;
        let mut parameters = Vec::new();
        self.expect("(")?;
        while !self.accept(")") {
            let kind = self.declared_type()?;
            let name = self.new_name("a parameter")?;
            let kind = match (kind, self.is("[")) {
                // qreg q[2] and creg c[2]
                (TypeExpr::Qubit(None), true) => TypeExpr::Qubit(self.size()?),
                (TypeExpr::Bit(None), true) => TypeExpr::Bit(self.size()?),
                (kind, _) => kind,
            };
            parameters.push((kind, name));
            if !self.is(")") {
                self.expect(",")?;
            }
        }
        let returns = if self.accept("->") { Some(self.declared_type()?) } else { None };
        self.expect("{")?;
        let body = self.block()?;
        Ok(StatementKind::Subroutine(Box::new(Subroutine { name, parameters, returns, body })))
    }

    fn external(&mut self) -> Parsed<StatementKind<'a>> {
        let name = self.new_name("a name for the function")?;
        let mut parameters = Vec::new();
        self.expect("(")?;
        while !self.accept(")") {
            parameters.push(self.declared_type()?);
            if !self.is(")") {
                self.expect(",")?;
            }
        }
        let returns = if self.accept("->") { Some(self.declared_type()?) } else { None };
        Ok(StatementKind::Extern { name, parameters, returns })
    }

    /// A type of version 3.
    pub(super) fn declared_type(&mut self) -> Parsed<TypeExpr<'a>> {
        let start = self.span;
        let word = self.text();
        if let Some(kind) = Type::of(word) {
            self.advance();
            return Ok(TypeExpr::Scalar(kind, self.size()?));
        }
        let access = match word {
            "readonly" => Some(Access::ReadOnly),
            "mutable" => Some(Access::Mutable),
            _ => None,
        };
        match word {
            "bit" | "creg" => {
                self.advance();
                Ok(TypeExpr::Bit(self.size()?))
            }
            "qubit" | "qreg" => {
                self.advance();
                Ok(TypeExpr::Qubit(self.size()?))
            }
            "stretch" => {
                self.advance();
                Ok(TypeExpr::Stretch)
            }
            "complex" => {
                self.advance();
                self.complex()
            }
            "array" | "readonly" | "mutable" => {
                self.advance();
                if access.is_some() {
                    if !self.is_word("array") {
                        return self.expected("\"array\"");
                    }
                    self.advance();
                }
                self.array(access, start)
            }
            _ => self.expected("a type"),
        }
    }

    /// `[float[64]]` behind `complex`, or nothing.
    fn complex(&mut self) -> Parsed<TypeExpr<'a>> {
        if !self.accept("[") {
            return Ok(TypeExpr::Complex(None));
        }
        if !self.is_word("float") {
            return self.expected("\"float\"");
        }
        self.advance();
        let size = self.size()?;
        self.expect("]")?;
        Ok(TypeExpr::Complex(size))
    }

    /// `[int[8], 2, 3]` or `[int[8], #dim = 2]` behind `array`.
    fn array(&mut self, access: Option<Access>, start: Span) -> Parsed<TypeExpr<'a>> {
        self.expect("[")?;
        self.enter()?;
        let base = Box::new(self.declared_type()?);
        let (mut dimensions, mut rank) = (Vec::new(), None);
        self.expect(",")?;
        if self.accept("#") {
            if !self.is_word("dim") {
                return self.expected("\"dim\"");
            }
            self.advance();
            self.expect("=")?;
            rank = Some(self.expression()?);
        } else {
            dimensions.push(self.expression()?);
            while self.accept(",") {
                dimensions.push(self.expression()?);
            }
        }
        self.depth -= 1;
        let end = self.expect("]")?;
        Ok(TypeExpr::Array { base, dimensions, rank, access, span: start.to(end) })
    }

    /// `complex[float[64]](x)`, behind the word.
    pub(super) fn complex_cast(&mut self, start: Span) -> Parsed<Expr<'a>> {
        let kind = self.complex()?;
        self.cast_to(kind, start)
    }

    /// `durationof({x $0;})`, behind the word.
    pub(super) fn duration_of(&mut self, start: Span) -> Parsed<Expr<'a>> {
        self.expect("(")?;
        self.expect("{")?;
        let body = self.block()?;
        let end = self.expect(")")?;
        Ok(Expr { kind: ExprKind::DurationOf(body), span: start.to(end), depth: 0 })
    }
}
