//! What an action earns.

use serde::{Deserialize, Serialize};

/// How the relative improvement is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clip {
    /// To at least -1, as the paper writes it.
    Below,
    /// To between -1 and 1, as the published code does it.
    Both,
    /// Not at all.
    Off,
}

/// The published reward: a bonus for success, a penalty for running out of gates, and the relative
/// improvement otherwise.
///
/// Source: M. Ostaszewski et al., Reinforcement learning for optimization of variational quantum circuit
/// architectures (2021).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RewardConfig {
    /// Reward for reaching the threshold. Default 5.
    pub success: f64,
    /// Reward when the last gate allowed has not reached it. Default -5.
    pub failure: f64,
    /// Bounds of the relative improvement. Default `both`.
    pub clip: Clip,
}

impl Default for RewardConfig {
    fn default() -> Self {
        Self { success: 5.0, failure: -5.0, clip: Clip::Both }
    }
}

impl RewardConfig {
    /// The reward of a step that moved the energy from `previous` to `energy` in front of `target`.
    ///
    /// `succeeded`: the threshold is reached. `exhausted`: this was the last gate allowed. A halted episode
    /// is not exhausted.
    pub fn reward(&self, previous: f64, energy: f64, target: f64, succeeded: bool, exhausted: bool) -> f64 {
        if succeeded {
            return self.success;
        }
        if exhausted {
            return self.failure;
        }
        let gap = (previous - target).abs();
        let improvement = if gap > 0.0 { (previous - energy) / gap } else { 0.0 };
        match self.clip {
            Clip::Below => improvement.max(-1.0),
            Clip::Both => improvement.clamp(-1.0, 1.0),
            Clip::Off => improvement,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_cases() {
        let reward = RewardConfig::default();
        assert_eq!(reward.reward(-1.0, -1.5, -2.0, true, true), 5.0);
        assert_eq!(reward.reward(-1.0, -1.5, -2.0, false, true), -5.0);
        assert_eq!(reward.reward(-1.0, -1.5, -2.0, false, false), 0.5);
        assert_eq!(reward.reward(-1.5, -1.0, -2.0, false, false), -1.0);
        assert_eq!(reward.reward(-2.0, -1.0, -2.0, false, false), 0.0, "no gap, no improvement to speak of");
    }

    #[test]
    fn clipping() {
        let with = |clip| RewardConfig { clip, ..RewardConfig::default() };
        let worse = |config: RewardConfig| config.reward(-1.9, -1.0, -2.0, false, false);
        assert_eq!(worse(with(Clip::Both)), -1.0);
        assert_eq!(worse(with(Clip::Below)), -1.0);
        assert!((worse(with(Clip::Off)) + 9.0).abs() < 1e-12);
        let overshoot = |config: RewardConfig| config.reward(-1.9, -2.2, -2.0, false, false);
        assert_eq!(overshoot(with(Clip::Both)), 1.0);
        assert!((overshoot(with(Clip::Below)) - 3.0).abs() < 1e-12);
    }
}
