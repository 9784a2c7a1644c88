//! Energies under the noise of a device, from finitely many runs, with errors mitigated.

pub mod config;
mod distillation;
mod extrapolation;
mod measurement;

use std::f64::consts::{FRAC_PI_2, PI};

use qloom_circuits::{Action, Circuit, Operation, PauliSum};
use qloom_optim::ObjectiveError;
use qloom_sim::{Energy, NoiseModel, NoisyEnergy};

use self::config::{Mitigation, NoiseScaling, PauliVectorChoice, ShotNoise};
use self::distillation::Distiller;
use self::extrapolation::{Extrapolator, noisy};
use self::measurement::Measurement;
use crate::objective::Reference;
use crate::stream::Stream;
use crate::{Problem, QasError};

/// Simulates the measurement of a circuit's energy on a noisy device.
pub(crate) struct NoisySimulation {
    choice: PauliVectorChoice,
    model: NoiseModel,
    measurement: Measurement,
    /// As measured without any mitigation, for reports.
    plain: Measurement,
    distiller: Option<Distiller>,
    extrapolator: Option<Extrapolator>,
    runs: Vec<Run>,
    pure: Energy,
    /// Energies of the runs measured last.
    energies: Vec<f64>,
    slopes: Vec<f64>,
    /// Whether the energy is a sine curve of each angle.
    sines: bool,
    shots: Option<f64>,
    /// Random errors of energies.
    pub(crate) stream: Stream,
    /// Energies measured so far.
    pub(crate) measured: u64,
}

/// A circuit with its noise, at one scale of it.
struct Run {
    scale: u32,
    energy: NoisyEnergy,
}

impl Run {
    fn state(&mut self, angles: &[f64]) -> Result<&[f64], QasError> {
        Ok(self.energy.state(angles)?.values())
    }

    /// Adds `weight` times the derivatives of a linear function of the state's coefficients to the gradient.
    fn add_slopes(&mut self, angles: &[f64], covector: &[f64], weight: f64, gradient: &mut [f64]) -> Result<(), QasError> {
        let mut shifted = angles.to_vec();
        for (k, slope) in gradient.iter_mut().enumerate() {
            for sign in [1.0, -1.0] {
                shifted[k] = angles[k] + sign * FRAC_PI_2;
                let value: f64 = self.state(&shifted)?.iter().zip(covector).map(|(v, c)| v * c).sum();
                *slope += 0.5 * sign * weight * value;
            }
            shifted[k] = angles[k];
        }
        Ok(())
    }
}

impl NoisySimulation {
    pub(crate) fn new(choice: &PauliVectorChoice, problem: &Problem, seed: u64) -> Result<Self, QasError> {
        let num_qubits = problem.num_qubits();
        choice.check(num_qubits)?;
        let model = choice.noise(num_qubits)?;
        let hamiltonian: &PauliSum = problem.hamiltonian();
        let measured = |invert| Measurement::new(hamiltonian, &model, invert, choice.shot_noise);
        let (scales, distiller, extrapolator) = match &choice.mitigation {
            Mitigation::None => (vec![1], None, None),
            Mitigation::VirtualDistillation(config) => {
                (vec![1], Some(Distiller::new(hamiltonian, config.copies, &model.readout, choice.shot_noise)), None)
            }
            Mitigation::ZeroNoiseExtrapolation(config) => {
                (config.scales.clone(), None, Some(Extrapolator::new(config, hamiltonian.constant())?))
            }
        };
        let empty = Circuit::new(num_qubits);
        let measurement = measured(choice.invert_readout)?;
        let run = |scale| Ok(Run { scale, energy: NoisyEnergy::new(&empty, measurement.observable())? });
        Ok(Self {
            runs: scales.into_iter().map(run).collect::<Result<_, QasError>>()?,
            measurement,
            plain: measured(false)?,
            distiller,
            extrapolator,
            pure: Energy::new(&empty, hamiltonian)?,
            energies: Vec::new(),
            slopes: Vec::new(),
            sines: true,
            shots: choice.shots,
            stream: Stream::named(seed, "shots"),
            measured: 0,
            choice: choice.clone(),
            model,
        })
    }

    /// Fresh energies that confirm one.
    pub(crate) fn confirmations(&self) -> u32 {
        self.choice.confirmations
    }

    /// Takes another circuit.
    pub(crate) fn rebuild(&mut self, circuit: &Circuit) -> Result<(), QasError> {
        self.pure.rebuild(circuit)?;
        self.sines = circuit.operations().iter().all(|operation| operation.angles().is_empty() || is_plain_rotation(operation));
        let scaling = match &self.choice.mitigation {
            Mitigation::ZeroNoiseExtrapolation(config) => config.scaling,
            Mitigation::None | Mitigation::VirtualDistillation(_) => NoiseScaling::Stretching,
        };
        for run in &mut self.runs {
            run.energy.rebuild(&noisy(circuit, &self.model, scaling, run.scale)?)?;
        }
        Ok(())
    }

    /// Number of runs a term of the energies that follow; the configured number if none.
    pub(crate) fn set_shots(&mut self, shots: Option<f64>) {
        self.shots = shots.or(self.choice.shots);
    }

    /// What the energy is a quotient of at these angles: one energy measured.
    fn sample(&mut self, angles: &[f64]) -> Result<[f64; 2], QasError> {
        self.measured += 1;
        let Self { measurement, distiller, extrapolator, runs, shots, stream, .. } = self;
        let shared = |parts: usize| shots.map(|shots| shots / parts as f64);
        let mut error = |deviation: f64| if deviation > 0.0 { deviation * stream.normal() } else { 0.0 };
        if let Some(distiller) = distiller {
            let traces = distiller.traces(runs[0].state(angles)?);
            let scale = shared(distiller.copies()).map_or(0.0, |shots| shots.sqrt().recip());
            let [numerator, denominator] = traces.deviations.map(|deviation| deviation * scale);
            return Ok([traces.numerator + error(numerator), traces.denominator + error(denominator)]);
        }
        let parts = runs.len();
        self.energies.clear();
        for run in runs {
            let state = run.state(angles)?;
            let deviation = shared(parts).map_or(0.0, |shots| measurement.deviation(state, shots));
            self.energies.push(measurement.mean(state) + error(deviation));
        }
        let energy = match extrapolator {
            Some(extrapolator) => extrapolator.extrapolate(&self.energies).0,
            None => self.energies[0],
        };
        Ok([energy, 1.0])
    }

    /// One energy as it is measured.
    pub(crate) fn value(&mut self, angles: &[f64]) -> Result<f64, QasError> {
        let [numerator, denominator] = self.sample(angles)?;
        let energy = numerator / denominator;
        if energy.is_finite() { Ok(energy) } else { Err(QasError::NonFiniteEnergy { what: "a circuit", energy }) }
    }

    /// An energy, and its gradient from energies at shifted angles, twice as many for each angle as the energy has frequencies (1, or
    /// the number of copies).
    ///
    /// Where the random error of an energy does not depend on the state, the shifted energies need not be drawn one by one: the gradient
    /// is the exact one with an error of the same distribution. They are counted all the same.
    ///
    /// Source: D. Wierichs et al., General parameter-shift rules for quantum gradients (2022), equation 9.
    pub(crate) fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, QasError> {
        let [numerator, denominator] = self.sample(angles)?;
        let rule = shift_rule(self.frequencies());
        match self.choice.shot_noise {
            ShotNoise::TermVariance if self.shots.is_some() => {
                let weights = match &self.extrapolator {
                    Some(extrapolator) => extrapolator.extrapolate(&self.energies).1,
                    None => vec![1.0],
                };
                let distilled = self.distiller.is_some();
                let mut shifted = angles.to_vec();
                for (k, slope) in gradient.iter_mut().enumerate() {
                    let (mut upper, mut lower) = (0.0, 0.0);
                    for &(shift, weight) in &rule {
                        shifted[k] = angles[k] + shift;
                        let [up, low] = self.sample(&shifted)?;
                        let linear: f64 = weights.iter().zip(&self.energies).map(|(weight, energy)| weight * energy).sum();
                        upper += weight * if distilled { up } else { linear };
                        lower += weight * low;
                    }
                    shifted[k] = angles[k];
                    // the weights of a rule cancel, so that a denominator of 1 has no slope
                    *slope = (upper * denominator - numerator * lower) / (denominator * denominator);
                }
            }
            ShotNoise::TermVariance | ShotNoise::None | ShotNoise::PublishedGpu | ShotNoise::PublishedCpu => {
                let weight = rule.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
                let deviation = weight * self.slopes(angles, [numerator, denominator], gradient)?;
                if deviation > 0.0 {
                    gradient.iter_mut().for_each(|slope| *slope += deviation * self.stream.normal());
                }
                self.measured += (rule.len() * angles.len()) as u64;
            }
        }
        let energy = numerator / denominator;
        if energy.is_finite() { Ok(energy) } else { Err(QasError::NonFiniteEnergy { what: "a circuit", energy }) }
    }

    /// The number of frequencies of what is measured as a function of an angle.
    fn frequencies(&self) -> usize {
        match &self.choice.mitigation {
            Mitigation::VirtualDistillation(config) => config.copies as usize,
            Mitigation::None | Mitigation::ZeroNoiseExtrapolation(_) => 1,
        }
    }

    /// The gradient for a numerator and denominator measured, without random errors in the slopes; returns the standard deviation that a
    /// shifted energy in a slope has.
    fn slopes(&mut self, angles: &[f64], [numerator, denominator]: [f64; 2], gradient: &mut [f64]) -> Result<f64, QasError> {
        let Self { measurement, distiller, extrapolator, runs, shots, energies, slopes, .. } = self;
        slopes.resize(angles.len(), 0.0);
        let per_run = |parts: usize| shots.map_or(0.0, |shots| (parts as f64 / shots).sqrt());
        gradient.fill(0.0);
        if let Some(distiller) = distiller {
            let traces = distiller.traces(runs[0].state(angles)?);
            let square = denominator * denominator;
            let covector = distiller.covector(denominator / square, -numerator / square);
            runs[0].add_slopes(angles, &covector, 1.0, gradient)?;
            let [upper, lower] = traces.deviations.map(|deviation| deviation * per_run(distiller.copies()));
            return Ok((upper / denominator).hypot(lower * numerator / square));
        }
        let weights = extrapolator.as_ref().map_or_else(|| vec![1.0], |extrapolator| extrapolator.extrapolate(energies).1);
        let parts = runs.len();
        let mut variance = 0.0;
        for (run, weight) in runs.iter_mut().zip(weights) {
            run.energy.value_and_gradient(angles, slopes)?;
            gradient.iter_mut().zip(&*slopes).for_each(|(sum, slope)| *sum += weight * slope);
            if shots.is_some() {
                // models that ask for the state have taken the other way
                variance += (weight * measurement.deviation(&[], 1.0)).powi(2);
            }
        }
        Ok(variance.sqrt() * per_run(parts))
    }

    /// Energies for reports, without random errors and not counted: nothing may be steered by them.
    pub(crate) fn reference(&mut self, angles: &[f64]) -> Result<Reference, QasError> {
        let noiseless = self.pure.value(angles)?;
        let unscaled = self.runs.iter_mut().find(|run| run.scale == 1).expect("the scale 1 is always among them");
        let noisy = self.plain.mean(unscaled.state(angles)?);
        Ok(Reference { noisy, noiseless })
    }
}

/// Shifts and weights that give the derivative of a sum of sine curves of frequencies up to this one.
fn shift_rule(frequencies: usize) -> Vec<(f64, f64)> {
    let count = frequencies as f64;
    (0..2 * frequencies)
        .map(|point| {
            let shift = (2 * point + 1) as f64 * PI / (2.0 * count);
            let sign = if point % 2 == 0 { 1.0 } else { -1.0 };
            (shift, sign / (4.0 * count * (0.5 * shift).sin().powi(2)))
        })
        .collect()
}

/// Whether the energy is a sine curve of the operation's own angle, of period 2 pi.
pub(crate) fn is_plain_rotation(operation: &Operation) -> bool {
    matches!(operation, Operation::Gate { gate, .. } if matches!(gate.spec().action, Action::Rotation(_)))
}

impl qloom_optim::Objective for NoisySimulation {
    fn value(&mut self, point: &[f64], samples: Option<f64>) -> Result<f64, ObjectiveError> {
        self.set_shots(samples);
        Ok(self.value(point)?)
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        self.set_shots(None);
        self.sines.then(|| self.value_and_gradient(point, gradient).map_err(ObjectiveError::from))
    }
}

#[cfg(test)]
mod tests;
