//! States of qubits: planes of numbers and their size.

mod any;
mod factored;
mod matrix_product;
mod pauli_vector;
mod state_vector;
mod tableau;
#[cfg(test)]
mod tests;

pub use any::{AnyState, Representation};
pub use factored::{Factored, FactoredProgram};
pub use matrix_product::{MatrixProduct, MatrixProductProgram};
pub(crate) use pauli_vector::index_of;
pub use pauli_vector::{PauliVector, PauliWorkspace};
pub(crate) use state_vector::MANY_SHOTS;
pub use state_vector::{StateVector, Workspace};
pub(crate) use tableau::{CliffordGate, CliffordStep, CliffordTable};
pub use tableau::{CliffordProgram, Tableau};

use std::fmt::Debug;

use qloom_circuits::{Circuit, CircuitError, Operation, PauliString, Stream};

use crate::config::SimulatorConfig;
use crate::counts::Counts;
use crate::error::SimError;
use crate::kernel::Real;
use crate::memory;
use crate::observable::Observable;
use crate::program::{PauliProgram, Program};

/// A way to hold the state of a register of qubits.
///
/// A state is data: numbers and their count. What a run needs besides is a workspace, which serves any state of its kind.
///
/// ```
/// use qloom_circuits::{Circuit, PauliString};
/// use qloom_sim::{PauliVector, SimError, SimulatorConfig, State, StateVector};
/// fn correlation<S: State>() -> Result<f64, SimError> {
///     let mut bell = Circuit::new(2);
///     bell.h(0).cx(0, 1);
///     let mut state = S::zero(2, SimulatorConfig::default())?;
///     state.apply(&S::compile(&bell)?, &[], &mut S::Workspace::default())?;
///     state.pauli(PauliString::from_word("XX")?)
/// }
/// assert!((correlation::<StateVector<f64>>()? - 1.0).abs() < 1e-15);
/// assert!((correlation::<PauliVector>()? - 1.0).abs() < 1e-15);
/// # Ok::<(), SimError>(())
/// ```
pub trait State: Sized + Debug + Send + Sync {
    /// A circuit compiled for this kind of state.
    type Program: Debug + Send + Sync;
    /// Scratch memory of a run.
    type Workspace: Default + Debug + Send;

    /// Bytes a state of this many qubits takes.
    fn bytes(num_qubits: usize) -> u128;

    /// The state `|0...0>`.
    ///
    /// # Errors
    /// When the configured limit or the machine's memory does not suffice; nothing is allocated then.
    fn zero(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError>;

    /// A copy.
    ///
    /// # Errors
    /// When the allocator refuses.
    fn try_clone(&self) -> Result<Self, SimError>;

    /// Number of qubits.
    fn num_qubits(&self) -> usize;

    /// How it is simulated.
    fn config(&self) -> SimulatorConfig;

    /// Compiles a circuit.
    ///
    /// # Errors
    /// [`SimError::Unsupported`] for an operation this kind of state cannot do: none is ever skipped.
    fn compile(circuit: &Circuit) -> Result<Self::Program, SimError>;

    /// Compiles a circuit that is to run once, where that takes less time.
    ///
    /// # Errors
    /// As [`State::compile`].
    fn compile_once(circuit: &Circuit) -> Result<Self::Program, SimError> {
        Self::compile(circuit)
    }

    /// Applies a program at these parameter values.
    ///
    /// # Errors
    /// When sizes do not fit or a value is not finite.
    fn apply(&mut self, program: &Self::Program, parameters: &[f64], workspace: &mut Self::Workspace) -> Result<(), SimError>;

    /// The state that a program makes of `|0...0>` at these parameter values.
    ///
    /// # Errors
    /// As [`State::zero`] and [`State::apply`].
    fn prepared(
        program: &Self::Program,
        parameters: &[f64],
        config: SimulatorConfig,
        workspace: &mut Self::Workspace,
    ) -> Result<Self, SimError>;

    /// `Tr(H rho)`, which is `<psi|H|psi>` for a pure state.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    fn expectation(&self, observable: &Observable) -> Result<f64, SimError>;

    /// `Tr(P rho)` of one Pauli string.
    ///
    /// # Errors
    /// When the string acts outside the register.
    fn pauli(&self, string: PauliString) -> Result<f64, SimError>;

    /// `<Z_q>` of every qubit.
    fn expectation_z(&self) -> Vec<f64>;

    /// Probability of each outcome of measuring these qubits; the first listed is the least significant bit of the outcome.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated.
    fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError>;

    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`.
    fn sample(&self, shots: u64, stream: &mut Stream) -> Counts;

    /// The state as a Pauli vector where it is one, so that products of Paulis can be read off.
    fn as_pauli_vector(&self) -> Option<&PauliVector> {
        None
    }
}

/// Refuses qubits outside the register, and repeated ones.
pub(crate) fn check_qubits(qubits: &[usize], num_qubits: usize) -> Result<(), SimError> {
    for (position, &qubit) in qubits.iter().enumerate() {
        if qubit >= num_qubits {
            return Err(SimError::QubitOutOfRange { qubit, num_qubits });
        }
        if qubits[..position].contains(&qubit) {
            return Err(CircuitError::RepeatedQubit { qubit }.into());
        }
    }
    Ok(())
}

/// The methods of a state that are its own methods.
macro_rules! own_methods {
    ($program:ty) => {
        type Program = $program;

        fn zero(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
            Self::zero(num_qubits, config)
        }

        fn try_clone(&self) -> Result<Self, SimError> {
            self.try_clone()
        }

        fn num_qubits(&self) -> usize {
            self.num_qubits()
        }

        fn config(&self) -> SimulatorConfig {
            self.config()
        }

        fn compile(circuit: &Circuit) -> Result<Self::Program, SimError> {
            Self::Program::new(circuit)
        }

        fn apply(
            &mut self,
            program: &Self::Program,
            parameters: &[f64],
            workspace: &mut Self::Workspace,
        ) -> Result<(), SimError> {
            self.apply(program, parameters, workspace)
        }

        fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
            self.expectation(observable)
        }

        fn pauli(&self, string: PauliString) -> Result<f64, SimError> {
            self.pauli(string)
        }

        fn expectation_z(&self) -> Vec<f64> {
            self.expectation_z()
        }

        fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
            self.probabilities(qubits)
        }

        fn sample(&self, shots: u64, stream: &mut Stream) -> Counts {
            self.sample(shots, stream)
        }
    };
}

/// A state is prepared as it is applied.
macro_rules! prepared_from_zero {
    () => {
        fn prepared(
            program: &Self::Program,
            parameters: &[f64],
            config: SimulatorConfig,
            workspace: &mut Self::Workspace,
        ) -> Result<Self, SimError> {
            let mut state = Self::zero(program.num_qubits(), config)?;
            state.apply(program, parameters, workspace)?;
            Ok(state)
        }
    };
}

/// Refuses what is no gate, a barrier or a delay, for pure states whose programs hold gates alone.
pub(crate) fn check_gate(operation: &Operation, simulation: &'static str) -> Result<(), SimError> {
    let unsupported = |operation| {
        let remedy = "use a state vector or a Pauli vector, or measure at the end";
        Err(SimError::Unsupported { simulation, operation, remedy })
    };
    match operation {
        Operation::Measure { .. } => unsupported("a measurement on the way"),
        Operation::Reset { .. } => unsupported("a reset"),
        Operation::Conditional(_) => unsupported("a conditioned block"),
        Operation::Channel { .. } => unsupported("a noise channel"),
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => Ok(()),
    }
}

impl<T: Real> State for StateVector<T> {
    type Workspace = Workspace<T>;

    own_methods!(Program);

    fn compile_once(circuit: &Circuit) -> Result<Program, SimError> {
        Program::once(circuit)
    }

    fn bytes(num_qubits: usize) -> u128 {
        memory::state_bytes::<T>(num_qubits)
    }

    prepared_from_zero!();
}

impl State for Tableau {
    type Workspace = ();

    own_methods!(CliffordProgram);

    fn bytes(num_qubits: usize) -> u128 {
        Self::bytes(num_qubits)
    }

    prepared_from_zero!();
}

impl State for Factored {
    type Workspace = ();

    own_methods!(FactoredProgram);

    /// Of qubits that have not met.
    fn bytes(num_qubits: usize) -> u128 {
        num_qubits as u128 * memory::state_bytes::<f64>(1)
    }

    prepared_from_zero!();
}

impl State for MatrixProduct {
    type Workspace = ();

    own_methods!(MatrixProductProgram);

    fn bytes(num_qubits: usize) -> u128 {
        Self::bytes_with(num_qubits, SimulatorConfig::DEFAULT_BOND)
    }

    prepared_from_zero!();
}

impl State for PauliVector {
    type Workspace = PauliWorkspace;

    own_methods!(PauliProgram);

    fn bytes(num_qubits: usize) -> u128 {
        Self::bytes(num_qubits)
    }

    fn prepared(
        program: &PauliProgram,
        parameters: &[f64],
        config: SimulatorConfig,
        workspace: &mut PauliWorkspace,
    ) -> Result<Self, SimError> {
        let mut state = Self::zero(program.num_qubits(), config)?;
        state.prepare(program, parameters, workspace)?;
        Ok(state)
    }

    fn as_pauli_vector(&self) -> Option<&PauliVector> {
        Some(self)
    }
}
