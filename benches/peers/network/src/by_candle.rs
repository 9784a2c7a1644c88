//! By candle, with its own layers and AdamW.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, ops::leaky_relu};

use crate::{ACTIONS, Batch, INPUTS, Learner};

pub struct Network {
    online: Vec<Linear>,
    target: Vec<Linear>,
    adam: AdamW,
}

fn layers(sizes: &[usize], map: &VarMap) -> Result<Vec<Linear>> {
    let builder = VarBuilder::from_varmap(map, DType::F32, &Device::Cpu);
    sizes.windows(2).enumerate().map(|(k, pair)| linear(pair[0], pair[1], builder.pp(k))).collect()
}

fn forward(layers: &[Linear], input: &Tensor) -> Result<Tensor> {
    let mut hidden = layers[0].forward(input)?;
    for layer in &layers[1..] {
        hidden = layer.forward(&leaky_relu(&hidden, 0.01)?)?;
    }
    Ok(hidden)
}

impl Network {
    pub fn new(sizes: &[usize]) -> Self {
        let (map, other) = (VarMap::new(), VarMap::new());
        let (online, target) = (layers(sizes, &map).expect("valid"), layers(sizes, &other).expect("valid"));
        let settings = ParamsAdamW { lr: 3e-4, weight_decay: 0.0, ..ParamsAdamW::default() };
        Self { online, target, adam: AdamW::new(map.all_vars(), settings).expect("valid") }
    }

    fn try_step(&mut self, batch: &Batch) -> Result<f32> {
        let matrix = |states: &[Vec<u32>]| Tensor::from_vec(batch.dense(states), (states.len(), INPUTS), &Device::Cpu);
        let after = matrix(&batch.after)?;
        let values = |layers: &[Linear]| forward(layers, &after)?.detach().reshape(batch.after.len() * ACTIONS)?.to_vec1::<f32>();
        let targets = crate::targets(&values(&self.online)?, &values(&self.target)?);
        let column = (batch.actions.len(), 1);
        let targets = Tensor::from_vec(targets, column, &Device::Cpu)?;
        let actions = Tensor::from_vec(batch.actions.clone(), column, &Device::Cpu)?;
        let distance = (forward(&self.online, &matrix(&batch.before)?)?.gather(&actions, 1)? - targets)?.abs()?;
        let quadratic = distance.minimum(1.0)?;
        let loss = ((quadratic.sqr()? * 0.5)? + (distance - quadratic)?)?.mean_all()?;
        self.adam.backward_step(&loss)?;
        loss.to_scalar()
    }
}

impl Learner for Network {
    fn step(&mut self, batch: &Batch) -> f32 {
        self.try_step(batch).expect("shapes fit")
    }
}
