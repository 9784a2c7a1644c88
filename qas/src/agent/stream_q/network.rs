//! Layers with normalisation, their traces, and the step that cannot overshoot.

use qloom_circuits::Stream;
use qloom_nn::{CustomInputs, Gradients, Init, Linear, Operation, OperationError, Parameters, Tape, Tensors, Var, Workspace};

use crate::QasError;
use crate::agent::layers::{LEAK, refused};

/// Rows less their means, divided by their deviations.
///
/// Source: J. L. Ba, J. R. Kiros, G. E. Hinton, Layer normalization (2016), without gain and bias.
struct LayerNorm;

/// Added to variances, as published.
const SMALL: f32 = 1e-5;

/// One over the deviation of a row, and its mean.
fn scale(row: &[f32]) -> (f32, f32) {
    let count = row.len() as f32;
    let mean = row.iter().sum::<f32>() / count;
    let variance = row.iter().map(|number| (number - mean) * (number - mean)).sum::<f32>() / count;
    ((variance + SMALL).sqrt().recip(), mean)
}

impl Operation<f32> for LayerNorm {
    fn name(&self) -> &'static str {
        "layer normalisation"
    }

    fn forward(&self, inputs: &CustomInputs<'_, f32>, out: &mut [f32]) -> Result<(), OperationError> {
        let (numbers, (_, width)) = inputs[0];
        for (row, out) in numbers.chunks(width).zip(out.chunks_mut(width)) {
            let (scale, mean) = scale(row);
            out.iter_mut().zip(row).for_each(|(out, number)| *out = scale * (number - mean));
        }
        Ok(())
    }

    fn backward(
        &self,
        inputs: &CustomInputs<'_, f32>,
        out: &[f32],
        cotangent: &[f32],
        gradients: &mut [Option<&mut [f32]>],
    ) -> Result<(), OperationError> {
        let (numbers, (_, width)) = inputs[0];
        let Some(gradient) = &mut gradients[0] else { return Ok(()) };
        let rows = numbers.chunks(width).zip(out.chunks(width)).zip(cotangent.chunks(width)).zip(gradient.chunks_mut(width));
        for (((row, out), up), gradient) in rows {
            let (scale, _) = scale(row);
            let count = width as f32;
            let mean = up.iter().sum::<f32>() / count;
            let along = up.iter().zip(out).map(|(up, out)| up * out).sum::<f32>() / count;
            for ((gradient, up), out) in gradient.iter_mut().zip(up).zip(out) {
                *gradient = scale * (up - mean - out * along);
            }
        }
        Ok(())
    }
}

/// Layers from an observation to the values of actions.
pub(super) struct StreamNetwork {
    layers: Vec<Linear>,
    parameters: Parameters<f32>,
    gradients: Gradients<f32>,
    /// The eligibility of each parameter.
    traces: Vec<f32>,
    workspace: Workspace<f32>,
    values: Vec<f32>,
}

impl StreamNetwork {
    /// Of each unit's weights so large a part begins at 0, the others uniform within 1/sqrt(inputs); biases begin at 0.
    pub(super) fn new(sizes: &[usize], sparsity: f64, stream: &mut Stream) -> Self {
        let mut parameters = Parameters::new();
        let mut layers = Vec::new();
        for (number, pair) in sizes.windows(2).enumerate() {
            let layer = Linear::new(&mut parameters, &format!("layers.{number}"), (pair[0], pair[1]), stream);
            parameters.redraw(layer.bias(), Init::Constant(0.0), stream);
            let zeros = (sparsity * pair[0] as f64).ceil() as usize;
            let mut inputs: Vec<usize> = (0..pair[0]).collect();
            for unit in 0..pair[1] {
                stream.shuffle(&mut inputs);
                let weights = parameters.get_mut(layer.weight());
                inputs[..zeros.min(pair[0])].iter().for_each(|input| weights[input * pair[1] + unit] = 0.0);
            }
            layers.push(layer);
        }
        let (gradients, traces) = (Gradients::zeros(&parameters), vec![0.0; parameters.values().len()]);
        Self { layers, parameters, gradients, traces, workspace: Workspace::new(), values: Vec::new() }
    }

    /// The values of all actions.
    pub(super) fn values(&mut self, input: &[f32]) -> Result<&[f32], QasError> {
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let out = forward(&self.layers, &mut tape, input)?;
        self.values.clear();
        self.values.extend_from_slice(tape.value(out));
        Ok(&self.values)
    }

    /// Lets the traces fade by a factor, adds the gradient of an action's value, and returns the value.
    pub(super) fn trace(&mut self, input: &[f32], action: usize, fade: f64) -> Result<f32, QasError> {
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let out = forward(&self.layers, &mut tape, input)?;
        let chosen = tape.gather_columns(out, [action]);
        let value = tape.value(chosen)[0];
        let chosen = tape.sum(chosen);
        self.gradients.clear();
        tape.backward(chosen, &mut self.gradients)?;
        let fade = fade as f32;
        self.traces.iter_mut().zip(self.gradients.values()).for_each(|(trace, slope)| *trace = fade * *trace + slope);
        Ok(value)
    }

    /// Moves the weights along the traces by the error times the step size, which is lowered so far that the error does not change its
    /// sign where values are linear (ObGD).
    pub(super) fn step(&mut self, error: f64, step_size: f64, kappa: f64) {
        let norm: f64 = self.traces.iter().map(|trace| f64::from(trace.abs())).sum();
        let bound = step_size * kappa * error.abs().max(1.0) * norm;
        let size = if bound > 1.0 { step_size / bound } else { step_size };
        let factor = (size * error) as f32;
        self.parameters.values_mut().iter_mut().zip(&self.traces).for_each(|(weight, trace)| *weight += factor * trace);
    }

    /// Ends the traces.
    pub(super) fn cut(&mut self) {
        self.traces.fill(0.0);
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, QasError> {
        let mut tensors = Tensors::new();
        tensors.insert("", &self.parameters);
        Ok(tensors.to_bytes()?)
    }

    pub(super) fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let tensors = Tensors::from_bytes(bytes).map_err(refused)?;
        tensors.read("", &mut self.parameters).map_err(refused)?;
        self.cut();
        Ok(())
    }
}

fn forward(layers: &[Linear], tape: &mut Tape<'_, f32>, input: &[f32]) -> Result<Var, QasError> {
    let mut hidden = tape.constant((1, input.len()), input);
    for (place, layer) in layers.iter().enumerate() {
        hidden = layer.forward(tape, hidden);
        if place + 1 < layers.len() {
            let shape = tape.shape(hidden);
            hidden = tape.custom(&LayerNorm, &[hidden], shape)?;
            hidden = tape.leaky_relu(hidden, LEAK as f32);
        }
    }
    Ok(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> StreamNetwork {
        StreamNetwork::new(&[5, 8, 6, 3], 0.4, &mut Stream::named(2, "test"))
    }

    const INPUT: [f32; 5] = [0.5, -1.0, 2.0, 0.0, 0.3];

    #[test]
    fn traces_are_the_gradients_of_values_by_differences() {
        let mut network = network();
        let value = network.trace(&INPUT, 1, 0.0).expect("finite");
        assert_eq!(value, network.values(&INPUT).expect("finite")[1]);
        let traces = network.traces.clone();
        for (place, trace) in traces.iter().enumerate() {
            let mut shifted = |by: f32| {
                network.parameters.values_mut()[place] += by;
                let value = network.values(&INPUT).expect("finite")[1];
                network.parameters.values_mut()[place] -= by;
                value
            };
            let slope = (shifted(1e-2) - shifted(-1e-2)) / 2e-2;
            assert!((slope - trace).abs() < 2e-2 * (1.0 + trace.abs()), "{place}: {slope} {trace}");
        }
        // they fade, and end
        network.trace(&INPUT, 1, 0.5).expect("finite");
        assert!(network.traces.iter().zip(&traces).all(|(new, old)| (new - 1.5 * old).abs() < 1e-5));
        network.cut();
        assert!(network.traces.iter().all(|trace| *trace == 0.0));
    }

    #[test]
    fn a_step_does_not_overshoot() {
        for error in [0.01, 1.0, 50.0] {
            let mut network = network();
            let before = f64::from(network.trace(&INPUT, 2, 0.0).expect("finite"));
            network.step(error, 1.0, 2.0);
            let after = f64::from(network.values(&INPUT).expect("finite")[2]);
            assert!(after > before && after - before < error, "{error}: {}", after - before);
        }
    }

    #[test]
    fn weights_begin_sparse_and_biases_at_zero() {
        let network = StreamNetwork::new(&[20, 10, 4], 0.9, &mut Stream::named(2, "test"));
        for layer in &network.layers {
            let (inputs, units) = network.parameters.shape(layer.weight());
            let weights = network.parameters.get(layer.weight());
            for unit in 0..units {
                let zeros = (0..inputs).filter(|input| weights[input * units + unit] == 0.0).count();
                assert_eq!(zeros, (0.9 * inputs as f64).ceil() as usize);
            }
            assert!(network.parameters.get(layer.bias()).iter().all(|bias| *bias == 0.0));
            assert!(weights.iter().all(|weight| weight.abs() <= 1.0 / (inputs as f32).sqrt()));
        }
    }
}
