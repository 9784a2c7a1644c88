//! The control: every action drawn alike.

use serde::{Deserialize, Serialize};

use super::apart::{Blind, EpisodePolicy, streams};
use super::{Agent, Dimensions, Observation, Transition};
use crate::QasError;
use crate::error::{decode, encode};
use qloom_circuits::Stream;

/// Settings of [`Random`]: there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomConfig {}

/// Draws among the legal actions with equal probabilities, and learns nothing.
#[derive(Debug)]
pub struct Random {
    num_actions: usize,
    exploration: Stream,
}

impl Random {
    /// An agent for so many actions; the seed fixes its draws.
    pub fn new(dimensions: Dimensions, seed: u64) -> Self {
        Self { num_actions: dimensions.actions, exploration: Stream::named(seed, "exploration") }
    }
}

/// Draws a legal action, redrawing illegal ones; any action when none is legal.
pub(crate) fn draw_legal(stream: &mut Stream, num_actions: usize, observation: &Observation) -> usize {
    let legal: Vec<usize> = (0..num_actions).filter(|&action| observation.is_legal(action)).collect();
    if legal.is_empty() { stream.below(num_actions) } else { legal[stream.below(legal.len())] }
}

impl Agent for Random {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        Ok(draw_legal(&mut self.exploration, self.num_actions, observation))
    }

    fn plays_apart(&self) -> bool {
        true
    }

    fn apart(&mut self, count: usize) -> Result<Vec<Box<dyn EpisodePolicy>>, QasError> {
        let num_actions = self.num_actions;
        let blind = |stream| Box::new(Blind { num_actions, stream }) as Box<dyn EpisodePolicy>;
        Ok(streams(&mut self.exploration, count).into_iter().map(blind).collect())
    }

    fn observe(&mut self, _: Transition) {}

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        Ok(None)
    }

    fn exploration(&self) -> f64 {
        1.0
    }

    fn save(&self) -> Vec<u8> {
        encode(&self.exploration.save())
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        self.exploration = Stream::load(&decode("agent", bytes)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_legal_action_and_no_other() {
        let mut agent = Random::new(Dimensions { inputs: 1, features: 0, actions: 6 }, 1);
        let observation = Observation { entries: Vec::new(), energy: 0.0, features: Vec::new(), illegal: vec![1, 4] };
        let mut counts = [0; 6];
        for _ in 0..4000 {
            counts[agent.act(&observation).expect("never fails")] += 1;
        }
        assert_eq!((counts[1], counts[4]), (0, 0));
        assert!([0, 2, 3, 5].iter().all(|&action| (880..1120).contains(&counts[action])), "{counts:?}");
    }

    #[test]
    fn saved_and_loaded_it_draws_alike() {
        let dimensions = Dimensions { inputs: 1, features: 0, actions: 100 };
        let observation = Observation { entries: Vec::new(), energy: 0.0, features: Vec::new(), illegal: Vec::new() };
        let mut agent = Random::new(dimensions, 1);
        agent.act(&observation).expect("never fails");
        let mut other = Random::new(dimensions, 2);
        other.load(&agent.save()).expect("just saved");
        for _ in 0..20 {
            assert_eq!(agent.act(&observation).expect("never fails"), other.act(&observation).expect("never fails"));
        }
    }
}
