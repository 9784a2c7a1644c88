//! The state and what was asked of it as an .npz file.

use std::path::Path;

use num_complex::Complex64;

use super::results::Results;
use super::wanted::Part;
use crate::array_file::ArrayFile;
use crate::failure::Failure;

/// The whole state.
pub enum Whole {
    /// Amplitudes, qubit 0 the least significant bit of an index.
    Amplitudes(Vec<Complex64>),
    /// Pauli coefficients `Tr(P rho)`, base-4 digits I X Y Z, qubit 0 the least significant.
    Paulis(Vec<f64>),
    /// Probabilities of a mixture.
    Probabilities(Vec<f64>),
}

/// Writes `amplitudes`, `paulis` or `probabilities`, and `expectation_z`, `marginal_0_2`, `density_0_1`, ... by what was asked.
///
/// # Errors
/// Failed work when it cannot be written.
pub fn write(path: &Path, results: &Results) -> Result<(), Failure> {
    let mut file = ArrayFile::new(path);
    match &results.whole {
        Some(Whole::Amplitudes(list)) => file.put("amplitudes", &[list.len() as u64], list)?,
        Some(Whole::Paulis(list)) => file.put("paulis", &[list.len() as u64], list)?,
        Some(Whole::Probabilities(list)) => file.put("probabilities", &[list.len() as u64], list)?,
        None => {}
    }
    file.put("expectation_z", &[results.expectation_z.len() as u64], &results.expectation_z)?;
    for part in &results.parts {
        match part {
            Part::Marginal(qubits, list) => file.put(&name("marginal", qubits), &[list.len() as u64], list)?,
            Part::Density(qubits, matrix) => {
                let rows = matrix.dimension() as u64;
                file.put(&name("density", qubits), &[rows, rows], matrix.entries())?;
            }
            Part::Entropy(..) => {}
        }
    }
    file.write()
}

/// Refuses a state whose file would be too large; `numbers` of `size` bytes.
///
/// # Errors
/// Bad input with the limit.
pub fn check(numbers: u128, size: usize) -> Result<(), Failure> {
    match numbers.saturating_mul(size as u128) > ArrayFile::MOST_BYTES {
        true => {
            let most = ArrayFile::MOST_BYTES >> 30;
            Err(Failure::input(format!(
                "--out: the state has {numbers} numbers, more than the {most} GiB of a file hold; leave it out"
            )))
        }
        false => Ok(()),
    }
}

fn name(what: &str, qubits: &[usize]) -> String {
    let list: Vec<String> = qubits.iter().map(usize::to_string).collect();
    format!("{what}_{}", list.join("_"))
}
