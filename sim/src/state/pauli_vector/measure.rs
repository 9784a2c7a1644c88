//! What can be read off a Pauli vector: probabilities, shots, overlaps, and values of the state multiplied by itself.

use qloom_circuits::PauliSum;

use super::density::Strings;
use super::{PauliVector, all_z, index_of};
use crate::counts::Counts;
use crate::error::SimError;
use crate::state::StateVector;
use crate::walsh::walsh;

/// Terms of sums over all coefficients that are added up apart: the same on every machine.
const PIECE: usize = 1 << 12;

impl PauliVector {
    /// Probability of every basis state, qubit 0 the least significant bit: a Walsh transform of the coefficients of I and Z.
    pub fn probabilities(&self) -> Vec<f64> {
        let length = 1usize << self.num_qubits;
        let mut list: Vec<f64> = (0..length).map(|index| self.plane[all_z(index)] / length as f64).collect();
        walsh(&mut list);
        list
    }

    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`.
    ///
    /// For errors of reading out, change [`PauliVector::probabilities`] by `qloom_estimate::Readout` and draw with [`Counts::draw`].
    ///
    /// ```
    /// use qloom_sim::{PauliVector, SimulatorConfig};
    /// let state = PauliVector::zero(2, SimulatorConfig::default())?;
    /// assert_eq!(state.sample(100, 7).get(0), 100);
    /// # Ok::<(), qloom_sim::SimError>(())
    /// ```
    pub fn sample(&self, shots: u64, seed: u64) -> Counts {
        let mut probabilities = self.probabilities();
        // rounding leaves impossible outcomes a little below zero
        probabilities.iter_mut().for_each(|p| *p = p.max(0.0));
        Counts::draw(&probabilities, shots, seed)
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

    /// `Tr(H rho^2)/Tr(rho^2)`: the value two copies of the state give by virtual distillation.
    ///
    /// Noise that mixes the state is suppressed to second order. Costs `4^n` a term. Source: Huggins et al., Virtual
    /// Distillation for Quantum Error Mitigation, Phys. Rev. X 11, 041036 (2021), arXiv:2011.07064, equation (1) with two copies.
    ///
    /// ```
    /// use qloom_circuits::{Channel, Circuit, Operation, PauliSum};
    /// use qloom_sim::{PauliProgram, PauliVector, SimulatorConfig};
    /// let mut circuit = Circuit::new(1);
    /// circuit.push(Operation::Channel { channel: Channel::depolarizing(0.2, 1)?, qubits: [0].into_iter().collect() })?;
    /// let mut state = PauliVector::zero(1, SimulatorConfig::default())?;
    /// state.prepare(&PauliProgram::new(&circuit)?, &[])?;
    /// let z = PauliSum::z(0, 1);
    /// assert!((state.expectation(&z)? - 0.8).abs() < 1e-15);
    /// // rho = (1 + 0.8 Z)/2: Tr(Z rho^2) = 0.8, Tr(rho^2) = 0.82
    /// assert!((state.virtual_distillation(&z)? - 0.8 / 0.82).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the observable is on another number of qubits, or there are more than 10.
    pub fn virtual_distillation(&self, observable: &PauliSum) -> Result<f64, SimError> {
        let n = self.num_qubits;
        if observable.num_qubits() != n {
            let (expected, given) = (n, observable.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of an observable", expected, given });
        }
        if n > 10 {
            return Err(SimError::TooManyQubits { what: "virtual distillation", given: n, limit: 10 });
        }
        let strings = Strings::new(n);
        let mut sum = 0.0;
        for (string, coefficient) in observable.terms() {
            // S P = i^e Q; products with an odd e are imaginary and cancel in pairs
            let (xs, zs) = (string.x_mask() as usize, string.z_mask() as usize);
            let (ys, shift) = (string.count_y(), index_of(*string));
            for x in 0..1usize << n {
                let odd = (zs & x).count_ones();
                let mut row = 0.0;
                for z in 0..1usize << n {
                    let exponent = 4 + ys + (x & z).count_ones() + 2 * odd - ((x ^ xs) & (z ^ zs)).count_ones() % 4;
                    let sign = [1.0, 0.0, -1.0, 0.0][exponent as usize % 4];
                    let index = strings.index(x, z);
                    row += sign * self.plane[index] * self.plane[index ^ shift];
                }
                sum += coefficient * row;
            }
        }
        Ok(sum / (1u64 << n) as f64 / self.purity())
    }
}
