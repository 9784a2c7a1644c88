//! Branches, loops, subroutines.

use std::collections::HashMap;

use super::{Builder, Built, Symbol, Within};
use crate::program::{
    Block, Conversion, Expr, External, Parameter, ParameterType, StatementKind, Subroutine, Type, Value, Values,
};
use crate::qasm::error::{Finding, Span};
use crate::qasm::syntax::{self, Access, Index, Name, TypeExpr};

impl<'a> Builder<'a> {
    pub(super) fn condition(&mut self, condition: &syntax::Expr<'a>) -> Built<Expr> {
        let built = self.expression(condition)?;
        let tried = match &built.kind {
            Type::Bits(_) => Type::Bits(1),
            Type::Array(..) => {
                let message = format!("{} has no truth value", built.kind);
                return Err(Finding::new(condition.span, message).help("name one of its elements"));
            }
            other => other.clone(),
        };
        match Value::sample(&tried).truth() {
            Ok(_) => Ok(built),
            Err(trouble) => Err(Finding::new(condition.span, trouble.message())),
        }
    }

    pub(super) fn branch(
        &mut self,
        condition: &syntax::Expr<'a>,
        then: &[syntax::Statement<'a>],
        otherwise: &[syntax::Statement<'a>],
        span: Span,
        out: &mut Block,
    ) -> Built<()> {
        let condition = self.condition(condition)?;
        let then = self.scoped(|builder| builder.block(then))?;
        let otherwise = self.scoped(|builder| builder.block(otherwise))?;
        match condition.as_constant().map(Value::truth) {
            Some(Ok(truth)) => {
                out.extend(if truth { then } else { otherwise });
                Ok(())
            }
            _ => self.push(StatementKind::If { condition, then, otherwise }, span, out),
        }
    }

    pub(super) fn repeat(
        &mut self,
        name: Name<'a>,
        kind: &TypeExpr<'a>,
        range: &Index<'a>,
        body: &[syntax::Statement<'a>],
        out: &mut Block,
    ) -> Built<()> {
        let kind = self.kind(kind)?;
        let values = self.values(name, range, &kind)?;
        self.loops += 1;
        let (slot, body) = self.scoped(|builder| {
            let slot = builder.inner(name.text, &kind);
            builder.declare(name, Symbol::Variable { slot, kind: kind.clone(), readonly: false })?;
            Ok((slot, builder.scoped(|builder| builder.block(body))?))
        })?;
        self.loops -= 1;
        self.push(StatementKind::For { slot, kind, values, body }, name.span, out)
    }

    fn values(&mut self, name: Name<'a>, range: &Index<'a>, kind: &Type) -> Built<Values> {
        let whole = |builder: &mut Self, expr: &syntax::Expr<'a>| {
            let built = builder.expression(expr)?;
            builder.converted(built, &Type::Int(None), Conversion::Implicit)
        };
        match range {
            Index::Set(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    let built = self.expression(item)?;
                    list.push(self.converted(built, kind, Conversion::Implicit)?);
                }
                Ok(Values::Set(list))
            }
            Index::Range(Some(first), step, Some(last)) => {
                super::convert::check(&Type::Int(None), kind, Conversion::Implicit)
                    .map_err(|trouble| Finding::new(name.span, trouble.message()))?;
                let step = step.as_ref().map(|step| whole(self, step)).transpose()?;
                if step.as_ref().and_then(|step| step.as_constant()).and_then(Value::whole) == Some(0) {
                    return Err(Finding::new(name.span, "the step of the loop is zero"));
                }
                Ok(Values::Range(Box::new((whole(self, first)?, step, whole(self, last)?))))
            }
            Index::One(expr) => {
                let built = self.expression(expr)?;
                let element = match &built.kind {
                    Type::Bits(_) => Type::Bit,
                    Type::Array(base, dimensions) if dimensions.len() == 1 => (**base).clone(),
                    other => return Err(Finding::new(expr.span, format!("a loop does not count through {other}"))),
                };
                super::convert::check(&element, kind, Conversion::Implicit)
                    .map_err(|trouble| Finding::new(name.span, trouble.message()))?;
                Ok(Values::Each(built))
            }
            Index::Range(..) | Index::Many(_) | Index::Chain(_) => {
                Err(Finding::new(name.span, "the loop needs both bounds, as in [0:3], or a set"))
            }
        }
    }

    pub(super) fn switch(
        &mut self,
        value: &syntax::Expr<'a>,
        cases: &[(Vec<syntax::Expr<'a>>, Vec<syntax::Statement<'a>>)],
        default: Option<&[syntax::Statement<'a>]>,
        span: Span,
        out: &mut Block,
    ) -> Built<()> {
        let built = self.expression(value)?;
        if !matches!(built.kind, Type::Int(_) | Type::Uint(_) | Type::Bit | Type::Bool | Type::Bits(1..=64)) {
            return Err(Finding::new(value.span, format!("a switch chooses by a whole number, not by {}", built.kind)));
        }
        let mut list = Vec::with_capacity(cases.len());
        let mut known = std::collections::BTreeSet::new();
        for (labels, body) in cases {
            let mut numbers = Vec::with_capacity(labels.len());
            for label in labels {
                let number = self.constant_whole(label)?;
                if !known.insert(number) {
                    return Err(Finding::new(label.span, format!("{number} is a case already")));
                }
                numbers.push(number);
            }
            list.push((numbers, self.scoped(|builder| builder.block(body))?));
        }
        let default = self.scoped(|builder| builder.block(default.unwrap_or_default()))?;
        self.push(StatementKind::Switch { value: built, cases: list, default }, span, out)
    }

    pub(super) fn subroutine(&mut self, subroutine: &syntax::Subroutine<'a>) -> Built<()> {
        let name = subroutine.name;
        if self.scopes.len() > 1 || self.within.is_some() {
            return Err(Finding::new(name.span, "subroutines can only be declared outside of blocks"));
        }
        let returns = subroutine.returns.as_ref().map(|kind| self.kind(kind)).transpose()?;
        if returns.as_ref().is_some_and(Type::is_quantum) {
            return Err(Finding::new(name.span, "a subroutine returns classical values"));
        }
        let mut parameters = Vec::new();
        let mut kinds = Vec::new();
        for (kind, _) in &subroutine.parameters {
            let (parameter, kind) = self.parameter(kind)?;
            parameters.push(parameter);
            kinds.push(kind);
        }
        self.within = Some(Within { name: name.text, variables: Vec::new(), returns: returns.clone(), scope: self.scopes.len() });
        let loops = std::mem::take(&mut self.loops);
        self.scopes.push(HashMap::new());
        for (((source, own), kind), parameter) in subroutine.parameters.iter().zip(&kinds).zip(&parameters) {
            let slot = self.inner(own.text, kind);
            let readonly = kind.is_quantum() || (matches!(source, TypeExpr::Array { .. }) && !parameter.mutable);
            self.declare(*own, Symbol::Variable { slot, kind: kind.clone(), readonly })?;
        }
        let body = self.block(&subroutine.body)?;
        self.scopes.pop();
        self.loops = loops;
        let variables = self.take_variables();
        self.declare(name, Symbol::Subroutine(self.program.subroutines.len()))?;
        self.program.subroutines.push(Subroutine { name: name.text.to_owned(), parameters, returns, variables, body });
        Ok(())
    }

    fn parameter(&mut self, kind: &TypeExpr<'a>) -> Built<(Parameter, Type)> {
        let TypeExpr::Array { base, rank, access, span, .. } = kind else {
            let kind = self.kind(kind)?;
            return Ok((Parameter { kind: ParameterType::Known(kind.clone()), mutable: false }, kind));
        };
        let Some(access) = access else {
            return Err(
                Finding::new(*span, "an array is handed over readonly or mutable").help("write one of the words before array")
            );
        };
        let mutable = *access == Access::Mutable;
        if let Some(rank) = rank {
            let base = self.kind(base)?;
            let number = self.constant_whole(rank)?;
            let Some(rank) = usize::try_from(number).ok().filter(|rank| (1..=7).contains(rank)) else {
                return Err(Finding::new(rank.span, format!("an array has 1 to 7 dimensions, not {number}")));
            };
            let kind = Type::Array(Box::new(base.clone()), vec![0; rank]);
            return Ok((Parameter { kind: ParameterType::AnyArray(base, rank), mutable }, kind));
        }
        let kind = self.kind(kind)?;
        Ok((Parameter { kind: ParameterType::Known(kind.clone()), mutable }, kind))
    }

    pub(super) fn external(&mut self, name: Name<'a>, parameters: &[TypeExpr<'a>], returns: Option<&TypeExpr<'a>>) -> Built<()> {
        let kinds = parameters.iter().map(|kind| match kind {
            TypeExpr::Array { rank: Some(_), span, .. } => {
                Err(Finding::new(*span, "an extern function takes arrays of a known size"))
            }
            kind => self.kind(kind),
        });
        let kinds = kinds.collect::<Built<Vec<_>>>()?;
        if kinds.iter().any(Type::is_quantum) {
            return Err(Finding::new(name.span, "an extern function takes classical values"));
        }
        let returns = returns.map(|kind| self.kind(kind)).transpose()?;
        self.declare(name, Symbol::Extern(self.program.externs.len()))?;
        self.program.externs.push(External { name: name.text.to_owned(), parameters: kinds, returns });
        Ok(())
    }
}
