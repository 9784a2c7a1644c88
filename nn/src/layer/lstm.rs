//! Long short-term memory.

use rand::Rng;

use super::Gates;
use crate::{Parameters, Scalar, Tape, Var};

/// Long short-term memory, as PyTorch's `LSTMCell`:
///
/// ```text
/// i = sigmoid(x W_xi + b_xi + h W_hi + b_hi)        f = sigmoid(x W_xf + b_xf + h W_hf + b_hf)
/// g = tanh(x W_xg + b_xg + h W_hg + b_hg)           o = sigmoid(x W_xo + b_xo + h W_ho + b_ho)
/// c' = f * c + i * g                                h' = o * tanh(c')
/// ```
///
/// Parameters `{name}.weight_input`, `{name}.bias_input`, `{name}.weight_hidden`, `{name}.bias_hidden`, whose columns are
/// those of i, f, g and o in this order; uniform within 1 / sqrt(hidden).
///
/// Source: S. Hochreiter and J. Schmidhuber, Long short-term memory (1997).
#[derive(Debug, Clone, Copy)]
pub struct LstmCell {
    gates: Gates,
}

/// The state of an [`LstmCell`]: two matrices of shape (batch, hidden).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LstmState {
    /// The output h.
    pub hidden: Var,
    /// The memory c.
    pub cell: Var,
}

impl LstmCell {
    /// Adds the cell's parameters, its sizes being (inputs, hidden).
    #[track_caller]
    pub fn new<T: Scalar>(
        parameters: &mut Parameters<T>,
        name: &str,
        sizes: (usize, usize),
        rng: &mut (impl Rng + ?Sized),
    ) -> Self {
        Self { gates: Gates::new(parameters, name, 4, sizes, rng) }
    }

    /// The next state, from an input of shape (batch, inputs) and the state.
    #[track_caller]
    pub fn forward<T: Scalar>(&self, tape: &mut Tape<'_, T>, input: Var, state: LstmState) -> LstmState {
        let gates = &self.gates;
        let (from_input, from_hidden) = (gates.of_input(tape, input), gates.of_hidden(tape, state.hidden));
        let all = tape.add(from_input, from_hidden);
        let mut gate = |number| {
            let gate = gates.gate(tape, all, number);
            if number == 2 { tape.tanh(gate) } else { tape.sigmoid(gate) }
        };
        let (write, keep, new, read) = (gate(0), gate(1), gate(2), gate(3));
        let (kept, written) = (tape.mul(keep, state.cell), tape.mul(write, new));
        let cell = tape.add(kept, written);
        let shown = tape.tanh(cell);
        LstmState { hidden: tape.mul(read, shown), cell }
    }
}
