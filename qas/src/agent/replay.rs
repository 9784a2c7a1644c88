//! Experience replay.

use serde::{Deserialize, Serialize};

use super::{Dimensions, Observation};
use qloom_circuits::Stream;

/// One remembered experience, possibly over several steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experience {
    /// What was seen before the first action.
    pub before: Observation,
    /// The first action.
    pub action: u16,
    /// Discounted sum of the rewards of the steps.
    pub reward: f32,
    /// What was seen after the last step.
    pub after: Observation,
    /// What the value of `after` is multiplied by: the discount, or 0 when the episode ended.
    pub discount: f32,
}

/// A ring of experiences; the oldest makes room. States are kept as the entries of the moment tensor that
/// are 1, about 4 bytes a gate, and are expanded when they are sampled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Replay {
    capacity: usize,
    next: usize,
    ring: Vec<Experience>,
}

impl Replay {
    /// An empty ring for `capacity` experiences, at least one.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), next: 0, ring: Vec::new() }
    }

    /// Number of experiences held.
    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Largest number of experiences.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Remembers an experience.
    pub fn push(&mut self, experience: Experience) {
        if self.ring.len() < self.capacity {
            self.ring.push(experience);
        } else {
            self.ring[self.next] = experience;
        }
        self.next = (self.next + 1) % self.capacity;
    }

    /// Whether the ring is whole and all it holds is within the sizes of the agent.
    pub(super) fn fits(&self, dimensions: Dimensions) -> bool {
        let seen = |observation: &Observation| {
            let entries = observation.entries.iter().all(|&entry| (entry as usize) < dimensions.inputs - 1);
            entries && observation.illegal.iter().all(|&action| usize::from(action) < dimensions.actions)
        };
        self.ring.len() <= self.capacity
            && self.next < self.capacity
            && self.ring.iter().all(|experience| {
                usize::from(experience.action) < dimensions.actions && seen(&experience.before) && seen(&experience.after)
            })
    }

    /// Draws `count` different experiences, all equally likely.
    ///
    /// # Panics
    ///
    /// When fewer than `count` are held.
    pub(super) fn sample(&self, count: usize, stream: &mut Stream) -> Vec<&Experience> {
        assert!(count <= self.ring.len(), "{count} drawn from {}", self.ring.len());
        // Floyd's algorithm: each subset is equally likely, in `count` draws.
        let mut chosen: Vec<usize> = Vec::with_capacity(count);
        for last in self.ring.len() - count..self.ring.len() {
            let index = stream.below(last + 1);
            chosen.push(if chosen.contains(&index) { last } else { index });
        }
        chosen.into_iter().map(|index| &self.ring[index]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(number: u16) -> Experience {
        let observation = Observation { entries: Vec::new(), energy: 0.0, illegal: Vec::new() };
        Experience { before: observation.clone(), action: number, reward: 0.0, after: observation, discount: 0.0 }
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut replay = Replay::new(4);
        for number in 0..6 {
            replay.push(numbered(number));
        }
        let mut held: Vec<u16> = replay.ring.iter().map(|experience| experience.action).collect();
        held.sort_unstable();
        assert_eq!(held, [2, 3, 4, 5]);
    }

    #[test]
    fn samples_are_different_and_uniform() {
        let mut replay = Replay::new(10);
        for number in 0..10 {
            replay.push(numbered(number));
        }
        let mut stream = Stream::named(1, "replay");
        let mut counts = [0; 10];
        for _ in 0..5000 {
            let mut sample: Vec<u16> = replay.sample(4, &mut stream).iter().map(|e| e.action).collect();
            sample.sort_unstable();
            sample.dedup();
            assert_eq!(sample.len(), 4);
            for number in sample {
                counts[usize::from(number)] += 1;
            }
        }
        // 2000 each, standard deviation 35.
        assert!(counts.iter().all(|count| (1830..2170).contains(count)), "{counts:?}");
    }
}
