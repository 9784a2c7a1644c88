//! Means over the ends of trajectories, and how far they may be off.

use qloom_circuits::Stream;
use qloom_sim::{Accumulate, Counts, Executable, Observable, Real, Record, SimError, StateVector};

use super::TrajectoryResult;
use crate::estimate::Estimate;
use crate::readout::Readout;

/// A sum over shots, and the sum of squares.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    sum: f64,
    squares: f64,
}

impl Sums {
    fn put(&mut self, value: f64, shots: f64) {
        self.sum += shots * value;
        self.squares += shots * value * value;
    }

    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn estimate(self, shots: u64) -> Estimate {
        let n = shots as f64;
        let mean = self.sum / n;
        let variance = (self.squares / n - mean * mean).max(0.0) / (n - 1.0).max(1.0);
        Estimate { value: mean, standard_error: variance.sqrt() }
    }
}

/// What becomes of the states in which shots end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum States {
    /// They are let go.
    LetGo,
    /// They are kept for the purity.
    Kept,
}

/// Sums over the ends of shots.
#[derive(Debug)]
pub(super) struct Ends<'a, T: Real> {
    observable: Option<&'a Observable>,
    readout: &'a Readout,
    /// Qubits read at the end, and the bits they are read into.
    places: Vec<(usize, usize)>,
    z: Vec<Sums>,
    energy: Sums,
    probabilities: Vec<Sums>,
    counts: Counts,
    distinct: u64,
    states: States,
    kept: Vec<(StateVector<T>, u64)>,
}

/// Above this many qubits the means of probabilities would need as much memory as states.
const MAX_PROBABILITIES: usize = 24;

impl<'a, T: Real> Ends<'a, T> {
    pub(super) fn new(
        executable: &Executable<StateVector<T>>,
        observable: Option<&'a Observable>,
        readout: &'a Readout,
        states: States,
    ) -> Self {
        let n = executable.num_qubits();
        let length = if n <= MAX_PROBABILITIES { 1 << n } else { 0 };
        Self {
            observable,
            readout,
            places: match executable.measures() {
                true => executable.last().to_vec(),
                false => (0..n).map(|qubit| (qubit, qubit)).collect(),
            },
            z: vec![Sums::default(); n],
            energy: Sums::default(),
            probabilities: vec![Sums::default(); length],
            counts: Counts::new(executable.outcome_bits()),
            distinct: 0,
            states,
            kept: Vec::new(),
        }
    }

    /// Draws an outcome for each shot, and reads it.
    fn read(&mut self, state: &StateVector<T>, shots: u64, record: &Record, stream: &mut Stream) {
        for (outcome, count) in state.sample(shots, stream).iter() {
            for (bits, times) in self.readout.read_shots(outcome, &self.places, record.clone(), count, stream) {
                self.counts.add(bits, times);
            }
        }
    }

    /// The purity from the states kept, which are then let go: `E |<a|b>|^2` over pairs of different shots.
    pub(super) fn purity(&mut self, shots: u64) -> Result<Option<Estimate>, SimError> {
        let kept = std::mem::take(&mut self.kept);
        if shots < 2 {
            return Ok(None);
        }
        let mut row = vec![0.0; kept.len()];
        for (a, (left, left_shots)) in kept.iter().enumerate() {
            row[a] += (*left_shots - 1) as f64;
            for (b, (right, right_shots)) in kept.iter().enumerate().skip(a + 1) {
                let overlap = left.inner(right)?.norm_sqr();
                row[a] += *right_shots as f64 * overlap;
                row[b] += *left_shots as f64 * overlap;
            }
        }
        let n = shots as f64;
        let means = kept.iter().zip(&row).map(|((_, count), sum)| (*count as f64, sum / (n - 1.0)));
        let mean = means.clone().map(|(count, value)| count * value).sum::<f64>() / n;
        let variance = means.map(|(count, value)| count * (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // the first-order term of a mean over pairs (Hoeffding)
        Ok(Some(Estimate { value: mean, standard_error: 2.0 * (variance / n).sqrt() }))
    }

    pub(super) fn finish(self, shots: u64, purity: Option<Estimate>) -> TrajectoryResult {
        TrajectoryResult {
            shots,
            distinct: self.distinct,
            expectation_z: self.z.iter().map(|sums| sums.estimate(shots)).collect(),
            expectation: self.observable.map(|_| self.energy.estimate(shots)),
            probabilities: self.probabilities.iter().map(|sums| sums.estimate(shots)).collect(),
            purity,
            counts: self.counts,
        }
    }
}

impl<T: Real> Accumulate<StateVector<T>> for Ends<'_, T> {
    fn end(&mut self, state: StateVector<T>, shots: u64, record: &Record, stream: &mut Stream) -> Result<(), SimError> {
        let weight = shots as f64;
        self.distinct += 1;
        for (sums, value) in self.z.iter_mut().zip(state.expectation_z()) {
            sums.put(value, weight);
        }
        if let Some(observable) = self.observable {
            self.energy.put(state.expectation(observable)?, weight);
        }
        if !self.probabilities.is_empty() {
            let qubits: Vec<usize> = (0..state.num_qubits()).collect();
            let mut probabilities = state.probabilities(&qubits)?;
            if !self.readout.is_perfect() {
                self.readout.apply(&qubits, &mut probabilities);
            }
            for (sums, p) in self.probabilities.iter_mut().zip(probabilities) {
                sums.put(p, weight);
            }
        }
        self.read(&state, shots, record, stream);
        if self.states == States::Kept {
            self.kept.push((state, shots));
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.z.iter_mut().zip(&other.z).for_each(|(a, b)| a.add(*b));
        self.probabilities.iter_mut().zip(&other.probabilities).for_each(|(a, b)| a.add(*b));
        self.energy.add(other.energy);
        other.counts.iter().for_each(|(outcome, count)| self.counts.add(outcome.clone(), count));
        self.distinct += other.distinct;
        self.kept.extend(other.kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean and its standard error by their definitions, shots one by one or together, in one sum or in two.
    #[test]
    fn sums_are_means_and_their_errors() {
        for (values, expected) in
            [(vec![2.0, 5.0], 1.5), (vec![1.0, 2.0, 6.0, 7.0], (26.0f64 / 3.0 / 4.0).sqrt()), (vec![3.0], 0.0)]
        {
            let (mut sums, mut halves) = (Sums::default(), [Sums::default(); 2]);
            for (k, value) in values.iter().enumerate() {
                sums.put(*value, 1.0);
                halves[k % 2].put(*value, 1.0);
            }
            halves[0].add(halves[1]);
            for sums in [sums, halves[0]] {
                let estimate = sums.estimate(values.len() as u64);
                assert!((estimate.value - values.iter().sum::<f64>() / values.len() as f64).abs() < 1e-15);
                assert!((estimate.standard_error - expected).abs() < 1e-14, "{estimate:?} {expected}");
            }
        }
        let mut together = Sums::default();
        together.put(1.0, 3.0);
        together.put(5.0, 1.0);
        let estimate = together.estimate(4);
        assert_eq!((estimate.value, estimate.standard_error), (2.0, 1.0));
    }
}
