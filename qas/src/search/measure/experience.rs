//! How good and how broad the data are that an agent learns from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::hash;
use crate::Observation;

/// The data of a search's episodes in numbers, tests left out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DataQuality {
    /// Episodes.
    pub episodes: u64,
    /// Mean sum of their rewards.
    pub mean_return: f64,
    /// The largest sum.
    pub best_return: f64,
    /// Different pairs of a circuit, as the agent sees its gates, and an action taken there.
    pub pairs: usize,
}

impl DataQuality {
    /// The trajectory quality: 0 where the mean return is that of a reference, as a random agent, and 1 where it is the largest return of
    /// either; `None` where these are equal.
    ///
    /// Source: K. Schweighofer et al., A dataset perspective on offline reinforcement learning, arXiv:2111.04714 (2022), its TQ with the best episode
    /// in place of an expert.
    pub fn trajectory_quality(&self, reference: &Self) -> Option<f64> {
        let way = self.best_return.max(reference.best_return) - reference.mean_return;
        (way > 0.0).then(|| (self.mean_return - reference.mean_return) / way)
    }

    /// The coverage: different pairs over those of a reference, as a random agent of as many evaluations; `None` where that has none.
    ///
    /// Source: as [`trajectory_quality`](Self::trajectory_quality), its SACo, whose reference is the replay of the learner.
    pub fn state_action_coverage(&self, reference: &Self) -> Option<f64> {
        (reference.pairs > 0).then(|| self.pairs as f64 / reference.pairs as f64)
    }
}

/// Counts as episodes go by.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Recorder {
    episodes: u64,
    sum: f64,
    best: Option<f64>,
    pairs: BTreeSet<u64>,
}

impl Recorder {
    /// A step.
    pub(crate) fn step(&mut self, seen: &Observation, action: usize) {
        let mut entries = seen.entries.clone();
        entries.sort_unstable();
        let words = entries.into_iter().chain([u32::MAX, action as u32]);
        self.pairs.insert(hash(words.flat_map(u32::to_le_bytes)));
    }

    /// The end of an episode.
    pub(crate) fn end(&mut self, earned: f64) {
        self.episodes += 1;
        self.sum += earned;
        self.best = Some(self.best.map_or(earned, |best| best.max(earned)));
    }

    /// What was recorded; `None` before the first episode.
    pub(crate) fn experience(&self) -> Option<DataQuality> {
        let Self { episodes, sum, best, pairs } = self;
        Some(DataQuality { episodes: *episodes, mean_return: sum / *episodes as f64, best_return: (*best)?, pairs: pairs.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_and_coverage_by_hand() {
        let seen =
            |entries: &[u32]| Observation { entries: entries.to_vec(), energy: 0.0, features: Vec::new(), illegal: Vec::new() };
        let mut recorder = Recorder::default();
        assert_eq!(recorder.experience(), None);
        // the order of the entries is nothing, the action is
        [(&[1, 2][..], 0), (&[2, 1], 0), (&[2, 1], 1), (&[1], 0)]
            .iter()
            .for_each(|(entries, action)| recorder.step(&seen(entries), *action));
        [1.0, 4.0].iter().for_each(|&earned| recorder.end(earned));
        let found = recorder.experience().expect("two episodes");
        assert_eq!(found, DataQuality { episodes: 2, mean_return: 2.5, best_return: 4.0, pairs: 3 });
        let random = DataQuality { episodes: 9, mean_return: -1.0, best_return: 6.0, pairs: 12 };
        assert_eq!((found.trajectory_quality(&random), found.state_action_coverage(&random)), (Some(0.5), Some(0.25)));
        assert_eq!(random.trajectory_quality(&random), Some(0.0));
        let flat = DataQuality { mean_return: 4.0, pairs: 0, ..found };
        assert_eq!((flat.trajectory_quality(&flat), flat.state_action_coverage(&flat)), (None, None));
    }
}
