//! Shots: outcomes drawn from states, counted.

use std::collections::BTreeMap;

use qloom_circuits::Stream;
use rand::Rng;
use rand_distr::{Binomial, Distribution};

/// How often each outcome was seen; bit `k` of an outcome is bit `k` of the record.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    num_bits: usize,
    counts: BTreeMap<u64, u64>,
}

impl Counts {
    /// The most bits of an outcome.
    pub const MAX_BITS: usize = 64;

    /// Nothing seen yet, for outcomes of this many bits, at most [`Counts::MAX_BITS`].
    pub fn new(num_bits: usize) -> Self {
        Self { num_bits, counts: BTreeMap::new() }
    }

    /// Draws outcomes from their probabilities; bit `q` of an index is bit `q` of an outcome.
    ///
    /// Costs one binomial number an outcome, whatever the number of shots.
    ///
    /// ```
    /// use qloom_circuits::Stream;
    /// let counts = qloom_sim::Counts::draw(&[0.0, 0.5, 0.0, 0.5], 1000, &mut Stream::named(7, "shots"));
    /// assert_eq!(counts.get(1) + counts.get(3), 1000);
    /// ```
    ///
    /// # Panics
    /// When the number of probabilities is no power of two.
    pub fn draw(probabilities: &[f64], shots: u64, stream: &mut Stream) -> Self {
        assert!(probabilities.len().is_power_of_two(), "one probability for every outcome");
        let mut counts = Self::new(probabilities.len().ilog2() as usize);
        multinomial(probabilities, shots, stream, |outcome, times| counts.add(outcome as u64, times));
        counts
    }

    /// The same shots with other bits: bit `to` of a new outcome is bit `from` of the old one, for each pair of `(from, to)`.
    ///
    /// # Panics
    /// When a place is 64 or more.
    pub fn rearranged(&self, places: &[(usize, usize)], num_bits: usize) -> Self {
        let mut counts = Self::new(num_bits);
        for (outcome, times) in self.iter() {
            let bits = places.iter().fold(0, |bits, &(from, to)| bits & !(1 << to) | (outcome >> from & 1) << to);
            counts.add(bits, times);
        }
        counts
    }

    /// Adds `times` sightings of an outcome.
    pub fn add(&mut self, outcome: u64, times: u64) {
        *self.counts.entry(outcome).or_default() += times;
    }

    /// Bits of an outcome.
    pub fn num_bits(&self) -> usize {
        self.num_bits
    }

    /// How often this outcome was seen.
    pub fn get(&self, outcome: u64) -> u64 {
        self.counts.get(&outcome).copied().unwrap_or_default()
    }

    /// Outcomes seen and how often, in order of outcome.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.counts.iter().map(|(&outcome, &count)| (outcome, count))
    }

    /// Number of shots.
    pub fn shots(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The outcome as printed: bit 0 rightmost.
    ///
    /// ```
    /// let counts = qloom_sim::Counts::new(3);
    /// assert_eq!(counts.bitstring(0b001), "001");
    /// ```
    pub fn bitstring(&self, outcome: u64) -> String {
        (0..self.num_bits).rev().map(|bit| if outcome >> bit & 1 == 1 { '1' } else { '0' }).collect()
    }
}

/// Draws outcomes `shots` times and tells each that was seen, and how often: one binomial number an outcome, whatever the shots.
///
/// Probabilities are taken relative to their sum; tiny negative ones, which rounding leaves, count as 0.
pub fn multinomial(probabilities: &[f64], shots: u64, rng: &mut impl Rng, mut seen: impl FnMut(usize, u64)) {
    // rounding may leave tiny negative numbers where the probability is 0
    let mut rest: f64 = probabilities.iter().map(|p| p.max(0.0)).sum();
    let mut left = shots;
    let last = probabilities.iter().rposition(|&p| p > 0.0).unwrap_or(0);
    for (outcome, &p) in probabilities.iter().enumerate() {
        if left == 0 {
            break;
        }
        if p <= 0.0 && outcome != last {
            continue;
        }
        let share = (p.max(0.0) / rest).clamp(0.0, 1.0);
        let count = match Binomial::new(left, share) {
            Ok(binomial) if outcome != last => binomial.sample(rng),
            Ok(_) | Err(_) => left,
        };
        rest -= p;
        left -= count;
        if count > 0 {
            seen(outcome, count);
        }
    }
}
