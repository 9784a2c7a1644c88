//! Self-paced learning: a Gaussian of tasks that moves from easy ones to hard ones.

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use super::space::{Curriculum, TaskSpaceConfig, fraction, within};
use crate::QasError;
use crate::error::{decode, encode};

/// Settings of the teacher that moves a Gaussian of tasks at the learner's pace.
///
/// Tasks are drawn from a Gaussian with a variance for each number of a task, which begins at the easiest. Every so many episodes it moves
/// on the line to the Gaussian of the hardest tasks, as far as the competence there, estimated from the last episodes by importance weights,
/// stays at `competence` and the Kullback-Leibler divergence from where it was within `step`. Where the competence is lower already, it
/// moves towards the tasks of most competence instead.
///
/// Source: P. Klink, H. Abdulsamad, B. Belousov, C. D'Eramo, J. Peters, J. Pajarinen, A probabilistic interpretation of self-paced learning with
/// applications to reinforcement learning (2021), the form with a constraint on the performance; the optimisation is here a search along lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SelfPacedConfig {
    /// The tasks.
    pub space: TaskSpaceConfig,
    /// Episodes between moves, in 5 to 10,000. Default 20.
    pub every: usize,
    /// The mean competence that is kept, in 0 to 1. Default 0.5.
    pub competence: f64,
    /// The largest divergence of a move, in nats: finite and positive. Default 0.5.
    pub step: f64,
    /// Standard deviation at the beginning, as a part of the range, in 0.01 to 1. Default 0.3.
    pub first_spread: f64,
    /// Standard deviation at the end, around the hardest task, in 0.01 to 1. Default 0.1.
    pub last_spread: f64,
}

impl Default for SelfPacedConfig {
    fn default() -> Self {
        Self { space: TaskSpaceConfig::default(), every: 20, competence: 0.5, step: 0.5, first_spread: 0.3, last_spread: 0.1 }
    }
}

/// A Gaussian with a variance in each dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Gaussian {
    mean: Vec<f64>,
    log_spread: Vec<f64>,
}

/// Halvings of a line.
const HALVINGS: i32 = 10;
/// The smallest standard deviation.
const LEAST_SPREAD: f64 = 0.01;

impl Gaussian {
    fn log_density(&self, point: &[f64]) -> f64 {
        let parts = point.iter().zip(self.mean.iter().zip(&self.log_spread));
        parts.map(|(number, (mean, log))| -0.5 * ((number - mean) / log.exp()).powi(2) - log).sum()
    }

    /// The divergence of this from another, in nats.
    fn divergence(&self, other: &Self) -> f64 {
        let parts = (self.mean.iter().zip(&self.log_spread)).zip(other.mean.iter().zip(&other.log_spread));
        parts
            .map(|((mean, log), (other_mean, other_log))| {
                let spread = (2.0 * (log - other_log)).exp();
                let moved = ((mean - other_mean) / other_log.exp()).powi(2);
                0.5 * (spread + moved - 1.0) - (log - other_log)
            })
            .sum()
    }

    /// The point of the line to another at a share of the way.
    fn towards(&self, other: &Self, share: f64) -> Self {
        let mix = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + share * (b - a)).collect();
        Self { mean: mix(&self.mean, &other.mean), log_spread: mix(&self.log_spread, &other.log_spread) }
    }

    /// The Gaussian of points by their weights.
    fn of(points: &[(Vec<f64>, f64)], least: f64) -> Option<Self> {
        let total: f64 = points.iter().map(|point| point.1).sum();
        if total <= 0.0 {
            return None;
        }
        let dimensions = points.first()?.0.len();
        let weighted = |of: &dyn Fn(&[f64]) -> f64| points.iter().map(|(point, weight)| weight * of(point)).sum::<f64>() / total;
        let mean: Vec<f64> = (0..dimensions).map(|row| weighted(&|point| point[row])).collect();
        let log_spread =
            (0..dimensions).map(|row| weighted(&|point| (point[row] - mean[row]).powi(2)).sqrt().max(least).ln()).collect();
        Some(Self { mean, log_spread })
    }
}

/// The Gaussian at hand and what came of it.
pub(super) struct SelfPaced {
    config: SelfPacedConfig,
    state: State,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    present: Gaussian,
    /// Tasks since the last move, with their competences.
    episodes: Vec<(Vec<f64>, f64)>,
}

impl SelfPaced {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for a number outside its range.
    pub(super) fn new(config: SelfPacedConfig, dimensions: usize) -> Result<Self, QasError> {
        within("teacher.self-paced.every", config.every, (5, 10_000))?;
        fraction("teacher.self-paced.competence", config.competence)?;
        if !(config.step.is_finite() && config.step > 0.0) {
            return Err(QasError::invalid("teacher.self-paced.step", config.step, "it has to be finite and positive"));
        }
        let spreads =
            [("teacher.self-paced.first_spread", config.first_spread), ("teacher.self-paced.last_spread", config.last_spread)];
        for (setting, spread) in spreads {
            if !(LEAST_SPREAD..=1.0).contains(&spread) {
                return Err(QasError::invalid(setting, spread, "it has to be in 0.01 to 1"));
            }
        }
        let present = Gaussian { mean: vec![0.0; dimensions], log_spread: vec![config.first_spread.ln(); dimensions] };
        Ok(Self { config, state: State { present, episodes: Vec::new() } })
    }

    /// The competence under a Gaussian, by weights of what was drawn from the present one.
    fn competence(&self, of: &Gaussian) -> f64 {
        let weight = |point: &[f64]| (of.log_density(point) - self.state.present.log_density(point)).exp();
        let (mut sum, mut total) = (0.0, 0.0);
        for (point, competence) in &self.state.episodes {
            let weight = weight(point);
            sum += weight * competence;
            total += weight;
        }
        if total > 0.0 { sum / total } else { 0.0 }
    }

    /// Where the Gaussian moves to.
    fn moved(&self) -> Option<Gaussian> {
        let present = &self.state.present;
        let now = self.competence(present);
        let (goal, least) = if now >= self.config.competence {
            let dimensions = present.mean.len();
            let hardest = Gaussian { mean: vec![1.0; dimensions], log_spread: vec![self.config.last_spread.ln(); dimensions] };
            (hardest, self.config.competence)
        } else {
            (Gaussian::of(&self.state.episodes, LEAST_SPREAD)?, now)
        };
        let fits = |next: &Gaussian| next.divergence(present) <= self.config.step && self.competence(next) >= least;
        (0..=HALVINGS).map(|halvings| present.towards(&goal, 0.5f64.powi(halvings))).find(fits)
    }
}

impl Curriculum for SelfPaced {
    fn draw(&mut self, _: usize, stream: &mut Stream) -> Vec<f64> {
        let Gaussian { mean, log_spread } = &self.state.present;
        mean.iter().zip(log_spread).map(|(mean, log)| (mean + log.exp() * stream.normal()).clamp(0.0, 1.0)).collect()
    }

    fn learn(&mut self, point: &[f64], competence: f64, _: &mut Stream) {
        self.state.episodes.push((point.to_vec(), competence));
        if self.state.episodes.len() >= self.config.every {
            if let Some(next) = self.moved() {
                self.state.present = next;
            }
            self.state.episodes.clear();
        }
    }

    fn save(&self) -> Vec<u8> {
        encode(&self.state)
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let state: State = decode("teacher", bytes)?;
        let dimensions = self.state.present.mean.len();
        if state.present.mean.len() != dimensions || state.present.log_spread.len() != dimensions {
            return Err(QasError::Corrupt { what: "teacher", reason: "a task has other numbers".to_owned() });
        }
        self.state = state;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divergences_of_gaussians() {
        let gaussian = |mean: f64, spread: f64| Gaussian { mean: vec![mean], log_spread: vec![spread.ln()] };
        assert_eq!(gaussian(0.3, 0.2).divergence(&gaussian(0.3, 0.2)), 0.0);
        // ln(s2/s1) + (s1^2 + d^2) / (2 s2^2) - 1/2
        let expected = 2f64.ln() + (0.01 + 0.04) / 0.08 - 0.5;
        assert!((gaussian(0.5, 0.1).divergence(&gaussian(0.3, 0.2)) - expected).abs() < 1e-12);
    }

    /// A learner that masters what is a little harder than what it has met.
    #[test]
    fn it_moves_at_the_pace_of_the_learner() {
        let run = |pace: f64| {
            let mut teacher = SelfPaced::new(SelfPacedConfig::default(), 2).expect("valid");
            let mut stream = Stream::named(6, "test");
            let mut reached = 0.1;
            let mut means = Vec::new();
            for _ in 0..1500 {
                let point = teacher.draw(2, &mut stream);
                let hard = 0.5 * (point[0] + point[1]);
                let succeeded = hard < reached + 0.1;
                reached += if succeeded && hard > reached - 0.2 { pace } else { 0.0 };
                teacher.learn(&point, f64::from(u8::from(succeeded)), &mut stream);
                means.push(teacher.state.present.mean.iter().sum::<f64>() / 2.0);
            }
            means
        };
        let (fast, slow, never) = (run(0.02), run(0.001), run(0.0));
        assert!(fast[1499] > 0.9, "{}", fast[1499]);
        assert!(fast[300] > slow[300] + 0.1 && slow[1499] > slow[300], "{} {} {}", fast[300], slow[300], slow[1499]);
        assert!(never[1499] < 0.4, "{}", never[1499]);
    }

    #[test]
    fn what_is_outside_its_range_is_refused() {
        for bad in [
            SelfPacedConfig { every: 4, ..Default::default() },
            SelfPacedConfig { competence: -0.1, ..Default::default() },
            SelfPacedConfig { step: 0.0, ..Default::default() },
            SelfPacedConfig { first_spread: 0.0, ..Default::default() },
            SelfPacedConfig { last_spread: 2.0, ..Default::default() },
        ] {
            assert!(SelfPaced::new(bad, 1).is_err());
        }
    }
}
