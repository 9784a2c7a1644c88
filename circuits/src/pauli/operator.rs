//! Complex linear combinations of Pauli strings, with their algebra.

use std::collections::HashMap;

use num_complex::Complex64;

use super::{PauliString, PauliSum};
use crate::error::CircuitError;
use crate::matrix::Matrix;

/// An operator on qubits, Hermitian or not: a complex linear combination of Pauli strings.
///
/// Terms are kept sorted by X mask, then Z mask, each string once. What is measured is a [`PauliSum`], which every Hermitian operator
/// becomes by [`PauliOperator::hermitian`].
///
/// ```
/// use num_complex::Complex64;
/// use qloom_circuits::{PauliOperator, PauliString};
/// let x = PauliOperator::new(1, [(PauliString::from_word("X")?, Complex64::ONE)])?;
/// let y = PauliOperator::new(1, [(PauliString::from_word("Y")?, Complex64::ONE)])?;
/// let commutator = x.commutator(&y); // [X, Y] = 2i Z
/// assert_eq!(commutator.terms(), [(PauliString::from_word("Z")?, Complex64::new(0.0, 2.0))]);
/// assert!(x.times(&x).hermitian(0.0)?.constant() == 1.0);
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PauliOperator {
    num_qubits: usize,
    terms: Vec<(PauliString, Complex64)>,
}

impl PauliOperator {
    /// The operator of these terms; equal strings are added up, zero coefficients are kept out.
    ///
    /// # Errors
    /// When a term acts outside the qubits, a coefficient is not finite, or there are more than 64 qubits.
    pub fn new(num_qubits: usize, terms: impl IntoIterator<Item = (PauliString, Complex64)>) -> Result<Self, CircuitError> {
        if num_qubits > PauliString::MAX_QUBITS {
            return Err(CircuitError::TooManyQubits { given: num_qubits, limit: PauliString::MAX_QUBITS });
        }
        let mut list: Vec<(PauliString, Complex64)> = Vec::new();
        for (string, coefficient) in terms {
            if let Some(value) = [coefficient.re, coefficient.im].into_iter().find(|part| !part.is_finite()) {
                return Err(CircuitError::NotFinite { what: "a part of a coefficient", value });
            }
            if let Some(qubit) = string.support().find(|&qubit| qubit >= num_qubits) {
                return Err(CircuitError::QubitOutOfRange { qubit, num_qubits });
            }
            list.push((string, coefficient));
        }
        list.sort_by_key(|(string, _)| *string);
        Ok(Self { num_qubits, terms: merged(list) })
    }

    /// The operator 0.
    ///
    /// # Panics
    /// When there are more than 64 qubits.
    pub fn zero(num_qubits: usize) -> Self {
        assert!(num_qubits <= PauliString::MAX_QUBITS, "an operator acts on at most 64 qubits, not on {num_qubits}");
        Self { num_qubits, terms: Vec::new() }
    }

    /// A multiple of the identity.
    ///
    /// # Panics
    /// When there are more than 64 qubits.
    pub fn identity(num_qubits: usize, factor: Complex64) -> Self {
        let mut operator = Self::zero(num_qubits);
        operator.terms.extend((factor != Complex64::ZERO).then_some((PauliString::IDENTITY, factor)));
        operator
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The terms, sorted by X mask, then Z mask.
    pub fn terms(&self) -> &[(PauliString, Complex64)] {
        &self.terms
    }

    /// The sum with another operator. Costs the number of terms of both.
    ///
    /// # Panics
    /// When the operators are on different numbers of qubits.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.check(other);
        let mut list = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let next = if a.0 <= b.0 { left.next() } else { right.next() };
            list.extend(next);
        }
        list.extend(left.chain(right));
        Self { num_qubits: self.num_qubits, terms: merged(list) }
    }

    /// A multiple of the operator.
    #[must_use]
    pub fn scaled(&self, factor: Complex64) -> Self {
        let terms = self.terms.iter().map(|&(string, c)| (string, c * factor)).filter(|(_, c)| *c != Complex64::ZERO);
        Self { num_qubits: self.num_qubits, terms: terms.collect() }
    }

    /// The product, this operator acting last. Costs the product of the numbers of terms.
    ///
    /// # Panics
    /// When the operators are on different numbers of qubits.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        self.check(other);
        self.combined(other, |left, right| {
            let (string, phase) = left.times(right);
            Some((string, phase))
        })
    }

    /// `A B - B A`: the products of the terms that do not commute, twice.
    ///
    /// # Panics
    /// When the operators are on different numbers of qubits.
    #[must_use]
    pub fn commutator(&self, other: &Self) -> Self {
        self.check(other);
        self.combined(other, |left, right| {
            let (string, phase) = left.times(right);
            (!left.commutes_with(right)).then_some((string, phase * 2.0))
        })
    }

    /// `A B + B A`: the products of the terms that commute, twice.
    ///
    /// # Panics
    /// When the operators are on different numbers of qubits.
    #[must_use]
    pub fn anticommutator(&self, other: &Self) -> Self {
        self.check(other);
        self.combined(other, |left, right| {
            let (string, phase) = left.times(right);
            left.commutes_with(right).then_some((string, phase * 2.0))
        })
    }

    fn combined(&self, other: &Self, product: impl Fn(PauliString, PauliString) -> Option<(PauliString, Complex64)>) -> Self {
        let mut sums: HashMap<PauliString, Complex64> = HashMap::new();
        for &(left, a) in &self.terms {
            for &(right, b) in &other.terms {
                if let Some((string, phase)) = product(left, right) {
                    *sums.entry(string).or_default() += a * b * phase;
                }
            }
        }
        let mut list: Vec<(PauliString, Complex64)> = sums.into_iter().filter(|(_, c)| *c != Complex64::ZERO).collect();
        list.sort_by_key(|(string, _)| *string);
        Self { num_qubits: self.num_qubits, terms: list }
    }

    /// The adjoint: conjugated coefficients, since every string is its own adjoint.
    #[must_use]
    pub fn adjoint(&self) -> Self {
        let terms = self.terms.iter().map(|(string, c)| (*string, c.conj()));
        Self { num_qubits: self.num_qubits, terms: terms.collect() }
    }

    /// The operator without terms whose coefficient is at most this large.
    #[must_use]
    pub fn simplified(&self, tolerance: f64) -> Self {
        let terms = self.terms.iter().copied().filter(|(_, c)| c.norm() > tolerance);
        Self { num_qubits: self.num_qubits, terms: terms.collect() }
    }

    /// The observable that this operator is; imaginary parts of at most `tolerance` are left out, and so are terms that small.
    ///
    /// # Errors
    /// When an imaginary part is larger: the operator is not Hermitian.
    pub fn hermitian(&self, tolerance: f64) -> Result<PauliSum, CircuitError> {
        if let Some((string, c)) = self.terms.iter().find(|(_, c)| c.im.abs() > tolerance) {
            return Err(CircuitError::NotHermitian { term: string.to_string(), imaginary: c.im, limit: tolerance });
        }
        let terms = self.terms.iter().map(|(string, c)| (*string, c.re)).filter(|(_, c)| c.abs() > tolerance);
        PauliSum::new(self.num_qubits, terms)
    }

    /// The strings as rows of the symplectic form: for each term its X mask and its Z mask, bit `q` for qubit `q`.
    ///
    /// Two strings commute where the symplectic product of their rows, `|x & z'| + |z & x'|`, is even.
    pub fn symplectic(&self) -> Vec<[u64; 2]> {
        self.terms.iter().map(|(string, _)| [string.x_mask(), string.z_mask()]).collect()
    }

    /// The dense matrix, qubit 0 the least significant index bit. Costs `4^n` memory.
    pub fn matrix(&self) -> Matrix {
        let mut matrix = Matrix::zero(self.num_qubits);
        for (string, coefficient) in &self.terms {
            string.add_to(&mut matrix, *coefficient);
        }
        matrix
    }

    fn check(&self, other: &Self) {
        let (a, b) = (self.num_qubits, other.num_qubits);
        assert_eq!(a, b, "operators on {a} and {b} qubits do not go together");
    }
}

/// Neighbours with one string become one term.
fn merged(mut list: Vec<(PauliString, Complex64)>) -> Vec<(PauliString, Complex64)> {
    list.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    list.retain(|(_, coefficient)| *coefficient != Complex64::ZERO);
    list
}

impl From<&PauliSum> for PauliOperator {
    fn from(sum: &PauliSum) -> Self {
        let terms = sum.terms().iter().map(|&(string, c)| (string, Complex64::new(c, 0.0)));
        Self { num_qubits: sum.num_qubits(), terms: terms.collect() }
    }
}

#[cfg(test)]
mod tests;
