//! The way back through a program, with derivatives: the adjoint method.

use crate::error::SimError;
use crate::kernel::{Derivative, Numbers, Real, TwoStates, WayBack};
use crate::observable::Observable;
use crate::op::Slot;
use crate::program::Program;
use crate::state::{StateVector, Workspace};

/// The adjoint state and buffers, which serve any program on one size of states.
#[derive(Debug)]
pub(crate) struct Adjoint<T: Real> {
    lambda: Option<StateVector<T>>,
    derivatives: Vec<Derivative>,
    buffers: Vec<TwoStates<T>>,
    /// The way back through the program.
    back: Option<WayBack>,
}

impl<T: Real> Default for Adjoint<T> {
    fn default() -> Self {
        Self { lambda: None, derivatives: Vec::new(), buffers: Vec::new(), back: None }
    }
}

impl<T: Real> Adjoint<T> {
    /// The program has changed.
    pub(crate) fn forget(&mut self) {
        self.back = None;
    }

    /// `<psi|H|psi>` of the state that a program has left; `H psi` is kept for [`Adjoint::differentiate`].
    ///
    /// # Errors
    /// When memory does not suffice or sizes differ.
    pub(crate) fn start(&mut self, state: &StateVector<T>, observable: &Observable) -> Result<f64, SimError> {
        let lambda = match &mut self.lambda {
            Some(lambda) => lambda,
            none => none.insert(StateVector::zero(state.num_qubits(), state.config())?),
        };
        let level = state.config().instruction_set.level();
        let planes = (&mut *lambda.re, &mut *lambda.im);
        T::multiply_observable(level, observable, (&state.re, &state.im), planes, state.threads());
        Ok(state.inner(lambda)?.re)
    }

    /// What [`Adjoint::start`] has kept.
    pub(crate) fn image(&mut self) -> Option<&mut StateVector<T>> {
        self.lambda.as_mut()
    }

    /// Takes both states back through the program and writes the derivative with respect to each parameter.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub(crate) fn differentiate(
        &mut self,
        program: &Program,
        state: &mut StateVector<T>,
        workspace: &Workspace<T>,
        gradient: &mut [f64],
    ) -> Result<(), SimError> {
        gradient.fill(0.0);
        let Self { lambda: Some(lambda), derivatives, buffers, back } = self else { return Ok(()) };
        let config = state.config();
        let (level, n) = (config.instruction_set.level(), state.num_qubits());
        derivatives.clear();
        derivatives.extend(program.slots.iter().map(Slot::parameter));
        let numbers = Numbers { dense: &program.dense, derivatives, factors: &workspace.factors };
        let psi = (&mut *state.re, &mut *state.im);
        let lambda = (&mut *lambda.re, &mut *lambda.im);
        if n <= WayBack::TILE {
            T::differentiate(level, &program.ops, numbers, psi, lambda, gradient);
            return Ok(());
        }
        let way = back.get_or_insert_with(|| WayBack::new(program.stretch()));
        let threads = config.threads.max(1);
        while buffers.len() < threads {
            buffers.push(TwoStates::new(WayBack::TILE)?);
        }
        T::differentiate_by_tiles(level, way, n, numbers, &mut buffers[..threads], psi, lambda, gradient);
        Ok(())
    }
}
