//! Noise channels: a real transfer matrix, and Kraus operators.

mod choi;
mod table;
#[cfg(test)]
mod tests;

use crate::error::CircuitError;
use crate::matrix::{Matrix, pauli_product};

/// A quantum channel on one or more qubits, checked to preserve the trace and to be completely positive.
///
/// The transfer matrix is `R_ij = Tr(P_i E(P_j))/2^k` in the order I X Y Z; the base-4 digit of the first qubit is the least
/// significant. The ready-made channels are in the order of the table in `channel/table.rs`.
///
/// ```
/// use qloom_circuits::Channel;
/// let damping = Channel::amplitude_damping(0.25)?;
/// assert_eq!(damping.transfer()[4 * 3 + 3], 0.75); // <Z> shrinks
/// assert_eq!(damping.transfer()[4 * 3], 0.25); // towards |0>
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    name: String,
    num_qubits: usize,
    transfer: Vec<f64>,
    kraus: Vec<Matrix>,
}

impl Channel {
    /// The largest deviation from a physical channel that is accepted, in any entry or eigenvalue.
    pub const TOLERANCE: f64 = 1e-10;

    /// The most qubits a channel can act on.
    pub const MAX_QUBITS: usize = 3;

    /// A channel from Kraus operators of one size.
    ///
    /// # Errors
    /// When there is no operator, sizes differ or exceed [`Channel::MAX_QUBITS`], or the channel does not preserve the trace.
    pub fn from_kraus(name: impl Into<String>, kraus: Vec<Matrix>) -> Result<Self, CircuitError> {
        let Some(first) = kraus.first() else {
            return Err(CircuitError::SizeMismatch { what: "number of Kraus operators", expected: 1, given: 0 });
        };
        let num_qubits = first.num_qubits();
        if num_qubits > Self::MAX_QUBITS {
            return Err(CircuitError::TooManyQubits { given: num_qubits, limit: Self::MAX_QUBITS });
        }
        if let Some(other) = kraus.iter().find(|k| k.num_qubits() != num_qubits) {
            let given = other.dimension();
            return Err(CircuitError::SizeMismatch { what: "size of a Kraus operator", expected: first.dimension(), given });
        }
        let sum = kraus.iter().map(|k| k.adjoint().times(k)).reduce(|a, b| a.plus(&b)).unwrap_or_else(|| Matrix::zero(0));
        let amount = sum.distance(&Matrix::identity(num_qubits));
        if amount.is_nan() || amount > Self::TOLERANCE {
            return Err(CircuitError::NotPhysical { what: "preserve the trace", amount, limit: Self::TOLERANCE });
        }
        let transfer = transfer_of(&kraus);
        Ok(Self { name: name.into(), num_qubits, transfer, kraus })
    }

    /// A channel from its transfer matrix, row-major.
    ///
    /// # Errors
    /// When the size is no `4^k x 4^k` up to [`Channel::MAX_QUBITS`], an entry is not finite, the first row is not `1, 0, ...`
    /// (trace), or an eigenvalue of the Choi matrix is negative (complete positivity); the error says by how much.
    pub fn from_transfer(name: impl Into<String>, transfer: Vec<f64>) -> Result<Self, CircuitError> {
        let num_qubits = transfer.len().max(1).ilog2() as usize / 4;
        if transfer.len() != 1 << (4 * num_qubits) || !(1..=Self::MAX_QUBITS).contains(&num_qubits) {
            let given = transfer.len();
            return Err(CircuitError::SizeMismatch { what: "entries of a transfer matrix", expected: 16, given });
        }
        if let Some(&value) = transfer.iter().find(|value| !value.is_finite()) {
            return Err(CircuitError::NotFinite { what: "an entry of a transfer matrix", value });
        }
        let size = 1 << (2 * num_qubits);
        let first_row = transfer[..size].iter().enumerate();
        let amount = first_row.map(|(j, &entry)| (entry - f64::from(u8::from(j == 0))).abs()).fold(0.0, f64::max);
        if amount > Self::TOLERANCE {
            return Err(CircuitError::NotPhysical { what: "preserve the trace", amount, limit: Self::TOLERANCE });
        }
        if let Some(weights) = pauli_weights(&transfer, num_qubits, 0.0) {
            // eigenvalues of the Choi matrix, whose eigenvectors are the Paulis
            let amount = -weights.iter().copied().fold(f64::INFINITY, f64::min) * f64::from(1u32 << num_qubits);
            if amount > Self::TOLERANCE {
                return Err(CircuitError::NotPhysical { what: "stay completely positive", amount, limit: Self::TOLERANCE });
            }
            let kraus = weights.iter().enumerate().filter(|(_, weight)| **weight > 1e-16);
            let kraus = kraus.map(|(digits, weight)| pauli_product(digits, num_qubits).scaled(weight.sqrt().into())).collect();
            return Ok(Self { name: name.into(), num_qubits, transfer, kraus });
        }
        let (values, vectors) = choi::eigen(&choi::matrix(&transfer, num_qubits));
        let amount = -values.iter().copied().fold(f64::INFINITY, f64::min);
        if amount > Self::TOLERANCE {
            return Err(CircuitError::NotPhysical { what: "stay completely positive", amount, limit: Self::TOLERANCE });
        }
        let kraus = values.iter().zip(&vectors).filter(|(value, _)| **value > 1e-15);
        let kraus = kraus.map(|(value, vector)| choi::kraus(vector, value.sqrt(), num_qubits)).collect();
        Ok(Self { name: name.into(), num_qubits, transfer, kraus })
    }

    /// This channel and then another on the same qubits, as one.
    ///
    /// # Errors
    /// When the two act on different numbers of qubits.
    pub fn then(&self, next: &Self) -> Result<Self, CircuitError> {
        if next.num_qubits != self.num_qubits {
            let (expected, given) = (self.num_qubits, next.num_qubits);
            return Err(CircuitError::SizeMismatch { what: "qubits of the next channel", expected, given });
        }
        let size = 1 << (2 * self.num_qubits);
        let mut transfer = vec![0.0; size * size];
        for i in 0..size {
            for k in 0..size {
                let factor = next.transfer[i * size + k];
                for j in 0..size {
                    transfer[i * size + j] += factor * self.transfer[k * size + j];
                }
            }
        }
        Self::from_transfer(format!("{}, {}", self.name, next.name), transfer)
    }

    /// What the channel is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of qubits it acts on.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Kraus operators, the first qubit least significant.
    pub fn kraus(&self) -> &[Matrix] {
        &self.kraus
    }

    /// The probability of each word of Paulis, in the order of the transfer matrix, where the channel is a mixture of such errors up to
    /// 1e-12 in every entry.
    ///
    /// ```
    /// use qloom_circuits::Channel;
    /// assert_eq!(Channel::bit_flip(0.25)?.pauli_probabilities(), Some(vec![0.75, 0.25, 0.0, 0.0]));
    /// assert_eq!(Channel::amplitude_damping(0.1)?.pauli_probabilities(), None);
    /// # Ok::<(), qloom_circuits::CircuitError>(())
    /// ```
    pub fn pauli_probabilities(&self) -> Option<Vec<f64>> {
        let weights = pauli_weights(&self.transfer, self.num_qubits, 1e-12)?;
        Some(weights.into_iter().map(|weight| weight.max(0.0)).collect())
    }

    /// The transfer matrix, row-major, `4^k x 4^k`.
    pub fn transfer(&self) -> &[f64] {
        &self.transfer
    }
}

/// The probability of each Pauli of a channel whose transfer matrix is diagonal up to a tolerance.
fn pauli_weights(transfer: &[f64], num_qubits: usize, tolerance: f64) -> Option<Vec<f64>> {
    let size = 1 << (2 * num_qubits);
    if (0..size * size).any(|at| at / size != at % size && transfer[at].abs() > tolerance) {
        return None;
    }
    // Q -> P Q P = +-Q, minus where the letters on an odd number of qubits differ and neither is I
    let anticommute = |p: usize, q: usize| {
        let differ = |k: usize| {
            let (a, b) = (p >> (2 * k) & 3, q >> (2 * k) & 3);
            usize::from(a != 0 && b != 0 && a != b)
        };
        (0..num_qubits).map(differ).sum::<usize>() % 2 == 1
    };
    let weight = |p: usize| {
        let sum: f64 = (0..size).map(|q| if anticommute(p, q) { -transfer[q * size + q] } else { transfer[q * size + q] }).sum();
        sum / size as f64
    };
    Some((0..size).map(weight).collect())
}

/// The sum of the operators' parts.
fn transfer_of(kraus: &[Matrix]) -> Vec<f64> {
    let parts = kraus.iter().map(Matrix::transfer_matrix);
    parts.reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect()).unwrap_or_default()
}
