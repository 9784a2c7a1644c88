//! Types of classical values and of qubits.

use std::fmt;

/// A type of OpenQASM 3.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Type {
    /// `bit`.
    Bit,
    /// `bit[n]`, of any width.
    Bits(usize),
    /// `bool`.
    Bool,
    /// `int[n]` of 1 to 64 bits; without a width its values are those of 64 bits, and overflow is an error.
    Int(Option<u32>),
    /// `uint[n]`, as `int`.
    Uint(Option<u32>),
    /// `float[n]` of 16, 32 or 64 bits.
    Float(u32),
    /// `angle[n]` of 1 to 64 bits, a multiple of `2 pi / 2^n`.
    Angle(u32),
    /// `complex[float[n]]`.
    Complex(u32),
    /// `duration`.
    Duration,
    /// `array[type, dimensions]`.
    Array(Box<Type>, Vec<usize>),
    /// `qubit`.
    Qubit,
    /// `qubit[n]`.
    Qubits(usize),
}

impl Type {
    /// How many elements an index can pick, in each dimension; none where there is nothing to pick.
    pub(crate) fn dimensions(&self) -> Vec<usize> {
        match self {
            Type::Bits(size) | Type::Qubits(size) => vec![*size],
            Type::Int(width) | Type::Uint(width) => vec![width.map_or(64, |bits| bits as usize)],
            Type::Angle(bits) => vec![*bits as usize],
            Type::Array(_, dimensions) => dimensions.clone(),
            Type::Bit | Type::Bool | Type::Float(_) | Type::Complex(_) | Type::Duration | Type::Qubit => Vec::new(),
        }
    }

    /// Whether it is a type of qubits.
    pub fn is_quantum(&self) -> bool {
        matches!(self, Type::Qubit | Type::Qubits(_))
    }

    /// How many numbers a value of this type has.
    pub(crate) fn size(&self) -> usize {
        match self {
            Type::Bits(size) | Type::Qubits(size) => *size,
            Type::Array(base, dimensions) => {
                dimensions.iter().fold(base.size(), |product, &dimension| product.saturating_mul(dimension))
            }
            Type::Bit
            | Type::Bool
            | Type::Int(_)
            | Type::Uint(_)
            | Type::Float(_)
            | Type::Angle(_)
            | Type::Complex(_)
            | Type::Duration
            | Type::Qubit => 1,
        }
    }
}

impl fmt::Display for Type {
    /// As version 3 writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bit => f.write_str("bit"),
            Type::Bits(size) => write!(f, "bit[{size}]"),
            Type::Bool => f.write_str("bool"),
            Type::Int(None) => f.write_str("int"),
            Type::Int(Some(bits)) => write!(f, "int[{bits}]"),
            Type::Uint(None) => f.write_str("uint"),
            Type::Uint(Some(bits)) => write!(f, "uint[{bits}]"),
            Type::Float(bits) => write!(f, "float[{bits}]"),
            Type::Angle(bits) => write!(f, "angle[{bits}]"),
            Type::Complex(bits) => write!(f, "complex[float[{bits}]]"),
            Type::Duration => f.write_str("duration"),
            Type::Array(base, dimensions) => {
                write!(f, "array[{base}")?;
                dimensions.iter().try_for_each(|dimension| write!(f, ", {dimension}"))?;
                f.write_str("]")
            }
            Type::Qubit => f.write_str("qubit"),
            Type::Qubits(size) => write!(f, "qubit[{size}]"),
        }
    }
}
