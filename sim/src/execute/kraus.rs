//! A channel as operators to draw from.

use std::borrow::Cow;

use num_complex::Complex64;
use qloom_circuits::{Channel, Matrix};

use crate::error::SimError;
use crate::kernel::Real;
use crate::op::Dense;
use crate::state::StateVector;

/// The Kraus operators of a channel on its qubits.
#[derive(Clone, Debug)]
pub struct KrausMap {
    qubits: Vec<usize>,
    operators: Vec<Operator>,
    /// Their probabilities, where all are unitary up to a factor.
    fixed: Option<Vec<f64>>,
}

#[derive(Clone, Debug)]
struct Operator {
    matrix: Matrix,
    /// `K^dagger K`.
    square: Matrix,
    /// Whether it is a multiple of the identity.
    identity: bool,
}

/// Deviations that count as none.
const TOLERANCE: f64 = 1e-14;

impl KrausMap {
    /// None where the channel does nothing.
    pub(super) fn new(channel: &Channel, qubits: &[usize]) -> Option<Self> {
        let one = Matrix::identity(channel.num_qubits());
        let multiple = |matrix: &Matrix| matrix.distance(&one.scaled(matrix[(0, 0)])) < TOLERANCE;
        let operators = channel.kraus().iter().map(|matrix| {
            let square = matrix.adjoint().times(matrix);
            Operator { matrix: matrix.clone(), square, identity: multiple(matrix) }
        });
        let operators: Vec<Operator> =
            operators.filter(|operator| operator.square[(0, 0)].re > 0.0 || !multiple(&operator.square)).collect();
        if operators.iter().all(|operator| operator.identity) {
            return None;
        }
        let fixed = operators.iter().all(|operator| multiple(&operator.square));
        let fixed = fixed.then(|| operators.iter().map(|operator| operator.square[(0, 0)].re).collect());
        Some(Self { qubits: qubits.to_vec(), operators, fixed })
    }

    /// How likely each operator is.
    pub(super) fn probabilities<T: Real>(&self, state: &StateVector<T>) -> Cow<'_, [f64]> {
        if let Some(fixed) = &self.fixed {
            return Cow::Borrowed(fixed);
        }
        let density = self.density(state);
        let trace = |square: &Matrix| {
            let size = density.dimension();
            let entries = (0..size * size).map(|k| (square[(k / size, k % size)] * density[(k % size, k / size)]).re);
            entries.sum::<f64>().max(0.0)
        };
        Cow::Owned(self.operators.iter().map(|operator| trace(&operator.square)).collect())
    }

    /// Applies an operator and divides by the root of its probability.
    pub(super) fn apply<T: Real>(&self, index: usize, probability: f64, state: &mut StateVector<T>) -> Result<(), SimError> {
        let operator = &self.operators[index];
        if operator.identity {
            return Ok(());
        }
        let matrix = operator.matrix.scaled(Complex64::from(1.0 / probability.sqrt()));
        let level = state.config().instruction_set.level();
        let dimension = state.dimension();
        let entries = matrix.entries().to_vec();
        match (&self.qubits[..], &entries[..]) {
            (&[qubit], &[a, b, c, d]) => {
                T::multiply_one(level, &mut state.re[..dimension], &mut state.im[..dimension], qubit, &[a, b, c, d]);
            }
            _ => {
                let dense = Dense { entries, qubits: self.qubits.clone(), controls: 0 };
                T::multiply_dense(&mut state.re[..dimension], &mut state.im[..dimension], &dense, false);
            }
        }
        Ok(())
    }

    /// The density matrix of the qubits, the first least significant.
    fn density<T: Real>(&self, state: &StateVector<T>) -> Matrix {
        let mut density = Matrix::zero(self.qubits.len());
        if let [qubit] = self.qubits[..] {
            let (re, im) = state.planes();
            let [zero, one, real, imaginary] = T::density_one(state.config().instruction_set.level(), re, im, qubit);
            density[(0, 0)] = zero.into();
            density[(1, 1)] = one.into();
            density[(0, 1)] = Complex64::new(real, imaginary);
            density[(1, 0)] = Complex64::new(real, -imaginary);
            return density;
        }
        let size = density.dimension();
        let spread = |local: usize| -> usize { self.qubits.iter().enumerate().map(|(bit, &q)| (local >> bit & 1) << q).sum() };
        let offsets: Vec<usize> = (0..size).map(spread).collect();
        let amplitude = |index: usize| {
            let amplitude = state.amplitude(index);
            Complex64::new(amplitude.re.to_f64(), amplitude.im.to_f64())
        };
        for base in (0..state.dimension()).filter(|base| base & offsets[size - 1] == 0) {
            for (row, &left) in offsets.iter().enumerate() {
                for (column, &right) in offsets.iter().enumerate() {
                    density[(row, column)] += amplitude(base | left) * amplitude(base | right).conj();
                }
            }
        }
        density
    }
}
