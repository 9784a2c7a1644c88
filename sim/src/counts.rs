//! Shots: outcomes drawn from states, counted.

use std::collections::BTreeMap;

use qloom_circuits::Stream;
use rand::Rng;
use rand_distr::{Binomial, Distribution};

use crate::record::Record;

/// How often each outcome was seen; an outcome is a record of any number of bits.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    num_bits: usize,
    counts: BTreeMap<Record, u64>,
}

impl Counts {
    /// Nothing seen yet, for outcomes of this many bits.
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
    pub fn rearranged(&self, places: &[(usize, usize)], num_bits: usize) -> Self {
        let mut counts = Self::new(num_bits);
        for (outcome, times) in self.iter() {
            let mut bits = Record::default();
            places.iter().for_each(|&(from, to)| bits.set(to, outcome.get(from)));
            counts.add(bits, times);
        }
        counts
    }

    /// Adds `times` sightings of an outcome.
    pub fn add(&mut self, outcome: impl Into<Record>, times: u64) {
        *self.counts.entry(outcome.into()).or_default() += times;
    }

    /// Bits of an outcome.
    pub fn num_bits(&self) -> usize {
        self.num_bits
    }

    /// How often this outcome was seen.
    pub fn get(&self, outcome: impl Into<Record>) -> u64 {
        self.counts.get(&outcome.into()).copied().unwrap_or_default()
    }

    /// Outcomes seen and how often, in order of outcome.
    pub fn iter(&self) -> impl Iterator<Item = (&Record, u64)> + '_ {
        self.counts.iter().map(|(outcome, &count)| (outcome, count))
    }

    /// Number of shots.
    pub fn shots(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The outcome as printed: bit 0 rightmost.
    ///
    /// ```
    /// let counts = qloom_sim::Counts::new(3);
    /// assert_eq!(counts.bitstring(&0b001.into()), "001");
    /// ```
    pub fn bitstring(&self, outcome: &Record) -> String {
        (0..self.num_bits).rev().map(|bit| if outcome.get(bit) { '1' } else { '0' }).collect()
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
        let count = if outcome == last { left } else { binomial(left, share, rng) };
        rest -= p;
        left -= count;
        if count > 0 {
            seen(outcome, count);
        }
    }
}

/// How many of `trials` succeed, each with probability `p` in [0, 1]; a `p` that is no number counts as 1.
pub fn binomial(trials: u64, p: f64, rng: &mut impl Rng) -> u64 {
    Binomial::new(trials, p).map_or(trials, |binomial| binomial.sample(rng))
}
