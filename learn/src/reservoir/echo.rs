//! The echo-state network, the classical reservoir that quantum ones stand beside.

use faer::Mat;
use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use super::Memory;
use super::reading::Reading;
use crate::error::{LearnError, check};

/// An echo-state network, `x' = (1 - a) x + a tanh(W x + W_in (u, 1))` (Jaeger, GMD report 148 (2001); leaky: Neural Networks 20, 335
/// (2007)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EchoState {
    /// Numbers of the state. Default 50.
    pub nodes: usize,
    /// The largest size of an eigenvalue of W. Default 0.9.
    pub spectral_radius: f64,
    /// a. Default 1.
    pub leak: f64,
    /// Entries of W_in are uniform between plus and minus this; inputs are scaled to -1 to 1. Default 0.5.
    pub input_scale: f64,
    /// Steps before the features are used. Default 20.
    pub wash_out: usize,
    /// Inputs scaled to -1 and to 1. Default: the range of the training part.
    pub range: Option<[f64; 2]>,
}

impl Default for EchoState {
    fn default() -> Self {
        Self { nodes: 50, spectral_radius: 0.9, leak: 1.0, input_scale: 0.5, wash_out: 20, range: None }
    }
}

impl EchoState {
    pub(super) fn reading(&self) -> Reading {
        Reading { wash_out: self.wash_out, range: self.range, ..Reading::default() }
    }

    pub(super) fn memory(&self, inputs: usize, stream: &mut Stream) -> Result<Box<dyn Memory>, LearnError> {
        Ok(Box::new(Echo::new(self, inputs, stream)?))
    }
}

/// An echo-state network with its state.
#[derive(Debug)]
struct Echo {
    leak: f64,
    inputs: usize,
    /// W, row by row.
    weights: Vec<f64>,
    /// W_in, `inputs + 1` numbers a row, the bias last.
    input: Vec<f64>,
    state: Vec<f64>,
    next: Vec<f64>,
}

impl Echo {
    fn new(settings: &EchoState, inputs: usize, stream: &mut Stream) -> Result<Self, LearnError> {
        let &EchoState { nodes, spectral_radius, leak, input_scale, .. } = settings;
        check("nodes", nodes as f64, (1..=2000).contains(&nodes), "from 1 to 2000")?;
        let fits = spectral_radius.is_finite() && spectral_radius >= 0.0;
        check("spectral_radius", spectral_radius, fits, "finite and not negative")?;
        check("leak", leak, leak > 0.0 && leak <= 1.0, "above 0 and at most 1")?;
        check("input_scale", input_scale, input_scale.is_finite(), "finite")?;
        let mut weights: Vec<f64> = (0..nodes * nodes).map(|_| stream.normal()).collect();
        let matrix = Mat::from_fn(nodes, nodes, |row, column| weights[row * nodes + column]);
        let Ok(eigenvalues) = matrix.eigenvalues() else { return Err(LearnError::NoSolution { rows: nodes, columns: nodes }) };
        let radius = eigenvalues.iter().map(|value| value.re.hypot(value.im)).fold(0.0, f64::max);
        weights.iter_mut().for_each(|weight| *weight *= spectral_radius / radius);
        let input = (0..nodes * (inputs + 1)).map(|_| input_scale * (2.0 * stream.unit() - 1.0)).collect();
        Ok(Self { leak, inputs, weights, input, state: vec![0.0; nodes], next: vec![0.0; nodes] })
    }

    /// One step with inputs as they are.
    fn drive(&mut self, inputs: &[f64]) {
        let Self { leak, inputs: count, weights, input, state, next } = self;
        let nodes = state.len();
        for (node, next) in next.iter_mut().enumerate() {
            let back: f64 = weights[node * nodes..(node + 1) * nodes].iter().zip(state.iter()).map(|(w, x)| w * x).sum();
            let row = &input[node * (*count + 1)..(node + 1) * (*count + 1)];
            let from: f64 = row.iter().zip(inputs).map(|(w, u)| w * u).sum::<f64>() + row[*count];
            *next = (1.0 - *leak) * state[node] + *leak * (back + from).tanh();
        }
        std::mem::swap(state, next);
    }
}

impl Memory for Echo {
    fn features(&self) -> usize {
        self.state.len()
    }

    fn start(&mut self, other: bool) -> Result<(), LearnError> {
        self.state.fill(if other { 1.0 } else { 0.0 });
        Ok(())
    }

    fn step(&mut self, inputs: &[f64], features: &mut Vec<f64>) -> Result<(), LearnError> {
        let inputs: Vec<f64> = inputs.iter().map(|s| 2.0 * s - 1.0).collect();
        self.drive(&inputs);
        features.extend_from_slice(&self.state);
        Ok(())
    }
}
