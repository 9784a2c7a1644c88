//! Readouts that learn while the series goes on.

use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::reservoir::Reservoir;

/// Recursive least squares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecursiveSettings {
    /// What each squared weight costs at the start, the bias among them. Default 1e-8.
    pub regularization: f64,
    /// The weight of what lies one step back; 1 forgets nothing. Default 1.
    pub forgetting: f64,
    /// Goes on learning through the test part: each value is told before it is learned. Default false.
    pub adapt: bool,
}

impl Default for RecursiveSettings {
    fn default() -> Self {
        Self { regularization: 1e-8, forgetting: 1.0, adapt: false }
    }
}

impl RecursiveSettings {
    pub(crate) fn check(&self) -> Result<(), LearnError> {
        let &Self { regularization, forgetting, .. } = self;
        check("regularization", regularization, regularization > 0.0 && regularization.is_finite(), "positive")?;
        check("forgetting", forgetting, forgetting > 0.0 && forgetting <= 1.0, "above 0 and at most 1")
    }
}

/// FORCE learning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForceSettings {
    /// What each squared weight costs at the start, the bias among them. Default 1.
    pub regularization: f64,
    /// The weight of what lies one step back; 1 forgets nothing. Default 1.
    pub forgetting: f64,
}

impl Default for ForceSettings {
    fn default() -> Self {
        Self { regularization: 1.0, forgetting: 1.0 }
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
        settings.check()?;
        let &RecursiveSettings { regularization, forgetting, .. } = settings;
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

impl ForceSettings {
    /// Those of its readout.
    pub(crate) fn readout(&self) -> RecursiveSettings {
        RecursiveSettings { regularization: self.regularization, forgetting: self.forgetting, adapt: true }
    }
}

/// FORCE learning: a reservoir that hears its own output, whose readout is held to the target by recursive least squares while it runs
/// (Sussillo and Abbott, Neuron 63, 544 (2009)).
///
/// ```
/// use qloom_circuits::Stream;
/// use qloom_learn::{EchoState, Force, ForceSettings, Reservoir, ReservoirSettings};
/// let settings = ReservoirSettings::EchoState(EchoState { nodes: 30, ..EchoState::default() });
/// let mut reservoir = Reservoir::new(&settings, &[[-1.0, 1.0]], &mut Stream::named(1, "reservoir"))?;
/// let mut force = Force::new(&mut reservoir, &ForceSettings::default())?;
/// for _ in 0..100 {
///     force.step(None, Some(0.3))?;
/// }
/// assert!((force.step(None, None)? - 0.3).abs() < 0.01);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Debug)]
pub struct Force<'a> {
    reservoir: &'a mut Reservoir,
    readout: RecursiveLeastSquares,
    features: Vec<f64>,
    output: f64,
}

impl<'a> Force<'a> {
    /// Begins at the reservoir's first state, with an output of 0.
    ///
    /// # Errors
    /// When settings do not fit, or the reservoir cannot be started.
    pub fn new(reservoir: &'a mut Reservoir, settings: &ForceSettings) -> Result<Self, LearnError> {
        let readout = RecursiveLeastSquares::new(reservoir.features(), &settings.readout())?;
        reservoir.start(false)?;
        Ok(Self { reservoir, readout, features: Vec::new(), output: 0.0 })
    }

    /// One step, hearing its own last output or, where it is given, `heard` in its place; with a target the readout learns. Gives the
    /// output before it learned.
    ///
    /// # Errors
    /// For a reservoir of several inputs, and what the simulation refuses.
    pub fn step(&mut self, heard: Option<f64>, target: Option<f64>) -> Result<f64, LearnError> {
        self.features.clear();
        self.reservoir.step(&[heard.unwrap_or(self.output)], &mut self.features)?;
        let told = self.readout.tell(&self.features);
        if let Some(target) = target {
            self.readout.update(&self.features, target);
        }
        self.output = self.readout.tell(&self.features);
        Ok(told)
    }

    /// The weights of the readout, the bias last.
    pub fn weights(&self) -> &[f64] {
        self.readout.weights()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use qloom_circuits::Stream;

    use super::*;
    use crate::readout::{RidgeSettings, ridge};
    use crate::reservoir::{EchoState, ReservoirSettings, SpinNetwork};

    #[test]
    fn without_forgetting_it_is_ridge_regression() {
        let mut stream = Stream::named(5, "rows");
        let features: Vec<f64> = (0..60).map(|_| stream.normal()).collect();
        let targets: Vec<f64> = (0..20).map(|_| stream.normal()).collect();
        let regularization = 0.3;
        let mut online = RecursiveLeastSquares::new(3, &RecursiveSettings { regularization, ..RecursiveSettings::default() })
            .expect("positive");
        features.chunks(3).zip(&targets).for_each(|(x, y)| _ = online.update(x, *y));
        let settings = RidgeSettings { regularization, ..RidgeSettings::default() };
        let (weights, _) = ridge(&features, &targets, 3, &settings).expect("finite");
        assert!(online.weights().iter().zip(&weights).all(|(a, b)| (a - b).abs() < 1e-12), "{weights:?} {:?}", online.weights());
    }

    #[test]
    fn forgetting_follows_a_change() {
        let error_at_the_end = |forgetting| {
            let settings = RecursiveSettings { regularization: 1e-4, forgetting, adapt: false };
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

    /// An output that is a sine of this period, learned in 2000 steps and sung for 50; the mean square error.
    fn sung(settings: &ReservoirSettings, period: f64) -> f64 {
        let mut reservoir = Reservoir::new(settings, &[[-1.0, 1.0]], &mut Stream::named(2, "network")).expect("it fits");
        let mut force = Force::new(&mut reservoir, &ForceSettings::default()).expect("it fits");
        let wave = |time: usize| (time as f64 * std::f64::consts::TAU / period).sin();
        (0..2000).for_each(|time| _ = force.step(None, Some(wave(time))).expect("one input"));
        (2000..2050).map(|time| (force.step(None, None).expect("one input") - wave(time)).powi(2)).sum::<f64>() / 50.0
    }

    #[test]
    fn force_learns_to_sing_by_itself() {
        let network = EchoState { nodes: 80, spectral_radius: 1.2, leak: 0.5, input_scale: 1.0, ..EchoState::default() };
        let error = sung(&ReservoirSettings::EchoState(network), 25.0);
        assert!(error < 0.02, "{error}");
        // it is no matter of course: the sine itself has the mean square 1/2
        let small = EchoState { nodes: 1, ..EchoState::default() };
        assert!(sung(&ReservoirSettings::EchoState(small), 25.0) > 0.1);
    }

    #[test]
    fn force_takes_reservoirs_of_one_input() {
        let settings = ReservoirSettings::SpinNetwork(SpinNetwork { qubits: 3, ..SpinNetwork::default() });
        let mut two = Reservoir::new(&settings, &[[0.0, 1.0]; 2], &mut Stream::named(2, "network")).expect("it fits");
        assert!(Force::new(&mut two, &ForceSettings::default()).expect("settings").step(None, None).is_err());
        assert!(Force::new(&mut two, &ForceSettings { forgetting: 2.0, ..ForceSettings::default() }).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The weights are the minimum of what the documentation says, from the normal equations of the weighted rows.
        #[test]
        fn recursion_ends_at_the_weighted_minimum(rows in prop::collection::vec(prop::array::uniform3(-1.0f64..1.0), 4..30), forgetting in 0.7f64..1.0, regularization in 0.01f64..1.0) {
            let settings = RecursiveSettings { regularization, forgetting, adapt: false };
            let mut online = RecursiveLeastSquares::new(2, &settings).expect("positive");
            rows.iter().for_each(|&[a, b, y]| _ = online.update(&[a, b], y));
            let count = rows.len() as i32;
            let price = forgetting.powi(count) * regularization;
            // the gradient of the weighted squares at the weights
            for place in 0..3 {
                let mut slope = price * online.weights()[place];
                for (time, &[a, b, y]) in rows.iter().enumerate() {
                    let x = [a, b, 1.0];
                    slope += forgetting.powi(count - 1 - time as i32) * (online.tell(&[a, b]) - y) * x[place];
                }
                prop_assert!(slope.abs() < 1e-9, "{slope}");
            }
        }
    }

    #[test]
    fn settings_outside_their_range_are_refused() {
        for (regularization, forgetting) in [(0.0, 1.0), (1.0, 0.0), (1.0, 1.1), (f64::NAN, 1.0)] {
            assert!(RecursiveLeastSquares::new(2, &RecursiveSettings { regularization, forgetting, adapt: false }).is_err());
        }
    }
}
