//! Reduced density matrices of pure states.

use num_complex::Complex64;
use qloom_circuits::Matrix;

use super::StateVector;
use crate::error::SimError;
use crate::kernel::Real;
use crate::state::check_qubits;

impl<T: Real> StateVector<T> {
    /// The most qubits of a reduced density matrix, which then has 2^24 entries.
    pub const MOST_REDUCED: usize = 12;

    /// The density matrix of some qubits, all others traced out; the first listed is the least significant bit of an index.
    ///
    /// Costs `2^(n + k)` for `k` of `n` qubits.
    ///
    /// ```
    /// use qloom_circuits::Circuit;
    /// use qloom_sim::{Program, SimulatorConfig, StateVector};
    /// let mut circuit = Circuit::new(2);
    /// circuit.h(0).cx(0, 1);
    /// let mut state = StateVector::<f64>::zero(2, SimulatorConfig::default())?;
    /// state.run(&Program::new(&circuit)?, &[])?;
    /// let half = state.reduced(&[1])?; // half of a Bell pair is wholly mixed
    /// assert!((half[(0, 0)].re - 0.5).abs() < 1e-15 && half[(0, 1)].norm() < 1e-15);
    /// # Ok::<(), qloom_sim::SimError>(())
    /// ```
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated, or for more than [`StateVector::MOST_REDUCED`] qubits.
    pub fn reduced(&self, qubits: &[usize]) -> Result<Matrix, SimError> {
        check_qubits(qubits, self.num_qubits())?;
        if qubits.len() > Self::MOST_REDUCED {
            let (given, limit) = (qubits.len(), Self::MOST_REDUCED);
            return Err(SimError::TooManyQubits { what: "a reduced density matrix", given, limit });
        }
        let kept: usize = qubits.iter().map(|&qubit| 1 << qubit).sum();
        let offsets: Vec<usize> = (0..1usize << qubits.len())
            .map(|index| qubits.iter().enumerate().fold(0, |place, (bit, &qubit)| place | (index >> bit & 1) << qubit))
            .collect();
        let mut entries = vec![Complex64::ZERO; offsets.len() * offsets.len()];
        let mut part = vec![Complex64::ZERO; offsets.len()];
        let mut rest = 0;
        for _ in 0..self.dimension() / offsets.len() {
            for (amplitude, offset) in part.iter_mut().zip(&offsets) {
                let value = self.amplitude(rest | offset);
                *amplitude = Complex64::new(value.re.to_f64(), value.im.to_f64());
            }
            for (row, left) in entries.chunks_exact_mut(part.len()).zip(&part) {
                row.iter_mut().zip(&part).for_each(|(entry, right)| *entry += left * right.conj());
            }
            // the next number without the bits of the qubits kept
            rest = (rest | kept).wrapping_add(1) & !kept;
        }
        Ok(Matrix::from_slice(&entries))
    }
}
