//! Angles: numbers, or one free parameter scaled and shifted.

use serde::{Deserialize, Serialize};

/// An angle in radians: a number, or `scale * theta[index] + offset` of a free parameter.
///
/// This is the form that differentiates with one multiplication and that OpenQASM can print.
///
/// ```
/// use qloom_circuits::Angle;
/// let angle = Angle::free(0).scaled(2.0).shifted(0.5);
/// assert_eq!(angle.value(&[3.0]), 6.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Angle {
    /// A number.
    Fixed(f64),
    /// `scale * theta[index] + offset`.
    Free {
        /// Which free parameter of the circuit.
        index: usize,
        /// Factor, and the derivative with respect to the parameter.
        scale: f64,
        /// Constant added.
        offset: f64,
    },
}

impl Angle {
    /// The free parameter `theta[index]` itself.
    pub const fn free(index: usize) -> Self {
        Angle::Free { index, scale: 1.0, offset: 0.0 }
    }

    /// The angle times a constant.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        match self {
            Angle::Fixed(value) => Angle::Fixed(value * factor),
            Angle::Free { index, scale, offset } => Angle::Free { index, scale: scale * factor, offset: offset * factor },
        }
    }

    /// The angle plus a constant.
    #[must_use]
    pub fn shifted(self, constant: f64) -> Self {
        match self {
            Angle::Fixed(value) => Angle::Fixed(value + constant),
            Angle::Free { index, scale, offset } => Angle::Free { index, scale, offset: offset + constant },
        }
    }

    /// The sum of two angles; none where they are of two different parameters.
    pub fn plus(self, other: Angle) -> Option<Self> {
        match (self, other) {
            (angle, Angle::Fixed(constant)) | (Angle::Fixed(constant), angle) => Some(angle.shifted(constant)),
            (Angle::Free { index, scale, offset }, Angle::Free { index: same, scale: more, offset: further })
                if index == same =>
            {
                let scale = scale + more;
                let offset = offset + further;
                Some(if scale == 0.0 { Angle::Fixed(offset) } else { Angle::Free { index, scale, offset } })
            }
            (Angle::Free { .. }, Angle::Free { .. }) => None,
        }
    }

    /// The number this angle has at these parameter values.
    ///
    /// # Panics
    /// When the parameter's index is not in `parameters`.
    #[inline]
    pub fn value(self, parameters: &[f64]) -> f64 {
        match self {
            Angle::Fixed(value) => value,
            Angle::Free { index, scale, offset } => scale * parameters[index] + offset,
        }
    }

    /// Puts `angles[index]` where this angle refers to a parameter.
    pub fn substitute(self, angles: &[Angle]) -> Self {
        match self {
            Angle::Fixed(_) => self,
            Angle::Free { index, scale, offset } => angles[index].scaled(scale).shifted(offset),
        }
    }

    /// The index of the free parameter, if there is one.
    pub fn parameter(self) -> Option<usize> {
        match self {
            Angle::Fixed(_) => None,
            Angle::Free { index, .. } => Some(index),
        }
    }

    /// Whether every number in it is finite.
    pub fn is_finite(self) -> bool {
        match self {
            Angle::Fixed(value) => value.is_finite(),
            Angle::Free { scale, offset, .. } => scale.is_finite() && offset.is_finite(),
        }
    }
}

impl From<f64> for Angle {
    fn from(value: f64) -> Self {
        Angle::Fixed(value)
    }
}
