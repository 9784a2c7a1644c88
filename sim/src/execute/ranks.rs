//! Circuits that measure, reset and decide on the way, on states over several ranks: the steps, branches and shots of one process.

use std::ops::ControlFlow;

use qloom_circuits::{Circuit, Stream};

use super::exact::Visit;
use super::holder::no_channels;
use super::room::Room;
use super::shots::{Groups, at_once, check, largest_group, merge};
use super::step::Step;
use super::watch::Progress;
use super::{Accumulate, Branch, Executable, Shots, each};
use crate::config::SimulatorConfig;
use crate::counts::Counts;
use crate::distributed::{DistributedPlan, DistributedState};
use crate::error::SimError;
use crate::fabric::Fabric;
use crate::kernel::Real;
use crate::program::Program;
use crate::state::StateVector;

/// The state before the first step that branches, the steps from there, and the room that a rank has for slices.
struct Start<'s, 'f, T: Real> {
    state: DistributedState<'f, T>,
    steps: &'s [Step<StateVector<T>>],
    room: Room,
}

/// Ends the work of all ranks where one of them wants it to end.
fn unless_stopped(fabric: &dyn Fabric, own: ControlFlow<()>) -> Result<(), SimError> {
    let wishes = fabric.gather(&[u8::from(own.is_break())])?;
    if wishes.iter().any(|wish| wish != &[0]) { Err(SimError::Stopped) } else { Ok(()) }
}

impl<T: Real> Executable<StateVector<T>> {
    /// How each stretch between two steps that branch runs over so many ranks from `|0...0>` on, the blocks of conditions included; of
    /// nothing where there is no stretch. In a run a stretch begins where the one before leaves the qubits.
    ///
    /// # Errors
    /// For channels, which ranks do not draw together, and as [`DistributedPlan::new`].
    pub fn plans_over(&self, ranks: usize, config: &SimulatorConfig) -> Result<Vec<DistributedPlan>, SimError> {
        let mut channels = false;
        each(&self.steps, &mut |step| channels |= matches!(step, Step::Operators(_)));
        if channels {
            return Err(no_channels());
        }
        let programs = self.programs();
        if programs.is_empty() {
            let nothing = Program::new(&Circuit::new(self.num_qubits))?;
            return Ok(vec![DistributedPlan::new::<T>(&nothing, ranks, config)?]);
        }
        programs.into_iter().map(|program| DistributedPlan::new::<T>(program, ranks, config)).collect()
    }

    /// Where a run over ranks begins to branch.
    fn start_over<'f>(&self, fabric: &'f dyn Fabric, config: SimulatorConfig) -> Result<Start<'_, 'f, T>, SimError> {
        self.plans_over(fabric.size(), &config)?;
        let mut state = DistributedState::zero(self.num_qubits, config, fabric)?;
        let local = self.num_qubits - fabric.size().ilog2() as usize;
        let room = Room::of(DistributedState::<T>::bytes(local), self.num_qubits, state.config());
        let steps = match &self.steps[..] {
            [Step::Program(first), rest @ ..] => {
                state.apply(first, &[])?;
                rest
            }
            all => all,
        };
        Ok(Start { state, steps, room })
    }

    /// As [`Executable::each_branch`] on a state over ranks, each of which calls this: the same branches in the same order, their states
    /// with the same bits. Where one rank breaks off, all do.
    ///
    /// Memory is that of a rank, for a slice and two message buffers of each state. Measurements and resets send no part of a slice; what
    /// the stretches between them send begins where the qubits are, see [`Executable::plans_over`].
    ///
    /// # Errors
    /// As [`Executable::each_branch`] and [`Executable::plans_over`]; when a rank has ended.
    pub fn each_branch_over<'f>(
        &self,
        fabric: &'f dyn Fabric,
        limit: usize,
        config: SimulatorConfig,
        end: &mut dyn FnMut(Branch<DistributedState<'f, T>>) -> ControlFlow<()>,
    ) -> Result<(), SimError> {
        let Start { state, steps, room } = self.start_over(fabric, config)?;
        let mut stopped = None;
        let mut ended = |branch| match unless_stopped(fabric, end(branch)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                stopped = Some(error);
                ControlFlow::Break(())
            }
        };
        let walked = Visit::new(limit, room, &mut ended).run(state, steps);
        stopped.map_or(walked, Err)
    }

    /// As [`Executable::shots`] on a state over ranks, each of which calls this with the same arguments: the same groups with the same
    /// random numbers where memory holds as many slices as one process holds states, one group after the other.
    ///
    /// An accumulator gathers on each rank; what it refuses has to be refused on all of them. Where one rank ends the work, all do.
    ///
    /// # Errors
    /// As [`Executable::shots`] and [`Executable::plans_over`]; when a rank has ended.
    pub fn shots_over<'f, A: Accumulate<DistributedState<'f, T>>>(
        &self,
        fabric: &'f dyn Fabric,
        run: Shots<'_>,
        stream: &mut Stream,
        accumulator: impl Fn() -> A,
        progress: &mut Progress<'_>,
    ) -> Result<A, SimError> {
        let Shots { shots, flips, config } = run;
        check(shots)?;
        let seed = stream.word();
        let Start { state, steps, room } = self.start_over(fabric, config)?;
        if self.is_deterministic() {
            return at_once(state, shots, seed, accumulator());
        }
        let states = room.at_least(4)?;
        let largest = largest_group(shots, Self::choices(&self.steps), states);
        let groups = Groups { shots, largest, flips, seed, room: room.at_most(states - 1), start: &state, steps };
        let (mut total, mut done) = (None, 0);
        let mut tell = |ended: u64| {
            done += ended;
            unless_stopped(fabric, progress(done))
        };
        for index in 0..groups.count() {
            merge(&mut total, groups.follow(index, accumulator(), &mut tell)?);
        }
        Ok(total.unwrap_or_else(accumulator))
    }

    /// As [`Executable::watched_counts`] on a state over ranks, each of which calls this with the same arguments: the same counts, on
    /// every rank.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use qloom_circuits::{Circuit, Stream};
    /// use qloom_sim::{Executable, SimulatorConfig, StateVector, on_threads};
    /// let mut circuit = Circuit::new(14);
    /// circuit.add_bits("c", 2);
    /// circuit.h(13).measure(13, 0).reset(13).ry(0.4, 0).cx(0, 13).measure(13, 1);
    /// let executable = Executable::<StateVector<f64>>::new(&circuit)?;
    /// let config = SimulatorConfig { tile_qubits: Some(9), threads: 1, ..SimulatorConfig::default() };
    /// let alone = executable.counts(1000, config, &mut Stream::named(1, "shots"))?;
    /// for counts in on_threads(4, |fabric| {
    ///     executable.counts_over(fabric, 1000, config, &mut Stream::named(1, "shots"), &mut |_| ControlFlow::Continue(()))
    /// }) {
    ///     assert_eq!(counts?, alone);
    /// }
    /// # Ok::<(), qloom_sim::SimError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Executable::shots_over`]; and where so many shots end in one state that [`DistributedState::sample`] refuses them.
    pub fn counts_over(
        &self,
        fabric: &dyn Fabric,
        shots: u64,
        config: SimulatorConfig,
        stream: &mut Stream,
        progress: &mut Progress<'_>,
    ) -> Result<Counts, SimError> {
        let run = Shots { shots, flips: &[], config };
        Ok(self.shots_over(fabric, run, stream, || self.counted(), progress)?.counts)
    }
}
