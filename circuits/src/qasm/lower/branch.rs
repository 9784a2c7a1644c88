//! `if` on measured bits.

use super::{Lowered, Lowering, Symbol};
use crate::operation::{Condition, Conditional, Operation};
use crate::qasm::Version;
use crate::qasm::error::{Finding, Span};
use crate::qasm::expression::Value;
use crate::qasm::syntax::{Binary, Expr, ExprKind, Name, Operand, Statement, Type, Unary};

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

/// Whether a comparison of order is strict, and whether the left side is the smaller.
fn order(operator: Binary) -> Option<(bool, bool)> {
    Some(match operator {
        Binary::Less => (true, true),
        Binary::LessEqual => (false, true),
        Binary::Greater => (true, false),
        Binary::GreaterEqual => (false, false),
        _ => return None,
    })
}

/// Whether bits, as a number without sign, are below a bound: one test for each 1 of the bound, for a number that agrees with it above
/// and has a 0 there; or the opposite by the zeros of the bound less one, where these are fewer.
fn below(bits: &[usize], bound: u64) -> Test {
    let fits = |bound: u64| bits.len() >= 64 || bound >> bits.len() == 0;
    if bound == 0 || !fits(bound) {
        return Test::Known(bound != 0);
    }
    let width = bits.len().min(64);
    // numbers that agree with `value` above a place and have the other digit there
    let differing = |value: u64, digit: u64| -> Option<Test> {
        let places = (0..width).filter(|place| value >> place & 1 == digit);
        let term = |place: usize| Test::Bits(Condition { bits: bits[place..].to_vec(), value: value >> place ^ 1 });
        places.map(term).reduce(|a, b| Test::Or(Box::new((a, b))))
    };
    let last = bound - 1;
    let (ones, zeros) = (bound.count_ones() as usize, width - last.count_ones() as usize);
    match (ones <= zeros, bits.len() <= 64) {
        (false, true) => differing(last, 0).map_or(Test::Known(true), |above| Test::Not(Box::new(above))),
        (true, _) | (false, false) => differing(bound, 1).unwrap_or(Test::Known(false)),
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
                    return Err(Finding::new(expr.span, "measured bits are compared without sign").help("cast to uint"));
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
                        return Err(
                            Finding::new(expr.span, "bits are only compared with numbers").help("compare each with a number")
                        );
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
                        return Err(
                            Finding::new(expr.span, "bits are only compared with numbers").help("compare each with a number")
                        );
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
            ExprKind::Integer(_)
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
