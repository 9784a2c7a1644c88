//! Values of expressions, known when the program is read.

use std::f64::consts::{E, PI, TAU};

use super::Version;
use super::error::{Finding, Span, nearest};
use super::syntax::{Binary, Expr, ExprKind, Index, Operand, Type, Unary};
use crate::angle::Angle;
use crate::program::{NoWhole, Whole, Width};

/// A value; angles and floats are one type, perhaps with a free parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Int(Whole),
    Real(Angle),
    Bool(bool),
    /// Nanoseconds.
    Duration(f64),
}

impl Value {
    pub fn int(value: i64) -> Self {
        Value::Int(Whole::plain(value))
    }

    pub fn real(value: f64) -> Self {
        Value::Real(Angle::Fixed(value))
    }

    fn describe(self) -> &'static str {
        match self {
            Value::Int(_) => "a whole number",
            Value::Real(_) => "a number",
            Value::Bool(_) => "a truth value",
            Value::Duration(_) => "a duration",
        }
    }
}

type Function = fn(f64) -> f64;

/// Functions of one number by their names in both versions.
const FUNCTIONS: [(&str, Function); 15] = [
    ("sin", f64::sin),
    ("cos", f64::cos),
    ("tan", f64::tan),
    ("exp", f64::exp),
    ("ln", f64::ln),
    ("sqrt", f64::sqrt),
    ("acos", f64::acos),
    ("asin", f64::asin),
    ("atan", f64::atan),
    ("arccos", f64::acos),
    ("arcsin", f64::asin),
    ("arctan", f64::atan),
    ("log", f64::ln),
    ("floor", f64::floor),
    ("ceiling", f64::ceil),
];
/// How many of them version 2 has.
const FUNCTIONS_V2: usize = 9;

pub(super) struct Evaluator<'s, 'a> {
    pub version: Version,
    /// Values of names.
    pub lookup: &'s dyn Fn(&'a str) -> Option<Value>,
}

impl<'a> Evaluator<'_, 'a> {
    /// An angle: a number, or a free parameter scaled and shifted by numbers.
    pub fn angle(&self, expr: &Expr<'a>) -> Result<Angle, Finding> {
        match &expr.kind {
            // The cases that fill most files.
            ExprKind::Real(value) => Ok(Angle::Fixed(*value)),
            ExprKind::Integer(value) => Ok(Angle::Fixed(*value as f64)),
            _ => match self.value(expr)? {
                Value::Int(value) => Ok(Angle::Fixed(value.to_f64())),
                Value::Real(angle) => Ok(angle),
                other @ (Value::Bool(_) | Value::Duration(_)) => {
                    Err(Finding::new(expr.span, format!("expected an angle, found {}", other.describe())))
                }
            },
        }
    }

    pub fn whole(&self, expr: &Expr<'a>) -> Result<i64, Finding> {
        match self.value(expr)? {
            Value::Int(value) => value.to_i64().ok_or_else(|| overflow(expr.span)),
            Value::Real(Angle::Fixed(value)) if value.fract() == 0.0 && value.abs() < 9e15 && self.version == Version::V2 => {
                Ok(value as i64)
            }
            other => Err(Finding::new(expr.span, format!("expected a whole number, found {}", other.describe()))),
        }
    }

    pub fn value(&self, expr: &Expr<'a>) -> Result<Value, Finding> {
        let value = match &expr.kind {
            ExprKind::Integer(value) => match i64::try_from(*value) {
                Ok(value) if self.version == Version::V3 => Value::int(value),
                // a literal of 64 bits has no sign
                Err(_) if self.version == Version::V3 => {
                    let width = Width { signed: false, bits: 64 };
                    Whole::of((*value).into(), Some(width)).map(Value::Int).map_err(|_| overflow(expr.span))?
                }
                Ok(_) | Err(_) => Value::real(*value as f64),
            },
            ExprKind::Real(value) => Value::real(*value),
            ExprKind::Duration(value) => Value::Duration(*value),
            ExprKind::Bool(value) => Value::Bool(*value),
            ExprKind::Name(name) => self.name(name, expr.span)?,
            ExprKind::Element(operand) => self.element(operand)?,
            ExprKind::Cast(kind, size, inner) => {
                let declared = self.declared(*kind, size.as_deref())?;
                cast(declared, self.value(inner)?, inner.span)?
            }
            ExprKind::Unary(sign, inner) => self.unary(*sign, self.value(inner)?, expr.span)?,
            ExprKind::Binary(operator, sides) => {
                let (left, right) = (self.value(&sides.0)?, self.value(&sides.1)?);
                binary(*operator, left, right, expr.span, sides.1.span)?
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments, expr.span)?,
            ExprKind::CastTo(_)
            | ExprKind::Measure(_)
            | ExprKind::BitString(_)
            | ExprKind::Imaginary(_)
            | ExprKind::List(_)
            | ExprKind::Index(_) => return Err(Finding::beyond(expr.span, "this value")),
            ExprKind::Dt(_) | ExprKind::DurationOf(_) => return Err(Finding::beyond(expr.span, "a time that the device sets")),
        };
        match value {
            Value::Real(angle) if !angle.is_finite() => Err(Finding::new(expr.span, "this is not a finite number")),
            Value::Duration(length) if !length.is_finite() => Err(Finding::new(expr.span, "this is not a finite duration")),
            Value::Int(_) | Value::Real(_) | Value::Bool(_) | Value::Duration(_) => Ok(value),
        }
    }

    /// A bit of a whole number that is known, or several as a number.
    fn element(&self, operand: &Operand<'a>) -> Result<Value, Finding> {
        let Some(Value::Int(whole)) = (self.lookup)(operand.name.text) else {
            return Err(Finding::beyond(operand.span, "a value of measured bits"));
        };
        let size = i64::from(whole.bits());
        let place = |expr: &Expr<'a>| -> Result<u32, Finding> {
            let value = self.whole(expr)?;
            let counted = if value < 0 { value + size } else { value };
            u32::try_from(counted).ok().filter(|place| i64::from(*place) < size).ok_or_else(|| {
                Finding::new(expr.span, format!("{value} is outside {}, which has {size} bits", operand.name.text))
            })
        };
        let places: Vec<u32> = match operand.index.as_deref() {
            Some(Index::One(expr)) => return Ok(Value::Bool(whole.bit(place(expr)?))),
            Some(Index::Set(items)) => items.iter().map(place).collect::<Result<_, _>>()?,
            Some(Index::Range(Some(first), None, Some(last))) => (place(first)?..=place(last)?).collect(),
            Some(Index::Many(_) | Index::Chain(_)) => return Err(Finding::beyond(operand.span, "an index of an index")),
            Some(Index::Range(..)) | None => {
                return Err(Finding::new(operand.span, "bits are named by one place, by both ends, or by a set"));
            }
        };
        if !(1..=64).contains(&places.len()) {
            return Err(Finding::new(operand.span, format!("{} bits are no whole number of 1 to 64", places.len())));
        }
        let value = places.iter().enumerate().filter(|(_, from)| whole.bit(**from)).map(|(to, _)| 1i128 << to).sum();
        let width = Width { signed: false, bits: places.len() as u32 };
        Whole::of(value, Some(width)).map(Value::Int).map_err(|_| overflow(operand.span))
    }

    /// A type with its size, which is known when the program is read.
    pub fn declared(&self, kind: Type, size: Option<&Expr<'a>>) -> Result<Declared, Finding> {
        let Some(size) = size else { return Ok(Declared { kind, bits: None }) };
        let bits = self.whole(size)?;
        let fits = match kind {
            Type::Int | Type::Uint | Type::Angle => (1..=64).contains(&bits),
            Type::Float => bits == 32 || bits == 64,
            Type::Bool | Type::Duration => false,
        };
        if kind == Type::Float && bits == 16 {
            return Err(Finding::beyond(size.span, "a float of 16 bits"));
        }
        if !fits {
            let possible = match kind {
                Type::Int | Type::Uint | Type::Angle => "1 to 64 bits",
                Type::Float => "16, 32 or 64 bits",
                Type::Bool | Type::Duration => "no size",
            };
            return Err(Finding::new(size.span, format!("this type has {possible}, not {bits}")));
        }
        Ok(Declared { kind, bits: Some(bits as u32) })
    }

    fn name(&self, name: &'a str, span: Span) -> Result<Value, Finding> {
        if let Some(value) = (self.lookup)(name) {
            return Ok(value);
        }
        match (name, self.version) {
            ("pi", _) | ("π", Version::V3) => Ok(Value::real(PI)),
            ("tau" | "τ", Version::V3) => Ok(Value::real(TAU)),
            ("euler" | "ℇ", Version::V3) => Ok(Value::real(E)),
            _ => Err(Finding::new(span, format!("{name} has no value here")).help("use a number, pi, or a parameter")),
        }
    }

    fn unary(&self, sign: Unary, value: Value, span: Span) -> Result<Value, Finding> {
        Ok(match (sign, value) {
            (Unary::Plus, value) => value,
            (Unary::Minus, Value::Int(value)) => Value::Int(value.negated().map_err(|_| overflow(span))?),
            (Unary::Minus, Value::Real(Angle::Fixed(value))) => Value::real(-value),
            (Unary::Minus, Value::Real(free)) => Value::Real(free.scaled(-1.0)),
            (Unary::Minus, Value::Duration(value)) => Value::Duration(-value),
            (Unary::Not, Value::Bool(value)) => Value::Bool(!value),
            (Unary::Complement, Value::Int(value)) => Value::Int(value.complement().map_err(|_| overflow(span))?),
            (Unary::Minus | Unary::Not | Unary::Complement, other) => {
                return Err(Finding::new(span, format!("this operator does not apply to {}", other.describe())));
            }
        })
    }

    fn call(&self, name: &'a str, arguments: &[Expr<'a>], span: Span) -> Result<Value, Finding> {
        let count = if self.version == Version::V2 { FUNCTIONS_V2 } else { FUNCTIONS.len() };
        let is_real = FUNCTIONS.iter().any(|(known, _)| *known == name);
        let value = |argument: &Expr<'a>| match argument.literal_quotient().filter(|_| is_real) {
            // as it is meant: a quotient of whole numbers would be a whole number
            Some(quotient) => Ok(Value::real(quotient)),
            None => self.value(argument),
        };
        let values = arguments.iter().map(value).collect::<Result<Vec<_>, _>>()?;
        let number = |value: &Value| match *value {
            Value::Int(value) => Ok(value.to_f64()),
            Value::Real(Angle::Fixed(value)) => Ok(value),
            Value::Real(Angle::Free { .. }) => Err(not_linear(span)),
            other @ (Value::Bool(_) | Value::Duration(_)) => {
                Err(Finding::new(span, format!("{name} does not apply to {}", other.describe())))
            }
        };
        let new = self.version == Version::V3;
        match (name, values.as_slice()) {
            ("pow", [base, exponent]) if new => return binary(Binary::Power, *base, *exponent, span, span),
            ("mod", [left, right]) if new => return binary(Binary::Remainder, *left, *right, span, span),
            ("float" | "angle" | "int" | "uint" | "bool", [value]) if new => {
                let kind = Type::of(name).expect("these are types");
                return cast(Declared { kind, bits: None }, *value, span);
            }
            ("popcount", [Value::Int(value)]) if new => return Ok(Value::int(value.count_ones().into())),
            _ => {}
        }
        let Some((_, function)) = FUNCTIONS[..count].iter().find(|(known, _)| *known == name) else {
            let near = nearest(name, FUNCTIONS[..count].iter().map(|(known, _)| *known));
            let help = near.map_or("the functions are sin, cos, tan, exp, ln, sqrt".into(), did_you_mean);
            return Err(Finding::new(span, format!("there is no function {name}")).help(help));
        };
        let [argument] = values.as_slice() else {
            return Err(Finding::new(span, format!("{name} takes one argument, not {}", arguments.len())));
        };
        Ok(Value::real(function(number(argument)?)))
    }
}

/// A type with its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Declared {
    pub kind: Type,
    pub bits: Option<u32>,
}

impl Declared {
    fn width(self) -> Option<Width> {
        self.bits.map(|bits| Width { signed: self.kind == Type::Int, bits })
    }

    /// What a variable of this type holds until it is given a value.
    pub fn zero(self) -> Value {
        match self.kind {
            Type::Int | Type::Uint => Value::Int(Whole::of(0, self.width()).unwrap_or(Whole::plain(0))),
            Type::Float | Type::Angle => Value::real(0.0),
            Type::Bool => Value::Bool(false),
            Type::Duration => Value::Duration(0.0),
        }
    }

    /// What a variable of this type holds after an assignment; none where the kinds differ.
    pub fn holding(self, value: Value) -> Option<Value> {
        match (self.kind, value) {
            (Type::Int | Type::Uint, Value::Int(whole)) => Whole::of(whole.value(), self.width()).ok().map(Value::Int),
            (Type::Int | Type::Uint, Value::Bool(value)) => Whole::of(value.into(), self.width()).ok().map(Value::Int),
            (Type::Float | Type::Angle, Value::Int(whole)) => Some(self.rounded(Angle::Fixed(whole.to_f64()))),
            (Type::Float | Type::Angle, Value::Real(angle)) => Some(self.rounded(angle)),
            (Type::Bool, Value::Bool(_)) | (Type::Duration, Value::Duration(_)) => Some(value),
            (Type::Int | Type::Uint | Type::Float | Type::Angle | Type::Bool | Type::Duration, _) => None,
        }
    }

    /// `float[32]` has single precision.
    fn rounded(self, angle: Angle) -> Value {
        match (self.kind, self.bits, angle) {
            (Type::Float, Some(32), Angle::Fixed(value)) => Value::real(f64::from(value as f32)),
            _ => Value::Real(angle),
        }
    }
}

/// An explicit cast: whole numbers are cut off toward zero, truth is what is not zero.
fn cast(declared: Declared, value: Value, span: Span) -> Result<Value, Finding> {
    let value = match (declared.kind, value) {
        (Type::Int | Type::Uint, Value::Real(Angle::Fixed(value))) if value.abs() < 1e30 => {
            return Whole::of(value.trunc() as i128, declared.width()).map(Value::Int).map_err(|_| overflow(span));
        }
        (Type::Int | Type::Uint, Value::Real(Angle::Fixed(_))) => return Err(overflow(span)),
        (Type::Int | Type::Uint, Value::Real(Angle::Free { .. })) => return Err(not_linear(span)),
        (Type::Bool, Value::Int(whole)) => Value::Bool(whole.value() != 0),
        (Type::Bool, Value::Real(Angle::Fixed(value))) => Value::Bool(value != 0.0),
        (Type::Float, Value::Bool(value)) => Value::real(f64::from(u8::from(value))),
        (_, value) => value,
    };
    let found = value.describe();
    declared.holding(value).ok_or_else(|| Finding::new(span, format!("{found} cannot be cast to this type")))
}

pub(super) fn did_you_mean(name: &str) -> String {
    format!("did you mean {name}?")
}

fn not_linear(span: Span) -> Finding {
    Finding::new(span, "a free parameter can only be multiplied by a number and shifted by one")
}

fn overflow(span: Span) -> Finding {
    Finding::new(span, "this whole number does not fit into 64 bits")
}

pub(super) fn binary(operator: Binary, left: Value, right: Value, span: Span, right_span: Span) -> Result<Value, Finding> {
    let mismatch = || {
        let message = format!("this operator does not apply to {} and {}", left.describe(), right.describe());
        Err(Finding::new(span, message))
    };
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => integers(operator, a, b, span, right_span),
        (Value::Bool(a), Value::Bool(b)) => match operator {
            Binary::And => Ok(Value::Bool(a && b)),
            Binary::Or => Ok(Value::Bool(a || b)),
            Binary::Equal => Ok(Value::Bool(a == b)),
            Binary::NotEqual => Ok(Value::Bool(a != b)),
            _ => mismatch(),
        },
        // a bit counts as a number beside one
        (Value::Bool(a), Value::Int(b)) => integers(operator, Whole::plain(a.into()), b, span, right_span),
        (Value::Int(a), Value::Bool(b)) => integers(operator, a, Whole::plain(b.into()), span, right_span),
        (Value::Int(a), Value::Real(b)) => reals(operator, Angle::Fixed(a.to_f64()), b, span, right_span),
        (Value::Real(a), Value::Int(b)) => reals(operator, a, Angle::Fixed(b.to_f64()), span, right_span),
        (Value::Real(a), Value::Real(b)) => reals(operator, a, b, span, right_span),
        (Value::Duration(a), Value::Duration(b)) => match operator {
            Binary::Add => Ok(Value::Duration(a + b)),
            Binary::Subtract => Ok(Value::Duration(a - b)),
            Binary::Divide if b != 0.0 => Ok(Value::real(a / b)),
            _ => mismatch(),
        },
        (Value::Duration(a), Value::Int(_) | Value::Real(Angle::Fixed(_))) => {
            let b = fixed(right);
            match operator {
                Binary::Multiply => Ok(Value::Duration(a * b)),
                Binary::Divide if b != 0.0 => Ok(Value::Duration(a / b)),
                _ => mismatch(),
            }
        }
        (Value::Int(_) | Value::Real(Angle::Fixed(_)), Value::Duration(b)) if operator == Binary::Multiply => {
            Ok(Value::Duration(fixed(left) * b))
        }
        (Value::Int(_) | Value::Real(_) | Value::Bool(_) | Value::Duration(_), _) => mismatch(),
    }
}

fn fixed(value: Value) -> f64 {
    match value {
        Value::Int(value) => value.to_f64(),
        Value::Real(Angle::Fixed(value)) => value,
        Value::Real(Angle::Free { .. }) | Value::Bool(_) | Value::Duration(_) => f64::NAN,
    }
}

fn integers(operator: Binary, a: Whole, b: Whole, span: Span, right_span: Span) -> Result<Value, Finding> {
    let order = a.compare(b);
    Ok(Value::Bool(match operator {
        Binary::Equal => order.is_eq(),
        Binary::NotEqual => order.is_ne(),
        Binary::Less => order.is_lt(),
        Binary::LessEqual => order.is_le(),
        Binary::Greater => order.is_gt(),
        Binary::GreaterEqual => order.is_ge(),
        Binary::And | Binary::Or => return Err(Finding::new(span, "this operator applies to truth values")),
        Binary::Power if b.value() < 0 => return Ok(Value::real(a.to_f64().powf(b.to_f64()))),
        Binary::Add
        | Binary::Subtract
        | Binary::Multiply
        | Binary::Divide
        | Binary::Remainder
        | Binary::Power
        | Binary::ShiftLeft
        | Binary::ShiftRight
        | Binary::BitAnd
        | Binary::BitOr
        | Binary::BitXor => {
            return a.combine(operator, b).map(Value::Int).map_err(|reason| match reason {
                NoWhole::DivisionByZero => Finding::new(right_span, "division by zero"),
                NoWhole::Overflow | NoWhole::OtherKind => overflow(span),
            });
        }
    }))
}

fn reals(operator: Binary, left: Angle, right: Angle, span: Span, right_span: Span) -> Result<Value, Finding> {
    use Angle::{Fixed, Free};
    let angle = match (left, right) {
        (Fixed(a), Fixed(b)) => match operator {
            Binary::Add => Fixed(a + b),
            Binary::Subtract => Fixed(a - b),
            Binary::Multiply => Fixed(a * b),
            Binary::Divide | Binary::Remainder if b == 0.0 => return Err(Finding::new(right_span, "division by zero")),
            Binary::Divide => Fixed(a / b),
            Binary::Remainder => Fixed(a % b),
            Binary::Power => Fixed(a.powf(b)),
            Binary::Equal => return Ok(Value::Bool(a == b)),
            Binary::NotEqual => return Ok(Value::Bool(a != b)),
            Binary::Less => return Ok(Value::Bool(a < b)),
            Binary::LessEqual => return Ok(Value::Bool(a <= b)),
            Binary::Greater => return Ok(Value::Bool(a > b)),
            Binary::GreaterEqual => return Ok(Value::Bool(a >= b)),
            Binary::ShiftLeft
            | Binary::ShiftRight
            | Binary::BitAnd
            | Binary::BitOr
            | Binary::BitXor
            | Binary::And
            | Binary::Or => {
                return Err(Finding::new(span, "this operator does not apply to numbers with a fraction"));
            }
        },
        (free @ Free { .. }, Fixed(b)) => match operator {
            Binary::Add => free.shifted(b),
            Binary::Subtract => free.shifted(-b),
            Binary::Multiply => free.scaled(b),
            Binary::Divide if b == 0.0 => return Err(Finding::new(right_span, "division by zero")),
            Binary::Divide => match free {
                Free { index, scale, offset } => Free { index, scale: scale / b, offset: offset / b },
                Fixed(_) => free,
            },
            _ => return Err(not_linear(span)),
        },
        (Fixed(a), free @ Free { .. }) => match operator {
            Binary::Add => free.shifted(a),
            Binary::Subtract => free.scaled(-1.0).shifted(a),
            Binary::Multiply => free.scaled(a),
            _ => return Err(not_linear(span)),
        },
        (Free { index: i, scale: a, offset: c }, Free { index: j, scale: b, offset: d }) if i == j => match operator {
            Binary::Add => Free { index: i, scale: a + b, offset: c + d },
            Binary::Subtract => Free { index: i, scale: a - b, offset: c - d },
            _ => return Err(not_linear(span)),
        },
        (Free { .. }, Free { .. }) => return Err(not_linear(span)),
    };
    Ok(Value::Real(angle))
}
