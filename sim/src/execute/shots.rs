//! Shots, split where they draw differently: those that have drawn the same so far share one state.

use std::ops::ControlFlow;

use qloom_circuits::Stream;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::branching::Branching;
use super::record::Record;
use super::step::Step;
use super::{Branch, Executable};
use crate::config::SimulatorConfig;
use crate::counts::{Counts, multinomial};
use crate::error::SimError;

/// Groups of shots that run independently of each other, whatever the number of threads.
const GROUPS: u64 = 16;

/// What is run.
#[derive(Clone, Copy, Debug)]
pub struct Shots<'a> {
    /// Number of shots.
    pub shots: u64,
    /// For each qubit the probabilities to record 1 for 0 and 0 for 1 when it is measured on the way; qubits beyond the list are
    /// recorded as they are.
    pub flips: &'a [[f64; 2]],
    /// How it is run.
    pub config: SimulatorConfig,
}

/// What gathers the ends of shots.
pub trait Accumulate<S>: Send {
    /// Takes in the state in which some shots have ended; random numbers come from `stream`.
    ///
    /// # Errors
    /// What the state refuses.
    fn end(&mut self, state: S, shots: u64, record: &Record, stream: &mut Stream) -> Result<(), SimError>;

    /// Takes in what another group of shots has gathered.
    fn merge(&mut self, other: Self);
}

impl<S: Branching> Executable<S> {
    /// Runs shots and gathers where they end, the measurements of [`Executable::last`] not yet done.
    ///
    /// A step is met once for all shots of a state, whose numbers are then drawn; the largest part goes on in place. Where noise is
    /// weak, most shots draw no error and cost one run together (Isakov et al., arXiv:2111.02396, take shots one by one). The shots
    /// are cut into groups, each with an accumulator and a stream of its own, so that the result does not depend on the number of
    /// threads. Holds at most `3 + log2(shots/16)` states a thread. `progress` is told the number of shots done from time to time
    /// and may end the work.
    ///
    /// # Errors
    /// When there is no shot, memory does not suffice, or [`SimError::Stopped`].
    pub fn shots<A: Accumulate<S>>(
        &self,
        run: Shots<'_>,
        stream: &mut Stream,
        accumulator: impl Fn() -> A + Sync,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<A, SimError> {
        let Shots { shots, flips, config } = run;
        if shots == 0 {
            return Err(SimError::OutOfRange { what: "the number of shots", value: 0.0, range: "at least 1" });
        }
        let seed = stream.word();
        if self.is_deterministic() {
            let mut all = accumulator();
            let state = self.start(config, &mut S::Workspace::default())?.0;
            all.end(state, shots, &Record::new(self.num_bits), &mut Stream::numbered(seed, "group", 0))?;
            return Ok(all);
        }
        let bytes = S::bytes(self.num_qubits).max(1);
        let room = u128::from(config.memory_limit) / bytes;
        if room < 4 {
            let limit = config.memory_limit.into();
            return Err(SimError::MemoryLimit { num_qubits: self.num_qubits, needed: 4 * bytes, limit });
        }
        // one state is the start of all groups; equal groups of at most 2^depth shots
        let depth = (room - 4).min(60) as u32;
        let largest = shots.div_ceil(GROUPS).min(1 << depth).max(1);
        let each = 3 + u128::from(largest.ilog2());
        let workers = ((room - 1) / each).clamp(1, config.threads.max(1) as u128) as usize;
        let threads = if workers == 1 { config.threads } else { 1 };
        let (start, rest) = self.start(SimulatorConfig { threads, ..config }, &mut S::Workspace::default())?;
        let count = shots.div_ceil(largest);
        let size = |index: u64| largest.min(shots - index * largest);
        let one = |index: u64| -> Result<A, SimError> {
            let mut group = accumulator();
            let stream = Stream::numbered(seed, "group", index);
            let most = ((room - 1) / workers as u128) as usize;
            let workspace = S::Workspace::default();
            let mut walk = Walk { flips, stream, ends: &mut group, live: 1, most, config, workspace };
            let first = Group { state: start.try_clone()?, shots: size(index), record: Record::new(self.num_bits) };
            walk.follow(first, &mut rest.iter().rev().collect())?;
            Ok(group)
        };
        let mut total: Option<A> = None;
        let mut done = 0;
        for wave in (0..count).collect::<Vec<_>>().chunks(workers) {
            let parts: Result<Vec<A>, SimError> = match wave {
                [index] => one(*index).map(|part| vec![part]),
                several => several.to_vec().into_par_iter().map(one).collect(),
            };
            for part in parts? {
                match &mut total {
                    Some(total) => total.merge(part),
                    None => total = Some(part),
                }
            }
            done += wave.iter().map(|&index| size(index)).sum::<u64>();
            if progress(done).is_break() {
                return Err(SimError::Stopped);
            }
        }
        Ok(total.unwrap_or_else(accumulator))
    }

    /// Follows one shot: the state it ends in, the measurements of [`Executable::last`] not yet done, and its record.
    ///
    /// # Errors
    /// When memory does not suffice.
    pub fn draw(&self, flips: &[[f64; 2]], config: SimulatorConfig, stream: &mut Stream) -> Result<Branch<S>, SimError> {
        let keep = || End(None);
        let run = Shots { shots: 1, flips, config };
        let End(end) = self.shots(run, stream, keep, &mut |_| ControlFlow::Continue(()))?;
        end.ok_or(SimError::OutOfRange { what: "the number of shots", value: 0.0, range: "at least 1" })
    }

    /// Runs shots and counts the classical bits at the end, or all qubits where nothing is measured.
    ///
    /// # Errors
    /// As [`Executable::shots`], and for more than 64 classical bits.
    pub fn counts(&self, shots: u64, config: SimulatorConfig, stream: &mut Stream) -> Result<Counts, SimError> {
        let limit = Counts::MAX_BITS;
        if self.outcome_bits() > limit {
            return Err(SimError::TooManyQubits { what: "counted outcomes", given: self.outcome_bits(), limit });
        }
        let places = self.measures().then_some(&self.last[..]);
        let new = || Counted { places, counts: Counts::new(self.outcome_bits()) };
        let run = Shots { shots, flips: &[], config };
        Ok(self.shots(run, stream, new, &mut |_| ControlFlow::Continue(()))?.counts)
    }
}

/// The end of one shot.
struct End<S>(Option<Branch<S>>);

impl<S: Branching> Accumulate<S> for End<S> {
    fn end(&mut self, state: S, _: u64, record: &Record, _: &mut Stream) -> Result<(), SimError> {
        self.0 = Some(Branch { probability: 1.0, record: record.clone(), state });
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.0 = other.0.or(self.0.take());
    }
}

/// Outcomes of shots.
struct Counted<'a> {
    /// The last measurements, none where nothing is measured.
    places: Option<&'a [(usize, usize)]>,
    counts: Counts,
}

impl<S: Branching> Accumulate<S> for Counted<'_> {
    fn end(&mut self, state: S, shots: u64, record: &Record, stream: &mut Stream) -> Result<(), SimError> {
        match self.places {
            Some([]) => self.counts.add(record.word(), shots),
            Some(places) => {
                for (outcome, count) in state.sample(shots, stream).iter() {
                    let mut bits = record.clone();
                    places.iter().for_each(|&(qubit, bit)| bits.set(bit, outcome >> qubit & 1 == 1));
                    self.counts.add(bits.word(), count);
                }
            }
            None => state.sample(shots, stream).iter().for_each(|(outcome, count)| self.counts.add(outcome, count)),
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        other.counts.iter().for_each(|(outcome, count)| self.counts.add(outcome, count));
    }
}

/// Shots with one record and state.
struct Group<S> {
    state: S,
    shots: u64,
    record: Record,
}

/// One group of shots on its way.
struct Walk<'a, S: Branching, A> {
    flips: &'a [[f64; 2]],
    stream: Stream,
    ends: &'a mut A,
    /// States alive, and how many may be.
    live: usize,
    most: usize,
    config: SimulatorConfig,
    workspace: S::Workspace,
}

impl<S: Branching, A: Accumulate<S>> Walk<'_, S, A> {
    /// Follows a group to its ends; `path` holds the steps ahead, the next one last.
    fn follow(&mut self, mut group: Group<S>, path: &mut Vec<&Step<S>>) -> Result<(), SimError> {
        while let Some(step) = path.pop() {
            match step {
                Step::Program(program) => group.state.apply(program, &[], &mut self.workspace)?,
                Step::Conditional { condition, then, otherwise } => {
                    let block = if group.record.holds(condition) { then } else { otherwise };
                    path.extend(block.iter().rev());
                }
                Step::Operators(_) | Step::Measure { .. } | Step::Reset { .. } => {
                    let parts = step.parts(&group.state, self.flips)?;
                    let shares: Vec<f64> = parts.iter().map(|part| part.share).collect();
                    let mut drawn = Vec::with_capacity(parts.len());
                    multinomial(&shares, group.shots, &mut self.stream, |index, shots| drawn.push((parts[index], shots)));
                    // the largest part goes on in place, so that few states are alive: the others have at most half of the shots each
                    drawn.sort_by_key(|&(_, shots)| shots);
                    let largest = drawn.pop();
                    for (part, shots) in drawn {
                        self.make_room(group.state.num_qubits())?;
                        let mut other = Group { state: group.state.try_clone()?, shots, record: group.record.clone() };
                        step.take(part, &mut other.state, &mut other.record)?;
                        self.follow(other, &mut path.clone())?;
                        self.live -= 1;
                    }
                    if let Some((part, shots)) = largest {
                        group.shots = shots;
                        step.take(part, &mut group.state, &mut group.record)?;
                    }
                }
            }
        }
        self.ends.end(group.state, group.shots, &group.record, &mut self.stream)
    }

    /// Counts one state more, if memory holds it.
    fn make_room(&mut self, num_qubits: usize) -> Result<(), SimError> {
        self.live += 1;
        if self.live > self.most {
            let needed = self.live as u128 * S::bytes(num_qubits);
            return Err(SimError::MemoryLimit { num_qubits, needed, limit: self.config.memory_limit.into() });
        }
        Ok(())
    }
}
