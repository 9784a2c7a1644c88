//! `if` on measured bits.

use super::{Lowered, Lowering, Symbol};
use crate::operation::{Condition, Operation};
use crate::program::{MAX_TESTS, Test, below, order};
use crate::qasm::Version;
use crate::qasm::error::{Finding, Span};
use crate::qasm::expression::Value;
use crate::qasm::syntax::{Binary, Expr, ExprKind, Name, Operand, Statement, Type, Unary};

impl<'a> Lowering<'a> {
    pub(super) fn branch(
        &mut self,
        condition: &Expr<'a>,
        then: &[Statement<'a>],
        otherwise: &[Statement<'a>],
        span: Span,
    ) -> Lowered<()> {
        let test = match self.version {
            Version::V2 => Test::Bits(self.comparison_v2(condition)?),
            Version::V3 => self.test(condition)?,
        };
        if test.size() > MAX_TESTS {
            return Err(Finding::beyond(condition.span, &format!("a condition of more than {MAX_TESTS} comparisons")));
        }
        let before = self.operations;
        let then = self.operations_of(then)?;
        let otherwise = self.operations_of(otherwise)?;
        if test.size() > 1 {
            let size = (self.operations - before).saturating_mul(1 << test.size());
            if size > self.limits.operations - before {
                return Err(self.stop(span, "operations"));
            }
        }
        test.choose(then, otherwise).into_iter().try_for_each(|operation| self.emit(operation, span))
    }

    fn operations_of(&mut self, statements: &[Statement<'a>]) -> Lowered<Vec<Operation>> {
        self.blocks.push(Vec::new());
        let result = self.block(statements);
        let list = self.blocks.pop().expect("pushed above");
        result.map(|()| list)
    }

    /// `register == number`, all that version 2 has.
    fn comparison_v2(&self, expr: &Expr<'a>) -> Lowered<Condition> {
        let ExprKind::Binary(Binary::Equal, sides) = &expr.kind else {
            return Err(Finding::new(expr.span, "expected a comparison such as c == 1"));
        };
        let ExprKind::Integer(value) = sides.1.kind else {
            return Err(Finding::new(expr.span, "expected a comparison of a register with a whole number"));
        };
        // a bit by itself is compared in programs for machines
        let operand = match &sides.0.kind {
            ExprKind::Name(name) => {
                Operand { name: Name { text: name, span: sides.0.span }, literal: None, index: None, span: sides.0.span }
            }
            ExprKind::Element(operand) => (**operand).clone(),
            _ => return Err(Finding::new(expr.span, "expected a comparison of a register with a whole number")),
        };
        Ok(Condition { bits: self.bits(&operand)?.iter().collect(), value })
    }

    /// The bits that an expression names, if it names bits.
    fn named_bits(&self, expr: &Expr<'a>) -> Lowered<Option<Vec<usize>>> {
        let operand = match &expr.kind {
            ExprKind::Name(text) => Operand { name: Name { text, span: expr.span }, literal: None, index: None, span: expr.span },
            ExprKind::Element(operand) => (**operand).clone(),
            // a cast of bits to a whole number changes none of them
            ExprKind::Call("int" | "uint" | "bit", arguments) if arguments.len() == 1 => return self.named_bits(&arguments[0]),
            ExprKind::Cast(kind @ (Type::Int | Type::Uint), Some(size), inner) => {
                let size = self.evaluator(&|name| self.value_of(name)).whole(size)?;
                let Some(mut bits) = self.named_bits(inner)? else { return Ok(None) };
                let size = usize::try_from(size).unwrap_or(0);
                if *kind == Type::Int && size <= bits.len() {
                    return Err(Finding::beyond(expr.span, "a comparison of measured bits with a sign"));
                }
                bits.truncate(size);
                return Ok(Some(bits));
            }
            _ => return Ok(None),
        };
        match self.symbol(operand.name.text) {
            Some(Symbol::Value(..)) => Ok(None),
            _ => Ok(Some(self.bits(&operand)?.iter().collect())),
        }
    }

    /// The whole number that bits are compared with.
    fn compared_with(&self, expr: &Expr<'a>) -> Lowered<u64> {
        let value = match (&expr.kind, self.evaluate(expr)?) {
            (ExprKind::Integer(value), _) => Some(*value),
            (_, Value::Int(value)) => u64::try_from(value.value()).ok(),
            (_, Value::Bool(value)) => Some(u64::from(value)),
            (_, Value::Real(_) | Value::Duration(_)) => None,
        };
        value.ok_or_else(|| Finding::new(expr.span, "bits are compared with whole numbers of 64 bits that are not negative"))
    }

    fn test(&self, expr: &Expr<'a>) -> Lowered<Test> {
        match &expr.kind {
            ExprKind::Unary(Unary::Not, inner) => return Ok(Test::Not(Box::new(self.test(inner)?))),
            ExprKind::Unary(Unary::Complement, inner) => {
                if let Some(bits) = self.named_bits(inner)?.filter(|bits| bits.len() == 1) {
                    return Ok(Test::Bits(Condition { bits, value: 0 }));
                }
            }
            ExprKind::Binary(Binary::And, sides) => {
                return Ok(Test::And(Box::new((self.test(&sides.0)?, self.test(&sides.1)?))));
            }
            ExprKind::Binary(Binary::Or, sides) => {
                return Ok(Test::Or(Box::new((self.test(&sides.0)?, self.test(&sides.1)?))));
            }
            ExprKind::Binary(operator, sides) if order(*operator).is_some() => {
                let (strict, less) = order(*operator).expect("checked above");
                let (bits, other, less) = match (self.named_bits(&sides.0)?, self.named_bits(&sides.1)?) {
                    (Some(_), Some(_)) => {
                        return Err(Finding::beyond(expr.span, "a comparison of bits with bits"));
                    }
                    (Some(bits), None) => (Some(bits), &sides.1, less),
                    (None, Some(bits)) => (Some(bits), &sides.0, !less),
                    (None, None) => (None, &sides.0, less),
                };
                if let Some(bits) = bits {
                    let bound = self.compared_with(other)?;
                    // bits < bound, or not: c <= 3 is not c > 3, c > 3 is not c < 4
                    let below = |bound: u64| below(&bits, bound);
                    // all digits beyond the 64th are zero in what is at most the largest bound
                    let high = Condition { bits: bits.get(64..).unwrap_or_default().to_vec(), value: 0 };
                    let next = |bound: u64| bound.checked_add(1).map_or(Test::Bits(high), below);
                    return Ok(match (less, strict) {
                        (true, true) => below(bound),
                        (true, false) => next(bound),
                        (false, true) => Test::Not(Box::new(next(bound))),
                        (false, false) => Test::Not(Box::new(below(bound))),
                    });
                }
            }
            ExprKind::Binary(operator @ (Binary::Equal | Binary::NotEqual), sides) => {
                let (bits, other) = match (self.named_bits(&sides.0)?, self.named_bits(&sides.1)?) {
                    (Some(_), Some(_)) => {
                        return Err(Finding::beyond(expr.span, "a comparison of bits with bits"));
                    }
                    (Some(bits), None) => (Some(bits), &sides.1),
                    (None, Some(bits)) => (Some(bits), &sides.0),
                    (None, None) => (None, &sides.0),
                };
                if let Some(bits) = bits {
                    let value = self.compared_with(other)?;
                    let test = Test::Bits(Condition { bits, value });
                    return Ok(if *operator == Binary::Equal { test } else { Test::Not(Box::new(test)) });
                }
            }
            ExprKind::Name(_) | ExprKind::Element(_) => {
                if let Some(bits) = self.named_bits(expr)? {
                    // A register counts as true when it is not zero.
                    return Ok(match bits.len() {
                        1 => Test::Bits(Condition { bits, value: 1 }),
                        _ => Test::Not(Box::new(Test::Bits(Condition { bits, value: 0 }))),
                    });
                }
            }
            ExprKind::CastTo(_)
            | ExprKind::Measure(_)
            | ExprKind::BitString(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Dt(_)
            | ExprKind::List(_)
            | ExprKind::DurationOf(_)
            | ExprKind::Index(_)
            | ExprKind::Integer(_)
            | ExprKind::Real(_)
            | ExprKind::Duration(_)
            | ExprKind::Bool(_)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..)
            | ExprKind::Call(..)
            | ExprKind::Cast(..) => {}
        }
        match self.evaluate(expr)? {
            Value::Bool(value) => Ok(Test::Known(value)),
            Value::Int(_) | Value::Real(_) | Value::Duration(_) => {
                Err(Finding::new(expr.span, "expected a condition such as c == 1"))
            }
        }
    }
}
