//! By burn, with its flex backend and its own layers and Adam.

use burn::module::Module;
use burn::nn::loss::{HuberLossConfig, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::leaky_relu;
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::{Batch, INPUTS, Learner};

#[derive(Module, Debug)]
struct Layers {
    layers: Vec<Linear>,
}

impl Layers {
    fn new(sizes: &[usize], device: &Device) -> Self {
        Self { layers: sizes.windows(2).map(|pair| LinearConfig::new(pair[0], pair[1]).init(device)).collect() }
    }

    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let mut hidden = self.layers[0].forward(input);
        for layer in &self.layers[1..] {
            hidden = layer.forward(leaky_relu(hidden, 0.01));
        }
        hidden
    }
}

pub struct Network {
    online: Option<Layers>,
    target: Layers,
    adam: ModuleOptimizer,
    device: Device,
}

impl Network {
    pub fn new(sizes: &[usize]) -> Self {
        let device = Device::flex().autodiff();
        let (online, target) = (Some(Layers::new(sizes, &device)), Layers::new(sizes, &device).valid());
        Self { online, target, adam: AdamConfig::new().init(), device }
    }
}

impl Learner for Network {
    fn step(&mut self, batch: &Batch) -> f32 {
        let online = self.online.take().expect("put back after each step");
        let plain = Device::flex();
        let matrix = |states: &[Vec<u32>], device: &Device| {
            Tensor::<2>::from_data(TensorData::new(batch.dense(states), [states.len(), INPUTS]), device)
        };
        let after = matrix(&batch.after, &plain);
        let values = |layers: &Layers| layers.forward(after.clone()).into_data().try_to_vec::<f32>().expect("single precision");
        let targets = crate::targets(&values(&online.valid()), &values(&self.target));
        let column = [batch.actions.len(), 1];
        let targets = Tensor::<2>::from_data(TensorData::new(targets, column), &self.device);
        let actions: Vec<i64> = batch.actions.iter().map(|&action| i64::from(action)).collect();
        let actions = Tensor::<2, Int>::from_data(TensorData::new(actions, column), &self.device);
        let chosen = online.forward(matrix(&batch.before, &self.device)).gather(1, actions);
        let loss = HuberLossConfig::new(1.0).init().forward(chosen, targets, Reduction::Mean);
        let value = loss.clone().into_data().try_to_vec::<f32>().expect("single precision")[0];
        let gradients = GradientsParams::from_grads(loss.backward(), &online);
        self.online = Some(self.adam.step(3e-4, online, gradients));
        value
    }
}
