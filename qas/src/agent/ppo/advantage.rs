//! How much better an action was than expected.

use serde::{Deserialize, Serialize};

/// How the advantages of actions are estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advantage {
    /// Generalised advantage estimation: errors of a learnt value, decaying by `gamma` times `lambda` a step.
    #[default]
    Generalised,
    /// The return of the whole episode over those of the batch, the same for all its actions; no value is learnt (GRPO).
    Group,
}

/// Advantages, and the returns that values are to learn, of the steps of a batch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Estimate {
    pub(super) advantages: Vec<f64>,
    pub(super) returns: Vec<f64>,
}

/// `A_t = d_t + gamma lambda A_(t+1)` with `d_t = r_t + gamma V_(t+1) - V_t` over rewards, each with whether its episode ended there, and
/// values; returns are `A_t + V_t`.
///
/// Source: J. Schulman et al., High-dimensional continuous control using generalized advantage estimation, arXiv:1506.02438 (2016).
pub(super) fn generalised(rewards: &[(f64, bool)], values: &[f64], gamma: f64, lambda: f64) -> Estimate {
    let mut advantages = vec![0.0; rewards.len()];
    let (mut next_value, mut next_advantage) = (0.0, 0.0);
    for (step, &(reward, last)) in rewards.iter().enumerate().rev() {
        if last {
            (next_value, next_advantage) = (0.0, 0.0);
        }
        let error = reward + gamma * next_value - values[step];
        next_advantage = error + gamma * lambda * next_advantage;
        next_value = values[step];
        advantages[step] = next_advantage;
    }
    let returns = advantages.iter().zip(values).map(|(advantage, value)| advantage + value).collect();
    Estimate { advantages, returns }
}

/// For each step the sum of the rewards of its episode, with mean 0 and variance 1 over the episodes.
pub(super) fn group(rewards: &[(f64, bool)]) -> Estimate {
    let mut returns: Vec<f64> = Vec::new();
    let mut sum = 0.0;
    for &(reward, last) in rewards {
        sum += reward;
        if last {
            returns.push(std::mem::take(&mut sum));
        }
    }
    normalise(&mut returns);
    let mut episode = 0;
    let of_step = |&(_, last): &(f64, bool)| {
        let advantage = returns[episode];
        episode += usize::from(last);
        advantage
    };
    Estimate { advantages: rewards.iter().map(of_step).collect(), returns: vec![0.0; rewards.len()] }
}

/// Gives numbers the mean 0 and the variance 1; zeros where they are all alike.
pub(super) fn normalise(numbers: &mut [f64]) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let deviation = (numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count).sqrt();
    numbers.iter_mut().for_each(|number| *number = (*number - mean) / (deviation + 1e-8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advantages_of_two_episodes_worked_by_hand() {
        // gamma 0.5, lambda 0.5; errors 1 + 0.5 * 2 - 1 = 1, 2 + 0.5 * 4 - 2 = 2, -1 - 4 = -5, and 3 - 1 = 2 for the second episode
        let rewards = [(1.0, false), (2.0, false), (-1.0, true), (3.0, true)];
        let found = generalised(&rewards, &[1.0, 2.0, 4.0, 1.0], 0.5, 0.5);
        // -5; 2 - 5 / 4 = 0.75; 1 + 0.75 / 4 = 1.1875
        assert_eq!(found.advantages, [1.1875, 0.75, -5.0, 2.0]);
        assert_eq!(found.returns, [2.1875, 2.75, -1.0, 3.0]);
        // lambda 1: discounted sums of rewards; lambda 0: one step and the value after it
        assert_eq!(generalised(&rewards, &[1.0, 2.0, 4.0, 1.0], 0.5, 1.0).returns, [1.75, 1.5, -1.0, 3.0]);
        assert_eq!(generalised(&rewards, &[1.0, 2.0, 4.0, 1.0], 0.5, 0.0).returns, [2.0, 4.0, -1.0, 3.0]);
    }

    #[test]
    fn advantages_within_a_group_worked_by_hand() {
        // returns 3 and 1: mean 2, deviation 1
        let found = group(&[(1.0, false), (2.0, true), (4.0, false), (-3.0, true)]);
        for (found, expected) in found.advantages.iter().zip([1.0, 1.0, -1.0, -1.0]) {
            assert!((found - expected).abs() < 1e-7, "{found} {expected}");
        }
        // alike: nothing to learn
        assert_eq!(group(&[(1.0, true), (1.0, true)]).advantages, [0.0, 0.0]);
    }

    #[test]
    fn normalised_numbers_have_mean_0_and_variance_1() {
        let mut numbers = vec![1.0, 5.0, -2.0, 7.5];
        normalise(&mut numbers);
        assert!(numbers.iter().sum::<f64>().abs() < 1e-12);
        assert!((numbers.iter().map(|x| x * x).sum::<f64>() / 4.0 - 1.0).abs() < 1e-7);
    }
}
