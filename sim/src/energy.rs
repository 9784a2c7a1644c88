//! Energies of parametrised circuits, the inner loop of searches and variational methods.

mod adjoint;
mod noisy;
mod projector;
mod slopes;

pub(crate) use adjoint::Adjoint;
pub use noisy::NoisyEnergy;
pub(crate) use noisy::{Reverse, Term};

use qloom_circuits::{Circuit, PauliSum};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::observable::Observable;
use crate::program::Program;
use crate::state::{StateVector, Workspace};

/// The expectation value of an observable after a circuit, as a function of the circuit's parameters.
///
/// One thread, double precision, no allocation after the first call; the same input gives the same bits.
///
/// ```
/// use qloom_circuits::{Angle, Circuit, PauliSum};
/// use qloom_sim::Energy;
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// let mut energy = Energy::new(&circuit, &PauliSum::z(0, 1))?;
/// let mut gradient = [0.0];
/// let value = energy.value_and_gradient(&[0.5], &mut gradient)?;
/// assert!((value - 0.5f64.cos()).abs() < 1e-15);
/// assert!((gradient[0] + 0.5f64.sin()).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct Energy {
    program: Program,
    observable: Observable,
    projectors: Vec<projector::Projector>,
    state: StateVector<f64>,
    workspace: Workspace<f64>,
    initial: Option<StateVector<f64>>,
    adjoint: Adjoint<f64>,
}

impl Energy {
    /// Compiles a circuit of gates and an observable; the initial state is `|0...0>`.
    ///
    /// # Errors
    /// When the circuit is not unitary, sizes differ or memory does not suffice.
    pub fn new(circuit: &Circuit, observable: &PauliSum) -> Result<Self, SimError> {
        Self::with_config(circuit, observable, SimulatorConfig { threads: 1, ..SimulatorConfig::default() })
    }

    /// As [`Energy::new`] under a configuration.
    ///
    /// # Errors
    /// As [`Energy::new`].
    pub fn with_config(circuit: &Circuit, observable: &PauliSum, config: SimulatorConfig) -> Result<Self, SimError> {
        let program = Program::new(circuit)?;
        let state = StateVector::zero(circuit.num_qubits(), config)?;
        state.check_size("qubits of an observable", observable.num_qubits())?;
        Ok(Self {
            program,
            observable: Observable::new(observable),
            projectors: Vec::new(),
            state,
            workspace: Workspace::default(),
            initial: None,
            adjoint: Adjoint::default(),
        })
    }

    /// Starts from this state instead of `|0...0>`.
    ///
    /// # Errors
    /// When it has another number of qubits.
    pub fn set_initial_state(&mut self, initial: StateVector<f64>) -> Result<(), SimError> {
        self.state.check_size("qubits of the initial state", initial.num_qubits())?;
        self.initial = Some(initial);
        Ok(())
    }

    /// Takes another circuit on the same qubits, reusing all buffers.
    ///
    /// # Errors
    /// When the circuit has another number of qubits or is not unitary.
    pub fn rebuild(&mut self, circuit: &Circuit) -> Result<(), SimError> {
        self.state.check_size("qubits of a circuit", circuit.num_qubits())?;
        self.adjoint.forget();
        self.program.rebuild(circuit)
    }

    /// Number of parameters of the circuit.
    pub fn num_parameters(&self) -> usize {
        self.program.num_parameters()
    }

    fn start(&mut self) {
        match &self.initial {
            Some(initial) => self.state.copy_from(initial),
            None => self.state.reset(),
        }
    }

    /// Runs the circuit.
    fn run(&mut self, parameters: &[f64]) -> Result<(), SimError> {
        self.start();
        self.state.apply(&self.program, parameters, &mut self.workspace)
    }

    /// The expectation value at these parameters.
    ///
    /// # Errors
    /// When the number of values is wrong, one is not finite, or the result is not.
    pub fn value(&mut self, parameters: &[f64]) -> Result<f64, SimError> {
        self.run(parameters)?;
        finite(self.state.expectation(&self.observable)? + self.projected()?)
    }

    /// The expectation value, and its derivative with respect to each parameter, by the adjoint method
    /// (Jones and Gacon, arXiv:2009.02823): about four times the cost of the value.
    ///
    /// # Errors
    /// When the number of values or the length of `gradient` is wrong, a value is not finite, or the result is not.
    pub fn value_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64, SimError> {
        if gradient.len() != parameters.len() {
            return Err(SimError::SizeMismatch {
                what: "entries of the gradient",
                expected: parameters.len(),
                given: gradient.len(),
            });
        }
        self.run(parameters)?;
        let value = self.start_back()?;
        let Self { program, state, workspace, adjoint, .. } = self;
        adjoint.differentiate(program, state, workspace, gradient)?;
        finite(value)
    }

    /// The state after the circuit at these parameters.
    ///
    /// # Errors
    /// As [`Energy::value`].
    pub fn state(&mut self, parameters: &[f64]) -> Result<&StateVector<f64>, SimError> {
        self.run(parameters)?;
        Ok(&self.state)
    }
}

fn finite(value: f64) -> Result<f64, SimError> {
    if value.is_finite() { Ok(value) } else { Err(SimError::NotFinite { what: "the expectation value", value }) }
}
