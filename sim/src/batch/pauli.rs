//! Batches of Pauli vectors: circuits with noise.

use qloom_circuits::{Circuit, PauliSum};

use super::rows::{Backend, BatchGradients, BatchParameters, Sizes, Tables, check};
use super::spread::{Rows, Worker, spread};
use crate::config::SimulatorConfig;
use crate::energy::{Reverse, Term};
use crate::error::SimError;
use crate::program::PauliProgram;
use crate::state::{PauliVector, PauliWorkspace};

/// A circuit with noise and observables, evaluated for many parameter vectors at a time: what [`Batch`](crate::Batch) is for state vectors.
///
/// Rows are given to threads, one state each; values of [`PauliBatch::values`] cost a forward pass a row, [`PauliBatch::vjp`] a forward
/// and a backward pass a row, however many observables there are.
///
/// ```
/// use qloom_circuits::{Angle, Channel, Circuit, Operation, PauliSum};
/// use qloom_sim::{BatchGradients, BatchParameters, PauliBatch, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// circuit.push(Operation::Channel { channel: Channel::depolarizing(0.1, 1)?, qubits: [0].into_iter().collect() })?;
/// let mut batch = PauliBatch::new(&circuit, &[PauliSum::z(0, 1)], SimulatorConfig::default())?;
/// let (mut values, mut rows) = ([0.0; 2], [0.0; 2]);
/// let gradients = BatchGradients { shared: &mut [], rows: &mut rows };
/// batch.vjp(BatchParameters::rows(&[0.0, 0.5]), &[1.0, 2.0], &mut values, gradients)?;
/// assert!((values[1] - 0.9 * 0.5f64.cos()).abs() < 1e-15);
/// assert!((rows[1] + 2.0 * 0.9 * 0.5f64.sin()).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PauliBatch {
    vectors: Vectors,
    tables: Tables,
}

impl PauliBatch {
    /// Compiles a circuit of gates, channels, measurements and resets, and observables on its qubits.
    ///
    /// # Errors
    /// As [`PauliProgram::new`], and when sizes differ or memory does not suffice for one state.
    pub fn new(circuit: &Circuit, observables: &[PauliSum], config: SimulatorConfig) -> Result<Self, SimError> {
        let program = PauliProgram::new(circuit)?;
        for observable in observables {
            check("qubits of an observable", program.num_qubits(), observable.num_qubits())?;
        }
        let (num_qubits, needed) = (program.num_qubits(), PauliVector::bytes(program.num_qubits()));
        let limit = u128::from(config.memory_limit);
        if needed > limit {
            return Err(SimError::MemoryLimit { num_qubits, needed, limit });
        }
        let terms = observables.iter().enumerate().flat_map(|(number, observable)| Term::of(observable, number)).collect();
        let context = Context { program, terms, config };
        let most = (limit / needed).min(usize::MAX as u128) as usize;
        let vectors = Vectors { context, observables: observables.len(), workers: Vec::new(), most };
        Ok(Self { vectors, tables: Tables::default() })
    }

    /// Number of parameters of the circuit.
    pub fn num_parameters(&self) -> usize {
        self.vectors.context.program.num_parameters()
    }

    /// Number of observables.
    pub fn num_observables(&self) -> usize {
        self.vectors.observables
    }

    /// Expectation values: `values[k * observables + o]` for row `k` and observable `o`.
    ///
    /// # Errors
    /// When there are no rows, sizes do not fit, a parameter or a value is not finite, or memory does not suffice.
    pub fn values(&mut self, parameters: BatchParameters<'_>, values: &mut [f64]) -> Result<(), SimError> {
        self.tables.values(&mut self.vectors, parameters, values)
    }

    /// Values, and the product of cotangents with their Jacobian, as [`Batch::vjp`](crate::Batch::vjp).
    ///
    /// States are kept on the way forward: all of them where they fit a gibibyte and the configured limit, else about the square root
    /// of their number.
    ///
    /// # Errors
    /// As [`PauliBatch::values`], and when a cotangent or a derivative is not finite.
    pub fn vjp(
        &mut self,
        parameters: BatchParameters<'_>,
        cotangents: &[f64],
        values: &mut [f64],
        gradients: BatchGradients<'_>,
    ) -> Result<(), SimError> {
        self.tables.vjp(&mut self.vectors, parameters, cotangents, values, gradients)
    }

    /// Values, and the derivative of each by each parameter: `gradients[(k * observables + o) * num_parameters + p]`.
    ///
    /// Costs a forward and a backward pass for each observable.
    ///
    /// # Errors
    /// As [`PauliBatch::vjp`].
    pub fn values_and_gradients(
        &mut self,
        parameters: BatchParameters<'_>,
        values: &mut [f64],
        gradients: &mut [f64],
    ) -> Result<(), SimError> {
        self.tables.values_and_gradients(&mut self.vectors, parameters, values, gradients)
    }

    /// The final state of each row; a circuit without parameters by row has one.
    ///
    /// # Errors
    /// When sizes do not fit, a parameter is not finite, or memory does not suffice.
    pub fn states(&mut self, parameters: BatchParameters<'_>) -> Result<Vec<PauliVector>, SimError> {
        let sizes = self.vectors.sizes();
        let rows = sizes.implied_rows(parameters);
        sizes.check(rows, parameters)?;
        self.vectors.states(rows, sizes.full(rows, parameters, self.tables.parameters()))
    }
}

/// What all workers share.
#[derive(Debug)]
struct Context {
    program: PauliProgram,
    terms: Vec<Term>,
    config: SimulatorConfig,
}

/// A circuit, observables and workers.
#[derive(Debug)]
struct Vectors {
    context: Context,
    observables: usize,
    workers: Vec<PauliWorker>,
    /// Most workers that have turned out to fit the memory.
    most: usize,
}

/// A state, and states kept on the way.
#[derive(Debug)]
struct PauliWorker {
    state: PauliVector,
    workspace: PauliWorkspace,
    reverse: Reverse,
    /// What the way back may use.
    config: SimulatorConfig,
}

impl Vectors {
    /// As many workers as the rows and the memory allow.
    fn prepare(&mut self, rows: usize, back: bool) -> Result<(), SimError> {
        let Self { context: Context { program, config, .. }, workers, most, .. } = self;
        let (num_qubits, threads) = (program.num_qubits(), config.threads.max(1));
        loop {
            let count = threads.min(rows).min(*most);
            if workers.len() != count {
                // Threads and memory are shared out anew.
                workers.clear();
            }
            let own = SimulatorConfig { threads: threads / count, ..*config };
            let memory_limit = (config.memory_limit / count as u64).saturating_sub(PauliVector::bytes(num_qubits) as u64);
            while workers.len() < count {
                let (workspace, reverse) = (PauliWorkspace::default(), Reverse::default());
                let state = PauliVector::zero(num_qubits, own)?;
                workers.push(PauliWorker { state, workspace, reverse, config: SimulatorConfig { memory_limit, ..own } });
            }
            let planned = workers.iter_mut().filter(|_| back).try_for_each(|worker| worker.reverse.plan(program, &worker.config));
            match planned {
                Err(SimError::MemoryLimit { .. }) if count > 1 => *most = count - 1,
                other => return other,
            }
        }
    }

    /// The state of each row.
    fn states(&mut self, rows: usize, parameters: &[f64]) -> Result<Vec<PauliVector>, SimError> {
        let (num_qubits, config) = (self.context.program.num_qubits(), self.context.config);
        let (needed, limit) = (rows as u128 * PauliVector::bytes(num_qubits), u128::from(config.memory_limit));
        if needed > limit {
            return Err(SimError::MemoryLimit { num_qubits, needed, limit });
        }
        self.prepare(rows, false)?;
        let mut states = Vec::with_capacity(rows);
        for _ in 0..rows {
            states.push(PauliVector::zero(num_qubits, config)?);
        }
        let call = self.sizes().call(parameters, 1);
        let Self { context, workers, .. } = self;
        spread(workers, &mut states, 1, &|worker, row, states| {
            states[0].prepare(&context.program, call.rows(row, 1).of(row), &mut worker.workspace)
        })?;
        Ok(states)
    }
}

impl Backend for Vectors {
    fn sizes(&self) -> Sizes {
        Sizes { parameters: self.context.program.num_parameters(), observables: self.observables, inputs: None }
    }

    fn values(&mut self, rows: usize, parameters: &[f64], values: &mut [f64]) -> Result<(), SimError> {
        self.prepare(rows, false)?;
        self.sizes().call(parameters, 1).values(&mut self.workers, &self.context, values)
    }

    fn pull(&mut self, rows: usize, parameters: &[f64], cotangents: &[f64], out: &mut [f64]) -> Result<(), SimError> {
        self.prepare(rows, true)?;
        self.sizes().call(parameters, 1).pull(&mut self.workers, &self.context, cotangents, out)
    }
}

impl Worker for PauliWorker {
    type Context = Context;

    fn values(&mut self, context: &Context, rows: Rows<'_>, values: &mut [f64]) -> Result<(), SimError> {
        self.state.prepare(&context.program, rows.of(rows.first), &mut self.workspace)?;
        values.fill(0.0);
        for term in &context.terms {
            values[term.observable] += term.factor * self.state.values()[term.index];
        }
        Ok(())
    }

    fn pull(&mut self, context: &Context, rows: Rows<'_>, cotangents: &[f64], out: &mut [f64]) -> Result<(), SimError> {
        let Self { state, workspace, reverse, .. } = self;
        let (values, gradient) = out.split_at_mut(cotangents.len());
        let level = context.config.instruction_set.level();
        state.bind(&context.program, rows.of(rows.first), workspace)?;
        reverse.forward(&context.program, level, &workspace.bound);
        values.fill(0.0);
        reverse.read(&context.terms, cotangents, values);
        reverse.back(&context.program, level, &workspace.bound, gradient);
        Ok(())
    }
}
