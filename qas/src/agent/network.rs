//! The network of Q values; the only place that names the neural-network library.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, CustomOp1, Device, InplaceOp1, Layout, Shape, Tensor, Var};
use serde::{Deserialize, Serialize};

use super::Observation;
use crate::QasError;
use crate::error::{decode, encode};
use qloom_circuits::Stream;

/// Slope of the hidden units below zero.
const LEAK: f64 = 0.01;

/// Matrix products of fewer multiplications than this stay on one thread: threads would cost more than they
/// bring, batch 128 and layers of 512 units included. Larger ones are split by rows and columns of the result,
/// never along a sum, so that no number depends on how many threads there are.
const SINGLE_THREADED_PRODUCT: usize = 1 << 26;

/// A function from observations to one value per action, trained by gradients, with a slower copy of itself.
pub trait QNetwork: Send {
    /// The values of all actions, one row of them for each observation.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the library fails.
    fn q_values(&self, batch: &[&Observation]) -> Result<Vec<Vec<f32>>, QasError>;

    /// The same from the slower copy.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the library fails.
    fn target_values(&self, batch: &[&Observation]) -> Result<Vec<Vec<f32>>, QasError>;

    /// One step of Adam on the mean Huber loss (beta 1) between the values of `actions` and `targets`;
    /// returns the loss before the step.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the library fails, [`QasError::Diverged`] when the loss is not finite.
    fn train_step(&mut self, batch: &[&Observation], actions: &[u16], targets: &[f32]) -> Result<f32, QasError>;

    /// Makes the slower copy equal to the network.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the library fails.
    fn copy_to_target(&mut self) -> Result<(), QasError>;

    /// Weights of both copies and the state of the optimiser.
    ///
    /// # Errors
    ///
    /// [`QasError::Network`] when the library fails.
    fn save(&self) -> Result<Vec<u8>, QasError>;

    /// Goes on from a saved state.
    ///
    /// # Errors
    ///
    /// [`QasError::Corrupt`] and [`QasError::OtherSearch`] when the bytes do not fit.
    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError>;
}

/// Fully connected layers with leaky rectifiers, trained by Adam.
///
/// The first layer gathers the weight rows of the entries that are 1 instead of multiplying by a vector that
/// is almost everywhere 0. Adam is written out here because the library's own keeps its moments to itself,
/// and a resumed search needs them bit for bit.
pub(crate) struct Perceptron {
    sizes: Vec<usize>,
    learning_rate: f64,
    online: Vec<Var>,
    target: Vec<Tensor>,
    first_moments: Vec<Vec<f32>>,
    second_moments: Vec<Vec<f32>>,
    /// Gradient of the first layer's weights; all 0 between steps.
    first_gradient: Vec<f32>,
    updates: u64,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    sizes: Vec<usize>,
    online: Vec<Vec<f32>>,
    target: Vec<Vec<f32>>,
    first_moments: Vec<Vec<f32>>,
    second_moments: Vec<Vec<f32>>,
    updates: u64,
}

impl Perceptron {
    /// Layers of the given sizes, the inputs first and the actions last; weights and biases uniform within
    /// 1/sqrt(size of the layer below).
    pub(crate) fn new(sizes: Vec<usize>, learning_rate: f64, stream: &mut Stream) -> Result<Self, QasError> {
        gemm::set_threading_threshold(SINGLE_THREADED_PRODUCT);
        let mut online = Vec::new();
        for pair in sizes.windows(2) {
            let bound = 1.0 / (pair[0] as f64).sqrt();
            for shape in [(pair[0], pair[1]), (1, pair[1])] {
                let numbers: Vec<f32> = (0..shape.0 * shape.1).map(|_| ((2.0 * stream.unit() - 1.0) * bound) as f32).collect();
                online.push(Var::from_vec(numbers, shape, &Device::Cpu)?);
            }
        }
        let zeros = || online.iter().map(|var| vec![0.0; var.elem_count()]).collect();
        let (first_moments, second_moments) = (zeros(), zeros());
        let first_gradient = vec![0.0; online[0].elem_count()];
        let target = Vec::new();
        let mut network =
            Self { sizes, learning_rate, online, target, first_moments, second_moments, first_gradient, updates: 0 };
        network.copy_to_target()?;
        Ok(network)
    }

    fn forward(parameters: &[&Tensor], rows: &Arc<SparseRows>) -> Result<Tensor, QasError> {
        let product = SparseProduct(Arc::clone(rows));
        let mut hidden = parameters[0].apply_op1(product)?.broadcast_add(parameters[1])?;
        for layer in parameters[2..].chunks(2) {
            let active = hidden.maximum(&(&hidden * LEAK)?)?;
            hidden = active.matmul(layer[0])?.broadcast_add(layer[1])?;
        }
        Ok(hidden)
    }

    fn adam(&mut self, gradients: &GradStore, rows: &SparseRows) -> Result<(), QasError> {
        self.updates += 1;
        let power = self.updates.min(i32::MAX as u64) as i32;
        let step = (self.learning_rate / (1.0 - f64::from(BETA_1).powi(power))) as f32;
        let scale = (1.0 / (1.0 - f64::from(BETA_2).powi(power))) as f32;
        for (layer, var) in self.online.iter().enumerate() {
            let dense;
            let gradient: &[f32] = if layer == 0 {
                rows.add_gradient(&mut self.first_gradient, self.sizes[1]);
                &self.first_gradient
            } else {
                let Some(gradient) = gradients.get(var.as_tensor()) else { continue };
                dense = gradient.flatten_all()?.to_vec1::<f32>()?;
                &dense
            };
            let moments = (&mut self.first_moments[layer][..], &mut self.second_moments[layer][..]);
            var.inplace_op1(&Adam { step, scale, gradient, moments: Mutex::new(moments) })?;
        }
        rows.clear_gradient(&mut self.first_gradient, self.sizes[1]);
        Ok(())
    }
}

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// One step of Adam on the weights of a layer, in place.
struct Adam<'a> {
    step: f32,
    scale: f32,
    gradient: &'a [f32],
    moments: Mutex<(&'a mut [f32], &'a mut [f32])>,
}

impl InplaceOp1 for Adam<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let (start, end) = contiguous(layout)?;
        let CpuStorage::F32(weights) = storage else {
            return Err(candle_core::Error::Msg("the weights have to be in single precision".to_owned()));
        };
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, second) = &mut *moments;
        let weights = weights[start..end].iter_mut().zip(self.gradient);
        for ((weight, g), (m, v)) in weights.zip(first.iter_mut().zip(second.iter_mut())) {
            *m = BETA_1 * *m + (1.0 - BETA_1) * g;
            *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
            *weight -= self.step * *m / ((*v * self.scale).sqrt() + EPSILON);
        }
        Ok(())
    }
}

fn contiguous(layout: &Layout) -> candle_core::Result<(usize, usize)> {
    layout.contiguous_offsets().ok_or_else(|| candle_core::Error::Msg("the weights have to be contiguous".to_owned()))
}

impl QNetwork for Perceptron {
    fn q_values(&self, batch: &[&Observation]) -> Result<Vec<Vec<f32>>, QasError> {
        // Detached, so that the library keeps no graph.
        let parameters: Vec<Tensor> = self.online.iter().map(|var| var.as_detached_tensor()).collect();
        Ok(Self::forward(&parameters.iter().collect::<Vec<_>>(), &SparseRows::new(batch))?.to_vec2()?)
    }

    fn target_values(&self, batch: &[&Observation]) -> Result<Vec<Vec<f32>>, QasError> {
        Ok(Self::forward(&self.target.iter().collect::<Vec<_>>(), &SparseRows::new(batch))?.to_vec2()?)
    }

    fn train_step(&mut self, batch: &[&Observation], actions: &[u16], targets: &[f32]) -> Result<f32, QasError> {
        let parameters: Vec<&Tensor> = self.online.iter().map(|var| var.as_tensor()).collect();
        let rows = SparseRows::new(batch);
        let values = Self::forward(&parameters, &rows)?;
        let column = (batch.len(), 1);
        let actions = Tensor::from_vec(actions.iter().map(|&a| u32::from(a)).collect(), column, &Device::Cpu)?;
        let targets = Tensor::from_vec(targets.to_vec(), column, &Device::Cpu)?;
        let distance = (values.gather(&actions, 1)? - targets)?.abs()?;
        // Huber: d^2/2 up to 1, d - 1/2 beyond.
        let quadratic = distance.minimum(1.0)?;
        let loss = ((quadratic.sqr()? * 0.5)? + (distance - quadratic)?)?.mean_all()?;
        let value = loss.to_scalar::<f32>()?;
        if !value.is_finite() {
            return Err(QasError::Diverged { updates: self.updates, what: "loss" });
        }
        let gradients = loss.backward()?;
        self.adam(&gradients, &rows)?;
        Ok(value)
    }

    fn copy_to_target(&mut self) -> Result<(), QasError> {
        self.target = self.online.iter().map(|var| var.as_detached_tensor().copy()).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn save(&self) -> Result<Vec<u8>, QasError> {
        let numbers = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
        Ok(encode(&Saved {
            sizes: self.sizes.clone(),
            online: self.online.iter().map(|var| numbers(var.as_tensor())).collect::<Result<_, _>>()?,
            target: self.target.iter().map(numbers).collect::<Result<_, _>>()?,
            first_moments: self.first_moments.clone(),
            second_moments: self.second_moments.clone(),
            updates: self.updates,
        }))
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("network", bytes)?;
        if saved.sizes != self.sizes {
            return Err(QasError::OtherSearch { what: "network size" });
        }
        let lengths: Vec<usize> = self.online.iter().map(|var| var.elem_count()).collect();
        for part in [&saved.online, &saved.target, &saved.first_moments, &saved.second_moments] {
            if part.iter().map(Vec::len).ne(lengths.iter().copied()) {
                return Err(QasError::Corrupt { what: "network", reason: "a layer has the wrong length".to_owned() });
            }
        }
        for (var, numbers) in self.online.iter().zip(saved.online) {
            var.set(&Tensor::from_vec(numbers, var.shape(), &Device::Cpu)?)?;
        }
        self.target = (self.online.iter().zip(saved.target))
            .map(|(var, numbers)| Tensor::from_vec(numbers, var.shape(), &Device::Cpu))
            .collect::<Result<_, _>>()?;
        self.first_moments = saved.first_moments;
        self.second_moments = saved.second_moments;
        self.updates = saved.updates;
        Ok(())
    }
}

/// A batch of observations as sparse rows, and the gradient of its product with the first layer's weights.
///
/// That gradient is 0 in all but a few rows. It is kept in factored form here, apart from the library's
/// gradients, so that no dense matrix is made of it.
struct SparseRows {
    rows: Vec<(Vec<u32>, f32)>,
    upstream: Mutex<Vec<f32>>,
}

impl SparseRows {
    fn new(batch: &[&Observation]) -> Arc<Self> {
        let rows = batch.iter().map(|seen| (seen.entries.clone(), seen.energy)).collect();
        Arc::new(Self { rows, upstream: Mutex::new(Vec::new()) })
    }

    fn add_gradient(&self, gradient: &mut [f32], width: usize) {
        let upstream = self.upstream.lock().unwrap_or_else(PoisonError::into_inner);
        let last = gradient.len() - width;
        for (up, (entries, energy)) in upstream.chunks(width).zip(&self.rows) {
            gradient[last..].iter_mut().zip(up).for_each(|(gradient, up)| *gradient += energy * up);
            for &entry in entries {
                let row = &mut gradient[entry as usize * width..][..width];
                row.iter_mut().zip(up).for_each(|(gradient, up)| *gradient += up);
            }
        }
    }

    fn clear_gradient(&self, gradient: &mut [f32], width: usize) {
        let last = gradient.len() - width;
        gradient[last..].fill(0.0);
        for (entries, _) in &self.rows {
            for &entry in entries {
                gradient[entry as usize * width..][..width].fill(0.0);
            }
        }
    }
}

/// The product of sparse rows with a dense matrix.
struct SparseProduct(Arc<SparseRows>);

impl CustomOp1 for SparseProduct {
    fn name(&self) -> &'static str {
        "sparse-product"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (inputs, width) = layout.shape().dims2()?;
        let (start, end) = contiguous(layout)?;
        let weights = &storage.as_slice::<f32>()?[start..end];
        let rows = &self.0.rows;
        let mut product = vec![0.0f32; rows.len() * width];
        for (out, (entries, energy)) in product.chunks_mut(width).zip(rows) {
            let last = &weights[(inputs - 1) * width..];
            out.iter_mut().zip(last).for_each(|(out, weight)| *out = energy * weight);
            for &entry in entries {
                let row = &weights[entry as usize * width..][..width];
                out.iter_mut().zip(row).for_each(|(out, weight)| *out += weight);
            }
        }
        Ok((CpuStorage::F32(product), (rows.len(), width).into()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, upstream: &Tensor) -> candle_core::Result<Option<Tensor>> {
        let numbers = upstream.flatten_all()?.to_vec1::<f32>()?;
        *self.0.upstream.lock().unwrap_or_else(PoisonError::into_inner) = numbers;
        Ok(None)
    }
}

impl From<candle_core::Error> for QasError {
    fn from(error: candle_core::Error) -> Self {
        Self::Network { reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests;
