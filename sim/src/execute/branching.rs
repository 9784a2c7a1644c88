//! What states do where a circuit branches.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Debug;

use num_complex::Complex64;
use qloom_circuits::{Channel, Pauli};

use super::kraus::KrausMap;
use crate::error::SimError;
use crate::kernel::Real;
use crate::state::{PauliVector, State, StateVector, Tableau};

/// A state that outcomes of measurements, and for pure states of channels, branch.
pub trait Branching: State {
    /// A channel as operators of which one acts.
    type Operators: Debug + Send + Sync;

    /// Whether it is a density operator: its programs hold channels and resets, and states with equal records can be mixed.
    const MIXED: bool;

    /// The operators of a channel on these qubits; none where it does nothing, or where programs hold channels.
    ///
    /// # Errors
    /// [`SimError::Unsupported`] when this kind of state has none for it.
    fn operators(channel: &Channel, qubits: &[usize]) -> Result<Option<Self::Operators>, SimError>;

    /// How likely each operator is.
    fn weights<'a>(&self, operators: &'a Self::Operators) -> Cow<'a, [f64]>;

    /// Applies an operator and divides by the root of its probability.
    ///
    /// # Errors
    /// When the operator is not one of them.
    fn take(&mut self, operators: &Self::Operators, index: usize, probability: f64) -> Result<(), SimError>;

    /// Keeps the part of the state where a qubit has this value, and normalises it.
    ///
    /// # Errors
    /// When the qubit is outside the register, or never has this value.
    fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError>;

    /// X on a qubit.
    fn flip(&mut self, qubit: usize);

    /// The mixture with another state, by these weights; nothing happens to pure states.
    fn mix(&mut self, weight: f64, other: &Self, others: f64);

    /// Becomes the mixture with another state, weights not normalised, if this kind of state holds it: a pure state only with one
    /// that is the same up to a phase. Tells whether it did.
    fn join(&mut self, weight: f64, other: &Self, others: f64) -> bool;
}

/// States whose difference has a norm below the root of this are the same.
const SAME: f64 = 1e-26;

impl<T: Real> Branching for StateVector<T> {
    type Operators = KrausMap;

    const MIXED: bool = false;

    fn operators(channel: &Channel, qubits: &[usize]) -> Result<Option<KrausMap>, SimError> {
        Ok(KrausMap::new(channel, qubits))
    }

    fn weights<'a>(&self, operators: &'a KrausMap) -> Cow<'a, [f64]> {
        operators.probabilities(self)
    }

    fn take(&mut self, operators: &KrausMap, index: usize, probability: f64) -> Result<(), SimError> {
        operators.apply(index, probability, self)
    }

    fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        self.project(qubit, outcome)
    }

    fn flip(&mut self, qubit: usize) {
        self.flip(qubit);
    }

    fn mix(&mut self, _: f64, _: &Self, _: f64) {}

    fn join(&mut self, _: f64, other: &Self, _: f64) -> bool {
        let pairs = || self.amplitudes().zip(other.amplitudes());
        let wide = |value: num_complex::Complex<T>| Complex64::new(value.re.to_f64(), value.im.to_f64());
        let Ok(overlap) = other.inner(self) else { return false };
        if (overlap.norm_sqr() - 1.0).abs() > 1e-6 {
            return false;
        }
        let phase = overlap / overlap.norm();
        let distance: f64 = pairs().map(|(a, b)| (wide(a) - phase * wide(b)).norm_sqr()).sum();
        distance < SAME
    }
}

impl Branching for PauliVector {
    /// Programs hold channels.
    type Operators = Infallible;

    const MIXED: bool = true;

    fn operators(_: &Channel, _: &[usize]) -> Result<Option<Infallible>, SimError> {
        Ok(None)
    }

    fn weights<'a>(&self, operators: &'a Infallible) -> Cow<'a, [f64]> {
        match *operators {}
    }

    fn take(&mut self, operators: &Infallible, _: usize, _: f64) -> Result<(), SimError> {
        match *operators {}
    }

    fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        self.project(qubit, outcome)
    }

    fn flip(&mut self, qubit: usize) {
        self.flip(qubit);
    }

    fn mix(&mut self, weight: f64, other: &Self, others: f64) {
        self.mix(weight, other, others);
    }

    fn join(&mut self, weight: f64, other: &Self, others: f64) -> bool {
        let total = weight + others;
        self.mix(weight / total, other, others / total);
        true
    }
}

/// The Pauli words of a channel that can happen, with their probabilities.
#[derive(Clone, Debug)]
pub struct PauliWords {
    qubits: Vec<usize>,
    words: Vec<usize>,
    probabilities: Vec<f64>,
}

impl Branching for Tableau {
    type Operators = PauliWords;

    const MIXED: bool = false;

    fn operators(channel: &Channel, qubits: &[usize]) -> Result<Option<PauliWords>, SimError> {
        let probabilities = channel.pauli_probabilities().ok_or(SimError::Unsupported {
            simulation: "a tableau",
            operation: "a channel that is no mixture of Pauli errors",
            remedy: "use a state vector, or a Pauli vector",
        })?;
        let (words, probabilities): (Vec<usize>, Vec<f64>) =
            probabilities.into_iter().enumerate().filter(|(_, p)| *p > 0.0).unzip();
        Ok((words != [0]).then(|| PauliWords { qubits: qubits.to_vec(), words, probabilities }))
    }

    fn weights<'a>(&self, operators: &'a PauliWords) -> Cow<'a, [f64]> {
        Cow::Borrowed(&operators.probabilities)
    }

    fn take(&mut self, operators: &PauliWords, index: usize, _: f64) -> Result<(), SimError> {
        for (place, &qubit) in operators.qubits.iter().enumerate() {
            self.multiply_by(Pauli::ALL[operators.words[index] >> (2 * place) & 3], qubit);
        }
        Ok(())
    }

    fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        self.project(qubit, outcome)
    }

    fn flip(&mut self, qubit: usize) {
        self.multiply_by(Pauli::X, qubit);
    }

    fn mix(&mut self, _: f64, _: &Self, _: f64) {}

    fn join(&mut self, _: f64, other: &Self, _: f64) -> bool {
        self.equals(other)
    }
}
