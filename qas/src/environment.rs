//! The partial circuit, what may be appended to it, and what that earns.

pub mod action;
pub mod coupling;
pub mod encoding;
pub mod halting;
pub mod reward;

use qloom_circuits::{Angle, Circuit, Operation};
use serde::{Deserialize, Serialize};

use crate::agent::{Dimensions, Observation};
use crate::environment::action::{ActionConfig, ActionSet, LastGates};
use crate::environment::encoding::{Encoding, Placement};
use crate::environment::halting::HaltingConfig;
use crate::environment::reward::RewardConfig;
use crate::objective::Objective;
use crate::teacher::Task;
use crate::{Problem, QasError};
use qloom_circuits::Stream;

/// The energy that gaps, thresholds and rewards are measured from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The lower bound that the coefficients give: needs no knowledge of the solution.
    #[default]
    LowerBound,
    /// The exact ground energy, which the problem then has to state.
    Exact,
}

/// How the energy is told to the agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnergyFeature {
    /// The distance from the target, divided by that of the empty circuit: 1 at first, and falling.
    #[default]
    Relative,
    /// The energy itself, as published.
    Energy,
}

/// Settings of [`Environment`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnvironmentConfig {
    /// Largest number of gates of a circuit, in 1 to 65535. Default 40.
    pub max_gates: usize,
    /// What gaps are measured from. Default `lower-bound`.
    pub target: Target,
    /// How the energy is told to the agent. Default `relative`.
    pub energy_feature: EnergyFeature,
    /// What may be appended.
    pub actions: ActionConfig,
    /// What it earns.
    pub reward: RewardConfig,
    /// Random halting. Default off.
    pub halting: Option<HaltingConfig>,
}

impl Default for EnvironmentConfig {
    fn default() -> Self {
        Self {
            max_gates: 40,
            target: Target::default(),
            energy_feature: EnergyFeature::default(),
            actions: ActionConfig::default(),
            reward: RewardConfig::default(),
            halting: None,
        }
    }
}

/// Why an episode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The threshold was reached.
    Success,
    /// The largest number of gates was reached without success.
    Exhausted,
    /// The episode was halted at random.
    Halted,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the agent sees now.
    pub observation: Observation,
    /// What the step earned.
    pub reward: f64,
    /// The energy of the circuit with its angles fitted, in the problem's unit.
    pub energy: f64,
    /// Why the episode ended; `None` while it goes on.
    pub ending: Option<Ending>,
}

/// A circuit that grows gate by gate from the empty one on |0...0>, all angles fitted after each gate.
///
/// New angles start at 0 and keep their fitted values from step to step.
pub struct Environment {
    config: EnvironmentConfig,
    actions: ActionSet,
    encoding: Encoding,
    target: f64,
    first_energy: f64,
    threshold: f64,
    last_step: usize,
    taken: Vec<u16>,
    circuit: Circuit,
    angles: Vec<f64>,
    energy: f64,
    placement: Placement,
    last_gates: LastGates,
}

impl Environment {
    /// The environment of a problem; evaluates the empty circuit once.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] and the errors of [`ActionSet::new`] for settings that do not fit,
    /// [`QasError::NoExactEnergy`] when the target needs it, and those of the simulation.
    pub fn new(config: EnvironmentConfig, problem: &Problem, objective: &mut Objective) -> Result<Self, QasError> {
        if config.max_gates == 0 || config.max_gates > usize::from(u16::MAX) {
            return Err(QasError::invalid("environment.max_gates", config.max_gates, "it has to be in 1 to 65535"));
        }
        for (setting, value) in
            [("environment.reward.success", config.reward.success), ("environment.reward.failure", config.reward.failure)]
        {
            if !value.is_finite() {
                return Err(QasError::invalid(setting, value, "it has to be finite"));
            }
        }
        if let Some(halting) = &config.halting {
            halting.check()?;
        }
        let actions = ActionSet::new(&config.actions, problem.num_qubits())?;
        let encoding = Encoding::new(&actions, config.max_gates);
        let target = match config.target {
            Target::LowerBound => problem.lower_bound(),
            Target::Exact => {
                problem.exact_energy().ok_or(QasError::NoExactEnergy { setting: "environment.target = \"exact\"" })?
            }
        };
        let circuit = Circuit::new(problem.num_qubits());
        let first_energy = objective.energy(&circuit, &[])?;
        let num_qubits = problem.num_qubits();
        Ok(Self {
            config,
            encoding,
            target,
            first_energy,
            threshold: 0.0,
            last_step: 0,
            taken: Vec::new(),
            circuit,
            angles: Vec::new(),
            energy: first_energy,
            placement: Placement::new(num_qubits),
            last_gates: LastGates::new(num_qubits),
            actions,
        })
    }

    /// The sizes an agent has to fit.
    pub fn dimensions(&self) -> Dimensions {
        Dimensions { inputs: self.encoding.num_inputs(), actions: self.actions.len() }
    }

    /// The actions by number.
    pub fn actions(&self) -> &ActionSet {
        &self.actions
    }

    /// The energy that gaps are measured from.
    pub fn target(&self) -> f64 {
        self.target
    }

    /// Distance of the empty circuit's energy from the target.
    pub fn first_gap(&self) -> f64 {
        (self.first_energy - self.target).abs()
    }

    /// Distance of the present energy from the target.
    pub fn gap(&self) -> f64 {
        (self.energy - self.target).abs()
    }

    /// The present energy.
    pub fn energy(&self) -> f64 {
        self.energy
    }

    /// Numbers of the actions taken in this episode.
    pub fn taken(&self) -> &[u16] {
        &self.taken
    }

    /// The circuit, its angles free parameters in order of appearance.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// The fitted angles, in radians.
    pub fn angles(&self) -> &[f64] {
        &self.angles
    }

    /// Number of moments of the circuit.
    pub fn depth(&self) -> usize {
        self.placement.depth()
    }

    /// Starts an episode with the empty circuit.
    pub fn reset(&mut self, task: Task, halting: &mut Stream) -> Observation {
        let num_qubits = self.actions.num_qubits();
        self.threshold = task.threshold;
        let last = self.config.max_gates - 1;
        self.last_step = self.config.halting.as_ref().map_or(last, |config| config.draw(halting).min(last));
        self.taken.clear();
        self.circuit = Circuit::new(num_qubits);
        self.angles.clear();
        self.energy = self.first_energy;
        self.placement = Placement::new(num_qubits);
        self.last_gates = LastGates::new(num_qubits);
        self.observe()
    }

    /// Appends a gate and fits all angles.
    ///
    /// # Errors
    ///
    /// Those of the simulation and of the optimisation.
    ///
    /// # Panics
    ///
    /// When `action` is not the number of an action.
    pub fn step(&mut self, action: usize, objective: &mut Objective) -> Result<Step, QasError> {
        let fresh = append(&mut self.circuit, &self.actions, action)?;
        let before = self.energy;
        let mut start = self.angles.clone();
        start.resize(self.circuit.num_parameters(), 0.0);
        let fitted = objective.fit(&self.circuit, start, fresh, before)?;
        self.angles = fitted.angles;
        self.energy = fitted.energy;
        self.placement.place(&self.encoding, &self.actions, action);
        self.last_gates.record(&self.actions, action);
        let step = self.taken.len();
        self.taken.push(action as u16);
        let succeeded = self.gap() < self.threshold;
        let exhausted = self.taken.len() == self.config.max_gates;
        let ending = match (succeeded, exhausted) {
            (true, _) => Some(Ending::Success),
            (false, true) => Some(Ending::Exhausted),
            (false, false) => (step == self.last_step).then_some(Ending::Halted),
        };
        let reward = self.config.reward.reward(before, self.energy, self.target, succeeded, exhausted);
        Ok(Step { observation: self.observe(), reward, energy: self.energy, ending })
    }

    fn observe(&self) -> Observation {
        let energy = match self.config.energy_feature {
            EnergyFeature::Energy => self.energy,
            EnergyFeature::Relative if self.first_gap() > 0.0 => (self.energy - self.target) / self.first_gap(),
            EnergyFeature::Relative => 0.0,
        };
        Observation {
            entries: self.placement.entries().to_vec(),
            energy: energy as f32,
            illegal: self.last_gates.illegal(&self.actions).into_iter().map(|index| index as u16).collect(),
        }
    }
}

/// Appends an action's gate; its angle, if it has one, is the next free parameter, whose index is returned.
pub(crate) fn append(circuit: &mut Circuit, actions: &ActionSet, action: usize) -> Result<Option<usize>, QasError> {
    let action = actions.get(action);
    let fresh = (action.gate.num_parameters() == 1).then(|| circuit.num_parameters());
    let angles: Vec<Angle> = fresh.into_iter().map(Angle::free).collect();
    circuit.push(Operation::gate(action.gate, &angles, &action.qubits))?;
    Ok(fresh)
}

#[cfg(test)]
mod tests;
