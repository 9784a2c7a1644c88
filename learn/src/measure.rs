//! What a reservoir remembers and computes: capacities, fading memory, and the error of forecasts ([`crate::nrmse`]).

mod assessment;
mod processing;
#[cfg(test)]
mod tests;

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::readout::{Directions, RidgeSettings};
use crate::reservoir::Reservoir;
pub use assessment::{Assessment, AssessmentSettings, assess, forecast_error};
pub use processing::{ProcessingCapacity, ProcessingSettings, processing_capacity};

/// How capacities are measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CapacitySettings {
    /// Steps that are left out at the start. Default 200.
    pub wash_out: usize,
    /// Steps the readouts are fitted to. Default 1000.
    pub train: usize,
    /// Steps the capacity is measured on. Default 1000.
    pub test: usize,
    /// The longest delay. Default 30.
    pub max_delay: usize,
    /// What each squared weight of a readout costs. Default 1e-10.
    pub regularization: f64,
}

impl Default for CapacitySettings {
    fn default() -> Self {
        Self { wash_out: 200, train: 1000, test: 1000, max_delay: 30, regularization: 1e-10 }
    }
}

impl CapacitySettings {
    /// Steps in all.
    pub fn length(&self) -> usize {
        self.wash_out + self.train + self.test
    }

    fn check(&self) -> Result<(), LearnError> {
        for (name, value) in
            [("wash_out", self.wash_out), ("train", self.train), ("test", self.test), ("max_delay", self.max_delay)]
        {
            check(name, value as f64, value <= 1_000_000, "at most 1000000")?;
        }
        check("train", self.train as f64, self.train > 1, "at least 2")?;
        check("test", self.test as f64, self.test > 1, "at least 2")?;
        check("max_delay", self.max_delay as f64, self.max_delay <= self.wash_out, "at most wash_out")
    }
}

/// Capacities from delay 0 on, each from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// Of each delay.
    pub delays: Vec<f64>,
    /// Their sum over the delays from 1 on.
    pub total: f64,
}

/// Short-term-memory capacity: the squared correlation between `u(t - d)` and the best linear readout of the features at `t`, on steps
/// that the readout was not fitted to (Jaeger, GMD report 152 (2001)).
///
/// `features` has one row a step of `input`.
///
/// # Errors
/// For lists of other lengths and settings outside their ranges.
pub fn memory_capacity(features: &[f64], input: &[f64], settings: &CapacitySettings) -> Result<Capacity, LearnError> {
    capacity(features, input, settings, |time, delay| input[time - delay])
}

/// Parity capacity: the same for the parity of `u(t - d), ..., u(t)`, where inputs above 0.5 count as 1 (Fujii and Nakajima, Phys. Rev.
/// Applied 8, 024030 (2017)).
///
/// # Errors
/// As [`memory_capacity`].
pub fn parity_capacity(features: &[f64], input: &[f64], settings: &CapacitySettings) -> Result<Capacity, LearnError> {
    capacity(features, input, settings, |time, delay| {
        (input[time - delay..=time].iter().filter(|u| **u > 0.5).count() % 2) as f64
    })
}

fn capacity(
    features: &[f64],
    input: &[f64],
    settings: &CapacitySettings,
    target: impl Fn(usize, usize) -> f64,
) -> Result<Capacity, LearnError> {
    settings.check()?;
    let length = settings.length();
    if input.len() != length || input.is_empty() || !features.len().is_multiple_of(input.len()) {
        return Err(LearnError::SizeMismatch { what: "steps of a capacity", expected: length, given: input.len() });
    }
    let columns = features.len() / input.len();
    let (first, middle) = (settings.wash_out, settings.wash_out + settings.train);
    let directions = Directions::new(&features[first * columns..middle * columns], columns)?;
    let ridge = RidgeSettings { regularization: settings.regularization, candidates: Vec::new() };
    let mut delays = Vec::with_capacity(settings.max_delay + 1);
    for delay in 0..=settings.max_delay {
        let known: Vec<f64> = (first..middle).map(|time| target(time, delay)).collect();
        let (weights, _) = directions.fit(&known, &ridge)?;
        let told = features[middle * columns..].chunks(columns).map(|row| row.iter().zip(&weights).map(|(x, w)| x * w).sum());
        let wanted: Vec<f64> = (middle..length).map(|time| target(time, delay)).collect();
        delays.push(squared_correlation(&told.collect::<Vec<f64>>(), &wanted));
    }
    let total = delays.iter().skip(1).sum();
    Ok(Capacity { delays, total })
}

/// 0 where either does not change.
fn squared_correlation(a: &[f64], b: &[f64]) -> f64 {
    let count = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / count, b.iter().sum::<f64>() / count);
    let sums = a.iter().zip(b).fold((0.0, 0.0, 0.0), |(ab, aa, bb), (x, y)| {
        let (x, y) = (x - mean_a, y - mean_b);
        (ab + x * y, aa + x * x, bb + y * y)
    });
    let (ab, aa, bb) = sums;
    if aa <= 1e-24 * count || bb <= 1e-24 * count { 0.0 } else { ab * ab / (aa * bb) }
}

/// Uniform inputs in [0, 1).
pub fn uniform_input(length: usize, stream: &mut Stream) -> Vec<f64> {
    (0..length).map(|_| stream.unit()).collect()
}

/// Inputs 0 and 1 with equal probability.
pub fn binary_input(length: usize, stream: &mut Stream) -> Vec<f64> {
    (0..length).map(|_| (stream.word() >> 63) as f64).collect()
}

/// How the state at the start is forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fading {
    /// After each step, the root of the mean square difference of the features between a run from the usual state and one from another.
    pub distances: Vec<f64>,
    /// The first step, from 1, from which on the distance stays below [`Fading::THRESHOLD`]; none when there is no such step.
    pub forgotten: Option<usize>,
    /// The factor by which the distance falls in a step, by least squares over its logarithm from 0.1 down to 1e-10.
    pub rate: Option<f64>,
}

impl Fading {
    /// Distances below this count as forgotten.
    pub const THRESHOLD: f64 = 1e-6;
}

/// The echo-state test: two runs under the same inputs from different states; the echo-state property asks that they become one (Jaeger,
/// GMD report 148 (2001)).
///
/// That two states converge is necessary for the property and no proof of it. Shots of both runs are drawn alike.
///
/// # Errors
/// What the simulation refuses.
pub fn fading(reservoir: &mut Reservoir, columns: &[Vec<f64>]) -> Result<Fading, LearnError> {
    reservoir.start(false)?;
    let one = reservoir.run(columns)?;
    reservoir.start(true)?;
    let other = reservoir.run(columns)?;
    reservoir.start(false)?;
    let width = reservoir.features();
    let distance = |(a, b): (&[f64], &[f64])| (a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>() / width as f64).sqrt();
    let distances: Vec<f64> = one.chunks(width).zip(other.chunks(width)).map(distance).collect();
    let last = distances.iter().rposition(|distance| *distance >= Fading::THRESHOLD);
    let forgotten = match last {
        None => Some(1),
        Some(last) => (last + 1 < distances.len()).then_some(last + 2),
    };
    let until = distances.iter().position(|distance| *distance < 1e-10).unwrap_or(distances.len());
    let points: Vec<(f64, f64)> =
        (0..until).filter(|&step| distances[step] < 0.1).map(|step| (step as f64, distances[step].ln())).collect();
    Ok(Fading { forgotten, rate: slope(&points).map(f64::exp), distances })
}

fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let (xy, xx) = points.iter().fold((0.0, 0.0), |(xy, xx), p| (xy + (p.0 - x) * (p.1 - y), xx + (p.0 - x).powi(2)));
    (points.len() > 2).then_some(xy / xx)
}
