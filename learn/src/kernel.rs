//! Quantum kernels: Gram matrices of data encoded into states.

mod alignment;
mod encoded;
mod encoding;
mod map;
mod quantum;
mod searched;
mod spectrum;
#[cfg(test)]
mod tests;

pub use alignment::{AlignmentState, KernelAlignment, centred_alignment};
pub use encoded::EncodedRows;
pub(crate) use encoded::{angles_of, bloch_vectors};
pub use encoding::{Encoding, FrontSettings};
pub use map::MapSettings;
pub use quantum::{KernelKind, KernelRows, QuantumKernel};
pub(crate) use searched::KernelLoss;
pub use spectrum::{repaired, smallest_eigenvalue};

use faer::Mat;
use qloom_sim::SimulatorConfig;

use crate::error::LearnError;
use encoded::Encoder;

/// The fidelity kernel `|<phi(x)|phi(y)>|^2` (Havlíček et al., Nature 567, 209 (2019)).
///
/// Every row of data becomes one state; the matrix is one blocked product of all of them.
///
/// ```
/// use qloom_learn::{FidelityKernel, MapSettings};
/// use qloom_sim::SimulatorConfig;
/// let mut kernel = FidelityKernel::new(&MapSettings::Angle {}, 1, SimulatorConfig::default())?;
/// let gram = kernel.gram(&[0.0, 1.0])?; // cos(1/2)^2 beside the diagonal
/// assert!((gram[(0, 1)] - 0.5f64.cos().powi(2)).abs() < 1e-15);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Debug)]
pub struct FidelityKernel {
    num_features: usize,
    num_qubits: usize,
    encoder: Encoder,
    config: SimulatorConfig,
}

impl FidelityKernel {
    /// A kernel on rows of this many features, by a feature map alone or with what an [`Encoding`] adds. Of states with noise it is
    /// `Tr(rho sigma)`, whose matrix has their purities on its diagonal.
    ///
    /// # Errors
    /// What the encoding or the simulation refuses.
    pub fn new(encoding: impl Into<Encoding>, num_features: usize, config: SimulatorConfig) -> Result<Self, LearnError> {
        let encoding = encoding.into();
        let num_qubits = encoding.map.num_qubits(num_features);
        Ok(Self { num_features, num_qubits, encoder: Encoder::new(&encoding, num_features, config)?, config })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The states of rows of features, one row after the other.
    ///
    /// # Errors
    /// When a feature is not finite, the numbers make no whole rows, a row of amplitudes is all zeros, or memory does not hold the states.
    pub fn encode(&mut self, rows: &[f64]) -> Result<EncodedRows, LearnError> {
        let features = self.num_features;
        let count = rows.len() / features;
        if count * features != rows.len() || count == 0 {
            return Err(LearnError::SizeMismatch {
                what: "numbers of rows of data",
                expected: (count + 1) * features,
                given: rows.len(),
            });
        }
        if let Some(place) = rows.iter().position(|value| !value.is_finite()) {
            return Err(LearnError::NotFinite { what: "the data", row: place / features + 1, value: rows[place] });
        }
        self.encoder.encode(rows, (features, self.num_qubits), self.config)
    }

    /// The matrix of a set of rows with itself, symmetric, with 1 on the diagonal of pure states.
    ///
    /// # Errors
    /// As [`FidelityKernel::encode`].
    pub fn gram(&mut self, rows: &[f64]) -> Result<Mat<f64>, LearnError> {
        Ok(self.encode(rows)?.gram(self.config.threads))
    }
}
