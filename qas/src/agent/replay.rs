//! Experience replay.

pub mod sampling;

use sampling::PrioritisedConfig;
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
    /// Of each experience, where there are any.
    priorities: Vec<f64>,
    /// The largest priority so far.
    largest: f64,
}

impl Replay {
    /// An empty ring for `capacity` experiences, at least one.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), next: 0, ring: Vec::new(), priorities: Vec::new(), largest: 1.0 }
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
            self.priorities.push(self.largest);
        } else {
            self.ring[self.next] = experience;
            self.priorities[self.next] = self.largest;
        }
        self.next = (self.next + 1) % self.capacity;
    }

    /// Whether the ring is whole and all it holds is within the sizes of the agent.
    pub(super) fn fits(&self, dimensions: Dimensions) -> bool {
        self.ring.len() <= self.capacity
            && self.priorities.len() == self.ring.len()
            && self.priorities.iter().all(|priority| priority.is_finite() && *priority > 0.0)
            && self.next < self.capacity
            && self.ring.iter().all(|experience| {
                usize::from(experience.action) < dimensions.actions
                    && experience.before.fits(dimensions)
                    && experience.after.fits(dimensions)
            })
    }

    /// The experience of this place.
    pub(super) fn get(&self, place: usize) -> &Experience {
        &self.ring[place]
    }

    /// Places of `count` different experiences, all equally likely.
    ///
    /// # Panics
    ///
    /// When fewer than `count` are held.
    pub(super) fn sample(&self, count: usize, stream: &mut Stream) -> Vec<usize> {
        assert!(count <= self.ring.len(), "{count} drawn from {}", self.ring.len());
        // Floyd's algorithm: each subset is equally likely, in `count` draws.
        let mut chosen: Vec<usize> = Vec::with_capacity(count);
        for last in self.ring.len() - count..self.ring.len() {
            let index = stream.below(last + 1);
            chosen.push(if chosen.contains(&index) { last } else { index });
        }
        chosen
    }

    /// Places of `count` experiences by their priorities, one from each of as many equal parts of their sum, and the weights of their
    /// losses; the cost is one pass over all.
    pub(super) fn sample_by_priority(&self, count: usize, beta: f64, stream: &mut Stream) -> (Vec<usize>, Vec<f32>) {
        let sum: f64 = self.priorities.iter().sum();
        let (mut places, mut before, mut place) = (Vec::with_capacity(count), 0.0, 0);
        for part in 0..count {
            let mark = sum * (part as f64 + stream.unit()) / count as f64;
            while place + 1 < self.ring.len() && before + self.priorities[place] <= mark {
                before += self.priorities[place];
                place += 1;
            }
            places.push(place);
        }
        let weight = |&place: &usize| (self.ring.len() as f64 * self.priorities[place] / sum).powf(-beta);
        let heaviest = places.iter().map(weight).fold(0.0, f64::max);
        let weights = places.iter().map(|place| (weight(place) / heaviest) as f32).collect();
        (places, weights)
    }

    /// Sets the priorities of these places by the errors found there.
    pub(super) fn set_priorities(&mut self, places: &[usize], errors: &[f32], config: &PrioritisedConfig) {
        for (&place, &error) in places.iter().zip(errors) {
            let priority = config.priority(error);
            self.priorities[place] = priority;
            self.largest = self.largest.max(priority);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(number: u16) -> Experience {
        let observation = Observation { entries: Vec::new(), energy: 0.0, features: Vec::new(), illegal: Vec::new() };
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
            let mut sample: Vec<u16> = replay.sample(4, &mut stream).into_iter().map(|place| replay.get(place).action).collect();
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

    #[test]
    fn large_errors_are_drawn_more_often_and_weigh_less() {
        let config = PrioritisedConfig { alpha: 1.0, ..PrioritisedConfig::default() };
        let mut replay = Replay::new(4);
        (0..4).for_each(|number| replay.push(numbered(number)));
        replay.set_priorities(&[0, 1, 2, 3], &[0.099, -0.199, 0.299, 0.399], &config);
        let mut stream = Stream::named(1, "replay");
        let mut counts = [0; 4];
        for _ in 0..5000 {
            let (places, weights) = replay.sample_by_priority(2, 1.0, &mut stream);
            for (&place, weight) in places.iter().zip(weights) {
                counts[place] += 1;
                // (N P)^-1 over the heaviest of the two
                let lightest = *places.iter().min().expect("two") as f32 + 1.0;
                assert!((weight - lightest / (place as f32 + 1.0)).abs() < 1e-6);
            }
        }
        // 1000, 2000, 3000 and 4000 of 10,000
        assert!(
            counts.iter().zip([1000, 2000, 3000, 4000]).all(|(&count, mean): (&i32, i32)| (count - mean).abs() < 200),
            "{counts:?}"
        );
        // a new one comes with the largest priority there has been, 1 before any error is known
        replay.push(numbered(9));
        assert_eq!(replay.priorities[0], 1.0);
        assert!((config.beta(10_000) - 0.7).abs() < 1e-12 && config.beta(40_000) == 1.0);
    }
}
