//! Circuits compiled to programs: operations classified by shape, run many times with new angles.

mod cache;
mod explain;
mod lower;
mod pauli;

use fearless_simd::Level;
use qloom_circuits::{Angle, Circuit, Operation, Primitive};

use crate::error::SimError;
use crate::kernel::{self, Factor, Real};
use crate::op::{Dense, Op, Slot, Stretch};
use cache::PlanCache;
pub use explain::{Explanation, PassExplanation};
pub(crate) use pauli::Bound as PauliBound;
pub use pauli::PauliProgram;

/// A circuit of gates compiled for state vectors; what measures, resets or decides on the way is an [`Executable`](crate::Executable).
///
/// Compiling costs well under a microsecond an operation; running allocates nothing.
///
/// ```
/// use qloom_circuits::{Angle, Circuit};
/// use qloom_sim::{Program, SimulatorConfig, StateVector};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// let program = Program::new(&circuit)?;
/// let mut state = StateVector::<f64>::zero(1, SimulatorConfig::default())?;
/// state.run(&program, &[std::f64::consts::FRAC_PI_2])?;
/// assert!((state.amplitude(1).re - 0.5f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Program {
    num_qubits: usize,
    num_parameters: usize,
    pub(crate) ops: Vec<Op>,
    pub(crate) dense: Vec<Dense>,
    pub(crate) slots: Vec<Slot>,
    /// Slots whose angle is free.
    free: Vec<u32>,
    /// Factors of the fixed slots.
    fixed: Vec<[f64; 2]>,
    /// Whether it is to run many times.
    many_runs: bool,
    /// How often its operations go over a state.
    sweeps: u64,
    pub(crate) plans: PlanCache,
}

impl Program {
    /// The most qubits a program can have.
    pub const MAX_QUBITS: usize = 48;

    /// Compiles a circuit that is to run many times, as in a learner.
    ///
    /// The first run plans the order of the operations where that makes the others faster; a plan of a few hundred gates takes
    /// less than a millisecond.
    ///
    /// # Errors
    /// When the circuit has more than [`Program::MAX_QUBITS`] qubits, or anything but gates.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        let mut program = Self { many_runs: true, ..Self::default() };
        program.rebuild(circuit)?;
        Ok(program)
    }

    /// Compiles a circuit that is to run once or twice, as one of many erroneous shots: below 13 qubits it has no plan, which
    /// would take longer than it saves.
    ///
    /// Amplitudes can differ in their last bits from those of [`Program::new`].
    ///
    /// ```
    /// use qloom_circuits::library;
    /// use qloom_sim::{Program, SimulatorConfig, StateVector};
    /// let mut state = StateVector::<f64>::zero(3, SimulatorConfig::default())?;
    /// state.run(&Program::once(&library::ghz(3))?, &[])?;
    /// assert!((state.amplitude(7).norm_sqr() - 0.5).abs() < 1e-15);
    /// # Ok::<(), qloom_sim::SimError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Program::new`].
    pub fn once(circuit: &Circuit) -> Result<Self, SimError> {
        let mut program = Self::default();
        program.rebuild(circuit)?;
        Ok(program)
    }

    /// Compiles another circuit into the buffers of this program.
    ///
    /// # Errors
    /// As [`Program::new`]; the program is then empty.
    pub fn rebuild(&mut self, circuit: &Circuit) -> Result<(), SimError> {
        self.clear();
        self.num_qubits = circuit.num_qubits();
        self.num_parameters = circuit.num_parameters();
        if self.num_qubits > Self::MAX_QUBITS {
            let given = std::mem::take(&mut self.num_qubits);
            return Err(SimError::TooManyQubits { what: "a program", given, limit: Self::MAX_QUBITS });
        }
        for operation in circuit.operations() {
            let refused = match operation {
                Operation::Gate { .. }
                | Operation::PauliRotation { .. }
                | Operation::Unitary { .. }
                | Operation::GlobalPhase(_)
                | Operation::Barrier { .. }
                | Operation::Delay { .. } => {
                    for primitive in operation.primitives()? {
                        self.lower(&primitive);
                    }
                    continue;
                }
                Operation::Measure { .. } => "a measurement",
                Operation::Reset { .. } => "a reset",
                Operation::Conditional(_) => "a condition on measured bits",
                Operation::Channel { .. } => "a noise channel",
            };
            self.clear();
            return Err(SimError::Unsupported {
                simulation: "a program of a state vector",
                operation: refused,
                remedy: "remove it, or execute the circuit",
            });
        }
        self.count_sweeps();
        Ok(())
    }

    /// Primitives as a program.
    pub(crate) fn of_primitives(primitives: &[Primitive], num_qubits: usize, num_parameters: usize) -> Self {
        let mut program = Self { num_qubits, num_parameters, many_runs: true, ..Self::default() };
        primitives.iter().for_each(|primitive| program.lower(primitive));
        program.count_sweeps();
        program
    }

    fn clear(&mut self) {
        (self.num_qubits, self.num_parameters) = (0, 0);
        self.ops.clear();
        self.dense.clear();
        self.slots.clear();
        self.free.clear();
        self.fixed.clear();
        self.plans.clear();
        self.sweeps = 0;
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

    /// Number of free parameters.
    pub fn num_parameters(&self) -> usize {
        self.num_parameters
    }

    /// Its operations and what they refer to.
    pub(crate) fn stretch(&self) -> Stretch<'_> {
        let Self { num_qubits, ops, dense, slots, .. } = self;
        Stretch { num_qubits: *num_qubits, ops, dense, slots }
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
}
