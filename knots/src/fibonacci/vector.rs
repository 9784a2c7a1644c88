//! The honest classical baseline: one random-phase vector in the Fibonacci space estimates the Markov trace.

use num_complex::Complex64;
use qloom_circuits::Stream;

use super::{PHI, Space, runs};
use crate::braid::Braid;
use crate::error::KnotError;
use crate::exact::Limits;

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
/// When the vector does not fit into memory, the strands are none or too many, or the caller asked to stop, which is seen between letters.
pub fn random_vector(
    braid: &Braid,
    vectors: usize,
    stream: &mut Stream,
    limits: &mut Limits<'_>,
) -> Result<RandomVector, KnotError> {
    let space = Space::new(braid.strands())?;
    let needed = 2 * 16 * space.dimension() as u64;
    if needed > limits.memory_bytes {
        let remedy = "use fewer strands; each one more takes 1.62 times as much";
        return Err(KnotError::Memory { method: "the random-vector estimator", needed, limit: limits.memory_bytes, remedy });
    }
    let runs = runs(braid.letters());
    let (vectors, each) = (vectors.max(1), runs.len().max(1));
    let mut values = Vec::new();
    for number in 0..vectors {
        let start: Vec<Complex64> =
            weights(braid.strands()).map(|weight| Complex64::from_polar(weight, std::f64::consts::TAU * stream.unit())).collect();
        let mut end = start.clone();
        for (done, &(generator, power)) in runs.iter().enumerate() {
            limits.report(number * each + done, vectors * each)?;
            space.apply(&mut end, generator, power);
        }
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
        let estimate = |vectors, memory_bytes| {
            let mut go_on = |_: usize, _: usize| std::ops::ControlFlow::Continue(());
            random_vector(&braid, vectors, &mut Stream::named(3, "vectors"), &mut Limits { memory_bytes, progress: &mut go_on })
        };
        assert!(estimate(1, 1000).is_err());
        let estimate = estimate(40, 1 << 30).expect("it fits");
        assert!((estimate.value - exact).norm() < 5.0 * estimate.standard_error, "{estimate:?} for {exact}");
        assert!(estimate.standard_error < 0.1 / 2.0);
        let mut steps = 0;
        let mut stop = |_: usize, _: usize| {
            steps += 1;
            if steps > 100 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        };
        let limits = &mut Limits { memory_bytes: 1 << 30, progress: &mut stop };
        let stopped = random_vector(&braid, 2, &mut Stream::named(3, "vectors"), limits);
        assert_eq!(stopped, Err(KnotError::Stopped));
    }
}
