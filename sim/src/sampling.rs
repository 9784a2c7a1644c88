//! Shots: outcomes drawn from states, counted.

use std::collections::BTreeMap;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Binomial, Distribution};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::program::{Program, Step};
use crate::real::Real;
use crate::state_vector::StateVector;

/// How often each outcome was seen; bit `k` of an outcome is bit `k` of the record.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    num_bits: usize,
    counts: BTreeMap<u64, u64>,
}

impl Counts {
    /// Nothing seen yet, for outcomes of this many bits (at most 64).
    pub fn new(num_bits: usize) -> Self {
        Self { num_bits, counts: BTreeMap::new() }
    }

    /// Draws outcomes from their probabilities; bit `q` of an index is bit `q` of an outcome.
    ///
    /// Costs one binomial number an outcome, whatever the number of shots.
    ///
    /// ```
    /// let counts = qloom_sim::Counts::draw(&[0.0, 0.5, 0.0, 0.5], 1000, 7);
    /// assert_eq!(counts.get(1) + counts.get(3), 1000);
    /// ```
    ///
    /// # Panics
    /// When the number of probabilities is no power of two.
    pub fn draw(probabilities: &[f64], shots: u64, seed: u64) -> Self {
        assert!(probabilities.len().is_power_of_two(), "one probability for every outcome");
        let mut counts = Self::new(probabilities.len().ilog2() as usize);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        multinomial(probabilities, shots, &mut rng, |outcome, times| counts.add(outcome as u64, times));
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

impl<T: Real> StateVector<T> {
    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`.
    ///
    /// One pass over the state without copying it: sorted uniform numbers are drawn in order and met by the
    /// running sum of the probabilities. Costs `2^n + shots`.
    pub fn sample(&self, shots: u64, seed: u64) -> Counts {
        let mut counts = Counts::new(self.num_qubits());
        self.draw(shots, seed, |outcome, times| counts.add(outcome, times));
        counts
    }

    /// As [`StateVector::sample`] on some qubits; bit `k` of an outcome is the `k`-th listed qubit.
    ///
    /// # Errors
    /// When a qubit is outside the register.
    pub fn sample_qubits(&self, qubits: &[usize], shots: u64, seed: u64) -> Result<Counts, SimError> {
        qubits.iter().try_for_each(|&qubit| self.check_qubit(qubit))?;
        let mut counts = Counts::new(qubits.len());
        self.draw(shots, seed, |outcome, times| {
            let bits = qubits.iter().enumerate().fold(0, |bits, (bit, &qubit)| bits | (outcome >> qubit & 1) << bit);
            counts.add(bits, times);
        });
        Ok(counts)
    }

    fn draw(&self, shots: u64, seed: u64, mut seen: impl FnMut(u64, u64)) {
        if shots == 0 {
            return;
        }
        // Sums of exponential variables, divided by the whole sum, are sorted uniform numbers.
        let exponential = |rng: &mut ChaCha8Rng| -(1.0 - rng.random::<f64>()).ln();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let whole: f64 = (0..=shots).map(|_| exponential(&mut rng)).sum();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (re, im) = self.planes();
        let weights = |range: std::ops::Range<usize>| {
            re[range.clone()].iter().zip(&im[range]).map(|(re, im)| {
                let (re, im) = (re.to_f64(), im.to_f64());
                re * re + im * im
            })
        };
        let pieces = self.piece_weights();
        let norm: f64 = pieces.iter().sum();
        let scale = norm / whole;
        let mut drawn = 0;
        let mut point = exponential(&mut rng) * scale;
        let mut reached = 0.0;
        let mut last = 0;
        for (number, piece_weight) in pieces.into_iter().enumerate() {
            let end = reached + piece_weight;
            if end <= point {
                reached = end;
                continue;
            }
            let mut sum = reached;
            for (index, weight) in self.piece(number).zip(weights(self.piece(number))) {
                sum += weight;
                if weight > 0.0 {
                    last = index as u64;
                }
                let mut times = 0;
                while point < sum && drawn < shots {
                    times += 1;
                    drawn += 1;
                    point += exponential(&mut rng) * scale;
                }
                if times > 0 {
                    seen(index as u64, times);
                }
            }
            reached = end;
        }
        // Rounding may leave a last few beyond the sum.
        if drawn < shots {
            seen(last, shots - drawn);
        }
    }
}

impl Program {
    /// Runs the program `shots` times from `|0...0>` and counts the classical bits at the end.
    ///
    /// What comes before the first measurement, reset or condition runs once. Where everything after it is
    /// measurement, shots are drawn from one state; else every shot runs the rest by itself.
    ///
    /// # Errors
    /// When the number of parameter values is wrong, there are more than 64 classical bits, or memory does not suffice.
    pub fn sample<T: Real>(
        &self,
        parameters: &[f64],
        shots: u64,
        seed: u64,
        config: SimulatorConfig,
    ) -> Result<Counts, SimError> {
        if self.num_bits() > 64 {
            return Err(SimError::TooManyQubits { what: "a record of classical bits", given: self.num_bits(), limit: 64 });
        }
        let mut state = StateVector::<T>::with_config(self.num_qubits(), config)?;
        state.bind(self, parameters)?;
        let prefix = usize::from(matches!(self.steps.first(), Some(Step::Unitary(_))));
        if let Some(Step::Unitary(range)) = self.steps.first() {
            state.apply_bound(self, range.clone())?;
        }
        let mut counts = Counts::new(self.num_bits());
        if self.measures_last() {
            for step in &self.steps[prefix..] {
                if let Step::Unitary(range) = step {
                    state.apply_bound(self, range.clone())?;
                }
            }
            state.draw(shots, seed, |outcome, times| {
                let mut bits = 0;
                for step in &self.steps {
                    if let Step::Measure { qubit, bit } = step {
                        bits = bits & !(1 << bit) | (outcome >> qubit & 1) << bit;
                    }
                }
                counts.add(bits, times);
            });
            return Ok(counts);
        }
        crate::memory::check::<T>(self.num_qubits(), 2, config.memory_limit)?;
        let mut shot = state.try_clone()?;
        for index in 0..shots {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(index);
            shot.copy_from(&state);
            let mut bits = 0;
            self.run_shot(&self.steps[prefix..], &mut shot, &mut bits, &mut rng)?;
            counts.add(bits, 1);
        }
        Ok(counts)
    }

    fn run_shot<T: Real>(
        &self,
        steps: &[Step],
        state: &mut StateVector<T>,
        bits: &mut u64,
        rng: &mut impl Rng,
    ) -> Result<(), SimError> {
        for step in steps {
            match step {
                Step::Unitary(range) => state.apply_bound(self, range.clone())?,
                Step::Measure { qubit, bit } => {
                    let outcome = state.measure(*qubit, rng)?;
                    *bits = *bits & !(1 << bit) | u64::from(outcome) << bit;
                }
                Step::Reset { qubit } => state.reset_qubit(*qubit, rng)?,
                Step::Conditional { condition, then, otherwise } => {
                    let value = condition.bits.iter().enumerate().fold(0, |value, (k, bit)| value | (*bits >> bit & 1) << k);
                    let block = if value == condition.value { then } else { otherwise };
                    self.run_shot(block, state, bits, rng)?;
                }
            }
        }
        Ok(())
    }
}
