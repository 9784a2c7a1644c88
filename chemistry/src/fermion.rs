//! Operators on fermionic modes: complex combinations of products of ladder operators.

use num_complex::Complex64;

use crate::error::ChemistryError;

/// A creation or an annihilation operator of a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ladder {
    /// The mode, from 0.
    pub mode: usize,
    /// Whether it creates.
    pub creation: bool,
}

impl Ladder {
    /// `a+` of a mode.
    pub const fn create(mode: usize) -> Self {
        Self { mode, creation: true }
    }

    /// `a` of a mode.
    pub const fn annihilate(mode: usize) -> Self {
        Self { mode, creation: false }
    }
}

/// A complex combination of products of ladder operators, the rightmost of a product acting first.
///
/// ```
/// use num_complex::Complex64;
/// use qloom_chemistry::{Encoding, FermionOperator, Ladder, Mapping};
/// let number = FermionOperator::new([(vec![Ladder::create(0), Ladder::annihilate(0)], Complex64::ONE)])?;
/// let qubits = Encoding::new(Mapping::JordanWigner, 1)?.map(&number)?.hermitian(0.0)?;
/// assert_eq!(qubits.to_string(), "0.5\n-0.5 * Z0");
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FermionOperator {
    terms: Vec<(Vec<Ladder>, Complex64)>,
}

impl FermionOperator {
    /// The operator of these terms; equal products are added up, zero coefficients are kept out.
    ///
    /// # Errors
    /// When a coefficient is not finite.
    pub fn new(terms: impl IntoIterator<Item = (Vec<Ladder>, Complex64)>) -> Result<Self, ChemistryError> {
        let mut list: Vec<(Vec<Ladder>, Complex64)> = terms.into_iter().collect();
        if let Some(value) = list.iter().flat_map(|(_, c)| [c.re, c.im]).find(|part| !part.is_finite()) {
            return Err(ChemistryError::Range { what: "a part of a coefficient", value, range: "a finite number" });
        }
        list.sort_by(|a, b| (a.0.len(), &a.0).cmp(&(b.0.len(), &b.0)));
        list.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        list.retain(|(_, coefficient)| *coefficient != Complex64::ZERO);
        Ok(Self { terms: list })
    }

    /// The terms: shorter products first, then by their ladder operators.
    pub fn terms(&self) -> &[(Vec<Ladder>, Complex64)] {
        &self.terms
    }

    /// One more than the highest mode.
    pub fn num_modes(&self) -> usize {
        self.terms.iter().flat_map(|(product, _)| product).map(|ladder| ladder.mode + 1).max().unwrap_or(0)
    }

    /// The sum of two operators.
    ///
    /// # Errors
    /// When a sum of coefficients is not finite.
    pub fn plus(&self, other: &Self) -> Result<Self, ChemistryError> {
        Self::new(self.terms.iter().chain(&other.terms).cloned())
    }

    /// The adjoint: products reversed, creation and annihilation exchanged, coefficients conjugated.
    #[must_use]
    pub fn adjoint(&self) -> Self {
        let flip = |ladder: &Ladder| Ladder { creation: !ladder.creation, ..*ladder };
        let terms = self.terms.iter().map(|(product, c)| (product.iter().rev().map(flip).collect(), c.conj()));
        Self::new(terms).expect("the coefficients were finite")
    }

    /// The operator times a number.
    ///
    /// # Errors
    /// When a coefficient is not finite.
    pub fn scaled(&self, factor: Complex64) -> Result<Self, ChemistryError> {
        Self::new(self.terms.iter().map(|(product, c)| (product.clone(), c * factor)))
    }
}
