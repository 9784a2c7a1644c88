//! Simulated annealing over circuits.

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::{Bounds, Round, Walk, default_max_gates, start};
use crate::environment::action::ActionSet;
use crate::environment::start::Section;
use crate::error::{decode, encode};
use crate::objective::Objective;
use crate::{Problem, QasError};

/// Settings of simulated annealing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnnealingConfig {
    /// Largest number of gates. Default 4 n^2 on n qubits.
    pub max_gates: Option<usize>,
    /// Temperature at first, in the problem's unit, at least 0. Default 1e-2.
    pub temperature: f64,
    /// What the temperature is multiplied by after each round, in (0, 1]. Default 0.99.
    pub cooling: f64,
    /// Moves in a round, at least 1. Default 20.
    pub moves: usize,
}

impl Default for AnnealingConfig {
    fn default() -> Self {
        Self { max_gates: None, temperature: 1e-2, cooling: 0.99, moves: 20 }
    }
}

impl AnnealingConfig {
    fn check(&self) -> Result<(), QasError> {
        for (setting, value) in
            [("agent.annealing.max_gates", self.max_gates.unwrap_or(1)), ("agent.annealing.moves", self.moves)]
        {
            if value == 0 {
                return Err(QasError::invalid(setting, value, "it has to be at least 1"));
            }
        }
        if !(self.temperature.is_finite() && self.temperature >= 0.0) {
            return Err(QasError::invalid(
                "agent.annealing.temperature",
                self.temperature,
                "it has to be finite and not negative",
            ));
        }
        if !(self.cooling > 0.0 && self.cooling <= 1.0) {
            return Err(QasError::invalid("agent.annealing.cooling", self.cooling, "it has to be in (0, 1]"));
        }
        Ok(())
    }
}

/// A walk whose moves put in, take out or exchange a gate drawn alike, all angles fitted after each; a move that raises the energy by
/// `d` is accepted with probability `exp(-d / T)`, and the temperature falls from round to round.
///
/// It begins with the lowest basis state, as the local search does, or with the circuit of the settings. Source: S. Kirkpatrick et al., Optimization by simulated annealing
/// (1983).
pub(crate) struct Annealing {
    config: AnnealingConfig,
    max_gates: usize,
    start: Section,
    stream: Stream,
    state: Option<State>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    current: Draft,
    temperature: f64,
    lowest: f64,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    stream: StreamState,
    state: Option<State>,
}

impl Annealing {
    pub(crate) fn new(
        config: AnnealingConfig,
        set: &ActionSet,
        problem: &Problem,
        from: Option<&Section>,
        seed: u64,
    ) -> Result<Self, QasError> {
        config.check()?;
        Ok(Self {
            max_gates: config.max_gates.unwrap_or_else(|| default_max_gates(set.num_qubits())),
            start: start::beginnings(problem, set, from, 1).swap_remove(0),
            config,
            stream: Stream::named(seed, "annealing"),
            state: None,
        })
    }
}

impl Walk for Annealing {
    fn round(&mut self, set: &ActionSet, objective: &mut Objective, bounds: Bounds) -> Result<Round, QasError> {
        let mut state = match self.state.take() {
            Some(state) => state,
            None => {
                let current = Draft::start(&self.start, set, objective)?;
                State { lowest: current.energy, temperature: self.config.temperature, current }
            }
        };
        let mut best = state.current.clone();
        for _ in 0..self.config.moves {
            if bounds.are_spent(objective) {
                break;
            }
            let mut next = state.current.mutated(self.max_gates, set, &mut self.stream);
            next.fit(set, objective)?;
            let rise = next.energy - state.current.energy;
            if rise <= 0.0 || self.stream.unit() < (-rise / state.temperature).exp() {
                state.current = next;
            }
            if state.current.energy < best.energy {
                best = state.current.clone();
            }
        }
        let improved = best.energy < state.lowest;
        state.lowest = state.lowest.min(best.energy);
        state.temperature *= self.config.cooling;
        let ceiling = state.lowest;
        self.state = Some(state);
        let fits = best.actions.len() <= self.max_gates;
        Ok(Round { candidate: best.finished(set, objective)?, fits, improved, ceiling })
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved { stream: self.stream.save(), state: self.state.clone() })
    }

    fn load(&mut self, bytes: &[u8], set: &ActionSet) -> Result<(), QasError> {
        let saved: Saved = decode("annealing", bytes)?;
        saved.state.iter().try_for_each(|state| state.current.check(set))?;
        (self.stream, self.state) = (Stream::load(&saved.stream), saved.state);
        Ok(())
    }
}
