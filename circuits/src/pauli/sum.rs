//! Real linear combinations of Pauli strings.

use num_complex::Complex64;

use super::PauliString;
use crate::error::CircuitError;
use crate::matrix::Matrix;

/// A Hermitian observable: a real linear combination of Pauli strings on `num_qubits` qubits.
///
/// Terms are kept sorted by X mask, then Z mask, each string once; the identity term is the constant.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PauliSum {
    num_qubits: usize,
    terms: Vec<(PauliString, f64)>,
}

impl PauliSum {
    /// The sum of these terms; equal strings are added up, zero coefficients are kept out.
    ///
    /// # Errors
    /// When a term acts outside the qubits, a coefficient is not finite, or there are more than 64 qubits.
    pub fn new(num_qubits: usize, terms: impl IntoIterator<Item = (PauliString, f64)>) -> Result<Self, CircuitError> {
        if num_qubits > PauliString::MAX_QUBITS {
            return Err(CircuitError::TooManyQubits { given: num_qubits, limit: PauliString::MAX_QUBITS });
        }
        let mut list: Vec<(PauliString, f64)> = Vec::new();
        for (string, coefficient) in terms {
            if !coefficient.is_finite() {
                return Err(CircuitError::NotFinite { what: "a coefficient", value: coefficient });
            }
            if let Some(qubit) = string.support().find(|&qubit| qubit >= num_qubits) {
                return Err(CircuitError::QubitOutOfRange { qubit, num_qubits });
            }
            list.push((string, coefficient));
        }
        list.sort_by_key(|(string, _)| *string);
        list.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        list.retain(|(_, coefficient)| *coefficient != 0.0);
        if let Some((_, coefficient)) = list.iter().find(|(_, c)| !c.is_finite()) {
            return Err(CircuitError::NotFinite { what: "a sum of coefficients", value: *coefficient });
        }
        Ok(Self { num_qubits, terms: list })
    }

    /// One Pauli Z, the observable most often measured.
    ///
    /// # Panics
    /// When the qubit is outside the register.
    pub fn z(qubit: usize, num_qubits: usize) -> Self {
        assert!(qubit < num_qubits, "qubit {qubit} is outside a register of {num_qubits}");
        Self { num_qubits, terms: vec![(PauliString::from_masks(0, 1 << qubit), 1.0)] }
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The terms, sorted by X mask, then Z mask.
    pub fn terms(&self) -> &[(PauliString, f64)] {
        &self.terms
    }

    /// The coefficient of the identity.
    pub fn constant(&self) -> f64 {
        self.terms.first().filter(|(string, _)| *string == PauliString::IDENTITY).map_or(0.0, |(_, c)| *c)
    }

    /// The sum of the absolute coefficients, the identity left out.
    pub fn one_norm(&self) -> f64 {
        // a sum over nothing would be -0
        self.terms.iter().filter(|(string, _)| *string != PauliString::IDENTITY).fold(0.0, |sum, (_, c)| sum + c.abs())
    }

    /// `constant - one_norm`: no state has a lower expectation value.
    pub fn lower_bound(&self) -> f64 {
        self.constant() - self.one_norm()
    }

    /// The dense Hermitian matrix, qubit 0 the least significant index bit. Costs `4^n` memory.
    pub fn matrix(&self) -> Matrix {
        let mut matrix = Matrix::zero(self.num_qubits);
        for (string, coefficient) in &self.terms {
            string.add_to(&mut matrix, Complex64::new(*coefficient, 0.0));
        }
        matrix
    }
}
