//! A linear layer.

use rand::Rng;

use super::affine;
use crate::{BinaryRow, Init, ParameterId, Parameters, Scalar, Tape, Var};

/// `y = x W + b` for each row x of a batch.
///
/// Parameters `{name}.weight`, of shape (inputs, outputs), which is the transpose of PyTorch's, and `{name}.bias`. Both
/// start uniform within 1 / sqrt(inputs), as PyTorch's.
#[derive(Debug, Clone, Copy)]
pub struct Linear {
    weight: ParameterId,
    bias: ParameterId,
}

impl Linear {
    /// Adds the layer's parameters, its sizes being (inputs, outputs).
    #[track_caller]
    pub fn new<T: Scalar>(
        parameters: &mut Parameters<T>,
        name: &str,
        (inputs, outputs): (usize, usize),
        rng: &mut (impl Rng + ?Sized),
    ) -> Self {
        let weight = parameters.add(format!("{name}.weight"), (inputs, outputs), Init::FanIn, rng);
        let bound = 1.0 / (inputs as f64).sqrt();
        Self { weight, bias: parameters.add(format!("{name}.bias"), (1, outputs), Init::Uniform { bound }, rng) }
    }

    /// The weights, of shape (inputs, outputs).
    pub fn weight(&self) -> ParameterId {
        self.weight
    }

    /// The biases, of shape (1, outputs).
    pub fn bias(&self) -> ParameterId {
        self.bias
    }

    /// Of shape (batch, inputs) to (batch, outputs).
    #[track_caller]
    pub fn forward<T: Scalar>(&self, tape: &mut Tape<'_, T>, input: Var) -> Var {
        affine(tape, input, self.weight, self.bias)
    }

    /// The same for a batch of almost empty rows.
    #[track_caller]
    pub fn forward_sparse<'r, T: Scalar>(&self, tape: &mut Tape<'_, T>, rows: impl IntoIterator<Item = BinaryRow<'r, T>>) -> Var {
        let (weight, bias) = (tape.parameter(self.weight), tape.parameter(self.bias));
        let product = tape.sparse_matmul(rows, weight);
        tape.add_bias(product, bias)
    }
}
