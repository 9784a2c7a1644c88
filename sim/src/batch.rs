//! One program over many parameter vectors, or many input states: one lane each, then threads.

use qloom_circuits::{Circuit, PauliSum};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, Derivative, LanePlan, LaneProgram, LaneScratch, Plane};
use crate::memory;
use crate::observable::Observable;
use crate::op::Slot;
use crate::plan::LaneConfig;
use crate::program::Program;
use crate::real::Real;
use crate::state::StateVector;

/// A circuit and observables, evaluated for many parameter vectors at a time.
///
/// Parameter vectors are the rows of a matrix, flat and row-major. Every lane of a vector register carries one
/// state, so the rate hardly depends on which qubits the gates touch. For up to about 12 qubits; larger states are
/// better run one by one. [`Batch::values`] of circuits of rotations, phases and permutations, up to 12 qubits, are
/// planned: several rotations are done on a block of registers at a time, phases are merged, and amplitudes that no
/// gate has reached are left out.
///
/// ```
/// use qloom_circuits::{Angle, Circuit, PauliSum};
/// use qloom_sim::{Batch, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// let mut batch = Batch::<f64>::new(&circuit, &[PauliSum::z(0, 1)], SimulatorConfig::default())?;
/// let mut values = [0.0; 3];
/// batch.values(&[0.0, 0.5, 1.0], &mut values)?;
/// assert!((values[2] - 1.0f64.cos()).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct Batch<T: Real> {
    program: Program,
    observables: Vec<Observable>,
    derivatives: Vec<Derivative>,
    config: SimulatorConfig,
    lanes: usize,
    workers: Vec<Worker<T>>,
    inputs: Option<Vec<StateVector<T>>>,
    /// How values are computed, where a plan is possible.
    plan: Option<LanePlan>,
}

/// What a thread works with.
#[derive(Debug)]
struct Worker<T> {
    psi: [Plane<T>; 2],
    lambda: Option<[Plane<T>; 2]>,
    numbers: Plane<T>,
    gradient: Vec<T>,
    /// Numbers of the plan, factors of rows, angles.
    planned: Plane<T>,
    rows: Vec<T>,
    scratch: LaneScratch,
}

impl<T: Real> Batch<T> {
    /// The most qubits of a batch.
    pub const MAX_QUBITS: usize = 20;

    /// Compiles a circuit of gates and observables on its qubits.
    ///
    /// # Errors
    /// When the circuit is not unitary or too large, sizes differ, or memory does not suffice.
    pub fn new(circuit: &Circuit, observables: &[PauliSum], config: SimulatorConfig) -> Result<Self, SimError> {
        let program = Program::new(circuit)?;
        let num_qubits = program.num_qubits();
        if num_qubits > Self::MAX_QUBITS {
            return Err(SimError::TooManyQubits { what: "a batch", given: num_qubits, limit: Self::MAX_QUBITS });
        }
        for observable in observables {
            if observable.num_qubits() != num_qubits {
                let (expected, given) = (num_qubits, observable.num_qubits());
                return Err(SimError::SizeMismatch { what: "qubits of an observable", expected, given });
            }
        }
        let lanes = kernel::batch_lanes::<T>(config.instruction_set.level());
        let threads = config.threads.max(1);
        memory::check::<T>(num_qubits, (2 * lanes * threads) as u128, config.memory_limit)?;
        let derivatives = program.slots.iter().map(Slot::parameter).collect();
        let observables: Vec<Observable> = observables.iter().map(Observable::new).collect();
        let plan = LanePlan::new(program.stretch(), &observables, LaneConfig { bytes: T::BYTES, inputs: false });
        Ok(Self { program, observables, derivatives, config, lanes, workers: Vec::new(), inputs: None, plan })
    }

    /// Starts from these states instead of `|0...0>`: state `k` with parameter vector `k`.
    ///
    /// # Errors
    /// When a state has another number of qubits.
    pub fn set_inputs(&mut self, inputs: Option<Vec<StateVector<T>>>) -> Result<(), SimError> {
        for state in inputs.iter().flatten() {
            state.check_size("qubits of the circuit", self.program.num_qubits())?;
        }
        if inputs.is_some() != self.inputs.is_some() {
            let config = LaneConfig { bytes: T::BYTES, inputs: inputs.is_some() };
            self.plan = LanePlan::new(self.program.stretch(), &self.observables, config);
            // Their buffers were made for the other plan.
            self.workers.clear();
        }
        self.inputs = inputs;
        Ok(())
    }

    /// Number of parameters of the circuit.
    pub fn num_parameters(&self) -> usize {
        self.program.num_parameters()
    }

    /// Expectation values: `values[k * observables + o]` for parameter vector `k` and observable `o`.
    ///
    /// # Errors
    /// When sizes do not fit, a parameter or a value is not finite.
    pub fn values(&mut self, parameters: &[f64], values: &mut [f64]) -> Result<(), SimError> {
        let sets = self.sets(parameters, values.len())?;
        let width = self.observables.len();
        self.prepare(sets, false)?;
        let Self { program, observables, config, lanes, workers, inputs, plan, .. } = self;
        let (level, lanes) = (config.instruction_set.level(), *lanes);
        let work = |worker: &mut Worker<T>, first: usize, values: &mut [f64]| {
            let rows = values.len() / width;
            let sets = Sets { parameters, inputs: inputs.as_deref(), first, rows };
            match &*plan {
                Some(plan) => worker.run_plan(plan, config, lanes, sets),
                None => worker.run(program, config, lanes, sets),
            }
            let mut lane_values = [T::default(); 16];
            for (o, observable) in observables.iter().enumerate() {
                match &*plan {
                    Some(plan) => kernel::read_lanes(level, plan, o, &worker.psi[0], &worker.psi[1], &mut lane_values),
                    None => kernel::expectation_lanes(level, observable, &worker.psi[0], &worker.psi[1], &mut lane_values),
                }
                for lane in 0..rows {
                    values[lane * width + o] = lane_values[lane].to_f64();
                }
            }
        };
        if width > 0 {
            spread(workers, values, lanes * width, &work, lanes);
        }
        finite(values)
    }

    /// Expectation values as [`Batch::values`], and `gradients[(k * observables + o) * parameters + p]`.
    ///
    /// # Errors
    /// When sizes do not fit, a parameter or a value is not finite.
    pub fn values_and_gradients(
        &mut self,
        parameters: &[f64],
        values: &mut [f64],
        gradients: &mut [f64],
    ) -> Result<(), SimError> {
        let sets = self.sets(parameters, values.len())?;
        let (width, count) = (self.observables.len(), self.program.num_parameters());
        if gradients.len() != values.len() * count {
            return Err(SimError::SizeMismatch {
                what: "entries of the gradients",
                expected: values.len() * count,
                given: gradients.len(),
            });
        }
        self.prepare(sets, true)?;
        // Rows of one value and its gradient, so that one slice is spread over threads.
        let mut rows = vec![0.0; values.len() * (1 + count)];
        let Self { program, observables, derivatives, config, lanes, workers, inputs, .. } = self;
        let lanes = *lanes;
        let row_width = width * (1 + count);
        let work = |worker: &mut Worker<T>, first: usize, out: &mut [f64]| {
            let sets = out.len() / row_width;
            for (o, observable) in observables.iter().enumerate() {
                worker.run(program, config, lanes, Sets { parameters, inputs: inputs.as_deref(), first, rows: sets });
                let lane_values = worker.back(program, config, derivatives, observable, count, lanes);
                for (lane, value) in lane_values.iter().enumerate().take(sets) {
                    let start = lane * row_width + o * (1 + count);
                    out[start] = value.to_f64();
                    for parameter in 0..count {
                        out[start + 1 + parameter] = worker.gradient[parameter * lanes + lane].to_f64();
                    }
                }
            }
        };
        if row_width > 0 {
            spread(workers, &mut rows, lanes * row_width, &work, lanes);
        }
        for (index, row) in rows.chunks_exact(1 + count).enumerate() {
            values[index] = row[0];
            gradients[index * count..(index + 1) * count].copy_from_slice(&row[1..]);
        }
        finite(values)
    }

    /// The final state for each parameter vector; a circuit without parameters needs input states to count.
    ///
    /// # Errors
    /// When sizes do not fit, a parameter is not finite, or memory does not suffice.
    pub fn states(&mut self, parameters: &[f64]) -> Result<Vec<StateVector<T>>, SimError> {
        let count = self.program.num_parameters();
        let sets = match (&self.inputs, count) {
            (Some(inputs), _) => inputs.len(),
            (None, 0) => 1,
            (None, count) => parameters.len() / count,
        };
        let expected = sets * self.observables.len();
        let sets =
            if self.observables.is_empty() { self.check_parameters(parameters, sets)? } else { self.sets(parameters, expected)? };
        memory::check::<T>(self.program.num_qubits(), sets as u128, self.config.memory_limit)?;
        self.prepare(sets, false)?;
        let Self { program, config, lanes, workers, inputs, .. } = self;
        let (config, lanes) = (*config, *lanes);
        let mut states = Vec::with_capacity(sets);
        for _ in 0..sets {
            states.push(StateVector::zero(program.num_qubits(), config)?);
        }
        let work = |worker: &mut Worker<T>, first: usize, states: &mut [StateVector<T>]| {
            let sets = Sets { parameters, inputs: inputs.as_deref(), first, rows: states.len() };
            worker.run(program, &config, lanes, sets);
            for (lane, state) in states.iter_mut().enumerate() {
                for index in 0..state.dimension() {
                    state.re[index] = worker.psi[0][index * lanes + lane];
                    state.im[index] = worker.psi[1][index * lanes + lane];
                }
            }
        };
        spread(workers, &mut states, lanes, &work, lanes);
        Ok(states)
    }

    fn check_parameters(&self, parameters: &[f64], sets: usize) -> Result<usize, SimError> {
        let expected = sets * self.program.num_parameters();
        if parameters.len() != expected {
            return Err(SimError::SizeMismatch { what: "parameter values", expected, given: parameters.len() });
        }
        if let Some(inputs) = &self.inputs
            && inputs.len() != sets
        {
            return Err(SimError::SizeMismatch { what: "input states", expected: sets, given: inputs.len() });
        }
        match parameters.iter().find(|value| !value.is_finite()) {
            Some(&value) => Err(SimError::NotFinite { what: "a parameter", value }),
            None => Ok(sets),
        }
    }

    /// Number of parameter vectors, checked.
    fn sets(&self, parameters: &[f64], values: usize) -> Result<usize, SimError> {
        let width = self.observables.len();
        if width == 0 || !values.is_multiple_of(width) {
            return Err(SimError::SizeMismatch { what: "values for each parameter vector", expected: width, given: values });
        }
        self.check_parameters(parameters, values / width)
    }

    fn prepare(&mut self, sets: usize, backwards: bool) -> Result<(), SimError> {
        let threads = self.config.threads.clamp(1, sets.div_ceil(self.lanes).max(1));
        let length = self.lanes << self.program.num_qubits();
        let pair = || Ok::<_, SimError>([Plane::zeroed(length)?, Plane::zeroed(length)?]);
        while self.workers.len() < threads {
            self.workers.push(Worker {
                psi: pair()?,
                lambda: None,
                numbers: Plane::zeroed(2 * self.lanes * self.program.slots.len())?,
                gradient: Vec::new(),
                planned: Plane::zeroed(self.lanes * self.plan.as_ref().map_or(0, LanePlan::numbers))?,
                rows: Vec::new(),
                scratch: LaneScratch::default(),
            });
        }
        if backwards {
            for worker in &mut self.workers {
                if worker.lambda.is_none() {
                    worker.lambda = Some(pair()?);
                }
            }
        }
        Ok(())
    }
}

/// Gives pieces of the output to the workers; the result does not depend on how many there are.
fn spread<T: Real, O: Send>(
    workers: &mut [Worker<T>],
    out: &mut [O],
    piece: usize,
    work: &(impl Fn(&mut Worker<T>, usize, &mut [O]) + Sync),
    lanes: usize,
) {
    let pieces = out.len().div_ceil(piece);
    if workers.len() == 1 || pieces < 2 {
        for (index, part) in out.chunks_mut(piece).enumerate() {
            work(&mut workers[0], index * lanes, part);
        }
        return;
    }
    let each = pieces.div_ceil(workers.len());
    let parts: Vec<&mut [O]> = out.chunks_mut(each * piece).collect();
    workers.par_iter_mut().zip(parts.into_par_iter().enumerate()).for_each(|(worker, (position, part))| {
        for (index, part) in part.chunks_mut(piece).enumerate() {
            work(worker, (position * each + index) * lanes, part);
        }
    });
}

fn finite(values: &[f64]) -> Result<(), SimError> {
    match values.iter().find(|value| !value.is_finite()) {
        Some(&value) => Err(SimError::NotFinite { what: "the expectation value", value }),
        None => Ok(()),
    }
}

/// Some of the parameter vectors and inputs, one a lane.
#[derive(Clone, Copy)]
struct Sets<'a, T: Real> {
    parameters: &'a [f64],
    inputs: Option<&'a [StateVector<T>]>,
    first: usize,
    rows: usize,
}

impl<'a, T: Real> Sets<'a, T> {
    /// The set in a lane; lanes without one repeat the first.
    fn of_lane(&self, lane: usize) -> usize {
        self.first + if lane < self.rows { lane } else { 0 }
    }

    /// The parameters of every lane.
    fn table(&self, lanes: usize, count: usize) -> [&'a [f64]; 16] {
        let mut table: [&[f64]; 16] = [&[]; 16];
        for (lane, entry) in table.iter_mut().enumerate().take(lanes) {
            let set = self.of_lane(lane);
            *entry = &self.parameters[set * count..(set + 1) * count];
        }
        table
    }

    /// Fills the planes with the inputs.
    fn load(&self, states: &[StateVector<T>], lanes: usize, re: &mut [T], im: &mut [T]) {
        for lane in 0..lanes {
            let state = &states[self.of_lane(lane)];
            for index in 0..state.dimension() {
                re[index * lanes + lane] = state.re[index];
                im[index * lanes + lane] = state.im[index];
            }
        }
    }
}

impl<T: Real> Worker<T> {
    /// Runs the plan for these parameter vectors: amplitudes are left in the plan's places.
    fn run_plan(&mut self, plan: &LanePlan, config: &SimulatorConfig, lanes: usize, sets: Sets<'_, T>) {
        let level = config.instruction_set.level();
        let table = sets.table(lanes, plan.parameters);
        kernel::bind_plan(level, plan, &table[..lanes], &mut self.scratch, &mut self.planned);
        let [re, im] = &mut self.psi;
        if let Some(states) = sets.inputs {
            sets.load(states, lanes, re, im);
        }
        kernel::run_lanes(level, plan, &self.planned, &mut self.rows, (re, im));
    }

    /// Runs the program for these parameter vectors.
    fn run(&mut self, program: &Program, config: &SimulatorConfig, lanes: usize, sets: Sets<'_, T>) {
        let level = config.instruction_set.level();
        let table = sets.table(lanes, program.num_parameters());
        kernel::bind_lanes(level, &program.slots, &table[..lanes], &mut self.numbers);
        let [re, im] = &mut self.psi;
        match sets.inputs {
            None => {
                re.fill(T::default());
                im.fill(T::default());
                re[..lanes].fill(T::from_f64(1.0));
            }
            Some(states) => sets.load(states, lanes, re, im),
        }
        let program = LaneProgram { ops: &program.ops, dense: &program.dense, numbers: &self.numbers };
        kernel::apply_lanes(level, program, (re, im));
    }

    /// Values of all lanes; the derivatives are left in `gradient`.
    fn back(
        &mut self,
        program: &Program,
        config: &SimulatorConfig,
        derivatives: &[Derivative],
        observable: &Observable,
        count: usize,
        lanes: usize,
    ) -> [T; 16] {
        let level = config.instruction_set.level();
        let Self { psi, lambda, numbers, gradient, .. } = self;
        let [re, im] = psi;
        let [lambda_re, lambda_im] = lambda.as_mut().expect("buffers for the way back were prepared");
        kernel::multiply_lanes(level, observable, (re, im), (lambda_re, lambda_im));
        let mut values = [T::default(); 16];
        for (index, value) in values.iter_mut().enumerate().take(lanes) {
            *value = (index..re.len()).step_by(lanes).map(|k| re[k] * lambda_re[k] + im[k] * lambda_im[k]).sum();
        }
        gradient.clear();
        gradient.resize(count * lanes, T::default());
        let program = LaneProgram { ops: &program.ops, dense: &program.dense, numbers };
        kernel::differentiate_lanes(level, program, derivatives, (re, im), (lambda_re, lambda_im), gradient);
        values
    }
}
