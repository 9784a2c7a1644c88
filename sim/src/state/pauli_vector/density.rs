//! Pauli vectors from and to state vectors and density matrices, by Walsh transforms: `n 4^n` operations.

use num_complex::Complex64;
use qloom_circuits::{Matrix, PauliString};

use super::{PauliVector, index_of};
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::state::StateVector;
use crate::walsh::walsh;

/// The largest deviation of a density matrix from trace 1 and from its adjoint, and how far below 0 its eigenvalues may be.
const TOLERANCE: f64 = 1e-8;

/// Whether all eigenvalues of a Hermitian matrix are above a number: whether what is left of it has a Cholesky decomposition.
fn is_positive(matrix: &Matrix, above: f64) -> bool {
    let size = matrix.dimension();
    let mut lower = vec![Complex64::ZERO; size * size];
    for i in 0..size {
        for j in 0..=i {
            let (one, other) = (&lower[i * size..i * size + j], &lower[j * size..j * size + j]);
            let sum: Complex64 = one.iter().zip(other).map(|(a, b)| a * b.conj()).sum();
            let rest = matrix[(i, j)] - sum;
            lower[i * size + j] = if i == j { Complex64::from((rest.re - above).sqrt()) } else { rest / lower[j * size + j] };
        }
        // of a number that is not above 0, or NaN
        if lower[i * size + i].re.is_nan() || lower[i * size + i].re <= 0.0 {
            return false;
        }
    }
    true
}

/// The least eigenvalue of a Hermitian matrix to 9 digits, by halving an interval that holds it.
fn least_eigenvalue(matrix: &Matrix) -> f64 {
    let size = matrix.dimension();
    let diagonal = (0..size).map(|k| matrix[(k, k)].re).fold(f64::INFINITY, f64::min);
    let norm = matrix.entries().iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    let (mut low, mut high) = (-norm, diagonal);
    while high - low > 1e-10 * norm {
        let middle = 0.5 * (low + high);
        if is_positive(matrix, middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

impl PauliVector {
    /// The density operator of a pure state.
    ///
    /// # Errors
    /// As [`PauliVector::zero`].
    pub fn from_state_vector(pure: &StateVector<f64>) -> Result<Self, SimError> {
        let amplitudes: Vec<Complex64> = pure.amplitudes().collect();
        Self::from_entries(pure.num_qubits(), pure.config(), |row, column| amplitudes[row] * amplitudes[column].conj())
    }

    /// The density operator of this matrix, qubit 0 the least significant bit of an index; costs the Cholesky decomposition of the matrix.
    ///
    /// # Errors
    /// As [`PauliVector::zero`], when the trace is not 1, or the matrix is not Hermitian or not positive.
    pub fn from_density_matrix(matrix: &Matrix, config: SimulatorConfig) -> Result<Self, SimError> {
        let trace: f64 = (0..matrix.dimension()).map(|k| matrix[(k, k)].re).sum();
        if (trace - 1.0).is_nan() || (trace - 1.0).abs() > TOLERANCE {
            return Err(SimError::NotNormalised { norm: trace });
        }
        let amount = matrix.distance(&matrix.adjoint());
        if amount.is_nan() || amount > TOLERANCE {
            return Err(SimError::NotHermitian { amount });
        }
        // the memory is asked for before anything is worked out
        let state = Self::from_entries(matrix.num_qubits(), config, |row, column| matrix[(row, column)])?;
        match is_positive(matrix, -TOLERANCE) {
            true => Ok(state),
            false => Err(SimError::NotPositive { least: least_eigenvalue(matrix), limit: -TOLERANCE }),
        }
    }

    fn from_entries(
        num_qubits: usize,
        config: SimulatorConfig,
        entry: impl Fn(usize, usize) -> Complex64,
    ) -> Result<Self, SimError> {
        let mut state = Self::zero(num_qubits, config)?;
        let mut list = vec![Complex64::ZERO; 1 << num_qubits];
        for x in 0..1usize << num_qubits {
            // Tr(P rho) = i^y sum_c (-1)^{c.z} rho_{c, c ^ x}
            list.iter_mut().enumerate().for_each(|(c, value)| *value = entry(c, c ^ x));
            walsh(&mut list);
            for (z, value) in list.iter().enumerate() {
                let phase = Complex64::I.powu((x & z).count_ones());
                state.plane[index_of(PauliString::from_masks(x as u64, z as u64))] = (phase * value).re;
            }
        }
        Ok(state)
    }

    /// The density matrix `sum_P Tr(P rho) P / 2^n`.
    ///
    /// # Errors
    /// Above 12 qubits, where it has more than 2^24 entries.
    pub fn density_matrix(&self) -> Result<Matrix, SimError> {
        if self.num_qubits > 12 {
            return Err(SimError::TooManyQubits { what: "a density matrix", given: self.num_qubits, limit: 12 });
        }
        let mut matrix = Matrix::zero(self.num_qubits);
        let scale = 1.0 / (1u64 << self.num_qubits) as f64;
        let mut list = vec![Complex64::ZERO; 1 << self.num_qubits];
        for x in 0..1usize << self.num_qubits {
            for (z, value) in list.iter_mut().enumerate() {
                let phase = (-Complex64::I).powu((x & z).count_ones());
                *value = phase * (self.plane[index_of(PauliString::from_masks(x as u64, z as u64))] * scale);
            }
            walsh(&mut list);
            list.iter().enumerate().for_each(|(c, &value)| matrix[(c, c ^ x)] = value);
        }
        Ok(matrix)
    }
}
