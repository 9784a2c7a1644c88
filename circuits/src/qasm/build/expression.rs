//! Expressions with their types.

use super::convert::result_of;
use super::{Builder, Built, Symbol};
use crate::program::{
    Binary, Conversion, Duration, Expr, Function, Node, ParameterType, Place, Routine, Type, Value, Whole, Width, binary, unary,
};
use crate::qasm::error::{Finding, Span, nearest};
use crate::qasm::expression::did_you_mean;
use crate::qasm::syntax::{self, ExprKind, Name, Operand};

impl<'a> Builder<'a> {
    pub(super) fn expression(&mut self, expr: &syntax::Expr<'a>) -> Built<Expr> {
        let place = self.place(expr.span);
        let constant = |value: Value| Ok(Expr::constant(value, place));
        match &expr.kind {
            ExprKind::Integer(value) => match i64::try_from(*value) {
                Ok(value) => constant(Value::int(value)),
                // a literal of 64 bits has no sign
                Err(_) => {
                    let whole = Whole::of((*value).into(), Some(Width { signed: false, bits: 64 }));
                    constant(Value::Int(whole.expect("it has 64 bits")))
                }
            },
            ExprKind::Real(value) => constant(Value::float(*value)),
            ExprKind::Duration(ns) => constant(Value::Duration(Duration::ns(*ns))),
            ExprKind::Dt(steps) => constant(Value::Duration(Duration::of(crate::program::Symbol::Dt, *steps))),
            ExprKind::Imaginary(value) => constant(Value::Complex(num_complex::Complex64::new(0.0, *value), 64)),
            ExprKind::Bool(value) => constant(Value::Bool(*value)),
            ExprKind::BitString(text) => {
                if text.is_empty() || text.chars().any(|c| !matches!(c, '0' | '1' | '_')) {
                    return Err(Finding::new(expr.span, "a bit string has the digits 0 and 1").help("such as \"0101\""));
                }
                constant(Value::bit_string(text))
            }
            ExprKind::Name(text) => self.named(Name { text, span: expr.span }),
            ExprKind::Element(operand) => self.operand(operand),
            ExprKind::Index(inner) => {
                let base = self.expression(&inner.0)?;
                self.part(base, &inner.1, expr.span)
            }
            ExprKind::Measure(operand) => self.measurement(operand),
            ExprKind::List(_) => Err(Finding::new(expr.span, "a list is the value of an array, and stands behind = only")),
            ExprKind::DurationOf(body) => {
                let block = self.scoped(|builder| builder.block(body))?;
                self.program.timed.push(block);
                let number = self.program.timed.len() - 1;
                constant(Value::Duration(Duration::of(crate::program::Symbol::Block(number), 1.0)))
            }
            ExprKind::Cast(kind, size, inner) => {
                let kind = self.kind(&syntax::TypeExpr::Scalar(*kind, size.as_deref().cloned()))?;
                self.cast(inner, &kind)
            }
            ExprKind::CastTo(inner) => {
                let kind = self.kind(&inner.0)?;
                self.cast(&inner.1, &kind)
            }
            ExprKind::Unary(operator, inner) => {
                let inner = self.expression(inner)?;
                let (kind, _) = (inner.kind.clone(), ());
                let kind = result_of(&kind, &Type::Bool, |value, _| unary(*operator, value))
                    .map_err(|trouble| Finding::new(expr.span, trouble.message()))?;
                self.typed(Node::Unary(*operator, Box::new(inner)), kind, place)
            }
            ExprKind::Binary(operator, sides) => {
                let (left, right) = (self.expression(&sides.0)?, self.expression(&sides.1)?);
                self.combined(*operator, left, right, expr.span)
            }
            ExprKind::Call(name, arguments) => self.call_of(name, arguments, expr.span),
        }
    }

    pub(super) fn combined(&mut self, operator: Binary, left: Expr, right: Expr, span: Span) -> Built<Expr> {
        let place = self.place(span);
        let kind = result_of(&left.kind, &right.kind, |a, b| binary(operator, a, b))
            .map_err(|trouble| Finding::new(span, trouble.message()))?;
        self.typed(Node::Binary(operator, Box::new((left, right))), kind, place)
    }

    fn cast(&mut self, inner: &syntax::Expr<'a>, kind: &Type) -> Built<Expr> {
        let built = self.expression(inner)?;
        if let (Type::Bit | Type::Bits(_), Type::Int(Some(bits))) = (&built.kind, kind) {
            let size = built.kind.size();
            if size >= *bits as usize && built.as_constant().is_none() {
                let message =
                    format!("the highest of {size} bits is the sign of int[{bits}]: the value can be negative; uint has no sign");
                self.warn(inner.span, message);
            }
        }
        self.converted(built, kind, Conversion::Explicit)
    }

    /// Names of types, built-in functions, subroutines, functions from outside.
    pub(super) fn call_of(&mut self, name: &'a str, arguments: &[syntax::Expr<'a>], span: Span) -> Built<Expr> {
        let place = self.place(span);
        let kind = match name {
            "float" => Some(Type::Float(64)),
            "int" => Some(Type::Int(None)),
            "uint" => Some(Type::Uint(None)),
            "bool" => Some(Type::Bool),
            "angle" => Some(Type::Angle(64)),
            "bit" => Some(Type::Bit),
            _ => None,
        };
        if let (Some(kind), [inner]) = (&kind, arguments) {
            return self.cast(inner, kind);
        }
        match self.symbol(name).cloned() {
            Some(Symbol::Subroutine(index)) => {
                let built = arguments.iter().map(|argument| self.expression(argument)).collect::<Built<Vec<_>>>()?;
                return self.subroutine_call(index, built, span);
            }
            Some(Symbol::Extern(index)) => {
                let external = self.program.externs[index].clone();
                if arguments.len() != external.parameters.len() {
                    let (wanted, given) = (external.parameters.len(), arguments.len());
                    return Err(Finding::new(span, format!("{name} takes {wanted} arguments, not {given}")));
                }
                let mut list = Vec::new();
                for (argument, kind) in arguments.iter().zip(&external.parameters) {
                    let built = self.expression(argument)?;
                    list.push(self.converted(built, kind, Conversion::Implicit)?);
                }
                let kind = external.returns.unwrap_or(Type::Bool);
                return Ok(Expr { node: Node::Call(Routine::Extern(index), list), kind, place });
            }
            Some(other) => return Err(Finding::new(span, format!("{name} is {}, not a function", other.describe()))),
            None => {}
        }
        let Some(function) = Function::from_name(name) else {
            let near = nearest(name, Function::names());
            let unknown = self.unknown(name, span, "function");
            return Err(
                near.map_or(unknown, |near| Finding::new(span, format!("there is no function {name}")).help(did_you_mean(near)))
            );
        };
        let mut list = Vec::with_capacity(arguments.len());
        for argument in arguments {
            list.push(match (function, argument.literal_quotient()) {
                (Function::Real(_), Some(quotient)) => {
                    let message =
                        format!("a quotient of whole numbers is a whole number; here it is read as {quotient}, as it is meant");
                    self.warn(argument.span, message);
                    Expr::constant(Value::float(quotient), self.place(argument.span))
                }
                _ => self.expression(argument)?,
            });
        }
        let kind = self.function_kind(function, &list, span)?;
        if let (Function::SizeOf, Some(size)) = (function, known_size(&list)) {
            let whole = Whole::of(size as i128, Some(Width { signed: false, bits: 64 })).expect("it has 64 bits");
            return Ok(Expr::constant(Value::Int(whole), place));
        }
        self.typed(Node::Function(function, list), kind, place)
    }

    fn function_kind(&self, function: Function, list: &[Expr], span: Span) -> Built<Type> {
        let refuse = |trouble: crate::program::Trouble| Finding::new(span, trouble.message());
        if function == Function::SizeOf {
            let fits = match list {
                [value] | [value, _] => matches!(value.kind, Type::Array(..) | Type::Bits(_) | Type::Qubits(_)),
                _ => false,
            };
            return match fits {
                true => Ok(Type::Uint(Some(64))),
                false => Err(Finding::new(span, "sizeof takes an array, and perhaps the number of a dimension")),
            };
        }
        let nothing = Type::Bool;
        let kinds: Vec<&Type> = list.iter().map(|expr| &expr.kind).collect();
        match kinds.as_slice() {
            [one] => result_of(one, &nothing, |value, _| function.apply(std::slice::from_ref(value))).map_err(refuse),
            [one, two] => result_of(one, two, |a, b| function.apply(&[a.clone(), b.clone()])).map_err(refuse),
            _ => Err(Finding::new(span, format!("{} does not take {} arguments", function.name(), list.len()))),
        }
    }

    pub(super) fn subroutine_call(&mut self, index: usize, given: Vec<Expr>, span: Span) -> Built<Expr> {
        let place = self.place(span);
        let subroutine = &self.program.subroutines[index];
        let (name, parameters) = (subroutine.name.clone(), subroutine.parameters.clone());
        let kind = subroutine.returns.clone().unwrap_or(Type::Bool);
        if given.len() != parameters.len() {
            return Err(Finding::new(span, format!("{name} takes {} arguments, not {}", parameters.len(), given.len())));
        }
        let mut list = Vec::with_capacity(given.len());
        for (argument, parameter) in given.into_iter().zip(&parameters) {
            let at = span_of(argument.place);
            if parameter.mutable {
                let target = crate::program::target_of(&argument);
                if target.is_none() || !self.is_writable(&argument) {
                    return Err(Finding::new(at, "a mutable array is handed over by its name, and can be written to"));
                }
            }
            list.push(match &parameter.kind {
                ParameterType::Known(kind) => self.converted(argument, kind, Conversion::Implicit)?,
                ParameterType::AnyArray(base, rank) => match &argument.kind {
                    Type::Array(own, dimensions) if **own == *base && dimensions.len() == *rank => argument,
                    other => {
                        let message = format!("expected an array of {rank} dimensions of {base}, found {other}");
                        return Err(Finding::new(at, message));
                    }
                },
            });
        }
        Ok(Expr { node: Node::Call(Routine::Subroutine(index), list), kind, place })
    }

    /// `measure q` as a value.
    pub(super) fn measurement(&mut self, operand: &Operand<'a>) -> Built<Expr> {
        let qubits = self.quantum(operand)?;
        let kind = match qubits.kind {
            Type::Qubits(size) => Type::Bits(size),
            _ => Type::Bit,
        };
        Ok(Expr { place: qubits.place, node: Node::Measure(Box::new(qubits)), kind })
    }

    /// Refuses a measurement of so many qubits into another number of bits.
    pub(super) fn check_measured(&self, from: &Type, to: &Type, span: Span) -> Built<()> {
        match super::convert::check(from, to, Conversion::Implicit) {
            Ok(()) => Ok(()),
            Err(_) if matches!(to, Type::Bit | Type::Bits(_)) => {
                let message = format!("{} qubits are measured into {} bits", from.size(), to.size());
                Err(Finding::new(span, message).help("both sides must have one size"))
            }
            Err(trouble) => Err(Finding::new(span, trouble.message())),
        }
    }
}

pub(super) fn span_of(place: Place) -> Span {
    Span { start: place.start as usize, end: place.end as usize }
}

/// The size that `sizeof` asks for, where the type tells it.
fn known_size(list: &[Expr]) -> Option<usize> {
    let dimension = match list {
        [_] => 0,
        [_, dimension] => usize::try_from(dimension.as_constant()?.whole()?).ok()?,
        _ => return None,
    };
    list[0].kind.dimensions().get(dimension).copied().filter(|size| *size > 0)
}
