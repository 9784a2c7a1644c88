//! Whole numbers: literals, and values of types with a width, whose arithmetic wraps as that of C99 does.

use super::operator::Binary;

/// A whole number of at most 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    value: i128,
    /// None for a literal and for `int` and `uint` without a size, which take the type of what they meet.
    width: Option<Width>,
}

/// A type with a width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Width {
    pub signed: bool,
    /// From 1 to 64.
    pub bits: u32,
}

/// Why an operation has no whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoWhole {
    DivisionByZero,
    Overflow,
    /// A power with a negative exponent, or an operator of truth values.
    OtherKind,
}

impl Width {
    /// The value of this type that is the same modulo `2^bits`.
    fn wrap(self, value: i128) -> i128 {
        let modulus = 1i128 << self.bits;
        let value = value.rem_euclid(modulus);
        if self.signed && value >= modulus / 2 { value - modulus } else { value }
    }

    /// The type of an operation on two: the wider; of one width, the one without sign.
    fn common(self, other: Self) -> Self {
        match self.bits.cmp(&other.bits) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => Self { signed: self.signed && other.signed, bits: self.bits },
        }
    }
}

impl Whole {
    /// A number without a width.
    pub(crate) fn plain(value: i64) -> Self {
        Self { value: value.into(), width: None }
    }

    /// The number as a value of a type: wrapped to its width.
    pub(crate) fn of(value: i128, width: Option<Width>) -> Result<Self, NoWhole> {
        match width {
            Some(width) => Ok(Self { value: width.wrap(value), width: Some(width) }),
            None if i64::try_from(value).is_ok() => Ok(Self { value, width: None }),
            None => Err(NoWhole::Overflow),
        }
    }

    pub(crate) fn width(self) -> Option<Width> {
        self.width
    }

    /// The number.
    pub fn value(self) -> i128 {
        self.value
    }

    pub(crate) fn to_f64(self) -> f64 {
        self.value as f64
    }

    pub(crate) fn to_i64(self) -> Option<i64> {
        i64::try_from(self.value).ok()
    }

    /// How many bits it has, and 64 without a width.
    pub(crate) fn bits(self) -> u32 {
        self.width.map_or(64, |width| width.bits)
    }

    /// The bit at a place below [`Whole::bits`], of the two's complement.
    pub(crate) fn bit(self, place: u32) -> bool {
        self.value >> place & 1 == 1
    }

    pub(crate) fn count_ones(self) -> u32 {
        (0..self.bits()).filter(|&place| self.bit(place)).count() as u32
    }

    pub(crate) fn negated(self) -> Result<Self, NoWhole> {
        Self::of(-self.value, self.width)
    }

    /// Every bit of the width turned over.
    pub(crate) fn complement(self) -> Result<Self, NoWhole> {
        Self::of(!self.value, self.width)
    }

    /// Both as values of their common type.
    fn together(self, other: Self) -> (i128, i128, Option<Width>) {
        let width = match (self.width, other.width) {
            (Some(a), Some(b)) => Some(a.common(b)),
            (a, b) => a.or(b),
        };
        let wrapped = |value| width.map_or(value, |width: Width| width.wrap(value));
        (wrapped(self.value), wrapped(other.value), width)
    }

    /// How two compare, as values of their common type.
    pub(crate) fn compare(self, other: Self) -> std::cmp::Ordering {
        let (a, b, _) = self.together(other);
        a.cmp(&b)
    }

    /// Arithmetic and operations on bits.
    pub(crate) fn combine(self, operator: Binary, other: Self) -> Result<Self, NoWhole> {
        let (a, b, width) = self.together(other);
        let value = match operator {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            // modulo 2^128, which every width divides
            Binary::Multiply => a.wrapping_mul(b),
            Binary::Divide | Binary::Remainder if b == 0 => return Err(NoWhole::DivisionByZero),
            Binary::Divide => a / b,
            Binary::Remainder => a % b,
            Binary::BitAnd => a & b,
            Binary::BitOr => a | b,
            Binary::BitXor => a ^ b,
            Binary::Power => return self.power(other.value),
            // the left side alone has the type of a shift
            Binary::ShiftLeft | Binary::ShiftRight => return self.shifted(operator == Binary::ShiftLeft, other.value),
            Binary::And
            | Binary::Or
            | Binary::Equal
            | Binary::NotEqual
            | Binary::Less
            | Binary::LessEqual
            | Binary::Greater
            | Binary::GreaterEqual => return Err(NoWhole::OtherKind),
        };
        Self::of(value, width)
    }

    fn shifted(self, left: bool, places: i128) -> Result<Self, NoWhole> {
        let places = u32::try_from(places).map_err(|_| NoWhole::Overflow)?;
        let value = match left {
            true if places < 64 => self.value << places,
            true if self.width.is_some() || self.value == 0 => 0,
            true => return Err(NoWhole::Overflow),
            false => self.value >> places.min(127),
        };
        Self::of(value, self.width)
    }

    /// By squaring; wrapped at every step where there is a width.
    fn power(self, exponent: i128) -> Result<Self, NoWhole> {
        let mut left = u64::try_from(exponent).map_err(|_| if exponent < 0 { NoWhole::OtherKind } else { NoWhole::Overflow })?;
        let (mut result, mut square) = (Self::of(1, self.width)?, self);
        while left > 0 {
            if left & 1 == 1 {
                result = Self::of(result.value.wrapping_mul(square.value), self.width)?;
            }
            left >>= 1;
            if left > 0 {
                square = Self::of(square.value.wrapping_mul(square.value), self.width)?;
            }
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests;
