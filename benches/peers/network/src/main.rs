//! One training step of the search's network, by qloom-nn, by candle and by burn.
//!
//! A step is what a step of deep Q-learning is: a pass of the network and one of its target network over the next states, a pass over
//! the states, the Huber loss of the chosen actions, its gradient, and Adam.

mod by_burn;
mod by_candle;
mod by_nn;

use std::time::Instant;

/// Length of an input; its last entry is a real number, of the others at most 40 are 1.
const INPUTS: usize = 1121;
const ACTIONS: usize = 24;

/// One training step; returns the loss.
trait Learner {
    fn step(&mut self, batch: &Batch) -> f32;
}

/// States, actions and next states.
struct Batch {
    before: Vec<Vec<u32>>,
    after: Vec<Vec<u32>>,
    actions: Vec<u32>,
    energy: f32,
}

impl Batch {
    fn new(size: usize) -> Self {
        let state = |k: u32| (0..20).map(|i| (i * 53 + k * 7) % 1120).collect();
        Self {
            before: (0..size as u32).map(state).collect(),
            after: (1..=size as u32).map(state).collect(),
            actions: (0..size as u32).map(|k| k % ACTIONS as u32).collect(),
            energy: 0.1,
        }
    }

    /// The states as a dense matrix.
    fn dense(&self, states: &[Vec<u32>]) -> Vec<f32> {
        let mut matrix = vec![0.0; states.len() * INPUTS];
        for (row, ones) in matrix.chunks_mut(INPUTS).zip(states) {
            row[INPUTS - 1] = self.energy;
            ones.iter().for_each(|&one| row[one as usize] = 1.0);
        }
        matrix
    }
}

/// Reward plus the discounted value of the best next action.
fn targets(chosen: &[f32], valued: &[f32]) -> Vec<f32> {
    let best = |row: &[f32]| (1..ACTIONS).fold(0, |best, action| if row[action] > row[best] { action } else { best });
    chosen.chunks(ACTIONS).zip(valued.chunks(ACTIONS)).map(|(q, v)| 0.1 + 0.5 * v[best(q)]).collect()
}

/// Median and shortest time of a step in microseconds.
fn time(learner: &mut dyn Learner, batch: &Batch) -> (f64, f64) {
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 30 || start.elapsed().as_secs() < 4 {
        let before = Instant::now();
        assert!(learner.step(batch).is_finite());
        times.push(before.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[0])
}

fn main() {
    println!("microseconds a step: median (shortest)");
    for (hidden, size) in [(vec![64, 64], 32), (vec![128, 128], 32), (vec![128, 128], 64), (vec![256, 256, 256], 32)] {
        let sizes: Vec<usize> = [vec![INPUTS], hidden.clone(), vec![ACTIONS]].concat();
        let batch = Batch::new(size);
        let learners: [(&str, Box<dyn Learner>); 3] = [
            ("qloom-nn", Box::new(by_nn::Network::new(&sizes))),
            ("candle", Box::new(by_candle::Network::new(&sizes))),
            ("burn", Box::new(by_burn::Network::new(&sizes))),
        ];
        for (name, mut learner) in learners {
            let (median, shortest) = time(learner.as_mut(), &batch);
            println!("{hidden:?}, batch {size}: {name} {median:.0} ({shortest:.0})");
        }
    }
}
