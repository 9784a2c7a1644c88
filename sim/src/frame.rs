//! Shots of noisy Clifford circuits, a thousand at a time: what errors and chance make of one reference shot.

mod compile;
mod plane;
mod table;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use qloom_circuits::{Circuit, Stream};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::config::SimulatorConfig;
use crate::counts::Counts;
use crate::error::SimError;
use compile::Step;
use plane::{Hits, Plane, WORDS};
pub use table::ShotTable;

/// A Clifford circuit with Pauli noise, measurements, resets and conditioned Pauli gates, compiled for drawing many shots.
///
/// A frame is the Pauli string by which a shot differs from a reference shot without noise, two bits a qubit. A gate moves the letters of
/// all frames at once, an error multiplies a few, and a measurement differs from the reference where its frame has X or Y. So a shot costs
/// some bits a gate, whatever the state; the reference costs one run of a [`Tableau`](crate::Tableau). Chance enters by a random Z on every qubit that has
/// just been prepared or measured.
///
/// Source: C. Gidney, Stim: a fast stabilizer circuit simulator, Quantum 5, 497 (2021), arXiv:2103.02202, section 5.
///
/// ```
/// use qloom_circuits::{Circuit, Stream};
/// use qloom_sim::{PauliFrames, SimulatorConfig};
/// let mut circuit = Circuit::new(2);
/// circuit.add_bits("c", 2);
/// circuit.h(0).cx(0, 1).measure(0, 0).measure(1, 1);
/// let frames = PauliFrames::new(&circuit, &[], SimulatorConfig::default())?;
/// let counts = frames.counts(10_000, &mut Stream::named(1, "shots"))?;
/// assert_eq!(counts.get(0) + counts.get(3), 10_000);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct PauliFrames {
    num_qubits: usize,
    outcome_bits: usize,
    steps: Vec<Step>,
    config: SimulatorConfig,
}

impl PauliFrames {
    /// Shots that are drawn at a time.
    pub const SHOTS: usize = 64 * WORDS;

    /// Compiles a circuit; `flips` has for each qubit the probabilities to record 1 for 0 and 0 for 1, none for qubits beyond the list.
    /// Where nothing is measured, all qubits are at the end.
    ///
    /// Costs one run of a tableau, `n^2/2` bytes.
    ///
    /// # Errors
    /// [`SimError::Unsupported`] for gates that are no Clifford gates, channels that are no mixtures of Pauli errors, and conditioned
    /// blocks of more than Pauli gates; [`SimError::MemoryLimit`].
    pub fn new(circuit: &Circuit, flips: &[[f64; 2]], config: SimulatorConfig) -> Result<Self, SimError> {
        let (steps, outcome_bits) = compile::compile(circuit, flips, config)?;
        Ok(Self { num_qubits: circuit.num_qubits(), outcome_bits, steps, config })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Bits of an outcome: the classical bits, or all qubits where nothing is measured.
    pub fn outcome_bits(&self) -> usize {
        self.outcome_bits
    }

    /// Draws shots and hands them over, [`PauliFrames::SHOTS`] at a time and the rest last; `take` may end the work. The tables do not
    /// depend on the number of threads. Memory: some tables a thread, each of two bits a shot and qubit and one a shot and outcome bit.
    ///
    /// # Errors
    /// When there is no shot, a table does not fit into the memory limit, or [`SimError::Stopped`].
    pub fn sample(
        &self,
        shots: u64,
        stream: &mut Stream,
        mut take: impl FnMut(&ShotTable) -> ControlFlow<()>,
    ) -> Result<(), SimError> {
        if shots == 0 {
            return Err(SimError::OutOfRange { what: "the number of shots", value: 0.0, range: "at least 1" });
        }
        let bytes = (2 * self.num_qubits + self.outcome_bits) as u128 * (8 * WORDS) as u128;
        let limit = u128::from(self.config.memory_limit);
        if bytes > limit {
            return Err(SimError::MemoryLimit { num_qubits: self.num_qubits, needed: bytes, limit });
        }
        let threads = (self.config.threads.max(1) as u128).min((limit / bytes.max(1)).max(1)) as u64;
        let seed = stream.word();
        let tables = shots.div_ceil(Self::SHOTS as u64);
        let one = |index: u64| {
            let shots = (shots - index * Self::SHOTS as u64).min(Self::SHOTS as u64) as usize;
            self.table(shots, &mut Stream::numbered(seed, "frames", index))
        };
        for first in (0..tables).step_by(threads as usize) {
            let wave = first..tables.min(first + threads);
            let drawn: Vec<ShotTable> =
                if threads == 1 { wave.map(one).collect() } else { wave.into_par_iter().map(one).collect() };
            for table in &drawn {
                if take(table).is_break() {
                    return Err(SimError::Stopped);
                }
            }
        }
        Ok(())
    }

    /// Draws shots and counts the outcomes.
    ///
    /// # Errors
    /// As [`PauliFrames::sample`].
    pub fn counts(&self, shots: u64, stream: &mut Stream) -> Result<Counts, SimError> {
        let mut counts = Counts::new(self.outcome_bits);
        self.sample(shots, stream, |table| {
            table.records().for_each(|record| counts.add(record, 1));
            ControlFlow::Continue(())
        })?;
        Ok(counts)
    }

    /// One table of shots.
    fn table(&self, shots: usize, stream: &mut Stream) -> ShotTable {
        let mut planes = vec![Plane::default(); 2 * self.num_qubits];
        let mut bits = vec![Plane::default(); self.outcome_bits];
        for step in &self.steps {
            match step {
                Step::Start { z } => planes[*z] = Plane::random(stream),
                Step::Add { from, to } => {
                    let source = planes[*from];
                    planes[*to] ^= source;
                }
                Step::Errors { errors, places } => {
                    let mut hits = Hits::new(errors.rate, Self::SHOTS * places.len());
                    while let Some(at) = hits.next(stream) {
                        let (place, shot) = (at / Self::SHOTS, at % Self::SHOTS);
                        let word = errors.draw(stream);
                        for (bit, &plane) in places[place].iter().enumerate() {
                            if word >> bit & 1 == 1 {
                                planes[plane].flip(shot);
                            }
                        }
                    }
                }
                Step::Measure { x, z, bit, reference, flips } => {
                    let mut read = planes[*x];
                    if *reference {
                        read = !read;
                    }
                    read.misread(*flips, stream);
                    bits[*bit] = read;
                    planes[*z] ^= Plane::random(stream);
                }
                Step::Reset { x, z } => {
                    planes[*x] = Plane::default();
                    planes[*z] = Plane::random(stream);
                }
                Step::Rotation { letters } => {
                    let mut odd = Plane::default();
                    letters.iter().for_each(|&[_, partner]| odd ^= planes[partner]);
                    letters.iter().for_each(|&[own, _]| planes[own] ^= odd);
                }
                Step::Feedback { condition, reference, planes: changed } => {
                    let mut differs = if condition.is_impossible() { Plane::default() } else { !Plane::default() };
                    for (position, &bit) in condition.bits.iter().enumerate() {
                        differs &= if condition.wanted(position) { bits[bit] } else { !bits[bit] };
                    }
                    if *reference {
                        differs = !differs;
                    }
                    changed.iter().for_each(|&plane| planes[plane] ^= differs);
                }
            }
        }
        ShotTable::new(shots, bits)
    }
}
