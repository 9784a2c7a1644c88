//! Built-in functions.

use num_complex::Complex64;

use super::fault::Trouble;
use super::operate::binary;
use super::operator::Binary;
use super::value::{Value, rounded};
use super::whole::{Whole, Width};

/// A built-in function of version 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// A function of one real number.
    Real(RealFunction),
    /// `mod(a, b)`, as `%`.
    Mod,
    /// `pow(a, b)`, as `**`.
    Pow,
    /// The number of ones.
    PopCount,
    /// Bits turned to the left.
    RotateLeft,
    /// Bits turned to the right.
    RotateRight,
    /// The real part.
    RealPart,
    /// The imaginary part.
    ImaginaryPart,
    /// The size of a dimension of an array.
    SizeOf,
}

/// A function of one real number, by its place in the list of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealFunction(usize);

type Real = fn(f64) -> f64;

const REAL: [(&str, Real); 11] = [
    ("arccos", f64::acos),
    ("arcsin", f64::asin),
    ("arctan", f64::atan),
    ("ceiling", f64::ceil),
    ("cos", f64::cos),
    ("exp", f64::exp),
    ("floor", f64::floor),
    ("log", f64::ln),
    ("sin", f64::sin),
    ("sqrt", f64::sqrt),
    ("tan", f64::tan),
];

/// Names of version 2, which are understood.
const OLD: [(&str, &str); 4] = [("acos", "arccos"), ("asin", "arcsin"), ("atan", "arctan"), ("ln", "log")];

const OTHERS: [(&str, Function); 8] = [
    ("mod", Function::Mod),
    ("pow", Function::Pow),
    ("popcount", Function::PopCount),
    ("rotl", Function::RotateLeft),
    ("rotr", Function::RotateRight),
    ("real", Function::RealPart),
    ("imag", Function::ImaginaryPart),
    ("sizeof", Function::SizeOf),
];

impl Function {
    /// The function of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = OLD.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new);
        let real = REAL.iter().position(|(known, _)| *known == name).map(|index| Function::Real(RealFunction(index)));
        real.or_else(|| OTHERS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Function::Real(RealFunction(index)) => REAL[index].0,
            other => OTHERS.iter().find(|(_, function)| *function == other).map_or("", |(name, _)| name),
        }
    }

    /// All names, for suggestions.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        REAL.iter().map(|(name, _)| *name).chain(OTHERS.iter().map(|(name, _)| *name))
    }

    /// The value at these arguments.
    pub(crate) fn apply(self, arguments: &[Value]) -> Result<Value, Trouble> {
        let kinds = || arguments.iter().map(|value| value.kind().to_string()).collect::<Vec<_>>().join(", ");
        let mismatch = || Trouble::Kind(format!("{} does not apply to ({})", self.name(), kinds()));
        let value = match (self, arguments) {
            (Function::Real(RealFunction(index)), [Value::Complex(number, bits)]) => {
                Value::Complex(complex(REAL[index].0, *number).ok_or_else(mismatch)?, *bits)
            }
            (Function::Real(RealFunction(index)), [argument]) => {
                let bits = if let Value::Float(_, bits) = argument { *bits } else { 64 };
                Value::Float(rounded(REAL[index].1(argument.real().ok_or_else(mismatch)?), bits), bits)
            }
            (Function::Mod, [left, right]) => binary(Binary::Remainder, left, right)?,
            (Function::Pow, [left, right]) => binary(Binary::Power, left, right)?,
            (Function::PopCount, [Value::Bits(_) | Value::Bit(_) | Value::Int(_) | Value::Angle { .. }]) => {
                let ones = arguments[0].bits().unwrap_or_default().iter().filter(|bit| **bit).count();
                Value::int(ones as i64)
            }
            (
                Function::RotateLeft | Function::RotateRight,
                [value @ (Value::Bits(_) | Value::Int(_) | Value::Angle { .. }), by],
            ) => {
                let by = by.whole().filter(|_| matches!(by, Value::Int(_))).ok_or_else(mismatch)?;
                let mut bits = value.bits().ok_or_else(mismatch)?;
                let size = bits.len().max(1) as i128;
                let by = if self == Function::RotateLeft { by } else { -by };
                // what moves to higher places stands further right in the list
                bits.rotate_right(by.rem_euclid(size) as usize);
                value.with_bits(&bits).ok_or_else(mismatch)?
            }
            (Function::RealPart, [Value::Complex(number, bits)]) => Value::Float(number.re, *bits),
            (Function::ImaginaryPart, [Value::Complex(number, bits)]) => Value::Float(number.im, *bits),
            (Function::RealPart, [other]) => Value::float(other.real().ok_or_else(mismatch)?),
            (Function::ImaginaryPart, [other]) => Value::float(other.real().map(|_| 0.0).ok_or_else(mismatch)?),
            (Function::SizeOf, [value]) => size_of(value, 0).ok_or_else(mismatch)?,
            (Function::SizeOf, [value, Value::Int(dimension)]) => {
                let rank = value.kind().dimensions().len();
                let index = dimension.value();
                let place = usize::try_from(index).ok().filter(|place| *place < rank);
                size_of(value, place.ok_or(Trouble::Outside { index, size: rank })?).ok_or_else(mismatch)?
            }
            _ => return Err(mismatch()),
        };
        value.checked()
    }
}

fn size_of(value: &Value, dimension: usize) -> Option<Value> {
    let size = match value {
        Value::Array(array) => *array.dimensions.get(dimension)?,
        Value::Bits(bits) => Some(bits.len()).filter(|_| dimension == 0)?,
        Value::Qubits(list, false) => Some(list.len()).filter(|_| dimension == 0)?,
        _ => return None,
    };
    Whole::of(size as i128, Some(Width { signed: false, bits: 64 })).ok().map(Value::Int)
}

fn complex(name: &str, number: Complex64) -> Option<Complex64> {
    Some(match name {
        "exp" => number.exp(),
        "log" => number.ln(),
        "sqrt" => number.sqrt(),
        "sin" => number.sin(),
        "cos" => number.cos(),
        "tan" => number.tan(),
        "arccos" => number.acos(),
        "arcsin" => number.asin(),
        "arctan" => number.atan(),
        _ => return None,
    })
}
