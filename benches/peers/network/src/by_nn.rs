//! By the layers of this project.

use qloom_nn::{Activation, Adam, AdamConfig, BinaryRow, Gradients, Mlp, Optimizer, Parameters, Tape, Workspace, huber};
use rand::{SeedableRng, rngs::ChaCha8Rng};

use crate::{Batch, Learner};

pub struct Network {
    mlp: Mlp,
    online: Parameters<f32>,
    target: Parameters<f32>,
    adam: Adam<f32>,
    gradients: Gradients<f32>,
    workspace: Workspace<f32>,
}

impl Network {
    pub fn new(sizes: &[usize]) -> Self {
        let mut online = Parameters::new();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mlp = Mlp::new(&mut online, "layers", sizes, Activation::LeakyRelu(0.01), &mut rng);
        let adam = Adam::new(AdamConfig { learning_rate: 3e-4, ..AdamConfig::default() }, &online).expect("valid");
        let (target, gradients) = (online.clone(), Gradients::zeros(&online));
        Self { mlp, online, target, adam, gradients, workspace: Workspace::new() }
    }
}

fn rows<'b>(batch: &'b Batch, states: &'b [Vec<u32>]) -> impl Iterator<Item = BinaryRow<'b, f32>> {
    states.iter().map(|ones| BinaryRow { ones, last: batch.energy })
}

impl Learner for Network {
    fn step(&mut self, batch: &Batch) -> f32 {
        let mut values = |parameters: &Parameters<f32>| {
            let mut tape = Tape::new(parameters, &mut self.workspace);
            let out = self.mlp.forward_sparse(&mut tape, rows(batch, &batch.after));
            tape.value(out).to_vec()
        };
        let targets = crate::targets(&values(&self.online), &values(&self.target));
        let mut tape = Tape::new(&self.online, &mut self.workspace);
        let out = self.mlp.forward_sparse(&mut tape, rows(batch, &batch.before));
        let chosen = tape.gather_columns(out, batch.actions.iter().map(|&action| action as usize));
        let targets = tape.constant((batch.actions.len(), 1), &targets);
        let loss = huber(&mut tape, chosen, targets, 1.0);
        let value = tape.value(loss)[0];
        self.gradients.clear();
        tape.backward(loss, &mut self.gradients).expect("no operation fails");
        self.adam.step(&mut self.online, &self.gradients);
        value
    }
}
