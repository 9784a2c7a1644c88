//! One program over many parameter vectors, or many input states.

mod lanes;
mod pauli;
mod rows;
mod single;
mod spread;
mod states;

pub use pauli::PauliBatch;
pub use rows::{BatchGradients, BatchParameters};

use qloom_circuits::{Circuit, PauliSum};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::Real;
use crate::state::StateVector;
use rows::{Backend, Tables};
use states::States;

/// A circuit and observables, evaluated for many parameter vectors at a time.
///
/// Each row of the batch is one parameter vector; [`BatchParameters`] says which parameters all rows share. Up to 16 qubits, every lane
/// of a vector register carries one state, so the rate hardly depends on which qubits the gates touch; larger states, and those whose
/// lanes do not fit the memory, are worked out one after the other. [`Batch::values`] of circuits of rotations, phases and permutations
/// in lanes are planned: several rotations are done on a block of registers at a time, phases are merged, and amplitudes that no gate
/// has reached are left out. Results do not depend on the number of threads; in lanes, on one thread, nothing is allocated after the first
/// call with as many rows.
///
/// ```
/// use qloom_circuits::{Angle, Circuit, PauliSum};
/// use qloom_sim::{Batch, BatchParameters, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// let mut batch = Batch::<f64>::new(&circuit, &[PauliSum::z(0, 1)], SimulatorConfig::default())?;
/// let mut values = [0.0; 3];
/// batch.values(BatchParameters::rows(&[0.0, 0.5, 1.0]), &mut values)?;
/// assert!((values[2] - 1.0f64.cos()).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct Batch<T: Real> {
    states: States<T>,
    tables: Tables,
}

impl<T: Real> Batch<T> {
    /// Compiles a circuit of gates and observables on its qubits.
    ///
    /// # Errors
    /// When the circuit is not unitary or too large, sizes differ, or memory does not suffice.
    pub fn new(circuit: &Circuit, observables: &[PauliSum], config: SimulatorConfig) -> Result<Self, SimError> {
        Ok(Self { states: States::new(circuit, observables, config)?, tables: Tables::default() })
    }

    /// Starts from these states instead of `|0...0>`: row `k` from state `k`.
    ///
    /// # Errors
    /// When a state has another number of qubits.
    pub fn set_inputs(&mut self, inputs: Option<Vec<StateVector<T>>>) -> Result<(), SimError> {
        self.states.set_inputs(inputs)
    }

    /// Number of parameters of the circuit.
    pub fn num_parameters(&self) -> usize {
        self.states.context.program.num_parameters()
    }

    /// Number of observables.
    pub fn num_observables(&self) -> usize {
        self.states.context.observables.len()
    }

    /// Expectation values: `values[k * observables + o]` for row `k` and observable `o`.
    ///
    /// # Errors
    /// When there are no rows, sizes do not fit, a parameter or a value is not finite, or memory does not suffice.
    pub fn values(&mut self, parameters: BatchParameters<'_>, values: &mut [f64]) -> Result<(), SimError> {
        self.tables.values(&mut self.states, parameters, values)
    }

    /// Expectation values as [`Batch::values`], and the product of cotangents with their Jacobian.
    ///
    /// With `cotangents[k * observables + o]` as `c_ko`, the gradients are the derivatives of `sum_ko c_ko v_ko`: what back-propagation
    /// through the circuits needs. However many observables there are, it takes one forward pass and one backward pass, by the adjoint
    /// method (Jones and Gacon, arXiv:2009.02823) from the state `sum_o c_ko O_o psi_k`. Two states a row are held at a time.
    ///
    /// ```
    /// use qloom_circuits::{Angle, Circuit, PauliSum};
    /// use qloom_sim::{Batch, BatchGradients, BatchParameters, SimulatorConfig};
    /// let mut circuit = Circuit::new(1);
    /// circuit.ry(Angle::free(0), 0).ry(Angle::free(1), 0);
    /// let mut batch = Batch::<f64>::new(&circuit, &[PauliSum::z(0, 1)], SimulatorConfig::default())?;
    /// let (mut values, mut shared, mut rows) = ([0.0; 2], [0.0; 1], [0.0; 2]);
    /// let parameters = BatchParameters { shared: &[0.25], rows: &[0.5, 1.0] };
    /// let gradients = BatchGradients { shared: &mut shared, rows: &mut rows };
    /// batch.vjp(parameters, &[1.0, 2.0], &mut values, gradients)?;
    /// assert!((rows[1] + 2.0 * 1.25f64.sin()).abs() < 1e-15);
    /// assert!((shared[0] - (rows[0] + rows[1])).abs() < 1e-15);
    /// # Ok::<(), qloom_sim::SimError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Batch::values`], and when a cotangent or a derivative is not finite.
    pub fn vjp(
        &mut self,
        parameters: BatchParameters<'_>,
        cotangents: &[f64],
        values: &mut [f64],
        gradients: BatchGradients<'_>,
    ) -> Result<(), SimError> {
        self.tables.vjp(&mut self.states, parameters, cotangents, values, gradients)
    }

    /// Expectation values, and the derivative of each by each parameter: `gradients[(k * observables + o) * num_parameters + p]`.
    ///
    /// Costs a forward and a backward pass for each observable; where a product with the Jacobian is enough, [`Batch::vjp`] costs one.
    ///
    /// # Errors
    /// As [`Batch::vjp`].
    pub fn values_and_gradients(
        &mut self,
        parameters: BatchParameters<'_>,
        values: &mut [f64],
        gradients: &mut [f64],
    ) -> Result<(), SimError> {
        self.tables.values_and_gradients(&mut self.states, parameters, values, gradients)
    }

    /// The final state of each row; a circuit without parameters by row has as many as there are input states, else one.
    ///
    /// # Errors
    /// When sizes do not fit, a parameter is not finite, or memory does not suffice.
    pub fn states(&mut self, parameters: BatchParameters<'_>) -> Result<Vec<StateVector<T>>, SimError> {
        let sizes = self.states.sizes();
        let rows = sizes.implied_rows(parameters);
        sizes.check(rows, parameters)?;
        self.states.states(rows, sizes.full(rows, parameters, self.tables.parameters()))
    }
}
