//! Robust intelligent adaptive curiosity: regions of tasks, split by their progress.

use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use super::space::{Curriculum, TaskSpaceConfig, within};
use crate::QasError;
use crate::error::{decode, encode};

/// Settings of the teacher that splits tasks into regions and follows their progress (RIAC).
///
/// The interest of a region is the distance between the mean competences of the earlier and of the later half of its last episodes. A region
/// that is full is split where the interests of the parts differ most for their sizes. Of the tasks 70 % are drawn in a region chosen by its
/// interest, 20 % near the task of least competence in such a region, 10 % anywhere.
///
/// Source: A. Baranes, P.-Y. Oudeyer, R-IAC: robust intrinsically motivated exploration and active learning (2009), as R. Portelas et al. (2019)
/// draw tasks by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RiacConfig {
    /// The tasks.
    pub space: TaskSpaceConfig,
    /// Episodes after which a region is split, in 8 to 10,000. Default 40; published 200, for ten thousand episodes and more.
    pub size: usize,
    /// Splits drawn at random, of which the best is taken, in 1 to 1000. Default 50, as published.
    pub splits: usize,
}

impl Default for RiacConfig {
    fn default() -> Self {
        Self { space: TaskSpaceConfig::default(), size: 40, splits: 50 }
    }
}

/// A box of the cube, with its last tasks and their competences in order of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Region {
    low: Vec<f64>,
    high: Vec<f64>,
    episodes: Vec<(Vec<f64>, f64)>,
}

/// A part of a split has at least this share of the episodes, and of the width of the cube.
const LEAST_SHARE: f64 = 0.25;
const LEAST_WIDTH: f64 = 1.0 / 12.0;
/// How far around a task of least competence tasks are drawn, as a part of the region.
const NEAR: f64 = 0.1;

impl Region {
    fn contains(&self, point: &[f64]) -> bool {
        point.iter().zip(self.low.iter().zip(&self.high)).all(|(number, (low, high))| {
            // the upper faces of the cube belong to their regions
            low <= number && (number < high || *high >= 1.0)
        })
    }

    fn interest(&self) -> f64 {
        interest(self.episodes.iter().map(|episode| episode.1))
    }

    fn anywhere(&self, stream: &mut Stream) -> Vec<f64> {
        self.low.iter().zip(&self.high).map(|(low, high)| low + stream.unit() * (high - low)).collect()
    }

    /// Near the task of least competence.
    fn near_the_worst(&self, stream: &mut Stream) -> Vec<f64> {
        let Some((worst, _)) = self.episodes.iter().min_by(|a, b| a.1.total_cmp(&b.1)) else { return self.anywhere(stream) };
        let around = |(number, (low, high)): (&f64, (&f64, &f64))| {
            (number + NEAR * (high - low) * (2.0 * stream.unit() - 1.0)).clamp(*low, *high)
        };
        worst.iter().zip(self.low.iter().zip(&self.high)).map(around).collect()
    }

    /// The parts below and above a number of a dimension, where both are large enough.
    fn parts(&self, dimension: usize, at: f64) -> Option<[Self; 2]> {
        let wide = |width: f64| width >= LEAST_WIDTH;
        if !(wide(at - self.low[dimension]) && wide(self.high[dimension] - at)) {
            return None;
        }
        let (mut below, mut above) =
            (Self { episodes: Vec::new(), ..self.clone() }, Self { episodes: Vec::new(), ..self.clone() });
        (below.high[dimension], above.low[dimension]) = (at, at);
        for episode in &self.episodes {
            let part = if episode.0[dimension] < at { &mut below } else { &mut above };
            part.episodes.push(episode.clone());
        }
        let least = (LEAST_SHARE * self.episodes.len() as f64) as usize;
        (below.episodes.len() >= least.max(2) && above.episodes.len() >= least.max(2)).then_some([below, above])
    }

    /// The best of some splits drawn at random; `None` where no one fits.
    fn split(&self, splits: usize, stream: &mut Stream) -> Option<[Self; 2]> {
        let mut best: Option<(f64, [Self; 2])> = None;
        for _ in 0..splits {
            let dimension = stream.below(self.low.len());
            let at = self.low[dimension] + stream.unit() * (self.high[dimension] - self.low[dimension]);
            let Some(parts) = self.parts(dimension, at) else { continue };
            let [below, above] = &parts;
            let sizes = (below.episodes.len() * above.episodes.len()) as f64;
            let score = sizes * (below.interest() - above.interest()).abs();
            if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, parts));
            }
        }
        best.map(|(_, parts)| parts)
    }
}

/// The distance between the means of the earlier and the later half.
fn interest(competences: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let half = competences.len() / 2;
    if half == 0 {
        return 0.0;
    }
    let mean = |list: &mut dyn Iterator<Item = f64>, count: usize| list.sum::<f64>() / count as f64;
    let later = competences.len() - half;
    (mean(&mut competences.clone().take(half), half) - mean(&mut competences.skip(half), later)).abs()
}

/// Regions that fill the cube.
pub(super) struct Riac {
    config: RiacConfig,
    regions: Vec<Region>,
}

impl Riac {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for a number outside its range.
    pub(super) fn new(config: RiacConfig, dimensions: usize) -> Result<Self, QasError> {
        within("teacher.riac.size", config.size, (8, 10_000))?;
        within("teacher.riac.splits", config.splits, (1, 1000))?;
        let whole = Region { low: vec![0.0; dimensions], high: vec![1.0; dimensions], episodes: Vec::new() };
        Ok(Self { config, regions: vec![whole] })
    }

    /// A region by its interest, or any where none has some.
    fn region(&self, stream: &mut Stream) -> &Region {
        let interests: Vec<f64> = self.regions.iter().map(Region::interest).collect();
        let mut left = stream.unit() * interests.iter().sum::<f64>();
        let chosen = interests.iter().position(|interest| {
            left -= interest;
            left < 0.0
        });
        &self.regions[chosen.unwrap_or_else(|| stream.below(self.regions.len()))]
    }
}

impl Curriculum for Riac {
    fn draw(&mut self, dimensions: usize, stream: &mut Stream) -> Vec<f64> {
        match stream.unit() {
            kind if kind < 0.1 => (0..dimensions).map(|_| stream.unit()).collect(),
            kind if kind < 0.3 => self.region(stream).near_the_worst(stream),
            _ => self.region(stream).anywhere(stream),
        }
    }

    fn learn(&mut self, point: &[f64], competence: f64, stream: &mut Stream) {
        let Some(place) = self.regions.iter().position(|region| region.contains(point)) else { return };
        let region = &mut self.regions[place];
        region.episodes.push((point.to_vec(), competence));
        if region.episodes.len() < self.config.size {
            return;
        }
        match region.split(self.config.splits, stream) {
            Some(parts) => drop(self.regions.splice(place..=place, parts)),
            // it cannot be split: the oldest go
            None => drop(region.episodes.drain(..self.config.size / 4)),
        }
    }

    fn save(&self) -> Vec<u8> {
        encode(&self.regions)
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let regions: Vec<Region> = decode("teacher", bytes)?;
        let dimensions = self.regions[0].low.len();
        if regions.is_empty() || regions.iter().any(|region| region.low.len() != dimensions || region.high.len() != dimensions) {
            return Err(QasError::Corrupt { what: "teacher", reason: "a region has other numbers".to_owned() });
        }
        self.regions = regions;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_fill_the_cube_and_tasks_gather_where_there_is_progress() {
        let mut teacher = Riac::new(RiacConfig::default(), 2).expect("valid");
        let mut stream = Stream::named(4, "test");
        let mut near = 0;
        for episode in 0..1200 {
            let point = teacher.draw(2, &mut stream);
            // learnt steadily on the left half alone
            let competence = if point[0] < 0.5 { f64::from(episode) / 1200.0 } else { 0.0 };
            near += u32::from(episode >= 600 && point[0] < 0.5);
            teacher.learn(&point, competence, &mut stream);
            let inside = teacher.regions.iter().filter(|region| region.contains(&point)).count();
            assert_eq!(inside, 1);
        }
        let volume: f64 = (teacher.regions.iter())
            .map(|region| region.low.iter().zip(&region.high).map(|(low, high)| high - low).product::<f64>())
            .sum();
        assert!((volume - 1.0).abs() < 1e-9 && teacher.regions.len() > 4);
        assert!(near > 400, "{near} of 600");
        assert!(teacher.regions.iter().all(|region| region.episodes.len() < 40));
    }

    #[test]
    fn interests_by_hand() {
        assert_eq!(interest([0.0, 0.2, 0.8, 1.0].into_iter()), 0.8);
        assert_eq!((interest([0.5].into_iter()), interest([0.0, 1.0, 0.5].into_iter())), (0.0, 0.75));
    }

    #[test]
    fn what_is_outside_its_range_is_refused() {
        assert!(Riac::new(RiacConfig { size: 7, ..RiacConfig::default() }, 1).is_err());
        assert!(Riac::new(RiacConfig { splits: 0, ..RiacConfig::default() }, 1).is_err());
        assert!(Riac::new(RiacConfig::default(), 2).expect("valid").load(&encode(&Vec::<Region>::new())).is_err());
    }
}
