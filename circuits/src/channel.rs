//! Noise channels as Kraus operators.

use crate::matrix::Matrix;

/// A quantum channel: a name and its Kraus operators, the first qubit least significant.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    name: String,
    kraus: Vec<Matrix>,
}

impl Channel {
    /// The largest deviation of `sum K^dagger K` from the identity that is accepted.
    pub const TOLERANCE: f64 = 1e-10;

    /// A channel from Kraus operators of one size.
    ///
    /// # Errors
    /// When there is no operator, sizes differ, or the channel does not preserve the trace.
    pub fn from_kraus(name: impl Into<String>, kraus: Vec<Matrix>) -> Result<Self, crate::CircuitError> {
        let dimension = kraus.first().map_or(0, Matrix::dimension);
        if let Some(other) = kraus.iter().find(|k| k.dimension() != dimension) {
            let given = other.dimension();
            return Err(crate::CircuitError::SizeMismatch { what: "size of a Kraus operator", expected: dimension, given });
        }
        if kraus.is_empty() {
            return Err(crate::CircuitError::SizeMismatch { what: "number of Kraus operators", expected: 1, given: 0 });
        }
        let mut sum = kraus[0].adjoint().times(&kraus[0]);
        for operator in &kraus[1..] {
            sum = sum.plus(&operator.adjoint().times(operator));
        }
        let error = sum.distance(&Matrix::identity(kraus[0].num_qubits()));
        if error.is_nan() || error > Self::TOLERANCE {
            return Err(crate::CircuitError::NotUnitary { error, limit: Self::TOLERANCE });
        }
        Ok(Self { name: name.into(), kraus })
    }

    /// What the channel is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its Kraus operators.
    pub fn kraus(&self) -> &[Matrix] {
        &self.kraus
    }

    /// Number of qubits it acts on.
    pub fn num_qubits(&self) -> usize {
        self.kraus[0].num_qubits()
    }
}
