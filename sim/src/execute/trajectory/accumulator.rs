//! Means over trajectories, and how far they may be off.

use rand::{Rng, RngExt};

use super::walk::Task;
use crate::counts::Counts;
use crate::error::SimError;
use crate::estimate::Estimate;
use crate::real::Real;
use crate::state::StateVector;

/// What trajectories give: means and their standard errors.
#[derive(Clone, Debug, PartialEq)]
pub struct TrajectoryResult {
    /// Number of trajectories.
    pub shots: u64,
    /// Different trajectories among them: states that were run to the end.
    pub distinct: u64,
    /// `<Z_q>` of every qubit, read-out errors left out.
    pub expectation_z: Vec<Estimate>,
    /// The value of the observable, if there was one, read-out errors left out.
    pub expectation: Option<Estimate>,
    /// Probability of every outcome of measuring all qubits, read-out errors included; empty above 24 qubits.
    pub probabilities: Vec<Estimate>,
    /// `Tr(rho^2)` from pairs of trajectories; none where fewer than two states fit.
    pub purity: Option<Estimate>,
    /// One outcome a shot, read-out errors included: the classical bits, or all qubits where the circuit measures nothing.
    pub counts: Counts,
}

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

#[derive(Debug)]
pub(super) struct Accumulator<T: Real> {
    z: Vec<Sums>,
    energy: Option<Sums>,
    probabilities: Vec<Sums>,
    counts: Counts,
    distinct: u64,
    kept: Option<Vec<(StateVector<T>, u64)>>,
}

pub(super) fn read_out(errors: &[[f64; 2]], probabilities: &mut [f64]) {
    for (qubit, [one_for_zero, zero_for_one]) in errors.iter().enumerate().take(probabilities.len().ilog2() as usize) {
        for block in probabilities.chunks_exact_mut(2 << qubit) {
            let (low, high) = block.split_at_mut(1 << qubit);
            for (zero, one) in low.iter_mut().zip(high) {
                let flow = *one * zero_for_one - *zero * one_for_zero;
                (*zero, *one) = (*zero + flow, *one - flow);
            }
        }
    }
}

/// Above this many qubits the means of probabilities would need as much memory as states.
const MAX_PROBABILITIES: usize = 24;

impl<T: Real> Accumulator<T> {
    pub(super) fn new(num_qubits: usize, outcome_bits: usize, energy: bool) -> Self {
        let length = if num_qubits <= MAX_PROBABILITIES { 1 << num_qubits } else { 0 };
        Self {
            z: vec![Sums::default(); num_qubits],
            energy: energy.then(Sums::default),
            probabilities: vec![Sums::default(); length],
            counts: Counts::new(outcome_bits),
            distinct: 0,
            kept: None,
        }
    }

    /// Keeps the states of all ends for the purity.
    pub(super) fn keep_states(&mut self) {
        self.kept = Some(Vec::new());
    }

    /// Takes in the state that some shots have ended in.
    pub(super) fn end(
        &mut self,
        task: &Task<'_>,
        state: StateVector<T>,
        shots: u64,
        bits: u64,
        rng: &mut impl Rng,
    ) -> Result<(), SimError> {
        let weight = shots as f64;
        self.distinct += 1;
        for (sums, value) in self.z.iter_mut().zip(state.expectation_z()) {
            sums.put(value, weight);
        }
        if let (Some(sums), Some(observable)) = (&mut self.energy, task.observable) {
            sums.put(state.expectation(observable)?, weight);
        }
        if !self.probabilities.is_empty() {
            let qubits: Vec<usize> = (0..state.num_qubits()).collect();
            let mut probabilities = state.probabilities(&qubits)?;
            if !task.readout.is_empty() {
                read_out(task.readout, &mut probabilities);
            }
            for (sums, p) in self.probabilities.iter_mut().zip(probabilities) {
                sums.put(p, weight);
            }
        }
        let seed: u64 = rng.random();
        for (outcome, count) in state.sample(shots, seed).iter() {
            for _ in 0..if task.readout.is_empty() { 1 } else { count } {
                let read = |qubit: usize, rng: &mut dyn FnMut() -> f64| {
                    let bit = outcome >> qubit & 1;
                    let wrong = task.readout.get(qubit).map_or(0.0, |errors| errors[bit as usize]);
                    if wrong > 0.0 && rng() < wrong { bit ^ 1 } else { bit }
                };
                let mut uniform = || rng.random::<f64>();
                let record = if task.trajectories.measures() {
                    let last = task.trajectories.last.iter();
                    last.fold(bits, |bits, &(qubit, bit)| bits & !(1 << bit) | read(qubit, &mut uniform) << bit)
                } else {
                    (0..self.counts.num_bits()).fold(0, |bits, qubit| bits | read(qubit, &mut uniform) << qubit)
                };
                self.counts.add(record, if task.readout.is_empty() { count } else { 1 });
            }
        }
        if let Some(kept) = &mut self.kept {
            kept.push((state, shots));
        }
        Ok(())
    }

    /// The purity from the states kept, which are then let go: `E |<a|b>|^2` over pairs of different shots.
    pub(super) fn purity(&mut self, shots: u64) -> Result<Option<Estimate>, SimError> {
        let Some(kept) = self.kept.take().filter(|_| shots >= 2) else { return Ok(None) };
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

    pub(super) fn add(&mut self, other: &Self) {
        self.z.iter_mut().zip(&other.z).for_each(|(a, b)| a.add(*b));
        self.probabilities.iter_mut().zip(&other.probabilities).for_each(|(a, b)| a.add(*b));
        if let (Some(a), Some(b)) = (&mut self.energy, &other.energy) {
            a.add(*b);
        }
        other.counts.iter().for_each(|(outcome, count)| self.counts.add(outcome, count));
        self.distinct += other.distinct;
    }

    pub(super) fn finish(self, shots: u64, purity: Option<Estimate>) -> TrajectoryResult {
        TrajectoryResult {
            shots,
            distinct: self.distinct,
            expectation_z: self.z.iter().map(|sums| sums.estimate(shots)).collect(),
            expectation: self.energy.map(|sums| sums.estimate(shots)),
            probabilities: self.probabilities.iter().map(|sums| sums.estimate(shots)).collect(),
            purity,
            counts: self.counts,
        }
    }
}
