//! Values of expressions.

use super::error::{Finding, Span, nearest};
use super::syntax::{Binary, Expr, ExprKind, Unary};
use crate::angle::Angle;

type Function = fn(f64) -> f64;

/// The functions of OpenQASM 2, with the two inverses that other tools accept.
const FUNCTIONS: [(&str, Function); 9] = [
    ("sin", f64::sin),
    ("cos", f64::cos),
    ("tan", f64::tan),
    ("exp", f64::exp),
    ("ln", f64::ln),
    ("sqrt", f64::sqrt),
    ("acos", f64::acos),
    ("asin", f64::asin),
    ("atan", f64::atan),
];

/// The angle an expression stands for; `lookup` gives the values of names.
///
/// A free parameter may be scaled and shifted by numbers, nothing else.
pub(super) fn angle<'a>(expr: &Expr<'a>, lookup: &dyn Fn(&'a str) -> Option<Angle>) -> Result<Angle, Finding> {
    let value = match &expr.kind {
        ExprKind::Integer(value) => Angle::Fixed(*value as f64),
        ExprKind::Real(value) => Angle::Fixed(*value),
        ExprKind::Name("pi") => Angle::Fixed(std::f64::consts::PI),
        ExprKind::Name(name) => lookup(name).ok_or_else(|| unknown(expr.span, name))?,
        ExprKind::Unary(Unary::Plus, inner) => angle(inner, lookup)?,
        ExprKind::Unary(Unary::Minus, inner) => match angle(inner, lookup)? {
            Angle::Fixed(value) => Angle::Fixed(-value),
            free @ Angle::Free { .. } => free.scaled(-1.0),
        },
        ExprKind::Binary(operator, sides) => {
            let (left, right) = (angle(&sides.0, lookup)?, angle(&sides.1, lookup)?);
            combine(*operator, left, right, expr.span, sides.1.span)?
        }
        ExprKind::Call(name, arguments) => {
            let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| known == name) else {
                let finding = Finding::new(expr.span, format!("there is no function {name}"));
                let near = nearest(name, FUNCTIONS.iter().map(|(known, _)| *known));
                return Err(finding.help(near.map_or("the functions are sin, cos, tan, exp, ln, sqrt".into(), did_you_mean)));
            };
            let [argument] = arguments.as_slice() else {
                return Err(Finding::new(expr.span, format!("{name} takes one argument, not {}", arguments.len())));
            };
            match angle(argument, lookup)? {
                Angle::Fixed(value) => Angle::Fixed(function(value)),
                Angle::Free { .. } => return Err(not_linear(expr.span)),
            }
        }
    };
    if value.is_finite() { Ok(value) } else { Err(Finding::new(expr.span, "this is not a finite number")) }
}

pub(super) fn did_you_mean(name: &str) -> String {
    format!("did you mean {name}?")
}

fn unknown(span: Span, name: &str) -> Finding {
    Finding::new(span, format!("{name} has no value here")).help("use a number, pi, or a parameter of the gate")
}

fn not_linear(span: Span) -> Finding {
    Finding::new(span, "a free parameter can only be multiplied by a number and shifted by one")
}

fn combine(operator: Binary, left: Angle, right: Angle, span: Span, right_span: Span) -> Result<Angle, Finding> {
    use Angle::{Fixed, Free};
    Ok(match (operator, left, right) {
        (Binary::Add, Fixed(a), Fixed(b)) => Fixed(a + b),
        (Binary::Subtract, Fixed(a), Fixed(b)) => Fixed(a - b),
        (Binary::Multiply, Fixed(a), Fixed(b)) => Fixed(a * b),
        (Binary::Divide, _, Fixed(0.0)) => return Err(Finding::new(right_span, "division by zero")),
        (Binary::Divide, Fixed(a), Fixed(b)) => Fixed(a / b),
        (Binary::Power, Fixed(a), Fixed(b)) => Fixed(a.powf(b)),
        (Binary::Add, free @ Free { .. }, Fixed(b)) | (Binary::Add, Fixed(b), free @ Free { .. }) => free.shifted(b),
        (Binary::Subtract, free @ Free { .. }, Fixed(b)) => free.shifted(-b),
        (Binary::Subtract, Fixed(a), free @ Free { .. }) => free.scaled(-1.0).shifted(a),
        (Binary::Multiply, free @ Free { .. }, Fixed(b)) | (Binary::Multiply, Fixed(b), free @ Free { .. }) => free.scaled(b),
        (Binary::Divide, Free { index, scale, offset }, Fixed(b)) => Free { index, scale: scale / b, offset: offset / b },
        (Binary::Add, Free { index: i, scale: a, offset: c }, Free { index: j, scale: b, offset: d }) if i == j => {
            Free { index: i, scale: a + b, offset: c + d }
        }
        (Binary::Subtract, Free { index: i, scale: a, offset: c }, Free { index: j, scale: b, offset: d }) if i == j => {
            Free { index: i, scale: a - b, offset: c - d }
        }
        (Binary::Equal, ..) => return Err(Finding::new(span, "a comparison is no angle")),
        (Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Power, ..) => return Err(not_linear(span)),
    })
}
