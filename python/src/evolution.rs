//! Evolution in time, metrics of states, second derivatives, and values without a state.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use qloom::circuits::library::{self, ProductFormula};
use qloom::estimate;
use qloom::sim::{self, Observable, Propagation};

use crate::array::Reals;
use crate::circuit::Circuit;
use crate::error;
use crate::pauli::PauliSum;
use crate::state::{StateVector, config};
use crate::work;

/// The most rotations of a circuit made here.
const MOST_ROTATIONS: usize = 5_000_000;

/// A square matrix.
type Square<'py> = Bound<'py, PyArray2<f64>>;

fn square(py: Python<'_>, entries: Vec<f64>, size: usize) -> PyResult<Square<'_>> {
    entries.into_pyarray(py).reshape([size, size])
}

/// The metric of the states of a circuit at these parameter values: the real part of the geometric tensor, a fourth of the quantum Fisher
/// information. A natural gradient solves `metric @ x = gradient`.
///
/// >>> from qloom import Angle, Circuit, metric_tensor
/// >>> metric_tensor(Circuit(1).ry(Angle(0), 0).rz(Angle(1), 0), [1.5707963267948966, 0.0]).round(6).tolist()
/// [[0.25, 0.0], [0.0, 0.25]]
#[pyfunction]
pub fn metric_tensor<'py>(py: Python<'py>, circuit: &Circuit, parameters: Reals<'py>) -> PyResult<Square<'py>> {
    let (circuit, parameters) = (circuit.inner.clone(), parameters.values()?.to_vec());
    let size = parameters.len();
    let entries = work::long(py, move |_| sim::metric_tensor(&circuit, &parameters, config()).map_err(error::of))?;
    square(py, entries, size)
}

/// The second derivatives of an expectation value at these parameter values, exactly.
///
/// >>> from qloom import Angle, Circuit, PauliSum, hessian
/// >>> hessian(Circuit(1).ry(Angle(0), 0), PauliSum({"Z": 1.0}), [0.0]).round(9).tolist()
/// [[-1.0]]
#[pyfunction]
pub fn hessian<'py>(py: Python<'py>, circuit: &Circuit, observable: &PauliSum, parameters: Reals<'py>) -> PyResult<Square<'py>> {
    let (circuit, observable) = (circuit.inner.clone(), observable.inner.clone());
    let parameters = parameters.values()?.to_vec();
    let size = parameters.len();
    let entries = work::long(py, move |_| estimate::hessian(&circuit, &observable, &parameters, config()).map_err(error::of))?;
    square(py, entries, size)
}

/// The expectation value of a circuit without parameters, by taking the observable back through it, up to 64 qubits: the value, and by how
/// much it may be wrong at most. Strings of a coefficient below `least` or of more than `max_weight` letters are dropped, and the smallest
/// beyond `max_terms`.
///
/// >>> from qloom import Circuit, PauliSum, propagate
/// >>> propagate(Circuit(60).h(0).cx(0, 59), PauliSum({"X" + 58 * "I" + "X": 1.0}))
/// (1.0, 0.0)
#[pyfunction]
#[pyo3(signature = (circuit, observable, least=0.0, max_weight=None, max_terms=1_048_576))]
pub fn propagate(
    py: Python<'_>,
    circuit: &Circuit,
    observable: &PauliSum,
    least: f64,
    max_weight: Option<u32>,
    max_terms: usize,
) -> PyResult<(f64, f64)> {
    let (circuit, observable) = (circuit.inner.clone(), observable.inner.clone());
    let settings = Propagation { least, max_weight, max_terms };
    let found = work::long(py, move |_| sim::propagate(&circuit, &observable, settings).map_err(error::of))?;
    Ok((found.value, found.bound))
}

/// The state after some time under a Hamiltonian, to about 1e-12, in Krylov spaces: `exp(-i H t)|psi>`.
///
/// >>> from qloom import Circuit, PauliSum, evolve
/// >>> evolve(Circuit(1).state(), PauliSum({"X": 1.0}), 0.7853981633974483).probabilities().round(9).tolist()
/// [0.5, 0.5]
#[pyfunction]
pub fn evolve(py: Python<'_>, state: &StateVector, hamiltonian: &PauliSum, time: f64) -> PyResult<StateVector> {
    let (state, hamiltonian) = (Arc::clone(&state.inner), hamiltonian.inner.clone());
    let evolved = work::long(py, move |stop| {
        let mut evolved = state.try_clone().map_err(error::of)?;
        let mut watch = |_| match stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        sim::evolve_watched(&mut evolved, &Observable::new(&hamiltonian), time, &mut watch).map_err(error::of)?;
        Ok(evolved)
    })?;
    Ok(StateVector { inner: Arc::new(evolved) })
}

/// The circuit of a product formula of order 1, 2 or 4 for `exp(-i H t)`, in equal steps.
///
/// >>> from qloom import PauliSum
/// >>> from qloom.library import evolution
/// >>> evolution(PauliSum({"ZZ": 1.0, "XI": 0.5}), 1.0, 4, order=2).num_qubits
/// 2
#[pyfunction]
#[pyo3(signature = (hamiltonian, time, steps, order=2))]
pub fn evolution(hamiltonian: &PauliSum, time: f64, steps: usize, order: u32) -> PyResult<Circuit> {
    let formulas = [ProductFormula::First, ProductFormula::Second, ProductFormula::Fourth];
    let formula = formulas
        .into_iter()
        .find(|formula| formula.order() == order)
        .ok_or_else(|| error::input(format!("order {order}; there are formulas of order 1, 2 and 4")))?;
    let rotations = hamiltonian.inner.terms().len().saturating_mul(steps).saturating_mul(10);
    if rotations > MOST_ROTATIONS {
        return Err(error::input(format!("{steps} steps may be {rotations} rotations; {MOST_ROTATIONS} are the most")));
    }
    Ok(Circuit { inner: library::evolution(&hamiltonian.inner, time, steps, formula).map_err(error::of)? })
}
