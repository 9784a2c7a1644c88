//! What can be read off a state vector: sums over amplitudes, the same whatever the number of threads.

use num_complex::Complex64;
use qloom_circuits::{PauliString, PauliSum, Stream};

use super::StateVector;
use crate::error::SimError;
use crate::kernel::Real;
use crate::kernel::block::{BLOCK, Marginal};
use crate::observable::Observable;
use crate::state::check_qubits;
use crate::sum::{ExactSum, exactly};
use crate::team;

impl<T: Real> StateVector<T> {
    /// The norm: 1 up to rounding.
    pub fn norm(&self) -> f64 {
        exactly(self.piece_weights()).sqrt()
    }

    fn pieces(&self) -> usize {
        self.dimension().div_ceil(BLOCK)
    }

    /// Basis indices of a piece, whose sums are what larger sums are made of.
    pub(crate) fn piece(&self, number: usize) -> std::ops::Range<usize> {
        number * BLOCK..((number + 1) * BLOCK).min(self.dimension())
    }

    /// What `value` gives for each piece, in order.
    fn of_pieces<V: Send + Clone + Default>(&self, value: impl Fn(std::ops::Range<usize>) -> V + Sync) -> Vec<V> {
        team::in_order(self.threads(), self.pieces(), |number| value(self.piece(number)))
    }

    /// Probability of each piece of the basis states.
    pub(crate) fn piece_weights(&self) -> Vec<f64> {
        let level = self.config.instruction_set.level();
        self.of_pieces(|piece| T::block_weight(level, &self.re[piece.clone()], &self.im[piece]))
    }

    /// Probabilities of the basis states of a piece.
    pub(crate) fn piece_probabilities(&self, number: usize) -> Vec<f64> {
        let piece = self.piece(number);
        let mut probabilities = vec![0.0; piece.len()];
        T::add_probabilities(&self.re[piece.clone()], &self.im[piece], 1.0, &mut probabilities);
        probabilities
    }

    /// Adds the probability of each basis state, times a number, to the sum in its place: a pass over the state.
    ///
    /// ```
    /// use qloom_sim::{SimulatorConfig, StateVector};
    /// let mut sums = vec![0.5; 4];
    /// StateVector::<f64>::zero(2, SimulatorConfig::default())?.add_probabilities(0.25, &mut sums);
    /// assert_eq!(sums, [0.75, 0.5, 0.5, 0.5]);
    /// # Ok::<(), qloom_sim::SimError>(())
    /// ```
    ///
    /// # Panics
    /// When there are not `2^n` sums.
    pub fn add_probabilities(&self, factor: f64, sums: &mut [f64]) {
        assert_eq!(sums.len(), self.dimension(), "a sum for each basis state");
        let (re, im) = self.planes();
        T::add_probabilities(re, im, factor, sums);
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
        if self.dimension() > 4 * BLOCK && qubits.len() <= Marginal::MOST_QUBITS {
            let marginal = Marginal::new(qubits);
            let sums = team::exact_sums(self.threads(), self.pieces(), count, |number, sums| {
                let piece = self.piece(number);
                T::add_outcomes(&marginal, piece.start, &self.re[piece.clone()], &self.im[piece], sums);
            });
            return Ok(sums.iter().map(ExactSum::value).collect());
        }
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
        let of_piece = |number: usize| {
            let (piece, mut values) = (self.piece(number), vec![0.0; self.num_qubits]);
            T::block_expectation_z(piece.start, &self.re[piece.clone()], &self.im[piece], &mut values);
            values
        };
        if self.pieces() == 1 {
            return of_piece(0);
        }
        let sums = team::exact_sums(self.threads(), self.pieces(), self.num_qubits, |number, sums| {
            sums.iter_mut().zip(of_piece(number)).for_each(|(sum, value)| sum.add(value));
        });
        sums.iter().map(ExactSum::value).collect()
    }

    /// `<psi|H|psi>`.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        self.check_size("qubits of an observable", observable.num_qubits())?;
        Ok(T::expectation(self.config.instruction_set.level(), observable, &self.re, &self.im, self.threads()))
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
        let parts = self.of_pieces(|piece| {
            let [a, b, c, d] = [&self.re, &self.im, &other.re, &other.im].map(|plane| &plane[piece.clone()]);
            T::block_inner((a, b), (c, d))
        });
        Ok(Complex64::new(exactly(parts.iter().map(|part| part.re)), exactly(parts.iter().map(|part| part.im))))
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
        let level = self.config.instruction_set.level();
        let parts = self.of_pieces(|piece| T::block_halves(level, piece.start, &self.re[piece.clone()], &self.im[piece], qubit));
        (exactly(parts.iter().map(|part: &(f64, f64)| part.0)), exactly(parts.iter().map(|part| part.1)))
    }

    fn keep(&mut self, qubit: usize, outcome: bool, weight: f64) {
        let (threads, scale) = (self.threads(), T::from_f64(1.0 / weight.sqrt()));
        team::planes(threads, (&mut self.re, &mut self.im), |first, re, im| T::keep(first, re, im, (qubit, outcome), scale));
    }

    /// X on a qubit.
    pub(crate) fn flip(&mut self, qubit: usize) {
        T::flip(&mut self.re, qubit);
        T::flip(&mut self.im, qubit);
    }
}
