//! Energies under noise, from finitely many shots, with errors mitigated.

mod slopes;

use std::ops::Range;

use qloom_circuits::{Circuit, PauliSum, Stream};
use qloom_hardware::{NoiseModel, insert_identities};
use qloom_sim::{Energy, NoisyEnergy};
use serde::{Deserialize, Serialize};

use crate::cancellation::Inverses;
use crate::distillation::Distiller;
use crate::error::EstimateError;
use crate::estimate::Estimate;
use crate::estimator::Estimator;
use crate::extrapolation::{Extrapolation, Extrapolator};
use crate::measured_sum::MeasuredSum;
use crate::parameter_shift::ParameterShift;
use crate::readout::Readout;
use crate::settings::{ExtrapolationCurve, Mitigation, NoiseScaling, ShotNoise, ZeroNoiseExtrapolation};

/// How an energy is measured on a noisy machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NoisyMeasurement {
    /// Noise of gates and of reading out.
    pub noise: NoiseModel,
    /// Whether the errors of reading out are undone, which makes random errors larger.
    pub invert_readout: bool,
    /// Shots for each term of an energy; endlessly many if none.
    pub shots: Option<f64>,
    /// What a finite number of shots does to an energy.
    pub shot_noise: ShotNoise,
    /// What is done against the noise of gates.
    pub mitigation: Mitigation,
}

/// Exact energies of one circuit at the same parameters, which measure nothing and draw nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Under the noise of gates and of reading out, neither undone nor mitigated, from endlessly many shots.
    pub noisy: f64,
    /// Without any noise.
    pub noiseless: f64,
}

/// Simulates the measurement of a circuit's energy on a noisy machine: the noise of gates exactly on a Pauli vector, read-out errors by
/// their formula, shots as normal random errors, and mitigation.
///
/// ```
/// use qloom_circuits::{Angle, Channel, Circuit, PauliSum, Stream};
/// use qloom_estimate::{Estimator, NoisyEstimator, NoisyMeasurement};
/// let mut measurement = NoisyMeasurement { shots: Some(1e4), ..NoisyMeasurement::default() };
/// measurement.noise.after_gates(1, Channel::depolarizing(0.1, 1)?);
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// let mut estimator = NoisyEstimator::new(measurement, &PauliSum::z(0, 1), Stream::named(1, "shots"))?;
/// estimator.rebuild(&circuit)?;
/// let estimate = estimator.value(&[0.5])?;
/// assert!((estimate.standard_error - 0.01).abs() < 1e-15);
/// assert!((estimate.value - 0.9 * 0.5f64.cos()).abs() < 0.05);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NoisyEstimator {
    measurement: NoisyMeasurement,
    sum: MeasuredSum,
    /// As measured without any mitigation, for references.
    plain: MeasuredSum,
    distiller: Option<Distiller>,
    extrapolator: Option<(Extrapolator, f64)>,
    inverses: Option<Inverses>,
    /// What outcomes are multiplied by where noise is undone on average; else 1.
    overhead: f64,
    runs: Vec<Run>,
    pure: Energy,
    shift: ParameterShift,
    angles: Vec<f64>,
    /// Energies of the runs measured last.
    energies: Vec<f64>,
    shots: Option<f64>,
    stream: Stream,
    evaluations: u64,
}

/// A circuit with its noise, at one scale of it; every angle is a parameter of its own.
struct Run {
    scale: u32,
    energy: NoisyEnergy,
}

/// A measured quotient, and one standard deviation of numerator and denominator.
#[derive(Clone, Copy)]
struct Sample {
    values: [f64; 2],
    deviations: [f64; 2],
}

impl Sample {
    fn estimate(self) -> Result<Estimate, EstimateError> {
        let [numerator, denominator] = self.values;
        let value = numerator / denominator;
        if !value.is_finite() {
            return Err(EstimateError::NotFinite { what: "the energy", value });
        }
        let [upper, lower] = self.deviations;
        Ok(Estimate { value, standard_error: (upper / denominator).hypot(lower * numerator / (denominator * denominator)) })
    }
}

impl NoisyEstimator {
    /// Prepares the measurement of an observable; the circuit is empty until [`Estimator::rebuild`]. Random errors come from the stream.
    ///
    /// # Errors
    /// When a setting is outside its range, the noise does not fit, or there are more qubits than a Pauli vector has.
    pub fn new(measurement: NoisyMeasurement, observable: &PauliSum, stream: Stream) -> Result<Self, EstimateError> {
        let num_qubits = observable.num_qubits();
        if measurement.shots.is_some_and(|shots| !(shots.is_finite() && shots >= 1.0)) {
            let shots = measurement.shots.unwrap_or_default();
            return Err(EstimateError::setting("shots", shots, "it has to be finite and at least 1"));
        }
        measurement.mitigation.check(num_qubits)?;
        let readout = Readout::new(&measurement.noise.readout)?;
        if let Mitigation::VirtualDistillation(_) = measurement.mitigation
            && !readout.is_perfect()
            && !measurement.invert_readout
        {
            let requirement = "copies are joined by their read-outs, whose errors have to be inverted: set it to true";
            return Err(EstimateError::setting("invert_readout", false, requirement));
        }
        let readout = if measurement.invert_readout { readout.invertible()? } else { readout };
        let (scales, distiller, extrapolator) = match &measurement.mitigation {
            Mitigation::None | Mitigation::ProbabilisticErrorCancellation(_) => (vec![1], None, None),
            Mitigation::VirtualDistillation(config) => {
                (vec![1], Some(Distiller::new(observable, config.copies, &readout, measurement.shot_noise)), None)
            }
            Mitigation::ZeroNoiseExtrapolation(config) => {
                (config.scales.clone(), None, Some((extrapolator(config, observable.constant())?, config.closest)))
            }
        };
        let inverses = match &measurement.mitigation {
            Mitigation::ProbabilisticErrorCancellation(config) => Some(Inverses::with_drift(config.drift)),
            Mitigation::None | Mitigation::VirtualDistillation(_) | Mitigation::ZeroNoiseExtrapolation(_) => None,
        };
        let empty = Circuit::new(num_qubits);
        let sum = MeasuredSum::new(observable, &readout, measurement.invert_readout, measurement.shot_noise)?;
        let run = |scale| Ok(Run { scale, energy: NoisyEnergy::new(&empty, sum.observable())? });
        Ok(Self {
            runs: scales.into_iter().map(run).collect::<Result<_, EstimateError>>()?,
            plain: MeasuredSum::new(observable, &readout, false, measurement.shot_noise)?,
            sum,
            distiller,
            extrapolator,
            inverses,
            overhead: 1.0,
            pure: Energy::new(&empty, observable)?,
            shift: ParameterShift::new(&empty)?,
            angles: Vec::new(),
            energies: Vec::new(),
            shots: measurement.shots,
            stream,
            evaluations: 0,
            measurement,
        })
    }

    /// How energies are measured.
    pub fn measurement(&self) -> &NoisyMeasurement {
        &self.measurement
    }

    /// Shots for each term of the energies that follow; the configured number if none.
    pub fn set_shots(&mut self, shots: Option<f64>) {
        self.shots = shots.or(self.measurement.shots);
    }

    /// Where random errors come from.
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Draws random errors from another stream, such as one that was saved.
    pub fn set_stream(&mut self, stream: Stream) {
        self.stream = stream;
    }

    /// Energies without random errors, which are not counted.
    ///
    /// # Errors
    /// As [`Estimator::value`].
    pub fn reference(&mut self, parameters: &[f64]) -> Result<Reference, EstimateError> {
        let noiseless = self.pure.value(parameters)?;
        self.shift.angles_into(parameters, &mut self.angles)?;
        let noisy = if self.inverses.is_some() {
            // the run has its noise undone
            let circuit = self.measurement.noise.apply(self.shift.circuit())?;
            let mut energy = NoisyEnergy::new(&circuit, self.plain.observable())?;
            self.plain.mean(energy.state(&self.angles)?.values())
        } else {
            let unscaled = self.runs.iter_mut().find(|run| run.scale == 1).expect("the scale 1 is always among them");
            self.plain.mean(unscaled.energy.state(&self.angles)?.values())
        };
        Ok(Reference { noisy, noiseless })
    }

    /// One energy measured at the angles of the circuit whose every angle is a parameter of its own.
    fn sample(&mut self, angles: &[f64]) -> Result<Sample, EstimateError> {
        self.evaluations += 1;
        let Self { sum, distiller, runs, shots, stream, energies, overhead, .. } = self;
        let shared = |parts: usize| shots.map(|shots| shots / parts as f64);
        let mut error = |deviation: f64| if deviation > 0.0 { deviation * stream.normal() } else { 0.0 };
        if let Some(distiller) = distiller {
            let traces = distiller.traces(runs[0].energy.state(angles)?.values());
            let scale = shared(distiller.copies()).map_or(0.0, |shots| shots.sqrt().recip());
            let deviations = traces.deviations.map(|deviation| deviation * scale);
            let values = [traces.numerator + error(deviations[0]), traces.denominator + error(deviations[1])];
            return Ok(Sample { values, deviations });
        }
        let parts = runs.len();
        energies.clear();
        let mut variances = Vec::with_capacity(parts);
        for run in runs {
            let state = run.energy.state(angles)?.values();
            let deviation = shared(parts).map_or(0.0, |shots| sum.deviation(state, shots, *overhead));
            energies.push(sum.mean(state) + error(deviation));
            variances.push(deviation * deviation);
        }
        let (energy, slopes) = self.extrapolated();
        let variance: f64 = slopes.iter().zip(&variances).map(|(slope, variance)| slope * slope * variance).sum();
        Ok(Sample { values: [energy, 1.0], deviations: [variance.sqrt(), 0.0] })
    }

    /// The energies of the runs continued to no noise, and the derivatives.
    fn extrapolated(&self) -> (f64, Vec<f64>) {
        match &self.extrapolator {
            Some((extrapolator, closest)) => extrapolator
                .value_and_slopes(&self.energies, *closest)
                // on both sides of the mixed state's energy or too close to it
                .unwrap_or_else(|_| extrapolator.polynomial(&self.energies)),
            None => (self.energies[0], vec![1.0]),
        }
    }

    /// The gradient from energies measured one by one at shifted angles.
    fn shifted_gradient(&mut self, angles: &[f64], sample: Sample, gradient: &mut [f64]) -> Result<(), EstimateError> {
        let [numerator, denominator] = sample.values;
        let weights = if self.distiller.is_some() { Vec::new() } else { self.extrapolated().1 };
        let shift = std::mem::take(&mut self.shift);
        let slopes = |upper: f64, lower: f64| (upper * denominator - numerator * lower) / (denominator * denominator);
        let result = if self.distiller.is_some() {
            let add = |parameter: usize, [upper, lower]: [f64; 2]| gradient[parameter] += slopes(upper, lower);
            shift.add_product_slopes(angles, |shifted| Ok(self.sample(shifted)?.values), add)
        } else {
            let linear = |shifted: &[f64]| {
                self.sample(shifted)?;
                Ok([weights.iter().zip(&self.energies).map(|(weight, energy)| weight * energy).sum()])
            };
            shift.add_product_slopes(angles, linear, |parameter, [slope]| gradient[parameter] += slope)
        };
        self.shift = shift;
        result
    }

    /// The gradient with a random error of the distribution that energies at shifted angles would give it.
    fn drawn_gradient(&mut self, angles: &[f64], sample: Sample, gradient: &mut [f64]) -> Result<(), EstimateError> {
        let deviation = self.exact_gradient(angles, sample, gradient)?;
        if deviation > 0.0 {
            for (slope, variance) in gradient.iter_mut().zip(self.shift.slope_variances()) {
                *slope += deviation * variance.sqrt() * self.stream.normal();
            }
        }
        self.evaluations += self.shift.num_values() as u64;
        Ok(())
    }

    /// The gradient of what was measured, without random errors in the slopes; returns the standard deviation that a shifted energy has.
    fn exact_gradient(&mut self, angles: &[f64], sample: Sample, gradient: &mut [f64]) -> Result<f64, EstimateError> {
        let [numerator, denominator] = sample.values;
        let weights = if self.distiller.is_some() { Vec::new() } else { self.extrapolated().1 };
        let Self { sum, distiller, runs, shots, shift, overhead, .. } = self;
        let per_run = |parts: usize| shots.map_or(0.0, |shots| (parts as f64 / shots).sqrt());
        if let Some(distiller) = distiller {
            let traces = distiller.traces(runs[0].energy.state(angles)?.values());
            let square = denominator * denominator;
            let covector = distiller.covector(denominator / square, -numerator / square);
            let linear = |shifted: &[f64]| {
                let state = runs[0].energy.state(shifted)?;
                Ok([state.values().iter().zip(&covector).map(|(value, weight)| value * weight).sum()])
            };
            shift.add_slopes(angles, linear, |parameter, [slope]| gradient[parameter] += slope)?;
            let [upper, lower] = traces.deviations.map(|deviation| deviation * per_run(distiller.copies()));
            return Ok((upper / denominator).hypot(lower * numerator / square));
        }
        let parts = runs.len();
        let (mut variance, mut slopes) = (0.0, vec![0.0; angles.len()]);
        for (run, weight) in runs.iter_mut().zip(weights) {
            run.energy.value_and_gradient(angles, &mut slopes)?;
            shift.collect(&slopes, weight, gradient);
            if shots.is_some() {
                // models that ask for the state measure one by one
                variance += (weight * sum.deviation(&[], 1.0, *overhead)).powi(2);
            }
        }
        Ok(variance.sqrt() * per_run(parts))
    }

    /// Takes another circuit, whose operations in a range have no noise.
    fn assemble(&mut self, circuit: &Circuit, quiet: Range<usize>) -> Result<(), EstimateError> {
        self.pure.rebuild(circuit)?;
        let (scaling, copies) = match &self.measurement.mitigation {
            Mitigation::ZeroNoiseExtrapolation(config) => (config.scaling, 1),
            Mitigation::None | Mitigation::ProbabilisticErrorCancellation(_) => (NoiseScaling::Stretching, 1),
            Mitigation::VirtualDistillation(config) => (NoiseScaling::Stretching, config.copies as usize),
        };
        let largest = self.runs.iter().map(|run| run.scale as usize).max().unwrap_or(1);
        self.shift = ParameterShift::of_products(circuit, |operation| match scaling {
            // it is followed by its inverse and itself again
            NoiseScaling::Insertion if operation.qubits().len() > 1 => largest,
            NoiseScaling::Insertion | NoiseScaling::Stretching => copies,
        })?;
        let (apart, noise) = (self.shift.circuit(), &self.measurement.noise);
        for run in &mut self.runs {
            let with_noise = |circuit: &Circuit| {
                Ok::<_, EstimateError>(match scaling {
                    NoiseScaling::Stretching => noise.stretched(run.scale).apply(circuit)?,
                    NoiseScaling::Insertion => noise.apply(&insert_identities(circuit, run.scale)?)?,
                })
            };
            let noisy = if quiet.is_empty() { with_noise(apart)? } else { slopes::around(apart, &quiet, with_noise)? };
            let noisy = match &mut self.inverses {
                Some(inverses) => {
                    let (circuit, overhead) = inverses.cancelled(&noisy)?;
                    self.overhead = overhead;
                    circuit
                }
                None => noisy,
            };
            run.energy.rebuild(&noisy)?;
        }
        Ok(())
    }
}

impl Estimator for NoisyEstimator {
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), EstimateError> {
        self.assemble(circuit, 0..0)
    }

    fn value(&mut self, parameters: &[f64]) -> Result<Estimate, EstimateError> {
        let mut angles = std::mem::take(&mut self.angles);
        let sample = self.shift.angles_into(parameters, &mut angles).and_then(|()| self.sample(&angles));
        self.angles = angles;
        sample?.estimate()
    }

    /// The gradient is made of energies at shifted angles, two for each frequency of an angle.
    ///
    /// Where the random error of an energy does not depend on the state, the shifted energies are not drawn one by one: the gradient is
    /// the exact one with an error of the same distribution. They are counted all the same.
    fn value_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<Estimate, EstimateError> {
        if gradient.len() != parameters.len() {
            let (expected, given) = (parameters.len(), gradient.len());
            return Err(EstimateError::SizeMismatch { what: "entries of the gradient", expected, given });
        }
        let angles = self.shift.angles(parameters)?;
        let sample = self.sample(&angles)?;
        gradient.fill(0.0);
        if self.measurement.shot_noise.depends_on_state() && self.shots.is_some() {
            self.shifted_gradient(&angles, sample, gradient)?;
        } else {
            self.drawn_gradient(&angles, sample, gradient)?;
        }
        sample.estimate()
    }

    fn evaluations(&self) -> u64 {
        self.evaluations
    }
}

fn extrapolator(config: &ZeroNoiseExtrapolation, mixed: f64) -> Result<Extrapolator, EstimateError> {
    let scales: Vec<f64> = config.scales.iter().map(|&scale| f64::from(scale)).collect();
    let curve = match config.curve {
        ExtrapolationCurve::Polynomial => Extrapolation::Polynomial { degree: config.degree },
        ExtrapolationCurve::Exponential => Extrapolation::Exponential { asymptote: mixed, degree: config.degree },
    };
    Extrapolator::new(&scales, curve)
}

#[cfg(test)]
mod tests;
