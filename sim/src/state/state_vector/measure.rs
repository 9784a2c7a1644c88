//! What can be read off a state vector: sums over amplitudes, the same whatever the number of threads.

use num_complex::Complex64;
use qloom_circuits::{PauliString, PauliSum, Stream};

use super::StateVector;
use crate::error::SimError;
use crate::kernel;
use crate::observable::Observable;
use crate::real::Real;
use crate::state::check_qubits;
use crate::team;

/// Amplitudes summed at a time, so that sums do not depend on the number of threads.
const PIECE: usize = 1 << 12;

impl<T: Real> StateVector<T> {
    /// The norm: 1 up to rounding.
    pub fn norm(&self) -> f64 {
        self.piece_weights().iter().sum::<f64>().sqrt()
    }

    fn pieces(&self) -> usize {
        self.dimension().div_ceil(PIECE)
    }

    /// Basis indices of a piece.
    pub(crate) fn piece(&self, number: usize) -> std::ops::Range<usize> {
        number * PIECE..((number + 1) * PIECE).min(self.dimension())
    }

    /// What `value` gives for each piece, in order.
    fn of_pieces<V: Send + Clone + Default>(&self, value: impl Fn(std::ops::Range<usize>) -> V + Sync) -> Vec<V> {
        team::in_order(self.threads(), self.pieces(), |number| value(self.piece(number)))
    }

    /// Probability of each piece of the basis states.
    pub(crate) fn piece_weights(&self) -> Vec<f64> {
        self.of_pieces(|piece| self.weights(piece).iter().sum())
    }

    /// Probabilities of a range of basis states, summed by their index modulo eight.
    fn weights(&self, range: std::ops::Range<usize>) -> [f64; 8] {
        kernel::weights(self.config.instruction_set.level(), &self.re[range.clone()], &self.im[range])
    }

    fn probability(&self, index: usize) -> f64 {
        let (re, im) = (self.re[index].to_f64(), self.im[index].to_f64());
        re * re + im * im
    }

    /// Probability of each outcome of measuring these qubits; the first listed is the least significant bit of the outcome.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated.
    pub fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        check_qubits(qubits, self.num_qubits)?;
        let count = 1usize << qubits.len();
        let in_order = qubits.iter().enumerate().all(|(bit, &qubit)| bit == qubit);
        // A table for each stretch of the state, as many whatever the number of threads.
        let stretches = (self.dimension() / count / 16).clamp(1, 64);
        let length = self.dimension() / stretches;
        let tables = team::in_order(self.threads(), stretches, |stretch| {
            let mut outcomes = vec![0.0; count];
            for index in stretch * length..(stretch + 1) * length {
                let outcome = if in_order {
                    index & (count - 1)
                } else {
                    qubits.iter().enumerate().fold(0, |outcome, (bit, &qubit)| outcome | (index >> qubit & 1) << bit)
                };
                outcomes[outcome] += self.probability(index);
            }
            outcomes
        });
        let mut tables = tables.into_iter();
        let mut outcomes = tables.next().unwrap_or_default();
        for table in tables {
            outcomes.iter_mut().zip(table).for_each(|(sum, part)| *sum += part);
        }
        Ok(outcomes)
    }

    /// `<Z_q>` of every qubit.
    pub fn expectation_z(&self) -> Vec<f64> {
        // Halving the register again and again: one pass for all qubits.
        let parts = self.of_pieces(|piece| {
            let mut values = vec![0.0; self.num_qubits];
            let start = piece.start;
            let mut weights: Vec<f64> = piece.map(|index| self.probability(index)).collect();
            let low = weights.len().ilog2() as usize;
            let mut difference = vec![0.0; low];
            for sum in difference.iter_mut() {
                *sum = weights.chunks_exact(2).map(|pair| pair[0] - pair[1]).sum();
                weights = weights.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
            }
            for (qubit, value) in values.iter_mut().enumerate() {
                *value = match difference.get(qubit) {
                    Some(difference) => *difference,
                    None if start >> qubit & 1 == 1 => -weights[0],
                    None => weights[0],
                };
            }
            values
        });
        let mut values = vec![0.0; self.num_qubits];
        for part in parts {
            values.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        values
    }

    /// `<psi|H|psi>`.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        self.check_size("qubits of an observable", observable.num_qubits())?;
        Ok(kernel::expectation(self.config.instruction_set.level(), observable, &self.re, &self.im, self.threads()))
    }

    /// `<psi|P|psi>` of one Pauli string.
    ///
    /// # Errors
    /// When the string acts outside the register.
    pub fn pauli(&self, string: PauliString) -> Result<f64, SimError> {
        self.expectation(&Observable::new(&PauliSum::new(self.num_qubits, [(string, 1.0)])?))
    }

    /// `<self|other>`.
    ///
    /// # Errors
    /// When the other state has another number of qubits.
    pub fn inner(&self, other: &Self) -> Result<Complex64, SimError> {
        self.check_size("qubits of the other state", other.num_qubits)?;
        let pair = |index: usize| {
            let amplitude = |state: &Self| Complex64::new(state.re[index].to_f64(), state.im[index].to_f64());
            amplitude(self).conj() * amplitude(other)
        };
        Ok(self.of_pieces(|piece| piece.map(pair).sum::<Complex64>()).iter().sum())
    }

    /// Measures a qubit: draws the outcome and projects.
    ///
    /// # Errors
    /// When the qubit is outside the register.
    pub fn measure(&mut self, qubit: usize, stream: &mut Stream) -> Result<bool, SimError> {
        check_qubits(&[qubit], self.num_qubits)?;
        let (zero, one) = self.halves(qubit);
        let outcome = stream.unit() * (zero + one) < one;
        self.keep(qubit, outcome, if outcome { one } else { zero });
        Ok(outcome)
    }

    /// Keeps the part of the state where a qubit has this value, and normalises it.
    ///
    /// # Errors
    /// When the qubit is outside the register, or never has this value.
    pub fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        check_qubits(&[qubit], self.num_qubits)?;
        let (zero, one) = self.halves(qubit);
        let weight = if outcome { one } else { zero };
        if weight <= 0.0 {
            return Err(SimError::NotNormalised { norm: weight.sqrt() });
        }
        self.keep(qubit, outcome, weight);
        Ok(())
    }

    /// Probabilities of zero and of one.
    fn halves(&self, qubit: usize) -> (f64, f64) {
        let stride = 1usize << qubit;
        let parts = self.of_pieces(|piece| {
            if stride < 8 {
                let weights = self.weights(piece);
                let of = |one: bool| (0..8).filter(|k| (k & stride != 0) == one).map(|k| weights[k]).sum();
                return (of(false), of(true));
            }
            let (mut zero, mut one) = (0.0, 0.0);
            for start in piece.clone().step_by(stride) {
                let sum: f64 = self.weights(start..(start + stride).min(piece.end)).iter().sum();
                if start & stride == 0 { zero += sum } else { one += sum }
            }
            (zero, one)
        });
        parts.iter().fold((0.0, 0.0), |sum, part: &(f64, f64)| (sum.0 + part.0, sum.1 + part.1))
    }

    fn keep(&mut self, qubit: usize, outcome: bool, weight: f64) {
        let scale = T::from_f64(1.0 / weight.sqrt());
        self.by_parts(|start, re, im| {
            for (index, (re, im)) in re.iter_mut().zip(im).enumerate() {
                let factor = if ((start + index) >> qubit & 1 == 1) == outcome { scale } else { T::default() };
                *re *= factor;
                *im *= factor;
            }
        });
    }

    /// X on a qubit.
    pub(crate) fn flip(&mut self, qubit: usize) {
        let stride = 1 << qubit;
        for plane in [&mut self.re, &mut self.im] {
            for block in plane.chunks_exact_mut(2 * stride) {
                let (low, high) = block.split_at_mut(stride);
                low.swap_with_slice(high);
            }
        }
    }
}
