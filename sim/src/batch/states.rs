//! Batches of state vectors: in lanes where states are small, one after the other otherwise.

use qloom_circuits::{Circuit, PauliSum};

use super::lanes::LaneWorker;
use super::rows::{Backend, Sizes, check};
use super::single::RowWorker;
use super::spread::{Call, spread};
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, Derivative, LaneObservables, LanePart, LanePlan, Real};
use crate::memory;
use crate::observable::Observable;
use crate::op::Slot;
use crate::plan::LaneConfig;
use crate::program::Program;
use crate::state::StateVector;

/// Most qubits of states in lanes: larger ones fill the caches alone.
const MOST_IN_LANES: usize = 16;

/// Up to this many qubits lanes are faster even where most of them are empty.
const ALWAYS_IN_LANES: usize = 12;

/// What all workers share.
#[derive(Debug)]
pub(super) struct Context<T: Real> {
    pub(super) program: Program,
    pub(super) observables: Vec<Observable>,
    pub(super) config: SimulatorConfig,
    /// States side by side.
    pub(super) lanes: usize,
    pub(super) derivatives: Vec<Derivative>,
    /// How values are computed in lanes, where a plan is possible.
    pub(super) plan: Option<LanePlan>,
    /// What is read of states in lanes without a plan.
    pub(super) joint: Option<LaneObservables<T>>,
    pub(super) inputs: Option<Vec<StateVector<T>>>,
}

#[derive(Debug)]
enum Workers<T: Real> {
    Lanes(Vec<LaneWorker<T>>),
    Rows(Vec<RowWorker<T>>),
}

/// A circuit, observables and workers.
#[derive(Debug)]
pub(super) struct States<T: Real> {
    pub(super) context: Context<T>,
    workers: Workers<T>,
}

impl<T: Real> States<T> {
    pub(super) fn new(circuit: &Circuit, observables: &[PauliSum], config: SimulatorConfig) -> Result<Self, SimError> {
        let program = Program::new(circuit)?;
        let num_qubits = program.num_qubits();
        for observable in observables {
            check("qubits of an observable", num_qubits, observable.num_qubits())?;
        }
        memory::check::<T>(num_qubits, 1, config.memory_limit)?;
        let lanes = kernel::batch_lanes::<T>(config.instruction_set.level());
        let derivatives = program.slots.iter().map(Slot::parameter).collect();
        let observables: Vec<Observable> = observables.iter().map(Observable::new).collect();
        let mut context = Context { program, observables, config, lanes, derivatives, plan: None, joint: None, inputs: None };
        if context.in_lanes(usize::MAX) {
            context.plan = context.planned();
        }
        Ok(Self { context, workers: Workers::Rows(Vec::new()) })
    }

    pub(super) fn set_inputs(&mut self, inputs: Option<Vec<StateVector<T>>>) -> Result<(), SimError> {
        let Self { context, workers } = self;
        for state in inputs.iter().flatten() {
            check("qubits of an input state", context.program.num_qubits(), state.num_qubits())?;
        }
        let changed = inputs.is_some() != context.inputs.is_some();
        context.inputs = inputs;
        if changed && context.in_lanes(usize::MAX) {
            (context.plan, context.joint) = (context.planned(), None);
            // Their buffers were made for the other plan.
            *workers = Workers::Rows(Vec::new());
        }
        Ok(())
    }

    /// As many workers as the rows and the memory allow.
    fn prepare(&mut self, rows: usize, back: bool) -> Result<(), SimError> {
        let Self { context, workers } = self;
        let threads = context.config.threads.max(1);
        match (context.in_lanes(rows), &*workers) {
            (true, Workers::Rows(_)) => *workers = Workers::Lanes(Vec::new()),
            (false, Workers::Lanes(_)) => *workers = Workers::Rows(Vec::new()),
            (true, Workers::Lanes(_)) | (false, Workers::Rows(_)) => {}
        }
        match workers {
            Workers::Lanes(workers) => {
                let count = threads.min(rows.div_ceil(context.lanes)).min(context.fitting()).max(1);
                while workers.len() < count {
                    workers.push(LaneWorker::new(context)?);
                }
                if back || context.plan.is_none() {
                    let Context { joint, observables, program, plan, .. } = context;
                    joint.get_or_insert_with(|| match plan {
                        Some(plan) => LaneObservables::new(observables.len(), &plan.parts, plan.bits),
                        None => LaneObservables::new(observables.len(), &LanePart::of(observables), program.num_qubits()),
                    });
                }
                if back {
                    workers.iter_mut().try_for_each(|worker| worker.prepare_back(context))?;
                }
            }
            Workers::Rows(workers) => {
                let (num_qubits, states) = (context.program.num_qubits(), if back { 2 } else { 1 });
                memory::check::<T>(num_qubits, states, context.config.memory_limit)?;
                let fitting = u128::from(context.config.memory_limit) / (2 * memory::state_bytes::<T>(num_qubits));
                let count = (threads.min(rows) as u128).min(fitting).max(1) as usize;
                if workers.len() != count {
                    // Threads are shared out anew.
                    workers.clear();
                }
                let config = SimulatorConfig { threads: (threads / count).max(1), ..context.config };
                while workers.len() < count {
                    workers.push(RowWorker::new(context, config)?);
                }
            }
        }
        Ok(())
    }

    /// The state of each row.
    pub(super) fn states(&mut self, rows: usize, parameters: &[f64]) -> Result<Vec<StateVector<T>>, SimError> {
        let (num_qubits, config) = (self.context.program.num_qubits(), self.context.config);
        memory::check::<T>(num_qubits, rows as u128, config.memory_limit)?;
        self.prepare(rows, false)?;
        let call = self.call(parameters);
        let mut states = Vec::with_capacity(rows);
        for _ in 0..rows {
            states.push(StateVector::zero(num_qubits, config)?);
        }
        let Self { context, workers } = self;
        match workers {
            Workers::Lanes(workers) => spread(workers, &mut states, call.at_a_time, &|worker, piece, states| {
                worker.states(context, call.rows(piece, states.len()), states);
                Ok(())
            }),
            Workers::Rows(workers) => spread(workers, &mut states, 1, &|worker, piece, states| {
                worker.state(context, call.rows(piece, 1), &mut states[0])
            }),
        }?;
        Ok(states)
    }

    fn call<'a>(&self, parameters: &'a [f64]) -> Call<'a> {
        let at_a_time = match &self.workers {
            Workers::Lanes(_) => self.context.lanes,
            Workers::Rows(_) => 1,
        };
        self.sizes().call(parameters, at_a_time)
    }
}

impl<T: Real> Context<T> {
    fn planned(&self) -> Option<LanePlan> {
        let config = LaneConfig { bytes: T::BYTES, inputs: self.inputs.is_some() };
        LanePlan::new(self.program.stretch(), &self.observables, config)
    }

    /// Whether this many rows are worked out in lanes.
    fn in_lanes(&self, rows: usize) -> bool {
        let num_qubits = self.program.num_qubits();
        let filled = num_qubits <= ALWAYS_IN_LANES || rows >= self.lanes / 2;
        num_qubits <= MOST_IN_LANES && filled && self.fitting() > 0
    }

    /// Workers with lanes that fit the memory.
    fn fitting(&self) -> usize {
        let num_qubits = self.program.num_qubits();
        let limit = u128::from(self.config.memory_limit);
        let rest = limit.saturating_sub(LaneObservables::<T>::bytes(&self.observables, num_qubits));
        (rest / LaneWorker::<T>::bytes(num_qubits, self.lanes)).min(usize::MAX as u128) as usize
    }
}

impl<T: Real> Backend for States<T> {
    fn sizes(&self) -> Sizes {
        let Context { program, observables, inputs, .. } = &self.context;
        let inputs = inputs.as_ref().map(Vec::len);
        Sizes { parameters: program.num_parameters(), observables: observables.len(), inputs }
    }

    fn values(&mut self, rows: usize, parameters: &[f64], values: &mut [f64]) -> Result<(), SimError> {
        self.prepare(rows, false)?;
        let call = self.call(parameters);
        match &mut self.workers {
            Workers::Lanes(workers) => call.values(workers, &self.context, values),
            Workers::Rows(workers) => call.values(workers, &self.context, values),
        }
    }

    fn pull(&mut self, rows: usize, parameters: &[f64], cotangents: &[f64], out: &mut [f64]) -> Result<(), SimError> {
        self.prepare(rows, true)?;
        let call = self.call(parameters);
        match &mut self.workers {
            Workers::Lanes(workers) => call.pull(workers, &self.context, cotangents, out),
            Workers::Rows(workers) => call.pull(workers, &self.context, cotangents, out),
        }
    }
}
