//! The gated recurrent unit.

use rand::Rng;

use super::Gates;
use crate::{Parameters, Scalar, Tape, Var};

/// The gated recurrent unit, as PyTorch's `GRUCell`:
///
/// ```text
/// r = sigmoid(x W_xr + b_xr + h W_hr + b_hr)        z = sigmoid(x W_xz + b_xz + h W_hz + b_hz)
/// n = tanh(x W_xn + b_xn + r * (h W_hn + b_hn))     h' = (1 - z) * n + z * h
/// ```
///
/// Parameters `{name}.weight_input`, `{name}.bias_input`, `{name}.weight_hidden`, `{name}.bias_hidden`, whose columns are
/// those of r, z and n in this order; uniform within 1 / sqrt(hidden).
///
/// Source: K. Cho et al., Learning phrase representations using RNN encoder-decoder (2014).
#[derive(Debug, Clone, Copy)]
pub struct GruCell {
    gates: Gates,
}

impl GruCell {
    /// Adds the cell's parameters, its sizes being (inputs, hidden).
    #[track_caller]
    pub fn new<T: Scalar>(
        parameters: &mut Parameters<T>,
        name: &str,
        sizes: (usize, usize),
        rng: &mut (impl Rng + ?Sized),
    ) -> Self {
        Self { gates: Gates::new(parameters, name, 3, sizes, rng) }
    }

    /// The next state, of shape (batch, hidden), from an input of shape (batch, inputs) and the state.
    #[track_caller]
    pub fn forward<T: Scalar>(&self, tape: &mut Tape<'_, T>, input: Var, state: Var) -> Var {
        let gates = &self.gates;
        let (from_input, from_hidden) = (gates.of_input(tape, input), gates.of_hidden(tape, state));
        let mut gate = |number| {
            let (a, b) = (gates.gate(tape, from_input, number), gates.gate(tape, from_hidden, number));
            let sum = tape.add(a, b);
            tape.sigmoid(sum)
        };
        let (reset, update) = (gate(0), gate(1));
        let (a, b) = (gates.gate(tape, from_input, 2), gates.gate(tape, from_hidden, 2));
        let kept = tape.mul(reset, b);
        let sum = tape.add(a, kept);
        let new = tape.tanh(sum);
        // (1 - z) n + z h = n + z (h - n)
        let difference = tape.sub(state, new);
        let step = tape.mul(update, difference);
        tape.add(new, step)
    }
}
