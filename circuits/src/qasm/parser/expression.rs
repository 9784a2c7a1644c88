//! Expressions by precedence climbing.

use super::{MAX_DEPTH, Parsed, Parser};
use crate::qasm::Version;
use crate::qasm::error::{Finding, Span};
use crate::qasm::lexer::Token;
use crate::qasm::syntax::{Binary, Expr, ExprKind, Index, Operand, Type, TypeExpr, Unary};

/// Binding strength of an operator, and whether it groups to the right.
fn operator(symbol: &str, version: Version) -> Option<(Binary, u8, bool)> {
    if matches!(symbol.as_bytes()[0], b',' | b')' | b';' | b']' | b'}' | b':') {
        return None;
    }
    let new = version == Version::V3;
    Some(match symbol {
        "||" if new => (Binary::Or, 1, false),
        "&&" if new => (Binary::And, 2, false),
        "|" if new => (Binary::BitOr, 3, false),
        "^" if new => (Binary::BitXor, 4, false),
        "&" if new => (Binary::BitAnd, 5, false),
        "==" => (Binary::Equal, 6, false),
        "!=" if new => (Binary::NotEqual, 6, false),
        "<" if new => (Binary::Less, 7, false),
        "<=" if new => (Binary::LessEqual, 7, false),
        ">" if new => (Binary::Greater, 7, false),
        ">=" if new => (Binary::GreaterEqual, 7, false),
        "<<" if new => (Binary::ShiftLeft, 8, false),
        ">>" if new => (Binary::ShiftRight, 8, false),
        "+" => (Binary::Add, 9, false),
        "-" => (Binary::Subtract, 9, false),
        "*" => (Binary::Multiply, 10, false),
        "/" => (Binary::Divide, 10, false),
        "%" if new => (Binary::Remainder, 10, false),
        "**" if new => (Binary::Power, 12, true),
        "^" => (Binary::Power, 12, true),
        _ => return None,
    })
}
/// Unary signs bind tighter than products, looser than powers.
const UNARY: u8 = 11;

impl<'a> Parser<'a> {
    /// An expression of version 3 that is all of the source.
    pub fn whole_expression(mut self) -> Parsed<Expr<'a>> {
        self.version = Version::V3;
        let expr = self.expression()?;
        if self.token == Token::End { Ok(expr) } else { self.expected("the end of the number") }
    }

    pub(super) fn expression(&mut self) -> Parsed<Expr<'a>> {
        self.binary(0)
    }

    fn binary(&mut self, weakest: u8) -> Parsed<Expr<'a>> {
        let mut left = self.unary()?;
        while let Token::Symbol(symbol) = self.token {
            let known = operator(symbol, self.version).filter(|(_, strength, _)| *strength >= weakest);
            let Some((binary, strength, right)) = known else { break };
            self.advance();
            self.enter()?;
            let other = self.binary(if right { strength } else { strength + 1 })?;
            self.depth -= 1;
            let depth = self.deeper(left.depth.max(other.depth))?;
            let span = left.span.to(other.span);
            left = Expr { kind: ExprKind::Binary(binary, Box::new((left, other))), span, depth };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr<'a>> {
        let start = self.span;
        let new = self.version == Version::V3;
        let sign = match self.token {
            Token::Symbol("-") => Unary::Minus,
            Token::Symbol("+") if !new => Unary::Plus,
            Token::Symbol("!") if new => Unary::Not,
            Token::Symbol("~") if new => Unary::Complement,
            _ => return self.primary(),
        };
        self.advance();
        self.enter()?;
        let inner = self.binary(UNARY)?;
        self.depth -= 1;
        let depth = self.deeper(inner.depth)?;
        Ok(Expr { span: start.to(inner.span), kind: ExprKind::Unary(sign, Box::new(inner)), depth })
    }

    fn primary(&mut self) -> Parsed<Expr<'a>> {
        let start = self.span;
        let leaf = |kind, span| Ok(Expr { kind, span, depth: 0 });
        match self.token {
            Token::Integer => {
                let kind = self.integer()?;
                self.advance();
                leaf(kind, start)
            }
            Token::Real => {
                let kind = ExprKind::Real(self.real(self.text())?);
                self.advance();
                leaf(kind, start)
            }
            Token::Timing if self.version == Version::V3 => {
                let kind = self.duration()?;
                self.advance();
                leaf(kind, start)
            }
            Token::Identifier => self.named(start),
            Token::Symbol("(") => {
                self.advance();
                self.enter()?;
                let inner = self.expression()?;
                self.depth -= 1;
                let end = self.expect(")")?;
                self.behind(Expr { span: start.to(end), ..inner })
            }
            Token::String if self.version == Version::V3 => {
                self.advance();
                leaf(ExprKind::BitString(&self.source[start.start + 1..start.end - 1]), start)
            }
            Token::HardwareQubit if self.version == Version::V3 => {
                self.advance();
                leaf(ExprKind::Name(&self.source[start.start..start.end]), start)
            }
            _ => self.expected("an expression"),
        }
    }

    /// An expression that begins with a name.
    fn named(&mut self, start: Span) -> Parsed<Expr<'a>> {
        let leaf = |kind, span| Ok(Expr { kind, span, depth: 0 });
        let name = self.name("a name")?;
        if self.version == Version::V3 {
            match name.text {
                "true" => return leaf(ExprKind::Bool(true), start),
                "false" => return leaf(ExprKind::Bool(false), start),
                "measure" => {
                    let operand = self.operand()?;
                    let span = start.to(operand.span);
                    return leaf(ExprKind::Measure(Box::new(operand)), span);
                }
                "durationof" => return self.duration_of(start),
                "complex" => return self.complex_cast(start),
                _ => {}
            }
        }
        if self.is("[") {
            let (index, end) = self.indices()?;
            let span = start.to(end);
            if let (Some(kind), true, Index::One(size)) = (Type::of(name.text), self.is("("), &index) {
                self.advance();
                self.enter()?;
                let inner = self.expression()?;
                let end = self.expect(")")?;
                self.depth -= 1;
                let depth = self.deeper(inner.depth.max(size.depth))?;
                let kind = ExprKind::Cast(kind, Some(Box::new(size.clone())), Box::new(inner));
                return Ok(Expr { kind, span: start.to(end), depth });
            }
            if let ("bit", true, Index::One(size)) = (name.text, self.is("("), &index) {
                let size = size.clone();
                return self.cast_to(TypeExpr::Bit(Some(size)), start);
            }
            if !self.is("(") {
                return leaf(
                    ExprKind::Element(Box::new(Operand { name, literal: None, index: Some(Box::new(index)), span })),
                    span,
                );
            }
        }
        if !self.accept("(") {
            return leaf(ExprKind::Name(name.text), start);
        }
        self.enter()?;
        let mut arguments = Vec::new();
        while !self.is(")") {
            arguments.push(self.expression()?);
            if !self.is(")") {
                self.expect(",")?;
            }
        }
        let end = self.expect(")")?;
        self.depth -= 1;
        let depth = self.deeper(arguments.iter().map(|argument| argument.depth).max().unwrap_or(0))?;
        self.behind(Expr { kind: ExprKind::Call(name.text, arguments), span: start.to(end), depth })
    }

    /// `[1]`, `[0:2]`, `[{0, 2}]`.
    pub(super) fn index(&mut self) -> Parsed<(Index<'a>, crate::qasm::error::Span)> {
        self.expect("[")?;
        self.enter()?;
        let index = if self.is("{") { Index::Set(self.set()?) } else { self.range_or_one()? };
        self.depth -= 1;
        Ok((index, self.expect("]")?))
    }

    pub(super) fn set(&mut self) -> Parsed<Vec<Expr<'a>>> {
        self.expect("{")?;
        let mut items = Vec::new();
        while !self.accept("}") {
            items.push(self.expression()?);
            if !self.is("}") {
                self.expect(",")?;
            }
        }
        Ok(items)
    }

    /// All that stands in one pair of brackets and in the pairs behind it.
    pub(super) fn indices(&mut self) -> Parsed<(Index<'a>, Span)> {
        let (first, end) = self.bracket()?;
        if self.version == Version::V2 || !self.is("[") {
            return Ok((first, end));
        }
        self.chain(first, end)
    }

    /// The pairs of brackets behind a first one.
    pub(super) fn chain(&mut self, first: Index<'a>, mut end: Span) -> Parsed<(Index<'a>, Span)> {
        let mut chain = vec![first];
        while self.is("[") {
            let (index, span) = self.bracket()?;
            end = span;
            chain.push(index);
            if chain.len() > usize::from(MAX_DEPTH) {
                return Err(Finding::new(span, format!("more than {MAX_DEPTH} indices")));
            }
        }
        Ok((Index::Chain(chain), end))
    }

    /// One pair of brackets, with an index for each dimension.
    fn bracket(&mut self) -> Parsed<(Index<'a>, Span)> {
        self.expect("[")?;
        self.enter()?;
        let mut list = vec![if self.is("{") { Index::Set(self.set()?) } else { self.range_or_one()? }];
        while self.version == Version::V3 && self.accept(",") {
            list.push(self.range_or_one()?);
        }
        self.depth -= 1;
        let index = if list.len() == 1 { list.remove(0) } else { Index::Many(list) };
        Ok((index, self.expect("]")?))
    }

    /// Indices behind an expression.
    fn behind(&mut self, mut expr: Expr<'a>) -> Parsed<Expr<'a>> {
        while self.version == Version::V3 && self.is("[") {
            let (index, end) = self.bracket()?;
            let depth = self.deeper(expr.depth)?;
            expr = Expr { span: expr.span.to(end), kind: ExprKind::Index(Box::new((expr, index))), depth };
        }
        Ok(expr)
    }

    /// `(x)` behind a type.
    pub(super) fn cast_to(&mut self, kind: TypeExpr<'a>, start: Span) -> Parsed<Expr<'a>> {
        self.expect("(")?;
        self.enter()?;
        let inner = self.expression()?;
        let end = self.expect(")")?;
        self.depth -= 1;
        let depth = self.deeper(inner.depth)?;
        self.behind(Expr { kind: ExprKind::CastTo(Box::new((kind, inner))), span: start.to(end), depth })
    }

    /// `{1, {2, 3}}`.
    pub(super) fn list(&mut self) -> Parsed<Expr<'a>> {
        let start = self.expect("{")?;
        self.enter()?;
        let mut items = Vec::new();
        while !self.is("}") {
            items.push(if self.is("{") { self.list()? } else { self.expression()? });
            if !self.is("}") {
                self.expect(",")?;
            }
        }
        let end = self.expect("}")?;
        self.depth -= 1;
        let depth = self.deeper(items.iter().map(|item| item.depth).max().unwrap_or(0))?;
        Ok(Expr { kind: ExprKind::List(items), span: start.to(end), depth })
    }

    fn range_or_one(&mut self) -> Parsed<Index<'a>> {
        let part = |parser: &mut Self| -> Parsed<Option<Expr<'a>>> {
            if parser.is(":") || parser.is("]") { Ok(None) } else { parser.expression().map(Some) }
        };
        let first = part(self)?;
        if !self.accept(":") {
            return first.map(Index::One).map_or_else(|| self.expected("an index"), Ok);
        }
        let second = part(self)?;
        if !self.accept(":") {
            return Ok(Index::Range(first, None, second));
        }
        let third = part(self)?;
        Ok(Index::Range(first, second, third))
    }

    pub(super) fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        self.deeper(self.depth).map(|_| ())
    }

    fn deeper(&mut self, depth: u16) -> Parsed<u16> {
        if depth < MAX_DEPTH {
            return Ok(depth + 1);
        }
        Err(Finding::new(self.span, format!("more than {MAX_DEPTH} levels of nesting")).help("split it into parts"))
    }

    fn integer(&self) -> Parsed<ExprKind<'a>> {
        let text = self.text();
        let clean = if text.contains('_') { std::borrow::Cow::Owned(text.replace('_', "")) } else { text.into() };
        let (radix, digits) = match clean.get(..2) {
            Some("0x" | "0X") => (16, &clean[2..]),
            Some("0o" | "0O") => (8, &clean[2..]),
            Some("0b" | "0B") => (2, &clean[2..]),
            Some(_) | None => (10, &clean[..]),
        };
        match u64::from_str_radix(digits, radix) {
            Ok(value) => Ok(ExprKind::Integer(value)),
            Err(_) if radix == 10 => Ok(ExprKind::Real(self.real(text)?)),
            Err(_) => Err(Finding::new(self.span, format!("{text} is no whole number of 64 bits"))),
        }
    }

    fn real(&self, text: &str) -> Parsed<f64> {
        let parsed = if text.contains('_') { text.replace('_', "").parse::<f64>() } else { text.parse::<f64>() };
        match parsed {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(Finding::new(self.span, format!("{text} is no number of double precision"))),
        }
    }

    fn duration(&self) -> Parsed<ExprKind<'a>> {
        let text = self.text();
        let digits = text.trim_end_matches(|c: char| c.is_alphabetic());
        let nanoseconds = match &text[digits.len()..] {
            "ns" => 1.0,
            "us" | "µs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "im" => return Ok(ExprKind::Imaginary(self.real(digits)?)),
            _ => return Ok(ExprKind::Dt(self.real(digits)?)),
        };
        Ok(ExprKind::Duration(self.real(digits)? * nanoseconds))
    }
}
