//! Rows as lanes of vector registers.

use super::spread::{Rows, Worker};
use super::states::Context;
use crate::error::SimError;
use crate::kernel::{self, DenseScratch, LanePlan, LaneProgram, LaneScratch, Plane, Real};
use crate::state::StateVector;

/// Most lanes of any instruction set.
const MOST: usize = 16;

/// Two states in each lane, and numbers of programs.
#[derive(Debug)]
pub(super) struct LaneWorker<T> {
    psi: [Plane<T>; 2],
    lambda: Option<[Plane<T>; 2]>,
    /// Cosines and sines of the program.
    numbers: Plane<T>,
    /// Numbers of the plan, factors of rows, angles.
    planned: Plane<T>,
    rows: Vec<T>,
    scratch: LaneScratch,
    dense: DenseScratch<T>,
    /// `[observable][lane]`
    values: Vec<T>,
    cotangents: Vec<T>,
    /// `[angle of the plan][lane]`
    slopes: Vec<T>,
    /// `[parameter][lane]`
    gradient: Vec<T>,
}

impl<T: Real> LaneWorker<T> {
    pub(super) fn new(context: &Context<T>) -> Result<Self, SimError> {
        let lanes = context.lanes;
        Ok(Self {
            psi: pair(context)?,
            lambda: None,
            numbers: Plane::zeroed(2 * lanes * context.program.slots.len())?,
            planned: Plane::zeroed(lanes * context.plan.as_ref().map_or(0, LanePlan::numbers))?,
            rows: Vec::new(),
            scratch: LaneScratch::default(),
            dense: DenseScratch::default(),
            values: vec![T::default(); lanes * context.observables.len()],
            cotangents: vec![T::default(); lanes * context.observables.len()],
            slopes: Vec::new(),
            gradient: vec![T::default(); lanes * context.program.num_parameters()],
        })
    }

    /// Bytes of the states.
    pub(super) fn bytes(num_qubits: usize, lanes: usize) -> u128 {
        (4 * lanes * T::BYTES) as u128 * (1u128 << num_qubits)
    }

    /// Reserves the second state.
    pub(super) fn prepare_back(&mut self, context: &Context<T>) -> Result<(), SimError> {
        if self.lambda.is_none() {
            self.lambda = Some(pair(context)?);
        }
        Ok(())
    }

    /// Runs the plan: amplitudes are left in the plan's places.
    fn run_plan(&mut self, plan: &LanePlan, context: &Context<T>, rows: Rows<'_>) {
        let level = context.config.instruction_set.level();
        let table = table(rows, context.lanes);
        T::bind_plan(level, plan, &table[..context.lanes], &mut self.scratch, &mut self.planned);
        let [re, im] = &mut self.psi;
        if let Some(states) = &context.inputs {
            load(states, rows, context.lanes, re, im);
        }
        T::run_lanes(level, plan, &self.planned, &mut self.rows, (re, im));
    }

    /// Runs the program one operation after the other.
    fn run(&mut self, context: &Context<T>, rows: Rows<'_>) {
        let Context { program, lanes, .. } = context;
        let level = context.config.instruction_set.level();
        let table = table(rows, *lanes);
        T::bind_lanes(level, &program.slots, &table[..*lanes], &mut self.numbers);
        let [re, im] = &mut self.psi;
        match &context.inputs {
            None => {
                re.fill(T::default());
                im.fill(T::default());
                re[..*lanes].fill(T::from_f64(1.0));
            }
            Some(states) => load(states, rows, *lanes, re, im),
        }
        let program = LaneProgram { ops: &program.ops, dense: &program.dense, numbers: &self.numbers };
        T::apply_lanes(level, program, (re, im), &mut self.dense);
    }

    /// The states after the circuit.
    pub(super) fn states(&mut self, context: &Context<T>, rows: Rows<'_>, states: &mut [StateVector<T>]) {
        self.run(context, rows);
        for (lane, state) in states.iter_mut().enumerate() {
            for index in 0..state.dimension() {
                state.re[index] = self.psi[0][index * context.lanes + lane];
                state.im[index] = self.psi[1][index * context.lanes + lane];
            }
        }
    }
}

impl<T: Real> Worker for LaneWorker<T> {
    type Context = Context<T>;

    fn values(&mut self, context: &Context<T>, rows: Rows<'_>, values: &mut [f64]) -> Result<(), SimError> {
        let (lanes, width) = (context.lanes, context.observables.len());
        let level = context.config.instruction_set.level();
        match (&context.plan, &context.joint) {
            (Some(plan), _) => {
                self.run_plan(plan, context, rows);
                for (o, values) in self.values.chunks_exact_mut(lanes).enumerate() {
                    T::read_lanes(level, plan, o, &self.psi[0], &self.psi[1], values);
                }
            }
            (None, Some(joint)) => {
                self.run(context, rows);
                let length = lanes << context.program.num_qubits();
                T::values_lanes(level, joint, (&self.psi[0][..length], &self.psi[1][..length]), &mut self.values);
            }
            (None, None) => unreachable!("the joint observables were prepared"),
        }
        for (row, values) in values.chunks_exact_mut(width).enumerate() {
            values.iter_mut().enumerate().for_each(|(o, value)| *value = self.values[o * lanes + row].to_f64());
        }
        Ok(())
    }

    fn pull(&mut self, context: &Context<T>, rows: Rows<'_>, cotangents: &[f64], out: &mut [f64]) -> Result<(), SimError> {
        let (lanes, width) = (context.lanes, context.observables.len());
        let level = context.config.instruction_set.level();
        self.cotangents.fill(T::default());
        for (row, cotangents) in cotangents.chunks_exact(width).enumerate() {
            cotangents.iter().enumerate().for_each(|(o, c)| self.cotangents[o * lanes + row] = T::from_f64(*c));
        }
        let bits = match &context.plan {
            Some(plan) => {
                // A plan leaves out imaginary parts that are zero.
                self.psi[1].fill(T::default());
                self.run_plan(plan, context, rows);
                plan.bits
            }
            None => {
                self.run(context, rows);
                context.program.num_qubits()
            }
        };
        let Self { psi: [re, im], lambda, numbers, planned, gradient, values, cotangents, dense, slopes, .. } = self;
        let (Some([lambda_re, lambda_im]), Some(joint)) = (lambda, &context.joint) else {
            unreachable!("what the way back needs was prepared")
        };
        let (re, im) = (&mut re[..lanes << bits], &mut im[..lanes << bits]);
        let (lambda_re, lambda_im) = (&mut lambda_re[..lanes << bits], &mut lambda_im[..lanes << bits]);
        T::pull_lanes(level, joint, (re, im), cotangents, (lambda_re, lambda_im), values);
        let states = [(re, im), (lambda_re, lambda_im)];
        match &context.plan {
            Some(plan) => {
                slopes.resize(lanes * plan.angles.len(), T::default());
                T::back_lanes(level, plan, planned, &mut self.rows, states, slopes);
                kernel::chain_lanes(plan, lanes, slopes, gradient);
            }
            None => {
                gradient.fill(T::default());
                let program = LaneProgram { ops: &context.program.ops, dense: &context.program.dense, numbers };
                T::differentiate_lanes(level, program, &context.derivatives, states, gradient, dense);
            }
        }
        for (row, out) in out.chunks_exact_mut(width + rows.width).enumerate() {
            let numbers = values.chunks_exact(lanes).chain(gradient.chunks_exact(lanes));
            out.iter_mut().zip(numbers).for_each(|(to, from)| *to = from[row].to_f64());
        }
        Ok(())
    }
}

fn pair<T: Real>(context: &Context<T>) -> Result<[Plane<T>; 2], SimError> {
    let length = context.lanes << context.program.num_qubits();
    Ok([Plane::zeroed(length)?, Plane::zeroed(length)?])
}

/// The parameters of every lane.
fn table<'a>(rows: Rows<'a>, lanes: usize) -> [&'a [f64]; MOST] {
    let mut table: [&[f64]; MOST] = [&[]; MOST];
    table.iter_mut().enumerate().take(lanes).for_each(|(lane, entry)| *entry = rows.of(rows.number(lane)));
    table
}

/// Fills the planes with input states.
fn load<T: Real>(states: &[StateVector<T>], rows: Rows<'_>, lanes: usize, re: &mut [T], im: &mut [T]) {
    for lane in 0..lanes {
        let state = &states[rows.number(lane)];
        for index in 0..state.dimension() {
            re[index * lanes + lane] = state.re[index];
            im[index * lanes + lane] = state.im[index];
        }
    }
}
