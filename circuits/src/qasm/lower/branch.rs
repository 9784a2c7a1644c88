//! `if` on measured bits.

use super::{Lowered, Lowering, Symbol};
use crate::operation::{Condition, Conditional, Operation};
use crate::qasm::Version;
use crate::qasm::error::{Finding, Span};
use crate::qasm::expression::Value;
use crate::qasm::syntax::{Binary, Expr, ExprKind, Name, Operand, Statement, Unary};

/// The most comparisons in one condition.
const MAX_TESTS: usize = 12;

/// What a condition asks of the bits.
enum Test {
    Known(bool),
    Bits(Condition),
    Not(Box<Test>),
    And(Box<(Test, Test)>),
    Or(Box<(Test, Test)>),
}

impl Test {
    fn size(&self) -> usize {
        match self {
            Test::Known(_) | Test::Bits(_) => 1,
            Test::Not(inner) => inner.size(),
            Test::And(sides) | Test::Or(sides) => sides.0.size() + sides.1.size(),
        }
    }

    /// Operations that run `then` where the test holds and `otherwise` where not.
    fn choose(self, then: Vec<Operation>, otherwise: Vec<Operation>) -> Vec<Operation> {
        match self {
            Test::Known(true) => then,
            Test::Known(false) => otherwise,
            Test::Bits(condition) => vec![Operation::Conditional(Box::new(Conditional { condition, then, otherwise }))],
            Test::Not(inner) => match *inner {
                Test::Bits(Condition { bits, value: value @ 0..=1 }) if bits.len() == 1 => {
                    Test::Bits(Condition { bits, value: 1 - value }).choose(then, otherwise)
                }
                other => other.choose(otherwise, then),
            },
            Test::And(sides) => {
                let inner = sides.1.choose(then, otherwise.clone());
                sides.0.choose(inner, otherwise)
            }
            Test::Or(sides) => {
                let inner = sides.1.choose(then.clone(), otherwise);
                sides.0.choose(then, inner)
            }
        }
    }
}

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
            return Err(Finding::new(condition.span, format!("more than {MAX_TESTS} comparisons in one condition"))
                .help("nest several if"));
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
        let (ExprKind::Name(name), ExprKind::Integer(value)) = (&sides.0.kind, &sides.1.kind) else {
            return Err(Finding::new(expr.span, "expected a comparison of a register with a whole number"));
        };
        let operand = Operand { name: Name { text: name, span: sides.0.span }, literal: None, index: None, span: sides.0.span };
        let bits = self.compared(&operand)?;
        Ok(Condition { bits, value: *value })
    }

    fn compared(&self, operand: &Operand<'a>) -> Lowered<Vec<usize>> {
        let bits: Vec<usize> = self.bits(operand)?.iter().collect();
        if bits.len() > 64 {
            let message = format!("a condition on {} bits; at most 64 can be compared", bits.len());
            return Err(Finding::new(operand.span, message));
        }
        Ok(bits)
    }

    /// The bits that an expression names, if it names bits.
    fn named_bits(&self, expr: &Expr<'a>) -> Lowered<Option<Vec<usize>>> {
        let operand = match &expr.kind {
            ExprKind::Name(text) => Operand { name: Name { text, span: expr.span }, literal: None, index: None, span: expr.span },
            ExprKind::Element(operand) => (**operand).clone(),
            _ => return Ok(None),
        };
        match self.symbol(operand.name.text) {
            Some(Symbol::Value(..)) => Ok(None),
            _ => self.compared(&operand).map(Some),
        }
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
            ExprKind::Binary(operator @ (Binary::Equal | Binary::NotEqual), sides) => {
                let (bits, other) = match (self.named_bits(&sides.0)?, self.named_bits(&sides.1)?) {
                    (Some(_), Some(_)) => {
                        return Err(
                            Finding::new(expr.span, "bits are only compared with numbers").help("compare each with a number")
                        );
                    }
                    (Some(bits), None) => (Some(bits), &sides.1),
                    (None, Some(bits)) => (Some(bits), &sides.0),
                    (None, None) => (None, &sides.0),
                };
                if let Some(bits) = bits {
                    let value = match self.evaluate(other)? {
                        Value::Int(value) => u64::try_from(value).ok(),
                        Value::Bool(value) => Some(u64::from(value)),
                        Value::Real(_) | Value::Duration(_) => None,
                    };
                    let Some(value) = value else {
                        return Err(Finding::new(other.span, "bits are compared with whole numbers that are not negative"));
                    };
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
            ExprKind::Integer(_)
            | ExprKind::Real(_)
            | ExprKind::Duration(_)
            | ExprKind::Bool(_)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..)
            | ExprKind::Call(..) => {}
        }
        match self.evaluate(expr)? {
            Value::Bool(value) => Ok(Test::Known(value)),
            Value::Int(_) | Value::Real(_) | Value::Duration(_) => {
                Err(Finding::new(expr.span, "expected a condition such as c == 1"))
            }
        }
    }
}
