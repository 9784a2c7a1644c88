//! Operators on values.

use num_complex::Complex64;

use super::duration::Duration;
use super::fault::Trouble;
use super::operator::{Binary, Unary};
use super::value::{Value, nearest_angle, radians, rounded};
use super::whole::{Whole, Width};

type Operated = Result<Value, Trouble>;

fn mismatch(operator: Binary, left: &Value, right: &Value) -> Trouble {
    Trouble::Kind(format!("{} does not apply to {} and {}", operator.symbol(), left.kind(), right.kind()))
}

/// The value of an operator of one operand.
pub(crate) fn unary(operator: Unary, value: &Value) -> Operated {
    match (operator, value) {
        (Unary::Plus, value) => Ok(value.clone()),
        (Unary::Not, value) => value.truth().map(|truth| Value::Bool(!truth)),
        (Unary::Complement, Value::Bit(bit)) => Ok(Value::Bit(!bit)),
        (Unary::Complement, Value::Bool(truth)) => Ok(Value::Bool(!truth)),
        (Unary::Complement, Value::Bits(bits)) => Ok(Value::Bits(bits.iter().map(|bit| !bit).collect())),
        (Unary::Complement, Value::Int(whole)) => Ok(Value::Int(whole.complement()?)),
        (Unary::Complement, Value::Angle { steps, bits }) => Ok(Value::Angle { steps: masked(!steps, *bits), bits: *bits }),
        (Unary::Minus, Value::Int(whole)) => Ok(Value::Int(whole.negated()?)),
        (Unary::Minus, Value::Bool(truth)) => Ok(Value::int(-i64::from(*truth))),
        (Unary::Minus, Value::Float(number, bits)) => Ok(Value::Float(-number, *bits)),
        (Unary::Minus, Value::Angle { steps, bits }) => {
            Ok(Value::Angle { steps: masked(steps.wrapping_neg(), *bits), bits: *bits })
        }
        (Unary::Minus, Value::Complex(number, bits)) => Ok(Value::Complex(-number, *bits)),
        (Unary::Minus, Value::Duration(duration)) => Ok(Value::Duration(duration.times(-1.0))),
        (Unary::Minus | Unary::Complement, other) => {
            Err(Trouble::Kind(format!("{} does not apply to {}", operator.symbol(), other.kind())))
        }
    }
}

/// The value of an operator of two operands.
pub(crate) fn binary(operator: Binary, left: &Value, right: &Value) -> Operated {
    if matches!(operator, Binary::And | Binary::Or) {
        let (left, right) = (left.truth()?, right.truth()?);
        return Ok(Value::Bool(if operator == Binary::And { left && right } else { left || right }));
    }
    let value = match (left, right) {
        (Value::Bit(_) | Value::Bits(_), _) if is_shift(operator) => shifted_bits(operator, left, right),
        (Value::Bits(a), Value::Bits(b)) => register(operator, a, b).ok_or_else(|| mismatch(operator, left, right))?,
        (Value::Bit(a), Value::Bit(b)) if let Some(bit) = gate_of_bits(operator, *a, *b) => Ok(Value::Bit(bit)),
        (Value::Bool(a), Value::Bool(b)) if let Some(truth) = gate_of_bits(operator, *a, *b) => Ok(Value::Bool(truth)),
        (Value::Bits(a), Value::Bit(b)) if a.len() == 1 => binary(operator, &Value::Bit(a[0]), &Value::Bit(*b)),
        (Value::Bit(a), Value::Bits(b)) if b.len() == 1 => binary(operator, &Value::Bit(*a), &Value::Bit(b[0])),
        (Value::Bits(a), Value::Int(_)) if a.len() > 64 || compared(operator, None).is_some() => {
            compared(operator, ordered(a, right)).map(Value::Bool).ok_or_else(|| mismatch(operator, left, right))
        }
        (Value::Int(_), Value::Bits(b)) if b.len() > 64 || compared(operator, None).is_some() => {
            let order = ordered(b, left).map(std::cmp::Ordering::reverse);
            compared(operator, order).map(Value::Bool).ok_or_else(|| mismatch(operator, left, right))
        }
        (Value::Angle { .. }, _) | (_, Value::Angle { .. }) => angles(operator, left, right),
        (Value::Duration(_), _) | (_, Value::Duration(_)) => durations(operator, left, right),
        (Value::Complex(..), _) | (_, Value::Complex(..)) => complex(operator, left, right),
        (Value::Float(..), _) | (_, Value::Float(..)) => floats(operator, left, right),
        _ => match (integer(left), integer(right)) {
            (Some(a), Some(b)) => integers(operator, a, b),
            _ => Err(mismatch(operator, left, right)),
        },
    };
    value?.checked()
}

fn is_shift(operator: Binary) -> bool {
    matches!(operator, Binary::ShiftLeft | Binary::ShiftRight)
}

/// An operator of single bits that gives one.
fn gate_of_bits(operator: Binary, a: bool, b: bool) -> Option<bool> {
    match operator {
        Binary::BitAnd => Some(a && b),
        Binary::BitOr => Some(a || b),
        Binary::BitXor => Some(a ^ b),
        _ => None,
    }
}

/// The whole number that a value counts as in arithmetic.
fn integer(value: &Value) -> Option<Whole> {
    match value {
        Value::Int(whole) => Some(*whole),
        Value::Bool(_) | Value::Bit(_) => Some(Whole::plain(value.whole()? as i64)),
        Value::Bits(bits) if (1..=64).contains(&bits.len()) => {
            Whole::of(value.whole()?, Some(Width { signed: false, bits: bits.len() as u32 })).ok()
        }
        _ => None,
    }
}

fn compared(operator: Binary, order: Option<std::cmp::Ordering>) -> Option<bool> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    Some(match operator {
        Binary::Equal => order == Some(Equal),
        Binary::NotEqual => order != Some(Equal),
        Binary::Less => order == Some(Less),
        Binary::LessEqual => matches!(order, Some(Less | Equal)),
        Binary::Greater => order == Some(Greater),
        Binary::GreaterEqual => matches!(order, Some(Greater | Equal)),
        _ => return None,
    })
}

fn integers(operator: Binary, a: Whole, b: Whole) -> Operated {
    match compared(operator, Some(a.compare(b))) {
        Some(truth) => Ok(Value::Bool(truth)),
        None => Ok(Value::Int(a.combine(operator, b)?)),
    }
}

/// Two registers: bit by bit, or compared as numbers without sign.
fn register(operator: Binary, a: &[bool], b: &[bool]) -> Option<Operated> {
    if a.len() != b.len() {
        return None;
    }
    if let Some(truth) = compared(operator, Some(a.iter().rev().cmp(b.iter().rev()))) {
        return Some(Ok(Value::Bool(truth)));
    }
    gate_of_bits(operator, false, false)?;
    let bits = a.iter().zip(b).map(|(&a, &b)| gate_of_bits(operator, a, b).unwrap_or_default());
    Some(Ok(Value::Bits(bits.collect())))
}

/// How a register, as a number without sign, compares with a whole number.
fn ordered(bits: &[bool], other: &Value) -> Option<std::cmp::Ordering> {
    let (low, high) = bits.split_at(bits.len().min(64));
    if high.contains(&true) {
        return Some(std::cmp::Ordering::Greater);
    }
    Some(Value::Bits(low.into()).whole()?.cmp(&other.whole()?))
}

/// Zeros come in from the side.
fn shifted_bits(operator: Binary, value: &Value, by: &Value) -> Operated {
    let bits = value.bits().unwrap_or_default();
    let places = match by {
        Value::Int(whole) => {
            usize::try_from(whole.value()).map_err(|_| Trouble::Refused("a shift is by 0 places or more".into()))?
        }
        other => return Err(mismatch(operator, value, other)),
    };
    let size = bits.len();
    let from = |place: usize| match operator {
        Binary::ShiftLeft => place.checked_sub(places),
        _ => place.checked_add(places).filter(|from| *from < size),
    };
    let moved: Vec<bool> = (0..size).map(|place| from(place).is_some_and(|from| bits[from])).collect();
    Ok(value.with_bits(&moved).unwrap_or(Value::Bit(false)))
}

fn masked(steps: u64, bits: u32) -> u64 {
    steps & (u64::MAX >> (64 - bits))
}

/// The angle of another width: cut off, or zeros added, at the end of least significance.
pub(crate) fn resized(steps: u64, bits: u32, to: u32) -> u64 {
    if to >= bits { steps << (to - bits) } else { steps >> (bits - to) }
}

fn angles(operator: Binary, left: &Value, right: &Value) -> Operated {
    match (left, right) {
        (&Value::Angle { steps: a, bits: own }, &Value::Angle { steps: b, bits: other }) => {
            let bits = own.max(other);
            let (a, b) = (resized(a, own, bits), resized(b, other, bits));
            if let Some(truth) = compared(operator, Some(a.cmp(&b))) {
                return Ok(Value::Bool(truth));
            }
            let steps = match operator {
                Binary::Add => a.wrapping_add(b),
                Binary::Subtract => a.wrapping_sub(b),
                Binary::BitAnd => a & b,
                Binary::BitOr => a | b,
                Binary::BitXor => a ^ b,
                Binary::Divide if b == 0 => return Err(Trouble::DivisionByZero),
                Binary::Divide => {
                    return Ok(Value::Int(Whole::of((a / b).into(), Some(Width { signed: false, bits }))?));
                }
                _ => return Err(mismatch(operator, left, right)),
            };
            Ok(Value::Angle { steps: masked(steps, bits), bits })
        }
        (&Value::Angle { steps, bits }, Value::Int(whole)) => {
            let number = whole.value();
            let steps = match operator {
                Binary::Multiply => (u128::from(steps).wrapping_mul(number as u128)) as u64,
                Binary::Divide if number == 0 => return Err(Trouble::DivisionByZero),
                Binary::Divide if number > 0 => (i128::from(steps) / number) as u64,
                Binary::ShiftLeft if number >= 0 => u32::try_from(number).ok().and_then(|by| steps.checked_shl(by)).unwrap_or(0),
                Binary::ShiftRight if number >= 0 => u32::try_from(number).ok().and_then(|by| steps.checked_shr(by)).unwrap_or(0),
                _ => return floats(operator, &plain(left), right),
            };
            Ok(Value::Angle { steps: masked(steps, bits), bits })
        }
        (Value::Int(_), Value::Angle { .. }) if operator == Binary::Multiply => angles(operator, right, left),
        // a number is made an angle where both have to be of one kind
        (&Value::Angle { bits, .. }, Value::Float(number, _)) if is_of_one_kind(operator) => {
            angles(operator, left, &nearest_angle(*number, bits))
        }
        (Value::Float(number, _), &Value::Angle { bits, .. }) if is_of_one_kind(operator) => {
            angles(operator, &nearest_angle(*number, bits), right)
        }
        _ => floats(operator, &plain(left), &plain(right)),
    }
}

fn is_of_one_kind(operator: Binary) -> bool {
    compared(operator, None).is_some() || matches!(operator, Binary::Add | Binary::Subtract)
}

/// An angle as its number of radians.
fn plain(value: &Value) -> Value {
    match value {
        Value::Angle { steps, bits } => Value::float(radians(*steps, *bits)),
        other => other.clone(),
    }
}

fn floats(operator: Binary, left: &Value, right: &Value) -> Operated {
    let (Some(a), Some(b)) = (left.real(), right.real()) else { return Err(mismatch(operator, left, right)) };
    if let Some(truth) = compared(operator, a.partial_cmp(&b)) {
        return Ok(Value::Bool(truth));
    }
    let bits = [left, right].iter().filter_map(|side| if let Value::Float(_, bits) = side { Some(*bits) } else { None }).max();
    let bits = bits.unwrap_or(64);
    let number = match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide if b == 0.0 => return Err(Trouble::DivisionByZero),
        Binary::Divide => a / b,
        Binary::Remainder if b == 0.0 => return Err(Trouble::DivisionByZero),
        Binary::Remainder => a % b,
        Binary::Power => a.powf(b),
        _ => return Err(mismatch(operator, left, right)),
    };
    Ok(Value::Float(rounded(number, bits), bits))
}

fn complex(operator: Binary, left: &Value, right: &Value) -> Operated {
    let number = |value: &Value| match value {
        Value::Complex(number, bits) => Some((*number, *bits)),
        other => Some((Complex64::from(other.real()?), 16)),
    };
    let (Some((a, own)), Some((b, other))) = (number(left), number(right)) else { return Err(mismatch(operator, left, right)) };
    let bits = own.max(other);
    let value = match operator {
        Binary::Equal => return Ok(Value::Bool(a == b)),
        Binary::NotEqual => return Ok(Value::Bool(a != b)),
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide if b == Complex64::ZERO => return Err(Trouble::DivisionByZero),
        Binary::Divide => a / b,
        Binary::Power => a.powc(b),
        _ => return Err(mismatch(operator, left, right)),
    };
    Ok(Value::Complex(Complex64::new(rounded(value.re, bits), rounded(value.im, bits)), bits))
}

fn durations(operator: Binary, left: &Value, right: &Value) -> Operated {
    let unknown = || Trouble::Refused("these durations compare differently from device to device".into());
    match (left, right) {
        (Value::Duration(a), Value::Duration(b)) => {
            let difference = a.plus(&b.times(-1.0));
            match operator {
                Binary::Add => Ok(Value::Duration(a.plus(b))),
                Binary::Subtract => Ok(Value::Duration(difference)),
                Binary::Divide if b == &Duration::default() => Err(Trouble::DivisionByZero),
                Binary::Divide => a.over(b).map(Value::float).ok_or_else(unknown),
                _ => match compared(operator, Some(difference.ns.total_cmp(&0.0))) {
                    Some(truth) => difference.known().map(|_| Value::Bool(truth)).ok_or_else(unknown),
                    None => Err(mismatch(operator, left, right)),
                },
            }
        }
        (Value::Duration(duration), other) | (other, Value::Duration(duration)) => match (operator, other.real()) {
            (Binary::Multiply, Some(factor)) => Ok(Value::Duration(duration.times(factor))),
            (Binary::Divide, Some(0.0)) => Err(Trouble::DivisionByZero),
            (Binary::Divide, Some(divisor)) if matches!(left, Value::Duration(_)) => {
                Ok(Value::Duration(duration.times(1.0 / divisor)))
            }
            _ => Err(mismatch(operator, left, right)),
        },
        _ => Err(mismatch(operator, left, right)),
    }
}

#[cfg(test)]
mod tests;
