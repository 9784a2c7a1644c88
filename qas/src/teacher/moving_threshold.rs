//! The threshold that follows the best energy found.

use serde::{Deserialize, Serialize};

use super::{Outcome, Task, Teacher};
use crate::QasError;
use crate::error::{decode, encode};

/// Settings of [`MovingThreshold`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MovingThresholdConfig {
    /// First threshold xi_1, in the problem's unit. It should exceed the distance of the exact ground energy from the
    /// target. Without it (the default) the distance of the empty circuit's energy from the target is used.
    pub start: Option<f64>,
    /// G: every that many episodes the threshold is set to the best gap plus `margin`. Default 100; published
    /// 500 and 2000; at least 1.
    pub greedy_every: u64,
    /// No greedy setting up to this many episodes. Default 10.
    pub greedy_after: u64,
    /// delta: slack added to the best gap, in the problem's unit. Default 5e-3; published 5e-4 and 1e-3; positive.
    pub margin: f64,
    /// S: successes after which the threshold falls by `margin / steps`. Default 5; published 25 and 50; at
    /// least 1.
    pub successes: u64,
    /// kappa: the margin is taken back in this many falls. Default 10, as published; at least 1.
    pub steps: u64,
    /// How often the threshold may fall between two greedy settings. The published value is 10, that is
    /// kappa: the threshold then never asks for more than the best energy known, and a search whose energies
    /// lie far apart can succeed for ever without an improvement. Without it (the default) there is no limit.
    pub falls: Option<u64>,
    /// It falls only while the best gap is smaller than this, in the problem's unit. Without it (the default), always.
    pub switch: Option<f64>,
}

impl Default for MovingThresholdConfig {
    fn default() -> Self {
        Self {
            start: None,
            greedy_every: 100,
            greedy_after: 10,
            margin: 5e-3,
            successes: 5,
            steps: 10,
            falls: None,
            switch: None,
        }
    }
}

/// The feedback-driven teacher of curriculum search, with the update of the published code (where falls is
/// kappa):
///
/// ```text
/// after a success:  s += 1;  if s >= S and k < falls and gap < switch:  xi -= delta/kappa;  s = 0;  k += 1
/// after each episode:  calls += 1;  if calls > 10 and calls mod G == 0:  xi = gap + delta;  s = 0;  k = 0
/// ```
///
/// where gap is the smallest distance of any energy seen from the target, and at first the first threshold.
///
/// Source: Y. J. Patel et al., Curriculum reinforcement learning for quantum architecture search under
/// hardware errors (2024).
#[derive(Debug, Clone)]
pub struct MovingThreshold {
    config: MovingThresholdConfig,
    state: State,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    threshold: f64,
    best_gap: f64,
    successes: u64,
    lowered: u64,
    calls: u64,
}

impl MovingThreshold {
    /// Checks the settings; `first_gap` is the first threshold when the settings give none, in the problem's unit.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a setting is outside its range.
    pub fn new(config: MovingThresholdConfig, first_gap: f64) -> Result<Self, QasError> {
        let positive = |setting, value: f64| {
            (value.is_finite() && value > 0.0)
                .then_some(())
                .ok_or_else(|| QasError::invalid(setting, value, "it has to be finite and positive"))
        };
        let at_least_one = |setting, value: u64| {
            (value > 0).then_some(()).ok_or_else(|| QasError::invalid(setting, value, "it has to be at least 1"))
        };
        let threshold = config.start.unwrap_or(first_gap);
        positive("teacher.moving-threshold.start", threshold)?;
        positive("teacher.moving-threshold.margin", config.margin)?;
        at_least_one("teacher.moving-threshold.greedy_every", config.greedy_every)?;
        at_least_one("teacher.moving-threshold.successes", config.successes)?;
        at_least_one("teacher.moving-threshold.steps", config.steps)?;
        if config.switch.is_some_and(f64::is_nan) {
            return Err(QasError::invalid("teacher.moving-threshold.switch", f64::NAN, "it has to be a number"));
        }
        let state = State { threshold, best_gap: threshold, successes: 0, lowered: 0, calls: 0 };
        Ok(Self { config, state })
    }
}

impl Teacher for MovingThreshold {
    fn next_task(&mut self) -> Task {
        Task { threshold: self.state.threshold, max_gates: None, noise: None }
    }

    fn record(&mut self, outcome: Outcome) {
        let (config, state) = (&self.config, &mut self.state);
        state.best_gap = state.best_gap.min(outcome.smallest_gap);
        if outcome.succeeded {
            state.successes += 1;
            let near = config.switch.is_none_or(|switch| state.best_gap < switch);
            let allowed = config.falls.is_none_or(|falls| state.lowered < falls);
            if state.successes >= config.successes && allowed && near {
                state.threshold -= config.margin / config.steps as f64;
                state.successes = 0;
                state.lowered += 1;
            }
        }
        state.calls += 1;
        if state.calls > config.greedy_after && state.calls.is_multiple_of(config.greedy_every) {
            state.threshold = state.best_gap + config.margin;
            state.successes = 0;
            state.lowered = 0;
        }
    }

    fn save(&self) -> Vec<u8> {
        encode(&self.state)
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        self.state = decode("teacher", bytes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUCCESS: Outcome = Outcome { succeeded: true, smallest_gap: 0.9 };
    const FAILURE: Outcome = Outcome { succeeded: false, smallest_gap: 1.0 };

    fn published() -> MovingThreshold {
        let config = MovingThresholdConfig {
            start: Some(0.97),
            margin: 5e-4,
            greedy_every: 500,
            successes: 25,
            falls: Some(10),
            switch: Some(0.97),
            ..MovingThresholdConfig::default()
        };
        MovingThreshold::new(config, 1.0).expect("valid")
    }

    #[test]
    fn the_published_recursion() {
        let mut teacher = published();
        // 24 successes change nothing; the 25th lowers by delta / kappa = 5e-5.
        for _ in 0..24 {
            teacher.record(SUCCESS);
        }
        assert_eq!(teacher.next_task().threshold, 0.97);
        teacher.record(SUCCESS);
        assert!((teacher.next_task().threshold - (0.97 - 5e-5)).abs() < 1e-15);
        // Ten times at most until the greedy setting: after 450 more successes only nine of 18 would count.
        for _ in 25..499 {
            teacher.record(SUCCESS);
        }
        assert!((teacher.next_task().threshold - (0.97 - 5e-4)).abs() < 1e-12);
        // Episode 500: the best gap plus delta.
        teacher.record(FAILURE);
        assert!((teacher.next_task().threshold - (0.9 + 5e-4)).abs() < 1e-15);
        // And the counters start again.
        for _ in 0..25 {
            teacher.record(SUCCESS);
        }
        assert!((teacher.next_task().threshold - (0.9 + 5e-4 - 5e-5)).abs() < 1e-15);
    }

    #[test]
    fn nothing_is_lowered_before_the_switch() {
        let config = MovingThresholdConfig { start: Some(2.0), switch: Some(0.5), successes: 1, ..Default::default() };
        let mut teacher = MovingThreshold::new(config, 1.0).expect("valid");
        teacher.record(SUCCESS);
        assert_eq!(teacher.next_task().threshold, 2.0);
        teacher.record(Outcome { succeeded: true, smallest_gap: 0.4 });
        assert!(teacher.next_task().threshold < 2.0);
    }

    #[test]
    fn without_a_limit_the_threshold_falls_below_the_best_gap() {
        let config = MovingThresholdConfig { start: Some(0.9), margin: 5e-4, ..MovingThresholdConfig::default() };
        let mut teacher = MovingThreshold::new(config, 1.0).expect("valid");
        // Greedy at episode 100, then nineteen falls of 5e-5 from 5e-4 above the best gap.
        for _ in 0..199 {
            teacher.record(SUCCESS);
        }
        assert!((teacher.next_task().threshold - (0.9 + 5e-4 - 19.0 * 5e-5)).abs() < 1e-12);
    }

    #[test]
    fn greedy_setting_waits_for_the_first_episodes() {
        let config = MovingThresholdConfig { start: Some(2.0), greedy_every: 5, margin: 5e-4, ..Default::default() };
        let mut teacher = MovingThreshold::new(config, 1.0).expect("valid");
        let thresholds: Vec<f64> = (0..15)
            .map(|_| {
                teacher.record(FAILURE);
                teacher.next_task().threshold
            })
            .collect();
        assert_eq!(thresholds[9], 2.0, "10 is a multiple of 5 but not above 10");
        assert_eq!(thresholds[14], 1.0005);
    }

    #[test]
    fn saved_and_loaded_it_goes_on_alike() {
        let mut teacher = published();
        for i in 0..700 {
            teacher.record(if i % 3 == 0 { SUCCESS } else { FAILURE });
        }
        let mut other = published();
        other.load(&teacher.save()).expect("just saved");
        for i in 0..700 {
            let outcome = Outcome { succeeded: i % 2 == 0, smallest_gap: 0.8 };
            teacher.record(outcome);
            other.record(outcome);
            assert_eq!(teacher.next_task(), other.next_task());
        }
        assert!(other.load(&[1, 2]).is_err());
    }

    #[test]
    fn the_energy_trap_is_refused() {
        let config = MovingThresholdConfig { start: Some(-0.351), ..MovingThresholdConfig::default() };
        assert!(MovingThreshold::new(config, 1.0).is_err(), "an energy where a gap is meant");
    }
}
