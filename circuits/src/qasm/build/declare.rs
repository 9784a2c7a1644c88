//! Declarations: types, registers, variables, constants, aliases.

use super::{Builder, Built, Symbol};
use crate::circuit::Register;
use crate::program::Symbol as Unknown;
use crate::program::{Block, Conversion, Duration, Expr, Node, Place, Role, Slot, Statement, StatementKind, Type, Value};
use crate::qasm::error::{Finding, Span};
use crate::qasm::syntax::{self, Form, Name, Operand, TypeExpr};

/// The widest angle a program without a width means.
const ANGLE_BITS: u32 = 64;

impl<'a> Builder<'a> {
    /// A whole number that is known when the program is read.
    pub(super) fn constant_whole(&mut self, expr: &syntax::Expr<'a>) -> Built<i128> {
        let built = self.expression(expr)?;
        match built.as_constant().map(Value::whole) {
            Some(Some(number)) => Ok(number),
            Some(None) => Err(Finding::new(expr.span, format!("expected a whole number, found {}", built.kind))),
            None => Err(Finding::new(expr.span, "this has to be known when the program is read").help("declare it const")),
        }
    }

    pub(super) fn size(&mut self, size: &syntax::Expr<'a>) -> Built<usize> {
        let number = self.constant_whole(size)?;
        match usize::try_from(number) {
            Ok(size) if size > 0 && size <= self.limits.bits => Ok(size),
            _ => Err(Finding::new(size.span, format!("a size is from 1 to {}, not {number}", self.limits.bits))),
        }
    }

    fn width(&mut self, size: Option<&syntax::Expr<'a>>) -> Built<Option<u32>> {
        let Some(size) = size else { return Ok(None) };
        match self.constant_whole(size)? {
            bits @ 1..=64 => Ok(Some(bits as u32)),
            bits => Err(Finding::new(size.span, format!("this type has 1 to 64 bits, not {bits}"))),
        }
    }

    fn float_width(&mut self, size: Option<&syntax::Expr<'a>>) -> Built<u32> {
        let Some(size) = size else { return Ok(64) };
        match self.constant_whole(size)? {
            bits @ (16 | 32 | 64) => Ok(bits as u32),
            bits => Err(Finding::new(size.span, format!("a float has 16, 32 or 64 bits, not {bits}"))),
        }
    }

    /// A type whose sizes are known.
    pub(super) fn kind(&mut self, kind: &TypeExpr<'a>) -> Built<Type> {
        Ok(match kind {
            TypeExpr::Scalar(scalar, size) => match scalar {
                syntax::Type::Int => Type::Int(self.width(size.as_ref())?),
                syntax::Type::Uint => Type::Uint(self.width(size.as_ref())?),
                syntax::Type::Float => Type::Float(self.float_width(size.as_ref())?),
                syntax::Type::Angle => Type::Angle(self.width(size.as_ref())?.unwrap_or(ANGLE_BITS)),
                syntax::Type::Bool | syntax::Type::Duration => {
                    if let Some(size) = size {
                        return Err(Finding::new(size.span, "this type has no size"));
                    }
                    if *scalar == syntax::Type::Bool { Type::Bool } else { Type::Duration }
                }
            },
            TypeExpr::Bit(None) => Type::Bit,
            TypeExpr::Bit(Some(size)) => Type::Bits(self.size(size)?),
            TypeExpr::Qubit(None) => Type::Qubit,
            TypeExpr::Qubit(Some(size)) => Type::Qubits(self.size(size)?),
            TypeExpr::Complex(size) => Type::Complex(self.float_width(size.as_ref())?),
            TypeExpr::Stretch => Type::Duration,
            TypeExpr::Array { base, dimensions, span, .. } => {
                let base = self.kind(base)?;
                let wrong = match &base {
                    Type::Array(..) | Type::Qubit | Type::Qubits(_) => true,
                    Type::Bit
                    | Type::Bits(_)
                    | Type::Bool
                    | Type::Int(_)
                    | Type::Uint(_)
                    | Type::Float(_)
                    | Type::Angle(_)
                    | Type::Complex(_)
                    | Type::Duration => false,
                };
                if wrong || dimensions.is_empty() || dimensions.len() > 7 {
                    return Err(Finding::new(*span, "an array has 1 to 7 dimensions of classical values"));
                }
                let dimensions = dimensions.iter().map(|size| self.size(size)).collect::<Built<Vec<_>>>()?;
                let kind = Type::Array(Box::new(base), dimensions);
                if kind.size() > self.limits.bits {
                    let message = format!("an array of {} elements; the limit is {}", kind.size(), self.limits.bits);
                    return Err(Finding::new(*span, message).help("raise the limit if this is meant"));
                }
                kind
            }
        })
    }

    pub(super) fn qubits(&mut self, name: Name<'a>, size: Option<&syntax::Expr<'a>>, span: Span) -> Built<()> {
        if self.scopes.len() > 1 {
            return Err(Finding::new(span, "qubits can only be declared outside of blocks"));
        }
        let count = size.map_or(Ok(1), |size| self.size(size))?;
        let start = self.program.num_qubits();
        if count > self.limits.bits.saturating_sub(start) {
            return Err(Finding::new(name.span, format!("more than {} of a kind of bits", self.limits.bits)));
        }
        self.declare(name, Symbol::Constant(Value::Qubits((start..start + count).collect(), size.is_none())))?;
        self.program.qubits.push(Register { name: name.text.to_owned(), start, size: count });
        Ok(())
    }

    pub(super) fn bits(
        &mut self,
        name: Name<'a>,
        size: Option<&syntax::Expr<'a>>,
        measured: Option<&Operand<'a>>,
        out: &mut Block,
    ) -> Built<()> {
        let kind = size.map_or(Ok(Type::Bit), |size| self.size(size).map(Type::Bits))?;
        let value = measured.map(|source| self.measurement(source)).transpose()?;
        if let Some(value) = &value {
            self.check_measured(&value.kind, &kind, name.span.to(Span { end: value.place.end as usize, ..name.span }))?;
        }
        self.new_variable(name, kind, value, Role::Plain, out)
    }

    /// A variable with its first value.
    fn new_variable(&mut self, name: Name<'a>, kind: Type, value: Option<Expr>, role: Role, out: &mut Block) -> Built<()> {
        self.elements = self.elements.saturating_add(kind.size());
        if self.elements > self.limits.bits.saturating_mul(4) {
            let message = format!("variables of more than {} elements in all", self.limits.bits.saturating_mul(4));
            return Err(Finding::new(name.span, message).help("raise the limit if this is meant"));
        }
        let slot = self.variable(name.text, &kind, role);
        self.declare(name, Symbol::Variable { slot, kind: kind.clone(), readonly: role == Role::Input })?;
        if role != Role::Input {
            out.push(Statement { kind: StatementKind::Declare { slot, kind, value }, place: self.place(name.span) });
        }
        Ok(())
    }

    pub(super) fn declaration(
        &mut self,
        name: Name<'a>,
        kind: &TypeExpr<'a>,
        value: Option<&syntax::Expr<'a>>,
        form: Form,
        out: &mut Block,
    ) -> Built<()> {
        if let TypeExpr::Stretch = kind {
            if let Some(value) = value {
                return Err(Finding::new(value.span, "a stretch has no value: what stands beside it gives it its length"));
            }
            let number = self.program.stretches.len();
            self.program.stretches.push(name.text.to_owned());
            return self.declare(name, Symbol::Constant(Value::Duration(Duration::of(Unknown::Stretch(number), 1.0))));
        }
        if matches!(form, Form::Input | Form::Output) && self.scopes.len() > 1 {
            return Err(Finding::new(name.span, "inputs and outputs can only be declared outside of blocks"));
        }
        let kind = self.kind(kind)?;
        if kind.is_quantum() {
            return Err(Finding::new(name.span, "qubits are declared without a value"));
        }
        let value = value.map(|value| self.value_of(value, &kind)).transpose()?;
        match (form, value) {
            (Form::Constant, Some(value)) => match value.as_constant() {
                Some(constant) => self.declare(name, Symbol::Constant(constant.clone())),
                None => Err(Finding::new(name.span, "the value of a constant has to be known when the program is read")
                    .help("leave out const")),
            },
            (Form::Constant, None) => Err(Finding::new(name.span, "a constant needs a value")),
            (Form::Plain, value) => self.new_variable(name, kind, value, Role::Plain, out),
            (Form::Output, value) => self.new_variable(name, kind, value, Role::Output, out),
            (Form::Input, _) => self.new_variable(name, kind, None, Role::Input, out),
        }
    }

    /// An expression that is assigned to a variable of a type.
    pub(super) fn value_of(&mut self, expr: &syntax::Expr<'a>, kind: &Type) -> Built<Expr> {
        match (&expr.kind, kind) {
            (syntax::ExprKind::List(items), Type::Array(base, dimensions)) => self.list(items, base, dimensions, expr.span),
            (syntax::ExprKind::List(_), _) => Err(Finding::new(expr.span, format!("a list is no value of type {kind}"))),
            _ => {
                let value = self.expression(expr)?;
                self.converted(value, kind, Conversion::Implicit)
            }
        }
    }

    /// `{..}` as an array of these dimensions.
    fn list(&mut self, items: &[syntax::Expr<'a>], base: &Type, dimensions: &[usize], span: Span) -> Built<Expr> {
        let [size, inner @ ..] = dimensions else { return Err(Finding::new(span, "an array has a dimension")) };
        if items.len() != *size {
            return Err(Finding::new(span, format!("{} elements for a dimension of {size}", items.len())));
        }
        let part = if inner.is_empty() { base.clone() } else { Type::Array(Box::new(base.clone()), inner.to_vec()) };
        let items = items.iter().map(|item| self.value_of(item, &part)).collect::<Built<Vec<_>>>()?;
        let kind = Type::Array(Box::new(base.clone()), dimensions.to_vec());
        let place = self.place(span);
        self.typed(Node::List(items), kind, place)
    }

    /// `let a = q[0:1] ++ r;`
    pub(super) fn alias(&mut self, name: Name<'a>, parts: &[Operand<'a>], span: Span, out: &mut Block) -> Built<()> {
        let place = self.place(span);
        let mut list = parts.iter().map(|part| self.operand(part)).collect::<Built<Vec<_>>>()?;
        let sizes: Vec<Option<usize>> = list
            .iter()
            .map(|part| match part.kind {
                Type::Qubits(0) | Type::Bits(0) => None,
                Type::Qubits(size) | Type::Bits(size) => Some(size),
                _ => Some(1),
            })
            .collect();
        let size = sizes.iter().copied().sum::<Option<usize>>().unwrap_or(0);
        let is_quantum = list[0].kind.is_quantum();
        if list.iter().any(|part| part.kind.is_quantum() != is_quantum) {
            return Err(Finding::new(span, "an alias is of qubits or of classical values, not of both"));
        }
        let value = match list.len() {
            1 => list.remove(0),
            _ => {
                let kind = if is_quantum { Type::Qubits(size) } else { Type::Bits(size) };
                self.typed(Node::Concat(list), kind, place)?
            }
        };
        if size > self.limits.bits {
            return Err(Finding::new(span, format!("more than {} of a kind of bits", self.limits.bits)));
        }
        if let Some(outer) = self.hidden_alias(name.text) {
            self.warn(name.span, outer);
        }
        match value.as_constant() {
            Some(constant) => self.declare(name, Symbol::Constant(constant.clone())),
            None if is_quantum => {
                let kind = value.kind.clone();
                let slot = self.variable(name.text, &kind, Role::Inner);
                self.declare(name, Symbol::Variable { slot, kind: kind.clone(), readonly: true })?;
                out.push(Statement { kind: StatementKind::Declare { slot, kind, value: Some(value) }, place });
                Ok(())
            }
            None if is_steady(&value) => self.declare(name, Symbol::Alias(value)),
            None => {
                Err(Finding::new(span, "the indices of an alias of classical values have to be known when the program is read"))
            }
        }
    }

    /// What to say of an alias that hides one of an outer block, which is likely to be meant.
    fn hidden_alias(&self, name: &str) -> Option<String> {
        let outer = self.scopes[..self.scopes.len() - 1].iter().rev().find_map(|scope| scope.get(name))?;
        let is_quantum = match outer {
            Symbol::Constant(Value::Qubits(..)) => true,
            Symbol::Variable { kind, .. } => kind.is_quantum(),
            _ => false,
        };
        is_quantum.then(|| format!("{name} is new in this block: behind it, {name} means again what it did before"))
    }

    pub(super) fn local_place(&self, slot: Slot, kind: &Type, place: Place) -> Expr {
        Expr { node: Node::Variable(slot), kind: kind.clone(), place }
    }
}

/// Whether it names the same places at any time.
fn is_steady(expr: &Expr) -> bool {
    match &expr.node {
        Node::Variable(_) => true,
        Node::Part(base, selectors) => {
            let fixed = |expr: &&Expr| expr.as_constant().is_some();
            is_steady(base) && selectors.iter().all(|selector| selector.expressions().iter().all(fixed))
        }
        Node::Concat(list) => list.iter().all(is_steady),
        Node::Constant(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Function(..)
        | Node::Cast(..)
        | Node::List(_)
        | Node::Call(..)
        | Node::Measure(_) => false,
    }
}
