//! What holds a state while the steps of a circuit are taken: the state itself, or the ranks that have its slices.

use std::borrow::Cow;

use qloom_circuits::Stream;

use super::branching::Branching;
use crate::counts::Counts;
use crate::distributed::DistributedState;
use crate::error::SimError;
use crate::kernel::Real;
use crate::state::StateVector;

/// A holder of a state: what is done is that of [`Branching`], bit for bit, whoever holds the numbers.
pub(crate) trait Holder: Sized {
    /// The kind of state that the steps are compiled for.
    type State: Branching;
    /// Scratch memory of programs.
    type Workspace: Default;

    fn num_qubits(&self) -> usize;

    fn try_clone(&self) -> Result<Self, SimError>;

    fn apply(&mut self, program: &Program<Self>, workspace: &mut Self::Workspace) -> Result<(), SimError>;

    /// Probabilities of zero and of one of a qubit.
    fn outcomes(&self, qubit: usize) -> Result<Vec<f64>, SimError>;

    fn weights<'a>(&self, operators: &'a Operators<Self>) -> Result<Cow<'a, [f64]>, SimError>;

    fn take(&mut self, operators: &Operators<Self>, index: usize, probability: f64) -> Result<(), SimError>;

    fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError>;

    fn flip(&mut self, qubit: usize);

    fn sample(&mut self, shots: u64, stream: &mut Stream) -> Result<Counts, SimError>;
}

/// The programs of a holder's state.
type Program<H> = <<H as Holder>::State as crate::state::State>::Program;
/// The operators of a holder's state.
type Operators<H> = <<H as Holder>::State as Branching>::Operators;

impl<S: Branching> Holder for S {
    type State = S;
    type Workspace = S::Workspace;

    fn num_qubits(&self) -> usize {
        S::num_qubits(self)
    }

    fn try_clone(&self) -> Result<Self, SimError> {
        S::try_clone(self)
    }

    fn apply(&mut self, program: &S::Program, workspace: &mut S::Workspace) -> Result<(), SimError> {
        S::apply(self, program, &[], workspace)
    }

    fn outcomes(&self, qubit: usize) -> Result<Vec<f64>, SimError> {
        S::probabilities(self, &[qubit])
    }

    fn weights<'a>(&self, operators: &'a S::Operators) -> Result<Cow<'a, [f64]>, SimError> {
        Ok(S::weights(self, operators))
    }

    fn take(&mut self, operators: &S::Operators, index: usize, probability: f64) -> Result<(), SimError> {
        S::take(self, operators, index, probability)
    }

    fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        S::project(self, qubit, outcome)
    }

    fn flip(&mut self, qubit: usize) {
        S::flip(self, qubit);
    }

    fn sample(&mut self, shots: u64, stream: &mut Stream) -> Result<Counts, SimError> {
        Ok(S::sample(self, shots, stream))
    }
}

/// What ranks do not do together.
pub(super) fn no_channels() -> SimError {
    SimError::Unsupported {
        simulation: "a state over several ranks",
        operation: "a noise channel",
        remedy: "use one rank, or leave out the noise",
    }
}

impl<T: Real> Holder for DistributedState<'_, T> {
    type State = StateVector<T>;
    type Workspace = ();

    fn num_qubits(&self) -> usize {
        self.num_qubits()
    }

    fn try_clone(&self) -> Result<Self, SimError> {
        self.try_clone()
    }

    fn apply(&mut self, program: &Program<Self>, (): &mut ()) -> Result<(), SimError> {
        self.apply(program, &[])
    }

    fn outcomes(&self, qubit: usize) -> Result<Vec<f64>, SimError> {
        self.probabilities(&[qubit])
    }

    fn weights<'a>(&self, _: &'a Operators<Self>) -> Result<Cow<'a, [f64]>, SimError> {
        Err(no_channels())
    }

    fn take(&mut self, _: &Operators<Self>, _: usize, _: f64) -> Result<(), SimError> {
        Err(no_channels())
    }

    fn project(&mut self, qubit: usize, outcome: bool) -> Result<(), SimError> {
        self.project(qubit, outcome)
    }

    fn flip(&mut self, qubit: usize) {
        self.flip(qubit);
    }

    fn sample(&mut self, shots: u64, stream: &mut Stream) -> Result<Counts, SimError> {
        self.sample(shots, stream)
    }
}
