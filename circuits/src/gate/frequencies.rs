//! Expectation values as functions of one angle, and their derivatives by shifts.

use std::f64::consts::{PI, TAU};

/// The frequencies `base, 2 base, ..., count base` of a sum of sine curves of one angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frequencies {
    /// The lowest, in cycles of `2 pi` of the angle.
    pub base: f64,
    /// How many there are; 0 where nothing depends on the angle.
    pub count: usize,
}

impl Frequencies {
    /// Those of a constant.
    pub const NONE: Self = Self { base: 1.0, count: 0 };
    /// Those of an expectation value after `exp(-i theta P/2)`.
    pub const ROTATION: Self = Self { base: 1.0, count: 1 };

    /// Those of a product of so many such functions.
    #[must_use]
    pub fn of_products(self, factors: usize) -> Self {
        Self { count: self.count * factors, ..self }
    }

    /// The parameter-shift rule: `(coefficient, shift)` pairs with `f'(t) = sum of coefficient * f(t + shift)`, exactly.
    ///
    /// Two terms for each frequency. Source: Wierichs et al., arXiv:2107.12390, equation (16).
    ///
    /// ```
    /// use qloom_circuits::Frequencies;
    /// let square = Frequencies::ROTATION.of_products(2); // such as cos^2 t
    /// let slope: f64 = square.shift_rule().iter().map(|(c, shift)| c * (0.3 + shift).cos().powi(2)).sum();
    /// assert!((slope + 0.6f64.sin()).abs() < 1e-15);
    /// ```
    pub fn shift_rule(self) -> Vec<(f64, f64)> {
        let Self { base, count } = self;
        let term = |k: usize| {
            let x = (2 * k + 1) as f64 * PI / (2 * count) as f64;
            let sign = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
            let coefficient = base * sign / (4.0 * count as f64 * (x / 2.0).sin().powi(2));
            (coefficient, if x > PI { x - TAU } else { x } / base)
        };
        (0..2 * count).map(term).collect()
    }
}
