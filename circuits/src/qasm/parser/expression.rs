//! Expressions by precedence climbing.

use super::{MAX_DEPTH, Parsed, Parser};
use crate::qasm::error::Finding;
use crate::qasm::lexer::Token;
use crate::qasm::syntax::{Binary, Expr, ExprKind, Unary};

/// Binding strength of an operator, and whether it groups to the right.
fn operator(symbol: &str) -> Option<(Binary, u8, bool)> {
    Some(match symbol {
        "==" => (Binary::Equal, 1, false),
        "+" => (Binary::Add, 5, false),
        "-" => (Binary::Subtract, 5, false),
        "*" => (Binary::Multiply, 6, false),
        "/" => (Binary::Divide, 6, false),
        "^" => (Binary::Power, 8, true),
        _ => return None,
    })
}
/// Unary signs bind tighter than products, looser than powers.
const UNARY: u8 = 7;

impl<'a> Parser<'a> {
    pub(super) fn expression(&mut self) -> Parsed<Expr<'a>> {
        self.binary(0)
    }

    fn binary(&mut self, weakest: u8) -> Parsed<Expr<'a>> {
        let mut left = self.unary()?;
        while let Token::Symbol(symbol) = self.token {
            let Some((binary, strength, right)) = operator(symbol).filter(|(_, strength, _)| *strength >= weakest) else { break };
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

    fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        self.deeper(self.depth).map(|_| ())
    }

    fn deeper(&mut self, depth: u16) -> Parsed<u16> {
        if depth < MAX_DEPTH {
            return Ok(depth + 1);
        }
        self.depth = 0;
        Err(Finding::new(self.span, format!("more than {MAX_DEPTH} levels of nesting")).help("split the expression"))
    }

    fn unary(&mut self) -> Parsed<Expr<'a>> {
        let start = self.span;
        let sign = match self.token {
            Token::Symbol("-") => Unary::Minus,
            Token::Symbol("+") => Unary::Plus,
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
                let kind = match self.text().replace('_', "").parse::<u64>() {
                    Ok(value) => ExprKind::Integer(value),
                    Err(_) => ExprKind::Real(self.real()?),
                };
                self.advance();
                leaf(kind, start)
            }
            Token::Real => {
                let kind = ExprKind::Real(self.real()?);
                self.advance();
                leaf(kind, start)
            }
            Token::Identifier => {
                let name = self.text();
                self.advance();
                if !self.accept("(") {
                    return leaf(ExprKind::Name(name), start);
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
                Ok(Expr { kind: ExprKind::Call(name, arguments), span: start.to(end), depth })
            }
            Token::Symbol("(") => {
                self.advance();
                self.enter()?;
                let inner = self.expression()?;
                self.depth -= 1;
                let end = self.expect(")")?;
                Ok(Expr { span: start.to(end), ..inner })
            }
            _ => self.expected("an expression"),
        }
    }

    fn real(&mut self) -> Parsed<f64> {
        let text = self.text().replace('_', "");
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(Finding::new(self.span, format!("{text} is no number of double precision"))),
        }
    }
}
