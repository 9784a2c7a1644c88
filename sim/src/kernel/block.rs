//! What a block of amplitudes adds to sums over a state, and what outcomes leave of it; the blocks of a state may be with several ranks.

use fearless_simd::Level;
use num_complex::Complex64;

use super::observable;
use super::real::Real;
use super::weight::weights;
use crate::sum::ExactSum;

/// Amplitudes of a block.
pub(crate) const BLOCK: usize = observable::BLOCK;
/// Index bits within a block.
pub(crate) const BLOCK_BITS: usize = BLOCK.ilog2() as usize;

fn squares<'a, T: Real>(re: &'a [T], im: &'a [T]) -> impl Iterator<Item = f64> + 'a {
    re.iter().zip(im).map(|(re, im)| {
        let (re, im) = (re.to_f64(), im.to_f64());
        re * re + im * im
    })
}

/// Adds the probability of each amplitude, times a number, to the sum in its place.
pub(crate) fn add_probabilities<T: Real>(re: &[T], im: &[T], factor: f64, sums: &mut [f64]) {
    for (sum, square) in sums.iter_mut().zip(squares(re, im)) {
        *sum += factor * square;
    }
}

/// Probability of a block.
pub(crate) fn weight<T: Real>(level: Level, re: &[T], im: &[T]) -> f64 {
    weights(level, re, im).iter().sum()
}

/// A block's probabilities of zero and of one of a qubit; `first` is its first basis index.
pub(crate) fn halves<T: Real>(level: Level, first: usize, re: &[T], im: &[T], qubit: usize) -> (f64, f64) {
    let stride = 1usize << qubit;
    if stride < 8 {
        let weights = weights(level, re, im);
        let of = |one: bool| (0..8).filter(|k| (k & stride != 0) == one).map(|k| weights[k]).sum();
        return (of(false), of(true));
    }
    let (mut zero, mut one) = (0.0, 0.0);
    for start in (0..re.len()).step_by(stride) {
        let end = (start + stride).min(re.len());
        let sum = weight(level, &re[start..end], &im[start..end]);
        if (first + start) & stride == 0 { zero += sum } else { one += sum }
    }
    (zero, one)
}

/// Multiplies the amplitudes at whose index a bit has this value by a number, and all others by zero; `first` is the index of the first.
pub(crate) fn keep<T: Real>(first: usize, re: &mut [T], im: &mut [T], (bit, value): (usize, bool), scale: T) {
    for (index, (re, im)) in re.iter_mut().zip(im).enumerate() {
        let factor = if ((first + index) >> bit & 1 == 1) == value { scale } else { T::default() };
        *re *= factor;
        *im *= factor;
    }
}

/// Exchanges the halves of a plane in which an index bit is zero and one.
pub(crate) fn flip<T: Real>(plane: &mut [T], bit: usize) {
    let stride = 1 << bit;
    for block in plane.chunks_exact_mut(2 * stride) {
        let (low, high) = block.split_at_mut(stride);
        low.swap_with_slice(high);
    }
}

/// A block's part of `<Z_q>` of every qubit; `first` is its first basis index.
pub(crate) fn expectation_z<T: Real>(first: usize, re: &[T], im: &[T], values: &mut [f64]) {
    // Halving the block again and again: one pass for all qubits.
    let mut weights: Vec<f64> = squares(re, im).collect();
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
}

/// Adds the block that begins at basis index `first` to the sums of the outcomes of some qubits.
pub(crate) fn add_outcomes<T: Real>(marginal: &Marginal, first: usize, re: &[T], im: &[T], sums: &mut [ExactSum]) {
    let base = marginal.high.iter().fold(0, |bits, (bit, qubit)| bits | (first >> qubit & 1) << bit);
    let mut parts = vec![0.0; marginal.outcome.len()];
    for (number, weight) in marginal.number.iter().zip(squares(re, im)) {
        parts[*number] += weight;
    }
    for (outcome, part) in marginal.outcome.iter().zip(parts) {
        sums[base | outcome].add(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some numbers, of whose squares every sum has another value.
    fn planes(length: usize) -> (Vec<f64>, Vec<f64>) {
        let number = |k: usize, factor: f64| (factor * k as f64).sin();
        ((0..length).map(|k| number(k, 0.37)).collect(), (0..length).map(|k| number(k, 0.91)).collect())
    }

    #[test]
    fn outcomes_of_blocks_add_up_to_those_of_the_state() {
        let (re, im) = planes(4 * BLOCK);
        for qubits in [vec![], vec![0], vec![BLOCK_BITS + 1, 3, BLOCK_BITS], vec![9, 8, 7, 6, 5, 4, 3, 2, 1, 0]] {
            let marginal = Marginal::new(&qubits);
            let mut sums = vec![ExactSum::default(); 1 << qubits.len()];
            let mut expected = vec![0.0; sums.len()];
            for first in (0..4 * BLOCK).step_by(BLOCK) {
                add_outcomes(&marginal, first, &re[first..first + BLOCK], &im[first..first + BLOCK], &mut sums);
            }
            for (index, weight) in squares(&re, &im).enumerate() {
                let outcome = qubits.iter().enumerate().fold(0, |bits, (bit, qubit)| bits | (index >> qubit & 1) << bit);
                expected[outcome] += weight;
            }
            assert!(sums.iter().zip(expected).all(|(sum, expected)| (sum.value() - expected).abs() < 1e-9), "{qubits:?}");
        }
    }

    /// Of every bit, within the planes and above them.
    #[test]
    fn what_an_outcome_leaves_and_what_x_exchanges() {
        for bit in 0..BLOCK_BITS + 3 {
            for value in [false, true] {
                let ((mut re, mut im), first) = (planes(BLOCK), 5 * BLOCK);
                let before = (re.clone(), im.clone());
                keep(first, &mut re, &mut im, (bit, value), 3.0);
                for index in 0..BLOCK {
                    let factor = if ((first + index) >> bit & 1 == 1) == value { 3.0 } else { 0.0 };
                    assert!(re[index] == factor * before.0[index] && im[index] == factor * before.1[index], "{bit} {index}");
                }
            }
            if bit < BLOCK_BITS {
                let (before, _) = planes(BLOCK);
                let mut plane = before.clone();
                flip(&mut plane, bit);
                assert!((0..BLOCK).all(|index| plane[index] == before[index ^ 1 << bit]), "{bit}");
            }
        }
    }

    #[test]
    fn probabilities_are_added_in_their_places() {
        let ((re, im), mut sums) = (planes(5), vec![1.0; 5]);
        add_probabilities(&re, &im, 0.5, &mut sums);
        assert!((0..5).all(|k| sums[k] == 1.0 + 0.5 * (re[k] * re[k] + im[k] * im[k])));
    }

    #[test]
    fn signs_of_qubits_and_products_of_blocks() {
        let (re, im) = planes(BLOCK);
        let first = 2 * BLOCK;
        let mut values = vec![0.0; BLOCK_BITS + 2];
        expectation_z(first, &re, &im, &mut values);
        for (qubit, value) in values.iter().enumerate() {
            let signed = |(k, weight): (usize, f64)| if (first + k) >> qubit & 1 == 1 { -weight } else { weight };
            let expected: f64 = squares(&re, &im).enumerate().map(signed).sum();
            assert!((value - expected).abs() < 1e-9, "{qubit}");
        }
        let (weight, own) = (weight(Level::new(), &re, &im), inner((&re, &im), (&re, &im)));
        assert!((own.re - weight).abs() < 1e-9 && own.im.abs() < 1e-9);
        let turned = inner((&re, &im), (&im, &re));
        let expected: f64 = re.iter().zip(&im).map(|(a, b)| a * a - b * b).sum();
        assert!((turned.im - expected).abs() < 1e-9);
    }
}
