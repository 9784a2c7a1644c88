//! How parameters start.

use rand::Rng;
use serde::{Deserialize, Serialize};

/// A distribution that the entries of a parameter are drawn from.
///
/// A matrix of shape (fan-in, fan-out) maps a row of fan-in numbers to one of fan-out numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// The same number everywhere.
    Constant(f64),
    /// Uniform in [-bound, bound).
    Uniform {
        /// The bound, not negative.
        bound: f64,
    },
    /// Normal with mean 0.
    Normal {
        /// The standard deviation, not negative.
        deviation: f64,
    },
    /// Uniform with the bound 1 / sqrt(fan-in): what PyTorch's linear layers start from.
    FanIn,
    /// Uniform with the bound sqrt(6 / (fan-in + fan-out)).
    ///
    /// Source: X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).
    Xavier,
    /// Normal with the variance 2 / fan-in, for rectifiers.
    ///
    /// Source: K. He et al., Delving deep into rectifiers (2015).
    He,
}

impl Init {
    /// One entry of a matrix of this shape.
    pub(crate) fn draw(self, (fan_in, fan_out): (usize, usize), rng: &mut (impl Rng + ?Sized)) -> f64 {
        let (fan_in, fan_out) = (fan_in as f64, fan_out as f64);
        match self {
            Self::Constant(value) => value,
            Self::Uniform { bound } => uniform(bound, rng),
            Self::Normal { deviation } => deviation * normal(rng),
            Self::FanIn => uniform(1.0 / fan_in.sqrt(), rng),
            Self::Xavier => uniform((6.0 / (fan_in + fan_out)).sqrt(), rng),
            Self::He => (2.0 / fan_in).sqrt() * normal(rng),
        }
    }
}

/// A number in [0, 1).
fn unit(rng: &mut (impl Rng + ?Sized)) -> f64 {
    (rng.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

fn uniform(bound: f64, rng: &mut (impl Rng + ?Sized)) -> f64 {
    (2.0 * unit(rng) - 1.0) * bound
}

/// A normal number from two uniform ones. Source: G. E. P. Box and M. E. Muller (1958).
fn normal(rng: &mut (impl Rng + ?Sized)) -> f64 {
    let (radius, turn) = (1.0 - unit(rng), unit(rng));
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    /// Mean, variance and largest size of many draws.
    fn moments(init: Init) -> (f64, f64, f64) {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let draws: Vec<f64> = (0..20_000).map(|_| init.draw((50, 100), &mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        (mean, variance, draws.iter().fold(0.0, |largest, x| largest.max(x.abs())))
    }

    #[test]
    fn distributions_have_their_variances_and_bounds() {
        assert_eq!(moments(Init::Constant(0.25)), (0.25, 0.0, 0.25));
        for (init, variance, bound) in [
            (Init::Uniform { bound: 0.3 }, 0.03, 0.3),
            (Init::FanIn, 1.0 / 150.0, 1.0 / 50f64.sqrt()),
            (Init::Xavier, 2.0 / 150.0, 0.2),
            (Init::Normal { deviation: 0.5 }, 0.25, 3.0),
            (Init::He, 0.04, 1.2),
        ] {
            let (mean, found, largest) = moments(init);
            assert!(mean.abs() < 4.0 * (variance / 20_000.0f64).sqrt(), "{init:?}: mean {mean}");
            assert!((found / variance - 1.0).abs() < 0.05, "{init:?}: variance {found}");
            assert!(largest <= bound && largest > 0.6 * bound, "{init:?}: largest {largest}");
        }
    }
}
