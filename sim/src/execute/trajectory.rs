//! Trajectories: a noisy circuit on pure states, one Kraus operator drawn at each channel.

mod accumulator;
mod kraus;
#[cfg(test)]
mod tests;
mod walk;

pub use accumulator::TrajectoryResult;

use std::ops::ControlFlow;

use qloom_circuits::{Circuit, Condition, Operation, PauliSum};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use self::accumulator::Accumulator;
use self::kraus::KrausMap;
use super::branch::split_last_measurements;
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::memory;
use crate::observable::Observable;
use crate::program::Program;
use crate::real::Real;
use crate::state::StateVector;

/// A circuit with channels, measurements, resets and conditions compiled for trajectories.
///
/// Shots that have drawn the same operators so far share one state: a channel is met once for a group of shots, which then parts.
/// Where noise is weak, most shots have no error and cost one run together (Isakov et al., arXiv:2111.02396, take shots one by one).
///
/// ```
/// use qloom_circuits::{Channel, Circuit, Operation};
/// use qloom_sim::{SimulatorConfig, Trajectories};
/// let mut circuit = Circuit::new(1);
/// circuit.x(0);
/// circuit.push(Operation::Channel { channel: Channel::amplitude_damping(0.25)?, qubits: [0].into_iter().collect() })?;
/// let result = Trajectories::new(&circuit)?.run::<f64>(10_000, 7, None, &[], SimulatorConfig::default())?;
/// let z = result.expectation_z[0]; // exactly -0.5
/// assert!((z.value + 0.5).abs() < 5.0 * z.standard_error && z.standard_error < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trajectories {
    num_qubits: usize,
    num_bits: usize,
    steps: Vec<Step>,
    /// Qubit and bit of the measurements after everything else.
    last: Vec<(usize, usize)>,
}

/// A stretch of a trajectory.
#[derive(Clone, Debug)]
enum Step {
    Unitary(Box<Program>),
    Kraus(KrausMap),
    Measure { qubit: usize, bit: usize },
    Reset { qubit: usize },
    Conditional { condition: Condition, then: Vec<Step>, otherwise: Vec<Step> },
}

/// Groups of shots that run independently of each other, whatever the number of threads.
const GROUPS: u64 = 16;

/// Pairs of states times amplitudes that an estimate of the purity may cost.
const PURITY_WORK: u128 = 1 << 32;

impl Trajectories {
    /// Compiles a circuit; channels are where a noise model has put them.
    ///
    /// # Errors
    /// For free parameters, more than 64 classical bits, or what [`Program::new`] refuses.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        if circuit.num_parameters() > 0 {
            let given = circuit.num_parameters();
            return Err(SimError::SizeMismatch { what: "free parameters of a noisy circuit", expected: 0, given });
        }
        if circuit.num_bits() > 64 {
            return Err(SimError::TooManyQubits { what: "a record of classical bits", given: circuit.num_bits(), limit: 64 });
        }
        let (before, last) = split_last_measurements(circuit);
        let steps = compile(circuit.num_qubits(), before.operations())?;
        Ok(Self { num_qubits: circuit.num_qubits(), num_bits: circuit.num_bits(), steps, last })
    }

    /// Runs `shots` trajectories; `readout` has for each qubit the probabilities to read 1 for 0 and 0 for 1.
    ///
    /// Expectation values are means over trajectories of exact ones, with their standard errors; so are probabilities, up to 24 qubits,
    /// and every shot also draws an outcome. Equal for equal seeds, whatever the number of threads. Holds at most
    /// `2 + log2(shots/16)` states a thread.
    ///
    /// # Errors
    /// When there is no shot, the observable has another number of qubits, or memory does not suffice.
    pub fn run<T: Real>(
        &self,
        shots: u64,
        seed: u64,
        observable: Option<&PauliSum>,
        readout: &[[f64; 2]],
        config: SimulatorConfig,
    ) -> Result<TrajectoryResult, SimError> {
        self.run_watched::<T>(shots, seed, observable, readout, config, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`Trajectories::run`]; `progress` is told the number of shots done from time to time and may end the work.
    ///
    /// # Errors
    /// As [`Trajectories::run`], and [`SimError::Stopped`].
    pub fn run_watched<T: Real>(
        &self,
        shots: u64,
        seed: u64,
        observable: Option<&PauliSum>,
        readout: &[[f64; 2]],
        config: SimulatorConfig,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<TrajectoryResult, SimError> {
        if shots == 0 {
            return Err(SimError::OutOfRange { what: "the number of shots", value: 0.0, range: "at least 1" });
        }
        if let Some(sum) = observable.filter(|sum| sum.num_qubits() != self.num_qubits) {
            let (expected, given) = (self.num_qubits, sum.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of an observable", expected, given });
        }
        memory::check::<T>(self.num_qubits, 3, config.memory_limit)?;
        let state = memory::state_bytes::<T>(self.num_qubits);
        let room = u128::from(config.memory_limit) / state;
        // the group whose states are kept for the purity, then equal ones of at most 2^depth shots
        let kept = kept_for_purity(shots, self.num_qubits, room);
        let depth = (room - 3).min(60) as u32;
        let largest = (shots.div_ceil(GROUPS)).min(1 << depth.min(62)).max(1);
        let mut groups = vec![kept];
        let mut left = shots - kept;
        while left > 0 {
            groups.push(left.min(largest));
            left -= left.min(largest);
        }
        groups.retain(|&group| group > 0);
        let each = 4 + u128::from(largest.ilog2());
        let workers = (room / each).clamp(1, config.threads.max(1) as u128) as usize;
        let inner = SimulatorConfig { threads: if workers == 1 { config.threads } else { 1 }, ..config };
        let compiled = observable.map(Observable::new);
        let task = walk::Task { trajectories: self, observable: compiled.as_ref(), readout };
        let one = |index: usize| -> Result<Accumulator<T>, SimError> {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(index as u64);
            let mut accumulator = Accumulator::new(self.num_qubits, self.outcome_bits(), observable.is_some());
            if index == 0 && kept > 0 {
                accumulator.keep_states();
            }
            let state = StateVector::<T>::with_config(self.num_qubits, inner)?;
            task.walk(state, groups[index], &mut rng, &mut accumulator)?;
            Ok(accumulator)
        };
        let mut total = one(0)?;
        let purity = total.purity(groups[0])?;
        let mut done = groups[0];
        for wave in (1..groups.len()).collect::<Vec<_>>().chunks(workers) {
            let parts: Result<Vec<_>, SimError> = if wave.len() == 1 {
                wave.iter().map(|&k| one(k)).collect()
            } else {
                wave.to_vec().into_par_iter().map(one).collect()
            };
            parts?.iter().for_each(|part| total.add(part));
            done += wave.iter().map(|&k| groups[k]).sum::<u64>();
            if progress(done).is_break() {
                return Err(SimError::Stopped);
            }
        }
        Ok(total.finish(shots, purity))
    }

    /// Bits of an outcome: the classical bits, or all qubits where nothing is measured.
    fn outcome_bits(&self) -> usize {
        if self.measures() { self.num_bits } else { self.num_qubits.min(64) }
    }

    fn measures(&self) -> bool {
        fn any(steps: &[Step]) -> bool {
            steps.iter().any(|step| match step {
                Step::Measure { .. } => true,
                Step::Conditional { then, otherwise, .. } => any(then) || any(otherwise),
                Step::Unitary(_) | Step::Kraus(_) | Step::Reset { .. } => false,
            })
        }
        !self.last.is_empty() || any(&self.steps)
    }
}

/// Shots of the group whose states are all kept: two at least, or none.
fn kept_for_purity(shots: u64, num_qubits: usize, room: u128) -> u64 {
    let by_work = ((2 * PURITY_WORK) >> num_qubits).isqrt();
    let kept = by_work.min(room / 4).min(256).min(u128::from(shots)) as u64;
    if kept < 2 { 0 } else { kept }
}

fn compile(num_qubits: usize, operations: &[Operation]) -> Result<Vec<Step>, SimError> {
    let mut steps = Vec::new();
    let mut unitary = Circuit::new(num_qubits);
    let flush = |unitary: &mut Circuit, steps: &mut Vec<Step>| -> Result<(), SimError> {
        if !unitary.operations().is_empty() {
            let part = std::mem::replace(unitary, Circuit::new(num_qubits));
            steps.push(Step::Unitary(Box::new(Program::new(&part)?)));
        }
        Ok(())
    };
    for operation in operations {
        let step = match operation {
            Operation::Gate { .. }
            | Operation::PauliRotation { .. }
            | Operation::Unitary { .. }
            | Operation::GlobalPhase(_)
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => {
                unitary.push(operation.clone())?;
                continue;
            }
            Operation::Channel { channel, qubits } => match KrausMap::new(channel, qubits) {
                Some(map) => Step::Kraus(map),
                None => continue,
            },
            Operation::Measure { qubit, bit } => Step::Measure { qubit: *qubit, bit: *bit },
            Operation::Reset { qubit } => Step::Reset { qubit: *qubit },
            Operation::Conditional(block) => {
                let then = compile(num_qubits, &block.then)?;
                let otherwise = compile(num_qubits, &block.otherwise)?;
                Step::Conditional { condition: block.condition.clone(), then, otherwise }
            }
        };
        flush(&mut unitary, &mut steps)?;
        steps.push(step);
    }
    flush(&mut unitary, &mut steps)?;
    Ok(steps)
}
