//! Shots from a distributed state, without anyone holding it whole.

use std::collections::BTreeMap;

use qloom_circuits::Stream;

use super::state::DistributedState;
use crate::counts::Counts;
use crate::error::SimError;
use crate::kernel::Real;
use crate::kernel::block::BLOCK;
use crate::state::check_qubits;

/// What one stretch of the basis leaves to the next while sorted numbers meet the running sum of the probabilities.
#[derive(Clone, Copy)]
struct Reached {
    sum: f64,
    drawn: u64,
    last: u64,
}

impl Reached {
    fn save(self) -> Vec<u8> {
        [self.sum.to_bits(), self.drawn, self.last].iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn load(bytes: &[u8]) -> Self {
        let mut words =
            bytes.chunks_exact(8).map(|word| word.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte)));
        let mut next = || words.next().unwrap_or_default();
        Self { sum: f64::from_bits(next()), drawn: next(), last: next() }
    }
}

impl<T: Real> DistributedState<'_, T> {
    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`. The shots are those of
    /// [`StateVector::sample`](crate::StateVector::sample) with the same stream.
    ///
    /// Each rank looks at its own amplitudes, one after the other in the order of the basis; at most one exchange puts them in that order.
    ///
    /// # Errors
    /// For so many shots that one process draws them amplitude by amplitude, more than four million and four an amplitude; when a rank has ended.
    pub fn sample(&mut self, shots: u64, stream: &mut Stream) -> Result<Counts, SimError> {
        let mut counts = Counts::new(self.num_qubits);
        self.draw(shots, stream)?.into_iter().for_each(|(outcome, times)| counts.add(outcome, times));
        Ok(counts)
    }

    /// As [`DistributedState::sample`] on some qubits; bit `k` of an outcome is the `k`-th listed qubit.
    ///
    /// # Errors
    /// As [`DistributedState::sample`]; when a qubit is outside the register or repeated.
    pub fn sample_qubits(&mut self, qubits: &[usize], shots: u64, stream: &mut Stream) -> Result<Counts, SimError> {
        check_qubits(qubits, self.num_qubits)?;
        let mut counts = Counts::new(qubits.len());
        for (outcome, times) in self.draw(shots, stream)? {
            counts.add(qubits.iter().enumerate().fold(0, |bits, (bit, &qubit)| bits | (outcome >> qubit & 1) << bit), times);
        }
        Ok(counts)
    }

    /// The outcomes drawn, and how often, on every rank.
    fn draw(&mut self, shots: u64, stream: &mut Stream) -> Result<BTreeMap<u64, u64>, SimError> {
        if shots == 0 {
            return Ok(BTreeMap::new());
        }
        let limit = crate::state::MANY_SHOTS.max(4u64.saturating_mul(1 << self.num_qubits));
        if shots >= limit {
            let (value, range) = (shots as f64, "below four million, or below four for each amplitude, over ranks");
            return Err(SimError::OutOfRange { what: "the number of shots", value, range });
        }
        let exponential = |stream: &mut Stream| -(1.0 - stream.unit()).ln();
        let mut again = Stream::load(&stream.save());
        let whole: f64 = (0..=shots).map(|_| exponential(stream)).sum();
        let scale = self.total()? / whole;
        let level = self.config.instruction_set.level();
        let stretches = self.in_order()?;
        // blocks in the order of the basis, whatever their order in the slice
        let mut blocks: Vec<(usize, usize)> =
            self.own_blocks().enumerate().map(|(number, (first, ..))| (first, number)).collect();
        blocks.sort_unstable();
        let mut reached = Reached { sum: 0.0, drawn: 0, last: 0 };
        let mut own = Vec::new();
        for rank in stretches {
            if rank == self.fabric.rank() {
                let mut point = exponential(&mut again) * scale;
                (0..reached.drawn).for_each(|_| point += exponential(&mut again) * scale);
                for &(first, number) in &blocks {
                    let range = number * BLOCK..(number + 1) * BLOCK;
                    let (re, im) = (&self.re[range.clone()], &self.im[range]);
                    let end = reached.sum + T::block_weight(level, re, im);
                    if end <= point {
                        reached.sum = end;
                        continue;
                    }
                    let mut sum = reached.sum;
                    let mut weights = vec![0.0; BLOCK];
                    T::add_probabilities(re, im, 1.0, &mut weights);
                    for (k, weight) in weights.into_iter().enumerate() {
                        sum += weight;
                        if weight > 0.0 {
                            reached.last = (first + k) as u64;
                        }
                        let mut times = 0;
                        while point < sum && reached.drawn < shots {
                            times += 1;
                            reached.drawn += 1;
                            point += exponential(&mut again) * scale;
                        }
                        if times > 0 {
                            own.push(((first + k) as u64, times));
                        }
                    }
                    reached.sum = end;
                }
            }
            let mut bytes = reached.save();
            self.fabric.broadcast(rank, &mut bytes)?;
            reached = Reached::load(&bytes);
        }
        let mut outcomes = self.together(&own)?;
        // Rounding may leave a last few beyond the sum.
        if reached.drawn < shots {
            *outcomes.entry(reached.last).or_default() += shots - reached.drawn;
        }
        Ok(outcomes)
    }

    /// Outcomes and numbers of all ranks.
    fn together(&self, own: &[(u64, u64)]) -> Result<BTreeMap<u64, u64>, SimError> {
        let bytes: Vec<u8> =
            own.iter().flat_map(|(outcome, times)| [outcome.to_le_bytes(), times.to_le_bytes()]).flatten().collect();
        let mut outcomes = BTreeMap::new();
        for of_rank in self.fabric.gather(&bytes)? {
            let (words, _) = of_rank.as_chunks::<8>();
            for pair in words.chunks_exact(2) {
                *outcomes.entry(u64::from_le_bytes(pair[0])).or_default() += u64::from_le_bytes(pair[1]);
            }
        }
        Ok(outcomes)
    }
}
