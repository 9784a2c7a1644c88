//! Which types go where, tried on values like any other of the type.

use super::{Builder, Built, finding};
use crate::program::{Conversion, Expr, Node, Place, Trouble, Type, Value, convert};
use crate::qasm::error::Finding;

/// Registers longer than this are tried on shorter ones.
const LONG: usize = 66;

/// Two types as short ones that go together as they do; registers of different sizes stay different.
fn shortened(left: &Type, right: &Type) -> (Type, Type) {
    match (left, right) {
        (Type::Bits(a), Type::Bits(b)) if *a > LONG || *b > LONG => {
            (Type::Bits(LONG), Type::Bits(if a == b { LONG } else { LONG - 1 }))
        }
        (Type::Bits(a), other) if *a > LONG => (Type::Bits(LONG), other.clone()),
        (other, Type::Bits(b)) if *b > LONG => (other.clone(), Type::Bits(LONG)),
        _ => (left.clone(), right.clone()),
    }
}

/// What is said of the types that were tried, said of those that they stand for.
fn said_of(trouble: Trouble, tried: [&Type; 2], meant: [&Type; 2]) -> Trouble {
    let Trouble::Kind(message) = trouble else { return trouble };
    let message = message.replacen(&tried[0].to_string(), &meant[0].to_string(), 1);
    let message = match message.rsplit_once(&tried[1].to_string()) {
        Some((before, behind)) => format!("{before}{}{behind}", meant[1]),
        None => message,
    };
    Trouble::Kind(message)
}

/// The type of what an operation makes of values of two types.
pub(super) fn result_of(
    left: &Type,
    right: &Type,
    apply: impl Fn(&Value, &Value) -> Result<Value, Trouble>,
) -> Result<Type, Trouble> {
    let (a, b) = shortened(left, right);
    match apply(&Value::sample(&a), &Value::sample(&b)) {
        Ok(value) => Ok(match value.kind() {
            Type::Bits(LONG) => {
                if let Type::Bits(_) = left {
                    left.clone()
                } else {
                    right.clone()
                }
            }
            kind => kind,
        }),
        Err(trouble) if trouble.is_of_types() => Err(said_of(trouble, [&a, &b], [left, right])),
        // a value like this one is refused, others are not
        Err(_) => Ok(left.clone()),
    }
}

/// Whether values of a type can become values of another.
pub(super) fn check(from: &Type, to: &Type, how: Conversion) -> Result<(), Trouble> {
    match (from, to) {
        (from, to) if from == to => Ok(()),
        // a slice whose size is known when it runs
        (Type::Bits(0), Type::Bits(_)) | (Type::Qubits(0), Type::Qubits(_)) => Ok(()),
        (Type::Array(a, own), Type::Array(b, other)) if own == other => check(a, b, how),
        (Type::Bits(size), to) if *size > LONG && !matches!(to, Type::Bits(_)) => {
            let tried = Type::Bits(LONG);
            convert(&Value::sample(&tried), to, how).map(|_| ()).map_err(|trouble| said_of(trouble, [&tried, to], [from, to]))
        }
        _ if from.size().max(to.size()) > 4096 => Err(Trouble::Kind(format!("{from} is no value of type {to}"))),
        _ => match convert(&Value::sample(from), to, how) {
            Err(trouble) if trouble.is_of_types() => Err(trouble),
            Ok(_) | Err(_) => Ok(()),
        },
    }
}

impl Builder<'_> {
    /// An expression of a type, worked out if it is constant.
    pub(super) fn typed(&self, node: Node, kind: Type, place: Place) -> Built<Expr> {
        Expr { node, kind, place }.folded().map_err(|fault| finding(&fault))
    }

    /// The expression as one of another type.
    pub(super) fn converted(&self, expr: Expr, kind: &Type, how: Conversion) -> Built<Expr> {
        if expr.kind == *kind {
            return Ok(expr);
        }
        let place = expr.place;
        let span = crate::qasm::error::Span { start: place.start as usize, end: place.end as usize };
        check(&expr.kind, kind, how).map_err(|trouble| Finding::new(span, trouble.message()))?;
        self.typed(Node::Cast(Box::new(expr), how), kind.clone(), place)
    }
}
