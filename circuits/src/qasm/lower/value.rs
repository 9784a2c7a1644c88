//! Values that are known when the program is read, and loops over them.

use super::{Finding, Lowered, Lowering, Symbol};
use crate::qasm::expression::{Evaluator, Value};
use crate::qasm::syntax::{Expr, Index, Name, Statement, Type};

impl<'a> Lowering<'a> {
    pub(super) fn evaluate(&self, expr: &Expr<'a>) -> Lowered<Value> {
        self.evaluator(&|name| self.value_of(name)).value(expr)
    }

    pub(super) fn evaluator<'s>(&self, lookup: &'s dyn Fn(&'a str) -> Option<Value>) -> Evaluator<'s, 'a> {
        Evaluator { version: self.version, lookup }
    }

    pub(super) fn value_of(&self, name: &str) -> Option<Value> {
        match self.symbol(name) {
            Some(Symbol::Value(value, _)) => Some(value),
            Some(
                Symbol::Qubits { .. }
                | Symbol::Bits { .. }
                | Symbol::Alias(_)
                | Symbol::Row(_)
                | Symbol::Defined(_)
                | Symbol::Opaque,
            )
            | None => None,
        }
    }

    pub(super) fn value(&mut self, name: Name<'a>, kind: Type, expr: Option<&Expr<'a>>, constant: bool) -> Lowered<()> {
        let value = match expr {
            Some(expr) => self.evaluate(expr)?,
            None => match kind {
                Type::Int => Value::Int(0),
                Type::Float | Type::Angle => Value::real(0.0),
                Type::Bool => Value::Bool(false),
                Type::Duration => Value::Duration(0.0),
            },
        };
        let value = match (kind, value) {
            (Type::Float | Type::Angle, Value::Int(value)) => Value::real(value as f64),
            (Type::Int, Value::Int(_))
            | (Type::Float | Type::Angle, Value::Real(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Duration, Value::Duration(_)) => value,
            _ => return Err(Finding::new(expr.map_or(name.span, |expr| expr.span), "the value is not of the declared type")),
        };
        self.declare(name, Symbol::Value(value, !constant))
    }

    /// A loop, each round a block of its own.
    pub(super) fn repeat(&mut self, name: Name<'a>, range: &Index<'a>, body: &[Statement<'a>]) -> Lowered<()> {
        let round = |lowering: &mut Self, value: Value| {
            lowering.hidden.push(Vec::new());
            lowering.set(name.text, Symbol::Value(value, false));
            let result = body.iter().try_for_each(|statement| lowering.statement(statement));
            lowering.close();
            lowering.steps += 1;
            if result.is_ok() && lowering.steps > lowering.limits.operations {
                return Err(lowering.stop(name.span, "steps"));
            }
            result
        };
        match range {
            Index::Set(items) => {
                for item in items {
                    let value = self.evaluate(item)?;
                    round(self, value)?;
                }
            }
            Index::Range(Some(first), step, Some(last)) => {
                let whole = |expr: &Expr<'a>| self.evaluator(&|name| self.value_of(name)).whole(expr);
                let (first, last) = (whole(first)?, whole(last)?);
                let by = step.as_ref().map_or(Ok(1), whole)?;
                if by == 0 {
                    return Err(Finding::new(name.span, "the step of the loop is zero"));
                }
                let mut value = first;
                while if by > 0 { value <= last } else { value >= last } {
                    round(self, Value::Int(value))?;
                    let Some(next) = value.checked_add(by) else { break };
                    value = next;
                }
            }
            Index::Range(..) | Index::One(_) => {
                return Err(Finding::new(name.span, "the loop needs both bounds, as in [0:3], or a set"));
            }
        }
        Ok(())
    }

    pub(super) fn size(&self, size: Option<&Expr<'a>>) -> Lowered<usize> {
        let Some(size) = size else { return Ok(1) };
        match self.evaluator(&|name| self.value_of(name)).whole(size) {
            Ok(0) => Err(Finding::new(size.span, "a register has at least one element")),
            Ok(value) => usize::try_from(value).map_err(|_| Finding::new(size.span, "the size of a register is positive")),
            Err(_) => Err(Finding::new(size.span, "the size of a register is a whole number")),
        }
    }
}
