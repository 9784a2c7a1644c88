//! Absolute learning progress with Gaussian mixtures.

mod mixture;

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use super::space::{Curriculum, TaskSpaceConfig, anywhere, fraction, within};
use crate::QasError;
use crate::error::{decode, encode};
use mixture::Mixture;

/// Settings of the teacher that follows absolute learning progress (ALP-GMM).
///
/// The progress of an episode is the distance of its competence from that of the nearest task met before. Every so many episodes mixtures of
/// Gaussians are fitted to tasks and progress of the last ones, that of the lowest information criterion (AIC) is kept, and tasks are then drawn from a
/// Gaussian of it, chosen by its mean progress.
///
/// Source: R. Portelas, C. Colas, K. Hofmann, P.-Y. Oudeyer, Teacher algorithms for curriculum learning of deep RL in continuously
/// parameterized environments (2019), algorithm 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlpGmmConfig {
    /// The tasks.
    pub space: TaskSpaceConfig,
    /// Episodes between fits, and how many of the last are fitted: in 20 to 10,000. The first so many draw all tasks alike. Default 50; published
    /// 250, for ten thousand episodes and more.
    pub fit_every: usize,
    /// Part of the tasks that are drawn alike, in 0 to 1. Default 0.2, as published.
    pub random: f64,
    /// The most Gaussians of a mixture, in 2 to 10; two are the fewest. Default 6; published 10.
    pub gaussians: usize,
}

impl Default for AlpGmmConfig {
    fn default() -> Self {
        Self { space: TaskSpaceConfig::default(), fit_every: 50, random: 0.2, gaussians: 6 }
    }
}

/// Tasks met, their progress, and the mixture.
pub(super) struct AlpGmm {
    config: AlpGmmConfig,
    state: State,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    /// Every task met, with its competence.
    met: Vec<(Vec<f64>, f64)>,
    /// The last tasks with their progress behind them.
    window: Vec<Vec<f64>>,
    mixture: Option<Mixture>,
}

impl AlpGmm {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for a number outside its range.
    pub(super) fn new(config: AlpGmmConfig) -> Result<Self, QasError> {
        within("teacher.alp-gmm.fit_every", config.fit_every, (20, 10_000))?;
        within("teacher.alp-gmm.gaussians", config.gaussians, (2, 10))?;
        fraction("teacher.alp-gmm.random", config.random)?;
        Ok(Self { config, state: State::default() })
    }
}

impl Curriculum for AlpGmm {
    fn draw(&mut self, dimensions: usize, stream: &mut Stream) -> Vec<f64> {
        let blind = stream.unit() < self.config.random;
        let Some(mixture) = self.state.mixture.as_ref().filter(|_| !blind) else { return anywhere(dimensions, stream) };
        // progress stands behind the numbers of a task
        let progress: Vec<f64> = mixture.means().map(|mean| mean[dimensions].max(0.0)).collect();
        let mut left = stream.unit() * progress.iter().sum::<f64>();
        let chosen = progress.iter().position(|part| {
            left -= part;
            left < 0.0
        });
        let mut point = match chosen {
            Some(chosen) => mixture.draw(chosen, stream),
            None => return anywhere(dimensions, stream),
        };
        point.truncate(dimensions);
        point.iter_mut().for_each(|number| *number = number.clamp(0.0, 1.0));
        point
    }

    fn learn(&mut self, point: &[f64], competence: f64, stream: &mut Stream) {
        let distance = |other: &[f64]| other.iter().zip(point).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
        let nearest = self.state.met.iter().min_by(|a, b| distance(&a.0).total_cmp(&distance(&b.0)));
        let progress = nearest.map_or(0.0, |(_, before)| (competence - before).abs());
        self.state.met.push((point.to_vec(), competence));
        self.state.window.push(point.iter().copied().chain([progress]).collect());
        if self.state.window.len() > self.config.fit_every {
            self.state.window.remove(0);
        }
        if self.state.met.len().is_multiple_of(self.config.fit_every) {
            let fits = (2..=self.config.gaussians).filter_map(|count| Mixture::fit(&self.state.window, count, stream));
            self.state.mixture = fits.min_by(|a, b| a.criterion().total_cmp(&b.criterion()));
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

    /// Competence that rises at one place alone draws the tasks there.
    #[test]
    fn tasks_gather_where_there_is_progress() {
        let mut teacher = AlpGmm::new(AlpGmmConfig::default()).expect("valid");
        let mut stream = Stream::named(3, "test");
        let mut near = [0; 2];
        for episode in 0..1000 {
            let point = teacher.draw(2, &mut stream);
            assert!(point.iter().all(|number| (0.0..=1.0).contains(number)));
            let inside = (0.6..0.8).contains(&point[0]) && (0.2..0.5).contains(&point[1]);
            // mastered below, hopeless above, and learnt little by little between
            let competence =
                if inside { (stream.unit() * f64::from(episode) / 500.0).min(1.0) } else { f64::from(u8::from(point[0] < 0.6)) };
            near[usize::from(episode >= 500)] += u32::from(inside);
            teacher.learn(&point, competence, &mut stream);
        }
        // drawn alike 6 % of them would be there, 30 of 500
        assert!(near[1] > 120, "{near:?}");
    }

    #[test]
    fn what_is_outside_its_range_is_refused() {
        for bad in [
            AlpGmmConfig { fit_every: 19, ..AlpGmmConfig::default() },
            AlpGmmConfig { random: 1.1, ..AlpGmmConfig::default() },
            AlpGmmConfig { gaussians: 1, ..AlpGmmConfig::default() },
        ] {
            assert!(AlpGmm::new(bad).is_err());
        }
    }
}
