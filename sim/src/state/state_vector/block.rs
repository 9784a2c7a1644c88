//! What a block of amplitudes adds to sums over a state; the blocks of a state may be with several ranks.

use fearless_simd::Level;
use num_complex::Complex64;

use crate::kernel;
use crate::real::Real;
use crate::sum::ExactSum;

/// Amplitudes of a block.
pub(crate) const BLOCK: usize = kernel::AMPLITUDES;
/// Index bits within a block.
pub(crate) const BLOCK_BITS: usize = BLOCK.ilog2() as usize;

/// Squares of absolute values.
pub(crate) fn probabilities<'a, T: Real>(re: &'a [T], im: &'a [T]) -> impl Iterator<Item = f64> + 'a {
    re.iter().zip(im).map(|(re, im)| {
        let (re, im) = (re.to_f64(), im.to_f64());
        re * re + im * im
    })
}

/// Probability of a block.
pub(crate) fn weight<T: Real>(level: Level, re: &[T], im: &[T]) -> f64 {
    kernel::weights(level, re, im).iter().sum()
}

/// A block's part of `<Z_q>` of every qubit; `first` is its first basis index.
pub(crate) fn expectation_z<T: Real>(first: usize, re: &[T], im: &[T], values: &mut [f64]) {
    // Halving the block again and again: one pass for all qubits.
    let mut weights: Vec<f64> = probabilities(re, im).collect();
    let low = weights.len().ilog2() as usize;
    let mut difference = vec![0.0; low];
    for sum in difference.iter_mut() {
        *sum = weights.chunks_exact(2).map(|pair| pair[0] - pair[1]).sum();
        weights = weights.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
    }
    for (qubit, value) in values.iter_mut().enumerate() {
        *value = match difference.get(qubit) {
            Some(difference) => *difference,
            None if first >> qubit & 1 == 1 => -weights[0],
            None => weights[0],
        };
    }
}

/// A block's part of `<a|b>`.
pub(crate) fn inner<T: Real>(a: (&[T], &[T]), b: (&[T], &[T])) -> Complex64 {
    let pairs = a.0.iter().zip(a.1).zip(b.0.iter().zip(b.1));
    let complex = |re: &T, im: &T| Complex64::new(re.to_f64(), im.to_f64());
    pairs.map(|((a, b), (c, d))| complex(a, b).conj() * complex(c, d)).sum()
}

/// Probabilities of the outcomes of some qubits, block by block.
#[derive(Debug)]
pub(crate) struct Marginal {
    /// Of each index within a block, the number of its outcome among those of the block.
    number: Vec<usize>,
    /// Of each of these, its bits of the outcome.
    outcome: Vec<usize>,
    /// Bits of the outcome, and the qubits, that are the same in all of a block.
    high: Vec<(usize, usize)>,
}

impl Marginal {
    /// The most qubits: the sums of their outcomes take 2 MiB.
    pub(crate) const MOST_QUBITS: usize = 12;

    pub(crate) fn new(qubits: &[usize]) -> Self {
        let (low, high): (Vec<_>, Vec<_>) = qubits.iter().copied().enumerate().partition(|(_, qubit)| *qubit < BLOCK_BITS);
        let number = |index: usize| low.iter().enumerate().fold(0, |number, (k, (_, qubit))| number | (index >> qubit & 1) << k);
        let outcome = |number: usize| low.iter().enumerate().fold(0, |bits, (k, (bit, _))| bits | (number >> k & 1) << bit);
        Self { number: (0..BLOCK).map(number).collect(), outcome: (0..1 << low.len()).map(outcome).collect(), high }
    }

    /// Adds the block that begins at basis index `first` to the sums of the outcomes.
    pub(crate) fn add<T: Real>(&self, first: usize, re: &[T], im: &[T], sums: &mut [ExactSum]) {
        let base = self.high.iter().fold(0, |bits, (bit, qubit)| bits | (first >> qubit & 1) << bit);
        let mut parts = vec![0.0; self.outcome.len()];
        for (number, weight) in self.number.iter().zip(probabilities(re, im)) {
            parts[*number] += weight;
        }
        for (outcome, part) in self.outcome.iter().zip(parts) {
            sums[base | outcome].add(part);
        }
    }
}
