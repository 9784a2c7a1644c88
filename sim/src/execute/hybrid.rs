//! Programs with classical values and control flow: the machine of the program says what is done to the state.
//!
//! Courses share a state as long as their classical values agree, and again when values and states agree: an outcome splits a group of
//! courses, and groups that stand at the same place with the same values and the same state become one. So a loop that is repeated
//! until it succeeds costs its turns, not two to their power.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use qloom_circuits::program::{Effect, HybridProgram, Machine, RunOptions, Thread, Value};
use qloom_circuits::{Circuit, Operation, Stream};

use super::branching::Branching;
use super::room::Room;
use crate::config::SimulatorConfig;
use crate::counts::binomial;
use crate::error::SimError;

/// Courses less likely than this are not followed; what they have in all is told.
const NEGLIGIBLE: f64 = 1e-15;

/// An operation on so many amplitudes counts as one step of a program.
const AMPLITUDES_A_STEP: u64 = 64;

/// With more groups than this on their way, those with the most steps go first.
const MOST_WAITING: usize = 4096;

/// The most gates that wait to be applied together.
const MOST_GATES: usize = 10_000;

/// A program compiled for states of one kind.
///
/// ```
/// use std::ops::ControlFlow;
/// use qloom_circuits::program::RunOptions;
/// use qloom_circuits::qasm;
/// use qloom_sim::{HybridExecutable, SimulatorConfig, StateVector};
/// let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit q; output int n; bit c = 1; while (c) { h q; c = measure q; n += 1; }";
/// let program = qasm::read_program(text).unwrap();
/// let options = RunOptions::default();
/// let executable = HybridExecutable::<StateVector<f64>>::new(&program, &options)?;
/// let mut once = 0.0;
/// let neglected = executable.courses(1000, SimulatorConfig::default(), &mut |course| {
///     if course.outputs[0].to_string() == "1" {
///         once += course.share;
///     }
///     ControlFlow::Continue(())
/// })?;
/// assert!((once - 0.5).abs() < 1e-15); // the loop ends at its first turn in half of all cases
/// assert!(neglected < 1e-14);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
pub struct HybridExecutable<'p, S: Branching> {
    machine: Machine<'p>,
    num_qubits: usize,
    stretches: Vec<S::Program>,
    measures: bool,
    noise: Option<ProgramNoise<'p>>,
}

/// From gates to what is run in place of them, or why it cannot be.
type Dress<'p> = dyn Fn(&Circuit) -> Result<Circuit, String> + 'p;

/// The noise of a program: what is run in place of its gates, and the probabilities to record 1 for 0 and 0 for 1 of each qubit; qubits
/// beyond the list are read without error.
pub struct ProgramNoise<'p> {
    /// What is run in place of gates, such as they with channels behind them; barriers and delays are not among the gates.
    pub gates: Box<Dress<'p>>,
    /// Read-out errors.
    pub flips: Vec<[f64; 2]>,
}

/// The end of a course of a program.
#[derive(Debug)]
pub struct Course<S> {
    /// Its probability, or the number of its shots.
    pub share: f64,
    /// The values of [`HybridProgram::outputs`].
    pub outputs: Vec<Value>,
    /// The state it leaves, normalised.
    pub state: S,
    /// How many instructions of the program it took.
    pub steps: u64,
}

/// Told each end of a course; may end the work.
pub type CourseEnd<'a, S> = dyn FnMut(Course<S>) -> ControlFlow<()> + 'a;

impl<'p, S: Branching> HybridExecutable<'p, S> {
    /// Compiles the stretches of a program; one without qubits has one that nothing is done to.
    ///
    /// # Errors
    /// For what [`State::compile`](crate::State::compile) refuses of its gates.
    pub fn new(program: &'p HybridProgram, options: &'p RunOptions) -> Result<Self, SimError> {
        Self::of(program, options, None)
    }

    /// The program under noise. Channels on pure states are refused, so the state is a [`PauliVector`](crate::PauliVector), or the noise
    /// is of reading out alone.
    ///
    /// # Errors
    /// As [`HybridExecutable::new`], and what the noise refuses.
    pub fn noisy(program: &'p HybridProgram, options: &'p RunOptions, noise: ProgramNoise<'p>) -> Result<Self, SimError> {
        Self::of(program, options, Some(noise))
    }

    fn of(program: &'p HybridProgram, options: &'p RunOptions, noise: Option<ProgramNoise<'p>>) -> Result<Self, SimError> {
        let num_qubits = program.num_qubits().max(1);
        let (machine, measures) = (program.machine(options), program.measures());
        let mut own = Self { machine, num_qubits, stretches: Vec::new(), measures, noise };
        own.stretches = (0..program.num_stretches())
            .map(|index| S::compile(&own.circuit(program.stretch(index))?))
            .collect::<Result<_, _>>()?;
        Ok(own)
    }

    /// These operations, with their noise.
    fn circuit(&self, operations: &[Operation]) -> Result<Circuit, SimError> {
        let mut circuit = Circuit::new(self.num_qubits);
        for operation in operations {
            if !matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
                circuit.push(operation.clone())?;
            }
        }
        match &self.noise {
            None => Ok(circuit),
            Some(noise) => (noise.gates)(&circuit).map_err(|reason| SimError::Noise { reason }),
        }
    }

    /// How likely the wrong value of a qubit is recorded.
    fn wrong(&self, qubit: usize, outcome: bool) -> f64 {
        let flips = self.noise.as_ref().and_then(|noise| noise.flips.get(qubit));
        flips.map_or(0.0, |flips| flips[usize::from(outcome)])
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Whether anything is measured.
    pub fn measures(&self) -> bool {
        self.measures
    }

    /// Follows every course from `|0...0>` to its end, one after the other, and hands it over with its probability.
    ///
    /// Returns the probability of courses that were not followed because each has less than 1e-15, as those of a loop that ends with
    /// probability 1 after any number of turns. Holds a state for each group of courses that is on its way.
    ///
    /// # Errors
    /// [`SimError::TooManyBranches`] after `limit` ends, or with as many groups on their way, what goes wrong in the program with its place, [`SimError::Stopped`] after a
    /// break, or when memory does not suffice, which is found before a state is copied.
    pub fn courses(&self, limit: usize, config: SimulatorConfig, end: &mut CourseEnd<'_, S>) -> Result<f64, SimError> {
        self.walk(Share::Probability(1.0), None, limit, config, end)
    }

    /// Runs shots and hands over the ends of their courses, each with the number of its shots.
    ///
    /// A measurement is met once for all shots that share their classical values, whose numbers are then drawn.
    ///
    /// # Errors
    /// As [`HybridExecutable::courses`], without its limit; and when there is no shot or more than 2^53.
    pub fn shots(
        &self,
        shots: u64,
        config: SimulatorConfig,
        stream: &mut Stream,
        end: &mut CourseEnd<'_, S>,
    ) -> Result<(), SimError> {
        if !(1..=1 << 53).contains(&shots) {
            return Err(SimError::OutOfRange { what: "the number of shots", value: shots as f64, range: "from 1 to 2^53" });
        }
        let own = Stream::numbered(stream.word(), "program", 0);
        self.walk(Share::Shots(shots), Some(own), usize::MAX, config, end).map(|_| ())
    }

    fn walk(
        &self,
        share: Share,
        stream: Option<Stream>,
        limit: usize,
        config: SimulatorConfig,
        end: &mut CourseEnd<'_, S>,
    ) -> Result<f64, SimError> {
        let thread = self.machine.start()?;
        let state = S::zero(self.num_qubits, config)?;
        let room = Room::new::<S>(self.num_qubits, config);
        let workspace = S::Workspace::default();
        let mut walk = Walk {
            executable: self,
            stream,
            limit,
            ends: 0,
            neglected: 0.0,
            waiting: BTreeMap::new(),
            arrived: 0,
            room,
            workspace,
            end,
        };
        walk.advance(Group { thread, state, gates: Vec::new(), share })?;
        walk.run()?;
        Ok(walk.neglected)
    }
}

impl<S: Branching> std::fmt::Debug for HybridExecutable<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let noise = self.noise.as_ref().map(|noise| &noise.flips);
        let mut fields = f.debug_struct("HybridExecutable");
        fields.field("machine", &self.machine).field("stretches", &self.stretches).field("flips", &noise).finish_non_exhaustive()
    }
}

/// What courses with the same classical values have in all.
#[derive(Clone, Copy, Debug)]
enum Share {
    Probability(f64),
    Shots(u64),
}

impl Share {
    fn weight(self) -> f64 {
        match self {
            Share::Probability(probability) => probability,
            Share::Shots(shots) => shots as f64,
        }
    }

    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Share::Shots(a), Share::Shots(b)) => Share::Shots(a + b),
            (a, b) => Share::Probability(a.weight() + b.weight()),
        }
    }
}

/// Courses that agree so far.
struct Group<S> {
    thread: Thread,
    state: S,
    /// Gates that are not applied yet.
    gates: Vec<Operation>,
    share: Share,
}

/// A group that is about to be split by the value of a qubit.
struct Split<S> {
    group: Group<S>,
    qubit: usize,
    /// Whether the qubit is put into `|0>`, and its value forgotten.
    reset: bool,
}

struct Walk<'a, 'p, S: Branching> {
    executable: &'a HybridExecutable<'p, S>,
    stream: Option<Stream>,
    limit: usize,
    ends: usize,
    neglected: f64,
    /// Groups by their steps, those that arrived first before the others.
    waiting: BTreeMap<(u64, u64), Split<S>>,
    arrived: u64,
    room: Room,
    workspace: S::Workspace,
    end: &'a mut CourseEnd<'a, S>,
}

impl<S: Branching> Walk<'_, '_, S> {
    /// Splits groups until none is left: those with the fewest steps first, so that others can become one with them; those with the
    /// most where memory is short.
    fn run(&mut self) -> Result<(), SimError> {
        while let Some((&key, _)) = self.waiting.first_key_value() {
            if self.room.is_half_full() || self.waiting.len() > MOST_WAITING {
                let (_, split) = self.waiting.pop_last().expect("one waits");
                self.split(split)?;
                continue;
            }
            let later = self.waiting.split_off(&(key.0 + 1, 0));
            let together = std::mem::replace(&mut self.waiting, later);
            for split in self.joined(together.into_values().collect()) {
                self.split(split)?;
            }
        }
        Ok(())
    }

    /// Groups at the same place with the same values and states as one.
    fn joined(&mut self, splits: Vec<Split<S>>) -> Vec<Split<S>> {
        let mut kept: Vec<Split<S>> = Vec::with_capacity(splits.len());
        for split in splits {
            let (own, weight) = (split.group.share, split.group.share.weight());
            let same = kept.iter_mut().find_map(|other| {
                let (place, before) = (&other.group.thread, other.group.share.weight());
                let agree = other.qubit == split.qubit && *place == split.group.thread;
                (agree && other.group.state.join(before, &split.group.state, weight)).then_some(other)
            });
            match same {
                Some(other) => {
                    other.group.share = other.group.share.plus(own);
                    self.room.give();
                }
                None => kept.push(split),
            }
        }
        kept
    }

    /// Runs a group until it is to be split, or to its end.
    fn advance(&mut self, mut group: Group<S>) -> Result<(), SimError> {
        let amplitudes = S::bytes(self.executable.num_qubits) / 16;
        let cost = u64::try_from(amplitudes).unwrap_or(u64::MAX) / AMPLITUDES_A_STEP;
        loop {
            match self.executable.machine.advance(&mut group.thread)? {
                Effect::Gates(operations) => {
                    group.thread.charge(cost.saturating_mul(operations.len() as u64));
                    group.gates.extend(operations);
                    if group.gates.len() > MOST_GATES {
                        self.settle(&mut group)?;
                    }
                }
                Effect::Stretch(index) => {
                    self.settle(&mut group)?;
                    let program = &self.executable.stretches[index];
                    group.thread.charge(cost);
                    group.state.apply(program, &[], &mut self.workspace)?;
                }
                Effect::Measure(qubit) => return self.wait(group, qubit, false, cost),
                Effect::Reset(qubit) => return self.wait(group, qubit, true, cost),
                Effect::End => {
                    self.settle(&mut group)?;
                    return self.finish(group);
                }
                other => unreachable!("{other:?} is no effect that is known"),
            }
        }
    }

    fn wait(&mut self, mut group: Group<S>, qubit: usize, reset: bool, cost: u64) -> Result<(), SimError> {
        self.settle(&mut group)?;
        group.thread.charge(cost);
        self.arrived += 1;
        self.waiting.insert((group.thread.steps(), self.arrived), Split { group, qubit, reset });
        if self.waiting.len() > self.limit {
            return Err(SimError::TooManyBranches { limit: self.limit });
        }
        Ok(())
    }

    /// Applies the gates that wait.
    fn settle(&mut self, group: &mut Group<S>) -> Result<(), SimError> {
        if group.gates.is_empty() {
            return Ok(());
        }
        let program = S::compile_once(&self.executable.circuit(&std::mem::take(&mut group.gates))?)?;
        group.state.apply(&program, &[], &mut self.workspace)
    }

    /// Parts a group by the value of a qubit, and runs the parts.
    fn split(&mut self, split: Split<S>) -> Result<(), SimError> {
        let Split { group, qubit, reset } = split;
        let weights = group.state.probabilities(&[qubit])?;
        let one = weights[1].max(0.0) / (weights[0].max(0.0) + weights[1].max(0.0));
        if !one.is_finite() {
            return Err(SimError::NotFinite { what: "the probability of an outcome", value: one });
        }
        let shares = self.parts(group.share, one);
        let mut parts = Vec::with_capacity(4);
        for (outcome, share) in [(false, shares[0]), (true, shares[1])] {
            let Some(share) = share else { continue };
            let wrong = if reset { 0.0 } else { self.executable.wrong(qubit, outcome) };
            let [right, other] = if wrong > 0.0 { self.parts(share, wrong) } else { [Some(share), None] };
            parts.extend(right.map(|share| (outcome, outcome, share)));
            parts.extend(other.map(|share| (outcome, !outcome, share)));
        }
        let Some((last, others)) = parts.split_last() else {
            self.room.give();
            return Ok(());
        };
        let take = |mut group: Group<S>, &(outcome, recorded, share): &(bool, bool, Share)| -> Result<Group<S>, SimError> {
            group.state.project(qubit, outcome)?;
            match reset {
                true if outcome => group.state.flip(qubit),
                true => {}
                false => group.thread.record(recorded),
            }
            Ok(Group { share, ..group })
        };
        for part in others {
            self.room.take()?;
            let (thread, state) = (group.thread.clone(), group.state.try_clone()?);
            let copy = take(Group { thread, state, gates: Vec::new(), share: part.2 }, part)?;
            self.advance(copy)?;
        }
        self.advance(take(group, last)?)
    }

    /// What each part has; none for a part that is not followed.
    fn parts(&mut self, share: Share, one: f64) -> [Option<Share>; 2] {
        match (share, &mut self.stream) {
            (Share::Shots(shots), Some(stream)) => {
                let ones = if one <= 0.0 { 0 } else { binomial(shots, one.min(1.0), stream) };
                [shots - ones, ones].map(|count| (count > 0).then_some(Share::Shots(count)))
            }
            (Share::Probability(probability), _) => {
                // what rounding alone leaves is no course
                let shares = if one <= NEGLIGIBLE {
                    [1.0, 0.0]
                } else if one >= 1.0 - NEGLIGIBLE {
                    [0.0, 1.0]
                } else {
                    [1.0 - one, one]
                };
                shares.map(|share| {
                    let part = probability * share;
                    if part <= NEGLIGIBLE {
                        self.neglected += part;
                    }
                    (part > NEGLIGIBLE).then_some(Share::Probability(part))
                })
            }
            (Share::Shots(_), None) => unreachable!("shots are drawn from a stream"),
        }
    }

    fn finish(&mut self, group: Group<S>) -> Result<(), SimError> {
        if self.ends == self.limit {
            return Err(SimError::TooManyBranches { limit: self.limit });
        }
        self.ends += 1;
        self.room.give();
        let outputs = self.executable.machine.outputs(&group.thread);
        let course = Course { share: group.share.weight(), outputs, steps: group.thread.steps(), state: group.state };
        match (self.end)(course) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(SimError::Stopped),
        }
    }
}
