//! Values of programs.

use std::f64::consts::TAU;
use std::fmt;

use num_complex::Complex64;

use super::duration::Duration;
use super::fault::Trouble;
use super::types::Type;
use super::whole::{Whole, Width};

/// A whole number with its type; arithmetic wraps to its width.
pub use super::whole::Whole as WholeNumber;

/// A value of a type of OpenQASM 3.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `bit`.
    Bit(bool),
    /// `bit[n]`, bit 0 first.
    Bits(Box<[bool]>),
    /// `bool`.
    Bool(bool),
    /// `int` and `uint`.
    Int(WholeNumber),
    /// `float` and its width.
    Float(f64, u32),
    /// `angle[bits]`: so many times `2 pi / 2^bits`.
    Angle {
        /// The multiple.
        steps: u64,
        /// The width, 1 to 64.
        bits: u32,
    },
    /// `complex` and the width of its parts.
    Complex(Complex64, u32),
    /// `duration`.
    Duration(Duration),
    /// An array, its last index running fastest.
    Array(Box<Array>),
    /// Indices of qubits; one alone when the second is true.
    Qubits(Box<[usize]>, bool),
}

/// An array of classical values.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The type of the elements.
    pub base: Type,
    /// The dimensions, the last running fastest.
    pub dimensions: Vec<usize>,
    /// The elements, as many as the product of the dimensions.
    pub items: Vec<Value>,
}

impl Value {
    /// A whole number without a width.
    pub fn int(value: i64) -> Self {
        Value::Int(Whole::plain(value))
    }

    /// A number of double precision.
    pub fn float(value: f64) -> Self {
        Value::Float(value, 64)
    }

    /// Bits from a bit string, the last character bit 0.
    pub fn bit_string(text: &str) -> Self {
        Value::Bits(text.chars().rev().filter(|c| *c != '_').map(|c| c == '1').collect())
    }

    /// Its type.
    pub fn kind(&self) -> Type {
        match self {
            Value::Bit(_) => Type::Bit,
            Value::Bits(bits) => Type::Bits(bits.len()),
            Value::Bool(_) => Type::Bool,
            Value::Int(whole) => match whole.width() {
                None => Type::Int(None),
                Some(Width { signed: true, bits }) => Type::Int(Some(bits)),
                Some(Width { signed: false, bits }) => Type::Uint(Some(bits)),
            },
            Value::Float(_, bits) => Type::Float(*bits),
            Value::Angle { bits, .. } => Type::Angle(*bits),
            Value::Complex(_, bits) => Type::Complex(*bits),
            Value::Duration(_) => Type::Duration,
            Value::Array(array) => Type::Array(Box::new(array.base.clone()), array.dimensions.clone()),
            Value::Qubits(_, true) => Type::Qubit,
            Value::Qubits(list, false) => Type::Qubits(list.len()),
        }
    }

    /// What stands in the place of a variable before it is declared, whatever its type.
    pub(crate) const UNDECLARED: Self = Value::Bit(false);

    /// What a variable of the type holds until it is given a value: zero.
    pub fn zero(kind: &Type) -> Self {
        Self::filled(kind, 0)
    }

    /// A value of the type like no other but zero: what the rules of types are tried on.
    pub(crate) fn sample(kind: &Type) -> Self {
        Self::filled(kind, 1)
    }

    fn filled(kind: &Type, number: u8) -> Self {
        match kind {
            Type::Bit => Value::Bit(number == 1),
            Type::Bits(size) => Value::Bits((0..*size).map(|k| k == 0 && number == 1).collect()),
            Type::Bool => Value::Bool(number == 1),
            Type::Int(width) | Type::Uint(width) => {
                let signed = matches!(kind, Type::Int(_));
                let width = width.map(|bits| Width { signed, bits });
                Value::Int(Whole::of(number.into(), width).unwrap_or(Whole::plain(0)))
            }
            Type::Float(bits) => Value::Float(number.into(), *bits),
            Type::Angle(bits) => Value::Angle { steps: number.into(), bits: *bits },
            Type::Complex(bits) => Value::Complex(Complex64::from(f64::from(number)), *bits),
            Type::Duration => Value::Duration(Duration::ns(number.into())),
            Type::Array(base, dimensions) => {
                let items = vec![Self::filled(base, number); dimensions.iter().product()];
                Value::Array(Box::new(Array { base: (**base).clone(), dimensions: dimensions.clone(), items }))
            }
            Type::Qubit => Value::Qubits([0].into(), true),
            Type::Qubits(size) => Value::Qubits((0..*size).collect(), false),
        }
    }

    /// What a condition makes of it: whether it is not zero.
    pub(crate) fn truth(&self) -> Result<bool, Trouble> {
        Ok(match self {
            Value::Bit(value) | Value::Bool(value) => *value,
            Value::Bits(bits) => bits.contains(&true),
            Value::Int(whole) => whole.value() != 0,
            Value::Float(value, _) => *value != 0.0,
            Value::Angle { steps, .. } => *steps != 0,
            Value::Complex(..) | Value::Duration(_) | Value::Array(_) | Value::Qubits(..) => {
                return Err(Trouble::Kind(format!("{} has no truth value", self.kind())));
            }
        })
    }

    /// The whole number that it is, if it is one.
    pub fn whole(&self) -> Option<i128> {
        match self {
            Value::Int(whole) => Some(whole.value()),
            Value::Bool(value) | Value::Bit(value) => Some((*value).into()),
            Value::Bits(bits) if bits.len() <= 64 => {
                Some(bits.iter().enumerate().filter(|(_, bit)| **bit).map(|(place, _)| 1i128 << place).sum())
            }
            Value::Bits(_)
            | Value::Float(..)
            | Value::Angle { .. }
            | Value::Complex(..)
            | Value::Duration(_)
            | Value::Array(_)
            | Value::Qubits(..) => None,
        }
    }

    /// The real number that it is, angles in radians, if it is one.
    pub fn real(&self) -> Option<f64> {
        match self {
            Value::Int(whole) => Some(whole.to_f64()),
            Value::Float(value, _) => Some(*value),
            Value::Angle { steps, bits } => Some(radians(*steps, *bits)),
            Value::Bool(value) => Some(f64::from(u8::from(*value))),
            Value::Bit(_) | Value::Bits(_) | Value::Complex(..) | Value::Duration(_) | Value::Array(_) | Value::Qubits(..) => {
                None
            }
        }
    }

    /// The bits of a value that is kept in bits, the least significant first.
    pub(crate) fn bits(&self) -> Option<Vec<bool>> {
        match self {
            Value::Bit(bit) | Value::Bool(bit) => Some(vec![*bit]),
            Value::Bits(bits) => Some(bits.to_vec()),
            Value::Int(whole) => Some((0..whole.bits()).map(|place| whole.bit(place)).collect()),
            Value::Angle { steps, bits } => Some((0..*bits).map(|place| steps >> place & 1 == 1).collect()),
            Value::Float(..) | Value::Complex(..) | Value::Duration(_) | Value::Array(_) | Value::Qubits(..) => None,
        }
    }

    /// A value of the same type with these bits.
    pub(crate) fn with_bits(&self, bits: &[bool]) -> Option<Self> {
        let number = || bits.iter().enumerate().filter(|(_, bit)| **bit).map(|(place, _)| 1u64 << place).sum::<u64>();
        match self {
            Value::Bit(_) => Some(Value::Bit(bits[0])),
            Value::Bool(_) => Some(Value::Bool(bits[0])),
            Value::Bits(_) => Some(Value::Bits(bits.into())),
            Value::Int(whole) => {
                // without a width the 64 bits are those of a number with a sign
                let value = if whole.width().is_none() { i128::from(number() as i64) } else { number().into() };
                Whole::of(value, whole.width()).ok().map(Value::Int)
            }
            Value::Angle { bits: width, .. } => Some(Value::Angle { steps: number(), bits: *width }),
            Value::Float(..) | Value::Complex(..) | Value::Duration(_) | Value::Array(_) | Value::Qubits(..) => None,
        }
    }

    /// Refuses numbers that are not finite.
    pub(crate) fn checked(self) -> Result<Self, Trouble> {
        let finite = match &self {
            Value::Float(value, _) => value.is_finite(),
            Value::Complex(value, _) => value.is_finite(),
            Value::Duration(duration) => duration.is_finite(),
            Value::Bit(_)
            | Value::Bits(_)
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Angle { .. }
            | Value::Array(_)
            | Value::Qubits(..) => true,
        };
        if finite { Ok(self) } else { Err(Trouble::NotFinite) }
    }
}

/// An angle in radians.
pub(crate) fn radians(steps: u64, bits: u32) -> f64 {
    steps as f64 * (-f64::from(bits)).exp2() * TAU
}

/// The angle of a width that is nearest to one in radians, ties to even.
pub(crate) fn nearest_angle(radians: f64, bits: u32) -> Value {
    let turns = (radians / TAU).rem_euclid(1.0);
    let steps = (turns * f64::from(bits).exp2()).round_ties_even();
    let mask = u64::MAX >> (64 - bits);
    // a full turn is none
    let steps = if steps >= f64::from(bits).exp2() { 0 } else { steps as u64 };
    Value::Angle { steps: steps & mask, bits }
}

/// A number rounded to 16, 32 or 64 bits.
pub(crate) fn rounded(value: f64, bits: u32) -> f64 {
    match bits {
        16 if value != 0.0 && value.is_finite() => {
            let exponent = value.abs().log2().floor().clamp(-14.0, 15.0);
            let step = (exponent - 10.0).exp2();
            let half = (value / step).round_ties_even() * step;
            if half.abs() > 65504.0 { f64::INFINITY.copysign(half) } else { half }
        }
        32 => f64::from(value as f32),
        _ => value,
    }
}

impl fmt::Display for Value {
    /// Bits with bit 0 rightmost, angles in radians, arrays in braces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bit(bit) => write!(f, "{}", u8::from(*bit)),
            Value::Bits(bits) => bits.iter().rev().try_for_each(|bit| write!(f, "{}", u8::from(*bit))),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(whole) => write!(f, "{}", whole.value()),
            Value::Float(value, _) => write!(f, "{value}"),
            Value::Angle { steps, bits } => write!(f, "{}", radians(*steps, *bits)),
            Value::Complex(value, _) => write!(f, "{}{:+}im", value.re, value.im),
            Value::Duration(duration) => match duration.known() {
                Some(ns) => write!(f, "{ns}ns"),
                None => write!(f, "{}ns and what the device sets", duration.ns),
            },
            Value::Array(array) => {
                let outer = array.dimensions.first().copied().unwrap_or(1).max(1);
                let each = array.items.len() / outer;
                f.write_str("{")?;
                for (position, part) in array.items.chunks(each.max(1)).enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    match array.dimensions.len() {
                        0 | 1 => write!(f, "{comma}{}", part[0])?,
                        _ => {
                            let (base, dimensions) = (array.base.clone(), array.dimensions[1..].to_vec());
                            write!(f, "{comma}{}", Value::Array(Box::new(Array { base, dimensions, items: part.to_vec() })))?;
                        }
                    }
                }
                f.write_str("}")
            }
            Value::Qubits(list, _) => write!(f, "qubits {list:?}"),
        }
    }
}

#[cfg(test)]
mod tests;
