//! Shots, split where they draw differently: those that have drawn the same so far share one state.

use std::ops::ControlFlow;

use qloom_circuits::Stream;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::branching::Branching;
use super::holder::Holder;
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

/// Refuses no shot, and more than double precision counts.
pub(super) fn check(shots: u64) -> Result<(), SimError> {
    match (1..=MOST_SHOTS).contains(&shots) {
        true => Ok(()),
        false => Err(SimError::OutOfRange { what: "the number of shots", value: shots as f64, range: "from 1 to 2^53" }),
    }
}

/// The shots of a group at most, where so many steps branch and memory holds so many states.
///
/// One state is the start of all groups; a part left behind has half of the shots, so that the depth is bounded by shots and by steps.
pub(super) fn largest_group(shots: u64, choices: u64, states: u128) -> u64 {
    let depth = (states - 4).min(60) as u32;
    let most = if u128::from(choices) <= states - 4 { MOST_SHOTS } else { 1 << depth };
    shots.div_ceil(GROUPS).min(most).max(1)
}

/// Shots of a circuit that does not branch.
pub(super) fn at_once<S, A: Accumulate<S>>(state: S, shots: u64, seed: u64, mut all: A) -> Result<A, SimError> {
    all.end(state, shots, &Record::default(), &mut Stream::numbered(seed, "group", 0))?;
    Ok(all)
}

/// Takes in what a group has gathered.
pub(super) fn merge<S, A: Accumulate<S>>(total: &mut Option<A>, part: A) {
    match total {
        Some(total) => total.merge(part),
        None => *total = Some(part),
    }
}

/// Told the number of shots that have ended since it was told last; an error ends the work.
type Tell<'a> = dyn FnMut(u64) -> Result<(), SimError> + 'a;

/// Shots in groups that run by themselves.
#[derive(Debug)]
pub(super) struct Groups<'a, H: Holder> {
    pub(super) shots: u64,
    /// Shots of all groups but the last.
    pub(super) largest: u64,
    pub(super) flips: &'a [[f64; 2]],
    pub(super) seed: u64,
    /// For the states of a group.
    pub(super) room: Room,
    /// The state in which all begin.
    pub(super) start: &'a H,
    pub(super) steps: &'a [Step<H::State>],
}

impl<H: Holder> Groups<'_, H> {
    /// Number of groups.
    pub(super) fn count(&self) -> u64 {
        self.shots.div_ceil(self.largest)
    }

    /// Follows the shots of a group to their ends.
    pub(super) fn follow<A: Accumulate<H>>(&self, index: u64, mut ends: A, tell: &mut Tell<'_>) -> Result<A, SimError> {
        let shots = self.largest.min(self.shots - index * self.largest);
        let first = Group { state: self.start.try_clone()?, shots, record: Record::default() };
        let mut walk = Walk {
            flips: self.flips,
            stream: Stream::numbered(self.seed, "group", index),
            ends: &mut ends,
            room: self.room,
            workspace: H::Workspace::default(),
            tell,
            ended: 0,
            work: 0,
        };
        walk.follow(first, &mut self.steps.iter().rev().collect())?;
        walk.tell()?;
        Ok(ends)
    }
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
        check(shots)?;
        let seed = stream.word();
        if self.is_deterministic() {
            let state = self.start(config, &mut S::Workspace::default())?.0;
            return at_once(state, shots, seed, accumulator());
        }
        let room = Room::new::<S>(self.num_qubits, config);
        let states = room.at_least(4)?;
        let choices = Self::choices(&self.steps);
        let largest = largest_group(shots, choices, states);
        let each = 3 + u128::from(choices.min(largest.ilog2().into()));
        let workers = ((states - 1) / each).clamp(1, config.threads.max(1) as u128) as usize;
        let threads = if workers == 1 { config.threads } else { 1 };
        let (start, rest) = self.start(SimulatorConfig { threads, ..config }, &mut S::Workspace::default())?;
        let room = room.at_most((states - 1) / workers as u128);
        let groups = Groups { shots, largest, flips, seed, room, start: &start, steps: rest };
        let watch = Watch::new(progress);
        let one = |index: u64| {
            let mut tell = |ended| {
                watch.add(ended);
                watch.tell()
            };
            groups.follow(index, accumulator(), &mut tell)
        };
        let mut total = None;
        for first in (0..groups.count()).step_by(workers) {
            let wave = first..groups.count().min(first + workers as u64);
            let parts: Result<Vec<A>, SimError> =
                if workers == 1 { wave.map(one).collect() } else { wave.into_par_iter().map(one).collect() };
            parts?.into_iter().for_each(|part| merge(&mut total, part));
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
        let run = Shots { shots, flips: &[], config };
        Ok(self.shots(run, stream, || self.counted(), progress)?.counts)
    }

    /// No outcomes yet.
    pub(super) fn counted(&self) -> Counted<'_> {
        Counted { places: self.measures().then_some(&self.last[..]), counts: Counts::new(self.outcome_bits()) }
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
pub(super) struct Counted<'a> {
    /// The last measurements, none where nothing is measured.
    places: Option<&'a [(usize, usize)]>,
    pub(super) counts: Counts,
}

impl<H: Holder> Accumulate<H> for Counted<'_> {
    fn end(&mut self, mut state: H, shots: u64, record: &Record, stream: &mut Stream) -> Result<(), SimError> {
        match self.places {
            Some([]) => self.counts.add(record.clone(), shots),
            Some(places) => {
                for (outcome, count) in state.sample(shots, stream)?.iter() {
                    let mut bits = record.clone();
                    places.iter().for_each(|&(qubit, bit)| bits.set(bit, outcome.get(qubit)));
                    self.counts.add(bits, count);
                }
            }
            None => state.sample(shots, stream)?.iter().for_each(|(outcome, count)| self.counts.add(outcome.clone(), count)),
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
struct Walk<'a, H: Holder, A> {
    flips: &'a [[f64; 2]],
    stream: Stream,
    ends: &'a mut A,
    room: Room,
    workspace: H::Workspace,
    tell: &'a mut Tell<'a>,
    /// Shots that have ended since the watcher was told.
    ended: u64,
    /// Amplitudes times steps since then.
    work: u64,
}

impl<H: Holder, A: Accumulate<H>> Walk<'_, H, A> {
    /// Follows a group to its ends; `path` holds the steps ahead, the next one last.
    fn follow(&mut self, mut group: Group<H>, path: &mut Vec<&Step<H::State>>) -> Result<(), SimError> {
        while let Some(step) = path.pop() {
            self.look(&group.state)?;
            match step {
                Step::Program(program) => group.state.apply(program, &mut self.workspace)?,
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
        self.ended += group.shots;
        self.look(&group.state)?;
        self.ends.end(group.state, group.shots, &group.record, &mut self.stream)
    }

    /// Tells the watcher, when it is time to.
    fn look(&mut self, state: &H) -> Result<(), SimError> {
        self.work += 1 << state.num_qubits();
        if self.work >= WORK_BETWEEN_LOOKS { self.tell() } else { Ok(()) }
    }

    fn tell(&mut self) -> Result<(), SimError> {
        self.work = 0;
        (self.tell)(std::mem::take(&mut self.ended))
    }
}
