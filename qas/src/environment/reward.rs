//! What an action earns.

use serde::{Deserialize, Serialize};

use super::novelty::NoveltyConfig;
use crate::QasError;
use crate::objective::Objective;
use crate::size::{Size, SizeMeasure, SizeWeights, check_order};

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

/// The share of the distance from the target that the next fit promises to take, as the potential of a shaping term.
///
/// Of the rotations that legal actions append or open up, those of steepest slope at angle 0 are looked at: slope, energy at 0 and energy
/// at half a turn give the sine curve of each, and how far its lowest point lies below. The largest such drop, divided by the distance from
/// the target, is the potential P of the circuit, 0 at the end of an episode; a step earns `weight * (gamma * P(after) - P(before))` beside
/// the rest, which with the agent's own gamma leaves the best policy what it is. Slopes are one evaluation a step, under noise two energies
/// a rotation; each energy at half a turn is one more. Not with `environment.lag`, nor with a cost of one's own.
///
/// Source: A. Y. Ng, D. Harada, S. Russell, Policy invariance under reward transformations (1999); M. Ostaszewski, E. Grant, M. Benedetti,
/// Structure optimization for parameterized quantum circuits (2021).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromiseConfig {
    /// What the shaping term is multiplied by, positive. Default 1.
    pub weight: f64,
    /// Discount of the potential, in [0, 1]; that of the agent leaves the best policy what it is. Default 0.88, that of `dqn`.
    pub gamma: f64,
    /// How many of the steepest rotations are looked at, in 1 to 100. Default 4.
    pub rotations: usize,
}

impl Default for PromiseConfig {
    fn default() -> Self {
        Self { weight: 1.0, gamma: 0.88, rotations: 4 }
    }
}

/// The published reward: a bonus for success, a penalty for running out of gates, and the relative
/// improvement otherwise; less what sizes cost, and more by what the next fit promises, if asked for.
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
    /// What a step pays for each gate, moment or angle that it adds, and is paid back for each that it takes out: the weighted reward.
    /// All 0 by default, as published.
    pub price: SizeWeights,
    /// The lexicographic reward: a success earns less by the sum of `s_k / (max_gates + 1)^k` over these sizes s_1, s_2, ..., which is
    /// below 1, so that of two successes the one that is smaller in the first of them that differs earns more. Default none, as published.
    pub order: Vec<SizeMeasure>,
    /// A term for what the next fit promises. Default none, as published.
    pub promise: Option<PromiseConfig>,
    /// An intrinsic term for states unlike those seen before. Default none, as published.
    pub novelty: Option<NoveltyConfig>,
}

impl Default for RewardConfig {
    fn default() -> Self {
        Self {
            success: 5.0,
            failure: -5.0,
            clip: Clip::Both,
            price: SizeWeights::default(),
            order: Vec::new(),
            promise: None,
            novelty: None,
        }
    }
}

impl RewardConfig {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for a number outside its range.
    pub(super) fn check(&self, objective: &Objective) -> Result<(), QasError> {
        for (setting, value) in [("environment.reward.success", self.success), ("environment.reward.failure", self.failure)] {
            if !value.is_finite() {
                return Err(QasError::invalid(setting, value, "it has to be finite"));
            }
        }
        self.price.check("environment.reward.price")?;
        if !self.order.is_empty() {
            check_order(&self.order, "environment.reward.order")?;
        }
        let Some(PromiseConfig { weight, gamma, rotations }) = self.promise else { return Ok(()) };
        if !objective.has_sine_curves() {
            let need = "falls are foretold of energies, not of a cost of one's own or of states to diagonalise: leave it out";
            return Err(QasError::invalid("environment.reward.promise", "given", need));
        }
        if !(weight.is_finite() && weight > 0.0) {
            return Err(QasError::invalid("environment.reward.promise.weight", weight, "it has to be finite and positive"));
        }
        if !(0.0..=1.0).contains(&gamma) {
            return Err(QasError::invalid("environment.reward.promise.gamma", gamma, "it has to be in 0 to 1"));
        }
        if !(1..=100).contains(&rotations) {
            return Err(QasError::invalid("environment.reward.promise.rotations", rotations, "it has to be in 1 to 100"));
        }
        Ok(())
    }

    /// Whether sizes are paid for.
    pub(super) fn has_prices(&self) -> bool {
        self.price != SizeWeights::default() || !self.order.is_empty()
    }

    /// What a step pays that led from one size to another.
    pub(super) fn cost(&self, before: Size, after: Size, succeeded: bool, max_gates: usize) -> f64 {
        let digit = (max_gates + 1) as f64;
        let measures = self.order.iter().filter(|_| succeeded);
        let ordered = measures.rev().fold(0.0, |sum, &measure| (sum + after.get(measure) as f64) / digit);
        self.price.of(after) - self.price.of(before) + ordered
    }

    /// What a step earns for the potentials before and after it.
    pub(super) fn shaping(&self, before: f64, after: f64) -> f64 {
        self.promise.as_ref().map_or(0.0, |promise| promise.weight * (promise.gamma * after - before))
    }

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
    fn sizes_are_paid_for_and_the_first_that_differs_decides() {
        let price = SizeWeights { two_qubit_gates: 0.5, depth: 0.25, ..SizeWeights::default() };
        let reward = RewardConfig { price, ..RewardConfig::default() };
        let (small, large) =
            (Size { gates: 3, depth: 1, ..Size::default() }, Size { two_qubit_gates: 2, gates: 4, depth: 3, parameters: 0 });
        assert!(reward.has_prices() && !RewardConfig::default().has_prices());
        assert_eq!(reward.cost(small, large, false, 40), 1.5);
        assert_eq!(reward.cost(large, small, true, 40), -1.5, "paid back");
        let order = vec![SizeMeasure::TwoQubitGates, SizeMeasure::Gates];
        let reward = RewardConfig { order, ..RewardConfig::default() };
        let cost = |two_qubit_gates: usize, gates: usize| {
            reward.cost(Size::default(), Size { two_qubit_gates, gates, ..Size::default() }, true, 9)
        };
        assert!((cost(3, 7) - 0.37).abs() < 1e-12);
        assert!(cost(2, 9) < cost(3, 3) && cost(3, 3) < cost(3, 4) && cost(9, 9) < 1.0);
        assert_eq!(reward.cost(small, large, false, 9), 0.0, "successes alone are told apart");
    }

    #[test]
    fn potentials_cancel_along_an_episode() {
        let promise = Some(PromiseConfig { weight: 2.0, gamma: 0.5, rotations: 1 });
        let reward = RewardConfig { promise, ..RewardConfig::default() };
        let potentials = [0.8, 0.3, 0.6, 0.0];
        let discounted: f64 =
            (0..3).map(|step| 0.5f64.powi(step as i32) * reward.shaping(potentials[step], potentials[step + 1])).sum();
        assert!((discounted + 2.0 * 0.8).abs() < 1e-12, "what is left is the potential of the start");
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
