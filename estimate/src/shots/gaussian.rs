//! Shot noise as normal numbers added to exact values, as published.

use qloom_circuits::{PauliString, PauliSum};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// Models of shot noise that take every term to have unit variance, whatever the state (arXiv:2402.03500, released code).
///
/// ```
/// use qloom_circuits::{PauliString, PauliSum};
/// use qloom_estimate::GaussianShotNoise;
/// let sum = PauliSum::new(2, [(PauliString::from_word("ZI")?, 0.3), (PauliString::from_word("IZ")?, 0.04)])?;
/// assert!((GaussianShotNoise::Uniform.deviation(&sum, 100) - 0.1 * 0.3f64.hypot(0.04)).abs() < 1e-15);
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GaussianShotNoise {
    /// `N^-1/2` for every term.
    Uniform,
    /// `(10 N)^-1/2` for terms whose coefficient is above 0.05, `N^-1/2` for the others.
    Weighted,
}

impl GaussianShotNoise {
    /// The variance of one shot of a term with this coefficient.
    pub fn variance(self, coefficient: f64) -> f64 {
        match self {
            Self::Weighted if coefficient.abs() > 0.05 => 0.1,
            Self::Weighted | Self::Uniform => 1.0,
        }
    }

    /// The standard deviation of the whole sum; the identity has none.
    pub fn deviation(self, observable: &PauliSum, shots: u64) -> f64 {
        let terms = observable.terms().iter().filter(|(string, _)| *string != PauliString::IDENTITY);
        let variance: f64 = terms.map(|(_, c)| c * c * self.variance(*c)).sum();
        (variance / shots.max(1) as f64).sqrt()
    }

    /// The noise of one evaluation: a sum of independent normal numbers is one normal number.
    pub fn draw(self, observable: &PauliSum, shots: u64, rng: &mut impl Rng) -> f64 {
        let normal: f64 = StandardNormal.sample(rng);
        self.deviation(observable, shots) * normal
    }
}
