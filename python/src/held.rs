//! States of several kinds where any will do, and what all of them share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use qloom::circuits::{self, Stream};
use qloom::sim::{self, Counts, Observable, SimulatorConfig, State};

use crate::error;
use crate::factored::Factored;
use crate::matrix_product::MatrixProduct;
use crate::pauli::PauliSum;
use crate::state::{PauliVector, StateVector, by_bitstring};
use crate::work;

/// The most shots that are drawn one by one.
const MOST_SHOTS: u64 = 100_000_000;

/// Shots between two looks at whether to stop.
const AT_A_TIME: u64 = 4096;

/// A state that is read, of any kind.
pub enum Held {
    /// Amplitudes.
    Pure(Arc<sim::StateVector<f64>>),
    /// Pauli coefficients.
    Mixed(Arc<sim::PauliVector>),
    /// A chain of tensors.
    Chain(Arc<sim::MatrixProduct>),
    /// Parts that have not met.
    Parts(Arc<sim::Factored>),
}

impl FromPyObject<'_, '_> for Held {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(state) = object.cast::<StateVector>() {
            return Ok(Held::Pure(Arc::clone(&state.get().inner)));
        }
        if let Ok(state) = object.cast::<PauliVector>() {
            return Ok(Held::Mixed(Arc::clone(&state.get().inner)));
        }
        if let Ok(state) = object.cast::<MatrixProduct>() {
            return Ok(Held::Chain(Arc::clone(&state.get().inner)));
        }
        if let Ok(state) = object.cast::<Factored>() {
            return Ok(Held::Parts(Arc::clone(&state.get().inner)));
        }
        let name = object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        Err(error::kind(format!("a {name} is no state; pass a StateVector, PauliVector, MatrixProduct or Factored")))
    }
}

/// Does the same with a state of whichever kind.
macro_rules! with_state {
    ($held:expr, $state:ident => $what:expr) => {
        match $held {
            $crate::held::Held::Pure($state) => $what,
            $crate::held::Held::Mixed($state) => $what,
            $crate::held::Held::Chain($state) => $what,
            $crate::held::Held::Parts($state) => $what,
        }
    };
}
pub(crate) use with_state;

/// The state after a circuit without parameters.
pub fn prepared<S: State + 'static>(py: Python<'_>, circuit: circuits::Circuit, config: SimulatorConfig) -> PyResult<Arc<S>> {
    let make = move || S::prepared(&S::compile_once(&circuit)?, &[], config, &mut S::Workspace::default());
    work::long(py, move |_| Ok(Arc::new(make().map_err(error::of)?)))
}

/// `Tr(H rho)`.
pub fn expectation<S: State + 'static>(py: Python<'_>, state: &Arc<S>, observable: &PauliSum) -> PyResult<f64> {
    let (state, observable) = (Arc::clone(state), Observable::new(&observable.inner));
    work::long(py, move |_| state.expectation(&observable).map_err(error::of))
}

/// Probabilities of outcomes of some qubits, or of all.
pub fn probabilities<S: State + 'static>(py: Python<'_>, state: &Arc<S>, qubits: Option<Vec<usize>>) -> PyResult<Vec<f64>> {
    let qubits = qubits.unwrap_or_else(|| (0..state.num_qubits()).collect());
    let state = Arc::clone(state);
    work::long(py, move |_| state.probabilities(&qubits).map_err(error::of))
}

/// Draws shots some at a time until the flag is set: outcomes, qubit 0 rightmost, and how often each came.
pub fn drawn(
    (shots, seed): (u64, u64),
    stop: &AtomicBool,
    draw: impl Fn(u64, &mut Stream) -> Counts,
) -> PyResult<BTreeMap<String, u64>> {
    if shots > MOST_SHOTS {
        return Err(error::input(format!(
            "{shots} shots are more than the {MOST_SHOTS} that are drawn one by one; ask for fewer"
        )));
    }
    let (mut stream, mut outcomes) = (Stream::named(seed, "shots"), BTreeMap::new());
    for first in (0..shots).step_by(AT_A_TIME as usize) {
        if stop.load(Ordering::Relaxed) {
            return Err(error::simulation("stopped"));
        }
        let part = draw((shots - first).min(AT_A_TIME), &mut stream);
        by_bitstring(&part).into_iter().for_each(|(outcome, count)| *outcomes.entry(outcome).or_insert(0) += count);
    }
    Ok(outcomes)
}
