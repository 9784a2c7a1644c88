//! Values that are known when the program is read, and loops over them.

use super::{Finding, Lowered, Lowering, Symbol};
use crate::qasm::error::Span;
use crate::qasm::expression::{Declared, Evaluator, Value};
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

    pub(super) fn value(
        &mut self,
        name: Name<'a>,
        (kind, size): (Type, Option<&Expr<'a>>),
        expr: Option<&Expr<'a>>,
        constant: bool,
    ) -> Lowered<()> {
        let declared = self.evaluator(&|name| self.value_of(name)).declared(kind, size)?;
        let value = match expr {
            Some(expr) => self.held(declared, self.evaluate(expr)?, expr.span)?,
            None => declared.zero(),
        };
        self.declare(name, Symbol::Value(value, if constant { None } else { Some(declared) }))
    }

    /// What a variable of a type holds after it is given a value.
    pub(super) fn held(&self, declared: Declared, value: Value, span: Span) -> Lowered<Value> {
        declared.holding(value).ok_or_else(|| Finding::new(span, "the value is not of the declared type"))
    }

    /// A loop, each round a block of its own.
    pub(super) fn repeat(&mut self, name: Name<'a>, range: &Index<'a>, body: &[Statement<'a>]) -> Lowered<()> {
        let round = |lowering: &mut Self, value: Value| {
            lowering.hidden.push(Vec::new());
            lowering.set(name.text, Symbol::Value(value, None));
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
                    round(self, Value::int(value))?;
                    let Some(next) = value.checked_add(by) else { break };
                    value = next;
                }
            }
            Index::Range(..) | Index::One(_) | Index::Many(_) | Index::Chain(_) => {
                return Err(Finding::beyond(name.span, "a loop over what is no range of numbers or set"));
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
