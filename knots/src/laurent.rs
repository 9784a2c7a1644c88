//! Laurent polynomials in `t^{1/2}` with exact integer coefficients.

mod root;

use num_bigint::BigInt;
use num_complex::Complex64;
use num_traits::{One, Zero};

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

    /// The value where `t^{1/2} = e^{2 pi i numerator/denominator}`, both parts rounded once.
    ///
    /// Exact until then: coefficients of any size may cancel. Costs about as many multiplications of numbers as long as the largest
    /// coefficient as there are terms, or classes of exponents modulo the order if those are fewer.
    ///
    /// # Panics
    /// When the denominator is zero.
    ///
    /// ```
    /// use qloom_knots::Laurent;
    /// let huge = num_bigint::BigInt::from(10).pow(40);
    /// // 10^40 (1 + t) - 2 at t = -1, with t^{1/2} = i
    /// let polynomial = Laurent::new(0, vec![&huge - 2, huge]);
    /// assert_eq!(polynomial.at_half_power_root(1, 4).re, -2.0);
    /// ```
    pub fn at_half_power_root(&self, numerator: i64, denominator: u64) -> Complex64 {
        assert!(denominator > 0, "a root of unity has a positive order");
        let mut classes = vec![BigInt::ZERO; denominator as usize];
        for (twice, coefficient) in self.terms() {
            let power = (i128::from(twice) * i128::from(numerator)).rem_euclid(i128::from(denominator));
            classes[power as usize] += coefficient;
        }
        root::value(&classes)
    }

    /// The value at `t = e^{2 pi i/5}` with `t^{1/2} = -e^{i pi/5} = e^{6 pi i/5}`, both parts rounded once.
    pub fn at_fifth_root(&self) -> Complex64 {
        self.at_half_power_root(3, 5)
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
