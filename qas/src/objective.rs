//! The value of a circuit: its energy with all angles fitted.

use qloom_circuits::Circuit;
use qloom_optim::{Evaluations, Minimizer, MinimizerConfig, ObjectiveError, sine_minimum};
use qloom_sim::Energy;
use serde::{Deserialize, Serialize};

use crate::noisy::{NoisySimulation, is_plain_rotation};
use crate::search::config::{SimulatorChoice, StateVectorChoice};
use crate::stream::{Stream, StreamState};
use crate::{Problem, QasError};

/// Where the fit of a circuit's angles starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewAngle {
    /// The new angle starts at 0, as published.
    Zero,
    /// The new angle starts where the energy is lowest with all others held, which three energies on its
    /// sine curve tell. A gradient method that starts at 0 stays there when 0 is a saddle point, as it often
    /// is for symmetric Hamiltonians.
    #[default]
    Sweep,
}

/// Settings of [`Objective`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObjectiveConfig {
    /// Where the fit starts. Default `sweep`.
    pub new_angle: NewAngle,
}

/// Angles and the energy they give.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The angles, in radians.
    pub angles: Vec<f64>,
    /// The energy, in the problem's unit; under noise measured anew at these angles.
    pub energy: f64,
}

/// Exact energies of one circuit at the same angles, in the problem's unit; for reports alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Under the noise of gates and of reading out, neither undone nor mitigated, from infinitely many runs.
    pub noisy: f64,
    /// Without any noise.
    pub noiseless: f64,
}

/// Finds the best angles of circuits, and counts every evaluation of an energy.
pub struct Objective {
    simulation: Simulation,
    minimizer: Box<dyn Minimizer>,
    config: ObjectiveConfig,
    evaluations: Evaluations,
    /// One number for each fit, from which its minimiser draws.
    directions: Stream,
}

enum Simulation {
    Pure(Box<Energy>),
    Noisy(Box<NoisySimulation>),
}

/// Where an objective stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ObjectiveState {
    evaluations: Evaluations,
    directions: StreamState,
    shots: Option<StreamState>,
}

impl Objective {
    /// The objective of a problem; the seed fixes random errors of energies and what minimisers draw.
    ///
    /// # Errors
    ///
    /// [`QasError::Optimisation`] when the minimiser's settings are outside their range,
    /// [`QasError::Simulation`] when the problem has too many qubits, [`QasError::InvalidSetting`] and
    /// [`QasError::Hardware`] when the noise does not fit it.
    pub fn new(
        config: ObjectiveConfig,
        simulator: &SimulatorChoice,
        minimizer: &MinimizerConfig,
        problem: &Problem,
        seed: u64,
    ) -> Result<Self, QasError> {
        let simulation = match simulator {
            SimulatorChoice::StateVector(StateVectorChoice {}) => {
                Simulation::Pure(Box::new(Energy::new(&Circuit::new(problem.num_qubits()), problem.hamiltonian())?))
            }
            SimulatorChoice::PauliVector(choice) => Simulation::Noisy(Box::new(NoisySimulation::new(choice, problem, seed)?)),
        };
        Ok(Self {
            simulation,
            minimizer: minimizer.build()?,
            config,
            evaluations: Evaluations::default(),
            directions: Stream::named(seed, "directions"),
        })
    }

    /// Evaluations so far: under noise every energy measured, those of gradients included.
    pub fn evaluations(&self) -> Evaluations {
        self.evaluations
    }

    pub(crate) fn save(&self) -> ObjectiveState {
        let shots = match &self.simulation {
            Simulation::Pure(_) => None,
            Simulation::Noisy(noisy) => Some(noisy.stream.save()),
        };
        ObjectiveState { evaluations: self.evaluations, directions: self.directions.save(), shots }
    }

    pub(crate) fn load(&mut self, state: &ObjectiveState) {
        self.evaluations = state.evaluations;
        self.directions = Stream::load(&state.directions);
        if let (Simulation::Noisy(noisy), Some(shots)) = (&mut self.simulation, &state.shots) {
            noisy.stream = Stream::load(shots);
        }
    }

    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), QasError> {
        match &mut self.simulation {
            Simulation::Pure(energy) => Ok(energy.rebuild(circuit)?),
            Simulation::Noisy(noisy) => noisy.rebuild(circuit),
        }
    }

    /// The energy of a circuit at given angles, one evaluation.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated, [`QasError::NonFiniteEnergy`].
    pub fn energy(&mut self, circuit: &Circuit, angles: &[f64]) -> Result<f64, QasError> {
        self.rebuild(circuit)?;
        self.counted_value(angles)
    }

    fn counted_value(&mut self, angles: &[f64]) -> Result<f64, QasError> {
        self.evaluations.values += 1;
        let energy = match &mut self.simulation {
            Simulation::Pure(energy) => energy.value(angles)?,
            Simulation::Noisy(noisy) => {
                noisy.set_shots(None);
                noisy.value(angles)?
            }
        };
        if energy.is_finite() { Ok(energy) } else { Err(QasError::NonFiniteEnergy { what: "a circuit", energy }) }
    }

    /// An energy that can be believed: the one given when energies have no noise, otherwise the mean of fresh ones.
    ///
    /// # Errors
    ///
    /// As [`energy`](Self::energy).
    pub fn confirm(&mut self, circuit: &Circuit, angles: &[f64], energy: f64) -> Result<f64, QasError> {
        let fresh = match &self.simulation {
            Simulation::Pure(_) => return Ok(energy),
            Simulation::Noisy(noisy) => noisy.confirmations(),
        };
        self.rebuild(circuit)?;
        let mut sum = 0.0;
        for _ in 0..fresh {
            sum += self.counted_value(angles)?;
        }
        Ok(sum / f64::from(fresh))
    }

    /// The exact noisy and noiseless energies of a circuit, for reports: they are not counted.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated.
    pub fn reference(&mut self, circuit: &Circuit, angles: &[f64]) -> Result<Reference, QasError> {
        self.rebuild(circuit)?;
        match &mut self.simulation {
            Simulation::Pure(energy) => {
                let energy = energy.value(angles)?;
                Ok(Reference { noisy: energy, noiseless: energy })
            }
            Simulation::Noisy(noisy) => noisy.reference(angles),
        }
    }

    /// Fits all angles, from `start`; `fresh` is the index of the angle of a gate appended last, and
    /// `before` the energy without that gate.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated, [`QasError::Optimisation`] when the fit
    /// fails, a non-finite energy included.
    pub fn fit(&mut self, circuit: &Circuit, mut start: Vec<f64>, fresh: Option<usize>, before: f64) -> Result<Fit, QasError> {
        self.rebuild(circuit)?;
        if let Some(fresh) = fresh
            && self.config.new_angle == NewAngle::Sweep
            && circuit.operations().last().is_some_and(is_plain_rotation)
        {
            start[fresh] = std::f64::consts::FRAC_PI_2;
            let plus = self.counted_value(&start)?;
            start[fresh] = -std::f64::consts::FRAC_PI_2;
            let minus = self.counted_value(&start)?;
            start[fresh] = sine_minimum(before, plus, minus).0;
        }
        match &mut self.simulation {
            Simulation::Pure(energy) => {
                let minimum = self.minimizer.minimize(&mut Bound(energy), &start)?;
                self.evaluations += minimum.evaluations;
                Ok(Fit { angles: minimum.point, energy: minimum.value })
            }
            Simulation::Noisy(noisy) => {
                self.minimizer.reseed(self.directions.word());
                noisy.set_shots(None);
                let measured = noisy.measured;
                let minimum = self.minimizer.minimize(noisy.as_mut(), &start)?;
                self.evaluations.values += noisy.measured - measured;
                self.evaluations.gradients += minimum.evaluations.gradients;
                let energy = self.counted_value(&minimum.point)?;
                Ok(Fit { angles: minimum.point, energy })
            }
        }
    }
}

/// A circuit's energy as a function of its angles.
struct Bound<'a>(&'a mut Energy);

impl qloom_optim::Objective for Bound<'_> {
    fn value(&mut self, point: &[f64]) -> Result<f64, ObjectiveError> {
        Ok(self.0.value(point)?)
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        Some(self.0.value_and_gradient(point, gradient).map_err(ObjectiveError::from))
    }
}

#[cfg(test)]
mod tests;
