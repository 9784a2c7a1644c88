//! Laurent polynomials in `t^{1/2}` with exact integer coefficients.

use num_bigint::BigInt;
use num_complex::Complex64;
use num_traits::{One, ToPrimitive, Zero};

/// A Laurent polynomial in `t` whose exponents are all integers or all half-integers.
///
/// Exponents are stored doubled: term `k` is `coefficients[k] t^{(twice_lowest + 2k)/2}`. The first and the last
/// coefficient are not zero; the zero polynomial has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Laurent {
    twice_lowest: i64,
    coefficients: Vec<BigInt>,
}

impl Laurent {
    /// The polynomial with these coefficients, ascending by whole powers of `t` from `t^{twice_lowest/2}`.
    pub fn new(twice_lowest: i64, coefficients: Vec<BigInt>) -> Self {
        let leading = coefficients.iter().take_while(|c| c.is_zero()).count();
        let mut coefficients = coefficients;
        coefficients.drain(..leading);
        while coefficients.last().is_some_and(Zero::is_zero) {
            coefficients.pop();
        }
        let twice_lowest = if coefficients.is_empty() { 0 } else { twice_lowest + 2 * leading as i64 };
        Self { twice_lowest, coefficients }
    }

    /// The polynomial 1.
    pub fn one() -> Self {
        Self::new(0, vec![BigInt::one()])
    }

    /// The terms as (doubled exponent, coefficient), ascending, zeros left out.
    pub fn terms(&self) -> impl Iterator<Item = (i64, &BigInt)> {
        let terms = self.coefficients.iter().enumerate();
        terms.filter(|(_, c)| !c.is_zero()).map(|(k, c)| (self.twice_lowest + 2 * k as i64, c))
    }

    /// The polynomial in `1/t`: that of the mirror image.
    #[must_use]
    pub fn mirror(&self) -> Self {
        let highest = self.twice_lowest + 2 * (self.coefficients.len().max(1) as i64 - 1);
        Self::new(-highest, self.coefficients.iter().rev().cloned().collect())
    }

    /// The product of two polynomials.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        if self.coefficients.is_empty() || other.coefficients.is_empty() {
            return Self::new(0, Vec::new());
        }
        let mut product = vec![BigInt::zero(); self.coefficients.len() + other.coefficients.len() - 1];
        for (i, a) in self.coefficients.iter().enumerate() {
            for (j, b) in other.coefficients.iter().enumerate() {
                product[i + j] += a * b;
            }
        }
        Self::new(self.twice_lowest + other.twice_lowest, product)
    }

    /// The value where `t^{1/2} = e^{2 pi i numerator/denominator}`.
    ///
    /// Coefficients are first added up exactly by their exponent modulo the order of the root, so that large
    /// coefficients which cancel there do no harm before the last step.
    ///
    /// # Panics
    /// When the denominator is zero.
    pub fn at_half_power_root(&self, numerator: i64, denominator: u64) -> Complex64 {
        assert!(denominator > 0, "a root of unity has a positive order");
        let order = i128::from(denominator);
        let mut classes = std::collections::BTreeMap::<i128, BigInt>::new();
        for (twice, coefficient) in self.terms() {
            let power = (i128::from(twice) * i128::from(numerator)).rem_euclid(order);
            *classes.entry(power).or_default() += coefficient;
        }
        let mut value = Complex64::ZERO;
        for (power, coefficient) in classes {
            let angle = std::f64::consts::TAU * power as f64 / order as f64;
            value += Complex64::cis(angle) * coefficient.to_f64().unwrap_or(f64::INFINITY);
        }
        value
    }

    /// The value at `t = e^{2 pi i/5}` with `t^{1/2} = -e^{i pi/5} = e^{6 pi i/5}`.
    ///
    /// Exact until the last step: in the ring of fifth roots of unity the coefficients shrink to those of the value.
    pub fn at_fifth_root(&self) -> Complex64 {
        // t^{1/2} = z^3 with z = e^{2 pi i/5}; 1 + z + z^2 + z^3 + z^4 = 0 removes the part common to all classes
        let mut classes: [BigInt; 5] = Default::default();
        for (twice, coefficient) in self.terms() {
            classes[(3 * twice).rem_euclid(5) as usize] += coefficient;
        }
        let mut sorted: Vec<&BigInt> = classes.iter().collect();
        sorted.sort();
        let middle = sorted[2].clone();
        let mut value = Complex64::ZERO;
        for (power, class) in classes.iter().enumerate() {
            let part = (class - &middle).to_f64().unwrap_or(f64::INFINITY);
            value += Complex64::cis(std::f64::consts::TAU * power as f64 / 5.0) * part;
        }
        value
    }
}

impl std::fmt::Display for Laurent {
    /// Text such as `t + t^3 - t^4` or `-t^{-1/2} - t^{1/2}`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut first = true;
        for (twice, coefficient) in self.terms() {
            let negative = coefficient.sign() == num_bigint::Sign::Minus;
            let sign = match (first, negative) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            first = false;
            let size = coefficient.magnitude();
            let power = match twice {
                0 => String::new(),
                2 => "t".to_owned(),
                _ if twice % 2 == 0 && twice > 0 => format!("t^{}", twice / 2),
                _ if twice % 2 == 0 => format!("t^{{{}}}", twice / 2),
                _ => format!("t^{{{twice}/2}}"),
            };
            let number = if size.is_one() && !power.is_empty() { String::new() } else { size.to_string() };
            write!(f, "{sign}{number}{power}")?;
        }
        if first { f.write_str("0") } else { Ok(()) }
    }
}
