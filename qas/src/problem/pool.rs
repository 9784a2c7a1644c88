//! Operators that an ansatz is made of.

use qloom_circuits::{PauliString, PauliSum};

use crate::QasError;

/// The most operators of a pool.
const MOST_OPERATORS: usize = 20_000;
/// The most strings of an operator.
const MOST_STRINGS: usize = 64;

/// The unitary `exp(-i theta G)` with a Hermitian generator `G`, a sum of Pauli strings that commute, such as an excitation of a molecule.
///
/// ```
/// use qloom_circuits::{PauliString, PauliSum};
/// use qloom_qas::PoolOperator;
///
/// // the excitation of qubits 0 -> 1
/// let terms = [(PauliString::from_word("XY")?, 0.5), (PauliString::from_word("YX")?, -0.5)];
/// let operator = PoolOperator::new("0->1", PauliSum::new(2, terms)?)?;
/// assert_eq!(operator.label(), "0->1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PoolOperator {
    label: String,
    generator: PauliSum,
}

impl PoolOperator {
    /// The operator with this generator.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the generator has no string or more than 64, has the identity among them, a coefficient that is
    /// not finite, or strings that do not commute.
    pub fn new(label: impl Into<String>, generator: PauliSum) -> Result<Self, QasError> {
        let label = label.into();
        let terms = generator.terms();
        let requirement = if terms.is_empty() || terms.len() > MOST_STRINGS {
            format!("a generator has from 1 to {MOST_STRINGS} Pauli strings, and this has {}", terms.len())
        } else if terms.iter().any(|(string, factor)| *string == PauliString::IDENTITY || !factor.is_finite()) {
            "the strings of a generator differ from the identity, and their coefficients are finite".to_owned()
        } else if terms.iter().any(|(one, _)| terms.iter().any(|(other, _)| !one.commutes_with(*other))) {
            "the strings of a generator have to commute with each other".to_owned()
        } else {
            return Ok(Self { label, generator });
        };
        Err(QasError::invalid("problem.pool", label, requirement))
    }

    /// What it is called.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The generator `G`.
    pub fn generator(&self) -> &PauliSum {
        &self.generator
    }
}

/// Refuses a pool that does not fit so many qubits.
pub(super) fn check(pool: &[PoolOperator], num_qubits: usize) -> Result<(), QasError> {
    if pool.len() > MOST_OPERATORS {
        let requirement = format!("a pool has at most {MOST_OPERATORS} operators");
        return Err(QasError::invalid("problem.pool", format!("{} operators", pool.len()), requirement));
    }
    match pool.iter().find(|operator| operator.generator.num_qubits() != num_qubits) {
        None => Ok(()),
        Some(other) => Err(QasError::invalid(
            "problem.pool",
            format!("{} on {} qubits", other.label, other.generator.num_qubits()),
            format!("the operators of a pool act on the {num_qubits} qubits of the problem: make the pool in its encoding"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(words: &[(&str, f64)]) -> PauliSum {
        let terms = words.iter().map(|(word, factor)| (PauliString::from_word(word).expect("letters"), *factor));
        PauliSum::new(words.first().map_or(2, |(word, _)| word.len()), terms).expect("fits")
    }

    #[test]
    fn generators_that_are_none_are_refused() {
        for bad in [sum(&[]), sum(&[("II", 1.0), ("XY", 1.0)]), sum(&[("XI", 1.0), ("YI", 1.0)])] {
            assert!(matches!(PoolOperator::new("bad", bad), Err(QasError::InvalidSetting { .. })));
        }
        let good = PoolOperator::new("good", sum(&[("XY", 0.5), ("YX", -0.5)])).expect("its strings commute");
        assert!(check(std::slice::from_ref(&good), 2).is_ok());
        assert!(matches!(check(&[good], 3), Err(QasError::InvalidSetting { .. })));
    }
}
