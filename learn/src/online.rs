//! Readouts that learn while the series goes on.

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::reservoir::{Echo, EchoState};

/// Recursive least squares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecursiveSettings {
    /// What each squared weight costs at the start, the bias among them. Default 1e-8.
    pub regularization: f64,
    /// The weight of what lies one step back; 1 forgets nothing. Default 1.
    pub forgetting: f64,
}

impl Default for RecursiveSettings {
    fn default() -> Self {
        Self { regularization: 1e-8, forgetting: 1.0 }
    }
}

/// A linear readout with bias that is fitted row by row: after `t` rows its weights minimise
/// `sum_k f^(t-k) (w x_k - y_k)^2 + f^t r |w|^2` (Haykin, Adaptive Filter Theory, chapter on recursive least squares).
///
/// ```
/// use qloom_learn::{RecursiveLeastSquares, RecursiveSettings};
/// let mut readout = RecursiveLeastSquares::new(1, &RecursiveSettings::default())?;
/// for x in [0.0, 1.0, 2.0, 3.0] {
///     readout.update(&[x], 2.0 * x + 1.0);
/// }
/// assert!((readout.tell(&[5.0]) - 11.0).abs() < 1e-5);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RecursiveLeastSquares {
    forgetting: f64,
    /// Weights, the bias last.
    weights: Vec<f64>,
    /// The inverse of the weighted correlations, row by row.
    inverse: Vec<f64>,
}

impl RecursiveLeastSquares {
    /// A readout of so many features, all weights 0.
    ///
    /// # Errors
    /// For a regularization that is not positive, or forgetting outside 0 to 1.
    pub fn new(features: usize, settings: &RecursiveSettings) -> Result<Self, LearnError> {
        let &RecursiveSettings { regularization, forgetting } = settings;
        check("regularization", regularization, regularization > 0.0 && regularization.is_finite(), "positive")?;
        check("forgetting", forgetting, forgetting > 0.0 && forgetting <= 1.0, "above 0 and at most 1")?;
        let size = features + 1;
        let inverse = (0..size * size).map(|place| if place % (size + 1) == 0 { 1.0 / regularization } else { 0.0 }).collect();
        Ok(Self { forgetting, weights: vec![0.0; size], inverse })
    }

    /// The weights, the bias last.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// What it tells of these features.
    pub fn tell(&self, features: &[f64]) -> f64 {
        let size = self.weights.len();
        features.iter().zip(&self.weights).map(|(x, w)| x * w).sum::<f64>() + self.weights[size - 1]
    }

    /// Learns the value that belongs to these features; gives the error before. Costs `features^2`.
    pub fn update(&mut self, features: &[f64], value: f64) -> f64 {
        let size = self.weights.len();
        let error = value - self.tell(features);
        let x: Vec<f64> = features.iter().copied().chain([1.0]).collect();
        let gain: Vec<f64> = self.inverse.chunks(size).map(|row| row.iter().zip(&x).map(|(p, x)| p * x).sum()).collect();
        let norm = self.forgetting + gain.iter().zip(&x).map(|(g, x)| g * x).sum::<f64>();
        for (weight, gain) in self.weights.iter_mut().zip(&gain) {
            *weight += gain * error / norm;
        }
        for row in 0..size {
            for column in 0..=row {
                // symmetric by construction, so that rounding cannot make it grow
                let value = (self.inverse[row * size + column] - gain[row] * gain[column] / norm) / self.forgetting;
                (self.inverse[row * size + column], self.inverse[column * size + row]) = (value, value);
            }
        }
        error
    }
}

/// FORCE learning: an echo-state network that hears its own output, whose readout is held to the target by recursive least squares while it
/// runs (Sussillo and Abbott, Neuron 63, 544 (2009)).
#[derive(Debug)]
pub struct Force {
    network: Echo,
    readout: RecursiveLeastSquares,
    output: f64,
}

impl Force {
    /// Draws the network.
    ///
    /// # Errors
    /// When settings do not fit.
    pub fn new(network: &EchoState, readout: &RecursiveSettings, stream: &mut Stream) -> Result<Self, LearnError> {
        let readout = RecursiveLeastSquares::new(network.nodes, readout)?;
        Ok(Self { network: Echo::new(network, 1, stream)?, readout, output: 0.0 })
    }

    /// One step; with a target the readout learns. Gives the output before it learned.
    pub fn step(&mut self, target: Option<f64>) -> f64 {
        self.network.drive(&[self.output]);
        let told = self.readout.tell(self.network.state());
        if let Some(target) = target {
            self.readout.update(self.network.state(), target);
        }
        self.output = self.readout.tell(self.network.state());
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readout::{RidgeSettings, ridge};

    #[test]
    fn without_forgetting_it_is_ridge_regression() {
        let mut stream = Stream::named(5, "rows");
        let features: Vec<f64> = (0..60).map(|_| stream.normal()).collect();
        let targets: Vec<f64> = (0..20).map(|_| stream.normal()).collect();
        let regularization = 0.3;
        let mut online = RecursiveLeastSquares::new(3, &RecursiveSettings { regularization, forgetting: 1.0 }).expect("positive");
        features.chunks(3).zip(&targets).for_each(|(x, y)| _ = online.update(x, *y));
        let settings = RidgeSettings { regularization, ..RidgeSettings::default() };
        let (weights, _) = ridge(&features, &targets, 3, &settings).expect("finite");
        assert!(online.weights().iter().zip(&weights).all(|(a, b)| (a - b).abs() < 1e-12), "{weights:?} {:?}", online.weights());
    }

    #[test]
    fn forgetting_follows_a_change() {
        let error_at_the_end = |forgetting| {
            let settings = RecursiveSettings { regularization: 1e-4, forgetting };
            let mut online = RecursiveLeastSquares::new(1, &settings).expect("positive");
            let mut stream = Stream::named(6, "rows");
            let mut last = 0.0;
            for time in 0..200 {
                let x = stream.normal();
                last = online.update(&[x], if time < 100 { x } else { -x });
            }
            last.abs()
        };
        assert!(error_at_the_end(0.8) < 1e-6);
        assert!(error_at_the_end(1.0) > 1e-2);
    }

    #[test]
    fn force_learns_to_sing_by_itself() {
        let network = EchoState { nodes: 80, spectral_radius: 1.2, leak: 0.5, input_scale: 1.0, ..EchoState::default() };
        let settings = RecursiveSettings { regularization: 1.0, forgetting: 1.0 };
        let mut force = Force::new(&network, &settings, &mut Stream::named(2, "network")).expect("it fits");
        let wave = |time: usize| (time as f64 * std::f64::consts::TAU / 25.0).sin();
        (0..2000).for_each(|time| _ = force.step(Some(wave(time))));
        let errors = (2000..2050).map(|time| (force.step(None) - wave(time)).powi(2)).sum::<f64>() / 50.0;
        assert!(errors < 0.02, "{errors}");
    }

    #[test]
    fn settings_outside_their_range_are_refused() {
        for (regularization, forgetting) in [(0.0, 1.0), (1.0, 0.0), (1.0, 1.1), (f64::NAN, 1.0)] {
            assert!(RecursiveLeastSquares::new(2, &RecursiveSettings { regularization, forgetting }).is_err());
        }
    }
}
