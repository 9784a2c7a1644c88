//! A multilayer perceptron.

use rand::Rng;

use super::Activation;
use super::linear::Linear;
use crate::{BinaryRow, Parameters, Scalar, Tape, Var};

/// Linear layers with an activation between each two of them, none after the last.
///
/// The layers are named `{name}.0`, `{name}.1` and so on.
#[derive(Debug, Clone)]
pub struct Mlp {
    first: Linear,
    rest: Vec<Linear>,
    activation: Activation,
}

impl Mlp {
    /// Adds the parameters of layers of these sizes, the inputs first and the outputs last.
    ///
    /// # Panics
    ///
    /// When there are fewer than two sizes.
    #[track_caller]
    pub fn new<T: Scalar>(
        parameters: &mut Parameters<T>,
        name: &str,
        sizes: &[usize],
        activation: Activation,
        rng: &mut (impl Rng + ?Sized),
    ) -> Self {
        assert!(sizes.len() >= 2, "{} sizes, but a perceptron has inputs and outputs", sizes.len());
        let mut layer =
            |number: usize| Linear::new(parameters, &format!("{name}.{number}"), (sizes[number], sizes[number + 1]), rng);
        Self { first: layer(0), rest: (1..sizes.len() - 1).map(layer).collect(), activation }
    }

    /// The layers, the one nearest the inputs first.
    pub fn layers(&self) -> impl Iterator<Item = &Linear> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    /// Of shape (batch, inputs) to (batch, outputs).
    #[track_caller]
    pub fn forward<T: Scalar>(&self, tape: &mut Tape<'_, T>, input: Var) -> Var {
        let first = self.first.forward(tape, input);
        self.after_first(tape, first)
    }

    /// The same for a batch of almost empty rows.
    #[track_caller]
    pub fn forward_sparse<'r, T: Scalar>(&self, tape: &mut Tape<'_, T>, rows: impl IntoIterator<Item = BinaryRow<'r, T>>) -> Var {
        let first = self.first.forward_sparse(tape, rows);
        self.after_first(tape, first)
    }

    fn after_first<T: Scalar>(&self, tape: &mut Tape<'_, T>, mut hidden: Var) -> Var {
        for layer in &self.rest {
            hidden = self.activation.apply(tape, hidden);
            hidden = layer.forward(tape, hidden);
        }
        hidden
    }
}
