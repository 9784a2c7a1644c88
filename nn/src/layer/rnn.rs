//! The plain recurrent cell.

use rand::Rng;

use super::Gates;
use crate::{Parameters, Scalar, Tape, Var};

/// `h' = tanh(x W_x + b_x + h W_h + b_h)`, as PyTorch's `RNNCell`.
///
/// Parameters `{name}.weight_input`, `{name}.bias_input`, `{name}.weight_hidden`, `{name}.bias_hidden`, uniform within
/// 1 / sqrt(hidden).
#[derive(Debug, Clone, Copy)]
pub struct RnnCell {
    gates: Gates,
}

impl RnnCell {
    /// Adds the cell's parameters, its sizes being (inputs, hidden).
    #[track_caller]
    pub fn new<T: Scalar>(
        parameters: &mut Parameters<T>,
        name: &str,
        sizes: (usize, usize),
        rng: &mut (impl Rng + ?Sized),
    ) -> Self {
        Self { gates: Gates::new(parameters, name, 1, sizes, rng) }
    }

    /// The next state, of shape (batch, hidden), from an input of shape (batch, inputs) and the state.
    #[track_caller]
    pub fn forward<T: Scalar>(&self, tape: &mut Tape<'_, T>, input: Var, state: Var) -> Var {
        let (from_input, from_hidden) = (self.gates.of_input(tape, input), self.gates.of_hidden(tape, state));
        let sum = tape.add(from_input, from_hidden);
        tape.tanh(sum)
    }
}
