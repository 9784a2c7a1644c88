//! Energies under the noise of a device, from finitely many runs, with errors mitigated.

pub mod config;
mod distillation;
mod measurement;

use std::f64::consts::{FRAC_PI_2, PI};

use qloom_circuits::{Action, Circuit, Operation, PauliSum};
use qloom_optim::ObjectiveError;
use qloom_sim::{
    Energy, Estimate, Extrapolation, Folding, NoiseModel, PauliProgram, PauliVector, ScaledValue, SimulatorConfig, extrapolate,
    fold,
};

use self::config::{Mitigation, PauliVectorChoice, ShotNoise};
use self::distillation::Distiller;
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
    runs: Vec<Run>,
    pure: Energy,
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
    program: PauliProgram,
    state: PauliVector,
}

impl Run {
    fn state(&mut self, angles: &[f64]) -> Result<&[f64], QasError> {
        self.state.prepare(&self.program, angles)?;
        Ok(self.state.values())
    }

    /// Adds `weight` times the derivatives of the linear function of the state's coefficients to the gradient.
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
        let measured = |invert| Measurement::new(hamiltonian, &model.readout, invert, choice.shot_noise);
        let (scales, distiller) = match &choice.mitigation {
            Mitigation::None => (vec![1], None),
            Mitigation::VirtualDistillation(config) => {
                (vec![1], Some(Distiller::new(hamiltonian, config.copies, &model.readout, choice.shot_noise)))
            }
            Mitigation::ZeroNoiseExtrapolation(config) => (config.scales.clone(), None),
        };
        let empty = Circuit::new(num_qubits);
        let config = SimulatorConfig { threads: 1, ..SimulatorConfig::default() };
        let run = |scale| Ok(Run { scale, program: PauliProgram::new(&empty)?, state: PauliVector::zero(num_qubits, config)? });
        Ok(Self {
            measurement: measured(choice.invert_readout),
            plain: measured(false),
            distiller,
            runs: scales.into_iter().map(run).collect::<Result<_, QasError>>()?,
            pure: Energy::new(&empty, hamiltonian)?,
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
        for run in &mut self.runs {
            let (folded, _) = fold(circuit, f64::from(run.scale), Folding::LargeGates)?;
            run.program.rebuild(&self.model.apply(&folded)?)?;
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
        let Self { choice, measurement, distiller, runs, shots, stream, .. } = self;
        let shared = |parts: usize| shots.map(|shots| shots / parts as f64);
        let mut error = |deviation: f64| if deviation > 0.0 { deviation * stream.normal() } else { 0.0 };
        match (&choice.mitigation, distiller) {
            (Mitigation::VirtualDistillation(config), Some(distiller)) => {
                let traces = distiller.traces(runs[0].state(angles)?);
                let scale = shared(config.copies as usize).map_or(0.0, |shots| shots.sqrt().recip());
                let [numerator, denominator] = traces.deviations.map(|deviation| deviation * scale);
                Ok([traces.numerator + error(numerator), traces.denominator + error(denominator)])
            }
            (Mitigation::ZeroNoiseExtrapolation(config), _) => {
                let parts = runs.len();
                let mut values = Vec::with_capacity(parts);
                for run in runs {
                    let scale = f64::from(run.scale);
                    let state = run.state(angles)?;
                    let standard_error = shared(parts).map_or(0.0, |shots| measurement.deviation(state, shots));
                    let value = measurement.mean(state) + error(standard_error);
                    values.push(ScaledValue { scale, estimate: Estimate { value, standard_error } });
                }
                let curve = Extrapolation::Polynomial { degree: config.degree };
                Ok([extrapolate(&values, curve)?.value, 1.0])
            }
            (Mitigation::None | Mitigation::VirtualDistillation(_), _) => {
                let state = runs[0].state(angles)?;
                let deviation = shared(1).map_or(0.0, |shots| measurement.deviation(state, shots));
                Ok([measurement.mean(state) + error(deviation), 1.0])
            }
        }
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
                let mut shifted = angles.to_vec();
                for (k, slope) in gradient.iter_mut().enumerate() {
                    let (mut upper, mut lower) = (0.0, 0.0);
                    for &(shift, weight) in &rule {
                        shifted[k] = angles[k] + shift;
                        let [up, low] = self.sample(&shifted)?;
                        upper += weight * up;
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
        let num_qubits = self.pure_qubits();
        let Self { choice, measurement, distiller, runs, shots, .. } = self;
        let per_run = |parts: usize| shots.map_or(0.0, |shots| (parts as f64 / shots).sqrt());
        gradient.fill(0.0);
        match (&choice.mitigation, distiller) {
            (Mitigation::VirtualDistillation(config), Some(distiller)) => {
                let traces = distiller.traces(runs[0].state(angles)?);
                let square = denominator * denominator;
                let covector = distiller.covector(denominator / square, -numerator / square);
                runs[0].add_slopes(angles, &covector, 1.0, gradient)?;
                let [upper, lower] = traces.deviations.map(|deviation| deviation * per_run(config.copies as usize));
                Ok((upper / denominator).hypot(lower * numerator / square))
            }
            (Mitigation::ZeroNoiseExtrapolation(config), _) => {
                let covector = measurement.covector(num_qubits);
                let scales: Vec<f64> = runs.iter().map(|run| f64::from(run.scale)).collect();
                let mut variance = 0.0;
                for (k, run) in runs.iter_mut().enumerate() {
                    let unit = |m: usize| ScaledValue {
                        scale: scales[m],
                        estimate: Estimate { value: if m == k { 1.0 } else { 0.0 }, standard_error: 0.0 },
                    };
                    let units: Vec<ScaledValue> = (0..scales.len()).map(unit).collect();
                    let weight = extrapolate(&units, Extrapolation::Polynomial { degree: config.degree })?.value;
                    run.add_slopes(angles, &covector, weight, gradient)?;
                    variance += (weight * measurement.deviation(run.state.values(), 1.0)).powi(2);
                }
                Ok(variance.sqrt() * per_run(scales.len()))
            }
            (Mitigation::None | Mitigation::VirtualDistillation(_), _) => {
                runs[0].add_slopes(angles, &measurement.covector(num_qubits), 1.0, gradient)?;
                Ok(measurement.deviation(runs[0].state.values(), 1.0) * per_run(1))
            }
        }
    }

    fn pure_qubits(&self) -> usize {
        self.runs[0].program.num_qubits()
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
    matches!(operation, Operation::Gate { gate, .. } if gate.num_qubits() == 1 && matches!(gate.spec().action, Action::Rotation(_)))
}

impl qloom_optim::Objective for NoisySimulation {
    fn value(&mut self, point: &[f64]) -> Result<f64, ObjectiveError> {
        Ok(self.value(point)?)
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        self.sines.then(|| self.value_and_gradient(point, gradient).map_err(ObjectiveError::from))
    }

    fn set_samples(&mut self, samples: Option<f64>) {
        self.set_shots(samples);
    }
}

#[cfg(test)]
mod tests;
