//! Errors of reading out, undone on probabilities and on counts.

use super::Estimate;
use crate::error::SimError;
use crate::sampling::Counts;

/// The inverse of independent read-out errors of qubits.
///
/// ```
/// use qloom_sim::{NoiseModel, ReadoutInversion};
/// let model = NoiseModel { readout: vec![[0.02, 0.05]; 2], ..NoiseModel::default() };
/// let mut probabilities = vec![0.5, 0.0, 0.0, 0.5];
/// model.read_out(&[0, 1], &mut probabilities);
/// ReadoutInversion::new(&model.readout)?.probabilities(&[0, 1], &mut probabilities);
/// assert!((probabilities[0] - 0.5).abs() < 1e-15 && probabilities[1].abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ReadoutInversion {
    readout: Vec<[f64; 2]>,
}

impl ReadoutInversion {
    /// For each qubit the probabilities to read 1 for 0, and 0 for 1; qubits beyond the list are read without error.
    ///
    /// # Errors
    /// When one is outside 0 to 1, or the two add up to 1 or more: the outcome then says nothing.
    pub fn new(readout: &[[f64; 2]]) -> Result<Self, SimError> {
        for &[one, zero] in readout {
            for value in [one, zero, one + zero] {
                if !(0.0..=1.0).contains(&value) || one + zero >= 1.0 {
                    let range = "0 to 1, and both together below 1";
                    return Err(SimError::OutOfRange { what: "an error of reading out", value, range });
                }
            }
        }
        Ok(Self { readout: readout.to_vec() })
    }

    fn of(&self, qubit: usize) -> [f64; 2] {
        self.readout.get(qubit).copied().unwrap_or_default()
    }

    /// What the probabilities were before reading out; bit `k` of an index was read from `qubits[k]`. From measured frequencies some
    /// come out negative, as they must for the inverse to be right on average.
    ///
    /// # Panics
    /// When there are not `2^k` probabilities.
    pub fn probabilities(&self, qubits: &[usize], probabilities: &mut [f64]) {
        assert_eq!(probabilities.len(), 1 << qubits.len(), "one probability an outcome");
        for (bit, &qubit) in qubits.iter().enumerate() {
            let [one_for_zero, zero_for_one] = self.of(qubit);
            let scale = 1.0 / (1.0 - one_for_zero - zero_for_one);
            for block in probabilities.chunks_exact_mut(2 << bit) {
                let (low, high) = block.split_at_mut(1 << bit);
                for (zero, one) in low.iter_mut().zip(high) {
                    let flow = (*zero * one_for_zero - *one * zero_for_one) * scale;
                    *zero += flow;
                    *one -= flow;
                }
            }
        }
    }

    /// Turns the values of outcomes as they are into values of outcomes as read, with the same mean.
    pub(crate) fn values(&self, qubits: &[usize], values: &mut [f64]) {
        for (bit, &qubit) in qubits.iter().enumerate() {
            let [one_for_zero, zero_for_one] = self.of(qubit);
            let scale = 1.0 / (1.0 - one_for_zero - zero_for_one);
            for block in values.chunks_exact_mut(2 << bit) {
                let (low, high) = block.split_at_mut(1 << bit);
                for (zero, one) in low.iter_mut().zip(high) {
                    let difference = (*zero - *one) * scale;
                    *zero += one_for_zero * difference;
                    *one -= zero_for_one * difference;
                }
            }
        }
    }

    /// The expectation value of the product of Z over the bits of `mask`, from counts; bit `k` of an outcome was read from `qubits[k]`.
    ///
    /// Every shot adds the product of its corrected signs, so that nothing of size `2^n` is held (Bravyi et al., arXiv:2006.14044,
    /// for independent errors).
    ///
    /// # Errors
    /// When there is no shot.
    pub fn parity(&self, counts: &Counts, qubits: &[usize], mask: u64) -> Result<Estimate, SimError> {
        let shots = counts.shots() as f64;
        if shots == 0.0 {
            return Err(SimError::SizeMismatch { what: "shots, at least", expected: 1, given: 0 });
        }
        let (mut sum, mut squares) = (0.0, 0.0);
        for (outcome, count) in counts.iter() {
            let sign = |bit: usize| if outcome >> bit & 1 == 1 { -1.0 } else { 1.0 };
            let factors = qubits.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(bit, &qubit)| {
                let [one_for_zero, zero_for_one] = self.of(qubit);
                (sign(bit) - (zero_for_one - one_for_zero)) / (1.0 - one_for_zero - zero_for_one)
            });
            let value: f64 = factors.product();
            sum += count as f64 * value;
            squares += count as f64 * value * value;
        }
        let mean = sum / shots;
        Ok(Estimate { value: mean, standard_error: ((squares / shots - mean * mean).max(0.0) / shots).sqrt() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoiseModel;

    #[test]
    fn parities_from_counts_equal_inverted_probabilities() {
        let readout = vec![[0.03, 0.08], [0.0, 0.0], [0.1, 0.02]];
        let inversion = ReadoutInversion::new(&readout).expect("possible errors");
        let truth = [0.1, 0.25, 0.05, 0.2, 0.1, 0.0, 0.2, 0.1];
        let mut read = truth.to_vec();
        let qubits = [2, 0, 1];
        NoiseModel { readout, ..NoiseModel::default() }.read_out(&qubits, &mut read);
        let mut back = read.clone();
        inversion.probabilities(&qubits, &mut back);
        assert!(back.iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-15));
        // counts in the very proportions of the probabilities
        let mut counts = Counts::new(3);
        read.iter().enumerate().for_each(|(outcome, p)| counts.add(outcome as u64, (p * 1e12).round() as u64));
        for mask in 1u64..8 {
            let sign = |outcome: usize| if (outcome as u64 & mask).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
            let expected: f64 = truth.iter().enumerate().map(|(outcome, p)| sign(outcome) * p).sum();
            let estimate = inversion.parity(&counts, &qubits, mask).expect("there are shots");
            assert!((estimate.value - expected).abs() < 1e-9, "{mask}: {estimate:?} {expected}");
        }
        assert!(inversion.parity(&Counts::new(3), &qubits, 1).is_err());
    }

    #[test]
    fn outcomes_that_say_nothing_are_refused() {
        for readout in [[0.5, 0.5], [-0.1, 0.0], [f64::NAN, 0.0], [0.7, 0.4]] {
            assert!(matches!(ReadoutInversion::new(&[readout]), Err(SimError::OutOfRange { .. })), "{readout:?}");
        }
    }
}
