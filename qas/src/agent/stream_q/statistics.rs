//! Running means and deviations.

use serde::{Deserialize, Serialize};

/// Added to variances.
const SMALL: f64 = 1e-8;

/// Means and sums of squared deviations of the entries of observations, by Welford's recursion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Normaliser {
    count: u64,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl Normaliser {
    pub(super) fn new(size: usize) -> Self {
        Self { count: 0, means: vec![0.0; size], squares: vec![0.0; size] }
    }

    /// Whether it is of so many entries.
    pub(super) fn fits(&self, size: usize) -> bool {
        self.means.len() == size && self.squares.len() == size
    }

    pub(super) fn update(&mut self, numbers: &[f32]) {
        self.count += 1;
        let count = self.count as f64;
        for ((number, mean), square) in numbers.iter().zip(&mut self.means).zip(&mut self.squares) {
            let far = f64::from(*number) - *mean;
            *mean += far / count;
            *square += far * (f64::from(*number) - *mean);
        }
    }

    /// Numbers less their means, divided by their deviations; by 1 before the second observation.
    pub(super) fn normalised(&self, numbers: &[f32]) -> Vec<f32> {
        let variance = |square: f64| if self.count < 2 { 1.0 } else { square / (self.count - 1) as f64 };
        let each = |((number, mean), square): ((&f32, &f64), &f64)| {
            ((f64::from(*number) - mean) / (variance(*square) + SMALL).sqrt()) as f32
        };
        numbers.iter().zip(&self.means).zip(&self.squares).map(each).collect()
    }
}

/// The deviation of discounted sums of rewards from 0.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct RewardScale {
    count: u64,
    sum: f64,
    squares: f64,
}

impl RewardScale {
    /// The reward divided by the deviation, which then includes it.
    pub(super) fn scaled(&mut self, reward: f64, gamma: f64, done: bool) -> f64 {
        self.count += 1;
        self.sum = if done { 0.0 } else { gamma * self.sum } + reward;
        self.squares += self.sum * self.sum;
        let variance = if self.count < 2 { 1.0 } else { self.squares / (self.count - 1) as f64 };
        reward / (variance + SMALL).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_deviations_by_hand() {
        let mut normaliser = Normaliser::new(2);
        for numbers in [[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]] {
            normaliser.update(&numbers);
        }
        // mean 3, variance (4 + 1 + 9) / 2 = 7
        let seen = normaliser.normalised(&[10.0, 5.0]);
        assert!((f64::from(seen[0]) - 7.0 / 7f64.sqrt()).abs() < 1e-6 && seen[1] == 0.0);
    }

    #[test]
    fn rewards_are_divided_by_the_deviation_of_their_sums() {
        let mut scale = RewardScale::default();
        assert!((scale.scaled(2.0, 0.5, false) - 2.0).abs() < 1e-6);
        // sums 2 and 2 + 1 = 2: (4 + 4) / 1 = 8
        assert!((scale.scaled(1.0, 0.5, false) - 1.0 / 8f64.sqrt()).abs() < 1e-6);
        // at the end what came before is left out: (4 + 4 + 9) / 2
        assert!((scale.scaled(3.0, 0.5, true) - 3.0 / 8.5f64.sqrt()).abs() < 1e-6);
    }
}
