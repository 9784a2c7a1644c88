//! The value of a circuit: its energy with all angles fitted.

use qloom_circuits::{Action, Circuit, Operation};
use qloom_optim::{Evaluations, Minimizer, MinimizerConfig, ObjectiveError};
use qloom_sim::Energy;
use serde::{Deserialize, Serialize};

use crate::search::config::{SimulatorChoice, StateVectorChoice};
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
    /// The energy, in the problem's unit.
    pub energy: f64,
}

/// Finds the best angles of circuits, and counts every evaluation of an energy.
pub struct Objective {
    simulation: Energy,
    minimizer: Box<dyn Minimizer>,
    config: ObjectiveConfig,
    evaluations: Evaluations,
}

impl Objective {
    /// The objective of a problem.
    ///
    /// # Errors
    ///
    /// [`QasError::Optimisation`] when the minimiser's settings are outside their range,
    /// [`QasError::Simulation`] when the problem has too many qubits.
    pub fn new(
        config: ObjectiveConfig,
        simulator: SimulatorChoice,
        minimizer: &MinimizerConfig,
        problem: &Problem,
    ) -> Result<Self, QasError> {
        let SimulatorChoice::StateVector(StateVectorChoice {}) = simulator;
        Ok(Self {
            simulation: Energy::new(&Circuit::new(problem.num_qubits()), problem.hamiltonian())?,
            minimizer: minimizer.build()?,
            config,
            evaluations: Evaluations::default(),
        })
    }

    /// Evaluations so far.
    pub fn evaluations(&self) -> Evaluations {
        self.evaluations
    }

    pub(crate) fn set_evaluations(&mut self, evaluations: Evaluations) {
        self.evaluations = evaluations;
    }

    /// The energy of a circuit at given angles, one evaluation.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated, [`QasError::NonFiniteEnergy`].
    pub fn energy(&mut self, circuit: &Circuit, angles: &[f64]) -> Result<f64, QasError> {
        self.simulation.rebuild(circuit)?;
        self.counted_value(angles)
    }

    fn counted_value(&mut self, angles: &[f64]) -> Result<f64, QasError> {
        self.evaluations.values += 1;
        let energy = self.simulation.value(angles)?;
        if energy.is_finite() { Ok(energy) } else { Err(QasError::NonFiniteEnergy { what: "a circuit", energy }) }
    }

    /// Fits all angles, from `start`; `fresh` is the index of the angle of a gate appended last, and
    /// `before` the energy without that gate.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated, [`QasError::Optimisation`] when the fit
    /// fails, a non-finite energy included.
    pub fn fit(&mut self, circuit: &Circuit, mut start: Vec<f64>, fresh: Option<usize>, before: f64) -> Result<Fit, QasError> {
        self.simulation.rebuild(circuit)?;
        if let Some(fresh) = fresh
            && self.config.new_angle == NewAngle::Sweep
            && is_plain_rotation(circuit.operations().last())
        {
            start[fresh] = std::f64::consts::FRAC_PI_2;
            let plus = self.counted_value(&start)?;
            start[fresh] = -std::f64::consts::FRAC_PI_2;
            let minus = self.counted_value(&start)?;
            start[fresh] = lowest_angle(before, plus, minus);
        }
        let minimum = self.minimizer.minimize(&mut Bound(&mut self.simulation), &start)?;
        self.evaluations += minimum.evaluations;
        Ok(Fit { angles: minimum.point, energy: minimum.value })
    }
}

/// Where `mean + b cos t + c sin t` is lowest, given its values at 0, pi/2 and -pi/2; 0 when it is constant.
fn lowest_angle(zero: f64, plus: f64, minus: f64) -> f64 {
    let mean = 0.5 * (plus + minus);
    let (cosine, sine) = (zero - mean, 0.5 * (plus - minus));
    if cosine.hypot(sine) <= 1e-12 * mean.abs().max(1.0) { 0.0 } else { (-sine).atan2(-cosine) }
}

/// Whether the energy is a sine curve of the operation's own angle.
fn is_plain_rotation(operation: Option<&Operation>) -> bool {
    matches!(operation, Some(Operation::Gate { gate, .. }) if matches!(gate.spec().action, Action::Rotation(_)))
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
