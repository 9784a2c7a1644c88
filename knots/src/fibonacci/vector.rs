//! The honest classical baseline: one random-phase vector in the Fibonacci space estimates the Markov trace.

use num_complex::Complex64;
use qloom_circuits::Stream;

use super::{PHI, Space};
use crate::braid::Braid;
use crate::error::KnotError;

/// What the random-vector estimator gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomVector {
    /// Estimate of `E`, unbiased.
    pub value: Complex64,
    /// Standard error of the real and of the imaginary part each.
    pub standard_error: f64,
    /// Vectors used.
    pub vectors: usize,
}

/// Estimates `E` from `psi_s = sqrt(p(s)) e^{i random phase}`: `<psi| rho(W) |psi>`, averaged over several vectors.
///
/// One vector has a standard error of about `1/sqrt(F_{n+1})`. With several, the spread of the values is the error reported;
/// with one, the bound `1/sqrt(F_{n+1})` on it.
///
/// # Errors
/// When the vector does not fit into `memory_bytes`, or the strands are none or too many.
pub fn random_vector(braid: &Braid, vectors: usize, stream: &mut Stream, memory_bytes: u64) -> Result<RandomVector, KnotError> {
    let space = Space::new(braid.strands())?;
    let needed = 2 * 16 * space.dimension() as u64;
    if needed > memory_bytes {
        let remedy = "use fewer strands; each one more takes 1.62 times as much";
        return Err(KnotError::Memory { method: "the random-vector estimator", needed, limit: memory_bytes, remedy });
    }
    let mut values = Vec::with_capacity(vectors.max(1));
    for _ in 0..vectors.max(1) {
        let start: Vec<Complex64> =
            weights(braid.strands()).map(|weight| Complex64::from_polar(weight, std::f64::consts::TAU * stream.unit())).collect();
        let mut end = start.clone();
        space.apply_braid(&mut end, braid);
        // a fixed order of summation: the result does not depend on threads
        values.push(start.iter().zip(&end).map(|(s, e)| s.conj() * e).sum::<Complex64>());
    }
    let count = values.len() as f64;
    let value: Complex64 = values.iter().sum::<Complex64>() / count;
    let standard_error = if values.len() > 1 {
        let spread: f64 = values.iter().map(|v| (v - value).norm_sqr()).sum();
        (spread / (2.0 * count * (count - 1.0))).sqrt()
    } else {
        1.0 / (space.dimension() as f64).sqrt()
    };
    Ok(RandomVector { value, standard_error, vectors: values.len() })
}

/// `sqrt(p(s))` of every legal string in the order of the space.
fn weights(strands: usize) -> impl Iterator<Item = f64> {
    let scale = PHI.powf(-(strands as f64) / 2.0);
    let heavy = scale * PHI.sqrt();
    // the last bits, as a word in the order of the space: 1 is followed by 1 and 0, 0 by 1
    let mut last: Vec<bool> = vec![true];
    for _ in 1..strands {
        last = last.iter().flat_map(|&bit| if bit { [Some(true), Some(false)] } else { [Some(true), None] }).flatten().collect();
    }
    last.into_iter().map(move |bit| if bit { heavy } else { scale })
}

#[cfg(test)]
mod tests {
    use super::super::PathString;
    use super::*;

    #[test]
    fn weights_belong_to_the_strings() {
        for strands in 1..9 {
            let expected: Vec<f64> = PathString::all(strands).iter().map(|s| s.probability().sqrt()).collect();
            let given: Vec<f64> = weights(strands).collect();
            assert_eq!(given.len(), expected.len());
            assert!(given.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15));
        }
    }

    #[test]
    fn the_estimate_is_within_its_error() {
        let braid = Braid::new(12, (0..120).map(|k| if k % 5 == 0 { -(k * 7 % 11 + 1) } else { k * 7 % 11 + 1 }).collect())
            .expect("a braid");
        let exact = Space::new(12).expect("a space").trace(&braid);
        let estimate = random_vector(&braid, 40, &mut Stream::named(3, "vectors"), 1 << 30).expect("it fits");
        assert!((estimate.value - exact).norm() < 5.0 * estimate.standard_error, "{estimate:?} for {exact}");
        assert!(estimate.standard_error < 0.1 / 2.0);
        assert!(random_vector(&braid, 1, &mut Stream::named(3, "vectors"), 1000).is_err());
    }
}
