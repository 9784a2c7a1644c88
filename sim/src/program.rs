//! Circuits compiled to programs: operations classified by shape, run many times with new angles.

mod lower;

use std::ops::Range;

use fearless_simd::Level;
use num_complex::Complex64;
use qloom_circuits::{Angle, Circuit, Condition, Operation};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, Factor};
use crate::plan::{Pass, PlanCache, Shape};
use crate::real::Real;

/// Bit masks of an operation over the qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Masks {
    /// Where the Pauli string is X or Y.
    pub(crate) x: u64,
    /// Where the Pauli string is Y or Z.
    pub(crate) z: u64,
    /// Qubits that must be one.
    pub(crate) controls: u64,
}

/// One operation, by shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    /// `exp(-i theta/2 P)` with a string that flips bits.
    Rotation { masks: Masks, slot: u32 },
    /// `exp(-i theta/2 Z...Z)`.
    Parity { parity: u64, controls: u64, slot: u32 },
    /// `e^{i theta}` where all controls are one.
    Phase { controls: u64, slot: u32 },
    /// X on every bit of `x` where all controls are one.
    Flip { x: u64, controls: u64 },
    /// A dense unitary of the program's list.
    Dense(u32),
}

/// A dense unitary, row-major, on its qubits where all controls are one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dense {
    pub(crate) entries: Vec<Complex64>,
    pub(crate) qubits: Vec<usize>,
    pub(crate) controls: u64,
}

/// The angle of an operation, and what its cosine and sine are taken of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slot {
    pub(crate) angle: Angle,
    /// 1/2 for rotations, 1 for phases.
    pub(crate) factor: f64,
}

impl Slot {
    /// The parameter it depends on, and the derivative of the angle.
    pub(crate) fn parameter(&self) -> Option<(usize, f64)> {
        match self.angle {
            Angle::Fixed(_) => None,
            Angle::Free { index, scale, .. } => Some((index, scale)),
        }
    }
}

/// A stretch of a program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Unitary operations.
    Unitary(Range<usize>),
    /// A measurement of a qubit into a bit.
    Measure { qubit: usize, bit: usize },
    /// A qubit put into `|0>`.
    Reset { qubit: usize },
    /// Steps for when a condition holds, and for when it does not.
    Conditional { condition: Condition, then: Vec<Step>, otherwise: Vec<Step> },
}

/// A circuit compiled for simulation.
///
/// Compiling costs well under a microsecond an operation; running allocates nothing.
///
/// ```
/// use qloom_circuits::{Angle, Circuit};
/// use qloom_sim::{Program, StateVector};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// let program = Program::new(&circuit)?;
/// let mut state = StateVector::<f64>::zero(1)?;
/// program.run(&[std::f64::consts::FRAC_PI_2], &mut state)?;
/// assert!((state.amplitude(1).re - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Program {
    num_qubits: usize,
    num_bits: usize,
    num_parameters: usize,
    pub(crate) ops: Vec<Op>,
    pub(crate) dense: Vec<Dense>,
    pub(crate) slots: Vec<Slot>,
    /// Slots whose angle is free.
    free: Vec<u32>,
    /// Factors of the fixed slots.
    fixed: Vec<[f64; 2]>,
    /// Lowered operations before the first, after the first, after the second ... operation of the circuit.
    pub(crate) ends: Vec<usize>,
    pub(crate) steps: Vec<Step>,
    pub(crate) plans: PlanCache,
}

impl Program {
    /// The most qubits a program can have.
    pub const MAX_QUBITS: usize = 48;

    /// Compiles a circuit.
    ///
    /// # Errors
    /// When the circuit has channels or more than [`Program::MAX_QUBITS`] qubits.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        let mut program = Self::default();
        program.rebuild(circuit)?;
        Ok(program)
    }

    /// Compiles another circuit into the buffers of this program.
    ///
    /// # Errors
    /// As [`Program::new`]; the program is then empty.
    pub fn rebuild(&mut self, circuit: &Circuit) -> Result<(), SimError> {
        self.ops.clear();
        self.dense.clear();
        self.slots.clear();
        self.free.clear();
        self.fixed.clear();
        self.steps.clear();
        self.ends.clear();
        self.ends.push(0);
        self.plans.clear();
        self.num_qubits = circuit.num_qubits();
        self.num_bits = circuit.num_bits();
        self.num_parameters = circuit.num_parameters();
        if self.num_qubits > Self::MAX_QUBITS {
            let given = std::mem::take(&mut self.num_qubits);
            return Err(SimError::TooManyQubits { what: "a program", given, limit: Self::MAX_QUBITS });
        }
        self.steps = self.compile(circuit.operations())?;
        Ok(())
    }

    fn compile(&mut self, operations: &[Operation]) -> Result<Vec<Step>, SimError> {
        let mut steps = Vec::new();
        let mut start = self.ops.len();
        let close = |program: &Self, start: usize, steps: &mut Vec<Step>| {
            if program.ops.len() > start {
                steps.push(Step::Unitary(start..program.ops.len()));
            }
        };
        for operation in operations {
            let step = match operation {
                Operation::Gate { .. }
                | Operation::PauliRotation { .. }
                | Operation::Unitary { .. }
                | Operation::GlobalPhase(_)
                | Operation::Barrier { .. }
                | Operation::Delay { .. } => {
                    for primitive in operation.primitives()? {
                        self.lower(&primitive);
                    }
                    self.ends.push(self.ops.len());
                    continue;
                }
                Operation::Measure { qubit, bit } => Step::Measure { qubit: *qubit, bit: *bit },
                Operation::Reset { qubit } => Step::Reset { qubit: *qubit },
                Operation::Conditional(block) => {
                    close(self, start, &mut steps);
                    let then = self.compile(&block.then)?;
                    let otherwise = self.compile(&block.otherwise)?;
                    start = self.ops.len();
                    steps.push(Step::Conditional { condition: block.condition.clone(), then, otherwise });
                    continue;
                }
                Operation::Channel { .. } => {
                    return Err(SimError::Unsupported {
                        simulation: "a state vector",
                        operation: "a noise channel",
                        remedy: "simulate a Pauli vector, or remove the noise",
                    });
                }
            };
            close(self, start, &mut steps);
            start = self.ops.len();
            steps.push(step);
        }
        close(self, start, &mut steps);
        Ok(steps)
    }

    /// A slot for the angle; `factor` times the angle is what its cosine and sine are taken of.
    fn slot(&mut self, angle: Angle, factor: f64) -> u32 {
        let slot = self.slots.len() as u32;
        self.slots.push(Slot { angle, factor });
        match angle {
            Angle::Fixed(value) => {
                let (sine, cosine) = (value * factor).sin_cos();
                self.fixed.push([cosine, sine]);
            }
            Angle::Free { .. } => {
                self.free.push(slot);
                self.fixed.push([1.0, 0.0]);
            }
        }
        slot
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Number of classical bits.
    pub fn num_bits(&self) -> usize {
        self.num_bits
    }

    /// Number of free parameters.
    pub fn num_parameters(&self) -> usize {
        self.num_parameters
    }

    /// Number of operations after lowering.
    pub fn num_operations(&self) -> usize {
        self.ops.len()
    }

    /// Whether nothing is measured, reset or conditioned.
    pub fn is_unitary(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Unitary(_)))
    }

    /// Whether nothing acts on a qubit after it is measured, and nothing is reset or conditioned.
    pub fn measures_last(&self) -> bool {
        let measured = self.steps.iter().position(|step| !matches!(step, Step::Unitary(_)));
        measured.is_none_or(|first| {
            let mut qubits = 0u64;
            self.steps[first..].iter().all(|step| match step {
                Step::Measure { qubit, .. } => {
                    qubits |= 1 << qubit;
                    true
                }
                Step::Unitary(range) => self.ops[range.clone()].iter().all(|op| self.touches(op) & qubits == 0),
                Step::Reset { .. } | Step::Conditional { .. } => false,
            })
        })
    }

    pub(crate) fn touches(&self, op: &Op) -> u64 {
        match *op {
            Op::Rotation { masks, .. } => masks.x | masks.z | masks.controls,
            Op::Parity { parity, controls, .. } => parity | controls,
            Op::Phase { controls, .. } => controls,
            Op::Flip { x, controls } => x | controls,
            Op::Dense(index) => {
                let dense = &self.dense[index as usize];
                dense.qubits.iter().fold(dense.controls, |mask, qubit| mask | 1 << qubit)
            }
        }
    }

    /// Cosines and sines of all slots at these parameter values, into a reused buffer.
    ///
    /// # Errors
    /// When the number of values is wrong or one is not finite.
    pub(crate) fn bind<T: Real>(&self, level: Level, parameters: &[f64], factors: &mut Vec<Factor<T>>) -> Result<(), SimError> {
        if parameters.len() != self.num_parameters {
            let (expected, given) = (self.num_parameters, parameters.len());
            return Err(SimError::SizeMismatch { what: "parameter values", expected, given });
        }
        if let Some(&value) = parameters.iter().find(|value| !value.is_finite()) {
            return Err(SimError::NotFinite { what: "a parameter", value });
        }
        factors.clear();
        factors.extend(self.fixed.iter().map(|pair| pair.map(T::from_f64)));
        let mut pairs = [[0.0; 2]; 64];
        for chunk in self.free.chunks(pairs.len()) {
            for (pair, &slot) in pairs.iter_mut().zip(chunk) {
                let Slot { angle, factor } = self.slots[slot as usize];
                pair[0] = angle.value(parameters) * factor;
            }
            kernel::cosines_and_sines(level, &mut pairs[..chunk.len()]);
            for (pair, &slot) in pairs.iter().zip(chunk) {
                factors[slot as usize] = pair.map(T::from_f64);
            }
        }
        Ok(())
    }

    /// What the program does under this configuration: passes over memory, and what each of them takes.
    ///
    /// Makes the plan, which the first run would else make.
    pub fn explain<T: Real>(&self, config: &SimulatorConfig) -> Explanation {
        let level = config.instruction_set.level();
        let mut passes = Vec::new();
        for step in &self.steps {
            let Step::Unitary(range) = step else { continue };
            match Shape::choose(level, T::BYTES, self.num_qubits, config.tile_qubits).filter(|_| range.len() > 2) {
                Some(shape) => passes.extend(self.plans.get(self, range.clone(), shape).passes.iter().map(Pass::explain)),
                None => passes.extend(range.clone().map(|_| PassExplanation { items: 1, ..PassExplanation::default() })),
            }
        }
        Explanation { instruction_set: config.instruction_set.name(), operations: self.ops.len(), passes }
    }
}

/// How a program runs; see [`Program::explain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Name of the instruction set.
    pub instruction_set: &'static str,
    /// Operations after lowering.
    pub operations: usize,
    /// The passes over the state, in order.
    pub passes: Vec<PassExplanation>,
}

/// One pass over the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassExplanation {
    /// Rotations, phases, X and CX taken.
    pub items: usize,
    /// Rotations among them.
    pub rotations: usize,
    /// Blocks of registers they were put into.
    pub blocks: usize,
    /// Layers all phases were merged into.
    pub phase_layers: usize,
    /// Whether lanes were exchanged with other qubits on the way.
    pub lanes_exchanged: bool,
}
