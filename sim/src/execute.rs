//! The one interpreter of circuits that measure, reset, decide or are noisy on the way.
//!
//! A circuit is compiled once to stretches that change a state and steps where it branches. Three policies follow the branches:
//! [`Executable::branches`] splits exactly, [`Executable::draw`] follows one shot, [`Executable::shots`] splits many shots, which share
//! a state as long as they have drawn the same.

mod branching;
mod exact;
mod holder;
mod hybrid;
mod kraus;
mod last;
mod ranks;
mod room;
mod shots;
mod step;
#[cfg(test)]
mod tests;
mod watch;

use qloom_circuits::{Circuit, Operation};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::Real;
use crate::program::{Explanation, Program};
use crate::state::{PauliVector, StateVector};
pub use branching::Branching;
pub use exact::{Branch, mixture};
pub use hybrid::{Course, CourseEnd, HybridExecutable, ProgramNoise};
pub use kraus::KrausMap;
pub use last::{before_last_measurements, split_last_measurements};
pub use shots::{Accumulate, Shots};
use step::Step;
pub use watch::Progress;

/// A circuit with measurements, resets, conditions and channels, compiled for states of one kind.
///
/// Measurements that nothing depends on afterwards are left out of the steps and listed in [`Executable::last`]: they are read off the
/// state that a branch ends in. Pauli vectors hold channels and resets in their programs and branch at measurements alone; state
/// vectors branch at channels too, one Kraus operator each.
///
/// ```
/// use qloom_circuits::{Circuit, Stream};
/// use qloom_sim::{Executable, PauliVector, SimulatorConfig, StateVector};
/// let mut circuit = Circuit::new(1);
/// circuit.add_bits("c", 2);
/// circuit.h(0).measure(0, 0).h(0).measure(0, 1);
/// let executable = Executable::<StateVector<f64>>::new(&circuit)?;
/// let branches = executable.branches(100, &[], SimulatorConfig::default())?;
/// assert_eq!(branches.len(), 2); // one for each outcome of the first measurement
/// assert!((branches[0].probability - 0.5).abs() < 1e-15);
/// let counts = executable.counts(1000, SimulatorConfig::default(), &mut Stream::named(1, "shots"))?;
/// assert_eq!(counts.shots(), 1000);
/// let noisy = Executable::<PauliVector>::new(&circuit)?.branches(100, &[], SimulatorConfig::default())?;
/// assert!((noisy[1].probability - 0.5).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct Executable<S: Branching> {
    num_qubits: usize,
    num_bits: usize,
    steps: Vec<Step<S>>,
    last: Vec<(usize, usize)>,
}

impl<S: Branching> Executable<S> {
    /// Compiles a circuit without free parameters.
    ///
    /// # Errors
    /// For free parameters, and for what [`State::compile`](crate::State::compile) refuses of its gates.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        if circuit.num_parameters() > 0 {
            let given = circuit.num_parameters();
            return Err(SimError::SizeMismatch { what: "free parameters of a circuit that is executed", expected: 0, given });
        }
        Self::compile(circuit, &vec![true; circuit.num_bits()])
    }

    /// Branches where bits that are `wanted` are written.
    fn compile(circuit: &Circuit, wanted: &[bool]) -> Result<Self, SimError> {
        let (before, last) = split_last_measurements(circuit);
        let steps = compile::<S>(&before.without_operations(), before.operations(), wanted)?;
        Ok(Self { num_qubits: circuit.num_qubits(), num_bits: circuit.num_bits(), steps, last })
    }

    /// The state before the first step that branches, and the steps from there.
    fn start(&self, config: SimulatorConfig, workspace: &mut S::Workspace) -> Result<(S, &[Step<S>]), SimError> {
        match &self.steps[..] {
            [Step::Program(first), rest @ ..] => Ok((S::prepared(first, &[], config, workspace)?, rest)),
            all => Ok((S::zero(self.num_qubits, config)?, all)),
        }
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Number of classical bits.
    pub fn num_bits(&self) -> usize {
        self.num_bits
    }

    /// Qubit and bit of the measurements after everything else, in order.
    pub fn last(&self) -> &[(usize, usize)] {
        &self.last
    }

    /// Whether nothing branches: a run has one end.
    pub fn is_deterministic(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Program(_)))
    }

    /// Steps that branch, those of both sides of conditions included.
    fn choices(steps: &[Step<S>]) -> u64 {
        let mut choices = 0;
        each(steps, &mut |step| choices += u64::from(!matches!(step, Step::Program(_) | Step::Conditional { .. })));
        choices
    }

    /// Whether anything is measured.
    pub fn measures(&self) -> bool {
        let mut measures = !self.last.is_empty();
        each(&self.steps, &mut |step| measures |= matches!(step, Step::Measure { .. }));
        measures
    }

    /// Bits of an outcome: the classical bits, or all qubits where nothing is measured.
    pub fn outcome_bits(&self) -> usize {
        if self.measures() { self.num_bits } else { self.num_qubits }
    }
}

/// Shows every step, those of both sides of conditions included, in order.
fn each<'a, S: Branching>(steps: &'a [Step<S>], see: &mut dyn FnMut(&'a Step<S>)) {
    for step in steps {
        see(step);
        if let Step::Conditional { then, otherwise, .. } = step {
            each(then, see);
            each(otherwise, see);
        }
    }
}

impl<T: Real> Executable<StateVector<T>> {
    /// Its programs, the blocks of conditions included.
    fn programs(&self) -> Vec<&Program> {
        let mut found = Vec::new();
        each(&self.steps, &mut |step| {
            if let Step::Program(program) = step {
                found.push(&**program);
            }
        });
        found
    }

    /// What its programs do under this configuration, one after the other, the blocks of conditions included.
    pub fn explain(&self, config: &SimulatorConfig) -> Explanation {
        let mut whole =
            Explanation { instruction_set: config.instruction_set.name(), operations: 0, tile: None, passes: Vec::new() };
        for program in self.programs() {
            let Explanation { operations, tile, passes, .. } = program.explain::<T>(config);
            whole.operations += operations;
            whole.tile = whole.tile.max(tile);
            whole.passes.extend(passes);
        }
        whole
    }
}

impl Executable<PauliVector> {
    /// Compiles a circuit of whose record only what conditions read is wanted: other measurements lose coherences, and do not branch.
    ///
    /// # Errors
    /// As [`Executable::new`].
    pub fn without_record(circuit: &Circuit) -> Result<Self, SimError> {
        fn read(operations: &[Operation], bits: &mut [bool]) {
            for operation in operations {
                if let Operation::Conditional(block) = operation {
                    block.condition.bits.iter().for_each(|&bit| bits[bit] = true);
                    read(&block.then, bits);
                    read(&block.otherwise, bits);
                }
            }
        }
        let mut wanted = vec![false; circuit.num_bits()];
        read(circuit.operations(), &mut wanted);
        Self::compile(circuit, &wanted)
    }
}

/// Operations as steps: what does not branch is gathered into programs; `empty` is the circuit without operations.
fn compile<S: Branching>(empty: &Circuit, operations: &[Operation], wanted: &[bool]) -> Result<Vec<Step<S>>, SimError> {
    let mut steps = Vec::new();
    let mut stretch = empty.clone();
    let flush = |stretch: &mut Circuit, steps: &mut Vec<Step<S>>| -> Result<(), SimError> {
        if !stretch.operations().is_empty() {
            let part = std::mem::replace(stretch, empty.clone());
            steps.push(Step::Program(Box::new(S::compile(&part)?)));
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
                stretch.push(operation.clone())?;
                continue;
            }
            Operation::Channel { .. } | Operation::Reset { .. } if S::MIXED => {
                stretch.push(operation.clone())?;
                continue;
            }
            Operation::Measure { bit, .. } if S::MIXED && !wanted[*bit] => {
                stretch.push(operation.clone())?;
                continue;
            }
            Operation::Channel { channel, qubits } => match S::operators(channel, qubits)? {
                Some(operators) => Step::Operators(operators),
                None => continue,
            },
            Operation::Measure { qubit, bit } => Step::Measure { qubit: *qubit, bit: *bit },
            Operation::Reset { qubit } => Step::Reset { qubit: *qubit },
            Operation::Conditional(block) => {
                let then = compile(empty, &block.then, wanted)?;
                let otherwise = compile(empty, &block.otherwise, wanted)?;
                Step::Conditional { condition: block.condition.clone(), then, otherwise }
            }
        };
        flush(&mut stretch, &mut steps)?;
        steps.push(step);
    }
    flush(&mut stretch, &mut steps)?;
    Ok(steps)
}
