//! From the Pauli coefficients of a state to the energy that is measured: errors of reading out, and finitely many runs.

use qloom_circuits::{CircuitError, Pauli, PauliString, PauliSum};

use super::config::ShotNoise;

/// A Pauli sum as it is measured, term by term, each letter turned to Z and read out.
#[derive(Debug, Clone)]
pub(super) struct Measurement {
    /// What the mean of the measured energy is: coefficients of a state's Pauli coefficients, by their index.
    mean: Vec<(usize, f64)>,
    terms: Vec<Term>,
    model: ShotNoise,
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
    /// How this sum is measured under probabilities to read 1 for 0 and 0 for 1 of each qubit.
    pub(super) fn new(sum: &PauliSum, readout: &[[f64; 2]], invert: bool, model: ShotNoise) -> Self {
        let mut mean: Vec<(usize, f64)> = Vec::new();
        let mut terms = Vec::new();
        for (string, coefficient) in sum.terms() {
            let mut outcome = vec![(0usize, 1.0)];
            let mut amplification = 1.0;
            for qubit in string.support() {
                let letter = (string.letter(qubit) as usize) << (2 * qubit);
                // An outcome s becomes (1 - p - q) s + (q - p), with p to read 1 for 0 and q to read 0 for 1.
                let [p, q] = readout.get(qubit).copied().unwrap_or_default();
                let (slope, shift) = (1.0 - p - q, q - p);
                let with: Vec<(usize, f64)> = outcome.iter().map(|(index, weight)| (index | letter, weight * slope)).collect();
                if shift == 0.0 {
                    outcome = with;
                } else {
                    outcome.iter_mut().for_each(|(_, weight)| *weight *= shift);
                    outcome.extend(with);
                }
                amplification /= slope;
            }
            let index = string.support().map(|qubit| (string.letter(qubit) as usize) << (2 * qubit)).sum();
            if invert {
                mean.push((index, *coefficient));
            } else {
                mean.extend(outcome.iter().map(|(index, weight)| (*index, coefficient * weight)));
                amplification = 1.0;
            }
            if string.support().next().is_some() {
                terms.push(Term { coefficient: *coefficient, outcome, amplification });
            }
        }
        mean.sort_unstable_by_key(|(index, _)| *index);
        mean.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Self { mean, terms, model }
    }

    /// The mean of the measured energy.
    pub(super) fn mean(&self, state: &[f64]) -> f64 {
        self.mean.iter().map(|(index, coefficient)| coefficient * state[*index]).sum()
    }

    /// The observable whose expectation value the mean is.
    pub(super) fn observable(&self, num_qubits: usize) -> Result<PauliSum, CircuitError> {
        let string = |index: usize| {
            let letter = |qubit: usize| [Pauli::I, Pauli::X, Pauli::Y, Pauli::Z][index >> (2 * qubit) & 3];
            PauliString::from_letters((0..num_qubits).map(|qubit| (qubit, letter(qubit))))
        };
        PauliSum::new(num_qubits, self.mean.iter().map(|(index, coefficient)| (string(*index), *coefficient)))
    }

    /// The standard deviation of the energy measured with this many runs a term; the state is looked at only where the model asks for its
    /// expectation values.
    pub(super) fn deviation(&self, state: &[f64], shots: f64) -> f64 {
        let variance = |term: &Term| match self.model {
            ShotNoise::None => 0.0,
            ShotNoise::PublishedGpu => 1.0,
            ShotNoise::PublishedCpu if term.coefficient.abs() > 0.05 => 0.1,
            ShotNoise::PublishedCpu => 1.0,
            ShotNoise::TermVariance => {
                let outcome: f64 = term.outcome.iter().map(|(index, weight)| weight * state[*index]).sum();
                (1.0 - outcome * outcome).max(0.0)
            }
        };
        let sum: f64 = self.terms.iter().map(|term| (term.coefficient * term.amplification).powi(2) * variance(term)).sum();
        (sum / shots).sqrt()
    }
}
