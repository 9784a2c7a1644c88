//! Energies of noisy parametrised circuits, the inner loop of searches and variational methods under noise.

mod reverse;
#[cfg(test)]
mod tests;

use qloom_circuits::{Circuit, PauliSum};

pub(crate) use self::reverse::{Reverse, Term};
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::program::PauliProgram;
use crate::state::{PauliVector, PauliWorkspace};

/// The expectation value of an observable after a circuit with noise channels, as a function of the circuit's parameters.
///
/// What [`Energy`](crate::Energy) is for state vectors. Unless a configuration says otherwise it runs on one thread.
/// Values allocate nothing after the first, unless the circuit has dense maps of three qubits and more; the same input gives the
/// same bits.
///
/// ```
/// use qloom_circuits::{Angle, Channel, Circuit, Operation, PauliSum};
/// use qloom_sim::NoisyEnergy;
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// circuit.push(Operation::Channel { channel: Channel::depolarizing(0.1, 1)?, qubits: [0].into_iter().collect() })?;
/// let mut energy = NoisyEnergy::new(&circuit, &PauliSum::z(0, 1))?;
/// let mut gradient = [0.0];
/// let value = energy.value_and_gradient(&[0.5], &mut gradient)?;
/// assert!((value - 0.9 * 0.5f64.cos()).abs() < 1e-15);
/// assert!((gradient[0] + 0.9 * 0.5f64.sin()).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NoisyEnergy {
    program: PauliProgram,
    state: PauliVector,
    workspace: PauliWorkspace,
    terms: Vec<Term>,
    reverse: Reverse,
}

impl NoisyEnergy {
    /// Compiles a circuit of gates, channels, measurements and resets, and an observable; the initial state is `|0...0>`.
    ///
    /// # Errors
    /// As [`PauliProgram::new`], and when sizes differ or memory does not suffice.
    pub fn new(circuit: &Circuit, observable: &PauliSum) -> Result<Self, SimError> {
        Self::with_config(circuit, observable, SimulatorConfig { threads: 1, ..SimulatorConfig::default() })
    }

    /// As [`NoisyEnergy::new`] under a configuration.
    ///
    /// # Errors
    /// As [`NoisyEnergy::new`].
    pub fn with_config(circuit: &Circuit, observable: &PauliSum, config: SimulatorConfig) -> Result<Self, SimError> {
        let program = PauliProgram::new(circuit)?;
        let state = PauliVector::zero(circuit.num_qubits(), config)?;
        if observable.num_qubits() != circuit.num_qubits() {
            let (expected, given) = (circuit.num_qubits(), observable.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of an observable", expected, given });
        }
        let terms = Term::of(observable, 0).collect();
        Ok(Self { program, state, workspace: PauliWorkspace::default(), terms, reverse: Reverse::default() })
    }

    /// Takes another circuit on the same qubits, reusing all buffers.
    ///
    /// # Errors
    /// As [`PauliProgram::new`], and when the circuit has another number of qubits.
    pub fn rebuild(&mut self, circuit: &Circuit) -> Result<(), SimError> {
        if circuit.num_qubits() != self.state.num_qubits() {
            let (expected, given) = (self.state.num_qubits(), circuit.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of a circuit", expected, given });
        }
        self.reverse.forget();
        self.program.rebuild(circuit)
    }

    /// Number of parameters of the circuit.
    pub fn num_parameters(&self) -> usize {
        self.program.num_parameters()
    }

    /// The expectation value at these parameters.
    ///
    /// # Errors
    /// When the number of values is wrong, one is not finite, or the result is not.
    pub fn value(&mut self, parameters: &[f64]) -> Result<f64, SimError> {
        self.state.prepare(&self.program, parameters, &mut self.workspace)?;
        self.expectation()
    }

    fn expectation(&self) -> Result<f64, SimError> {
        let values = self.state.values();
        finite(self.terms.iter().map(|term| term.factor * values[term.index]).sum())
    }

    /// The state after the circuit at these parameters.
    ///
    /// # Errors
    /// As [`NoisyEnergy::value`].
    pub fn state(&mut self, parameters: &[f64]) -> Result<&PauliVector, SimError> {
        self.state.prepare(&self.program, parameters, &mut self.workspace)?;
        Ok(&self.state)
    }

    /// The expectation value, and its derivative with respect to each parameter: about four times the cost of the value.
    ///
    /// States are kept on the way forward (all of them where they fit into a gibibyte, else about the square root of their
    /// number, with the way between done again), and the observable is taken back through the transposed maps. One thread.
    ///
    /// # Errors
    /// When the number of values or the length of `gradient` is wrong, a value is not finite, the result is not, or the states
    /// kept need more memory than the configuration allows.
    pub fn value_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64, SimError> {
        if gradient.len() != parameters.len() {
            let (expected, given) = (parameters.len(), gradient.len());
            return Err(SimError::SizeMismatch { what: "entries of the gradient", expected, given });
        }
        let Self { program, state, workspace, terms, reverse } = self;
        state.bind(program, parameters, workspace)?;
        reverse.plan(program, &state.config)?;
        let mut value = [0.0];
        reverse.forward(program, state.config.instruction_set.level(), &workspace.bound);
        reverse.read(terms, &[1.0], &mut value);
        reverse.back(program, state.config.instruction_set.level(), &workspace.bound, gradient);
        finite(value[0])
    }
}

fn finite(value: f64) -> Result<f64, SimError> {
    if value.is_finite() { Ok(value) } else { Err(SimError::NotFinite { what: "the expectation value", value }) }
}
