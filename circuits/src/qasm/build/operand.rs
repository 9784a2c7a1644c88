//! Names with indices as expressions.

use super::{Builder, Built, Symbol};
use crate::program::{Conversion, Expr, Node, Selector, Type, Value};
use crate::qasm::error::{Finding, Span};
use crate::qasm::lexer::hardware_qubits;
use crate::qasm::syntax::{self, ExprKind, Index, Name, Operand};

impl<'a> Builder<'a> {
    /// The place of a name that holds values or qubits.
    pub(super) fn named(&mut self, name: Name<'a>) -> Built<Expr> {
        let place = self.place(name.span);
        if name.text.starts_with('$') {
            return self.physical(name).map(|qubit| Expr::constant(Value::Qubits([qubit].into(), true), place));
        }
        match self.symbol(name.text) {
            Some(Symbol::Constant(value)) => Ok(Expr::constant(value.clone(), place)),
            Some(Symbol::Variable { slot, kind, .. }) => Ok(self.local_place(*slot, kind, place)),
            Some(Symbol::Alias(expr)) => Ok(Expr { place, ..expr.clone() }),
            Some(other) => Err(Finding::new(name.span, format!("{} is {}, not a value", name.text, other.describe()))),
            None => match name.text {
                "pi" | "π" => Ok(Expr::constant(Value::float(std::f64::consts::PI), place)),
                "tau" | "τ" => Ok(Expr::constant(Value::float(std::f64::consts::TAU), place)),
                "euler" | "ℇ" => Ok(Expr::constant(Value::float(std::f64::consts::E), place)),
                text => Err(self.unknown(text, name.span, "value or register")),
            },
        }
    }

    pub(super) fn operand(&mut self, operand: &Operand<'a>) -> Built<Expr> {
        let base = self.named(operand.name)?;
        if let Some((value, span)) = operand.literal {
            let index = syntax::Expr { kind: ExprKind::Integer(value), span, depth: 0 };
            return self.part(base, &Index::One(index), operand.span);
        }
        match operand.index.as_deref() {
            Some(index) => self.part(base, index, operand.span),
            None => Ok(base),
        }
    }

    /// Qubits that an operand names.
    pub(super) fn quantum(&mut self, operand: &Operand<'a>) -> Built<Expr> {
        let expr = self.operand(operand)?;
        match expr.kind.is_quantum() {
            true => Ok(expr),
            false => {
                Err(Finding::new(operand.span, format!("{} is of type {}, not a quantum register", operand.name.text, expr.kind)))
            }
        }
    }

    /// What an index picks of an expression.
    pub(super) fn part(&mut self, base: Expr, index: &Index<'a>, span: Span) -> Built<Expr> {
        if let Index::Chain(list) = index {
            return list.iter().try_fold(base, |inner, index| self.part(inner, index, span));
        }
        let list = match index {
            Index::Many(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let (mut dimensions, mut counts) = (base.kind.dimensions(), Vec::new());
        if dimensions.is_empty() {
            return Err(Finding::new(span, format!("a value of type {} has no elements", base.kind)));
        }
        let element = match &base.kind {
            Type::Array(element, _) => (**element).clone(),
            Type::Qubits(_) => Type::Qubit,
            _ => Type::Bit,
        };
        // bits of the elements of an array
        if list.len() > dimensions.len() {
            let rank = dimensions.len();
            let inner = self.selected(base, &list[..rank], span)?;
            return match inner.kind {
                Type::Array(..) => Err(Finding::new(span, "bits are picked of one element")),
                _ => list[rank..].iter().try_fold(inner, |inner, index| self.part(inner, index, span)),
            };
        }
        let place = self.place(span);
        let mut selectors = Vec::with_capacity(list.len());
        for index in list {
            let selector = self.selector(index, dimensions[0], span)?;
            let size = dimensions.remove(0);
            match &selector {
                Selector::At(_) => {}
                Selector::Set(items) => counts.push(items.len()),
                Selector::Range(..) => counts.push(range_size(&selector, size).unwrap_or(0)),
            }
            if let (Selector::Range(..), Some(0), true) = (&selector, counts.last(), element != Type::Qubit) {
                let message = "the size of this slice has to be known when the program is read";
                return Err(Finding::new(span, message).help("use bounds that are constant"));
            }
            selectors.push(selector);
        }
        counts.extend(dimensions);
        let kind = match (&base.kind, counts.as_slice()) {
            (_, []) => element,
            (Type::Array(..), _) => Type::Array(Box::new(element), counts),
            (Type::Qubits(_), [size, ..]) => Type::Qubits(*size),
            (_, [size, ..]) => Type::Bits(*size),
        };
        self.typed(Node::Part(Box::new(base), selectors), kind, place)
    }

    fn selected(&mut self, base: Expr, list: &[Index<'a>], span: Span) -> Built<Expr> {
        list.iter().try_fold(base, |inner, index| self.part(inner, index, span))
    }

    fn selector(&mut self, index: &Index<'a>, size: usize, span: Span) -> Built<Selector> {
        let number = |builder: &mut Self, expr: &syntax::Expr<'a>| -> Built<Expr> {
            let built = builder.expression(expr)?;
            let whole = matches!(built.kind, Type::Int(_) | Type::Uint(_) | Type::Bool | Type::Bit);
            let built = match (&built.kind, whole) {
                (_, true) => built,
                // bits are a number without sign
                (Type::Bits(_), false) => {
                    return Err(Finding::new(expr.span, format!("an index is a whole number, not {}", built.kind))
                        .help("cast the bits to uint"));
                }
                (kind, false) => return Err(Finding::new(expr.span, format!("an index is a whole number, not {kind}"))),
            };
            if let (Some(number), true) = (built.as_constant().and_then(Value::whole), size > 0) {
                let counted = if number < 0 { number + size as i128 } else { number };
                if !(0..size as i128).contains(&counted) {
                    let message = format!("{number} is outside what has {size} elements");
                    return Err(Finding::new(expr.span, message).help(format!("use 0 to {}", size - 1)));
                }
            }
            Ok(built)
        };
        Ok(match index {
            Index::One(expr) => Selector::At(number(self, expr)?),
            Index::Set(items) => Selector::Set(items.iter().map(|item| number(self, item)).collect::<Built<_>>()?),
            Index::Range(first, step, last) => {
                let step = match step {
                    Some(step) => {
                        let built = self.expression(step)?;
                        if built.as_constant().and_then(Value::whole) == Some(0) {
                            return Err(Finding::new(step.span, "the step of a slice is not zero"));
                        }
                        Some(self.converted(built, &Type::Int(None), Conversion::Implicit)?)
                    }
                    None => None,
                };
                let first = first.as_ref().map(|expr| number(self, expr)).transpose()?;
                let last = last.as_ref().map(|expr| number(self, expr)).transpose()?;
                let range = Selector::Range(first, step, last);
                if range_size(&range, size) == Some(0) && size > 0 {
                    return Err(Finding::new(span, "this slice has no elements"));
                }
                range
            }
            Index::Many(_) | Index::Chain(_) => return Err(Finding::new(span, "an index of an index")),
        })
    }

    /// `$n`: qubits of the machine, as many as the program names.
    fn physical(&mut self, name: Name<'a>) -> Built<usize> {
        let most = self.limits.bits;
        let number = |text: &str| text[1..].replace('_', "").parse::<usize>().ok().filter(|n| *n < most);
        let Some(index) = number(name.text) else {
            return Err(Finding::new(name.span, format!("physical qubits are numbered below {most}")));
        };
        if self.physical.is_none() {
            let size = hardware_qubits(self.texts[0]).filter_map(number).fold(index, usize::max) + 1;
            let start = self.program.num_qubits();
            if size > most.saturating_sub(start) {
                return Err(Finding::new(name.span, format!("more than {most} of a kind of bits")));
            }
            self.program.qubits.push(crate::circuit::Register { name: "$".into(), start, size });
            self.physical = Some((start, size));
        }
        let (start, size) = self.physical.expect("set above");
        if index < size {
            Ok(start + index)
        } else {
            Err(Finding::new(name.span, "a physical qubit that only an included file names"))
        }
    }
}

/// How many elements a range with constant bounds has.
fn range_size(selector: &Selector, size: usize) -> Option<usize> {
    let Selector::Range(first, step, last) = selector else { return None };
    let number = |expr: &Option<Expr>, otherwise: Option<i128>| match expr {
        Some(expr) => expr.as_constant().and_then(Value::whole).map(|n| if n < 0 && size > 0 { n + size as i128 } else { n }),
        None => otherwise,
    };
    let by = match step {
        Some(step) => step.as_constant().and_then(Value::whole)?,
        None => 1,
    };
    let end = if size > 0 { Some(size as i128 - 1) } else { None };
    let (low, high) = if by > 0 { (Some(0), end) } else { (end, Some(0)) };
    let (first, last) = (number(first, low)?, number(last, high)?);
    if by == 0 || (last - first) * by.signum() < 0 { Some(0) } else { usize::try_from((last - first) / by + 1).ok() }
}
