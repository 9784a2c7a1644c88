//! What can be read off a Pauli vector: probabilities, shots, overlaps.

use qloom_circuits::Stream;

use super::{PauliVector, all_z};
use crate::counts::Counts;
use crate::error::SimError;
use crate::state::{StateVector, check_qubits};
use crate::walsh::walsh;

/// Terms of sums over all coefficients that are added up apart: the same on every machine.
const PIECE: usize = 1 << 12;

impl PauliVector {
    /// Probability of each outcome of measuring these qubits; the first listed is the least significant bit of the outcome.
    ///
    /// A Walsh transform of the coefficients of I and Z on them: costs `k 2^k` for `k` qubits.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated.
    pub fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        check_qubits(qubits, self.num_qubits)?;
        let length = 1usize << qubits.len();
        let spread = |outcome: usize| qubits.iter().enumerate().fold(0, |bits, (k, qubit)| bits | (outcome >> k & 1) << qubit);
        let mut list: Vec<f64> = (0..length).map(|outcome| self.plane[all_z(spread(outcome))] / length as f64).collect();
        walsh(&mut list);
        Ok(list)
    }

    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`.
    ///
    /// For errors of reading out, change [`PauliVector::probabilities`] by `qloom_estimate::Readout` and draw with [`Counts::draw`].
    ///
    /// ```
    /// use qloom_circuits::Stream;
    /// use qloom_sim::{PauliVector, SimulatorConfig};
    /// let state = PauliVector::zero(2, SimulatorConfig::default())?;
    /// assert_eq!(state.sample(100, &mut Stream::named(7, "shots")).get(0), 100);
    /// # Ok::<(), qloom_sim::SimError>(())
    /// ```
    pub fn sample(&self, shots: u64, stream: &mut Stream) -> Counts {
        let length = 1usize << self.num_qubits;
        let mut list: Vec<f64> = (0..length).map(|bits| self.plane[all_z(bits)]).collect();
        walsh(&mut list);
        Counts::draw(&list, shots, stream)
    }

    /// Keeps the part of the state where a qubit has this value, and normalises it.
    ///
    /// # Errors
    /// When the qubit is outside the register, or never has this value.
    pub fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        let weight = self.probabilities(&[qubit])?[usize::from(outcome)];
        if weight <= 0.0 {
            return Err(SimError::NotNormalised { norm: weight });
        }
        // (1 + s Z)/2 rho (1 + s Z)/2: I and Z become their mean, with the sign
        let sign = if outcome { -1.0 } else { 1.0 };
        let (stride, scale) = (1usize << (2 * qubit), 0.5 / weight);
        for block in self.values_mut().chunks_exact_mut(4 * stride) {
            for index in 0..stride {
                let sum = scale * (block[index] + sign * block[index + 3 * stride]);
                block[index] = sum;
                block[index + stride] = 0.0;
                block[index + 2 * stride] = 0.0;
                block[index + 3 * stride] = sign * sum;
            }
        }
        Ok(())
    }

    /// X on a qubit.
    pub(crate) fn flip(&mut self, qubit: usize) {
        let stride = 1usize << (2 * qubit);
        for block in self.values_mut().chunks_exact_mut(4 * stride) {
            block[2 * stride..].iter_mut().for_each(|value| *value = -*value);
        }
    }

    /// The mixture of both states with these weights.
    pub(crate) fn mix(&mut self, weight: f64, other: &Self, others: f64) {
        for (value, other) in self.plane.iter_mut().zip(other.plane.iter()) {
            *value = weight * *value + others * other;
        }
    }

    /// `Tr(rho^2)`: 1 for a pure state, `2^-n` for the maximally mixed one.
    pub fn purity(&self) -> f64 {
        self.product(self)
    }

    /// `Tr(rho sigma)` with another state.
    ///
    /// # Errors
    /// When it has another number of qubits.
    pub fn overlap(&self, other: &Self) -> Result<f64, SimError> {
        if other.num_qubits != self.num_qubits {
            let (expected, given) = (self.num_qubits, other.num_qubits);
            return Err(SimError::SizeMismatch { what: "qubits of the other state", expected, given });
        }
        Ok(self.product(other))
    }

    fn product(&self, other: &Self) -> f64 {
        let pieces = self.values().chunks(PIECE).zip(other.values().chunks(PIECE));
        let sum: f64 = pieces.map(|(a, b)| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>()).sum();
        sum / (1u64 << self.num_qubits) as f64
    }

    /// `<psi| rho |psi>`.
    ///
    /// # Errors
    /// When the pure state has another number of qubits.
    pub fn fidelity(&self, pure: &StateVector<f64>) -> Result<f64, SimError> {
        if pure.num_qubits() != self.num_qubits {
            let (expected, given) = (self.num_qubits, pure.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of the other state", expected, given });
        }
        self.overlap(&Self::from_state_vector(pure)?)
    }
}
