//! Braids of any width and depth whose value is known: a processor measured by the invariance of links.
//!
//! A centre of small blocks on three strands each has the product of their `E` as its own. Around it stands a layered braid: every strand
//! has a height of its own, the higher one passes over, so the strands never entangle, and a sorting network signed by the same heights
//! undoes it behind the centre. The whole is a conjugate of the centre (Laakkonen et al., arXiv:2503.05625, benchmark with such braids).

mod measure;

pub use measure::{Band, MeasureConfig, Measured, PowerLaw, bands, measure};

use num_complex::Complex64;
use qloom_circuits::Stream;
use rand::seq::SliceRandom;

use crate::braid::Braid;
use crate::error::KnotError;
use crate::fibonacci::Space;

/// A braid and what its trace is by construction.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchmarkBraid {
    /// The braid, not simplified.
    pub braid: Braid,
    /// `E` of its trace closure at the fifth root (`A = e^{-3 pi i/5}`).
    pub exact: Complex64,
    /// Layers of two-strand slots, prefix, centre and suffix together.
    pub layers: usize,
}

/// Words of the blocks, at most four letters.
const BLOCKS: [&[i32]; 9] =
    [&[], &[1, 1, 1], &[1, 1, 1, 1], &[1], &[1, 1, 2, 2], &[1, -2, 1, -2], &[1, 2], &[1, -2], &[1, 1, -2, -2]];

/// Probability that a slot of the brickwork holds a crossing.
const FILLING: f64 = 0.666;

/// Centres tried for one whose `|E|` is near a uniformly drawn number.
const TRIALS: usize = 64;

/// Makes a braid with `layers` layers in front of its centre.
///
/// `|E|` is spread evenly over `[0, 1]` between draws.
///
/// # Errors
/// For fewer than two strands or more than [`Braid::MAX_STRANDS`].
///
/// ```
/// let made = qloom_knots::benchmark::generate(6, 4, &mut qloom_circuits::Stream::named(1, "braid")).unwrap();
/// let traced = qloom_knots::fibonacci::Space::new(6).unwrap().trace(&made.braid);
/// assert!((traced - made.exact).norm() < 1e-12);
/// ```
pub fn generate(strands: usize, layers: usize, stream: &mut Stream) -> Result<BenchmarkBraid, KnotError> {
    if strands < 2 {
        return Err(KnotError::Strands { strands, reason: "a benchmark braid has two strands at least" });
    }
    let wanted: f64 = stream.unit();
    let space = Space::new(3)?;
    let values: Vec<Complex64> =
        BLOCKS.iter().map(|word| Braid::new(3, word.to_vec()).map(|b| space.trace(&b))).collect::<Result<_, _>>()?;
    let mut best: Option<(f64, Vec<usize>, Complex64)> = None;
    for _ in 0..TRIALS {
        // mostly empty blocks or mostly full ones, so that large and small products both occur
        let filled: f64 = stream.unit();
        let classes: Vec<usize> =
            (0..strands / 3).map(|_| if stream.unit() < filled { stream.below(BLOCKS.len()) } else { 0 }).collect();
        let product: Complex64 = classes.iter().map(|&class| values[class]).product();
        let distance = (product.norm() - wanted).abs();
        if best.as_ref().is_none_or(|(other, ..)| distance < *other) {
            best = Some((distance, classes, product));
        }
    }
    let (_, classes, exact) = best.unwrap_or((0.0, Vec::new(), Complex64::ONE));
    // the strand at each position, named by its height
    let mut at: Vec<usize> = (0..strands).collect();
    at.shuffle(stream);
    let start = at.clone();
    let mut letters = Vec::new();
    let cross = |at: &mut Vec<usize>, letters: &mut Vec<i32>, i: usize| {
        // letter +i: the strand from the left passes over
        letters.push(if at[i] > at[i + 1] { i as i32 + 1 } else { -(i as i32 + 1) });
        at.swap(i, i + 1);
    };
    for layer in 0..layers {
        for i in (layer % 2..strands - 1).step_by(2) {
            if stream.unit() < FILLING {
                cross(&mut at, &mut letters, i);
            }
        }
    }
    let mut total = layers;
    if classes.iter().any(|&class| class > 0) {
        total += classes.iter().map(|&class| BLOCKS[class].len()).max().unwrap_or(0);
    }
    for (block, &class) in classes.iter().enumerate() {
        letters.extend(BLOCKS[class].iter().map(|letter| letter + letter.signum() * 3 * block as i32));
    }
    // odd-even sorting back to the places at the start
    let mut place = vec![0; strands];
    start.iter().enumerate().for_each(|(position, &strand)| place[strand] = position);
    let mut layer = 0;
    while at != start {
        for i in (layer % 2..strands - 1).step_by(2) {
            if place[at[i]] > place[at[i + 1]] {
                cross(&mut at, &mut letters, i);
            }
        }
        layer += 1;
    }
    Ok(BenchmarkBraid { braid: Braid::new(strands, letters)?, exact, layers: total + layer })
}

/// The power law `factor * x^exponent` nearest to the points in logarithms; points that are not positive are left out.
///
/// None for fewer than two different `x`.
///
/// ```
/// let (factor, exponent) = qloom_knots::benchmark::power_law(&[(1.0, 3.0), (4.0, 6.0)]).unwrap();
/// assert!((factor - 3.0).abs() < 1e-12 && (exponent - 0.5).abs() < 1e-12);
/// ```
pub fn power_law(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let logs: Vec<(f64, f64)> = points.iter().filter(|(x, y)| *x > 0.0 && *y > 0.0).map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let (x, y) = logs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / count, b + y / count));
    let spread: f64 = logs.iter().map(|(a, _)| (a - x).powi(2)).sum();
    if spread < 1e-12 || !spread.is_finite() {
        return None;
    }
    let exponent = logs.iter().map(|(a, b)| (a - x) * (b - y)).sum::<f64>() / spread;
    Some(((y - exponent * x).exp(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_known_by_construction() {
        let mut moduli = Vec::new();
        for seed in 0..60 {
            let strands = 3 + seed as usize % 8;
            let made = generate(strands, 2 + seed as usize % 9, &mut Stream::named(seed, "braid")).expect("a braid");
            let traced = Space::new(strands).expect("a space").trace(&made.braid);
            assert!((traced - made.exact).norm() < 1e-11, "seed {seed}: {traced} for {}", made.exact);
            moduli.push(made.exact.norm());
        }
        let mean = moduli.iter().sum::<f64>() / 60.0;
        assert!((0.35..0.7).contains(&mean), "{mean}");
        assert!(generate(1, 3, &mut Stream::named(0, "braid")).is_err());
    }
}
