//! From the Pauli coefficients of a state to the energy that is measured: errors of reading out, and finitely many runs.

use qloom_circuits::{PauliString, PauliSum};
use qloom_estimate::{GaussianShotNoise, Readout};

use super::config::ShotNoise;
use crate::QasError;

/// A Pauli sum as it is measured, term by term, each letter turned to Z and read out.
#[derive(Debug, Clone)]
pub(super) struct Measurement {
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

impl Measurement {
    /// How this sum is measured under the errors of reading out of this readout.
    pub(super) fn new(sum: &PauliSum, readout: &Readout, invert: bool, noise: ShotNoise) -> Result<Self, QasError> {
        let observable = if invert { sum.clone() } else { readout.observable(sum)? };
        let mut terms = Vec::new();
        for &(string, coefficient) in sum.terms().iter().filter(|(string, _)| *string != PauliString::IDENTITY) {
            let outcome = by_index(&readout.observable(&PauliSum::new(sum.num_qubits(), [(string, 1.0)])?)?);
            let amplification = if invert { readout.amplification(string.support()) } else { 1.0 };
            terms.push(Term { coefficient, outcome, amplification });
        }
        Ok(Self { mean: by_index(&observable), observable, terms, noise })
    }

    /// The mean of the measured energy.
    pub(super) fn mean(&self, state: &[f64]) -> f64 {
        self.mean.iter().map(|(index, coefficient)| coefficient * state[*index]).sum()
    }

    /// The observable whose expectation value the mean is.
    pub(super) fn observable(&self) -> &PauliSum {
        &self.observable
    }

    /// The standard deviation of the energy measured with this many runs a term; the state is looked at only where the model asks for its
    /// expectation values.
    pub(super) fn deviation(&self, state: &[f64], shots: f64) -> f64 {
        let variance = |term: &Term| match self.noise {
            ShotNoise::None => 0.0,
            ShotNoise::PublishedGpu => GaussianShotNoise::Uniform.variance(term.coefficient),
            ShotNoise::PublishedCpu => GaussianShotNoise::Weighted.variance(term.coefficient),
            ShotNoise::TermVariance => {
                let outcome: f64 = term.outcome.iter().map(|(index, weight)| weight * state[*index]).sum();
                (1.0 - outcome * outcome).max(0.0)
            }
        };
        let sum: f64 = self.terms.iter().map(|term| (term.coefficient * term.amplification).powi(2) * variance(term)).sum();
        (sum / shots).sqrt()
    }
}

/// The terms of a sum by the index of a state's Pauli coefficients, ascending.
fn by_index(sum: &PauliSum) -> Vec<(usize, f64)> {
    let index = |string: PauliString| string.support().map(|qubit| (string.letter(qubit) as usize) << (2 * qubit)).sum();
    let mut terms: Vec<(usize, f64)> = sum.terms().iter().map(|&(string, coefficient)| (index(string), coefficient)).collect();
    terms.sort_unstable_by_key(|(index, _)| *index);
    terms
}
