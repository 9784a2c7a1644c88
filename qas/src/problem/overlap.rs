//! Problems that are overlaps: states to make, unitaries to make, states to avoid.

use num_complex::Complex64;
use qloom_circuits::{Matrix, PauliString, PauliSum};
use qloom_sim::walsh;

use super::Problem;
use crate::QasError;

/// A state of this many qubits is the largest to be made.
const STATE_QUBITS: usize = 14;
/// A unitary of this many qubits is the largest to be made.
const UNITARY_QUBITS: usize = 7;
/// How far from 1 the norm of a state may be.
const NORM: f64 = 1e-9;

impl Problem {
    /// A state to be made from `|0...0>`: the energy of a circuit is the infidelity `1 - |<target|psi>|^2`, 0 at best.
    ///
    /// `amplitudes` has `2^n` entries, qubit 0 the least significant bit of an index.
    ///
    /// ```
    /// use num_complex::Complex64;
    /// use qloom_qas::{Event, Problem, Search, SearchConfig};
    /// // (|00> + |11>) / sqrt(2)
    /// let half = Complex64::from(std::f64::consts::FRAC_1_SQRT_2);
    /// let bell = Problem::state("bell", &[half, Complex64::ZERO, Complex64::ZERO, half])?;
    /// let mut search = Search::new(SearchConfig { target_error: Some(1e-9), ..SearchConfig::default() }, bell, 1)?;
    /// while let Event::Episode(_) = search.step()? {}
    /// let found = search.best()?.expect("found");
    /// assert!(found.energy < 1e-9 && found.two_qubit_gates == 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the number of amplitudes is no power of two from 2 to 2^14, or the norm is not 1.
    pub fn state(name: impl Into<String>, amplitudes: &[Complex64]) -> Result<Self, QasError> {
        let num_qubits = amplitudes.len().trailing_zeros() as usize;
        if !amplitudes.len().is_power_of_two() || !(1..=STATE_QUBITS).contains(&num_qubits) {
            let requirement = format!("a state has 2^n amplitudes, n from 1 to {STATE_QUBITS}");
            return Err(QasError::invalid("problem.state", format!("{} amplitudes", amplitudes.len()), requirement));
        }
        Self::infidelity(name, num_qubits, normalised("problem.state", amplitudes)?)
    }

    /// A unitary to be made: the energy of a circuit `V` on the same qubits is the process infidelity `1 - |Tr(U^dagger V)|^2 / 4^n`, 0 at
    /// best, whatever the global phase.
    ///
    /// It is found as the infidelity of one state, of the circuit's qubits and as many beside them to which they are bound in Bell pairs
    /// (Choi and Jamiolkowski), so that gradients and slopes cost what those of `2n` qubits do.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when there are more than 7 qubits or none, or the matrix is not unitary.
    pub fn unitary(name: impl Into<String>, unitary: &Matrix) -> Result<Self, QasError> {
        let num_qubits = unitary.num_qubits();
        if !(1..=UNITARY_QUBITS).contains(&num_qubits) {
            let requirement = format!("a unitary has from 1 to {UNITARY_QUBITS} qubits");
            return Err(QasError::invalid("problem.unitary", format!("{num_qubits} qubits"), requirement));
        }
        let distance = unitary.unitarity_error();
        if distance.is_nan() || distance > NORM {
            let requirement = "it has to be a unitary matrix to 1e-9";
            return Err(QasError::invalid("problem.unitary", format!("off by {distance:.1e}"), requirement));
        }
        let dimension = 1usize << num_qubits;
        let scale = (dimension as f64).sqrt().recip();
        let mut amplitudes = vec![Complex64::ZERO; dimension * dimension];
        for column in 0..dimension {
            for row in 0..dimension {
                amplitudes[row | column << num_qubits] = unitary[(row, column)] * scale;
            }
        }
        Ok(Self { paired: true, ..Self::infidelity(name, num_qubits, amplitudes)? })
    }

    /// Avoids these states: each is lifted by so much, so that the lowest state of what is left is sought
    /// ([`with_exact_energy`](Self::with_exact_energy) is then its energy). It has to be more than that is above the lowest.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the lift is not positive and finite, or a state has another number of qubits or a norm that is not
    /// 1.
    pub fn avoiding(mut self, states: &[Vec<Complex64>], lift: f64) -> Result<Self, QasError> {
        if !(lift.is_finite() && lift > 0.0) {
            return Err(QasError::invalid("problem.hamiltonian.lift", lift, "it has to be finite and positive"));
        }
        for state in states {
            if state.len() != 1 << self.num_qubits() {
                let requirement = format!("a state of the Hamiltonian's {} qubits has to be avoided", self.num_qubits());
                return Err(QasError::invalid("problem.hamiltonian.avoid", format!("{} amplitudes", state.len()), requirement));
            }
            self.projectors.push((lift, normalised("problem.hamiltonian.avoid", state)?));
        }
        Ok(self)
    }

    fn infidelity(name: impl Into<String>, num_qubits: usize, amplitudes: Vec<Complex64>) -> Result<Self, QasError> {
        let one = PauliSum::new(num_qubits, [(PauliString::IDENTITY, 1.0)])?;
        let mut problem = Self::new(name, one)?.with_exact_energy(0.0)?.with_unit("infidelity");
        problem.projectors.push((-1.0, amplitudes));
        Ok(problem)
    }

    /// The energies of all circuits that flip some of the qubits and do nothing else, by the number of the basis state they make.
    pub(crate) fn energies_of_flips(&self) -> Vec<f64> {
        let dimension = 1usize << self.num_qubits();
        let mut energies = vec![0.0; dimension];
        for (string, coefficient) in self.hamiltonian.terms().iter().filter(|(string, _)| string.x_mask() == 0) {
            energies[string.z_mask() as usize] += coefficient;
        }
        walsh(&mut energies);
        for (factor, amplitudes) in &self.projectors {
            for (flips, energy) in energies.iter_mut().enumerate() {
                let overlap = if self.paired {
                    let entry = |column: usize| amplitudes[(column ^ flips) | column << self.num_qubits()];
                    (0..dimension).map(entry).sum::<Complex64>() / (dimension as f64).sqrt()
                } else {
                    amplitudes[flips]
                };
                *energy += factor * overlap.norm_sqr();
            }
        }
        energies
    }
}

fn normalised(setting: &'static str, amplitudes: &[Complex64]) -> Result<Vec<Complex64>, QasError> {
    let norm = amplitudes.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    if norm.is_nan() || (norm - 1.0).abs() > NORM {
        return Err(QasError::invalid(setting, format!("a norm of {norm}"), "the norm of a state has to be 1 to 1e-9"));
    }
    Ok(amplitudes.iter().map(|amplitude| amplitude / norm).collect())
}

#[cfg(test)]
mod tests;
