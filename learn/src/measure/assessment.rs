//! Everything about one reservoir at once.

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use super::{
    Capacity, CapacitySettings, Fading, ProcessingCapacity, ProcessingSettings, binary_input, fading, memory_capacity,
    parity_capacity, processing_capacity, uniform_input,
};
use crate::error::LearnError;
use crate::readout::{Directions, RidgeSettings};
use crate::reservoir::Reservoir;
use crate::{nrmse, series};

/// What is measured of a reservoir.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssessmentSettings {
    /// Of memory, parity and NARMA.
    pub capacity: CapacitySettings,
    /// Of the information-processing capacity.
    pub processing: ProcessingSettings,
    /// n of NARMA-n. Default 10.
    pub narma: usize,
    /// Steps of the echo-state test. Default 300.
    pub fading: usize,
}

impl Default for AssessmentSettings {
    fn default() -> Self {
        let (capacity, processing) = (CapacitySettings::default(), ProcessingSettings::default());
        Self { capacity, processing, narma: 10, fading: 300 }
    }
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// Number of features; one more parameter is trained.
    pub features: usize,
    /// Short-term memory under uniform inputs.
    pub memory: Capacity,
    /// Parity under binary inputs.
    pub parity: Capacity,
    /// Information-processing capacity.
    pub processing: ProcessingCapacity,
    /// NRMSE on NARMA-n with inputs uniform in [0, 0.5), on steps that were not fitted.
    pub narma: f64,
    /// The echo-state test.
    pub fading: Fading,
}

/// Measures a reservoir with one input encoded from 0 to 1; inputs are drawn from `stream`.
///
/// # Errors
/// For settings outside their ranges, and what the simulation refuses.
pub fn assess(reservoir: &mut Reservoir, settings: &AssessmentSettings, stream: &mut Stream) -> Result<Assessment, LearnError> {
    let AssessmentSettings { capacity, processing, narma, fading: steps } = settings;
    let length = capacity.length().max(processing.wash_out + processing.steps);
    let input = uniform_input(length.max(*steps), stream);
    let bits = binary_input(capacity.length(), stream);
    let fading = fading(reservoir, &[input[..*steps].to_vec()])?;
    let features = reservoir.run(std::slice::from_ref(&input))?;
    let width = reservoir.features();
    let memory = memory_capacity(&features[..capacity.length() * width], &input[..capacity.length()], capacity)?;
    let part = processing.wash_out + processing.steps;
    let found = processing_capacity(&features[..part * width], &input[..part], processing)?;
    let drive: Vec<f64> = input[..capacity.length()].iter().map(|s| 0.5 * s).collect();
    // the target of step t is the value that follows it
    let mut target = series::narma(*narma, &[&drive[..], &[0.0]].concat(), 0.0)?;
    target.remove(0);
    let narma = forecast_error(&features[..capacity.length() * width], &target, capacity)?;
    reservoir.start(false)?;
    let parity = parity_capacity(&reservoir.run(std::slice::from_ref(&bits))?, &bits, capacity)?;
    Ok(Assessment { features: width, memory, parity, processing: found, narma, fading })
}

/// NRMSE of the best linear readout of the features, on steps that it was not fitted to; one target a row of features.
///
/// # Errors
/// For lists of other lengths and settings outside their ranges.
pub fn forecast_error(features: &[f64], targets: &[f64], settings: &CapacitySettings) -> Result<f64, LearnError> {
    settings.check()?;
    let length = settings.length();
    if targets.len() != length || !features.len().is_multiple_of(length) {
        return Err(LearnError::SizeMismatch { what: "steps of a forecast", expected: length, given: targets.len() });
    }
    let columns = features.len() / length;
    let (first, middle) = (settings.wash_out, settings.wash_out + settings.train);
    let ridge = RidgeSettings { regularization: settings.regularization, candidates: Vec::new() };
    let directions = Directions::new(&features[first * columns..middle * columns], columns)?;
    let (weights, _) = directions.fit(&targets[first..middle], &ridge)?;
    let tell = |row: &[f64]| row.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>() + weights[columns];
    let told: Vec<f64> = features[middle * columns..].chunks(columns).map(tell).collect();
    Ok(nrmse(&told, &targets[middle..]))
}
