//! The angles of a circuit that was found, fitted anew.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use qloom::qas::{self, Problem};

use super::{config, raised};
use crate::circuit::Circuit;
use crate::error;
use crate::pauli::PauliSum;
use crate::work;

/// Fits all angles of a circuit anew, from where they are, such as when the calibration of its device has drifted.
///
/// `settings` is a dictionary or TOML with the keys of `[search]`, of which simulator, minimizer and objective count. New angles are taken
/// where their energy, measured anew, is lower. Returns the circuit with its angles, the `angles`, `energy` and `evaluations`, and the exact
/// `noisy` and `noiseless` energies; those with `_before` are of the given angles.
///
/// >>> from qloom import Circuit, PauliSum, refit
/// >>> fitted = refit(PauliSum({"ZI": 1.0, "XX": 0.5}), Circuit(2).ry(2.0, 1).cx(1, 0).ry(0.1, 0))
/// >>> fitted["energy"] < fitted["energy_before"], len(fitted["angles"])
/// (True, 2)
#[pyfunction]
#[pyo3(signature = (hamiltonian, circuit, settings=None, seed=0))]
pub fn refit<'py>(
    py: Python<'py>,
    hamiltonian: PauliSum,
    circuit: Circuit,
    settings: Option<&Bound<'py, PyAny>>,
    seed: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let config = settings.map(config).transpose()?.unwrap_or_default();
    let problem = Problem::new("a Hamiltonian", hamiltonian.inner).map_err(raised)?;
    let found = work::long(py, move |_| qas::refit(&problem, &config, &circuit.inner, seed).map_err(raised))?;
    let fitted = PyDict::new(py);
    fitted.set_item("circuit", Circuit { inner: found.circuit.bind(&found.angles).map_err(error::of)? })?;
    fitted.set_item("angles", found.angles)?;
    fitted.set_item("evaluations", found.evaluations)?;
    fitted.set_item("energy", found.energy)?;
    fitted.set_item("energy_before", found.given_energy)?;
    for (suffix, reference) in [("", found.reference), ("_before", found.given_reference)] {
        fitted.set_item(format!("noisy{suffix}"), reference.noisy)?;
        fitted.set_item(format!("noiseless{suffix}"), reference.noiseless)?;
    }
    Ok(fitted)
}
