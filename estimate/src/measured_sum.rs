//! From the Pauli coefficients of a state to the energy that is measured: errors of reading out, and finitely many shots.

use qloom_circuits::{PauliString, PauliSum};

use crate::error::EstimateError;
use crate::readout::Readout;
use crate::settings::ShotNoise;

/// A Pauli sum as it is measured, term by term, each letter turned to Z and read out.
#[derive(Debug, Clone)]
pub(crate) struct MeasuredSum {
    /// The observable whose expectation value is the mean of the measured energy.
    observable: PauliSum,
    /// Its terms by the index of the state's Pauli coefficients, ascending.
    mean: Vec<(usize, f64)>,
    terms: Vec<Term>,
    noise: ShotNoise,
}

#[derive(Debug, Clone)]
struct Term {
    coefficient: f64,
    /// The mean of the product of the outcomes, by index of the state's Pauli coefficients.
    outcome: Vec<(usize, f64)>,
    /// What undoing the errors of reading out multiplies the random error by.
    amplification: f64,
}

impl MeasuredSum {
    /// How this sum is measured under these errors of reading out, which are undone or not.
    pub(crate) fn new(sum: &PauliSum, readout: &Readout, invert: bool, noise: ShotNoise) -> Result<Self, EstimateError> {
        let observable = if invert { sum.clone() } else { readout.observable(sum)? };
        let mut terms = Vec::new();
        for &(string, coefficient) in sum.terms().iter().filter(|(string, _)| *string != PauliString::IDENTITY) {
            let outcome = by_index(&readout.observable(&PauliSum::new(sum.num_qubits(), [(string, 1.0)])?)?);
            let amplification = if invert { readout.amplification(string.support()) } else { 1.0 };
            terms.push(Term { coefficient, outcome, amplification });
        }
        Ok(Self { mean: by_index(&observable), observable, terms, noise })
    }

    /// The mean of the measured energy in a state.
    pub(crate) fn mean(&self, state: &[f64]) -> f64 {
        linear(&self.mean, state)
    }

    /// The observable whose expectation value the mean is.
    pub(crate) fn observable(&self) -> &PauliSum {
        &self.observable
    }

    /// The standard deviation of the energy measured with this many shots a term, each outcome `overhead` or less it; the state is looked
    /// at only where the model asks for its expectation values.
    pub(crate) fn deviation(&self, state: &[f64], shots: f64, overhead: f64) -> f64 {
        let variance = |term: &Term| self.noise.variance(term.coefficient, || linear(&term.outcome, state) / overhead);
        let sum: f64 = self.terms.iter().map(|term| (term.coefficient * term.amplification).powi(2) * variance(term)).sum();
        overhead * (sum / shots).sqrt()
    }
}

fn linear(terms: &[(usize, f64)], state: &[f64]) -> f64 {
    terms.iter().map(|(index, coefficient)| coefficient * state[*index]).sum()
}

/// The terms of a sum by the index of a state's Pauli coefficients, ascending.
fn by_index(sum: &PauliSum) -> Vec<(usize, f64)> {
    let index = |string: PauliString| string.support().map(|qubit| (string.letter(qubit) as usize) << (2 * qubit)).sum();
    let mut terms: Vec<(usize, f64)> = sum.terms().iter().map(|&(string, coefficient)| (index(string), coefficient)).collect();
    terms.sort_unstable_by_key(|(index, _)| *index);
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_true_variance_of_terms_is_that_of_their_outcomes() {
        let terms = [("XYZ", 0.3), ("ZZI", -0.7), ("IXX", 0.2), ("YIY", 0.5), ("III", 1.5), ("IZI", 0.04)];
        let sum = PauliSum::new(3, terms.map(|(word, c)| (PauliString::from_word(word).expect("a word"), c))).expect("valid");
        let measured = MeasuredSum::new(&sum, &Readout::default(), false, ShotNoise::TermVariance).expect("few terms");
        let mut up = vec![0.0; 64];
        // |000>: all products of Z are 1, which leaves four terms of variance 1.
        [0, 3, 12, 15, 48, 51, 60, 63].iter().for_each(|&index| up[index] = 1.0);
        let expected: f64 = 0.09 + 0.04 + 0.25;
        assert!((measured.deviation(&up, 1.0, 1.0) - expected.sqrt()).abs() < 1e-14);
        // outcomes of 3 and -3: 9 less the square of the mean for each term
        let expected: f64 = 9.0 * (0.09 + 0.04 + 0.25) + 8.0 * (0.49 + 0.0016);
        assert!((measured.deviation(&up, 1.0, 3.0) - expected.sqrt()).abs() < 1e-14);
        assert!((measured.mean(&up) - (1.5 - 0.7 + 0.04)).abs() < 1e-14);
    }
}
