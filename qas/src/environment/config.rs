//! Settings of the environment.

use serde::{Deserialize, Serialize};

use super::action::ActionConfig;
use super::feature::ObserveConfig;
use super::fit::FitConfig;
use super::halting::HaltingConfig;
use super::reward::RewardConfig;
use super::screen::ScreenConfig;
use super::start::Start;

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
    /// The distance from the target, divided by that of the start: 1 at first, and falling.
    #[default]
    Relative,
    /// The energy itself, as published.
    Energy,
}

/// How far fits and energies lag behind the actions, as in published code; never better, and there to explain its numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lag {
    /// Not at all: the circuit with the new gate is fitted.
    #[default]
    None,
    /// The circuit before the gate is fitted, then the gate is appended with angle 0 and the energy read.
    Fit,
    /// The circuit before the gate is fitted, and its energy is that of the step.
    Energy,
}

/// Settings of [`Environment`](crate::Environment).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnvironmentConfig {
    /// Largest number of gates of a circuit, in 1 to 65535. Default 40.
    pub max_gates: usize,
    /// What gaps are measured from. Default `lower-bound`.
    pub target: Target,
    /// How the energy is told to the agent. Default `relative`.
    pub energy_feature: EnergyFeature,
    /// What the agent sees beside.
    pub observe: ObserveConfig,
    /// The circuit that an episode begins with. Default `empty`.
    pub start: Start,
    /// How far fits and energies lag behind the actions. Default `none`.
    pub lag: Lag,
    /// After which steps all angles are fitted. Walks fit them always.
    pub fit: FitConfig,
    /// Scores by which circuits are not fitted at all. Default none.
    pub screen: Option<ScreenConfig>,
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
            observe: ObserveConfig::default(),
            start: Start::default(),
            lag: Lag::default(),
            fit: FitConfig::default(),
            screen: None,
            actions: ActionConfig::default(),
            reward: RewardConfig::default(),
            halting: None,
        }
    }
}
