//! Observables from JSON files, and their ground energies.

use std::path::Path;

use qloom::circuits::HamiltonianFile;

use crate::failure::{Failure, OrFailure};
use crate::files;

/// The most qubits for which the ground energy is computed.
pub const KRYLOV_QUBITS: usize = 14;

/// Reads a Hamiltonian file.
///
/// # Errors
/// Bad input with its place in the file.
pub fn read(path: &Path) -> Result<HamiltonianFile, Failure> {
    parse(&files::read_text(path)?, path)
}

/// [`read`] of a text that is there already; `path` is what messages call it.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, path: &Path) -> Result<HamiltonianFile, Failure> {
    HamiltonianFile::from_json(text).or_input(format!("{} is not a Hamiltonian file", path.display()))
}

/// The smallest eigenvalue: computed where that is possible, otherwise the file's.
///
/// # Errors
/// Failed work when the eigenvalue solver does not converge.
pub fn ground_energy(file: &HamiltonianFile) -> Result<Option<f64>, Failure> {
    if file.hamiltonian.num_qubits() > KRYLOV_QUBITS {
        return Ok(file.ground_energy);
    }
    qloom::sim::ground_energy(&file.hamiltonian).map(Some).or_work("cannot compute the ground energy")
}
