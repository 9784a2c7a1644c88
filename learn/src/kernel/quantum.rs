//! Kernels of either kind, exact or from finitely many shots.

use faer::Mat;
use qloom_circuits::Stream;
use qloom_sim::{SimulatorConfig, binomial};
use serde::{Deserialize, Serialize};

use super::{EncodedRows, Encoding, FidelityKernel, repaired};
use crate::classical::squared_distance;
use crate::error::{LearnError, check};

/// What is compared of two states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum KernelKind {
    /// Their squared overlap.
    #[default]
    Fidelity,
    /// The reduced density matrices of single qubits: `exp(-gamma sum_q |rho_q - sigma_q|^2)` in the Frobenius norm (Huang et al.,
    /// Nat. Commun. 12, 2631 (2021)).
    Projected {
        /// The width. Default 1.
        #[serde(default = "one")]
        gamma: f64,
    },
}

fn one() -> f64 {
    1.0
}

/// A kernel on rows of data.
///
/// ```
/// use qloom_circuits::Stream;
/// use qloom_learn::{KernelKind, MapSettings, QuantumKernel};
/// use qloom_sim::SimulatorConfig;
/// let kind = KernelKind::Projected { gamma: 1.0 };
/// let mut kernel = QuantumKernel::new(&MapSettings::Angle {}, kind, None, 1, SimulatorConfig::default())?;
/// let rows = kernel.encode(&[0.0, 1.0])?;
/// let gram = kernel.gram(&rows, &mut Stream::named(1, "shots"))?;
/// // Bloch vectors at an angle of 1 differ by 2 sin(1/2), density matrices by that over the root of 2
/// assert!((gram[(0, 1)] - (-2.0 * 0.5f64.sin().powi(2)).exp()).abs() < 1e-14);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Debug)]
pub struct QuantumKernel {
    encoder: FidelityKernel,
    kind: KernelKind,
    shots: Option<u64>,
    threads: usize,
}

/// Rows of data as a kernel compares them.
#[derive(Clone, Debug)]
pub struct KernelRows(Compared);

#[derive(Clone, Debug)]
enum Compared {
    States(EncodedRows),
    /// Bloch vectors of all qubits, row by row.
    Bloch(Vec<Vec<f64>>),
}

impl QuantumKernel {
    /// A kernel on rows of this many features, by a feature map alone or with what an [`Encoding`] adds; with `shots`, each squared overlap is the share of so many runs of the circuit of both rows
    /// that end in zeros.
    ///
    /// # Errors
    /// What the map or the simulation refuses, a gamma that is not positive, and shots of a projected kernel.
    pub fn new(
        encoding: impl Into<Encoding>,
        kind: KernelKind,
        shots: Option<u64>,
        num_features: usize,
        config: SimulatorConfig,
    ) -> Result<Self, LearnError> {
        match kind {
            KernelKind::Fidelity => {}
            KernelKind::Projected { gamma } => {
                check("gamma", gamma, gamma.is_finite() && gamma > 0.0, "a positive number")?;
                if shots.is_some() {
                    return Err(LearnError::Unsupported {
                        what: "a projected kernel from finitely many shots is not drawn",
                        remedy: "leave out shots, or take the fidelity kernel",
                    });
                }
            }
        }
        if let Some(shots) = shots {
            check("shots", shots as f64, (1..=1_000_000_000).contains(&shots), "from 1 to 1000000000")?;
        }
        Ok(Self { encoder: FidelityKernel::new(encoding, num_features, config)?, kind, shots, threads: config.threads })
    }

    /// What it compares of rows of features, one row after the other.
    ///
    /// # Errors
    /// As [`FidelityKernel::encode`].
    pub fn encode(&mut self, rows: &[f64]) -> Result<KernelRows, LearnError> {
        let states = self.encoder.encode(rows)?;
        Ok(KernelRows(match self.kind {
            KernelKind::Fidelity => Compared::States(states),
            KernelKind::Projected { .. } => {
                let vectors = states.bloch_vectors();
                Compared::Bloch(vectors.chunks(vectors.len() / states.len()).map(<[f64]>::to_vec).collect())
            }
        }))
    }

    /// The matrix of rows with themselves; with shots the nearest positive semidefinite one to what was drawn.
    ///
    /// # Errors
    /// When the eigenvalues of a drawn matrix are not found.
    pub fn gram(&self, rows: &KernelRows, stream: &mut Stream) -> Result<Mat<f64>, LearnError> {
        let mut gram = match &rows.0 {
            Compared::States(states) => states.gram(self.threads),
            Compared::Bloch(_) => self.exact(rows, rows),
        };
        let Some(shots) = self.shots else { return Ok(gram) };
        for column in 0..gram.ncols() {
            for row in column + 1..gram.nrows() {
                let share = drawn(gram[(row, column)], shots, stream);
                (gram[(row, column)], gram[(column, row)]) = (share, share);
            }
        }
        repaired(&gram)
    }

    /// The kernels of rows, down, with others, across.
    pub fn cross(&self, rows: &KernelRows, others: &KernelRows, stream: &mut Stream) -> Mat<f64> {
        let mut cross = self.exact(rows, others);
        if let Some(shots) = self.shots {
            for row in 0..cross.nrows() {
                for column in 0..cross.ncols() {
                    cross[(row, column)] = drawn(cross[(row, column)], shots, stream);
                }
            }
        }
        cross
    }

    /// The exact kernels of one row with some others of the same rows, without a matrix.
    pub(crate) fn with_some(&self, rows: &KernelRows, row: usize, others: &[usize]) -> Vec<f64> {
        match (&rows.0, self.kind) {
            (Compared::States(states), _) => states.with_some(row, others),
            (Compared::Bloch(vectors), KernelKind::Projected { gamma }) => {
                let one = |other: &usize| (-0.5 * gamma * squared_distance(&vectors[row], &vectors[*other])).exp();
                others.iter().map(one).collect()
            }
            (Compared::Bloch(_), KernelKind::Fidelity) => panic!("rows of another kind of kernel"),
        }
    }

    /// # Panics
    /// When the rows are of kernels of two kinds.
    fn exact(&self, rows: &KernelRows, others: &KernelRows) -> Mat<f64> {
        let gamma = match self.kind {
            KernelKind::Fidelity => 0.0,
            KernelKind::Projected { gamma } => gamma,
        };
        match (&rows.0, &others.0) {
            (Compared::States(rows), Compared::States(others)) => rows.overlaps(others, self.threads),
            (Compared::Bloch(rows), Compared::Bloch(others)) => {
                // the squared distance of density matrices is half that of Bloch vectors
                let distance = |a: &[f64], b: &[f64]| 0.5 * squared_distance(a, b);
                Mat::from_fn(rows.len(), others.len(), |row, column| (-gamma * distance(&rows[row], &others[column])).exp())
            }
            (Compared::States(_), Compared::Bloch(_)) | (Compared::Bloch(_), Compared::States(_)) => {
                panic!("rows of two kinds of kernels")
            }
        }
    }
}

fn drawn(chance: f64, shots: u64, stream: &mut Stream) -> f64 {
    binomial(shots, chance.clamp(0.0, 1.0), stream) as f64 / shots as f64
}
