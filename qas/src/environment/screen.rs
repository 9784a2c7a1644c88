//! Circuits that are not worth a fit, told without one.

use qloom_circuits::Circuit;
use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::objective::Objective;

/// Scores of a circuit before its angles are fitted. Where one of them says that a fit would be for nothing, angles stay as they are (new
/// ones at 0, or where a gadget has them) and the energy there is that of the step; a later step whose circuit passes fits them all.
///
/// Every energy and state that a score takes is counted as an evaluation. Walks fit always.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScreenConfig {
    /// The norm of the gradient of the energy with respect to all angles, where the fit would begin, has to be above this, in the
    /// problem's unit; positive. It costs one evaluation (under noise those of the gradient), which is the energy of the step
    /// if the fit is left out. Default none.
    pub gradient: Option<f64>,
    /// The expressibility has to be below this; positive. It is the Kullback-Leibler divergence, in nats, of the fidelities between the circuit's states at angles drawn
    /// at random, in 75 bins, from those of Haar-random states: 0 for a circuit that reaches every state alike, `(2^n - 1) ln 75` for one
    /// that reaches a single state. Read off pure states: without noise, and not for a unitary or a cost of one's own. Default none.
    ///
    /// Source: S. Sim, P. D. Johnson, A. Aspuru-Guzik, Expressibility and entangling capability of parameterized quantum circuits for hybrid
    /// quantum-classical algorithms (2019), equation 10.
    pub expressibility: Option<f64>,
    /// States for an expressibility, in 2 to 1000, one evaluation each; all pairs of them give a fidelity. Default 16, which is 120
    /// pairs.
    pub states: usize,
}

impl Default for ScreenConfig {
    fn default() -> Self {
        Self { gradient: None, expressibility: None, states: 16 }
    }
}

impl ScreenConfig {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for a number outside its range, and where states cannot be read off.
    pub(super) fn check(&self, objective: &Objective) -> Result<(), QasError> {
        let positive = |setting, value: Option<f64>| match value {
            Some(value) if !(value.is_finite() && value > 0.0) => {
                Err(QasError::invalid(setting, value, "it has to be finite and positive"))
            }
            _ => Ok(()),
        };
        positive("environment.screen.gradient", self.gradient)?;
        positive("environment.screen.expressibility", self.expressibility)?;
        if !(2..=1000).contains(&self.states) {
            return Err(QasError::invalid("environment.screen.states", self.states, "it has to be in 2 to 1000"));
        }
        if self.gradient.is_none() && self.expressibility.is_none() {
            let need = "it names no score: give it gradient or expressibility, or leave it out";
            return Err(QasError::invalid("environment.screen", "empty", need));
        }
        if let Some(most) = self.expressibility.filter(|_| !objective.has_pure_states()) {
            let need = "it is read off pure states: leave it out under noise, for a unitary and with a cost of one's own";
            return Err(QasError::invalid("environment.screen.expressibility", most, need));
        }
        Ok(())
    }

    /// The energy at these angles, if a fit that begins there is not worth its price.
    ///
    /// # Errors
    ///
    /// Those of the simulation.
    pub(super) fn hopeless(&self, circuit: &Circuit, angles: &[f64], objective: &mut Objective) -> Result<Option<f64>, QasError> {
        if let Some(most) = self.expressibility
            && objective.expressibility(circuit, self.states)? >= most
        {
            return objective.energy(circuit, angles).map(Some);
        }
        let Some(least) = self.gradient else { return Ok(None) };
        let (energy, norm) = objective.gradient_norm(circuit, angles)?;
        Ok((norm <= least).then_some(energy))
    }
}
