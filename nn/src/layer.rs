//! Layers: parameters and how a batch of rows goes through them.

pub mod gru;
pub mod linear;
pub mod lstm;
pub mod mlp;
pub mod rnn;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::{Init, ParameterId, Parameters, Scalar, Tape, Var};

/// A function applied to each entry between layers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// x where it is positive, otherwise the slope given times x.
    LeakyRelu(f64),
    /// 1 / (1 + exp(-x)).
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// Applies it to each entry.
    pub fn apply<T: Scalar>(self, tape: &mut Tape<'_, T>, input: Var) -> Var {
        match self {
            Self::Relu => tape.relu(input),
            Self::LeakyRelu(slope) => tape.leaky_relu(input, T::from_f64(slope)),
            Self::Sigmoid => tape.sigmoid(input),
            Self::Tanh => tape.tanh(input),
        }
    }
}

/// The two linear maps of a recurrent cell: of the input and of the state, each to all gates side by side.
///
/// Parameters `{name}.weight_input` (inputs x gates * hidden), `{name}.bias_input`, `{name}.weight_hidden`
/// (hidden x gates * hidden) and `{name}.bias_hidden`, uniform within 1 / sqrt(hidden) as in PyTorch.
#[derive(Debug, Clone, Copy)]
struct Gates {
    weight_input: ParameterId,
    bias_input: ParameterId,
    weight_hidden: ParameterId,
    bias_hidden: ParameterId,
    hidden: usize,
}

impl Gates {
    fn new<T: Scalar>(
        parameters: &mut Parameters<T>,
        name: &str,
        gates: usize,
        (inputs, hidden): (usize, usize),
        rng: &mut (impl Rng + ?Sized),
    ) -> Self {
        let init = Init::Uniform { bound: 1.0 / (hidden as f64).sqrt() };
        let mut add = |suffix: &str, rows| parameters.add(format!("{name}.{suffix}"), (rows, gates * hidden), init, rng);
        Self {
            weight_input: add("weight_input", inputs),
            bias_input: add("bias_input", 1),
            weight_hidden: add("weight_hidden", hidden),
            bias_hidden: add("bias_hidden", 1),
            hidden,
        }
    }

    fn of_input<T: Scalar>(&self, tape: &mut Tape<'_, T>, input: Var) -> Var {
        affine(tape, input, self.weight_input, self.bias_input)
    }

    fn of_hidden<T: Scalar>(&self, tape: &mut Tape<'_, T>, state: Var) -> Var {
        affine(tape, state, self.weight_hidden, self.bias_hidden)
    }

    /// The columns of one gate.
    fn gate<T: Scalar>(&self, tape: &mut Tape<'_, T>, all: Var, number: usize) -> Var {
        tape.slice_columns(all, number * self.hidden, self.hidden)
    }
}

fn affine<T: Scalar>(tape: &mut Tape<'_, T>, input: Var, weight: ParameterId, bias: ParameterId) -> Var {
    let (weight, bias) = (tape.parameter(weight), tape.parameter(bias));
    let product = tape.matmul(input, weight);
    tape.add_bias(product, bias)
}
