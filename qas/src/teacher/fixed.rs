//! Thresholds fixed beforehand.

use serde::{Deserialize, Serialize};

use super::{Outcome, Task, Teacher};
use crate::QasError;
use crate::error::{decode, encode};

/// Settings of [`Fixed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FixedConfig {
    /// Thresholds in the problem's unit, one at least. Default `[1.6e-3]`, chemical accuracy (with the exact target).
    pub thresholds: Vec<f64>,
    /// Numbers of the episodes, counted from 0 and ascending, at which the second and later thresholds take
    /// over; one fewer than thresholds. Default none.
    pub episodes: Vec<u64>,
}

impl Default for FixedConfig {
    fn default() -> Self {
        Self { thresholds: vec![1.6e-3], episodes: Vec::new() }
    }
}

/// A teacher that follows a list and takes no notice of the outcomes.
#[derive(Debug, Clone)]
pub struct Fixed {
    config: FixedConfig,
    finished: u64,
}

impl Fixed {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the lists do not fit each other or hold impossible numbers.
    pub fn new(config: FixedConfig) -> Result<Self, QasError> {
        if config.thresholds.len() != config.episodes.len() + 1 {
            return Err(QasError::invalid(
                "teacher.fixed.thresholds",
                format!("{} thresholds with {} episodes", config.thresholds.len(), config.episodes.len()),
                "there has to be one threshold more than episodes",
            ));
        }
        if let Some(bad) = config.thresholds.iter().find(|x| !x.is_finite() || **x <= 0.0) {
            return Err(QasError::invalid("teacher.fixed.thresholds", bad, "a threshold has to be finite and positive"));
        }
        if !config.episodes.is_sorted_by(|a, b| a < b) {
            return Err(QasError::invalid(
                "teacher.fixed.episodes",
                format!("{:?}", config.episodes),
                "they have to be ascending",
            ));
        }
        Ok(Self { config, finished: 0 })
    }
}

impl Teacher for Fixed {
    fn next_task(&mut self) -> Task {
        let index = self.config.episodes.iter().filter(|&&episode| episode <= self.finished).count();
        Task { threshold: self.config.thresholds[index], max_gates: None, noise: None }
    }

    fn record(&mut self, _: Outcome) {
        self.finished += 1;
    }

    fn save(&self) -> Vec<u8> {
        encode(&self.finished)
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        self.finished = decode("teacher", bytes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_take_over_at_their_episodes() {
        let config = FixedConfig { thresholds: vec![0.1, 0.01, 0.001], episodes: vec![2, 3] };
        let mut teacher = Fixed::new(config.clone()).expect("valid");
        let mut seen = Vec::new();
        for episode in 0..5 {
            seen.push(teacher.next_task().threshold);
            if episode == 2 {
                let mut other = Fixed::new(config.clone()).expect("valid");
                other.load(&teacher.save()).expect("just saved");
                teacher = other;
            }
            teacher.record(Outcome { succeeded: false, smallest_gap: 1.0 });
        }
        assert_eq!(seen, [0.1, 0.1, 0.01, 0.001, 0.001]);
    }

    #[test]
    fn lists_that_do_not_fit_are_refused() {
        for (thresholds, episodes) in
            [(vec![], vec![]), (vec![0.1, 0.2], vec![]), (vec![0.1, 0.2, 0.3], vec![5, 5]), (vec![-1.0], vec![])]
        {
            assert!(Fixed::new(FixedConfig { thresholds, episodes }).is_err());
        }
    }
}
