//! Values as values of other types.

use num_complex::Complex64;

use super::fault::Trouble;
use super::operate::resized;
use super::types::Type;
use super::value::{Array, Value, nearest_angle, rounded};
use super::whole::{Whole, Width};

/// What the program says about a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    /// An assignment: what keeps the meaning of the value.
    Implicit,
    /// A cast, which may cut off.
    Explicit,
}

/// The value as one of a type.
pub(crate) fn convert(value: &Value, to: &Type, how: Conversion) -> Result<Value, Trouble> {
    let explicit = how == Conversion::Explicit;
    let refused = || {
        let remedy = if explicit { "" } else { "; write a cast where one is meant" };
        Trouble::Kind(format!("{} is no value of type {to}{remedy}", value.kind()))
    };
    let converted = match (to, value) {
        (Type::Bit, Value::Bit(_)) | (Type::Bool, Value::Bool(_)) | (Type::Duration, Value::Duration(_)) => Some(value.clone()),
        (Type::Bit, Value::Bool(bit)) => Some(Value::Bit(*bit)),
        (Type::Bit, Value::Bits(bits)) if bits.len() == 1 => Some(Value::Bit(bits[0])),
        (Type::Bit, Value::Int(whole)) => match whole.value() {
            number @ 0..=1 => Some(Value::Bit(number == 1)),
            _ if explicit => Some(Value::Bit(true)),
            number => return Err(Trouble::Refused(format!("{number} is no value of a bit"))),
        },
        (Type::Bool, Value::Complex(..) | Value::Array(_) | Value::Qubits(..) | Value::Duration(_)) => None,
        (Type::Bool, Value::Bit(_)) => Some(Value::Bool(value.truth()?)),
        (Type::Bool, _) if explicit => Some(Value::Bool(value.truth()?)),
        (Type::Bits(size), _) => register(value, *size, explicit),
        (Type::Int(width) | Type::Uint(width), _) => {
            let width = width.map(|bits| Width { signed: matches!(to, Type::Int(_)), bits });
            whole(value, explicit)?.map(|number| Whole::of(number, width)).transpose()?.map(Value::Int)
        }
        (Type::Float(bits), Value::Int(_) | Value::Bool(_) | Value::Float(..) | Value::Angle { .. }) => {
            value.real().map(|number| Value::Float(rounded(number, *bits), *bits))
        }
        (Type::Angle(bits), Value::Angle { steps, bits: own }) => {
            Some(Value::Angle { steps: resized(*steps, *own, *bits), bits: *bits })
        }
        (Type::Angle(bits), Value::Bits(list)) if explicit && list.len() == *bits as usize => {
            Value::Angle { steps: 0, bits: *bits }.with_bits(list)
        }
        (Type::Angle(bits), Value::Int(_) | Value::Float(..)) => value.real().map(|number| nearest_angle(number, *bits)),
        (Type::Complex(bits), Value::Complex(number, _)) => {
            Some(Value::Complex(Complex64::new(rounded(number.re, *bits), rounded(number.im, *bits)), *bits))
        }
        (Type::Complex(bits), Value::Int(_) | Value::Float(..) | Value::Bool(_)) => {
            value.real().map(|number| Value::Complex(rounded(number, *bits).into(), *bits))
        }
        (Type::Array(base, dimensions), Value::Array(array)) if *dimensions == array.dimensions => {
            let items = array.items.iter().map(|item| convert(item, base, how)).collect::<Result<_, _>>()?;
            Some(Value::Array(Box::new(Array { base: (**base).clone(), dimensions: dimensions.clone(), items })))
        }
        (Type::Qubit, Value::Qubits(list, _)) if list.len() == 1 => Some(Value::Qubits(list.clone(), true)),
        (Type::Qubits(size), Value::Qubits(list, _)) if list.len() == *size => Some(Value::Qubits(list.clone(), false)),
        (
            Type::Bit
            | Type::Bool
            | Type::Float(_)
            | Type::Angle(_)
            | Type::Complex(_)
            | Type::Duration
            | Type::Array(..)
            | Type::Qubit
            | Type::Qubits(_),
            _,
        ) => None,
    };
    converted.ok_or_else(refused)?.checked()
}

/// The bits of a value as a register of a size.
fn register(value: &Value, size: usize, explicit: bool) -> Option<Value> {
    let bits = match value {
        Value::Bits(bits) => bits.to_vec(),
        Value::Bit(bit) if size == 1 => vec![*bit],
        // the bits of a number without a width go on as its sign says
        Value::Int(whole) if explicit && whole.width().is_none() => {
            let number = whole.value();
            (0..size).map(|place| number >> place.min(127) & 1 == 1).collect()
        }
        Value::Int(_) | Value::Angle { .. } if explicit => value.bits()?,
        _ => return None,
    };
    (bits.len() == size).then(|| Value::Bits(bits.into()))
}

/// The whole number that a value becomes.
fn whole(value: &Value, explicit: bool) -> Result<Option<i128>, Trouble> {
    Ok(match value {
        Value::Int(_) | Value::Bool(_) => value.whole(),
        Value::Bit(_) => value.whole(),
        Value::Bits(_) if explicit => {
            let Some(number) = value.whole() else {
                return Err(Trouble::Kind(format!("{} has more than the 64 bits of a whole number", value.kind())));
            };
            Some(number)
        }
        Value::Float(number, _) if explicit => {
            if number.abs() >= 1e30 {
                return Err(Trouble::Overflow);
            }
            Some(number.trunc() as i128)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
