//! Pure states that are not held as one list of amplitudes: matrix product states, and states in parts.

use std::time::Instant;

use qloom::circuits::{Matrix, Stream};
use qloom::sim::{Factored, MatrixProduct, Observable, SimError, State, split_last_measurements};

use super::Task;
use super::results::{self, Bounds, Results};
use super::wanted::Readable;
use crate::engine::refused;
use crate::failure::{Failure, OrFailure};

const PLACE: &str = "cannot simulate";

/// The most qubits whose probabilities are listed.
const LISTED: usize = 20;

/// A state with the norm by which it may be wrong.
pub trait Structured: State<Workspace = ()> + Readable {
    const NAME: &'static str;

    /// The norm, and the widest bond, of a state that is not exact.
    fn truncation(&self) -> Option<(f64, usize)>;
}

impl Structured for MatrixProduct {
    const NAME: &'static str = "matrix-product";

    fn truncation(&self) -> Option<(f64, usize)> {
        Some((self.error(), self.widest()))
    }
}

impl Structured for Factored {
    const NAME: &'static str = "factored";

    fn truncation(&self) -> Option<(f64, usize)> {
        None
    }
}

/// Runs a circuit of gates and measurements at its end.
///
/// # Errors
/// Bad input for noise and for what such a state has not; failed work when memory does not suffice.
pub fn simulate<S: Structured>(task: &Task<'_>) -> Result<Results, Failure> {
    let &Task { circuit, arguments, config, .. } = task;
    let wanted = &arguments.wanted;
    if arguments.noise.given() {
        return Err(Failure::input(format!("--state {}: it is a pure state; noise needs another --state", S::NAME)));
    }
    if wanted.out.is_some() || wanted.amplitudes.is_some() {
        return Err(Failure::input(format!("--amplitudes and --out: use --state state-vector, not {}", S::NAME)));
    }
    let plan = Instant::now();
    let (before, last) = split_last_measurements(circuit);
    let program = S::compile(&before).map_err(|error| refused(PLACE, error))?;
    let mut results = Results { state: S::NAME, plan_seconds: plan.elapsed().as_secs_f64(), ..Results::default() };
    let n = circuit.num_qubits();
    for round in 0..arguments.repeat {
        let start = Instant::now();
        let state = S::prepared(&program, &[], config, &mut ()).map_err(|error| refused(PLACE, error))?;
        results.seconds.push(start.elapsed().as_secs_f64());
        if round > 0 {
            continue;
        }
        results.expectation_z = state.expectation_z();
        results.expectation = task.observable.map(|sum| state.expectation(&Observable::new(sum))).transpose().or_work(PLACE)?;
        results.parts = wanted.parts(&state, &task.qubits, false).or_input(PLACE)?;
        if n <= LISTED {
            let all: Vec<usize> = (0..n).collect();
            let probabilities = state.probabilities(&all).or_work(PLACE)?;
            results.probabilities = results::largest(probabilities.into_iter().enumerate(), wanted.probabilities);
        }
        results.bounds = state.truncation().map(|(error, bond)| Bounds {
            // |<psi|O|psi> - <phi|O|phi>| is at most twice the distance times the norm of O, and no value leaves its range
            expectation_z: vec![(2.0 * error).min(2.0); n],
            expectation: task.observable.map(|sum| 2.0 * error * (sum.one_norm() - sum.constant().abs())),
            probability: Some((2.0 * error).min(1.0)),
            state: Some(error),
            widest_bond: Some(bond),
            ..Bounds::default()
        });
        if let Some(shots) = arguments.shots {
            let drawn = state.sample(shots, &mut Stream::named(arguments.seed, "shots"));
            let measured = if last.is_empty() { drawn } else { drawn.rearranged(&last, circuit.num_bits()) };
            results.counts = Some(measured);
        }
    }
    Ok(results)
}

fn no_matrix(simulation: &'static str) -> SimError {
    SimError::Unsupported { simulation, operation: "density matrices and entropies", remedy: "use --state state-vector" }
}

impl Readable for MatrixProduct {
    fn marginal(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        self.probabilities(qubits)
    }

    fn reduced(&self, _: &[usize]) -> Result<Matrix, SimError> {
        Err(no_matrix("a matrix product state"))
    }

    fn smaller(&self, qubits: &[usize]) -> Vec<usize> {
        qubits.to_vec()
    }
}

impl Readable for Factored {
    fn marginal(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        self.probabilities(qubits)
    }

    fn reduced(&self, _: &[usize]) -> Result<Matrix, SimError> {
        Err(no_matrix("a state in parts"))
    }

    fn smaller(&self, qubits: &[usize]) -> Vec<usize> {
        qubits.to_vec()
    }
}
