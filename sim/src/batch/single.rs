//! Rows one after the other, for states that are large.

use std::collections::BTreeMap;

use qloom_circuits::{PauliString, PauliSum};

use super::spread::{Rows, Worker};
use super::states::Context;
use crate::config::SimulatorConfig;
use crate::energy::Adjoint;
use crate::error::SimError;
use crate::kernel::Real;
use crate::observable::Observable;
use crate::state::{StateVector, Workspace};

/// All strings of several observables, as one whose coefficients are set for each row.
#[derive(Clone, Debug)]
pub(super) struct Union {
    sum: Observable,
    /// A term of the sum, an observable it is part of, and its coefficient there.
    parts: Vec<(usize, usize, f64)>,
}

impl Union {
    pub(super) fn new(observables: &[Observable], num_qubits: usize) -> Result<Self, SimError> {
        let mut places = BTreeMap::new();
        for (string, _) in observables.iter().flat_map(Observable::strings) {
            places.insert((string.x_mask(), string.z_mask()), 0);
        }
        let ones = places.keys().map(|&(x, z)| (PauliString::from_masks(x, z), 1.0));
        let sum = Observable::new(&PauliSum::new(num_qubits, ones)?);
        let terms = |observable: &Observable| -> Vec<(u64, usize, u64, f64)> {
            let of_group = |group: &crate::observable::Group| {
                let (x, range) = (group.x, group.even.start..group.odd.end);
                range.map(move |term| (x, term))
            };
            let all = observable.groups.iter().flat_map(of_group);
            all.map(|(x, term)| (x, term, observable.terms[term].0, observable.terms[term].1)).collect()
        };
        for (x, term, z, _) in terms(&sum) {
            places.insert((x, z), term);
        }
        let mut parts = Vec::new();
        for (number, observable) in observables.iter().enumerate() {
            parts.extend(terms(observable).into_iter().map(|(x, _, z, coefficient)| (places[&(x, z)], number, coefficient)));
        }
        Ok(Self { sum, parts })
    }

    /// Makes it the sum of the observables, each times its cotangent.
    fn weigh(&mut self, cotangents: &[f64]) -> &Observable {
        self.sum.terms.iter_mut().for_each(|(_, coefficient)| *coefficient = 0.0);
        for &(term, observable, coefficient) in &self.parts {
            self.sum.terms[term].1 += cotangents[observable] * coefficient;
        }
        &self.sum
    }
}

/// One state and its adjoint.
#[derive(Debug)]
pub(super) struct RowWorker<T: Real> {
    state: StateVector<T>,
    workspace: Workspace<T>,
    adjoint: Adjoint<T>,
    union: Union,
}

impl<T: Real> RowWorker<T> {
    pub(super) fn new(context: &Context<T>, config: SimulatorConfig) -> Result<Self, SimError> {
        let num_qubits = context.program.num_qubits();
        Ok(Self {
            state: StateVector::zero(num_qubits, config)?,
            workspace: Workspace::default(),
            adjoint: Adjoint::default(),
            union: Union::new(&context.observables, num_qubits)?,
        })
    }

    /// The state after the circuit.
    pub(super) fn run(
        context: &Context<T>,
        rows: Rows<'_>,
        state: &mut StateVector<T>,
        workspace: &mut Workspace<T>,
    ) -> Result<(), SimError> {
        match &context.inputs {
            Some(inputs) => state.copy_from(&inputs[rows.first]),
            None => state.reset(),
        }
        state.apply(&context.program, rows.of(rows.first), workspace)
    }

    /// The state after the circuit, in a state of the caller.
    pub(super) fn state(&mut self, context: &Context<T>, rows: Rows<'_>, state: &mut StateVector<T>) -> Result<(), SimError> {
        Self::run(context, rows, state, &mut self.workspace)
    }
}

impl<T: Real> Worker for RowWorker<T> {
    type Context = Context<T>;

    fn values(&mut self, context: &Context<T>, rows: Rows<'_>, values: &mut [f64]) -> Result<(), SimError> {
        Self::run(context, rows, &mut self.state, &mut self.workspace)?;
        for (value, observable) in values.iter_mut().zip(&context.observables) {
            *value = self.state.expectation(observable)?;
        }
        Ok(())
    }

    fn pull(&mut self, context: &Context<T>, rows: Rows<'_>, cotangents: &[f64], out: &mut [f64]) -> Result<(), SimError> {
        let (values, gradient) = out.split_at_mut(context.observables.len());
        self.values(context, rows, values)?;
        let Self { state, workspace, adjoint, union } = self;
        adjoint.start(state, union.weigh(cotangents))?;
        adjoint.differentiate(&context.program, state, workspace, gradient)
    }
}
