//! The natural gradient of classifiers: steps by how far apart the states of rows are, not the weights.

#[cfg(test)]
mod tests;

use qloom_circuits::Circuit;
use qloom_optim::natural_direction;
use qloom_sim::{MetricKind, MetricTensor, SimulatorConfig};
use serde::{Deserialize, Serialize};

use super::VariationalSettings;
use crate::error::{LearnError, check};

/// Descent along the natural gradient: steps of `learning_rate (g + damping)^-1 gradient`, where `g` is the mean over the rows of a mini-batch of
/// the Fubini-Study metrics of their states by the weights, the data held.
///
/// Every weight of a classifier is an angle of its circuit, so that `g` is all of the metric. It is that of pure states: noise, a device and
/// shots are refused. A step costs what one of Adam does and about `p^2 / 2` runs of a part of the circuit for each row with `p` weights; less in
/// blocks. Source: J. Stokes, J. Izaac, N. Killoran and G. Carleo, Quantum natural gradient, Quantum 4, 269 (2020), equations (8) and (10)
/// with damping in place of the pseudo-inverse; blocks in section 3.2.
///
/// ```
/// use qloom_learn::{ClassifierOptimizer, Examples, MapSettings, NaturalGradientSettings, VariationalSettings, VariationalTraining};
/// let rows = Examples::new(vec![0.1, 0.2, 2.9, 3.0], 1, &["a", "a", "b", "b"].map(str::to_owned))?;
/// let settings = VariationalSettings {
///     map: MapSettings::Angle {},
///     epochs: 40,
///     optimizer: ClassifierOptimizer::NaturalGradient(NaturalGradientSettings::default()),
///     ..VariationalSettings::default()
/// };
/// let mut training = VariationalTraining::new(&settings, &rows, qloom_sim::SimulatorConfig::default(), 1)?;
/// while training.step()?.is_some() {}
/// assert_eq!(training.events()[39].accuracy, Some(1.0));
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NaturalGradientSettings {
    /// What a natural gradient is multiplied with. Default 0.05, positive and finite.
    pub learning_rate: f64,
    /// What is added to the diagonal of the metric, whose entries are of the size of 1/4. Default 1e-2, at least 1e-9 and finite.
    pub damping: f64,
    /// Which entries of the metric there are: exact, block-diagonal (those of weights of one layer) or diagonal. Default exact.
    #[serde(with = "MetricName")]
    pub metric: MetricKind,
}

impl Default for NaturalGradientSettings {
    fn default() -> Self {
        Self { learning_rate: 0.05, damping: 1e-2, metric: MetricKind::Exact }
    }
}

/// The names of [`MetricKind`] in settings.
#[derive(Serialize, Deserialize)]
#[serde(remote = "MetricKind", rename_all = "kebab-case")]
enum MetricName {
    Exact,
    BlockDiagonal,
    Diagonal,
}

/// The most weights: the metric has their square of numbers, and a step takes their cube.
const MOST_WEIGHTS: usize = 2048;

impl NaturalGradientSettings {
    /// # Errors
    /// For numbers outside their ranges, and a classifier whose states are not pure or not known.
    pub(super) fn check(&self, of: &VariationalSettings) -> Result<(), LearnError> {
        let Self { learning_rate: rate, damping, .. } = *self;
        check("learning_rate of natural-gradient", rate, rate > 0.0 && rate.is_finite(), "positive and finite")?;
        check("damping of natural-gradient", damping, damping >= 1e-9 && damping.is_finite(), "at least 1e-9 and finite")?;
        let refused = |what, remedy| Err(LearnError::Unsupported { what, remedy });
        if of.noise.is_some() || of.device.is_some() {
            return refused(
                "natural-gradient needs the metric of pure states, and noise or a device makes them mixed",
                LEAVE_OUT,
            );
        }
        if of.shots.is_some() {
            return refused("natural-gradient needs the exact metric of states, and shots only estimate it", LEAVE_OUT);
        }
        Ok(())
    }
}

const LEAVE_OUT: &str = "leave out noise, device and shots, or take adam";

/// The mean over rows of the metrics of their states by the weights.
#[derive(Debug)]
pub(super) struct MeanMetric {
    tensor: MetricTensor,
    /// Weights, and the angles of a row behind them.
    parameters: Vec<f64>,
}

impl MeanMetric {
    /// Of a circuit without noise, whose first parameters are the weights.
    ///
    /// # Errors
    /// For more than 2048 weights, and when memory does not suffice.
    pub fn new(circuit: &Circuit, weights: usize, kind: MetricKind, config: SimulatorConfig) -> Result<Self, LearnError> {
        let most = "at most 2048; take fewer layers, or adam";
        check("the number of weights of natural-gradient", weights as f64, weights <= MOST_WEIGHTS, most)?;
        let tensor = MetricTensor::new(circuit, weights, kind, config)?;
        Ok(Self { tensor, parameters: vec![0.0; circuit.num_parameters()] })
    }

    /// Adds the mean over rows, given by their angles, to `metric`.
    ///
    /// # Errors
    /// For a weight that is not finite.
    pub fn add(&mut self, weights: &[f64], angles: &[f64], metric: &mut [f64]) -> Result<(), LearnError> {
        let (first, own) = self.parameters.split_at_mut(weights.len());
        first.copy_from_slice(weights);
        let width = own.len();
        let share = width as f64 / angles.len() as f64;
        for row in angles.chunks_exact(width) {
            self.parameters[weights.len()..].copy_from_slice(row);
            self.tensor.add(&self.parameters, share, metric)?;
        }
        Ok(())
    }
}

/// Steps along natural gradients.
#[derive(Debug)]
pub(super) struct NaturalDescent {
    settings: NaturalGradientSettings,
    mean: MeanMetric,
    metric: Vec<f64>,
}

impl NaturalDescent {
    /// # Errors
    /// As [`MeanMetric::new`].
    pub fn new(
        settings: NaturalGradientSettings,
        circuit: &Circuit,
        weights: usize,
        config: SimulatorConfig,
    ) -> Result<Self, LearnError> {
        let mean = MeanMetric::new(circuit, weights, settings.metric, config)?;
        Ok(Self { settings, mean, metric: vec![0.0; weights * weights] })
    }

    /// A step of the weights from the gradient of rows with these angles.
    ///
    /// # Errors
    /// For a weight that is not finite, and where the metric cannot be solved.
    pub fn step(&mut self, weights: &mut [f64], gradient: &[f64], angles: &[f64]) -> Result<(), LearnError> {
        let Self { settings, mean, metric } = self;
        metric.fill(0.0);
        mean.add(weights, angles, metric)?;
        let direction = natural_direction(metric, gradient, settings.damping)?;
        weights.iter_mut().zip(direction).for_each(|(weight, step)| *weight -= settings.learning_rate * step);
        Ok(())
    }
}
