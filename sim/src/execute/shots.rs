//! Shots, split where they draw differently: those that have drawn the same so far share one state.

use std::ops::ControlFlow;

use qloom_circuits::Stream;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::branching::Branching;
use super::room::Room;
use super::step::Step;
use super::watch::{Progress, Watch};
use super::{Branch, Executable};
use crate::config::SimulatorConfig;
use crate::counts::{Counts, multinomial};
use crate::error::SimError;
use crate::record::Record;

/// Groups of shots that run independently of each other, whatever the number of threads.
const GROUPS: u64 = 16;

/// The most shots that double precision counts.
const MOST_SHOTS: u64 = 1 << 53;

/// Amplitudes times steps between two looks at the clock of whoever watches.
const WORK_BETWEEN_LOOKS: u64 = 1 << 20;

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
    /// threads. Holds at most 3 states a thread and `log2(shots/16)` more, or one for each step that branches, if those are fewer.
    /// `progress` is told the number of shots done from time to time and may end the work.
    ///
    /// # Errors
    /// When there is no shot or more than 2^53, memory does not suffice, or [`SimError::Stopped`].
    pub fn shots<A: Accumulate<S>>(
        &self,
        run: Shots<'_>,
        stream: &mut Stream,
        accumulator: impl Fn() -> A + Sync,
        progress: &mut Progress<'_>,
    ) -> Result<A, SimError> {
        let Shots { shots, flips, config } = run;
        if !(1..=MOST_SHOTS).contains(&shots) {
            return Err(SimError::OutOfRange { what: "the number of shots", value: shots as f64, range: "from 1 to 2^53" });
        }
        let seed = stream.word();
        if self.is_deterministic() {
            let mut all = accumulator();
            let state = self.start(config, &mut S::Workspace::default())?.0;
            all.end(state, shots, &Record::default(), &mut Stream::numbered(seed, "group", 0))?;
            return Ok(all);
        }
        let bytes = S::bytes(self.num_qubits).max(1);
        let room = u128::from(config.memory_limit) / bytes;
        if room < 4 {
            let limit = config.memory_limit.into();
            return Err(SimError::MemoryLimit { num_qubits: self.num_qubits, needed: 4 * bytes, limit });
        }
        // one state is the start of all groups; a part left behind has half of the shots, so that the depth is bounded by shots and by steps
        let choices = Self::choices(&self.steps);
        let depth = (room - 4).min(60) as u32;
        let most = if u128::from(choices) <= room - 4 { MOST_SHOTS } else { 1 << depth };
        let largest = shots.div_ceil(GROUPS).min(most).max(1);
        let each = 3 + u128::from(choices.min(largest.ilog2().into()));
        let workers = ((room - 1) / each).clamp(1, config.threads.max(1) as u128) as usize;
        let threads = if workers == 1 { config.threads } else { 1 };
        let (start, rest) = self.start(SimulatorConfig { threads, ..config }, &mut S::Workspace::default())?;
        let count = shots.div_ceil(largest);
        let size = |index: u64| largest.min(shots - index * largest);
        let watch = Watch::new(progress);
        let one = |index: u64| -> Result<A, SimError> {
            let mut group = accumulator();
            let stream = Stream::numbered(seed, "group", index);
            let room = Room::new::<S>(self.num_qubits, config).at_most((room - 1) / workers as u128);
            let workspace = S::Workspace::default();
            let mut walk = Walk { flips, stream, ends: &mut group, room, workspace, watch: &watch, work: 0 };
            let first = Group { state: start.try_clone()?, shots: size(index), record: Record::default() };
            walk.follow(first, &mut rest.iter().rev().collect())?;
            Ok(group)
        };
        let mut total: Option<A> = None;
        for first in (0..count).step_by(workers) {
            let wave = first..count.min(first + workers as u64);
            let parts: Result<Vec<A>, SimError> =
                if workers == 1 { wave.map(one).collect() } else { wave.into_par_iter().map(one).collect() };
            for part in parts? {
                match &mut total {
                    Some(total) => total.merge(part),
                    None => total = Some(part),
                }
            }
            watch.tell()?;
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
    /// As [`Executable::shots`].
    pub fn counts(&self, shots: u64, config: SimulatorConfig, stream: &mut Stream) -> Result<Counts, SimError> {
        self.watched_counts(shots, config, stream, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`Executable::counts`]; `progress` is told the number of shots done from time to time and may end the work.
    ///
    /// # Errors
    /// As [`Executable::shots`].
    pub fn watched_counts(
        &self,
        shots: u64,
        config: SimulatorConfig,
        stream: &mut Stream,
        progress: &mut Progress<'_>,
    ) -> Result<Counts, SimError> {
        let places = self.measures().then_some(&self.last[..]);
        let new = || Counted { places, counts: Counts::new(self.outcome_bits()) };
        let run = Shots { shots, flips: &[], config };
        Ok(self.shots(run, stream, new, progress)?.counts)
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
            Some([]) => self.counts.add(record.clone(), shots),
            Some(places) => {
                for (outcome, count) in state.sample(shots, stream).iter() {
                    let mut bits = record.clone();
                    places.iter().for_each(|&(qubit, bit)| bits.set(bit, outcome.get(qubit)));
                    self.counts.add(bits, count);
                }
            }
            None => state.sample(shots, stream).iter().for_each(|(outcome, count)| self.counts.add(outcome.clone(), count)),
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        other.counts.iter().for_each(|(outcome, count)| self.counts.add(outcome.clone(), count));
    }
}

/// Shots with one record and state.
struct Group<S> {
    state: S,
    shots: u64,
    record: Record,
}

/// One group of shots on its way.
struct Walk<'a, 'b, S: Branching, A> {
    flips: &'a [[f64; 2]],
    stream: Stream,
    ends: &'a mut A,
    room: Room,
    workspace: S::Workspace,
    watch: &'a Watch<'b, 'b>,
    /// Amplitudes times steps since the watcher was told.
    work: u64,
}

impl<S: Branching, A: Accumulate<S>> Walk<'_, '_, S, A> {
    /// Follows a group to its ends; `path` holds the steps ahead, the next one last.
    fn follow(&mut self, mut group: Group<S>, path: &mut Vec<&Step<S>>) -> Result<(), SimError> {
        while let Some(step) = path.pop() {
            self.look(&group.state)?;
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
                        self.room.take()?;
                        let mut other = Group { state: group.state.try_clone()?, shots, record: group.record.clone() };
                        step.take(part, &mut other.state, &mut other.record)?;
                        self.follow(other, &mut path.clone())?;
                        self.room.give();
                    }
                    if let Some((part, shots)) = largest {
                        group.shots = shots;
                        step.take(part, &mut group.state, &mut group.record)?;
                    }
                }
            }
        }
        self.watch.add(group.shots);
        self.look(&group.state)?;
        self.ends.end(group.state, group.shots, &group.record, &mut self.stream)
    }

    /// Tells the watcher, when it is time to.
    fn look(&mut self, state: &S) -> Result<(), SimError> {
        self.work += 1 << state.num_qubits();
        if self.work >= WORK_BETWEEN_LOOKS {
            self.work = 0;
            self.watch.tell()?;
        }
        Ok(())
    }
}
