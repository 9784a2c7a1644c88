//! A circuit without noise over several ranks, each with a slice of the amplitudes.

mod courses;
#[cfg(test)]
mod tests;

use std::time::Instant;

use num_complex::Complex64;
use qloom::circuits::{Circuit, Matrix, Stream};
use qloom::sim::{
    DistributedPlan, DistributedState, Executable, Fabric, Observable, Program, Real, SimError, StateVector,
    before_last_measurements,
};

use super::Task;
use super::pure::{PLACE, Valued, double, expectation};
use super::results::{self, Results};
use super::wanted::{Many, Readable};
use crate::distribution::Distribution;
use crate::engine::refused;
use crate::failure::{Failure, OrFailure};

/// Up to so many qubits every rank holds the whole state where it cannot be cut.
const WHOLE: usize = 22;

/// Entries that a list over all ranks has at most.
const MOST_ENTRIES: usize = 1 << 20;

impl<T: Real> Readable for DistributedState<'_, T> {
    fn marginal(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        self.probabilities(qubits)
    }

    fn reduced(&self, _: &[usize]) -> Result<Matrix, SimError> {
        Err(SimError::Unsupported {
            simulation: "a state over several ranks",
            operation: "density matrices and entropies",
            remedy: "ask for --marginal, or use one rank",
        })
    }

    fn smaller(&self, qubits: &[usize]) -> Vec<usize> {
        qubits.to_vec()
    }
}

impl<T: Real> Valued for DistributedState<'_, T> {
    fn expectation(&mut self, observable: &Observable) -> Result<f64, SimError> {
        DistributedState::expectation(self, observable)
    }

    fn expectation_z(&self) -> Result<Vec<f64>, SimError> {
        DistributedState::expectation_z(self)
    }
}

/// Runs the circuit over the ranks; nothing where it is so small that every rank had better hold all of it.
///
/// # Errors
/// Bad input for what ranks cannot do together, failed work when memory does not suffice; the same on all ranks.
pub fn simulate<T: Real>(
    task: &Task<'_>,
    executable: &Executable<StateVector<T>>,
    fabric: &dyn Fabric,
) -> Result<Option<Results>, Failure> {
    let &Task { circuit, arguments, config, .. } = task;
    let begun = Instant::now();
    if arguments.wanted.out.is_some() {
        return Err(Failure::input("--out writes a whole state, which no rank has; ask for --amplitudes or use one rank"));
    }
    if !executable.is_deterministic() {
        return courses::simulate(task, executable, fabric, begun);
    }
    let before = before_last_measurements(circuit);
    let program = Program::new(&before).map_err(|error| refused(PLACE, error))?;
    let plan = match DistributedPlan::new::<T>(&program, fabric.size(), &config) {
        Ok(plan) => plan,
        Err(error) => return whole_instead(task, fabric, error).map(|()| None),
    };
    let mut state = DistributedState::<T>::zero(circuit.num_qubits(), config, fabric).map_err(|error| refused(PLACE, error))?;
    let plan_seconds = begun.elapsed().as_secs_f64();
    let (mut seconds, mut sent) = (Vec::new(), state.sent());
    for _ in 0..arguments.repeat {
        let (start, earlier) = (Instant::now(), state.sent());
        state.reset();
        state.apply(&program, &[]).or_work(PLACE)?;
        fabric.barrier().or_work(PLACE)?;
        seconds.push(start.elapsed().as_secs_f64());
        sent.messages = state.sent().messages - earlier.messages;
        sent.amplitudes = state.sent().amplitudes - earlier.amplitudes;
    }
    let distribution = Distribution::of(&plan, &before, fabric.size(), config.threads, Some(sent));
    let distribution = distribution.map_err(|error| refused(PLACE, error))?;
    let expectation_z = state.expectation_z().or_work(PLACE)?;
    let parts = arguments.wanted.parts(&state, &task.qubits, false).or_input(PLACE)?;
    let expectation = expectation(task, &mut |observable| state.expectation(observable))?;
    let probabilities = largest(&state, arguments.wanted.probabilities)?;
    let amplitudes = match arguments.wanted.amplitudes {
        None => None,
        Some(many) => {
            let list = largest(&state, many)?;
            let amplitude = |&(index, _): &(usize, f64)| -> Result<(usize, Complex64), Failure> {
                Ok((index, double(state.amplitude(index).or_work(PLACE)?)))
            };
            Some(list.iter().map(amplitude).collect::<Result<_, _>>()?)
        }
    };
    let counts = match arguments.shots {
        None => None,
        Some(shots) => Some(counts(&mut state, executable, circuit, shots, arguments.seed)?),
    };
    Ok(Some(Results {
        state: "state-vector",
        probabilities,
        amplitudes,
        expectation_z,
        expectation,
        parts,
        counts,
        seconds,
        plan_seconds,
        explanation: Some(program.explain::<T>(&config)),
        distribution: Some(distribution),
        ..Results::default()
    }))
}

/// Refuses what ranks cannot share, unless it is so small that each can hold all of it.
fn whole_instead(task: &Task<'_>, fabric: &dyn Fabric, error: SimError) -> Result<(), Failure> {
    match fabric.size().is_power_of_two() && task.circuit.num_qubits() <= WHOLE {
        true => Ok(()),
        false => Err(refused(PLACE, error)),
    }
}

/// The largest probabilities of a pure state.
fn largest<T: Real>(state: &DistributedState<'_, T>, many: Many) -> Result<Vec<(usize, f64)>, Failure> {
    let weights = || state.own_amplitudes().map(|(index, amplitude)| (index, double(amplitude).norm_sqr()));
    largest_of(state.fabric(), weights, many)
}

/// The largest of the weights that the ranks have, each of its own basis states.
fn largest_of<W: Iterator<Item = (usize, f64)>>(
    fabric: &dyn Fabric,
    weights: impl Fn() -> W,
    many: Many,
) -> Result<Vec<(usize, f64)>, Failure> {
    if many.0 > MOST_ENTRIES {
        let own = weights().filter(|(_, weight)| *weight > 0.0).count() as u64;
        let counts = fabric.gather(&own.to_le_bytes()).or_work(PLACE)?;
        let all: u64 = counts.iter().flat_map(|bytes| bytes.as_chunks::<8>().0).map(|&word| u64::from_le_bytes(word)).sum();
        if all > MOST_ENTRIES as u64 {
            return Err(Failure::input(format!("{all} entries are not 0, more than {MOST_ENTRIES}; ask for a number of them")));
        }
    }
    let own = results::largest(weights(), many);
    let bytes: Vec<u8> = own.iter().flat_map(|(index, p)| [(*index as u64).to_le_bytes(), p.to_le_bytes()]).flatten().collect();
    let mut all = Vec::new();
    for of_rank in fabric.gather(&bytes).or_work(PLACE)? {
        let (words, _) = of_rank.as_chunks::<8>();
        all.extend(words.chunks_exact(2).map(|pair| (u64::from_le_bytes(pair[0]) as usize, f64::from_le_bytes(pair[1]))));
    }
    // of one process they come in the order of the index
    all.sort_by_key(|(index, _)| *index);
    Ok(results::largest(all.into_iter(), many))
}

/// The shots of one process with this seed.
fn counts<T: Real>(
    state: &mut DistributedState<'_, T>,
    executable: &Executable<StateVector<T>>,
    circuit: &Circuit,
    shots: u64,
    seed: u64,
) -> Result<qloom::sim::Counts, Failure> {
    let mut stream = Stream::named(seed, "shots");
    if executable.last().is_empty() {
        return state.sample(shots, &mut stream).or_input(PLACE);
    }
    let mut group = Stream::numbered(stream.word(), "group", 0);
    let outcomes = state.sample(shots, &mut group).or_input(PLACE)?;
    Ok(outcomes.rearranged(executable.last(), circuit.num_bits()))
}
