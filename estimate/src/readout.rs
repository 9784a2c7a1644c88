//! Errors of reading out: one formula, applied, inverted, and with what the inversion costs.

use qloom_circuits::{PauliString, PauliSum, Stream};
use qloom_sim::{Counts, Record, binomial};

use crate::error::EstimateError;
use crate::estimate::Estimate;

/// The most terms an observable may become by unequal errors.
const MOST_TERMS: usize = 1 << 20;

/// Independent errors of reading out qubits: with `a` to read 1 for 0 and `b` to read 0 for 1, the probability of reading 0 is
/// `(1 - a) p + b (1 - p)`, and a letter `P` of an observable, measured in its own basis, is read as `(1 - a - b) P + (b - a)`.
///
/// ```
/// use qloom_circuits::PauliSum;
/// use qloom_estimate::Readout;
/// let readout = Readout::new(&[[0.02, 0.1]])?;
/// let mut probabilities = vec![0.5, 0.5];
/// readout.apply(&[0], &mut probabilities);
/// assert!((probabilities[0] - 0.54).abs() < 1e-15);
/// readout.invert(&[0], &mut probabilities);
/// assert!((probabilities[0] - 0.5).abs() < 1e-15);
/// let read = readout.observable(&PauliSum::z(0, 1))?;
/// assert!((read.constant() - 0.08).abs() < 1e-15 && (read.terms()[1].1 - 0.88).abs() < 1e-15);
/// # Ok::<(), qloom_estimate::EstimateError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readout {
    errors: Vec<[f64; 2]>,
}

impl Readout {
    /// For each qubit the probabilities to read 1 for 0, and 0 for 1; qubits beyond the list are read without error.
    ///
    /// # Errors
    /// When one is outside 0 to 1.
    pub fn new(errors: &[[f64; 2]]) -> Result<Self, EstimateError> {
        match errors.iter().flatten().find(|value| !(0.0..=1.0).contains(*value)) {
            Some(&value) => Err(EstimateError::OutOfRange { what: "an error of reading out", value, range: "0 to 1" }),
            None => Ok(Self { errors: errors.to_vec() }),
        }
    }

    /// The same errors, if they can be undone.
    ///
    /// # Errors
    /// When the two errors of a qubit add up to 1 or more: the outcome then says nothing, or the opposite.
    pub fn invertible(self) -> Result<Self, EstimateError> {
        match self.errors.iter().map(|[one, zero]| one + zero).find(|sum| *sum >= 1.0) {
            Some(value) => Err(EstimateError::OutOfRange {
                what: "the sum of both errors of reading out a qubit",
                value,
                range: "below 1 to be undone",
            }),
            None => Ok(self),
        }
    }

    /// The errors: for each qubit the probabilities to read 1 for 0, and 0 for 1.
    pub fn errors(&self) -> &[[f64; 2]] {
        &self.errors
    }

    /// Whether everything is read without error.
    pub fn is_perfect(&self) -> bool {
        self.errors.iter().flatten().all(|error| *error == 0.0)
    }

    fn of(&self, qubit: usize) -> [f64; 2] {
        self.errors.get(qubit).copied().unwrap_or_default()
    }

    /// Counts of outcomes as they are read, shot by shot; bit `q` of an outcome is qubit `q`.
    pub fn counts(&self, counts: &Counts, stream: &mut Stream) -> Counts {
        if self.is_perfect() {
            return counts.clone();
        }
        let mut read = Counts::new(counts.num_bits());
        let places: Vec<(usize, usize)> = (0..counts.num_bits()).map(|qubit| (qubit, qubit)).collect();
        for (outcome, times) in counts.iter() {
            self.read_shots(outcome, &places, Record::default(), times, stream)
                .into_iter()
                .for_each(|(bits, times)| read.add(bits, times));
        }
        read
    }

    /// Records of shots with one outcome, and how many shots have each: for each pair of `places` a qubit's bit of `outcome` is read into a
    /// bit of `record`. One binomial number for each record and qubit, whatever the shots.
    pub(crate) fn read_shots(
        &self,
        outcome: &Record,
        places: &[(usize, usize)],
        record: Record,
        shots: u64,
        stream: &mut Stream,
    ) -> Vec<(Record, u64)> {
        let mut parts = vec![(record, shots)];
        for &(qubit, bit) in places {
            let one = outcome.get(qubit);
            let wrong = self.of(qubit)[usize::from(one)];
            for part in 0..parts.len() {
                let (record, shots) = &mut parts[part];
                let flipped = match *shots {
                    _ if wrong == 0.0 => 0,
                    1 => u64::from(stream.unit() < wrong),
                    shots => binomial(shots, wrong, stream),
                };
                let mut other = record.clone();
                record.set(bit, one);
                other.set(bit, !one);
                if flipped == *shots {
                    *record = other;
                } else if flipped > 0 {
                    *shots -= flipped;
                    parts.push((other, flipped));
                }
            }
        }
        parts
    }

    /// What probabilities of outcomes become when they are read; bit `k` of an index is read from `qubits[k]`.
    ///
    /// # Panics
    /// When there are not `2^k` probabilities.
    pub fn apply(&self, qubits: &[usize], probabilities: &mut [f64]) {
        each_pair(qubits, probabilities, |qubit| {
            let [one_for_zero, zero_for_one] = self.of(qubit);
            move |zero, one| {
                let flow = *one * zero_for_one - *zero * one_for_zero;
                (*zero, *one) = (*zero + flow, *one - flow);
            }
        });
    }

    /// What the probabilities were before they were read. From measured frequencies some come out negative, as they must for the inverse
    /// to be right on average.
    ///
    /// # Panics
    /// When there are not `2^k` probabilities.
    pub fn invert(&self, qubits: &[usize], probabilities: &mut [f64]) {
        each_pair(qubits, probabilities, |qubit| {
            let [one_for_zero, zero_for_one] = self.of(qubit);
            let scale = 1.0 / (1.0 - one_for_zero - zero_for_one);
            move |zero, one| {
                let flow = (*zero * one_for_zero - *one * zero_for_one) * scale;
                (*zero, *one) = (*zero + flow, *one - flow);
            }
        });
    }

    /// Values of outcomes as read whose mean is that of these values of outcomes as they are: the transpose of [`Readout::invert`].
    ///
    /// # Panics
    /// When there are not `2^k` values.
    pub fn corrected(&self, qubits: &[usize], values: &mut [f64]) {
        each_pair(qubits, values, |qubit| {
            let [one_for_zero, zero_for_one] = self.of(qubit);
            let scale = 1.0 / (1.0 - one_for_zero - zero_for_one);
            move |zero, one| {
                let difference = (*zero - *one) * scale;
                (*zero, *one) = (*zero + one_for_zero * difference, *one - zero_for_one * difference);
            }
        });
    }

    /// The observable whose value in a state is what is read of `observable`, each letter measured in its own basis.
    ///
    /// # Errors
    /// When unequal errors make more than a million terms.
    pub fn observable(&self, observable: &PauliSum) -> Result<PauliSum, EstimateError> {
        let mut sum: Vec<(PauliString, f64)> = Vec::new();
        for &(string, coefficient) in observable.terms() {
            let mut parts = vec![(string, coefficient)];
            for qubit in string.support().filter(|&qubit| qubit < self.errors.len()) {
                let [one_for_zero, zero_for_one] = self.of(qubit);
                let (shrink, shift) = (1.0 - one_for_zero - zero_for_one, zero_for_one - one_for_zero);
                let without = |string: PauliString| {
                    PauliString::from_masks(string.x_mask() & !(1 << qubit), string.z_mask() & !(1 << qubit))
                };
                let shifted: Vec<(PauliString, f64)> =
                    if shift == 0.0 { vec![] } else { parts.iter().map(|&(string, c)| (without(string), c * shift)).collect() };
                parts.iter_mut().for_each(|(_, c)| *c *= shrink);
                parts.extend(shifted);
                let given = parts.len() + sum.len();
                if given > MOST_TERMS {
                    return Err(EstimateError::TooMany {
                        what: "terms of an observable as it is read",
                        given,
                        limit: MOST_TERMS,
                    });
                }
            }
            sum.extend(parts);
        }
        Ok(PauliSum::new(observable.num_qubits(), sum)?)
    }

    /// `<P>` of a letter on a qubit as it is read, from `<P>` as it is.
    pub fn letter(&self, qubit: usize, estimate: Estimate) -> Estimate {
        let [one_for_zero, zero_for_one] = self.of(qubit);
        let shrink = 1.0 - one_for_zero - zero_for_one;
        Estimate {
            value: shrink * estimate.value + zero_for_one - one_for_zero,
            standard_error: shrink.abs() * estimate.standard_error,
        }
    }

    /// What undoing the errors multiplies the standard error of a string's value by: `prod 1/(1 - a - b)` over its qubits.
    pub fn amplification(&self, qubits: impl IntoIterator<Item = usize>) -> f64 {
        qubits.into_iter().map(|qubit| self.of(qubit)).fold(1.0, |product, [one, zero]| product / (1.0 - one - zero))
    }

    /// The expectation value of the product of Z over the bits of `mask`, the errors undone, from counts; bit `k` of an outcome was
    /// read from `qubits[k]`.
    ///
    /// Every shot adds the product of its corrected signs, so that nothing of size `2^n` is held (Bravyi et al., arXiv:2006.14044,
    /// for independent errors).
    ///
    /// # Errors
    /// When there is no shot.
    pub fn parity(&self, counts: &Counts, qubits: &[usize], mask: u64) -> Result<Estimate, EstimateError> {
        let shots = counts.shots() as f64;
        if shots == 0.0 {
            return Err(EstimateError::SizeMismatch { what: "shots, at least", expected: 1, given: 0 });
        }
        let (mut sum, mut squares) = (0.0, 0.0);
        for (outcome, count) in counts.iter() {
            let sign = |bit: usize| if outcome.get(bit) { -1.0 } else { 1.0 };
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

/// Changes the entries that differ in one bit together, bit after bit; `map` is asked once for each qubit.
fn each_pair<F: FnMut(&mut f64, &mut f64)>(qubits: &[usize], list: &mut [f64], map: impl Fn(usize) -> F) {
    assert_eq!(list.len(), 1 << qubits.len(), "one number for each outcome");
    for (bit, &qubit) in qubits.iter().enumerate() {
        let mut map = map(qubit);
        for block in list.chunks_exact_mut(2 << bit) {
            let (low, high) = block.split_at_mut(1 << bit);
            low.iter_mut().zip(high).for_each(|(zero, one)| map(zero, one));
        }
    }
}

#[cfg(test)]
mod tests;
